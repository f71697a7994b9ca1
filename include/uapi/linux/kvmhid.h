/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The keyboard and pointer that a kvmhid USB function shows to its host.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * /dev/kvmhidN stands for one function. What is written to it happens on the
 * host; what is read from it is what the host has made of the function.
 *
 * write(2) takes one or more struct kvmhid_event, whole ones only. Each is
 * checked before any of them is queued, so a write fails as a whole:
 *
 *	-EINVAL		a length that is no multiple of the event's, an unknown
 *			type, a usage or coordinate out of range, padding or
 *			flags that are not zero
 *	-EMSGSIZE	more than KVMHID_WRITE_MAX events
 *	-ENOTCONN	no host has configured the function; nothing is kept
 *	-EAGAIN		the queue has no room for all of them and the
 *			descriptor is non-blocking (a blocking one waits, and
 *			gets -EINTR if a signal ends that)
 *	-EFAULT		a buffer that cannot be read
 *	-ENODEV		the function is gone
 *
 * Transitions (keys, buttons, wheel) reach the host in the order written, each
 * in a report of its own; successive motions with nothing between them become
 * one. Keys and buttons belong to the descriptor that pressed them: another
 * cannot release them, and closing it does. Releases always find room.
 *
 * When the host resets or deconfigures the function, what waits is thrown away
 * and everything is up, in every descriptor. While it does not fetch the
 * keyboard's reports, they wait; while it does not fetch the pointer's, the
 * queue of those takes new ones for old. A suspended host gets them when it
 * resumes.
 *
 * read(2) returns one struct kvmhid_state. The first read of a descriptor
 * returns at once, later ones wait for a change of the flags, a protocol, the
 * LEDs or @resets. A shorter buffer gets -EINVAL, a non-blocking descriptor
 * -EAGAIN when there is no change, and -ENODEV is as for write.
 *
 * poll(2): EPOLLIN when read would return, EPOLLOUT when an event would be
 * taken, EPOLLHUP | EPOLLERR when the function is gone. A descriptor whose
 * function is gone stays so; the function has a new device when it is bound
 * again.
 */
#ifndef _UAPI_LINUX_KVMHID_H
#define _UAPI_LINUX_KVMHID_H

#include <linux/types.h>

/* Events in one write(2), at most. */
#define KVMHID_WRITE_MAX	64

/* Absolute coordinates: 0 is the left or top edge, this the right or bottom. */
#define KVMHID_ABSOLUTE_MAX	32767

/* Relative motion and wheels: from minus this to plus this. */
#define KVMHID_RELATIVE_MAX	32767

/**
 * enum kvmhid_event_type - what a struct kvmhid_event says
 * @KVMHID_EVENT_KEY: a key went down or up, see struct kvmhid_key
 * @KVMHID_EVENT_POINTER: where the pointer is, see struct kvmhid_pointer
 * @KVMHID_EVENT_RELATIVE: how the pointer moved, see struct kvmhid_relative
 * @KVMHID_EVENT_RELEASE_ALL: every key and button of this descriptor goes up
 */
enum kvmhid_event_type {
	KVMHID_EVENT_KEY = 1,
	KVMHID_EVENT_POINTER = 2,
	KVMHID_EVENT_RELATIVE = 3,
	KVMHID_EVENT_RELEASE_ALL = 4,
};

/* Buttons: bit 0 is HID button 1. */
#define KVMHID_BUTTON_LEFT	(1 << 0)
#define KVMHID_BUTTON_RIGHT	(1 << 1)
#define KVMHID_BUTTON_MIDDLE	(1 << 2)
#define KVMHID_BUTTON_BACK	(1 << 3)
#define KVMHID_BUTTON_FORWARD	(1 << 4)
#define KVMHID_BUTTONS_ALL	0x1f

/**
 * struct kvmhid_key - a key transition
 * @page: HID usage page; 0x07, keyboard
 * @usage: usage on that page; 0x04..0xe7 on the keyboard page
 * @down: 1 when it goes down, 0 when it goes up
 * @reserved: zero
 */
struct kvmhid_key {
	__u16 page;
	__u16 usage;
	__u8 down;
	__u8 reserved[7];
};

/**
 * struct kvmhid_pointer - the pointer's place and buttons
 * @x: 0..KVMHID_ABSOLUTE_MAX
 * @y: 0..KVMHID_ABSOLUTE_MAX
 * @wheel: detents, positive is away from the user
 * @pan: detents, positive is to the right
 * @buttons: KVMHID_BUTTON_* that are down
 * @reserved: zero
 */
struct kvmhid_pointer {
	__u16 x;
	__u16 y;
	__s16 wheel;
	__s16 pan;
	__u16 buttons;
	__u16 reserved;
};

/**
 * struct kvmhid_relative - a motion of the pointer, and its buttons
 *
 * In boot protocol these are the counts of the mouse. In report protocol they
 * move the absolute pointer, 32 units a count, up to the edges.
 *
 * @dx: counts to the right, -KVMHID_RELATIVE_MAX..KVMHID_RELATIVE_MAX
 * @dy: counts downwards, likewise
 * @wheel: detents, positive is away from the user
 * @pan: detents, positive is to the right
 * @buttons: KVMHID_BUTTON_* that are down
 * @reserved: zero
 */
struct kvmhid_relative {
	__s16 dx;
	__s16 dy;
	__s16 wheel;
	__s16 pan;
	__u16 buttons;
	__u16 reserved;
};

/**
 * struct kvmhid_event - what is written, 16 bytes
 * @type: enum kvmhid_event_type
 * @flags: zero
 * @key: for KVMHID_EVENT_KEY
 * @pointer: for KVMHID_EVENT_POINTER
 * @relative: for KVMHID_EVENT_RELATIVE
 * @reserved: for KVMHID_EVENT_RELEASE_ALL, zero
 */
struct kvmhid_event {
	__u16 type;
	__u16 flags;
	union {
		struct kvmhid_key key;
		struct kvmhid_pointer pointer;
		struct kvmhid_relative relative;
		__u8 reserved[12];
	};
};

/* kvmhid_state.flags */
#define KVMHID_STATE_CONFIGURED		(1 << 0) /* a host has configured the function */
#define KVMHID_STATE_SUSPENDED		(1 << 1) /* ... and suspended the bus */
#define KVMHID_STATE_WAKEUP_ARMED	(1 << 2) /* ... and lets it wake the host */
#define KVMHID_STATE_LEDS_KNOWN		(1 << 3) /* the host has set the LEDs since then */

/* kvmhid_state.*_protocol, as in HID 1.11, 7.2.6 */
#define KVMHID_PROTOCOL_BOOT	0
#define KVMHID_PROTOCOL_REPORT	1

/* kvmhid_state.leds, as in HID Usage Tables, LED page, usages 1 to 5 */
#define KVMHID_LED_NUM_LOCK	(1 << 0)
#define KVMHID_LED_CAPS_LOCK	(1 << 1)
#define KVMHID_LED_SCROLL_LOCK	(1 << 2)
#define KVMHID_LED_COMPOSE	(1 << 3)
#define KVMHID_LED_KANA		(1 << 4)

/**
 * struct kvmhid_state - what is read, 32 bytes
 * @size: sizeof(struct kvmhid_state) in the driver; what a reader does not
 *	know at the end of a longer one may be ignored
 * @flags: KVMHID_STATE_*
 * @keyboard_protocol: KVMHID_PROTOCOL_*
 * @pointer_protocol: KVMHID_PROTOCOL_*
 * @leds: KVMHID_LED_*; zero until KVMHID_STATE_LEDS_KNOWN
 * @reserved: zero
 * @queued: reports that wait for the host
 * @resets: times the host has reset or deconfigured the function
 * @dropped: transitions that were thrown away, by a reset or a disconnect or
 *	because the host does not fetch the pointer's reports
 */
struct kvmhid_state {
	__u32 size;
	__u32 flags;
	__u8 keyboard_protocol;
	__u8 pointer_protocol;
	__u8 leds;
	__u8 reserved;
	__u32 queued;
	__u64 resets;
	__u64 dropped;
};

#endif
