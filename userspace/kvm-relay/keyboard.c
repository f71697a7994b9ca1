// SPDX-License-Identifier: Apache-2.0
/*
 * One client's keyboard. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "keyboard.h"
#include "keysym.h"
#include "qemu_keys.h"

#define HID_PAGE_KEYBOARD	0x07

static void emit(struct kvmhid_event **out, uint8_t usage, bool down)
{
	*(*out)++ = (struct kvmhid_event){
		.type = KVMHID_EVENT_KEY,
		.key = { .page = HID_PAGE_KEYBOARD, .usage = usage, .down = down },
	};
}

static bool is_held(const struct keyboard *keyboard, uint8_t usage)
{
	return memchr(keyboard->held, usage, keyboard->held_count);
}

static bool is_modifier(uint8_t usage)
{
	return usage >= HID_LEFT_CONTROL;
}

/* A lock key toggles its LED; what it will be is known before the host says so. */
static void expect_lock(struct keyboard *keyboard, uint8_t usage, uint64_t now)
{
	uint8_t led;

	if (usage == HID_CAPS_LOCK)
		led = KVMHID_LED_CAPS_LOCK;
	else if (usage == HID_NUM_LOCK)
		led = KVMHID_LED_NUM_LOCK;
	else
		return;
	if (now >= keyboard->expected_until)
		keyboard->expected = keyboard->leds;
	keyboard->expected ^= led;
	keyboard->expected_until = now + KEYBOARD_LOCK_WAIT_MS;
}

static uint8_t current_leds(const struct keyboard *keyboard, uint64_t now)
{
	if (!keyboard->leds_known)
		return 0;
	return now < keyboard->expected_until ? keyboard->expected : keyboard->leds;
}

void keyboard_leds(struct keyboard *keyboard, uint8_t leds, bool known)
{
	keyboard->leds = leds;
	keyboard->leds_known = known;
	if (leds == keyboard->expected)
		keyboard->expected_until = 0;
}

static void release_at(struct keyboard *keyboard, unsigned int i, struct kvmhid_event **out)
{
	emit(out, keyboard->held[i], false);
	keyboard->held_count--;
	memmove(keyboard->held + i, keyboard->held + i + 1, keyboard->held_count - i);
}

/*
 * The release of a key that is not down: its keysym has changed between press
 * and release in a way that a US layout does not explain. Which key it was
 * cannot be known; none may stay down, so all that make characters go up.
 */
static void release_unknown(struct keyboard *keyboard, struct kvmhid_event **out)
{
	for (unsigned int i = keyboard->held_count; i-- > 0;)
		if (!is_modifier(keyboard->held[i]))
			release_at(keyboard, i, out);
}

static void release_usage(struct keyboard *keyboard, uint8_t usage,
			  struct kvmhid_event **out)
{
	for (unsigned int i = 0; i < keyboard->held_count; i++) {
		if (keyboard->held[i] == usage) {
			release_at(keyboard, i, out);
			return;
		}
	}
	if (!is_modifier(usage))
		release_unknown(keyboard, out);
}

/* Return: whether the key was up and there was room to remember it. */
static bool press_usage(struct keyboard *keyboard, uint8_t usage, uint64_t now,
			struct kvmhid_event **out)
{
	if (is_held(keyboard, usage) || keyboard->held_count == KEYBOARD_HELD_MAX)
		return false;
	keyboard->held[keyboard->held_count++] = usage;
	emit(out, usage, true);
	expect_lock(keyboard, usage, now);
	return true;
}

/* Whether a shortcut is being typed, whose letter is a key rather than a character. */
static bool in_shortcut(const struct keyboard *keyboard)
{
	return is_held(keyboard, HID_LEFT_CONTROL) || is_held(keyboard, HID_RIGHT_CONTROL) ||
	       is_held(keyboard, HID_LEFT_ALT) || is_held(keyboard, HID_LEFT_GUI) ||
	       is_held(keyboard, HID_RIGHT_GUI);
}

/* Press @key with Shift down, although the client does not hold it. */
static void press_shifted(struct keyboard *keyboard, uint8_t usage, uint64_t now,
			  struct kvmhid_event **out)
{
	emit(out, HID_LEFT_SHIFT, true);
	press_usage(keyboard, usage, now, out);
	emit(out, HID_LEFT_SHIFT, false);
}

/* Press @key with Shift up, although the client holds one or both. */
static void press_unshifted(struct keyboard *keyboard, uint8_t usage, uint64_t now,
			    struct kvmhid_event **out)
{
	bool left = is_held(keyboard, HID_LEFT_SHIFT);
	bool right = is_held(keyboard, HID_RIGHT_SHIFT);

	if (left)
		emit(out, HID_LEFT_SHIFT, false);
	if (right)
		emit(out, HID_RIGHT_SHIFT, false);
	press_usage(keyboard, usage, now, out);
	if (left)
		emit(out, HID_LEFT_SHIFT, true);
	if (right)
		emit(out, HID_RIGHT_SHIFT, true);
}

static void press_key(struct keyboard *keyboard, const struct keysym_key *key, uint64_t now,
		      struct kvmhid_event **out)
{
	bool shifted = is_held(keyboard, HID_LEFT_SHIFT) || is_held(keyboard, HID_RIGHT_SHIFT);
	bool caps = current_leds(keyboard, now) & KVMHID_LED_CAPS_LOCK;
	bool wanted = (key->shift == KEYSYM_SHIFT_DOWN) != (key->letter && caps);

	if (is_held(keyboard, key->usage) || keyboard->held_count == KEYBOARD_HELD_MAX)
		return;
	if (key->shift == KEYSYM_SHIFT_ANY || wanted == shifted ||
	    (key->letter && in_shortcut(keyboard)))
		press_usage(keyboard, key->usage, now, out);
	else if (wanted)
		press_shifted(keyboard, key->usage, now, out);
	else
		press_unshifted(keyboard, key->usage, now, out);
}

/* Keysyms of the keypad say what Num Lock is for the client; it may not be so for the host. */
static uint8_t choose_usage(const struct keyboard *keyboard, const struct keysym_key *key,
			    uint64_t now)
{
	bool on = current_leds(keyboard, now) & KVMHID_LED_NUM_LOCK;

	if (!keyboard->leds_known)
		return key->usage;
	if (key->num_lock == KEYSYM_NUM_LOCK_ON && !on)
		return key->otherwise;
	if (key->num_lock == KEYSYM_NUM_LOCK_OFF && on)
		return key->otherwise;
	return key->usage;
}

static void release_key(struct keyboard *keyboard, const struct keysym_key *key,
			struct kvmhid_event **out)
{
	/* Num Lock may have changed since the press. */
	if (key->otherwise && !is_held(keyboard, key->usage) &&
	    is_held(keyboard, key->otherwise))
		release_usage(keyboard, key->otherwise, out);
	else
		release_usage(keyboard, key->usage, out);
}

size_t keyboard_press(struct keyboard *keyboard, const struct keyboard_event *event,
		      uint64_t now, struct kvmhid_event *out)
{
	struct kvmhid_event *end = out;
	uint8_t usage = qemu_key_usage(event->scancode);
	struct keysym_key key;

	if (usage) {
		if (event->down)
			press_usage(keyboard, usage, now, &end);
		else
			release_usage(keyboard, usage, &end);
	} else if (keysym_lookup(event->keysym, &key)) {
		if (event->down) {
			key.usage = choose_usage(keyboard, &key, now);
			press_key(keyboard, &key, now, &end);
		} else {
			release_key(keyboard, &key, &end);
		}
	} else if (!event->down) {
		release_unknown(keyboard, &end);
	}
	return (size_t)(end - out);
}

void keyboard_released(struct keyboard *keyboard)
{
	keyboard->held_count = 0;
}
