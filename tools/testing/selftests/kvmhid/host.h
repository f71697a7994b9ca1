/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the kvmhid selftests: evdev, and the raw device.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMHID_HOST_H
#define KVMHID_HOST_H

#include <linux/input.h>
#include <stdbool.h>
#include <stdint.h>

#include "gadget.h"

#define INTERFACES	2
#define KEYBOARD	0
#define POINTER		1
#define CONTROL_MS	1000	/* time-out of a control request */
#define REPORT_MS	2000	/* time-out for a report that must come */
#define QUIET_MS	100	/* for one that must not: only a bound on the test's power */

/* A gadget as the host sees it. */
struct host {
	char path[64];			/* in sysfs */
	char name[32];			/* of the device on its bus */
	unsigned int first;		/* number of the function's first interface */
	int usb;			/* usbfs, -1 */
	int evdev[INTERFACES];		/* -1 */
	uint8_t endpoint[INTERFACES];	/* interrupt IN */
};

/* The device with the gadget's serial number, once it is configured. 0 or -errno. */
int host_find(struct host *host, const struct gadget *gadget);

/* Likewise, of the @n-th function of the gadget. */
int host_find_function(struct host *host, const struct gadget *gadget, unsigned int n);

/* Is there no such device any more? Waits for it. */
bool host_gone(const struct gadget *gadget);

/* Opens both evdev nodes, nonblocking, once they are there. 0 or -errno. */
int host_open_evdev(struct host *host);

/* Opens usbfs and takes both interfaces away from their drivers. 0 or -errno. */
int host_claim(struct host *host);
void host_release(struct host *host);
void host_close(struct host *host);

/* SET_CONFIGURATION; 0 takes the configuration away. 0 or -errno. */
int host_configure(struct host *host, unsigned int value);

/* Powers the port off, which is as good as pulling the cable, or on. 0 or -errno. */
int host_power(struct host *host, bool on);

/* USBDEVFS_RESET. 0 or -errno. */
int host_reset(struct host *host);

/*
 * Likewise, for a host that has claimed the device: a reset takes it away, and
 * this gives it back without a driver having seen it in between.
 */
int host_reset_alone(struct host *host);

/* Length of what came or went, or a negative errno; a stall is -EPIPE. */
int host_control(struct host *host, unsigned int type, unsigned int request, unsigned int value,
		 unsigned int index, unsigned int length, void *data);

/* A report from the interrupt endpoint. Its length or a negative errno. */
int host_report(struct host *host, unsigned int interface, void *data, unsigned int length,
		unsigned int timeout_ms);

/* The next event of a key, button, axis or wheel. False after WAIT_MS. */
bool next_event(int evdev, struct input_event *event);

/*
 * The next transition of a key: its usage with the keyboard page in the upper
 * half, and its value. False if something else comes, or nothing.
 */
bool key_is(int evdev, unsigned int usage, bool down);

/* Likewise, for any event. */
bool event_is(int evdev, unsigned int type, unsigned int code, int value);

/* Nothing comes for QUIET_MS. */
bool quiet(int evdev);

/* A key is down according to the input layer. */
bool key_is_down(int evdev, unsigned int code);
bool any_key_down(int evdev);

/* An absolute axis according to the input layer; -1 if it cannot be read. */
int axis_value(int evdev, unsigned int code);

/* 0 or a negative errno. Only a change is sent to the device. */
int set_led(int evdev, unsigned int code, int value);

/* A console may have set some. */
int clear_leds(int evdev);

/* Throws away all there is to read. */
void drain(int evdev);

#endif
