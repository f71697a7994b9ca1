/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the parser (ajpg_stream.c) and the splicer (ajpg_splice.c) share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_AJPG_WALK_H
#define KVMCAP_AJPG_WALK_H

#include "ajpg_stream.h"
#include "jpeg_walk.h"

/* DC values, quantised: those of 8-bit samples divided by 1. */
#define KVMCAP_AJPG_DC_MIN	(-1024)
#define KVMCAP_AJPG_DC_VALUES	2048

/* Bytes of a tile's payload without its stuffing, at most: a DC and 63 AC codes. */
#define KVMCAP_AJPG_OLD_MAX \
	(KVMCAP_AJPG_TILE_BLOCKS_MAX * (27 + 63 * 26) / 8 + 1)

/**
 * kvmcap_ajpg_walk() - walk along a macroblock
 * @t: tables
 * @base: where its bits are, as jpeg_walk.h has it
 * @luma: blocks of Y
 * @bits: a place in @base; then behind the macroblock
 * @dc: DC predictions
 * @mcu: filled in, but for its column and row
 *
 * Return: false if there is no macroblock.
 */
static inline bool kvmcap_ajpg_walk(const struct kvmcap_jpeg_transcoder *t,
				    const u8 *base, unsigned int luma,
				    struct kvmcap_bits *bits, s32 *dc,
				    struct kvmcap_ajpg_mcu *mcu)
{
	unsigned int i, blocks = luma;
	u32 beyond = 0;

	mcu->from = kvmcap_bits_tell(bits, base);
	for (i = 0; i < KVMCAP_JPEG_COMPONENTS; i++, blocks = 1) {
		for (; blocks; blocks--) {
			if (!kvmcap_walk_block(t, base, i, bits, &dc[i]))
				return false;
			beyond |= (u32)(dc[i] - KVMCAP_AJPG_DC_MIN);
		}
		mcu->part[i] = kvmcap_bits_tell(bits, base) - mcu->from;
		mcu->dc[i] = dc[i];
	}
	return beyond < KVMCAP_AJPG_DC_VALUES;
}

/**
 * struct kvmcap_ajpg_tile - a tile, and what the stream has of it
 * @column: of the tile
 * @row: of the tile
 * @first: its first macroblock in the stream, an index of @mcus
 * @count: how many the stream has; fewer than @width if it is to be spliced
 * @width: MCUs of the tile
 */
struct kvmcap_ajpg_tile {
	unsigned int column;
	unsigned int row;
	unsigned int first;
	unsigned int count;
	unsigned int width;
};

/* The tile that macroblock @first of the stream, its first one, is in. */
static inline struct kvmcap_ajpg_tile
kvmcap_ajpg_tile_at(const struct kvmcap_ajpg *a, unsigned int first)
{
	const struct kvmcap_ajpg_mcu *mcu = a->mcus + first;
	const struct kvmcap_ajpg_mcu *end = a->mcus + a->changed;
	struct kvmcap_ajpg_tile tile = {
		.column = mcu->x / a->tile_mcus,
		.row = mcu->y,
		.first = first,
		.width = a->tile_mcus,
	};
	unsigned int x = tile.column * tile.width;

	if (tile.width > a->mcus_x - x)
		tile.width = a->mcus_x - x;
	for (x += tile.width; mcu < end && mcu->y == tile.row && mcu->x < x; mcu++)
		tile.count++;
	return tile;
}

#endif
