// SPDX-License-Identifier: Apache-2.0
/*
 * Keysyms of X11 to keys of a US keyboard. Pure. Keysyms are as in <X11/keysymdef.h>
 * and <X11/XF86keysym.h>, usages as in HID Usage Tables 1.12, section 10.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "keysym.h"

/* Keysyms of Unicode characters have this added (X11 protocol, appendix A). */
#define KEYSYM_UNICODE	0x01000000

#define ASCII_FIRST	0x20
#define ASCII_LAST	0x7e

/* Set in the usage of a character that is typed with Shift. */
#define S		0x8000

/* From ' ' to '~' without the letters and digits, which are in rows of their own. */
static const uint16_t ascii[ASCII_LAST - ASCII_FIRST + 1] = {
	[' ' - ASCII_FIRST] = 0x2c,
	['!' - ASCII_FIRST] = 0x1e | S,
	['"' - ASCII_FIRST] = 0x34 | S,
	['#' - ASCII_FIRST] = 0x20 | S,
	['$' - ASCII_FIRST] = 0x21 | S,
	['%' - ASCII_FIRST] = 0x22 | S,
	['&' - ASCII_FIRST] = 0x24 | S,
	['\'' - ASCII_FIRST] = 0x34,
	['(' - ASCII_FIRST] = 0x26 | S,
	[')' - ASCII_FIRST] = 0x27 | S,
	['*' - ASCII_FIRST] = 0x25 | S,
	['+' - ASCII_FIRST] = 0x2e | S,
	[',' - ASCII_FIRST] = 0x36,
	['-' - ASCII_FIRST] = 0x2d,
	['.' - ASCII_FIRST] = 0x37,
	['/' - ASCII_FIRST] = 0x38,
	[':' - ASCII_FIRST] = 0x33 | S,
	[';' - ASCII_FIRST] = 0x33,
	['<' - ASCII_FIRST] = 0x36 | S,
	['=' - ASCII_FIRST] = 0x2e,
	['>' - ASCII_FIRST] = 0x37 | S,
	['?' - ASCII_FIRST] = 0x38 | S,
	['@' - ASCII_FIRST] = 0x1f | S,
	['[' - ASCII_FIRST] = 0x2f,
	['\\' - ASCII_FIRST] = 0x31,
	[']' - ASCII_FIRST] = 0x30,
	['^' - ASCII_FIRST] = 0x23 | S,
	['_' - ASCII_FIRST] = 0x2d | S,
	['`' - ASCII_FIRST] = 0x35,
	['{' - ASCII_FIRST] = 0x2f | S,
	['|' - ASCII_FIRST] = 0x31 | S,
	['}' - ASCII_FIRST] = 0x30 | S,
	['~' - ASCII_FIRST] = 0x35 | S,
};

struct named_key {
	uint16_t keysym;
	uint8_t usage;
};

/* Keys that mean the same with and without Shift, in the order of keysyms. */
static const struct named_key named[] = {
	{ 0x00a6, 0x64 },	/* brokenbar: on the ISO 102nd key, as in X's own table */
	{ 0xfe03, 0xe6 },	/* ISO_Level3_Shift: AltGr */
	{ 0xfe20, 0x2b },	/* ISO_Left_Tab: what Shift makes of Tab */
	{ 0xff08, 0x2a },	/* BackSpace */
	{ 0xff09, 0x2b },	/* Tab */
	{ 0xff0d, 0x28 },	/* Return */
	{ 0xff13, 0x48 },	/* Pause */
	{ 0xff14, 0x47 },	/* Scroll_Lock */
	{ 0xff15, 0x46 },	/* Sys_Req: what Alt makes of Print */
	{ 0xff1b, 0x29 },	/* Escape */
	{ 0xff50, 0x4a },	/* Home */
	{ 0xff51, 0x50 },	/* Left */
	{ 0xff52, 0x52 },	/* Up */
	{ 0xff53, 0x4f },	/* Right */
	{ 0xff54, 0x51 },	/* Down */
	{ 0xff55, 0x4b },	/* Page_Up */
	{ 0xff56, 0x4e },	/* Page_Down */
	{ 0xff57, 0x4d },	/* End */
	{ 0xff61, 0x46 },	/* Print */
	{ 0xff63, 0x49 },	/* Insert */
	{ 0xff67, 0x65 },	/* Menu */
	{ 0xff6b, 0x48 },	/* Break: what Control makes of Pause */
	{ 0xff7e, 0xe6 },	/* Mode_switch: AltGr */
	{ 0xff7f, 0x53 },	/* Num_Lock */
	{ 0xff8d, 0x58 },	/* KP_Enter */
	{ 0xffaa, 0x55 },	/* KP_Multiply */
	{ 0xffab, 0x57 },	/* KP_Add */
	{ 0xffac, 0x85 },	/* KP_Separator */
	{ 0xffad, 0x56 },	/* KP_Subtract */
	{ 0xffaf, 0x54 },	/* KP_Divide */
	{ 0xffbd, 0x67 },	/* KP_Equal */
	{ 0xffe1, 0xe1 },	/* Shift_L */
	{ 0xffe2, 0xe5 },	/* Shift_R */
	{ 0xffe3, 0xe0 },	/* Control_L */
	{ 0xffe4, 0xe4 },	/* Control_R */
	{ 0xffe5, 0x39 },	/* Caps_Lock */
	{ 0xffe7, 0xe2 },	/* Meta_L: what Shift makes of Alt_L, and Option on a Mac */
	{ 0xffe8, 0xe6 },	/* Meta_R */
	{ 0xffe9, 0xe2 },	/* Alt_L */
	{ 0xffea, 0xe6 },	/* Alt_R */
	{ 0xffeb, 0xe3 },	/* Super_L */
	{ 0xffec, 0xe7 },	/* Super_R */
	{ 0xffed, 0xe3 },	/* Hyper_L */
	{ 0xffee, 0xe7 },	/* Hyper_R */
	{ 0xffff, 0x4c },	/* Delete */
};

struct keypad_key {
	uint16_t with_num_lock;		/* keysym */
	uint16_t without;		/* keysym */
	uint8_t usage;
	uint8_t instead_of_digit;	/* usage of the same character elsewhere */
	uint8_t instead_of_function;	/* usage of the same function elsewhere */
};

static const struct keypad_key keypad[] = {
	{ 0xffb0, 0xff9e, 0x62, 0x27, 0x49 },	/* KP_0, KP_Insert */
	{ 0xffb1, 0xff9c, 0x59, 0x1e, 0x4d },	/* KP_1, KP_End */
	{ 0xffb2, 0xff99, 0x5a, 0x1f, 0x51 },	/* KP_2, KP_Down */
	{ 0xffb3, 0xff9b, 0x5b, 0x20, 0x4e },	/* KP_3, KP_Page_Down */
	{ 0xffb4, 0xff96, 0x5c, 0x21, 0x50 },	/* KP_4, KP_Left */
	{ 0xffb5, 0xff9d, 0x5d, 0x22, 0x5d },	/* KP_5, KP_Begin, which is nowhere else */
	{ 0xffb6, 0xff98, 0x5e, 0x23, 0x4f },	/* KP_6, KP_Right */
	{ 0xffb7, 0xff95, 0x5f, 0x24, 0x4a },	/* KP_7, KP_Home */
	{ 0xffb8, 0xff97, 0x60, 0x25, 0x52 },	/* KP_8, KP_Up */
	{ 0xffb9, 0xff9a, 0x61, 0x26, 0x4b },	/* KP_9, KP_Page_Up */
	{ 0xffae, 0xff9f, 0x63, 0x37, 0x4c },	/* KP_Decimal, KP_Delete */
};

#define KEYSYM_F1	0xffbe
#define KEYSYM_F12	0xffc9
#define KEYSYM_F13	0xffca
#define KEYSYM_F24	0xffd5
#define USAGE_F1	0x3a
#define USAGE_F13	0x68

static bool lookup_character(uint32_t keysym, struct keysym_key *key)
{
	if (keysym >= 'a' && keysym <= 'z') {
		*key = (struct keysym_key){ .usage = (uint8_t)(HID_A + keysym - 'a'),
					    .shift = KEYSYM_SHIFT_UP, .letter = true };
	} else if (keysym >= 'A' && keysym <= 'Z') {
		*key = (struct keysym_key){ .usage = (uint8_t)(HID_A + keysym - 'A'),
					    .shift = KEYSYM_SHIFT_DOWN, .letter = true };
	} else if (keysym >= '0' && keysym <= '9') {
		*key = (struct keysym_key){ .usage = keysym == '0' ? HID_0 :
						(uint8_t)(HID_1 + keysym - '1'),
					    .shift = KEYSYM_SHIFT_UP };
	} else {
		uint16_t entry = ascii[keysym - ASCII_FIRST];

		*key = (struct keysym_key){ .usage = (uint8_t)entry,
					    .shift = entry & S ? KEYSYM_SHIFT_DOWN :
								 KEYSYM_SHIFT_UP };
	}
	/* A space is one with Shift, too. */
	if (keysym == ' ')
		key->shift = KEYSYM_SHIFT_ANY;
	return true;
}

static bool lookup_keypad(uint32_t keysym, struct keysym_key *key)
{
	for (unsigned int i = 0; i < sizeof(keypad) / sizeof(keypad[0]); i++) {
		const struct keypad_key *entry = &keypad[i];

		if (keysym != entry->with_num_lock && keysym != entry->without)
			continue;
		*key = (struct keysym_key){ .usage = entry->usage };
		if (keysym == entry->with_num_lock) {
			key->num_lock = KEYSYM_NUM_LOCK_ON;
			key->otherwise = entry->instead_of_digit;
		} else {
			key->num_lock = KEYSYM_NUM_LOCK_OFF;
			key->otherwise = entry->instead_of_function;
		}
		return true;
	}
	return false;
}

bool keysym_lookup(uint32_t keysym, struct keysym_key *key)
{
	if (keysym >= KEYSYM_UNICODE + ASCII_FIRST && keysym <= KEYSYM_UNICODE + ASCII_LAST)
		keysym -= KEYSYM_UNICODE;
	if (keysym >= ASCII_FIRST && keysym <= ASCII_LAST)
		return lookup_character(keysym, key);
	if (keysym >= KEYSYM_F1 && keysym <= KEYSYM_F12) {
		*key = (struct keysym_key){ .usage = (uint8_t)(USAGE_F1 + keysym - KEYSYM_F1) };
		return true;
	}
	if (keysym >= KEYSYM_F13 && keysym <= KEYSYM_F24) {
		*key = (struct keysym_key){ .usage = (uint8_t)(USAGE_F13 + keysym - KEYSYM_F13) };
		return true;
	}
	for (unsigned int i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (named[i].keysym == keysym) {
			*key = (struct keysym_key){ .usage = named[i].usage };
			return true;
		}
	}
	return lookup_keypad(keysym, key);
}
