/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the screen changes, as letters. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_TOP_MAP_H
#define KVMCAPCTL_TOP_MAP_H

#include <kvmcap.h>

/* What has just changed; one less each time that the map cools down. */
#define TOP_HEAT_MAX	6

/* Tiles; a picture of more is shown without those beyond. */
#define TOP_TILES_MAX	65536

/**
 * struct top_map - the map
 * @columns: of tiles
 * @rows: of tiles
 * @seen: newest frame that @heat knows of
 * @heat: of each tile, 0..TOP_HEAT_MAX
 */
struct top_map {
	unsigned int columns;
	unsigned int rows;
	uint64_t seen;
	uint8_t heat[TOP_TILES_MAX];
};

/* Heat what has changed since the last call. Another geometry begins anew. */
void top_map_look(struct top_map *map, const struct kvmcap_snapshot *snapshot);

void top_map_cool(struct top_map *map);

/**
 * top_map_size() - the size at which the map looks like the screen
 * @mode: the screen's
 * @width: letters that there is room for; set to those to use
 * @height: lines that there is room for; set to those to use
 *
 * A letter is twice as high as wide. Both are 0 if there is no picture.
 */
void top_map_size(const struct kvmcap_mode *mode, unsigned int *width, unsigned int *height);

/* The hottest tile of the part of the screen that letter @x of line @y stands for. */
unsigned int top_map_heat(const struct top_map *map, unsigned int width, unsigned int height,
			  unsigned int x, unsigned int y);

#endif
