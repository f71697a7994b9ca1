// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * From the frame buffer and the difference table of a Nuvoton VCD to tiles.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "npcm_tiles.h"

#define PIXEL	KVMCAP_HEXTILE_PIXEL

u32 kvmcap_npcm_changed(const u32 *blocks, unsigned int width,
			unsigned int tile_width)
{
	unsigned int count = DIV_ROUND_UP(width, NPCM_BLOCK);
	unsigned int each = tile_width / NPCM_BLOCK;
	unsigned int block;
	u32 tiles = 0;

	for (block = 0; block < count; block++)
		if (blocks[block / 32] >> block % 32 & 1)
			tiles |= 1U << block / each;
	return tiles;
}

bool kvmcap_npcm_run(struct kvmcap_tile_run *run, u32 *tiles,
		     unsigned int width)
{
	unsigned int column = 0, end;

	if (!*tiles)
		return false;
	while (!(*tiles >> column & 1))
		column++;
	for (end = column; end < KVMCAP_NPCM_COLUMNS_MAX && *tiles >> end & 1; end++)
		*tiles &= ~(1U << end);

	run->column = column;
	end *= run->tile_width;
	run->width = (end < width ? end : width) - column * run->tile_width;
	return true;
}

size_t kvmcap_npcm_raw_bound(const struct kvmcap_tile_run *run)
{
	return (size_t)run->width * run->height * PIXEL;
}

static bool run_is_sound(const struct kvmcap_tile_run *run, size_t frame_size,
			 unsigned int pitch)
{
	size_t left = (size_t)run->column * run->tile_width;
	size_t lines = (size_t)run->row * NPCM_BLOCK + run->height;

	return run->width && run->height && run->height <= NPCM_BLOCK &&
	       run->tile_width && (left + run->width) * PIXEL <= pitch &&
	       lines * pitch <= frame_size;
}

int kvmcap_npcm_raw_tiles(const struct kvmcap_tile_run *run, const u8 *frame,
			  size_t frame_size, unsigned int pitch,
			  struct kvmcap_tile_sink *sink)
{
	unsigned int column = run->column, x, y;
	const u8 *first;
	int err;

	if (!run_is_sound(run, frame_size, pitch))
		return -EINVAL;
	first = frame + (size_t)run->row * NPCM_BLOCK * pitch +
		(size_t)run->column * run->tile_width * PIXEL;

	for (x = 0; x < run->width; x += run->tile_width) {
		unsigned int width = run->width - x;
		size_t line, room;
		u8 *payload;

		if (width > run->tile_width)
			width = run->tile_width;
		line = (size_t)width * PIXEL;
		payload = sink->begin(sink, &room);
		if (!payload || room < line * run->height)
			return -ENOSPC;
		for (y = 0; y < run->height; y++)
			memcpy(payload + y * line,
			       first + (size_t)y * pitch + (size_t)x * PIXEL, line);
		err = sink->end(sink, column++, run->row, line * run->height);
		if (err)
			return err;
	}
	return 0;
}
