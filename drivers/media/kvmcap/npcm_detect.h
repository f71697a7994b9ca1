/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the registers of a Nuvoton SoC say of its host's picture.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_DETECT_H
#define KVMCAP_NPCM_DETECT_H

#include "npcm_regs.h"
#include "pure.h"

/**
 * struct kvmcap_npcm_gfxi - registers of the graphics core, read one by one
 * @display: GFXI_DISPLAY
 * @width_low: GFXI_WIDTH_LOW
 * @width_high: GFXI_WIDTH_HIGH
 * @height_low: GFXI_HEIGHT_LOW
 * @height_high: GFXI_HEIGHT_HIGH
 * @pll: GFXI_PLL
 * @pll_input: GFXI_PLL_INPUT
 * @pll_feedback: GFXI_PLL_FEEDBACK
 */
struct kvmcap_npcm_gfxi {
	u32 display;
	u32 width_low;
	u32 width_high;
	u32 height_low;
	u32 height_high;
	u32 pll;
	u32 pll_input;
	u32 pll_feedback;
};

/**
 * struct kvmcap_npcm_picture - the host's picture
 * @width: pixels
 * @height: pixels
 * @pitch: bytes of a line in the frame buffer
 * @more_bandwidth: it needs a larger share of the memory's
 */
struct kvmcap_npcm_picture {
	u16 width;
	u16 height;
	u16 pitch;
	bool more_bandwidth;
};

/**
 * kvmcap_npcm_pixel_clock() - how fast the host's pixels come
 * @gfxi: the registers
 *
 * Return: Hz; 0 if there is no clock.
 */
u32 kvmcap_npcm_pixel_clock(const struct kvmcap_npcm_gfxi *gfxi);

/**
 * kvmcap_npcm_measure() - what picture is there?
 * @picture: set if there is one that can be captured, and zero if not
 * @gfxi: the registers
 *
 * Return: 0; -ENOLINK if there is none: no clock, too few lines, or the host has
 * switched its display off; -ERANGE if it is too large.
 */
int kvmcap_npcm_measure(struct kvmcap_npcm_picture *picture,
			const struct kvmcap_npcm_gfxi *gfxi);

/**
 * kvmcap_npcm_ece_pitch() - a pitch as the ECE is told it
 * @pitch: bytes of a line in the frame buffer
 *
 * Return: ECE_PITCH_*; -EINVAL if it cannot have that one.
 */
int kvmcap_npcm_ece_pitch(unsigned int pitch);

#endif
