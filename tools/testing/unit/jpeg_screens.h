/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures that the tests of the transcoder encode.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef JPEG_SCREENS_H
#define JPEG_SCREENS_H

#include "pure.h"

enum pattern {
	PATTERN_FLAT,		/* one colour */
	PATTERN_RAMP,		/* a slow gradient: DC differences, few AC codes */
	PATTERN_TEXT,		/* black and white strokes */
	PATTERN_NOISE,		/* every coefficient */
	PATTERN_CHECKS,		/* 8x8 blocks of extremes: the largest DC values */
	PATTERN_MIXED,		/* some of each */
	PATTERNS
};

/* xorshift32; @state must not be 0. */
static inline u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Fills @width x @height pixels of R, G, B. */
void paint(u8 *rgb, unsigned int width, unsigned int height,
	   enum pattern pattern, u32 seed);

#endif
