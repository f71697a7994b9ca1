/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * How wide tiles are.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_GEOMETRY_H
#define KVMCAP_GEOMETRY_H

#include "pure.h"

/*
 * Width of a tile in pixels. Restart intervals of 128 pixels add about 2 % to a
 * 4:2:0 JPEG and 3 % to a 4:4:4 one; 112 is the narrowest that keeps within the
 * budgets of 3 % and 5 %, and beyond 192 a tile is too coarse a change.
 */
#define KVMCAP_TILE_WIDTH	128
#define KVMCAP_TILE_WIDTH_MIN	112
#define KVMCAP_TILE_WIDTH_MAX	192

/**
 * kvmcap_geometry_tile_width() - the tile width for a picture
 * @width: of the picture, in pixels
 * @mcu_width: of a coding unit, in pixels: 8 or 16
 *
 * A restart interval cannot change inside a scan, so a narrower last column is a
 * rectangle of its own and keeps the whole picture from being one. Hence the
 * width nearest to KVMCAP_TILE_WIDTH that goes evenly into the picture's coding
 * units, and KVMCAP_TILE_WIDTH itself if there is none: of the usual modes only
 * 848 pixels, and in 4:2:0 832, 1360 and 1366, come to that.
 *
 * Return: pixels, a multiple of @mcu_width.
 */
static inline unsigned int kvmcap_geometry_tile_width(unsigned int width,
						      unsigned int mcu_width)
{
	unsigned int mcus = DIV_ROUND_UP(width, mcu_width);
	unsigned int middle = KVMCAP_TILE_WIDTH / mcu_width;
	unsigned int away;

	for (away = 0; middle + away <= KVMCAP_TILE_WIDTH_MAX / mcu_width; away++) {
		if (mcus % (middle + away) == 0)
			return (middle + away) * mcu_width;
		if (middle - away >= KVMCAP_TILE_WIDTH_MIN / mcu_width &&
		    mcus % (middle - away) == 0)
			return (middle - away) * mcu_width;
	}

	return KVMCAP_TILE_WIDTH;
}

#endif
