/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * From the frame buffer and the difference table of a Nuvoton VCD to tiles.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_TILES_H
#define KVMCAP_NPCM_TILES_H

#include "hextile_tiles.h"
#include "npcm_regs.h"
#include "tile_sink.h"

/* Words of the difference table that hold a row of blocks of the widest picture. */
#define KVMCAP_NPCM_ROW_WORDS	\
	DIV_ROUND_UP(NPCM_WIDTH_MAX / NPCM_BLOCK, 32)

/* Columns of tiles, at most: bits of a word. */
#define KVMCAP_NPCM_COLUMNS_MAX	32

/**
 * kvmcap_npcm_changed() - which tiles of a row have changed blocks
 * @blocks: the row's words of the difference table
 * @width: of the picture, in pixels, at most NPCM_WIDTH_MAX; what is said of
 *	blocks beyond it does not count
 * @tile_width: in pixels, a multiple of NPCM_BLOCK; with it, the picture has at
 *	most KVMCAP_NPCM_COLUMNS_MAX columns of tiles
 *
 * Return: bit n: the tile in column n.
 */
u32 kvmcap_npcm_changed(const u32 *blocks, unsigned int width,
			unsigned int tile_width);

/**
 * kvmcap_npcm_run() - the next neighbouring tiles of a set
 * @run: @column and @width are set, @tile_width is given
 * @tiles: bit n: the tile in column n belongs to the set; those of @run go
 * @width: of the picture, in pixels
 *
 * Return: false if the set was empty.
 */
bool kvmcap_npcm_run(struct kvmcap_tile_run *run, u32 *tiles,
		     unsigned int width);

/**
 * kvmcap_npcm_raw_bound() - what tiles come to as they are
 * @run: the tiles
 *
 * Return: bytes of their payloads.
 */
size_t kvmcap_npcm_raw_bound(const struct kvmcap_tile_run *run);

/**
 * kvmcap_npcm_raw_tiles() - publish tiles as they are
 * @run: the tiles
 * @frame: the frame buffer; each byte is read once
 * @frame_size: bytes of it
 * @pitch: bytes of a line in it
 * @sink: takes the tiles, in order
 *
 * Return: 0; -ENOSPC if the sink has no room; -EINVAL if @run is none or goes
 * beyond the frame buffer; or what the sink returned.
 */
int kvmcap_npcm_raw_tiles(const struct kvmcap_tile_run *run, const u8 *frame,
			  size_t frame_size, unsigned int pitch,
			  struct kvmcap_tile_sink *sink);

#endif
