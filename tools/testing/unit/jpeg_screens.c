// SPDX-License-Identifier: Apache-2.0
/*
 * Pictures that the tests of the transcoder encode.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_screens.h"

/* A number that depends on all of its arguments, but on nothing else. */
static u32 hash(u32 a, u32 b, u32 c)
{
	u32 h = a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0xc2b2ae3du;

	h ^= h >> 15;
	h *= 0x2c1b3c6du;
	return h ^ h >> 13;
}

static u32 colour(unsigned int x, unsigned int y, enum pattern pattern,
		  u32 seed)
{
	switch (pattern) {
	case PATTERN_FLAT:
		return hash(seed, 1, 2);
	case PATTERN_RAMP:
		return (x / 3 & 0xff) << 16 | (y / 2 & 0xff) << 8 |
		       ((x + y) / 5 & 0xff);
	case PATTERN_TEXT:
		return hash(x / 2, y / 2, seed) & 3 ? 0 : 0xffffff;
	case PATTERN_NOISE:
		return hash(x, y, seed);
	case PATTERN_CHECKS:
		return hash(x / 8, y / 8, seed) & 1 ? 0 : 0xffffff;
	default:
		pattern = hash(x / 48, y / 48, seed) % PATTERN_MIXED;
		return colour(x, y, pattern, seed);
	}
}

void paint(u8 *rgb, unsigned int width, unsigned int height,
	   enum pattern pattern, u32 seed)
{
	unsigned int x, y;

	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++, rgb += 3) {
			u32 c = colour(x, y, pattern, seed);

			rgb[0] = c >> 16;
			rgb[1] = c >> 8;
			rgb[2] = c;
		}
	}
}
