// SPDX-License-Identifier: Apache-2.0
/*
 * The host's side of the kvmhid selftests.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host.h"

#define USB_DEVICES	"/sys/bus/usb/devices"
#define SCANCODE_PAGE	0x70000		/* of the keyboard, in MSC_SCAN */

struct search {
	struct host *host;
	const char *serial;
	unsigned int interface;
};

static bool device_there(void *context)
{
	struct search *search = context;
	char serial[64];
	glob_t found;
	size_t i;
	bool there = false;

	if (glob(USB_DEVICES "/*/serial", 0, NULL, &found))
		return false;
	for (i = 0; i < found.gl_pathc && !there; i++) {
		if (get(found.gl_pathv[i], serial, sizeof(serial)) ||
		    strcmp(serial, search->serial))
			continue;
		*strrchr(found.gl_pathv[i], '/') = '\0';
		snprintf(search->host->path, sizeof(search->host->path), "%.63s",
			 found.gl_pathv[i]);
		snprintf(search->host->name, sizeof(search->host->name), "%.31s",
			 strrchr(found.gl_pathv[i], '/') + 1);
		there = true;
	}
	globfree(&found);
	return there;
}

/* The file that @pattern after the interface's directory names, if there is one. */
static bool interface_file(const struct search *search, const char *pattern, char *path,
			   size_t size)
{
	char full[256];
	glob_t found;

	snprintf(full, sizeof(full), "%s/%s:1.%u/%s", search->host->path, search->host->name,
		 search->host->first + search->interface, pattern);
	if (glob(full, 0, NULL, &found))
		return false;
	snprintf(path, size, "%s", found.gl_pathv[0]);
	globfree(&found);
	return true;
}

static bool endpoint_there(void *context)
{
	struct search *search = context;
	char path[256], address[16];

	if (!interface_file(search, "ep_8*/bEndpointAddress", path, sizeof(path)) ||
	    get(path, address, sizeof(address)))
		return false;
	search->host->endpoint[search->interface] = (uint8_t)strtoul(address, NULL, 16);
	return true;
}

static bool device_gone(void *context)
{
	return !device_there(context);
}

bool host_gone(const struct gadget *gadget)
{
	struct host host;
	struct search search = { .host = &host, .serial = gadget->serial };

	return wait_until(device_gone, &search);
}

int host_find(struct host *host, const struct gadget *gadget)
{
	return host_find_function(host, gadget, 0);
}

int host_find_function(struct host *host, const struct gadget *gadget, unsigned int n)
{
	struct search search = { .host = host, .serial = gadget->serial };

	memset(host, 0, sizeof(*host));
	host->first = n * INTERFACES;
	host->usb = -1;
	host->evdev[KEYBOARD] = -1;
	host->evdev[POINTER] = -1;
	if (!wait_until(device_there, &search))
		return -ETIMEDOUT;
	for (search.interface = 0; search.interface < INTERFACES; search.interface++)
		if (!wait_until(endpoint_there, &search))
			return -ETIMEDOUT;
	return 0;
}

static bool evdev_opens(void *context)
{
	struct search *search = context;
	char path[256], node[64];
	int fd;

	if (!interface_file(search, "*/input/input*/event*", path, sizeof(path)))
		return false;
	snprintf(node, sizeof(node), "/dev/input/%s", strrchr(path, '/') + 1);
	fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	search->host->evdev[search->interface] = fd;
	return fd >= 0;
}

int host_open_evdev(struct host *host)
{
	struct search search = { .host = host };

	for (search.interface = 0; search.interface < INTERFACES; search.interface++)
		if (!wait_until(evdev_opens, &search))
			return -ETIMEDOUT;
	return 0;
}

int host_claim(struct host *host)
{
	struct usbdevfs_disconnect_claim claim = { 0 };
	char bus[8], device[8], node[64];

	if (get_in(host->path, "busnum", bus, sizeof(bus)) ||
	    get_in(host->path, "devnum", device, sizeof(device)))
		return -ENODEV;
	snprintf(node, sizeof(node), "/dev/bus/usb/%03u/%03u",
		 (unsigned int)strtoul(bus, NULL, 10), (unsigned int)strtoul(device, NULL, 10));
	host->usb = open(node, O_RDWR | O_CLOEXEC);
	if (host->usb < 0)
		return -errno;
	for (claim.interface = 0; claim.interface < INTERFACES; claim.interface++)
		if (ioctl(host->usb, USBDEVFS_DISCONNECT_CLAIM, &claim))
			return -errno;
	return 0;
}

static void host_release_interface(struct host *host, unsigned int interface)
{
	struct usbdevfs_ioctl connect = {
		.ifno = (int)interface, .ioctl_code = USBDEVFS_CONNECT,
	};

	ioctl(host->usb, USBDEVFS_RELEASEINTERFACE, &interface);
	ioctl(host->usb, USBDEVFS_IOCTL, &connect);
}

/* Gives the interfaces back to their drivers. */
void host_release(struct host *host)
{
	if (host->usb < 0)
		return;
	host_release_interface(host, KEYBOARD);
	host_release_interface(host, POINTER);
	close(host->usb);
	host->usb = -1;
}

void host_close(struct host *host)
{
	unsigned int i;

	for (i = 0; i < INTERFACES; i++) {
		if (host->evdev[i] >= 0)
			close(host->evdev[i]);
		host->evdev[i] = -1;
	}
	if (host->usb >= 0)
		close(host->usb);
	host->usb = -1;
}

int host_configure(struct host *host, unsigned int value)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", value);
	return put_in(host->path, "bConfigurationValue", text);
}

/* The device hangs on its root hub: 1-1 on port 1 of usb1. */
int host_power(struct host *host, bool on)
{
	unsigned int bus, port;
	char path[128];

	if (sscanf(host->name, "%u-%u", &bus, &port) != 2)
		return -EINVAL;
	snprintf(path, sizeof(path), USB_DEVICES "/%u-0:1.0/usb%u-port%u/disable", bus, bus, port);
	return put(path, on ? "0" : "1");
}

int host_reset(struct host *host)
{
	return ioctl(host->usb, USBDEVFS_RESET) ? -errno : 0;
}

int host_reset_alone(struct host *host)
{
	int error;

	if (system("modprobe -r usbhid"))
		return -EBUSY;
	error = host_reset(host);
	close(host->usb);
	host->usb = -1;
	return error ? error : host_claim(host);
}

int host_control(struct host *host, unsigned int type, unsigned int request, unsigned int value,
		 unsigned int index, unsigned int length, void *data)
{
	struct usbdevfs_ctrltransfer transfer = {
		.bRequestType = (__u8)type,
		.bRequest = (__u8)request,
		.wValue = (__u16)value,
		.wIndex = (__u16)index,
		.wLength = (__u16)length,
		.timeout = CONTROL_MS,
		.data = data,
	};
	int n = ioctl(host->usb, USBDEVFS_CONTROL, &transfer);

	return n < 0 ? -errno : n;
}

int host_report(struct host *host, unsigned int interface, void *data, unsigned int length,
		unsigned int timeout_ms)
{
	struct usbdevfs_bulktransfer transfer = {
		.ep = host->endpoint[interface],
		.len = length,
		.timeout = timeout_ms,
		.data = data,
	};
	int n = ioctl(host->usb, USBDEVFS_BULK, &transfer);

	return n < 0 ? -errno : n;
}

static bool read_event(int evdev, struct input_event *event, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = evdev, .events = POLLIN };

	return poll(&poll_fd, 1, timeout_ms) == 1 &&
	       read(evdev, event, sizeof(*event)) == sizeof(*event);
}

/* The end of a report; LEDs, which a console sets as it likes; a key's repetition. */
static bool beside_the_point(const struct input_event *event)
{
	return (event->type == EV_SYN && event->code == SYN_REPORT) || event->type == EV_LED ||
	       (event->type == EV_KEY && event->value == 2);
}

bool next_event(int evdev, struct input_event *event)
{
	do {
		if (!read_event(evdev, event, WAIT_MS))
			return false;
	} while (beside_the_point(event) || event->type == EV_MSC);
	return true;
}

/* The input core tells the scan code first, which is the usage. */
bool key_is(int evdev, unsigned int usage, bool down)
{
	struct input_event scan, key;

	do {
		if (!read_event(evdev, &scan, WAIT_MS)) {
			printf("# no event; usage %02x was to go %s\n", usage, down ? "down" : "up");
			return false;
		}
	} while (beside_the_point(&scan));
	if (scan.type == EV_MSC && scan.code == MSC_SCAN &&
	    scan.value == (int)(SCANCODE_PAGE | usage) && read_event(evdev, &key, WAIT_MS) &&
	    key.type == EV_KEY && key.value == down)
		return true;
	printf("# event %u %u %x; usage %02x was to go %s\n", scan.type, scan.code,
	       (unsigned int)scan.value, usage, down ? "down" : "up");
	return false;
}

bool event_is(int evdev, unsigned int type, unsigned int code, int value)
{
	struct input_event event;

	if (!next_event(evdev, &event)) {
		printf("# no event; it was to be %u %u %d\n", type, code, value);
		return false;
	}
	if (event.type == type && event.code == code && event.value == value)
		return true;
	printf("# event %u %u %d; it was to be %u %u %d\n", event.type, event.code, event.value,
	       type, code, value);
	return false;
}

bool quiet(int evdev)
{
	unsigned long long end = now_ms() + QUIET_MS, now;
	struct input_event event;

	/* A key that is down repeats itself all the while. */
	while ((now = now_ms()) < end && read_event(evdev, &event, (int)(end - now))) {
		if (beside_the_point(&event) || event.type == EV_MSC)
			continue;
		printf("# event %u %u %d; there was to be none\n", event.type, event.code,
		       event.value);
		return false;
	}
	return true;
}

static bool key_bitmap(int evdev, uint8_t bitmap[KEY_CNT / 8])
{
	return ioctl(evdev, EVIOCGKEY(KEY_CNT / 8), bitmap) >= 0;
}

bool key_is_down(int evdev, unsigned int code)
{
	uint8_t bitmap[KEY_CNT / 8];

	return key_bitmap(evdev, bitmap) && bitmap[code / 8] >> code % 8 & 1;
}

bool any_key_down(int evdev)
{
	uint8_t bitmap[KEY_CNT / 8];
	unsigned int i;

	if (!key_bitmap(evdev, bitmap))
		return true;
	for (i = 0; i < sizeof(bitmap) && !bitmap[i]; i++)
		;
	return i < sizeof(bitmap);
}

int axis_value(int evdev, unsigned int code)
{
	struct input_absinfo info;

	return ioctl(evdev, EVIOCGABS(code), &info) ? -1 : info.value;
}

int set_led(int evdev, unsigned int code, int value)
{
	struct input_event events[2] = {
		{ .type = EV_LED, .code = (__u16)code, .value = value }, { .type = EV_SYN },
	};

	return write(evdev, events, sizeof(events)) == sizeof(events) ? 0 : -errno;
}

int clear_leds(int evdev)
{
	static const unsigned int leds[] = {
		LED_NUML, LED_CAPSL, LED_SCROLLL, LED_COMPOSE, LED_KANA,
	};
	unsigned int i;
	int error = 0;

	for (i = 0; i < sizeof(leds) / sizeof(leds[0]) && !error; i++)
		error = set_led(evdev, leds[i], 0);
	return error;
}

void drain(int evdev)
{
	struct input_event event;

	while (read_event(evdev, &event, 0))
		;
}
