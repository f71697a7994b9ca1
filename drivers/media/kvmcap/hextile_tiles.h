/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Cuts a rectangle of Hextile (RFC 6143, 7.7.4) with 16-bit pixels into tiles,
 * each of which is Hextile that stands alone.
 *
 * A rectangle's subrectangles, 16x16 pixels but for those at its right and lower
 * edge, come in raster order, each as
 *
 *	flags	RAW: all pixels follow, nothing else
 *	2	its background, if BACKGROUND; else that of the one before
 *	2	its foreground, if FOREGROUND; else that of the one before
 *	1	how many smaller ones are painted over it, if SUBRECTS; then each:
 *	2	its colour, if COLOURED; else it has the foreground
 *	2	x and y, width - 1 and height - 1, four bits each
 *
 * so the meaning of one depends on those before it. What comes out depends on
 * nothing outside its tile, and is canonical where an encoder has a choice of how
 * to refer to the past: colours are stated where they are first used in a tile,
 * where they change, and behind RAW or, of the foreground, COLOURED
 * subrectangles, across which not every decoder keeps them; and nowhere else.
 * Flags and colours without effect go. A subrectangle that takes more bytes so
 * than its pixels do becomes RAW, which bounds every tile.
 *
 * Hence equal bytes mean equal pixels; and equal pixels give equal bytes as far
 * as the encoder chose, for them, the same background and the same smaller
 * rectangles in the same order. An encoder that lets the tile's neighbours have
 * a say in that choice has a tile published again now and then, never wrongly.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_HEXTILE_TILES_H
#define KVMCAP_HEXTILE_TILES_H

#include "tile_sink.h"

#define KVMCAP_HEXTILE_RAW		0x01
#define KVMCAP_HEXTILE_BACKGROUND	0x02
#define KVMCAP_HEXTILE_FOREGROUND	0x04
#define KVMCAP_HEXTILE_SUBRECTS		0x08
#define KVMCAP_HEXTILE_COLOURED		0x10

/* Of a subrectangle, in pixels, both ways; and the height of tiles. */
#define KVMCAP_HEXTILE_SIZE		16

#define KVMCAP_HEXTILE_PIXEL		2	/* bytes */

/* Bytes of a subrectangle: as any encoder may write it, and as is written here. */
#define KVMCAP_HEXTILE_BYTES_MAX	(1 + 2 + 1 + 255 * 4)
#define KVMCAP_HEXTILE_BYTES_BOUND	\
	(1 + KVMCAP_HEXTILE_SIZE * KVMCAP_HEXTILE_SIZE * KVMCAP_HEXTILE_PIXEL)

/**
 * struct kvmcap_tile_run - neighbouring tiles of one row
 * @column: of the first one
 * @row: of tiles
 * @width: of all together, in pixels, at least 1
 * @height: in pixels, 1 to KVMCAP_HEXTILE_SIZE
 * @tile_width: in pixels, a multiple of KVMCAP_HEXTILE_SIZE; the last tile is as
 *	narrow as @width makes it
 */
struct kvmcap_tile_run {
	u16 column;
	u16 row;
	u16 width;
	u16 height;
	u16 tile_width;
};

/**
 * kvmcap_hextile_bound() - what tiles can come to
 * @width: of one or more tiles of a row, in pixels
 *
 * Return: bytes of their payloads, at most.
 */
static inline size_t kvmcap_hextile_bound(unsigned int width)
{
	return (size_t)DIV_ROUND_UP(width, KVMCAP_HEXTILE_SIZE) *
	       KVMCAP_HEXTILE_BYTES_BOUND;
}

/**
 * kvmcap_hextile_tiles() - cut a rectangle into tiles
 * @run: the rectangle
 * @data: its Hextile, each byte of which is read once; must not change meanwhile
 * @length: bytes of @data, all of which belong to the rectangle
 * @sink: takes the tiles, in order
 *
 * Return: 0; -EBADMSG if @data is not the Hextile of @run; -ENOSPC if the sink
 * has no room; -EINVAL if @run is none; or what the sink returned.
 */
int kvmcap_hextile_tiles(const struct kvmcap_tile_run *run, const u8 *data,
			 size_t length, struct kvmcap_tile_sink *sink);

#endif
