// SPDX-License-Identifier: Apache-2.0
/*
 * One client's pointer events to those of kvmhid. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "pointer.h"
#include "rfb.h"

uint16_t pointer_scale(unsigned int at, unsigned int size)
{
	unsigned int last = size - 1;

	if (size <= 1)
		return 0;
	if (at > last)
		at = last;
	return (uint16_t)((at * (uint64_t)KVMHID_ABSOLUTE_MAX + last / 2) / last);
}

static uint16_t hid_buttons(uint16_t buttons)
{
	uint16_t hid = 0;

	if (buttons & RFB_BUTTON_LEFT)
		hid |= KVMHID_BUTTON_LEFT;
	if (buttons & RFB_BUTTON_MIDDLE)
		hid |= KVMHID_BUTTON_MIDDLE;
	if (buttons & RFB_BUTTON_RIGHT)
		hid |= KVMHID_BUTTON_RIGHT;
	if (buttons & RFB_BUTTON_BACK)
		hid |= KVMHID_BUTTON_BACK;
	if (buttons & RFB_BUTTON_FORWARD)
		hid |= KVMHID_BUTTON_FORWARD;
	return hid;
}

static int16_t detents(uint16_t appeared, uint16_t positive, uint16_t negative)
{
	return (int16_t)(!!(appeared & positive) - !!(appeared & negative));
}

struct kvmhid_event pointer_event(unsigned int x, unsigned int y, unsigned int width,
				  unsigned int height, uint16_t before, uint16_t buttons)
{
	uint16_t appeared = (uint16_t)(buttons & ~before);

	return (struct kvmhid_event){
		.type = KVMHID_EVENT_POINTER,
		.pointer = {
			.x = pointer_scale(x, width),
			.y = pointer_scale(y, height),
			.wheel = detents(appeared, RFB_WHEEL_UP, RFB_WHEEL_DOWN),
			.pan = detents(appeared, RFB_WHEEL_RIGHT, RFB_WHEEL_LEFT),
			.buttons = hid_buttons(buttons),
		},
	};
}
