// SPDX-License-Identifier: Apache-2.0
/*
 * The requests of HID 1.11 on endpoint zero, right and wrong ones.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host.h"

#include "kselftest_harness.h"

#define ARRAY_LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

#define CLASS_IN	(USB_DIR_IN | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define CLASS_OUT	(USB_DIR_OUT | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define STANDARD_IN	(USB_DIR_IN | USB_TYPE_STANDARD | USB_RECIP_INTERFACE)
#define STANDARD_OUT	(USB_DIR_OUT | USB_TYPE_STANDARD | USB_RECIP_INTERFACE)
#define VENDOR_IN	(USB_DIR_IN | USB_TYPE_VENDOR | USB_RECIP_INTERFACE)

#define GET_REPORT	0x01
#define GET_IDLE	0x02
#define GET_PROTOCOL	0x03
#define SET_REPORT	0x09
#define SET_IDLE	0x0a
#define SET_PROTOCOL	0x0b

#define INPUT_REPORT	0x0100
#define OUTPUT_REPORT	0x0200
#define FEATURE_REPORT	0x0300
#define HID_DESCRIPTOR	0x2100
#define REPORT_DESCRIPTOR	0x2200
#define PHYSICAL_DESCRIPTOR	0x2300

#define BITMAP_SIZE	29
#define BOOT_SIZE	8
#define POINTER_SIZE	7
#define MOUSE_SIZE	3

FIXTURE(control)
{
	struct gadget gadget;
	struct host host;
	int fd;
};

FIXTURE_VARIANT(control)
{
	const char *pointer_boot;
	const char *interrupt_out;
};

FIXTURE_VARIANT_ADD(control, usual) { .pointer_boot = "1", .interrupt_out = "0" };
FIXTURE_VARIANT_ADD(control, unusual) { .pointer_boot = "0", .interrupt_out = "1" };

FIXTURE_SETUP(control)
{
	uint8_t leds = 0;
	const char *missing = gadget_missing(1);

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(gadget_make(&self->gadget, 0), 0);
	ASSERT_EQ(gadget_attribute(&self->gadget, "pointer_boot", variant->pointer_boot), 0);
	ASSERT_EQ(gadget_attribute(&self->gadget, "interrupt_out", variant->interrupt_out), 0);
	ASSERT_EQ(gadget_bind(&self->gadget), 0);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	self->fd = gadget_open(&self->gadget, O_RDWR | O_NONBLOCK);
	ASSERT_GE(self->fd, 0);
	ASSERT_TRUE(wait_configured(self->fd, true));
	/* Its driver has done with it what it does; now it is ours. */
	ASSERT_EQ(host_open_evdev(&self->host), 0);
	ASSERT_EQ(host_claim(&self->host), 0);
	/* A console may have set some. */
	ASSERT_EQ(host_control(&self->host, CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 1,
			       &leds), 1);
}

FIXTURE_TEARDOWN(control)
{
	close(self->fd);
	host_close(&self->host);
	gadget_remove(&self->gadget);
}

struct request {
	const char *what;
	unsigned int type, request, value, index, length;
};

static const struct request stalls[] = {
	{ "GET_REPORT of a feature", CLASS_IN, GET_REPORT, FEATURE_REPORT, KEYBOARD, 8 },
	{ "GET_REPORT without type", CLASS_IN, GET_REPORT, 0, KEYBOARD, 8 },
	{ "GET_REPORT of type 4", CLASS_IN, GET_REPORT, 0x0400, KEYBOARD, 8 },
	{ "GET_REPORT with an id", CLASS_IN, GET_REPORT, INPUT_REPORT | 1, KEYBOARD, 8 },
	{ "GET_REPORT of nothing", CLASS_IN, GET_REPORT, INPUT_REPORT, KEYBOARD, 0 },
	{ "GET_REPORT of an odd interface", CLASS_IN, GET_REPORT, INPUT_REPORT, 0x100, 8 },
	{ "GET_REPORT, pointer's output", CLASS_IN, GET_REPORT, OUTPUT_REPORT, POINTER, 1 },
	{ "GET_REPORT outwards", CLASS_OUT, GET_REPORT, INPUT_REPORT, KEYBOARD, 8 },
	{ "SET_REPORT of nothing", CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 0 },
	{ "SET_REPORT of two bytes", CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 2 },
	{ "SET_REPORT of 4 KiB", CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 4096 },
	{ "SET_REPORT with an id", CLASS_OUT, SET_REPORT, OUTPUT_REPORT | 1, KEYBOARD, 1 },
	{ "SET_REPORT of an input", CLASS_OUT, SET_REPORT, INPUT_REPORT, KEYBOARD, 1 },
	{ "SET_REPORT of a feature", CLASS_OUT, SET_REPORT, FEATURE_REPORT, KEYBOARD, 1 },
	{ "SET_REPORT to the pointer", CLASS_OUT, SET_REPORT, OUTPUT_REPORT, POINTER, 1 },
	{ "SET_REPORT inwards", CLASS_IN, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 1 },
	{ "GET_IDLE of an id", CLASS_IN, GET_IDLE, 1, KEYBOARD, 1 },
	{ "GET_IDLE with a duration", CLASS_IN, GET_IDLE, 0x100, KEYBOARD, 1 },
	{ "GET_IDLE of nothing", CLASS_IN, GET_IDLE, 0, KEYBOARD, 0 },
	{ "SET_IDLE of an id", CLASS_OUT, SET_IDLE, 1, KEYBOARD, 0 },
	{ "SET_IDLE with data", CLASS_OUT, SET_IDLE, 0, KEYBOARD, 1 },
	{ "GET_PROTOCOL with a value", CLASS_IN, GET_PROTOCOL, 1, KEYBOARD, 1 },
	{ "GET_PROTOCOL of nothing", CLASS_IN, GET_PROTOCOL, 0, KEYBOARD, 0 },
	{ "SET_PROTOCOL 2", CLASS_OUT, SET_PROTOCOL, 2, KEYBOARD, 0 },
	{ "SET_PROTOCOL 0x100", CLASS_OUT, SET_PROTOCOL, 0x100, KEYBOARD, 0 },
	{ "SET_PROTOCOL with data", CLASS_OUT, SET_PROTOCOL, 0, KEYBOARD, 1 },
	{ "class request 4", CLASS_IN, 4, 0, KEYBOARD, 1 },
	{ "class request 0x0c", CLASS_OUT, 0x0c, 0, KEYBOARD, 0 },
	{ "a vendor's request", VENDOR_IN, GET_REPORT, INPUT_REPORT, KEYBOARD, 8 },
	{ "GET_DESCRIPTOR, physical", STANDARD_IN, USB_REQ_GET_DESCRIPTOR, PHYSICAL_DESCRIPTOR,
	  KEYBOARD, 8 },
	{ "GET_DESCRIPTOR, HID 1", STANDARD_IN, USB_REQ_GET_DESCRIPTOR, HID_DESCRIPTOR | 1,
	  KEYBOARD, 9 },
	{ "GET_DESCRIPTOR, report 1", STANDARD_IN, USB_REQ_GET_DESCRIPTOR, REPORT_DESCRIPTOR | 1,
	  KEYBOARD, 9 },
	{ "GET_DESCRIPTOR, interface", STANDARD_IN, USB_REQ_GET_DESCRIPTOR, 0x0400, KEYBOARD, 9 },
	{ "SET_DESCRIPTOR", STANDARD_OUT, USB_REQ_SET_DESCRIPTOR, REPORT_DESCRIPTOR, KEYBOARD, 4 },
	{ "SET_INTERFACE 1", STANDARD_OUT, USB_REQ_SET_INTERFACE, 1, KEYBOARD, 0 },
};

TEST_F(control, stalls)
{
	const struct request *r;
	uint8_t data[4096] = { 0 };
	struct kvmhid_state state;

	for (r = stalls; r < stalls + ARRAY_LENGTH(stalls); r++) {
		EXPECT_EQ(host_control(&self->host, r->type, r->request, r->value, r->index,
				       r->length, data), -EPIPE) {
			TH_LOG("%s", r->what);
		}
		/* And the next request is answered. */
		ASSERT_EQ(host_control(&self->host, CLASS_IN, GET_IDLE, 0, KEYBOARD, 1, data), 1);
	}
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_EQ(state.keyboard_protocol, KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(state.leds, 0);
}

/* The whole configuration descriptor, as the host has read it. */
static int configuration(struct host *host, uint8_t *data, unsigned int size)
{
	ssize_t n;

	/* usbfs: the device descriptor, then each configuration's. */
	if (lseek(host->usb, USB_DT_DEVICE_SIZE, SEEK_SET) < 0)
		return -errno;
	n = read(host->usb, data, size);
	return n < 0 ? -errno : (int)n;
}

/* The @n-th descriptor of that type; NULL if there is none. */
static const uint8_t *descriptor(const uint8_t *data, int length, unsigned int type,
				 unsigned int n)
{
	int at;

	for (at = 0; at + 2 <= length && data[at] >= 2; at += data[at])
		if (data[at + 1] == type && !n--)
			return data + at;
	return NULL;
}

TEST_F(control, descriptors)
{
	bool boot = variant->pointer_boot[0] == '1', out = variant->interrupt_out[0] == '1';
	uint8_t data[256], whole[1024], part[8];
	const uint8_t *interface, *hid, *endpoint;
	unsigned int i, length;
	int n;

	n = configuration(&self->host, data, sizeof(data));
	ASSERT_GT(n, 0);
	for (i = 0; i < INTERFACES; i++) {
		interface = descriptor(data, n, USB_DT_INTERFACE, i);
		ASSERT_NE(interface, NULL);
		EXPECT_EQ(interface[2], i);
		EXPECT_EQ(interface[4], i == KEYBOARD && out ? 2 : 1);
		EXPECT_EQ(interface[5], USB_CLASS_HID);
		EXPECT_EQ(interface[6], i == KEYBOARD || boot);
		EXPECT_EQ(interface[7], i == KEYBOARD ? 1 : boot ? 2 : 0);

		hid = descriptor(data, n, HID_DESCRIPTOR >> 8, i);
		ASSERT_NE(hid, NULL);
		EXPECT_EQ(host_control(&self->host, STANDARD_IN, USB_REQ_GET_DESCRIPTOR,
				       HID_DESCRIPTOR, i, sizeof(whole), whole), 9);
		EXPECT_EQ(memcmp(hid, whole, 9), 0);
		EXPECT_EQ(hid[5], 1);
		EXPECT_EQ(hid[6], REPORT_DESCRIPTOR >> 8);
		length = hid[7] | (unsigned int)hid[8] << 8;

		EXPECT_EQ(host_control(&self->host, STANDARD_IN, USB_REQ_GET_DESCRIPTOR,
				       REPORT_DESCRIPTOR, i, sizeof(whole), whole), (int)length);
		EXPECT_EQ(host_control(&self->host, STANDARD_IN, USB_REQ_GET_DESCRIPTOR,
				       REPORT_DESCRIPTOR, i, sizeof(part), part),
			  (int)sizeof(part));
		EXPECT_EQ(memcmp(whole, part, sizeof(part)), 0);
		EXPECT_EQ(whole[length - 1], 0xc0);
	}
	for (i = 0; i < 2U + out; i++) {
		endpoint = descriptor(data, n, USB_DT_ENDPOINT, i);
		ASSERT_NE(endpoint, NULL);
		EXPECT_EQ(endpoint[3], USB_ENDPOINT_XFER_INT);
		/* SeaBIOS takes no more of a keyboard or a mouse. */
		EXPECT_EQ(endpoint[4] | endpoint[5] << 8, 8);
	}
}

TEST_F(control, get_report)
{
	struct kvmhid_event event = place_event(0x1234, 0x4321, 2);
	uint8_t data[64];

	memset(data, 0xff, sizeof(data));
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, KEYBOARD,
			       sizeof(data), data), BITMAP_SIZE);
	EXPECT_EQ(data[0], 0);
	EXPECT_EQ(data[28], 0);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, OUTPUT_REPORT, KEYBOARD,
			       sizeof(data), data), 1);
	EXPECT_EQ(data[0], 0);

	ASSERT_EQ(write_key(self->fd, USAGE_CTRL, true), 0);
	ASSERT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), REPORT_MS), BITMAP_SIZE);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, KEYBOARD,
			       sizeof(data), data), BITMAP_SIZE);
	EXPECT_EQ(data[28], 1);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, KEYBOARD,
			       3, data), 3);

	ASSERT_EQ(write_events(self->fd, &event, 1), 0);
	ASSERT_EQ(host_report(&self->host, POINTER, data, sizeof(data), REPORT_MS), POINTER_SIZE);
	memset(data, 0xff, sizeof(data));
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, POINTER,
			       sizeof(data), data), POINTER_SIZE);
	EXPECT_EQ(memcmp(data, (const uint8_t[]){ 2, 0x34, 0x12, 0x21, 0x43, 0, 0 }, 7), 0);
}

TEST_F(control, set_report)
{
	uint8_t leds = 0x1f;

	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 1,
			       &leds), 1);
	EXPECT_TRUE(wait_leds(self->fd, 0x1f));
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, OUTPUT_REPORT, KEYBOARD, 1,
			       &leds), 1);
	EXPECT_EQ(leds, 0x1f);
	leds = 0;
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 1,
			       &leds), 1);
	EXPECT_TRUE(wait_leds(self->fd, 0));
}

TEST_F(control, interrupt_out)
{
	uint8_t data[256], leds[2] = { KVMHID_LED_CAPS_LOCK, 0 };
	struct usbdevfs_bulktransfer transfer = {
		.len = 1, .timeout = CONTROL_MS, .data = leds,
	};
	const uint8_t *endpoint;
	int n;

	if (variant->interrupt_out[0] == '0')
		return;
	n = configuration(&self->host, data, sizeof(data));
	ASSERT_GT(n, 0);
	endpoint = descriptor(data, n, USB_DT_ENDPOINT, 1);
	ASSERT_NE(endpoint, NULL);
	ASSERT_EQ(endpoint[2] & USB_DIR_IN, 0);
	transfer.ep = endpoint[2];
	EXPECT_EQ(ioctl(self->host.usb, USBDEVFS_BULK, &transfer), 1);
	EXPECT_TRUE(wait_leds(self->fd, KVMHID_LED_CAPS_LOCK));
	leds[0] = KVMHID_LED_NUM_LOCK;
	EXPECT_EQ(ioctl(self->host.usb, USBDEVFS_BULK, &transfer), 1);
	EXPECT_TRUE(wait_leds(self->fd, KVMHID_LED_NUM_LOCK));
}

static int protocol(struct host *host, unsigned int interface)
{
	uint8_t value = 0xff;
	int n = host_control(host, CLASS_IN, GET_PROTOCOL, 0, interface, 1, &value);

	return n == 1 ? value : n;
}

TEST_F(control, protocol)
{
	bool boot = variant->pointer_boot[0] == '1';
	struct kvmhid_state state;
	uint8_t data[64];

	EXPECT_EQ(protocol(&self->host, KEYBOARD), KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(protocol(&self->host, POINTER), boot ? KVMHID_PROTOCOL_REPORT : -EPIPE);

	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_BOOT,
			       KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(protocol(&self->host, KEYBOARD), KVMHID_PROTOCOL_BOOT);
	EXPECT_EQ(protocol(&self->host, POINTER), boot ? KVMHID_PROTOCOL_REPORT : -EPIPE);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, KEYBOARD,
			       sizeof(data), data), BOOT_SIZE);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, POINTER,
			       sizeof(data), data), POINTER_SIZE);

	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_BOOT,
			       POINTER, 0, NULL), boot ? 0 : -EPIPE);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, POINTER,
			       sizeof(data), data), boot ? MOUSE_SIZE : POINTER_SIZE);
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_EQ(state.keyboard_protocol, KVMHID_PROTOCOL_BOOT);
	EXPECT_EQ(state.pointer_protocol,
		  boot ? KVMHID_PROTOCOL_BOOT : KVMHID_PROTOCOL_REPORT);

	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_REPORT,
			       KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(protocol(&self->host, KEYBOARD), KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(host_control(&self->host, CLASS_IN, GET_REPORT, INPUT_REPORT, KEYBOARD,
			       sizeof(data), data), BITMAP_SIZE);
}

/* A reader hears of a change of protocol. */
TEST_F(control, protocol_is_news)
{
	struct pollfd poll_fd = { .fd = self->fd, .events = POLLIN };
	struct kvmhid_state state;

	while (read(self->fd, &state, sizeof(state)) == sizeof(state))
		;
	EXPECT_EQ(poll(&poll_fd, 1, 0), 0);
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_BOOT,
			       KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(poll(&poll_fd, 1, WAIT_MS), 1);
	EXPECT_EQ(read(self->fd, &state, sizeof(state)), (ssize_t)sizeof(state));
	EXPECT_EQ(state.keyboard_protocol, KVMHID_PROTOCOL_BOOT);
}

static int idle(struct host *host, unsigned int interface)
{
	uint8_t value = 0xff;
	int n = host_control(host, CLASS_IN, GET_IDLE, 0, interface, 1, &value);

	return n == 1 ? value : n;
}

TEST_F(control, idle)
{
	uint8_t data[64];
	unsigned int i;

	/* usbhid has asked for reports of changes only. */
	EXPECT_EQ(idle(&self->host, KEYBOARD), 0);
	EXPECT_EQ(idle(&self->host, POINTER), 0);
	EXPECT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), QUIET_MS), -ETIMEDOUT);

	/* 5 x 4 ms; as often as it is looked for, and then no more. */
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_IDLE, 5 << 8, KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(idle(&self->host, KEYBOARD), 5);
	EXPECT_EQ(idle(&self->host, POINTER), 0);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), REPORT_MS),
			  BITMAP_SIZE);
		EXPECT_EQ(data[0], 0);
	}
	ASSERT_EQ(write_key(self->fd, USAGE_A, true), 0);
	do {
		ASSERT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), REPORT_MS),
			  BITMAP_SIZE);
	} while (!data[0]);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), REPORT_MS),
			  BITMAP_SIZE);
		EXPECT_EQ(data[0], 1 << USAGE_A);
	}
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_IDLE, 0, KEYBOARD, 0, NULL), 0);
	while (host_report(&self->host, KEYBOARD, data, sizeof(data), QUIET_MS) > 0)
		EXPECT_LT(i++, 20);
}

TEST_F(control, defaults_after_reset)
{
	struct kvmhid_state state;
	uint8_t leds = 1;

	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_BOOT,
			       KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_IDLE, 3 << 8, POINTER, 0, NULL), 0);
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_REPORT, OUTPUT_REPORT, KEYBOARD, 1,
			       &leds), 1);
	ASSERT_EQ(host_reset_alone(&self->host), 0);

	EXPECT_TRUE(wait_configured(self->fd, true));
	EXPECT_EQ(protocol(&self->host, KEYBOARD), KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(idle(&self->host, KEYBOARD), 500 / 4);
	EXPECT_EQ(idle(&self->host, POINTER), 0);
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_EQ(state.keyboard_protocol, KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(state.flags & KVMHID_STATE_LEDS_KNOWN, 0);
	EXPECT_GE(state.resets, 1);
}

/* SET_INTERFACE starts the endpoint anew and forgets nothing that is down. */
TEST_F(control, set_interface)
{
	uint8_t data[64];

	ASSERT_EQ(write_key(self->fd, USAGE_A, true), 0);
	ASSERT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), REPORT_MS), BITMAP_SIZE);
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_BOOT,
			       KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(host_control(&self->host, STANDARD_OUT, USB_REQ_SET_INTERFACE, 0, KEYBOARD, 0,
			       NULL), 0);
	EXPECT_EQ(protocol(&self->host, KEYBOARD), KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(host_control(&self->host, CLASS_OUT, SET_IDLE, 0, KEYBOARD, 0, NULL), 0);
	ASSERT_EQ(write_key(self->fd, USAGE_A + 1, true), 0);
	ASSERT_EQ(host_report(&self->host, KEYBOARD, data, sizeof(data), REPORT_MS), BITMAP_SIZE);
	EXPECT_EQ(data[0], 3 << USAGE_A);
}

TEST_HARNESS_MAIN
