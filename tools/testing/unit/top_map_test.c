// SPDX-License-Identifier: Apache-2.0
/*
 * The map of kvmcapctl top: as large as there is room, hot where it changes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "tap.h"
#include "top_map.h"

#define COLUMNS	15
#define ROWS	68

static struct kvmcap_tile tiles[COLUMNS * ROWS];
static struct kvmcap_snapshot snapshot = {
	.header.mode = {
		.width = 1920,
		.height = 1080,
		.tile_width = 128,
		.tile_height = 16,
		.columns = COLUMNS,
		.rows = ROWS,
	},
	.tiles = tiles,
	.tile_count = COLUMNS * ROWS,
};

static struct top_map map;

static bool size_is(unsigned int width, unsigned int height, unsigned int wanted_width,
		    unsigned int wanted_height)
{
	top_map_size(&snapshot.header.mode, &width, &height);
	return width == wanted_width && height == wanted_height;
}

static void test_size(void)
{
	struct kvmcap_mode none = { 0 };
	unsigned int width = 80, height = 24, i, wrong = 0;

	tap_ok(size_is(80, 100, 80, 22), "as wide as there is room");
	tap_ok(size_is(200, 20, 71, 20), "as high as there is room");
	tap_ok(size_is(1, 1, 1, 1), "a terminal of one letter");
	tap_ok(size_is(0, 5, 0, 0), "a terminal of none");
	top_map_size(&none, &width, &height);
	tap_ok(!width && !height, "no picture, no map");
	for (i = 1; i < 500; i++) {
		width = i;
		height = 500 - i;
		top_map_size(&snapshot.header.mode, &width, &height);
		wrong += !width || !height || width > i || height > 500 - i;
	}
	tap_ok(!wrong, "it is never larger than the room for it");
}

/* Letters of a map of that size that are at least so hot. */
static unsigned int hot(unsigned int width, unsigned int height, unsigned int heat)
{
	unsigned int x, y, count = 0;

	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++)
			count += top_map_heat(&map, width, height, x, y) >= heat;
	}
	return count;
}

static void change(unsigned int column, unsigned int row)
{
	snapshot.header.committed++;
	tiles[row * COLUMNS + column].sequence = snapshot.header.committed;
	top_map_look(&map, &snapshot);
}

static void test_heat(void)
{
	unsigned int width, height, wrong = 0, i;

	top_map_look(&map, &snapshot);
	tap_ok(!hot(80, 24, 1), "nothing has changed, nothing is hot");
	change(7, 33);
	tap_ok(hot(COLUMNS, ROWS, TOP_HEAT_MAX) == 1 &&
	       top_map_heat(&map, COLUMNS, ROWS, 7, 33) == TOP_HEAT_MAX,
	       "a letter a tile: the tile's letter is hot");
	tap_ok(top_map_heat(&map, 1, 1, 0, 0) == TOP_HEAT_MAX, "one letter for all is hot");
	for (width = 1; width < 90; width++) {
		for (height = 1; height < 90; height++)
			wrong += !hot(width, height, TOP_HEAT_MAX);
	}
	tap_ok(!wrong, "at any size some letter is hot");
	for (i = 1; i <= TOP_HEAT_MAX; i++) {
		top_map_cool(&map);
		wrong += top_map_heat(&map, COLUMNS, ROWS, 7, 33) != TOP_HEAT_MAX - i;
	}
	top_map_cool(&map);
	tap_ok(!wrong && !hot(80, 24, 1), "it cools down, and no further");
	change(COLUMNS - 1, ROWS - 1);
	tap_ok(top_map_heat(&map, 80, 24, 79, 23), "the last tile is the last letter");
	snapshot.header.mode.columns = 10;
	snapshot.tile_count = 10 * ROWS;
	snapshot.header.committed++;
	memset(tiles, 0, sizeof(tiles));
	top_map_look(&map, &snapshot);
	tap_ok(!hot(80, 24, 1), "another geometry begins anew");
}

int main(void)
{
	test_size();
	test_heat();
	return tap_end();
}
