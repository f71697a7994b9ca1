/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Registers of a Nuvoton SoC's graphics core, and the picture that they tell of.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef NPCM_CASES_H
#define NPCM_CASES_H

#include "npcm_detect.h"
#include "npcm_tiles.h"

/**
 * struct npcm_case - registers, and what has to become of them
 * @name: of the case
 * @gfxi: the registers
 * @expected: 0 or a negative errno; the rest is zero then
 * @width: of the picture
 * @height: of the picture
 * @pitch: of its lines
 * @more_bandwidth: it needs that
 */
struct npcm_case {
	const char *name;
	struct kvmcap_npcm_gfxi gfxi;
	int expected;
	u16 width;
	u16 height;
	u16 pitch;
	bool more_bandwidth;
};

/* @lines: as the registers have it; a clock of 25 MHz * @multiply / @divide. */
#define GFXI(flags, pixels, lines, multiply, divide)				\
	{									\
		.display = (flags),						\
		.width_low = ((pixels) - 1) & 0xff,				\
		.width_high = ((pixels) - 1) >> 8,				\
		.height_low = (lines) & 0xff, .height_high = (lines) >> 8,	\
		.pll = 1 | 1 << 3 | ((multiply) >> 9) << 6,			\
		.pll_input = (divide) |						\
			     ((multiply) & 256 ? GFXI_PLL_INPUT_FEEDBACK8 : 0),	\
		.pll_feedback = (multiply) & 0xff,				\
	}

#define MGA	GFXI_DISPLAY_MGA
#define OFF	GFXI_DISPLAY_OFF

#define NONE	.width = 0

static const struct npcm_case npcm_cases[] = {
	{ "1920x1080", GFXI(MGA, 1920, 1080, 101, 17), 0, 1920, 1080, 4096, true },
	{ "1920x1200", GFXI(MGA, 1920, 1200, 37, 6), 0, 1920, 1200, 4096, true },
	{ "1366x768", GFXI(MGA, 1366, 768, 17, 5), 0, 1366, 768, 4096, false },
	{ "1280x1024", GFXI(MGA, 1280, 1024, 108, 25), 0, 1280, 1024, 4096, false },
	{ "1024x768", GFXI(MGA, 1024, 768, 13, 5), 0, 1024, 768, 2048, false },
	{ "800x600", GFXI(MGA, 800, 600, 8, 5), 0, 800, 600, 2048, false },
	{ "320x240", GFXI(MGA, 320, 240, 1, 1), 0, 320, 240, 1024, false },
	{ "256x100", GFXI(MGA, 256, 100, 1, 1), 0, 256, 100, 512, false },
	{ "one pixel wide", GFXI(MGA, 1, 100, 1, 1), 0, 1, 100, 512, false },
	{ "720x400, VGA", GFXI(0, 720, 400, 17, 15), 0, 720, 400, 2048, true },
	{ "120 MHz", GFXI(MGA, 640, 480, 24, 5), 0, 640, 480, 2048, false },
	{ "120.005 MHz", GFXI(MGA, 640, 480, 53, 11), 0, 640, 480, 2048, true },
	{ "feedback of nine bits", GFXI(MGA, 640, 480, 300, 60), 0, 640, 480, 2048, true },
	{ "of ten", GFXI(MGA, 640, 480, 512, 63), 0, 640, 480, 2048, true },
	{ "the display is off", GFXI(MGA | OFF, 1920, 1080, 101, 17), -ENOLINK, NONE },
	{ "99 lines", GFXI(MGA, 1920, 99, 101, 17), -ENOLINK, NONE },
	{ "no lines", GFXI(0, 1, 0, 101, 17), -ENOLINK, NONE },
	{ "the clock is divided by 0", GFXI(MGA, 640, 480, 1, 0), -ENOLINK, NONE },
	{ "... multiplied by 0", GFXI(MGA, 640, 480, 0, 1), -ENOLINK, NONE },
	{ "too wide", GFXI(MGA, 1921, 1080, 101, 17), -ERANGE, NONE },
	{ "too high", GFXI(MGA, 1920, 1201, 101, 17), -ERANGE, NONE },
	{ "as large as can be", GFXI(MGA, 2048, 2047, 101, 17), -ERANGE, NONE },
	{ "too large, and off", GFXI(MGA | OFF, 2048, 2047, 101, 17), -ENOLINK, NONE },
};

#undef GFXI
#undef MGA
#undef OFF
#undef NONE

#endif
