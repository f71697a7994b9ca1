// SPDX-License-Identifier: Apache-2.0
/*
 * What is written to /dev/kvmhidN is what the host's evdev says, exactly.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host.h"

#include "kselftest_harness.h"

/* evdev holds 64 events for who does not read, and a key is three. */
#define BATCH		16
#define START		5000
#define RANDOM_ROUNDS	400
#define RANDOM_SECONDS	300
#define SEED		1

/* Usages that have a key code each, here. */
#define PLAIN_FIRST	0x04
#define PLAIN_LAST	0x63
#define NON_US_HASH	0x32	/* shares its code with 0x31 */

FIXTURE(events)
{
	struct gadget gadget;
	struct host host;
	int fd;
	int keyboard;
	int pointer;
};

FIXTURE_VARIANT(events)
{
	const char *nkro;
};

FIXTURE_VARIANT_ADD(events, bitmap) { .nkro = "1" };
FIXTURE_VARIANT_ADD(events, boot_report) { .nkro = "0" };

FIXTURE_SETUP(events)
{
	struct kvmhid_event start = place_event(START, START, 0);
	const char *missing = gadget_missing(1);

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(gadget_make(&self->gadget, 0), 0);
	ASSERT_EQ(gadget_attribute(&self->gadget, "nkro", variant->nkro), 0);
	ASSERT_EQ(gadget_bind(&self->gadget), 0);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	self->fd = gadget_open(&self->gadget, O_RDWR | O_NONBLOCK);
	ASSERT_GE(self->fd, 0);
	ASSERT_TRUE(wait_configured(self->fd, true));
	ASSERT_EQ(host_open_evdev(&self->host), 0);
	self->keyboard = self->host.evdev[KEYBOARD];
	self->pointer = self->host.evdev[POINTER];
	/* evdev tells changes only: from here on, that of a place is one. */
	ASSERT_EQ(write_events(self->fd, &start, 1), 0);
	ASSERT_TRUE(event_is(self->pointer, EV_ABS, ABS_X, START));
	ASSERT_TRUE(event_is(self->pointer, EV_ABS, ABS_Y, START));
}

FIXTURE_TEARDOWN(events)
{
	close(self->fd);
	host_close(&self->host);
	gadget_remove(&self->gadget);
}

/* Down and up as fast as they can be written. */
TEST_F(events, fast_pairs)
{
	struct kvmhid_event events[BATCH];
	unsigned int round, i;

	for (round = 0; round < 10; round++) {
		for (i = 0; i < BATCH; i++)
			events[i] = key_event(USAGE_A + round, i % 2 == 0);
		ASSERT_EQ(write_events(self->fd, events, BATCH), 0);
		for (i = 0; i < BATCH; i++)
			ASSERT_TRUE(key_is(self->keyboard, USAGE_A + round, i % 2 == 0));
	}
	EXPECT_TRUE(quiet(self->keyboard));
}

TEST_F(events, every_key)
{
	unsigned int usage;

	for (usage = PLAIN_FIRST; usage <= 0xe7; usage++) {
		if (usage == PLAIN_LAST + 1)
			usage = USAGE_CTRL;
		ASSERT_EQ(write_key(self->fd, usage, true), 0);
		ASSERT_TRUE(key_is(self->keyboard, usage, true));
		ASSERT_EQ(write_key(self->fd, usage, false), 0);
		ASSERT_TRUE(key_is(self->keyboard, usage, false));
	}
	EXPECT_TRUE(quiet(self->keyboard));
}

/* A chord with all modifiers: six other keys in either report. */
TEST_F(events, chord)
{
	unsigned int i;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(write_key(self->fd, USAGE_CTRL + i, true), 0);
		ASSERT_TRUE(key_is(self->keyboard, USAGE_CTRL + i, true));
	}
	for (i = 0; i < 6; i++) {
		ASSERT_EQ(write_key(self->fd, USAGE_A + i, true), 0);
		ASSERT_TRUE(key_is(self->keyboard, USAGE_A + i, true));
	}
	/* Not in the order of pressing. */
	for (i = 0; i < 6; i++) {
		ASSERT_EQ(write_key(self->fd, USAGE_A + (i + 3) % 6, false), 0);
		ASSERT_TRUE(key_is(self->keyboard, USAGE_A + (i + 3) % 6, false));
	}
	for (i = 0; i < 8; i++) {
		ASSERT_EQ(write_key(self->fd, USAGE_CTRL + i, false), 0);
		ASSERT_TRUE(key_is(self->keyboard, USAGE_CTRL + i, false));
	}
	EXPECT_TRUE(quiet(self->keyboard));
}

/* All keys at once; or, without a bitmap, rollover that forgets nothing. */
TEST_F(events, many_keys)
{
	bool bitmap = variant->nkro[0] == '1';
	unsigned int usage, n = 0;

	for (usage = PLAIN_FIRST; usage <= PLAIN_LAST; usage++) {
		if (usage == NON_US_HASH)
			continue;
		ASSERT_EQ(write_key(self->fd, usage, true), 0);
		if (bitmap || ++n <= 6)
			ASSERT_TRUE(key_is(self->keyboard, usage, true));
	}
	if (!bitmap) {
		/* The host keeps the six that it knows, and modifiers still work. */
		ASSERT_EQ(write_key(self->fd, USAGE_CTRL, true), 0);
		EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, true));
		ASSERT_EQ(write_key(self->fd, USAGE_CTRL, false), 0);
		EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, false));
		EXPECT_TRUE(key_is_down(self->keyboard, KEY_A));
	}
	for (usage = PLAIN_LAST; usage >= PLAIN_FIRST; usage--) {
		if (usage == NON_US_HASH)
			continue;
		ASSERT_EQ(write_key(self->fd, usage, false), 0);
		if (bitmap || n-- <= 6)
			ASSERT_TRUE(key_is(self->keyboard, usage, false));
	}
	EXPECT_FALSE(any_key_down(self->keyboard));
	EXPECT_TRUE(quiet(self->keyboard));
}

/* What is down already does not go down again, what is up does not go up. */
TEST_F(events, no_change)
{
	EXPECT_EQ(write_key(self->fd, USAGE_A, false), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_ENTER, true), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, true));
	EXPECT_TRUE(key_is(self->keyboard, USAGE_ENTER, true));
	EXPECT_TRUE(quiet(self->keyboard));
}

TEST_F(events, edges)
{
	static const struct { int x, y; } places[] = {
		{ 1, 1 }, { 0, 0 }, { 32767, 0 }, { 32767, 32767 }, { 0, 32767 },
		{ 1, 32766 }, { 32766, 1 }, { 16383, 16384 },
	};
	struct input_absinfo info;
	struct kvmhid_event event;
	unsigned int i;

	ASSERT_EQ(ioctl(self->pointer, EVIOCGABS(ABS_X), &info), 0);
	EXPECT_EQ(info.minimum, 0);
	EXPECT_EQ(info.maximum, KVMHID_ABSOLUTE_MAX);
	ASSERT_EQ(ioctl(self->pointer, EVIOCGABS(ABS_Y), &info), 0);
	EXPECT_EQ(info.minimum, 0);
	EXPECT_EQ(info.maximum, KVMHID_ABSOLUTE_MAX);

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		/* A click tells when the place has arrived; evdev repeats no value. */
		event = place_event((unsigned int)places[i].x, (unsigned int)places[i].y, 1);
		ASSERT_EQ(write_events(self->fd, &event, 1), 0);
		event.pointer.buttons = 0;
		ASSERT_EQ(write_events(self->fd, &event, 1), 0);
		do {
			struct input_event got;

			ASSERT_TRUE(next_event(self->pointer, &got));
			if (got.type == EV_KEY && !got.value)
				break;
		} while (true);
		EXPECT_EQ(axis_value(self->pointer, ABS_X), places[i].x);
		EXPECT_EQ(axis_value(self->pointer, ABS_Y), places[i].y);
	}
}

TEST_F(events, buttons)
{
	static const unsigned int codes[] = {
		BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA,
	};
	struct kvmhid_event event;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		event = motion_event(0, 0, (2U << i) - 1);
		ASSERT_EQ(write_events(self->fd, &event, 1), 0);
		EXPECT_TRUE(event_is(self->pointer, EV_KEY, codes[i], 1));
	}
	for (i = 0; i < 5; i++) {
		event = motion_event(0, 0, KVMHID_BUTTONS_ALL & ~((2U << i) - 1));
		ASSERT_EQ(write_events(self->fd, &event, 1), 0);
		EXPECT_TRUE(event_is(self->pointer, EV_KEY, codes[i], 0));
	}
	EXPECT_TRUE(quiet(self->pointer));
}

TEST_F(events, wheel)
{
	struct kvmhid_event events[] = {
		wheel_event(1, 0), wheel_event(1, 0), wheel_event(-3, 0), wheel_event(0, 2),
		wheel_event(0, -1), wheel_event(200, 0),
	};
	static const struct { unsigned int code; int value; } expected[] = {
		{ REL_WHEEL, 1 }, { REL_WHEEL_HI_RES, 120 },
		{ REL_WHEEL, 1 }, { REL_WHEEL_HI_RES, 120 },
		{ REL_WHEEL, -3 }, { REL_WHEEL_HI_RES, -360 },
		{ REL_HWHEEL, 2 }, { REL_HWHEEL_HI_RES, 240 },
		{ REL_HWHEEL, -1 }, { REL_HWHEEL_HI_RES, -120 },
		{ REL_WHEEL, 127 }, { REL_WHEEL_HI_RES, 127 * 120 },
		{ REL_WHEEL, 73 }, { REL_WHEEL_HI_RES, 73 * 120 },
	};
	unsigned int i;

	ASSERT_EQ(write_events(self->fd, events, sizeof(events) / sizeof(events[0])), 0);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		EXPECT_TRUE(event_is(self->pointer, EV_REL, expected[i].code, expected[i].value));
	EXPECT_TRUE(quiet(self->pointer));
}

/* Sixty motions in one write are one, and the four clicks behind it are four. */
TEST_F(events, coalesce)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	unsigned int i;

	for (i = 0; i < KVMHID_WRITE_MAX; i++)
		events[i] = place_event(100 + (i < 60 ? i : 59), START, i >= 60 && i % 2 == 0);
	ASSERT_EQ(write_events(self->fd, events, KVMHID_WRITE_MAX), 0);
	EXPECT_TRUE(event_is(self->pointer, EV_ABS, ABS_X, 159));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 1));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 0));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 1));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 0));
	EXPECT_TRUE(quiet(self->pointer));
}

TEST_F(events, relative)
{
	struct kvmhid_event events[] = {
		place_event(32000, 1000, 0), motion_event(3, -3, 0), motion_event(300, 0, 1),
	};
	struct input_event got;

	ASSERT_EQ(write_events(self->fd, events, 3), 0);
	do {
		ASSERT_TRUE(next_event(self->pointer, &got));
	} while (got.type != EV_KEY);
	EXPECT_EQ(axis_value(self->pointer, ABS_X), KVMHID_ABSOLUTE_MAX);
	EXPECT_EQ(axis_value(self->pointer, ABS_Y), 1000 - 3 * 32);
}

/* Ctrl is down when the click comes, and up after it, if both are polled. */
TEST_F(events, order_across_interfaces)
{
	struct kvmhid_event events[] = {
		key_event(USAGE_CTRL, true), motion_event(0, 0, 1), motion_event(0, 0, 0),
		key_event(USAGE_CTRL, false),
	};
	unsigned int round;

	for (round = 0; round < 4; round++) {
		ASSERT_EQ(write_events(self->fd, events, 4), 0);
		EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, true));
		EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 1));
		EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 0));
		EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, false));
	}
}

TEST_F(events, release_all)
{
	struct kvmhid_event events[] = {
		key_event(USAGE_CTRL, true), key_event(USAGE_A, true), motion_event(0, 0, 5),
		{ .type = KVMHID_EVENT_RELEASE_ALL },
	};

	ASSERT_EQ(write_events(self->fd, events, 4), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, true));
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, true));
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, false));
	EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, false));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 1));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_MIDDLE, 1));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 0));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_MIDDLE, 0));
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, true));
}

TEST_F(events, leds)
{
	static const struct { unsigned int code, led; } leds[] = {
		{ LED_NUML, KVMHID_LED_NUM_LOCK }, { LED_CAPSL, KVMHID_LED_CAPS_LOCK },
		{ LED_SCROLLL, KVMHID_LED_SCROLL_LOCK }, { LED_COMPOSE, KVMHID_LED_COMPOSE },
		{ LED_KANA, KVMHID_LED_KANA },
	};
	struct kvmhid_state state;
	unsigned int i;

	ASSERT_EQ(clear_leds(self->keyboard), 0);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(set_led(self->keyboard, leds[i].code, 1), 0);
		EXPECT_TRUE(wait_leds(self->fd, leds[i].led));
		ASSERT_EQ(set_led(self->keyboard, leds[i].code, 0), 0);
		EXPECT_TRUE(wait_leds(self->fd, 0));
	}
	ASSERT_EQ(set_led(self->keyboard, LED_CAPSL, 1), 0);
	EXPECT_TRUE(wait_leds(self->fd, KVMHID_LED_CAPS_LOCK));
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_EQ(state.leds, KVMHID_LED_CAPS_LOCK);
	EXPECT_TRUE(state.flags & KVMHID_STATE_LEDS_KNOWN);
}

/* A random walk of at most six keys, in batches that evdev can hold. */
TEST_F_TIMEOUT(events, random, RANDOM_SECONDS)
{
	struct kvmhid_event events[BATCH];
	bool down[0x100] = { false };
	unsigned int round, i, held = 0, usage;
	unsigned int seed = SEED;

	TH_LOG("seed %u", seed);
	for (round = 0; round < RANDOM_ROUNDS; round++) {
		for (i = 0; i < BATCH; i++) {
			do {
				usage = rand_r(&seed) % 4 ?
						USAGE_A + (unsigned int)rand_r(&seed) % 26 :
						USAGE_CTRL + (unsigned int)rand_r(&seed) % 8;
			} while (!down[usage] && held == 6);
			down[usage] = !down[usage];
			held += down[usage] ? 1U : -1U;
			events[i] = key_event(usage, down[usage]);
		}
		ASSERT_EQ(write_events(self->fd, events, BATCH), 0);
		for (i = 0; i < BATCH; i++)
			ASSERT_TRUE(key_is(self->keyboard, events[i].key.usage,
					   events[i].key.down));
	}
	EXPECT_TRUE(quiet(self->keyboard));
}

TEST_HARNESS_MAIN
