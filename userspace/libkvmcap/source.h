/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libkvmcap's own view of a source; not for its users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_SOURCE_H
#define LIBKVMCAP_SOURCE_H

#include "kvmcap.h"

/**
 * struct kvmcap_layout - the parts of a mapping, loaded once and checked
 * @index: the first entry
 * @stride: bytes from entry to entry
 * @capacity: entries
 * @log: the first byte
 * @log_size: bytes
 */
struct kvmcap_layout {
	const uint8_t *index;
	size_t stride;
	size_t capacity;
	const uint8_t *log;
	size_t log_size;
};

/**
 * struct kvmcap_source - a mapped device, or memory that stands for one
 * @fd: the device; in memory, what the caller gave
 * @in_memory: @map and @fd belong to the caller, or to @replay
 * @replay: the recording that is written to @map, NULL if it is none
 * @map: the mapping
 * @map_size: bytes
 * @layout: where its parts are
 * @tiles: room for the index of a snapshot, @layout.capacity entries
 * @acked: in memory: the sequence that was last acknowledged
 * @armed: in memory: whether more was wanted then
 */
struct kvmcap_source {
	int fd;
	bool in_memory;
	struct kvmcap_replay *replay;
	const struct kvmcap_header *map;
	size_t map_size;
	struct kvmcap_layout layout;
	struct kvmcap_tile *tiles;
	uint64_t acked;
	bool armed;
};

/* Tiles that @mode has, 0 for no picture, or -EPROTO if it contradicts itself. */
long kvmcap_mode_tiles(const struct kvmcap_mode *mode, size_t capacity);

/* Width and height of what the picture is coded in, in pixels. */
static inline unsigned int kvmcap_mode_unit(const struct kvmcap_mode *mode)
{
	return mode->subsampling == KVMCAP_SUBSAMPLING_420 ? 16 : 8;
}

/* Coding units in a row of a tile of @column: with JPEG, its restart interval. */
static inline unsigned int kvmcap_mode_units(const struct kvmcap_mode *mode, unsigned int column)
{
	unsigned int left = column * mode->tile_width;
	unsigned int width = mode->tile_width;

	if (left + width > mode->width)
		width = mode->width - left;
	return (width + kvmcap_mode_unit(mode) - 1) / kvmcap_mode_unit(mode);
}

/* Whether the tiles of the last column have fewer coding units than others. */
static inline bool kvmcap_mode_narrow(const struct kvmcap_mode *mode)
{
	return kvmcap_mode_units(mode, mode->columns - 1U) != kvmcap_mode_units(mode, 0);
}

#endif
