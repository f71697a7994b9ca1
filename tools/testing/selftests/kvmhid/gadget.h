/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of the kvmhid selftests: gadgets on dummy_hcd, and what is
 * written to their device nodes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMHID_GADGET_H
#define KVMHID_GADGET_H

#include <linux/kvmhid.h>
#include <stdbool.h>
#include <stddef.h>

#define GADGETS		2
#define WAIT_MS		5000	/* bound of every wait for something to happen */
#define POLL_MS		5	/* between two looks */

#define USAGE_A		0x04
#define USAGE_ENTER	0x28
#define USAGE_CAPS	0x39
#define USAGE_CTRL	0xe0

struct gadget {
	char path[128];		/* in configfs */
	char function[192];	/* the function that all this is about */
	char link[256];
	char udc[64];
	char serial[32];
	char node[32];		/* /dev/kvmhidN */
};

/* Calls @done until it returns true. Returns if it has in WAIT_MS. */
bool wait_until(bool (*done)(void *context), void *context);

void sleep_ms(unsigned int ms);
unsigned long long now_ms(void);

/* Writes @value to a file of sysfs or configfs. Returns 0 or a negative errno. */
int put(const char *path, const char *value);
int put_in(const char *directory, const char *name, const char *value);

/* Reads one, without the newline at its end. Returns 0 or a negative errno. */
int get(const char *path, char *value, size_t size);
int get_in(const char *directory, const char *name, char *value, size_t size);

/* NULL if the tests can run here, otherwise why not. Loads modules. */
const char *gadget_missing(unsigned int gadgets);

/*
 * Makes the @n-th gadget with one function, not yet bound. What an earlier test
 * has left is removed. Returns 0 or a negative errno.
 */
int gadget_make(struct gadget *gadget, unsigned int n);
void gadget_remove(struct gadget *gadget);

/* Adds another function to a gadget that is not bound. 0 or a negative errno. */
int gadget_add(const struct gadget *gadget, struct gadget *second);

/* Returns 0 or a negative errno. */
int gadget_attribute(const struct gadget *gadget, const char *name, const char *value);
int gadget_bind(const struct gadget *gadget);
int gadget_unbind(const struct gadget *gadget);
int gadget_connect(const struct gadget *gadget, bool connect);

/* Opens the device node. Returns a descriptor or a negative errno. */
int gadget_open(const struct gadget *gadget, int flags);

/* Waits for the host to have configured, or not, what @fd is open on. */
bool wait_configured(int fd, bool configured);
bool wait_flags(int fd, unsigned int mask, unsigned int flags);
bool wait_leds(int fd, unsigned int leds);

/* The state as another descriptor finds it at once. Returns 0 or a negative errno. */
int state_now(const struct gadget *gadget, struct kvmhid_state *state);

struct kvmhid_event key_event(unsigned int usage, bool down);
struct kvmhid_event place_event(unsigned int x, unsigned int y, unsigned int buttons);
struct kvmhid_event wheel_event(int wheel, int pan);
struct kvmhid_event motion_event(int dx, int dy, unsigned int buttons);

/* Writes @n events. Returns 0, or a negative errno, or -EIO if only some went. */
int write_events(int fd, const struct kvmhid_event *events, unsigned int n);
int write_key(int fd, unsigned int usage, bool down);

#endif
