// SPDX-License-Identifier: Apache-2.0
/*
 * Keysyms and scancodes to keys, against X's own US layout and the kernel's names
 * of keys; and what a host makes of what clients type, by a host that is
 * libxkbcommon.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "keyboard.h"
#include "keysym.h"
#include "qemu_keys.h"
#include "tap.h"

#define EVDEV_OFFSET	8	/* of X's keycodes */
#define CODES		256

/* HID Usage Tables 1.12, section 10, beside the kernel's names. */
static const uint8_t usage_of[CODES] = {
	[KEY_A] = 0x04, [KEY_B] = 0x05, [KEY_C] = 0x06, [KEY_D] = 0x07, [KEY_E] = 0x08,
	[KEY_F] = 0x09, [KEY_G] = 0x0a, [KEY_H] = 0x0b, [KEY_I] = 0x0c, [KEY_J] = 0x0d,
	[KEY_K] = 0x0e, [KEY_L] = 0x0f, [KEY_M] = 0x10, [KEY_N] = 0x11, [KEY_O] = 0x12,
	[KEY_P] = 0x13, [KEY_Q] = 0x14, [KEY_R] = 0x15, [KEY_S] = 0x16, [KEY_T] = 0x17,
	[KEY_U] = 0x18, [KEY_V] = 0x19, [KEY_W] = 0x1a, [KEY_X] = 0x1b, [KEY_Y] = 0x1c,
	[KEY_Z] = 0x1d, [KEY_1] = 0x1e, [KEY_2] = 0x1f, [KEY_3] = 0x20, [KEY_4] = 0x21,
	[KEY_5] = 0x22, [KEY_6] = 0x23, [KEY_7] = 0x24, [KEY_8] = 0x25, [KEY_9] = 0x26,
	[KEY_0] = 0x27, [KEY_ENTER] = 0x28, [KEY_ESC] = 0x29, [KEY_BACKSPACE] = 0x2a,
	[KEY_TAB] = 0x2b, [KEY_SPACE] = 0x2c, [KEY_MINUS] = 0x2d, [KEY_EQUAL] = 0x2e,
	[KEY_LEFTBRACE] = 0x2f, [KEY_RIGHTBRACE] = 0x30, [KEY_BACKSLASH] = 0x31,
	[KEY_SEMICOLON] = 0x33, [KEY_APOSTROPHE] = 0x34, [KEY_GRAVE] = 0x35,
	[KEY_COMMA] = 0x36, [KEY_DOT] = 0x37, [KEY_SLASH] = 0x38, [KEY_CAPSLOCK] = 0x39,
	[KEY_F1] = 0x3a, [KEY_F2] = 0x3b, [KEY_F3] = 0x3c, [KEY_F4] = 0x3d, [KEY_F5] = 0x3e,
	[KEY_F6] = 0x3f, [KEY_F7] = 0x40, [KEY_F8] = 0x41, [KEY_F9] = 0x42, [KEY_F10] = 0x43,
	[KEY_F11] = 0x44, [KEY_F12] = 0x45, [KEY_SYSRQ] = 0x46, [KEY_SCROLLLOCK] = 0x47,
	[KEY_PAUSE] = 0x48, [KEY_INSERT] = 0x49, [KEY_HOME] = 0x4a, [KEY_PAGEUP] = 0x4b,
	[KEY_DELETE] = 0x4c, [KEY_END] = 0x4d, [KEY_PAGEDOWN] = 0x4e, [KEY_RIGHT] = 0x4f,
	[KEY_LEFT] = 0x50, [KEY_DOWN] = 0x51, [KEY_UP] = 0x52, [KEY_NUMLOCK] = 0x53,
	[KEY_KPSLASH] = 0x54, [KEY_KPASTERISK] = 0x55, [KEY_KPMINUS] = 0x56,
	[KEY_KPPLUS] = 0x57, [KEY_KPENTER] = 0x58, [KEY_KP1] = 0x59, [KEY_KP2] = 0x5a,
	[KEY_KP3] = 0x5b, [KEY_KP4] = 0x5c, [KEY_KP5] = 0x5d, [KEY_KP6] = 0x5e,
	[KEY_KP7] = 0x5f, [KEY_KP8] = 0x60, [KEY_KP9] = 0x61, [KEY_KP0] = 0x62,
	[KEY_KPDOT] = 0x63, [KEY_102ND] = 0x64, [KEY_COMPOSE] = 0x65, [KEY_KPEQUAL] = 0x67,
	[KEY_F13] = 0x68, [KEY_F14] = 0x69, [KEY_F15] = 0x6a, [KEY_F16] = 0x6b,
	[KEY_F17] = 0x6c, [KEY_F18] = 0x6d, [KEY_F19] = 0x6e, [KEY_F20] = 0x6f,
	[KEY_F21] = 0x70, [KEY_F22] = 0x71, [KEY_F23] = 0x72, [KEY_F24] = 0x73,
	[KEY_KPCOMMA] = 0x85, [KEY_RO] = 0x87, [KEY_KATAKANAHIRAGANA] = 0x88,
	[KEY_YEN] = 0x89, [KEY_HENKAN] = 0x8a, [KEY_MUHENKAN] = 0x8b, [KEY_HANGEUL] = 0x90,
	[KEY_HANJA] = 0x91, [KEY_KATAKANA] = 0x92, [KEY_HIRAGANA] = 0x93,
	[KEY_ZENKAKUHANKAKU] = 0x94, [KEY_LEFTCTRL] = 0xe0, [KEY_LEFTSHIFT] = 0xe1,
	[KEY_LEFTALT] = 0xe2, [KEY_LEFTMETA] = 0xe3, [KEY_RIGHTCTRL] = 0xe4,
	[KEY_RIGHTSHIFT] = 0xe5, [KEY_RIGHTALT] = 0xe6, [KEY_RIGHTMETA] = 0xe7,
};

static struct xkb_keymap *us_layout(struct xkb_context *context)
{
	const struct xkb_rule_names names = { .rules = "evdev", .model = "pc105",
					      .layout = "us" };

	return xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
}

static unsigned int code_of(uint8_t usage)
{
	for (unsigned int code = 1; code < CODES; code++)
		if (usage_of[code] == usage)
			return code;
	return 0;
}

/* Keysyms of X that two keys make, or that the relay takes from another key on purpose. */
static bool is_elsewhere(unsigned int code, xkb_keysym_t keysym)
{
	if (code == KEY_102ND)
		return keysym == XKB_KEY_less || keysym == XKB_KEY_greater ||
		       keysym == XKB_KEY_bar;
	if (code == KEY_KPCOMMA)
		return keysym == XKB_KEY_KP_Decimal;
	/* F13 to F18 and so on have other meanings in X's evdev keycodes. */
	return code >= KEY_F13 && code <= KEY_F24;
}

/* Every keysym that X's US layout has on a key of the first two levels must be that key. */
static void test_x_layout(struct xkb_keymap *keymap)
{
	unsigned int keysyms = 0, wrong = 0;

	for (unsigned int code = 1; code < CODES; code++) {
		for (unsigned int level = 0; usage_of[code] && level < 2; level++) {
			const xkb_keysym_t *syms;
			struct keysym_key key;
			int count = xkb_keymap_key_get_syms_by_level(keymap, code + EVDEV_OFFSET,
								     0, level, &syms);

			if (count != 1 || is_elsewhere(code, syms[0]) ||
			    (code >= KEY_ZENKAKUHANKAKU && code <= KEY_MUHENKAN) ||
			    code == KEY_HANGEUL || code == KEY_HANJA)
				continue;
			keysyms++;
			if (keysym_lookup(syms[0], &key) && key.usage == usage_of[code])
				continue;
			wrong++;
			tap_diag("keysym 0x%x of key %u, level %u", syms[0], code, level);
		}
	}
	tap_ok(keysyms > 150 && !wrong, "%u keysyms of X's US layout are where X has them",
	       keysyms);
}

static void test_printable(struct xkb_keymap *keymap)
{
	bool good = true;

	for (uint32_t c = ' '; c <= '~'; c++) {
		const xkb_keysym_t *syms;
		struct keysym_key key, unicode;
		unsigned int level;

		if (!keysym_lookup(c, &key) || !keysym_lookup(0x01000000 + c, &unicode) ||
		    key.usage != unicode.usage) {
			good = false;
			continue;
		}
		level = key.shift == KEYSYM_SHIFT_DOWN;
		if (xkb_keymap_key_get_syms_by_level(keymap, code_of(key.usage) + EVDEV_OFFSET,
						     0, level, &syms) != 1 || syms[0] != c) {
			tap_diag("'%c'", c);
			good = false;
		}
	}
	tap_ok(good, "every printable character is on its key and level in X's US layout");
}

/* Keysyms that no key of X's US layout has on its first levels, but clients send. */
static void test_other_keysyms(void)
{
	static const struct { uint32_t keysym; unsigned int code; } others[] = {
		{ XKB_KEY_F13, KEY_F13 }, { XKB_KEY_F18, KEY_F18 }, { XKB_KEY_F24, KEY_F24 },
		{ XKB_KEY_ISO_Level3_Shift, KEY_RIGHTALT }, { XKB_KEY_Mode_switch, KEY_RIGHTALT },
		{ XKB_KEY_Meta_L, KEY_LEFTALT }, { XKB_KEY_Sys_Req, KEY_SYSRQ },
		{ XKB_KEY_Break, KEY_PAUSE }, { XKB_KEY_ISO_Left_Tab, KEY_TAB },
		{ XKB_KEY_brokenbar, KEY_102ND }, { XKB_KEY_Super_R, KEY_RIGHTMETA },
		{ XKB_KEY_KP_Separator, KEY_KPCOMMA }, { XKB_KEY_KP_Equal, KEY_KPEQUAL },
	};
	struct keysym_key key;

	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		tap_ok(keysym_lookup(others[i].keysym, &key) &&
		       key.usage == usage_of[others[i].code], "keysym 0x%x is key %u",
		       others[i].keysym, others[i].code);
	tap_ok(!keysym_lookup(0, &key) && !keysym_lookup(0xe4, &key) &&
	       !keysym_lookup(0x1008ff13, &key) && !keysym_lookup(0xffffffff, &key) &&
	       !keysym_lookup(0x7f, &key) && !keysym_lookup(0x1f, &key) &&
	       !keysym_lookup(0x100007f, &key), "other keysyms are no keys");
}

/* Without a prefix XT's scancodes are the kernel's numbers; the others by name. */
static void test_scancodes(void)
{
	static const struct { uint8_t scancode, code; } others[] = {
		{ 0x54, KEY_SYSRQ }, { 0xb7, KEY_SYSRQ }, { 0xc6, KEY_PAUSE },
		{ 0x9c, KEY_KPENTER }, { 0x9d, KEY_RIGHTCTRL }, { 0xb5, KEY_KPSLASH },
		{ 0xb8, KEY_RIGHTALT }, { 0xc7, KEY_HOME }, { 0xc8, KEY_UP },
		{ 0xc9, KEY_PAGEUP }, { 0xcb, KEY_LEFT }, { 0xcd, KEY_RIGHT },
		{ 0xcf, KEY_END }, { 0xd0, KEY_DOWN }, { 0xd1, KEY_PAGEDOWN },
		{ 0xd2, KEY_INSERT }, { 0xd3, KEY_DELETE }, { 0xdb, KEY_LEFTMETA },
		{ 0xdc, KEY_RIGHTMETA }, { 0xdd, KEY_COMPOSE }, { 0x5d, KEY_F13 },
		{ 0x5e, KEY_F14 }, { 0x5f, KEY_F15 }, { 0x55, KEY_F16 }, { 0x83, KEY_F17 },
		{ 0xf7, KEY_F18 }, { 0x84, KEY_F19 }, { 0x5a, KEY_F20 }, { 0x74, KEY_F21 },
		{ 0xf9, KEY_F22 }, { 0x6d, KEY_F23 }, { 0x6f, KEY_F24 }, { 0x59, KEY_KPEQUAL },
		{ 0x7e, KEY_KPCOMMA }, { 0x73, KEY_RO }, { 0x7d, KEY_YEN },
		{ 0x79, KEY_HENKAN }, { 0x7b, KEY_MUHENKAN }, { 0x70, KEY_KATAKANAHIRAGANA },
		{ 0x71, KEY_HANJA }, { 0x72, KEY_HANGEUL }, { 0x76, KEY_ZENKAKUHANKAKU },
		{ 0x77, KEY_HIRAGANA }, { 0x78, KEY_KATAKANA },
	};
	bool known[CODES] = { false };
	bool good = true;

	for (unsigned int code = 1; code <= KEY_F12; code++) {
		if (code == 0x54 || code == 0x55)
			continue;
		known[code] = true;
		good = good && qemu_key_usage(code) == usage_of[code] && usage_of[code];
	}
	tap_ok(good, "scancodes without a prefix");
	good = true;
	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		known[others[i].scancode] = true;
		if (qemu_key_usage(others[i].scancode) != usage_of[others[i].code])
			good = tap_ok(false, "scancode 0x%x", others[i].scancode);
	}
	tap_ok(good, "scancodes with a prefix, and odd ones");
	good = !qemu_key_usage(256) && !qemu_key_usage(0xffffffff) && !qemu_key_usage(0xe01c);
	for (unsigned int i = 0; i < CODES; i++)
		good = good && (known[i] || !qemu_key_usage(i));
	tap_ok(good, "no other scancode is a key");
}

/**
 * struct host - a host that makes characters of kvmhid events
 * @state: of its keyboard
 * @text: typed so far
 * @down: keys that are down, by usage
 * @illegal: a transition that was none
 */
struct host {
	struct xkb_state *state;
	char text[512];
	bool down[256];
	bool illegal;
};

static void host_take(struct host *host, const struct kvmhid_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct kvmhid_key *key = &events[i].key;
		xkb_keycode_t code = code_of((uint8_t)key->usage) + EVDEV_OFFSET;
		char character[8] = "";
		size_t length;

		host->illegal = host->illegal || events[i].type != KVMHID_EVENT_KEY ||
				key->page != 7 || host->down[key->usage] == key->down;
		host->down[key->usage] = key->down;
		if (key->down)
			xkb_state_key_get_utf8(host->state, code, character, sizeof(character));
		xkb_state_update_key(host->state, code, key->down ? XKB_KEY_DOWN : XKB_KEY_UP);
		length = strlen(host->text);
		snprintf(host->text + length, sizeof(host->text) - length, "%s", character);
	}
}

static bool host_all_up(const struct host *host)
{
	for (unsigned int i = 0; i < 256; i++)
		if (host->down[i])
			return false;
	return !host->illegal;
}

static uint8_t host_leds(const struct host *host)
{
	uint8_t leds = 0;

	if (xkb_state_led_name_is_active(host->state, XKB_LED_NAME_CAPS) > 0)
		leds |= KVMHID_LED_CAPS_LOCK;
	if (xkb_state_led_name_is_active(host->state, XKB_LED_NAME_NUM) > 0)
		leds |= KVMHID_LED_NUM_LOCK;
	return leds;
}

/**
 * struct desk - a client's keyboard and the host that it types on
 * @keyboard: of the client
 * @host: the host
 * @now: time in ms
 */
struct desk {
	struct keyboard keyboard;
	struct host host;
	uint64_t now;
};

static void desk_init(struct desk *desk, struct xkb_keymap *keymap)
{
	memset(desk, 0, sizeof(*desk));
	desk->host.state = xkb_state_new(keymap);
	desk->now = 1000;
	keyboard_leds(&desk->keyboard, 0, true);
}

static void key(struct desk *desk, uint32_t keysym, bool down)
{
	struct keyboard_event event = { .down = down, .keysym = keysym };
	struct kvmhid_event events[KEYBOARD_EVENTS_MAX] = { 0 };

	host_take(&desk->host, events,
		  keyboard_press(&desk->keyboard, &event, desk->now, events));
}

static void scancode(struct desk *desk, uint32_t code, bool down)
{
	struct keyboard_event event = { .down = down, .keysym = 'x', .scancode = code };
	struct kvmhid_event events[KEYBOARD_EVENTS_MAX] = { 0 };

	host_take(&desk->host, events,
		  keyboard_press(&desk->keyboard, &event, desk->now, events));
}

static void tap_key(struct desk *desk, uint32_t keysym)
{
	key(desk, keysym, true);
	key(desk, keysym, false);
}

/* How a client types a character on a US keyboard: with Shift, or knowing none. */
enum shift_style { SHIFT_AS_USUAL, SHIFT_NEVER, SHIFT_ALWAYS };

static void type_all(struct desk *desk, enum shift_style style)
{
	for (uint32_t c = ' '; c <= '~'; c++) {
		struct keysym_key entry;
		bool shift = style == SHIFT_ALWAYS;

		keysym_lookup(c, &entry);
		if (style == SHIFT_AS_USUAL)
			shift = entry.shift == KEYSYM_SHIFT_DOWN;
		if (shift)
			key(desk, XKB_KEY_Shift_R, true);
		tap_key(desk, c);
		if (shift)
			key(desk, XKB_KEY_Shift_R, false);
	}
}

static bool typed_all(const struct desk *desk)
{
	for (unsigned int i = 0; i <= '~' - ' '; i++) {
		if (desk->host.text[i] != (char)(' ' + i)) {
			tap_diag("at '%c': %s", ' ' + i, desk->host.text);
			return false;
		}
	}
	return strlen(desk->host.text) == '~' - ' ' + 1 && host_all_up(&desk->host);
}

static void test_typing(struct xkb_keymap *keymap)
{
	static const char *const styles[] = { "with Shift", "without ever a Shift",
					      "with Shift always held" };
	struct desk desk;

	for (enum shift_style style = SHIFT_AS_USUAL; style <= SHIFT_ALWAYS; style++) {
		desk_init(&desk, keymap);
		type_all(&desk, style);
		tap_ok(typed_all(&desk), "all characters, typed %s", styles[style]);
		xkb_state_unref(desk.host.state);

		desk_init(&desk, keymap);
		tap_key(&desk, XKB_KEY_Caps_Lock);
		desk.host.text[0] = '\0';
		keyboard_leds(&desk.keyboard, host_leds(&desk.host), true);
		desk.now += 10 * KEYBOARD_LOCK_WAIT_MS;
		type_all(&desk, style);
		tap_ok(typed_all(&desk) && host_leds(&desk.host) == KVMHID_LED_CAPS_LOCK,
		       "all characters, typed %s, under Caps Lock", styles[style]);
		xkb_state_unref(desk.host.state);

		desk_init(&desk, keymap);
		tap_key(&desk, XKB_KEY_Caps_Lock);
		desk.host.text[0] = '\0';
		type_all(&desk, style);
		tap_ok(typed_all(&desk),
		       "all characters, typed %s, before the host shows Caps Lock", styles[style]);
		xkb_state_unref(desk.host.state);
	}
}

static void test_locks(struct xkb_keymap *keymap)
{
	struct desk desk;

	/* A host that ignores Caps Lock: what was expected is forgotten. */
	desk_init(&desk, keymap);
	key(&desk, XKB_KEY_Caps_Lock, true);
	key(&desk, XKB_KEY_Caps_Lock, false);
	xkb_state_unref(desk.host.state);
	desk.host.state = xkb_state_new(keymap);
	desk.host.text[0] = '\0';
	desk.now += KEYBOARD_LOCK_WAIT_MS;
	tap_key(&desk, 'a');
	tap_ok(!strcmp(desk.host.text, "a"), "a Caps Lock that the host does not show is forgotten");
	xkb_state_unref(desk.host.state);

	/* Firmware that never says what its LEDs are: nothing is compensated. */
	desk_init(&desk, keymap);
	keyboard_leds(&desk.keyboard, 0, false);
	tap_key(&desk, XKB_KEY_Caps_Lock);
	desk.host.text[0] = '\0';
	tap_key(&desk, 'a');
	tap_ok(!strcmp(desk.host.text, "A"), "unknown LEDs are not guessed at");
	xkb_state_unref(desk.host.state);

	/* The keypad, whose Num Lock is on at the client and off at the host, and back. */
	desk_init(&desk, keymap);
	tap_key(&desk, XKB_KEY_KP_7);
	tap_key(&desk, XKB_KEY_KP_Decimal);
	tap_ok(!strcmp(desk.host.text, "7."), "keypad digits without the host's Num Lock");
	tap_key(&desk, XKB_KEY_Num_Lock);
	keyboard_leds(&desk.keyboard, host_leds(&desk.host), true);
	desk.host.text[0] = '\0';
	tap_key(&desk, XKB_KEY_KP_7);
	key(&desk, XKB_KEY_KP_Home, true);
	tap_ok(!strcmp(desk.host.text, "7") && desk.host.down[0x4a],
	       "keypad functions under the host's Num Lock");
	key(&desk, XKB_KEY_KP_Home, false);
	tap_ok(host_all_up(&desk.host), "... and their release");
	xkb_state_unref(desk.host.state);
}

static void test_releases(struct xkb_keymap *keymap)
{
	struct desk desk;

	desk_init(&desk, keymap);
	key(&desk, XKB_KEY_Shift_L, true);
	key(&desk, 'A', true);
	key(&desk, XKB_KEY_Shift_L, false);
	key(&desk, 'a', false);
	tap_ok(!strcmp(desk.host.text, "A") && host_all_up(&desk.host),
	       "'A' is let go by 'a' when Shift went first");
	key(&desk, XKB_KEY_Shift_L, true);
	key(&desk, '?', true);
	key(&desk, XKB_KEY_Shift_L, false);
	key(&desk, '/', false);
	tap_ok(host_all_up(&desk.host), "'?' is let go by '/'");

	/* A German client: Shift+2 is '"', let go as '2'. */
	key(&desk, XKB_KEY_Shift_L, true);
	key(&desk, '"', true);
	key(&desk, XKB_KEY_Shift_L, false);
	key(&desk, '2', false);
	tap_ok(host_all_up(&desk.host), "a key whose keysym became another key's does not stick");
	key(&desk, 'x', true);
	key(&desk, 0xe4, false);
	tap_ok(host_all_up(&desk.host), "... or that of none");
	key(&desk, XKB_KEY_Control_L, true);
	key(&desk, 0xe4, false);
	tap_ok(desk.host.down[0xe0], "... but modifiers stay");
	key(&desk, XKB_KEY_Control_L, false);
	tap_ok(host_all_up(&desk.host), "... until let go");

	desk.host.text[0] = '\0';
	key(&desk, 'r', true);
	key(&desk, 'r', true);
	key(&desk, 'r', false);
	tap_ok(!strcmp(desk.host.text, "r") && host_all_up(&desk.host),
	       "a client's repetition is left to the host");
	xkb_state_unref(desk.host.state);
}

static void test_shortcuts(struct xkb_keymap *keymap)
{
	struct desk desk;

	desk_init(&desk, keymap);
	tap_key(&desk, XKB_KEY_Caps_Lock);
	key(&desk, XKB_KEY_Control_L, true);
	key(&desk, 'c', true);
	tap_ok(desk.host.down[0x06] && !desk.host.down[0xe1], "Control+C under Caps Lock has no Shift");
	key(&desk, 'c', false);
	key(&desk, '+', true);
	tap_ok(desk.host.down[0x2e], "Control++ is a key");
	key(&desk, '+', false);
	key(&desk, XKB_KEY_Alt_L, true);
	key(&desk, XKB_KEY_Delete, true);
	tap_ok(desk.host.down[0xe0] && desk.host.down[0xe2] && desk.host.down[0x4c],
	       "Control+Alt+Delete");
	key(&desk, XKB_KEY_Delete, false);
	key(&desk, XKB_KEY_Alt_L, false);
	key(&desk, XKB_KEY_Control_L, false);
	tap_ok(host_all_up(&desk.host), "... all let go");
	xkb_state_unref(desk.host.state);
}

static void test_raw(struct xkb_keymap *keymap)
{
	struct desk desk;

	desk_init(&desk, keymap);
	tap_key(&desk, XKB_KEY_Caps_Lock);
	desk.host.text[0] = '\0';
	scancode(&desk, 0x1e, true);
	scancode(&desk, 0x1e, false);
	tap_ok(!strcmp(desk.host.text, "A"), "scancodes are passed as they are");
	scancode(&desk, 0x2a, true);
	scancode(&desk, 0x1e, true);
	scancode(&desk, 0x2a, false);
	scancode(&desk, 0x1e, false);
	tap_ok(!strcmp(desk.host.text, "Aa") && host_all_up(&desk.host), "... with Shift");
	scancode(&desk, 0xd3, true);
	tap_ok(desk.host.down[0x4c], "... with a prefix");
	scancode(&desk, 0xd3, false);
	desk.host.text[0] = '\0';
	scancode(&desk, 0x5b, true);
	scancode(&desk, 0x5b, false);
	tap_ok(!strcmp(desk.host.text, "x"), "an unknown scancode falls back to the keysym");
	xkb_state_unref(desk.host.state);
}

/* More keys than are remembered: none of those sticks either. */
static void test_many(struct xkb_keymap *keymap)
{
	struct desk desk;

	desk_init(&desk, keymap);
	for (uint32_t c = ' '; c <= '~'; c++)
		key(&desk, c, true);
	tap_ok(desk.keyboard.held_count == KEYBOARD_HELD_MAX, "no more keys are held than there is room for");
	for (uint32_t c = ' '; c <= '~'; c++)
		key(&desk, c, false);
	tap_ok(host_all_up(&desk.host), "... and all go up");
	xkb_state_unref(desk.host.state);
}

int main(void)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *keymap = us_layout(context);

	if (!tap_ok(keymap, "X has its US layout"))
		return tap_end();
	test_x_layout(keymap);
	test_printable(keymap);
	test_other_keysyms();
	test_scancodes();
	test_typing(keymap);
	test_locks(keymap);
	test_releases(keymap);
	test_shortcuts(keymap);
	test_raw(keymap);
	test_many(keymap);
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
	return tap_end();
}
