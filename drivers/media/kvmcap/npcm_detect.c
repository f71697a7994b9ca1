// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What the registers of a Nuvoton SoC say of its host's picture.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "npcm_detect.h"

/* Fewer lines are none yet: mainline waits for as many after a mode change. */
#define HEIGHT_LEAST		100

#define PLL_REFERENCE_KHZ	25000U

/* Beyond this, or in VGA modes, the capture needs more of the memory (mainline). */
#define BANDWIDTH_CLOCK_HZ	120000000U

u32 kvmcap_npcm_pixel_clock(const struct kvmcap_npcm_gfxi *gfxi)
{
	u32 multiply = 512 * FIELD_GET(GFXI_PLL_FEEDBACK109, gfxi->pll) +
		       FIELD_GET(GFXI_PLL_FEEDBACK_MASK, gfxi->pll_feedback);
	u32 divide = FIELD_GET(GFXI_PLL_INPUT_DIVIDER, gfxi->pll_input) *
		     FIELD_GET(GFXI_PLL_OUTPUT1, gfxi->pll) *
		     FIELD_GET(GFXI_PLL_OUTPUT2, gfxi->pll);
	u64 hz;

	if (gfxi->pll_input & GFXI_PLL_INPUT_FEEDBACK8)
		multiply += 256;
	if (!divide)
		return 0;
	hz = (u64)(multiply * PLL_REFERENCE_KHZ / divide) * 1000;
	return hz > ~0U ? ~0U : (u32)hz;
}

static unsigned int pitch_for(unsigned int width)
{
	unsigned int pitch = NPCM_PITCH_MIN;

	while (pitch < 2 * width)
		pitch *= 2;
	return pitch;
}

int kvmcap_npcm_measure(struct kvmcap_npcm_picture *picture,
			const struct kvmcap_npcm_gfxi *gfxi)
{
	unsigned int width, height;
	u32 clock = kvmcap_npcm_pixel_clock(gfxi);

	memset(picture, 0, sizeof(*picture));
	width = (FIELD_GET(GFXI_WIDTH_HIGH_MASK, gfxi->width_high) << 8) +
		FIELD_GET(GFXI_WIDTH_LOW_MASK, gfxi->width_low) + 1;
	height = (FIELD_GET(GFXI_HEIGHT_HIGH_MASK, gfxi->height_high) << 8) +
		 FIELD_GET(GFXI_HEIGHT_LOW_MASK, gfxi->height_low);
	if (height < HEIGHT_LEAST || !clock ||
	    gfxi->display & GFXI_DISPLAY_OFF)
		return -ENOLINK;
	if (width > NPCM_WIDTH_MAX || height > NPCM_HEIGHT_MAX)
		return -ERANGE;

	picture->width = width;
	picture->height = height;
	picture->pitch = pitch_for(width);
	picture->more_bandwidth = clock > BANDWIDTH_CLOCK_HZ ||
				  !(gfxi->display & GFXI_DISPLAY_MGA);
	return 0;
}

int kvmcap_npcm_ece_pitch(unsigned int pitch)
{
	switch (pitch) {
	case 512:
		return ECE_PITCH_512;
	case 1024:
		return ECE_PITCH_1024;
	case 2048:
		return ECE_PITCH_2048;
	case 2560:
		return ECE_PITCH_2560;
	case 4096:
		return ECE_PITCH_4096;
	default:
		return -EINVAL;
	}
}
