/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client's pointer events to those of kvmhid. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_POINTER_H
#define RELAY_POINTER_H

#include <linux/kvmhid.h>
#include <stdint.h>

/**
 * pointer_scale() - a pixel to an absolute coordinate
 * @at: pixel, counted from 0; what is beyond the picture is at its edge
 * @size: pixels of the picture in that direction, at least 1
 *
 * Return: the nearest coordinate; 0 for the first pixel and KVMHID_ABSOLUTE_MAX
 * for the last.
 */
uint16_t pointer_scale(unsigned int at, unsigned int size);

/**
 * pointer_event() - what to write for a pointer event of a client
 * @x: pixel
 * @y: pixel
 * @width: of the picture
 * @height: of the picture
 * @before: RFB_BUTTON_* and RFB_WHEEL_* of the client's event before
 * @buttons: the same of this one; a wheel turns when its bit appears
 */
struct kvmhid_event pointer_event(unsigned int x, unsigned int y, unsigned int width,
				  unsigned int height, uint16_t before, uint16_t buttons);

#endif
