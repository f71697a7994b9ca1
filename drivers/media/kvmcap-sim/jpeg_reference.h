/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * For tests: the image that the modelled engine makes of a picture, without the
 * engine. Userspace only.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_SIM_JPEG_REFERENCE_H
#define KVMCAP_SIM_JPEG_REFERENCE_H

#include "pure.h"

/**
 * kvmcap_sim_reference_jpeg() - compress a picture as the engine does
 * @pixels: X8 R8 G8 B8, line after line, without gaps
 * @width: pixels, at least 1
 * @height: lines, at least 1
 * @selector: quality, 0..11; see kvmcap_aspeed_selector()
 * @halved: 4:2:0 rather than 4:4:4
 * @out: where the image goes
 * @room: bytes there, at least 640
 *
 * Return: length of the image; 0 if @room is too small or there is no memory.
 */
size_t kvmcap_sim_reference_jpeg(const u32 *pixels, unsigned int width,
				 unsigned int height, unsigned int selector,
				 bool halved, u8 *out, size_t room);

#endif
