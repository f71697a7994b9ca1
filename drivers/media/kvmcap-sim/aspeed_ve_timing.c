// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The blanking and the sync pulses around a picture: VESA DMT where a host would
 * use it, reduced blanking as in VESA CVT otherwise.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "aspeed_ve_timing.h"

/* Front porch, pulse and back porch, pixels and lines; polarities. */
struct blanking {
	u16 width;
	u16 height;
	u8 h_front;
	u8 h_sync;
	u8 h_back;
	u8 v_front;
	u8 v_sync;
	u8 v_back;
	bool h_negative;
	bool v_negative;
};

static const struct blanking blankings[] = {
	{ 640, 480, 16, 96, 48, 10, 2, 33, true, true },
	{ 720, 400, 18, 108, 54, 12, 2, 35, true, false },
	{ 800, 600, 40, 128, 88, 1, 4, 23, false, false },
	{ 1024, 768, 24, 136, 160, 3, 6, 29, true, true },
	{ 1280, 1024, 48, 112, 248, 1, 3, 38, false, false },
	{ 1366, 768, 70, 143, 213, 3, 3, 24, false, false },
	{ 1920, 1080, 88, 44, 148, 4, 5, 36, false, false },
	{ 0, 0, 48, 32, 80, 3, 6, 17, false, true },
};

static const struct blanking *find(unsigned int width, unsigned int height)
{
	const struct blanking *b = blankings;

	while (b->width && (b->width != width || b->height != height))
		b++;
	return b;
}

/*
 * Everything is counted from a rising edge. That begins the pulse if the
 * polarity is positive, and ends it if it is negative:
 *
 *	positive	  _____		  picture
 *		_________|     |_________#########_________|
 *			 0    sync     left		  total
 *	negative ________       ____________________
 *			 |_____|	 #########  |_____|
 *			       0       left	   sync  total
 */
void aspeed_ve_timing_set(struct aspeed_ve_timing *timing, unsigned int width,
			  unsigned int height)
{
	const struct blanking *b = find(width, height);

	timing->h_total = width + b->h_front + b->h_sync + b->h_back;
	timing->v_total = height + b->v_front + b->v_sync + b->v_back;
	timing->h_negative = b->h_negative;
	timing->v_negative = b->v_negative;
	timing->left = b->h_back + (b->h_negative ? 0 : b->h_sync);
	timing->top = b->v_back + (b->v_negative ? 0 : b->v_sync);
	timing->h_sync = b->h_negative ? timing->h_total - b->h_sync : b->h_sync;
	timing->v_sync = b->v_negative ? timing->v_total - b->v_sync : b->v_sync;
}
