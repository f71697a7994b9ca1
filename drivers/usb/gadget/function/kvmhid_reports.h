/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Events in, HID reports out: the pure half of the kvmhid function.
 *
 * Written events are merged into one intended state (a key is down while any
 * descriptor holds it), and each change of that state is queued for the
 * interface that carries it. A report is packed only when its endpoint can take
 * it, in the protocol that holds then, from the state up to that change.
 *
 * Nothing here does I/O or locks; the caller serialises all calls on one core.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMHID_REPORTS_H
#define KVMHID_REPORTS_H

#include <linux/kvmhid.h>

#include "pure.h"

enum kvmhid_interface {
	KVMHID_KEYBOARD,
	KVMHID_POINTER,
	KVMHID_INTERFACES
};

/* Usages of the keyboard page that an event may name. */
#define KVMHID_USAGE_FIRST	0x04
#define KVMHID_USAGE_MODIFIER	0xe0	/* first of the eight */
#define KVMHID_USAGE_LAST	0xe7
#define KVMHID_USAGES		(KVMHID_USAGE_LAST + 1)
#define KVMHID_KEYS		(KVMHID_USAGES - KVMHID_USAGE_FIRST)
#define KVMHID_BUTTONS		5

/* Bytes of reports. */
#define KVMHID_BOOT_KEYS	6
#define KVMHID_BOOT_KEYBOARD_SIZE	8
#define KVMHID_BITMAP_SIZE	(KVMHID_USAGES / 8)
#define KVMHID_BOOT_POINTER_SIZE	3
#define KVMHID_POINTER_SIZE	7
#define KVMHID_LEDS_SIZE	1
#define KVMHID_REPORT_MAX	KVMHID_BITMAP_SIZE

/* What fills all slots of a boot report that has too many keys, HID 1.11, C. */
#define KVMHID_ERROR_ROLL_OVER	0x01

/* One count of a relative mouse in units of absolute coordinates. */
#define KVMHID_UNITS_PER_COUNT	32
/* What one report can move or turn, either way. */
#define KVMHID_STEP_MAX		127

/*
 * Queued changes. Each key that is down has a place reserved for going up, so
 * closing a descriptor never needs to wait; the rest takes at least two writes
 * of nothing but presses. Powers of two.
 */
#define KVMHID_KEY_QUEUE	512
#define KVMHID_POINTER_QUEUE	256

struct kvmhid_key_entry {
	u32 sequence;
	u8 usage;
	u8 down;
};

/**
 * struct kvmhid_pointer_entry - a change of the pointer
 * @sequence: place in the order of everything written
 * @dx: motion since the entry before, in units of absolute coordinates, which
 *	a boot mouse makes; beyond an edge it goes on
 * @dy: likewise
 * @x: where that leaves the absolute pointer
 * @y: likewise
 * @wheel: detents
 * @pan: detents
 * @buttons: that are down after it
 * @motion: only the place changed: a motion that follows may be merged into it
 */
struct kvmhid_pointer_entry {
	u32 sequence;
	s32 dx;
	s32 dy;
	u16 x;
	u16 y;
	s16 wheel;
	s16 pan;
	u8 buttons;
	bool motion;
};

/**
 * struct kvmhid_holder - what one descriptor keeps down
 * @epoch: of the core, when this was written; nothing is down in another one
 * @keys: bitmap of usages
 * @buttons: KVMHID_BUTTON_*
 */
struct kvmhid_holder {
	u32 epoch;
	u8 keys[KVMHID_BITMAP_SIZE];
	u8 buttons;
};

/**
 * struct kvmhid_core - state of one function
 * @nkro: report protocol has a bitmap of all keys, not the boot report
 * @protocol: KVMHID_PROTOCOL_* of each interface
 * @leds: as the host has set them
 * @leds_known: it has
 * @epoch: counts resets
 * @sequence: of the newest entry
 * @sent: sequence of the newest entry that was taken from each queue
 * @resend: the last report did not get out, its state has to go again
 * @dropped: transitions thrown away since the core was made
 * @key_holders: descriptors that hold each key
 * @button_holders: descriptors that hold each button
 * @keys_held: keys that somebody holds, as of the newest entry
 * @buttons: buttons that somebody holds, likewise
 * @x: absolute place, likewise
 * @y: likewise
 * @placed: @x and @y come from an event and not from a reset
 * @key_queue: ring, @key_head and @key_tail count entries taken and put
 * @pointer_queue: ring, likewise
 * @host: what the reports so far have told the host
 * @host.modifiers: bit 0 is KVMHID_USAGE_MODIFIER
 * @host.keys: other keys that are down, in the order of going down
 * @host.n_keys: number of them
 * @host.bitmap: all keys that are down
 * @host.x: place
 * @host.y: place
 * @host.buttons: that are down
 * @host.told: the place has been reported
 * @left: of the newest entry taken, what reports have not carried yet
 * @left.fresh: anything, in report protocol
 * @left.dx: units, in boot protocol; a fraction of a count stays
 * @left.dy: likewise
 * @left.wheel: detents, in report protocol
 * @left.pan: likewise
 * @left.buttons: buttons at the end of it
 * @carried: what the last pointer report took from @left, to give it back
 */
struct kvmhid_core {
	bool nkro;
	u8 protocol[KVMHID_INTERFACES];
	u8 leds;
	bool leds_known;
	u32 epoch;
	u32 sequence;
	u32 sent[KVMHID_INTERFACES];
	bool resend[KVMHID_INTERFACES];
	u64 dropped;

	u32 key_holders[KVMHID_USAGES];
	u32 button_holders[KVMHID_BUTTONS];
	unsigned int keys_held;
	u8 buttons;
	u16 x;
	u16 y;
	bool placed;

	struct kvmhid_key_entry key_queue[KVMHID_KEY_QUEUE];
	u32 key_head;
	u32 key_tail;
	struct kvmhid_pointer_entry pointer_queue[KVMHID_POINTER_QUEUE];
	u32 pointer_head;
	u32 pointer_tail;

	struct {
		u8 modifiers;
		u8 keys[KVMHID_KEYS];
		unsigned int n_keys;
		u8 bitmap[KVMHID_BITMAP_SIZE];
		u16 x;
		u16 y;
		u8 buttons;
		bool told;
	} host;
	struct {
		bool fresh;
		s32 dx;
		s32 dy;
		s32 wheel;
		s32 pan;
		u8 buttons;
	} left;
	struct {
		s32 dx;
		s32 dy;
		s32 wheel;
		s32 pan;
	} carried;
};

void kvmhid_core_init(struct kvmhid_core *core, bool nkro);

/*
 * Everything is up, nothing waits, both protocols are as after a bus reset. An
 * interface that had something down says first that nothing is.
 */
void kvmhid_core_reset(struct kvmhid_core *core);

/* 0, or -EINVAL. */
int kvmhid_event_check(const struct kvmhid_event *event);

/* Is there room for the keys among @n checked events? */
bool kvmhid_keys_fit(const struct kvmhid_core *core,
		     const struct kvmhid_event *events, unsigned int n);

/* Is there room for all of them? */
bool kvmhid_events_fit(const struct kvmhid_core *core,
		       const struct kvmhid_event *events, unsigned int n);

/* Queues what a checked event changes, for which there is room. */
void kvmhid_event_apply(struct kvmhid_core *core, struct kvmhid_holder *holder,
			const struct kvmhid_event *event);

/* Queues the release of all that @holder holds; there is always room. */
void kvmhid_release(struct kvmhid_core *core, struct kvmhid_holder *holder);

/*
 * Throws away what waits for the pointer, but for where it leads to. For a host
 * that does not fetch its reports, lest clicks nobody wants block what follows.
 */
void kvmhid_pointer_collapse(struct kvmhid_core *core);

/*
 * Is something to be sent on @interface that must not overtake what was queued
 * earlier for the other one? @busy: its last report is still on its way.
 */
bool kvmhid_must_wait(const struct kvmhid_core *core,
		      enum kvmhid_interface interface, bool busy);

/*
 * Packs the next report for @interface into @report (KVMHID_REPORT_MAX bytes).
 * Takes one queued change at most. Returns the report's length; 0 when there is
 * nothing to say, which may be so because the change that was taken does not
 * show in this protocol: while kvmhid_waiting(), the next one may.
 */
unsigned int kvmhid_report_next(struct kvmhid_core *core,
				enum kvmhid_interface interface, u8 *report);

/* The report that kvmhid_report_next() gave last did not reach the host. */
void kvmhid_report_failed(struct kvmhid_core *core,
			  enum kvmhid_interface interface);

/* Packs the state that the host knows, without motion. Returns its length. */
unsigned int kvmhid_report_state(const struct kvmhid_core *core,
				 enum kvmhid_interface interface, u8 *report);

/* The host wants another protocol, KVMHID_PROTOCOL_*. */
void kvmhid_set_protocol(struct kvmhid_core *core,
			 enum kvmhid_interface interface, u8 protocol);

/* An output report of the keyboard: true if that changed the LEDs. */
bool kvmhid_set_leds(struct kvmhid_core *core, u8 leds);

/* Does a change wait in the queue of @interface? */
bool kvmhid_waiting(const struct kvmhid_core *core,
		    enum kvmhid_interface interface);

/* Changes that wait in the queues. */
unsigned int kvmhid_queued(const struct kvmhid_core *core);

#endif
