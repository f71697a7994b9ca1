/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client's keyboard: its key events to key transitions on the host. Pure.
 *
 * A client that sends scancodes gets exactly its keys. One that sends keysyms
 * gets the characters that it means, on a host with a US layout: Shift is
 * pressed or let go around a key if the client's Shift, or the host's Caps Lock,
 * would make another character of it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_KEYBOARD_H
#define RELAY_KEYBOARD_H

#include <linux/kvmhid.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Transitions that one event makes, at most, unless keys are let go for being unknown. */
#define KEYBOARD_HELD_MAX	32
#define KEYBOARD_EVENTS_MAX	KEYBOARD_HELD_MAX

/* How long a press of Caps Lock or Num Lock is believed before the host says so. */
#define KEYBOARD_LOCK_WAIT_MS	2000

/**
 * struct keyboard - its state
 * @held: usages of keys that are down, in the order of pressing
 * @held_count: how many
 * @leds: KVMHID_LED_* that the host shows
 * @leds_known: it has said so
 * @expected: KVMHID_LED_* once the host has acted upon all that was pressed
 * @expected_until: time in ms until which that holds rather than @leds
 */
struct keyboard {
	uint8_t held[KEYBOARD_HELD_MAX];
	unsigned int held_count;
	uint8_t leds;
	bool leds_known;
	uint8_t expected;
	uint64_t expected_until;
};

struct keyboard_event {
	bool down;
	uint32_t keysym;
	uint32_t scancode;	/* as in struct message, 0 for none */
};

/* What the host shows. */
void keyboard_leds(struct keyboard *keyboard, uint8_t leds, bool known);

/**
 * keyboard_press() - act upon a key event of the client
 * @keyboard: its keyboard
 * @event: what it sent
 * @now: time in ms
 * @out: room for KEYBOARD_EVENTS_MAX events
 *
 * Return: events in @out; 0 for keys that a US keyboard does not have, and for
 * repetitions, which are the host's own business.
 */
size_t keyboard_press(struct keyboard *keyboard, const struct keyboard_event *event,
		      uint64_t now, struct kvmhid_event *out);

/* All keys are up: the host has been told to let them go. */
void keyboard_released(struct keyboard *keyboard);

#endif
