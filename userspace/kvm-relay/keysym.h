/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keysyms of X11 to keys of a US keyboard, as USB HID usages. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_KEYSYM_H
#define RELAY_KEYSYM_H

#include <stdbool.h>
#include <stdint.h>

/* Usages of the keyboard page (HID Usage Tables, 10) that code speaks of. */
enum hid_usage {
	HID_A = 0x04,
	HID_Z = 0x1d,
	HID_1 = 0x1e,
	HID_0 = 0x27,
	HID_CAPS_LOCK = 0x39,
	HID_NUM_LOCK = 0x53,
	HID_LEFT_CONTROL = 0xe0,
	HID_LEFT_SHIFT = 0xe1,
	HID_LEFT_ALT = 0xe2,
	HID_LEFT_GUI = 0xe3,
	HID_RIGHT_CONTROL = 0xe4,
	HID_RIGHT_SHIFT = 0xe5,
	HID_RIGHT_ALT = 0xe6,
	HID_RIGHT_GUI = 0xe7,
};

/* What a keysym wants Shift to be while its key goes down. */
enum keysym_shift {
	KEYSYM_SHIFT_ANY,	/* the key means the same with and without */
	KEYSYM_SHIFT_UP,
	KEYSYM_SHIFT_DOWN,
};

/* What a keysym wants Num Lock to be. */
enum keysym_num_lock {
	KEYSYM_NUM_LOCK_ANY,
	KEYSYM_NUM_LOCK_ON,
	KEYSYM_NUM_LOCK_OFF,
};

/**
 * struct keysym_key - the key that makes a keysym
 * @usage: on the keyboard page
 * @shift: enum keysym_shift, while Caps Lock is off
 * @letter: Caps Lock inverts Shift
 * @num_lock: enum keysym_num_lock
 * @otherwise: usage of a key that does not depend on Num Lock
 */
struct keysym_key {
	uint8_t usage;
	uint8_t shift;
	bool letter;
	uint8_t num_lock;
	uint8_t otherwise;
};

/* Return: whether a US keyboard has a key for @keysym. */
bool keysym_lookup(uint32_t keysym, struct keysym_key *key);

#endif
