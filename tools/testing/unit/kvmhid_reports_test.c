// SPDX-License-Identifier: Apache-2.0
/*
 * The report builder of the kvmhid function, case by case. What holds for any
 * sequence of events is in kvmhid_random_test.c.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "drivers/usb/gadget/function/kvmhid_reports.h"
#include "tap.h"

#define USAGE_A		0x04
#define USAGE_CTRL	0xe0
#define USAGE_GUI	0xe7

static struct kvmhid_core core;
static struct kvmhid_holder holder;
static u8 report[KVMHID_REPORT_MAX];

static void setup(bool nkro)
{
	memset(&holder, 0, sizeof(holder));
	kvmhid_core_init(&core, nkro);
}

static struct kvmhid_event key_event(u16 usage, u8 down)
{
	return (struct kvmhid_event){
		.type = KVMHID_EVENT_KEY,
		.key = { .page = 7, .usage = usage, .down = down },
	};
}

static void key_by(struct kvmhid_holder *by, u16 usage, u8 down)
{
	struct kvmhid_event event = key_event(usage, down);

	kvmhid_event_apply(&core, by, &event);
}

static void key(u16 usage, u8 down)
{
	key_by(&holder, usage, down);
}

static void place(u16 x, u16 y, u16 buttons, s16 wheel)
{
	struct kvmhid_event event = {
		.type = KVMHID_EVENT_POINTER,
		.pointer = { .x = x, .y = y, .buttons = buttons, .wheel = wheel },
	};

	kvmhid_event_apply(&core, &holder, &event);
}

static void motion(s16 dx, s16 dy, u16 buttons)
{
	struct kvmhid_event event = {
		.type = KVMHID_EVENT_RELATIVE,
		.relative = { .dx = dx, .dy = dy, .buttons = buttons },
	};

	kvmhid_event_apply(&core, &holder, &event);
}

/* The next report, past changes that do not show. */
static unsigned int next(enum kvmhid_interface interface)
{
	unsigned int length;

	do {
		length = kvmhid_report_next(&core, interface, report);
	} while (!length && kvmhid_waiting(&core, interface));
	return length;
}

static bool next_is(enum kvmhid_interface interface, const u8 *expected, unsigned int length)
{
	unsigned int got = next(interface);

	if (got == length && !memcmp(report, expected, length))
		return true;
	tap_diag("%u bytes, wanted %u: %02x %02x %02x %02x %02x %02x %02x %02x", got, length,
		 report[0], report[1], report[2], report[3], report[4], report[5], report[6],
		 report[7]);
	return false;
}

#define NEXT(interface, ...)                                                                       \
	next_is(interface, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

static bool quiet(enum kvmhid_interface interface)
{
	return !next(interface);
}

static void boot_protocol(void)
{
	kvmhid_set_protocol(&core, KVMHID_KEYBOARD, KVMHID_PROTOCOL_BOOT);
	kvmhid_set_protocol(&core, KVMHID_POINTER, KVMHID_PROTOCOL_BOOT);
}

struct check_case {
	const char *what;
	struct kvmhid_event event;
	int expected;
};

#define KEY(...) { .type = KVMHID_EVENT_KEY, .key = { __VA_ARGS__ } }
#define POINTER(...) { .type = KVMHID_EVENT_POINTER, .pointer = { __VA_ARGS__ } }
#define RELATIVE(...) { .type = KVMHID_EVENT_RELATIVE, .relative = { __VA_ARGS__ } }

static const struct check_case check_cases[] = {
	{ "the first usage", KEY(.page = 7, .usage = 4, .down = 1), 0 },
	{ "the last usage", KEY(.page = 7, .usage = 0xe7), 0 },
	{ "a usage below the first", KEY(.page = 7, .usage = 3, .down = 1), -EINVAL },
	{ "a usage above the last", KEY(.page = 7, .usage = 0xe8, .down = 1), -EINVAL },
	{ "a usage above a byte", KEY(.page = 7, .usage = 0x104, .down = 1), -EINVAL },
	{ "another page", KEY(.page = 0x0c, .usage = 4, .down = 1), -EINVAL },
	{ "a key down twice", KEY(.page = 7, .usage = 4, .down = 2), -EINVAL },
	{ "a key's padding", KEY(.page = 7, .usage = 4, .reserved = { [0] = 1 }), -EINVAL },
	{ "the end of a key's padding", KEY(.page = 7, .usage = 4, .reserved = { [6] = 1 }),
	  -EINVAL },
	{ "the far corner", POINTER(.x = 32767, .y = 32767, .buttons = 0x1f), 0 },
	{ "x beyond the edge", POINTER(.x = 32768), -EINVAL },
	{ "y beyond the edge", POINTER(.y = 32768), -EINVAL },
	{ "a sixth button", POINTER(.buttons = 0x20), -EINVAL },
	{ "wheel and pan at their ends", POINTER(.wheel = 32767, .pan = -32767), 0 },
	{ "wheel beyond its end", POINTER(.wheel = -32768), -EINVAL },
	{ "pan beyond its end", POINTER(.pan = -32768), -EINVAL },
	{ "a pointer's padding", POINTER(.reserved = 1), -EINVAL },
	{ "motion at its ends", RELATIVE(.dx = 32767, .dy = -32767), 0 },
	{ "dx beyond its end", RELATIVE(.dx = -32768), -EINVAL },
	{ "dy beyond its end", RELATIVE(.dy = -32768), -EINVAL },
	{ "wheel of a motion beyond its end", RELATIVE(.wheel = -32768), -EINVAL },
	{ "pan of a motion beyond its end", RELATIVE(.pan = -32768), -EINVAL },
	{ "a sixth button of a motion", RELATIVE(.buttons = 0x20), -EINVAL },
	{ "a motion's padding", RELATIVE(.reserved = 1), -EINVAL },
	{ "release all", { .type = KVMHID_EVENT_RELEASE_ALL }, 0 },
	{ "padding of release all", { .type = KVMHID_EVENT_RELEASE_ALL, .reserved = { [11] = 1 } },
	  -EINVAL },
	{ "flags", { .type = KVMHID_EVENT_RELEASE_ALL, .flags = 1 }, -EINVAL },
	{ "type 0", { .type = 0 }, -EINVAL },
	{ "an unknown type", { .type = 5 }, -EINVAL },
};

static void test_checks(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(check_cases); i++)
		tap_ok(kvmhid_event_check(&check_cases[i].event) == check_cases[i].expected,
		       "%s %s", check_cases[i].what,
		       check_cases[i].expected ? "is refused" : "is taken");
}

static void test_boot_keyboard(void)
{
	setup(true);
	boot_protocol();
	key(USAGE_CTRL, 1);
	key(USAGE_A, 1);
	key(0x29, 1);
	key(USAGE_GUI, 1);
	key(USAGE_A, 0);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0x01, 0, 0, 0, 0, 0, 0, 0) &&
	       NEXT(KVMHID_KEYBOARD, 0x01, 0, 0x04, 0, 0, 0, 0, 0) &&
	       NEXT(KVMHID_KEYBOARD, 0x01, 0, 0x04, 0x29, 0, 0, 0, 0) &&
	       NEXT(KVMHID_KEYBOARD, 0x81, 0, 0x04, 0x29, 0, 0, 0, 0) &&
	       NEXT(KVMHID_KEYBOARD, 0x81, 0, 0x29, 0, 0, 0, 0, 0) &&
	       quiet(KVMHID_KEYBOARD),
	       "boot reports are modifiers and keys in the order of pressing");
}

static void test_rollover(void)
{
	unsigned int i;

	setup(true);
	boot_protocol();
	for (i = 0; i < 7; i++)
		key(USAGE_A + i, 1);
	key(USAGE_CTRL, 1);
	key(USAGE_A, 0);
	for (i = 0; i < 5; i++)
		kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 4, 5, 6, 7, 8, 9), "six keys are six keys");
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 1, 1, 1, 1, 1, 1) &&
	       NEXT(KVMHID_KEYBOARD, 1, 0, 1, 1, 1, 1, 1, 1),
	       "seven are ErrorRollOver, with modifiers as they are");
	tap_ok(NEXT(KVMHID_KEYBOARD, 1, 0, 5, 6, 7, 8, 9, 10), "six again are those six");
}

static void test_bitmap(void)
{
	unsigned int usage, i;
	bool good = true;

	setup(true);
	for (usage = KVMHID_USAGE_FIRST; usage <= KVMHID_USAGE_LAST; usage++)
		key(usage, 1);
	for (usage = KVMHID_USAGE_FIRST; usage <= KVMHID_USAGE_LAST; usage++) {
		good &= kvmhid_report_next(&core, KVMHID_KEYBOARD, report) == 29;
		for (i = 0; i < 232; i++)
			good &= (report[i / 8] >> i % 8 & 1) == (i >= 4 && i <= usage);
	}
	tap_ok(good && quiet(KVMHID_KEYBOARD), "all keys at once are bits of a bitmap");

	setup(false);
	for (i = 0; i < 7; i++)
		key(USAGE_A + i, 1);
	for (i = 0; i < 6; i++)
		kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 1, 1, 1, 1, 1, 1),
	       "without a bitmap, report protocol has boot reports");
}

static void test_holders(void)
{
	struct kvmhid_holder other = { 0 };

	setup(false);
	key(USAGE_A, 1);
	key(USAGE_A, 1);
	key_by(&other, USAGE_A, 1);
	key_by(&other, USAGE_A + 1, 0);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 4, 0, 0, 0, 0, 0) && quiet(KVMHID_KEYBOARD),
	       "a key that is down goes down once");
	key(USAGE_A, 0);
	tap_ok(quiet(KVMHID_KEYBOARD), "it stays while another descriptor holds it");
	key_by(&other, USAGE_A + 1, 1);
	kvmhid_release(&core, &holder);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 4, 5, 0, 0, 0, 0) && quiet(KVMHID_KEYBOARD),
	       "closing one descriptor leaves the other's keys alone");
	kvmhid_release(&core, &other);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 5, 0, 0, 0, 0, 0) &&
	       NEXT(KVMHID_KEYBOARD, 0, 0, 0, 0, 0, 0, 0, 0) && quiet(KVMHID_KEYBOARD),
	       "closing the other releases them");
}

static void test_fast(void)
{
	unsigned int i;
	bool good = true;

	setup(false);
	for (i = 0; i < 20; i++) {
		key(USAGE_A, 1);
		key(USAGE_A, 0);
	}
	for (i = 0; i < 20; i++)
		good &= NEXT(KVMHID_KEYBOARD, 0, 0, 4, 0, 0, 0, 0, 0) &&
			NEXT(KVMHID_KEYBOARD, 0, 0, 0, 0, 0, 0, 0, 0);
	tap_ok(good && quiet(KVMHID_KEYBOARD), "forty fast transitions are forty reports");
}

static void test_coalescing(void)
{
	setup(true);
	place(1, 1, 0, 0);
	place(2, 2, 0, 0);
	place(3, 0x0304, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 3, 0, 4, 3, 0, 0) && quiet(KVMHID_POINTER),
	       "three motions are one report");
	place(3, 0x0304, 0, 0);
	tap_ok(quiet(KVMHID_POINTER), "no motion is none");

	place(4, 4, 0, 0);
	place(5, 5, 1, 0);
	place(6, 6, 1, 0);
	place(7, 7, 1, 0);
	place(8, 8, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 4, 0, 4, 0, 0, 0) &&
	       NEXT(KVMHID_POINTER, 1, 5, 0, 5, 0, 0, 0) &&
	       NEXT(KVMHID_POINTER, 1, 7, 0, 7, 0, 0, 0) &&
	       NEXT(KVMHID_POINTER, 0, 8, 0, 8, 0, 0, 0) && quiet(KVMHID_POINTER),
	       "motions stay on their side of a click");

	place(8, 8, 0, 1);
	place(8, 8, 0, 1);
	tap_ok(NEXT(KVMHID_POINTER, 0, 8, 0, 8, 0, 1, 0) &&
	       NEXT(KVMHID_POINTER, 0, 8, 0, 8, 0, 1, 0) && quiet(KVMHID_POINTER),
	       "two detents are two reports");

	place(9, 9, 0, 0);
	key(USAGE_A, 1);
	place(10, 10, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 9, 0, 9, 0, 0, 0) &&
	       NEXT(KVMHID_POINTER, 0, 10, 0, 10, 0, 0, 0),
	       "motions stay on their side of a key");
}

static void test_absolute(void)
{
	setup(true);
	place(0, 0, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 0, 0, 0, 0, 0, 0), "the top left corner is 0, 0");
	place(32767, 32767, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 0xff, 0x7f, 0xff, 0x7f, 0, 0),
	       "the bottom right corner is 32767, 32767");
	motion(5, -100, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 0xff, 0x7f, 0x7f, 0x73, 0, 0),
	       "relative motion moves the absolute pointer, up to the edge");
	place(32767, 0x737f, 0, -300);
	tap_ok(NEXT(KVMHID_POINTER, 0, 0xff, 0x7f, 0x7f, 0x73, 0x81, 0) &&
	       NEXT(KVMHID_POINTER, 0, 0xff, 0x7f, 0x7f, 0x73, 0x81, 0) &&
	       NEXT(KVMHID_POINTER, 0, 0xff, 0x7f, 0x7f, 0x73, 0xd2, 0) &&
	       quiet(KVMHID_POINTER),
	       "a wheel turn beyond 127 takes several reports");
}

static void test_boot_mouse(void)
{
	setup(true);
	boot_protocol();
	place(1000, 1000, 0, 0);
	tap_ok(quiet(KVMHID_POINTER), "the first place is where a boot mouse starts");
	place(1000 + 2 * 32, 1000 - 3 * 32, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 2, 0xfd) && quiet(KVMHID_POINTER),
	       "differences move it, 32 units a count");
	place(1000 + 2 * 32 + 31, 1000 - 3 * 32, 0, 0);
	tap_ok(quiet(KVMHID_POINTER), "less than a count is kept");
	place(1000 + 2 * 32 + 32, 1000 - 3 * 32, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 1, 0) && quiet(KVMHID_POINTER), "until it is one");
	place(1000 + 3 * 32 + 200 * 32, 1000 - 3 * 32, 3, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 127, 0) && NEXT(KVMHID_POINTER, 3, 73, 0) &&
	       quiet(KVMHID_POINTER),
	       "a long way takes steps, and buttons go with the last");
	place(1000 + 3 * 32 + 200 * 32, 1000 - 3 * 32, 3, 5);
	place(1000 + 3 * 32 + 200 * 32, 1000 - 3 * 32, 3 | KVMHID_BUTTON_BACK, 0);
	tap_ok(quiet(KVMHID_POINTER), "it has neither wheel nor a fourth button");
	motion(-1, 128, 0);
	tap_ok(NEXT(KVMHID_POINTER, 3, 0xff, 127) && NEXT(KVMHID_POINTER, 0, 0, 1) &&
	       quiet(KVMHID_POINTER),
	       "relative motion is counts");
}

static void test_full(void)
{
	struct kvmhid_event presses[KVMHID_WRITE_MAX], click = {
		.type = KVMHID_EVENT_POINTER, .pointer = { .buttons = 1 },
	};
	unsigned int usage = KVMHID_USAGE_FIRST, i, reports = 0;

	setup(true);
	for (i = 0; i < KVMHID_WRITE_MAX; i++)
		presses[i] = key_event(USAGE_A + i, 1);
	tap_ok(kvmhid_events_fit(&core, presses, KVMHID_WRITE_MAX), "the longest write fits");

	/* All keys down, all seen; then as many more transitions as there is room for. */
	for (; usage < KVMHID_USAGES; usage++) {
		key(usage, 1);
		kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	}
	tap_ok(kvmhid_events_fit(&core, presses, KVMHID_WRITE_MAX),
	       "it fits while all keys are down");
	while (kvmhid_events_fit(&core, presses, 1)) {
		key(USAGE_A, 0);
		key(USAGE_A, 1);
	}
	kvmhid_release(&core, &holder);
	tap_ok(kvmhid_queued(&core) <= KVMHID_KEY_QUEUE, "a full queue has room for releases");
	while (kvmhid_report_next(&core, KVMHID_KEYBOARD, report))
		reports++;
	for (i = 0; i < KVMHID_BITMAP_SIZE && !report[i]; i++)
		;
	tap_ok(i == KVMHID_BITMAP_SIZE, "and after %u reports, all keys are up", reports);

	while (kvmhid_events_fit(&core, &click, 1)) {
		place(0, 0, click.pointer.buttons, 0);
		click.pointer.buttons ^= 1;
	}
	tap_ok(kvmhid_events_fit(&core, presses, KVMHID_WRITE_MAX),
	       "a full pointer queue leaves the keyboard alone");
	place(5, 6, 3, 0);
	kvmhid_pointer_collapse(&core);
	tap_ok(kvmhid_queued(&core) == 1 && core.dropped > KVMHID_POINTER_QUEUE / 2 &&
	       NEXT(KVMHID_POINTER, 3, 5, 0, 6, 0, 0, 0) && quiet(KVMHID_POINTER),
	       "collapsed, it has the newest state and has counted the others");
}

/* A release is an entry, too, where buttons are pressed again between two of them. */
static void test_full_of_releases(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX] = { 0 };
	u16 buttons = 0;
	unsigned int i;

	for (i = 0; i < KVMHID_WRITE_MAX; i++) {
		events[i].type = i % 2 ? KVMHID_EVENT_RELEASE_ALL : KVMHID_EVENT_POINTER;
		events[i].pointer.buttons = i % 2 ? 0 : KVMHID_BUTTON_MIDDLE;
	}
	setup(true);
	while (kvmhid_events_fit(&core, events, KVMHID_WRITE_MAX)) {
		buttons ^= KVMHID_BUTTON_LEFT;
		place(0, 0, buttons, 0);
	}
	kvmhid_report_next(&core, KVMHID_POINTER, report);
	for (i = 0; i < KVMHID_WRITE_MAX; i++)
		kvmhid_event_apply(&core, &holder, &events[i]);
	tap_ok(kvmhid_queued(&core) <= KVMHID_POINTER_QUEUE,
	       "a write of clicks and releases in turns does not overrun the queue");
}

static void test_failed(void)
{
	setup(false);
	key(USAGE_A, 1);
	key(USAGE_A, 0);
	NEXT(KVMHID_KEYBOARD, 0, 0, 4, 0, 0, 0, 0, 0);
	kvmhid_report_failed(&core, KVMHID_KEYBOARD);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 4, 0, 0, 0, 0, 0) &&
	       NEXT(KVMHID_KEYBOARD, 0, 0, 0, 0, 0, 0, 0, 0) && quiet(KVMHID_KEYBOARD),
	       "a key report that failed goes again before the next");

	place(1, 2, 0, 130);
	NEXT(KVMHID_POINTER, 0, 1, 0, 2, 0, 127, 0);
	kvmhid_report_failed(&core, KVMHID_POINTER);
	tap_ok(NEXT(KVMHID_POINTER, 0, 1, 0, 2, 0, 127, 0) &&
	       NEXT(KVMHID_POINTER, 0, 1, 0, 2, 0, 3, 0) && quiet(KVMHID_POINTER),
	       "so does a pointer report, with what it carried");

	boot_protocol();
	motion(200, 0, 1);
	NEXT(KVMHID_POINTER, 0, 127, 0);
	kvmhid_report_failed(&core, KVMHID_POINTER);
	tap_ok(NEXT(KVMHID_POINTER, 0, 127, 0) && NEXT(KVMHID_POINTER, 1, 73, 0) &&
	       quiet(KVMHID_POINTER),
	       "and a step of a boot mouse");
}

static void test_protocol_change(void)
{
	setup(true);
	key(USAGE_A, 1);
	kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	boot_protocol();
	kvmhid_report_failed(&core, KVMHID_KEYBOARD);
	tap_ok(NEXT(KVMHID_KEYBOARD, 0, 0, 4, 0, 0, 0, 0, 0),
	       "a report taken back for a change of protocol goes in the new one");
	place(1, 1, 0, 0);
	place(100, 100, 1, 0);
	next(KVMHID_POINTER);
	kvmhid_set_protocol(&core, KVMHID_POINTER, KVMHID_PROTOCOL_REPORT);
	tap_ok(quiet(KVMHID_POINTER), "a change of protocol says nothing by itself");
	place(100, 100, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 0, 100, 0, 100, 0, 0, 0),
	       "the next event tells the place");

	kvmhid_set_protocol(&core, KVMHID_POINTER, KVMHID_PROTOCOL_BOOT);
	motion(0, 0, 1);
	next(KVMHID_POINTER);
	motion(200, 0, 0);
	tap_ok(NEXT(KVMHID_POINTER, 1, 127, 0), "a button waits for the last step");
	kvmhid_set_protocol(&core, KVMHID_POINTER, KVMHID_PROTOCOL_REPORT);
	tap_ok(next(KVMHID_POINTER) && !report[0] && quiet(KVMHID_POINTER),
	       "which it does not miss for a change of protocol");
}

static void test_order(void)
{
	setup(false);
	key(USAGE_CTRL, 1);
	place(1, 1, 1, 0);
	key(USAGE_CTRL, 0);
	tap_ok(!kvmhid_must_wait(&core, KVMHID_KEYBOARD, false), "the first does not wait");
	tap_ok(kvmhid_must_wait(&core, KVMHID_POINTER, false), "a click waits for Ctrl");
	kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	tap_ok(kvmhid_must_wait(&core, KVMHID_POINTER, true),
	       "also while that is on its way");
	tap_ok(!kvmhid_must_wait(&core, KVMHID_POINTER, false), "but no longer");
	tap_ok(kvmhid_must_wait(&core, KVMHID_KEYBOARD, false), "Ctrl's release waits for it");
	kvmhid_report_next(&core, KVMHID_POINTER, report);
	tap_ok(kvmhid_must_wait(&core, KVMHID_KEYBOARD, true), "also while it is on its way");
	tap_ok(!kvmhid_must_wait(&core, KVMHID_KEYBOARD, false), "but no longer");
}

static void test_reset(void)
{
	u8 all_up[KVMHID_BITMAP_SIZE];
	unsigned int i;

	setup(true);
	boot_protocol();
	kvmhid_set_leds(&core, 2);
	key(USAGE_A, 1);
	key(USAGE_CTRL, 1);
	place(1, 1, 1, 0);
	place(2, 2, 1, 0);
	kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	kvmhid_core_reset(&core);
	tap_ok(core.dropped == 2, "a reset counts the transitions that it drops");
	tap_ok(quiet(KVMHID_POINTER) && !kvmhid_queued(&core), "it leaves nothing in the queues");
	for (i = 0; i < KVMHID_BITMAP_SIZE; i++)
		all_up[i] = 0;
	tap_ok(next_is(KVMHID_KEYBOARD, all_up, sizeof(all_up)) && quiet(KVMHID_KEYBOARD),
	       "if a key was down, the first report says that none is");
	tap_ok(core.protocol[KVMHID_KEYBOARD] == KVMHID_PROTOCOL_REPORT &&
	       core.protocol[KVMHID_POINTER] == KVMHID_PROTOCOL_REPORT,
	       "both protocols are report");
	tap_ok(!core.leds && !core.leds_known, "the LEDs are unknown");
	key(USAGE_A, 0);
	kvmhid_release(&core, &holder);
	tap_ok(quiet(KVMHID_KEYBOARD) && quiet(KVMHID_POINTER),
	       "what was down before is not released again");
	key(USAGE_A, 1);
	tap_ok(kvmhid_report_next(&core, KVMHID_KEYBOARD, report) == KVMHID_BITMAP_SIZE &&
	       report[0] == 0x10, "what was down before can go down anew");

	place(7, 7, 1, 0);
	next(KVMHID_POINTER);
	kvmhid_core_reset(&core);
	kvmhid_core_reset(&core);
	tap_ok(NEXT(KVMHID_POINTER, 0, 7, 0, 7, 0, 0, 0) && quiet(KVMHID_POINTER),
	       "if a button was down, the first report says that none is, where it was");
}

static void test_state(void)
{
	setup(true);
	tap_ok(kvmhid_report_state(&core, KVMHID_POINTER, report) == 7 &&
	       !memcmp(report, (const u8[]){ 0, 0, 0x40, 0, 0x40, 0, 0 }, 7),
	       "the state of an unused pointer is the middle");
	key(USAGE_A, 1);
	place(1, 1, 1, 9);
	kvmhid_report_next(&core, KVMHID_KEYBOARD, report);
	key(USAGE_A, 0);
	kvmhid_report_next(&core, KVMHID_POINTER, report);
	tap_ok(kvmhid_report_state(&core, KVMHID_KEYBOARD, report) == 29 && report[0] == 0x10,
	       "the keyboard's state is what the host was told last");
	tap_ok(kvmhid_report_state(&core, KVMHID_POINTER, report) == 7 &&
	       !memcmp(report, (const u8[]){ 1, 1, 0, 1, 0, 0, 0 }, 7),
	       "the pointer's state has no detents");
	boot_protocol();
	tap_ok(kvmhid_report_state(&core, KVMHID_POINTER, report) == 3 &&
	       !memcmp(report, (const u8[]){ 1, 0, 0 }, 3), "a boot mouse's has no motion");
}

static void test_leds(void)
{
	setup(true);
	tap_ok(kvmhid_set_leds(&core, 0) && core.leds_known, "LEDs set to none are known");
	tap_ok(!kvmhid_set_leds(&core, 0), "setting them again is no news");
	tap_ok(kvmhid_set_leds(&core, 3) && core.leds == 3, "setting others is");
}

int main(void)
{
	test_checks();
	test_boot_keyboard();
	test_rollover();
	test_bitmap();
	test_holders();
	test_fast();
	test_coalescing();
	test_absolute();
	test_boot_mouse();
	test_full();
	test_full_of_releases();
	test_failed();
	test_protocol_change();
	test_order();
	test_reset();
	test_state();
	test_leds();
	return tap_end();
}
