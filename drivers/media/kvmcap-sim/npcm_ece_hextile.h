/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Hextile of 16-bit pixels, as the modelled ECE makes it: RFC 6143, 7.7.4, with
 * all its ways to say less than everything.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_ECE_HEXTILE_H
#define KVMCAP_NPCM_ECE_HEXTILE_H

#include "pure.h"

#define NPCM_HEXTILE_SIDE	16
#define NPCM_HEXTILE_PIXELS	(NPCM_HEXTILE_SIDE * NPCM_HEXTILE_SIDE)

/* Bytes of a subrectangle, at most: that of one as it is. */
#define NPCM_HEXTILE_MAX	(1 + 2 * NPCM_HEXTILE_PIXELS)

/* The first byte of each subrectangle. */
#define NPCM_HEXTILE_RAW	(1 << 0)
#define NPCM_HEXTILE_BACKGROUND	(1 << 1)
#define NPCM_HEXTILE_FOREGROUND	(1 << 2)
#define NPCM_HEXTILE_SUBRECTS	(1 << 3)
#define NPCM_HEXTILE_COLOURED	(1 << 4)

/**
 * struct npcm_hextile - what the subrectangles before have left behind
 * @has_background: @background need not be said again
 * @has_foreground: @foreground need not be said again
 * @background: a colour
 * @foreground: a colour
 *
 * All zero at the start of a rectangle.
 */
struct npcm_hextile {
	bool has_background;
	bool has_foreground;
	u16 background;
	u16 foreground;
};

/**
 * npcm_hextile_encode() - encode a subrectangle
 * @hextile: what the ones before have left behind
 * @pixels: @width * @height, line after line; what is in them is lost
 * @width: 1..16
 * @height: 1..16
 * @out: room for NPCM_HEXTILE_MAX bytes
 *
 * Return: bytes of it.
 */
size_t npcm_hextile_encode(struct npcm_hextile *hextile, u16 *pixels,
			   unsigned int width, unsigned int height, u8 *out);

#endif
