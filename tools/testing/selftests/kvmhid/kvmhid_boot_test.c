// SPDX-License-Identifier: Apache-2.0
/*
 * Boot protocol, byte for byte, as a firmware reads it off the endpoints.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <stdlib.h>
#include <unistd.h>

#include "host.h"

#include "kselftest_harness.h"

#define CLASS_OUT	(USB_DIR_OUT | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define SET_IDLE	0x0a
#define SET_PROTOCOL	0x0b

FIXTURE(boot)
{
	struct gadget gadget;
	struct host host;
	int fd;
};

FIXTURE_SETUP(boot)
{
	const char *missing = gadget_missing(1);
	unsigned int i;

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(gadget_make(&self->gadget, 0), 0);
	ASSERT_EQ(gadget_bind(&self->gadget), 0);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	self->fd = gadget_open(&self->gadget, O_RDWR | O_NONBLOCK);
	ASSERT_GE(self->fd, 0);
	ASSERT_TRUE(wait_configured(self->fd, true));
	ASSERT_EQ(host_claim(&self->host), 0);
	for (i = 0; i < INTERFACES; i++) {
		ASSERT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL,
				       KVMHID_PROTOCOL_BOOT, i, 0, NULL), 0);
		ASSERT_EQ(host_control(&self->host, CLASS_OUT, SET_IDLE, 0, i, 0, NULL), 0);
	}
}

FIXTURE_TEARDOWN(boot)
{
	close(self->fd);
	host_close(&self->host);
	gadget_remove(&self->gadget);
}

/* Firmware asks for exactly the bytes of a boot report. */
static bool report_is(struct host *host, unsigned int interface, const uint8_t *expected,
		      unsigned int length)
{
	uint8_t report[8] = { 0 };
	int n = host_report(host, interface, report, length, REPORT_MS);

	if (n == (int)length && !memcmp(report, expected, length))
		return true;
	printf("# %d bytes: %02x %02x %02x %02x %02x %02x %02x %02x\n", n, report[0], report[1],
	       report[2], report[3], report[4], report[5], report[6], report[7]);
	return false;
}

#define KEYS(...) report_is(&self->host, KEYBOARD, (const uint8_t[8]) { __VA_ARGS__ }, 8)
#define MOUSE(...) report_is(&self->host, POINTER, (const uint8_t[3]) { __VA_ARGS__ }, 3)

TEST_F(boot, keyboard)
{
	uint8_t data[8];

	EXPECT_EQ(write_key(self->fd, 0xe5, true), 0);
	EXPECT_EQ(write_key(self->fd, 0x29, true), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_EQ(write_key(self->fd, 0x29, false), 0);
	EXPECT_EQ(write_key(self->fd, 0xe5, false), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, false), 0);
	EXPECT_TRUE(KEYS(0x20));
	EXPECT_TRUE(KEYS(0x20, 0, 0x29));
	EXPECT_TRUE(KEYS(0x20, 0, 0x29, 0x04));
	EXPECT_TRUE(KEYS(0x20, 0, 0x04));
	EXPECT_TRUE(KEYS(0, 0, 0x04));
	EXPECT_TRUE(KEYS(0));
	EXPECT_EQ(host_report(&self->host, KEYBOARD, data, 8, QUIET_MS), -ETIMEDOUT);
}

TEST_F(boot, rollover)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		EXPECT_EQ(write_key(self->fd, USAGE_A + i, true), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_CTRL, true), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, false), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A + 1, false), 0);
	EXPECT_TRUE(KEYS(0, 0, 4));
	EXPECT_TRUE(KEYS(0, 0, 4, 5));
	EXPECT_TRUE(KEYS(0, 0, 4, 5, 6));
	EXPECT_TRUE(KEYS(0, 0, 4, 5, 6, 7));
	EXPECT_TRUE(KEYS(0, 0, 4, 5, 6, 7, 8));
	EXPECT_TRUE(KEYS(0, 0, 4, 5, 6, 7, 8, 9));
	EXPECT_TRUE(KEYS(0, 0, 1, 1, 1, 1, 1, 1));
	EXPECT_TRUE(KEYS(0, 0, 1, 1, 1, 1, 1, 1));
	EXPECT_TRUE(KEYS(1, 0, 1, 1, 1, 1, 1, 1));
	EXPECT_TRUE(KEYS(1, 0, 1, 1, 1, 1, 1, 1));
	EXPECT_TRUE(KEYS(1, 0, 6, 7, 8, 9, 10, 11));
}

TEST_F(boot, mouse)
{
	struct kvmhid_event events[] = {
		place_event(16000, 16000, 0),		/* the start */
		place_event(16000 + 5 * 32, 16000 - 7 * 32, 0),
		place_event(16000 + 5 * 32, 16000 - 7 * 32, 1),
		place_event(16000 + 205 * 32, 16000 - 7 * 32, 0),
		motion_event(-3, 4, 6),
		wheel_event(5, 5),			/* not in boot protocol */
		motion_event(0, 0, KVMHID_BUTTON_BACK),
	};
	uint8_t data[8];

	/* One by one, lest the first two merge; only reports that show are waited for. */
	EXPECT_EQ(write_events(self->fd, events, 1), 0);
	EXPECT_EQ(write_events(self->fd, events + 1, 1), 0);
	EXPECT_TRUE(MOUSE(0, 5, 0xf9));
	EXPECT_EQ(write_events(self->fd, events + 2, 2), 0);
	EXPECT_TRUE(MOUSE(1, 0, 0));
	EXPECT_TRUE(MOUSE(1, 127, 0));
	EXPECT_TRUE(MOUSE(0, 73, 0));
	EXPECT_EQ(write_events(self->fd, events + 4, 1), 0);
	EXPECT_TRUE(MOUSE(6, 0xfd, 4));
	EXPECT_EQ(write_events(self->fd, events + 5, 1), 0);
	EXPECT_TRUE(MOUSE(0, 0, 0));
	EXPECT_EQ(write_events(self->fd, events + 6, 1), 0);
	EXPECT_EQ(host_report(&self->host, POINTER, data, 3, QUIET_MS), -ETIMEDOUT);
}

/* Held over the change from firmware to system: nothing is lost or stays down. */
TEST_F(boot, to_report_protocol)
{
	uint8_t report[64] = { 0 };

	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_TRUE(KEYS(0, 0, 4));
	ASSERT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_REPORT,
			       KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A + 1, true), 0);
	EXPECT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS), 29);
	EXPECT_EQ(report[0], 3 << USAGE_A);
	close(self->fd);
	EXPECT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS), 29);
	EXPECT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS), 29);
	EXPECT_EQ(report[0], 0);
	self->fd = gadget_open(&self->gadget, O_RDWR);
}

/*
 * The host restarts with a key down: its firmware is first told that nothing is
 * down, maybe still in the other protocol, which has more zeros for that.
 */
TEST_F(boot, after_reset)
{
	static const uint8_t none[8], enter[8] = { 0, 0, USAGE_ENTER };
	uint8_t report[8];
	unsigned int n = 0;

	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_TRUE(KEYS(0, 0, 4));
	ASSERT_EQ(host_reset_alone(&self->host), 0);
	EXPECT_TRUE(wait_configured(self->fd, true));
	ASSERT_EQ(host_control(&self->host, CLASS_OUT, SET_PROTOCOL, KVMHID_PROTOCOL_BOOT,
			       KEYBOARD, 0, NULL), 0);
	ASSERT_EQ(host_control(&self->host, CLASS_OUT, SET_IDLE, 0, KEYBOARD, 0, NULL), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_ENTER, true), 0);
	do {
		memset(report, 0, sizeof(report));
		ASSERT_GT(host_report(&self->host, KEYBOARD, report, 8, REPORT_MS), 0);
	} while (!memcmp(report, none, 8) && n++ < 8);
	EXPECT_EQ(memcmp(report, enter, 8), 0);
}

TEST_HARNESS_MAIN
