// SPDX-License-Identifier: Apache-2.0
/*
 * Where the screen changes, as letters.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "top_map.h"

#include <string.h>

#define LETTER_ASPECT	2	/* height of a letter, in its width */

void top_map_look(struct top_map *map, const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	size_t i;

	if (mode->columns != map->columns || mode->rows != map->rows) {
		memset(map->heat, 0, sizeof(map->heat));
		map->columns = mode->columns;
		map->rows = mode->rows;
	}
	for (i = 0; i < snapshot->tile_count && i < TOP_TILES_MAX; i++) {
		if (snapshot->tiles[i].sequence > map->seen)
			map->heat[i] = TOP_HEAT_MAX;
	}
	map->seen = snapshot->header.committed;
}

void top_map_cool(struct top_map *map)
{
	size_t i;

	for (i = 0; i < TOP_TILES_MAX && i < (size_t)map->columns * map->rows; i++)
		map->heat[i] -= map->heat[i] > 0;
}

void top_map_size(const struct kvmcap_mode *mode, unsigned int *width, unsigned int *height)
{
	unsigned int lines;

	if (!mode->width || !mode->height || !*width || !*height) {
		*width = 0;
		*height = 0;
		return;
	}
	lines = *width * mode->height / (mode->width * LETTER_ASPECT);
	if (lines > *height)
		*width = *height * LETTER_ASPECT * mode->width / mode->height;
	else
		*height = lines ? lines : 1;
	if (!*width)
		*width = 1;
}

/* The last of the @tiles that @at of @letters shares with, exclusively. */
static unsigned int end_of(unsigned int at, unsigned int letters, unsigned int tiles)
{
	return ((at + 1) * tiles + letters - 1) / letters;
}

unsigned int top_map_heat(const struct top_map *map, unsigned int width, unsigned int height,
			  unsigned int x, unsigned int y)
{
	unsigned int column_end = end_of(x, width, map->columns);
	unsigned int row_end = end_of(y, height, map->rows);
	unsigned int row, column, heat = 0;

	for (row = y * map->rows / height; row < row_end; row++) {
		for (column = x * map->columns / width; column < column_end; column++) {
			size_t tile = (size_t)row * map->columns + column;

			if (tile < TOP_TILES_MAX && map->heat[tile] > heat)
				heat = map->heat[tile];
		}
	}
	return heat;
}
