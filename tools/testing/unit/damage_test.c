// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcap_damage() against brute force.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kvmcap.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "tap.h"

#define COLUMNS_MAX	17
#define ROWS_MAX	13
#define TILES		(COLUMNS_MAX * ROWS_MAX)
#define ROUNDS		20000
#define SEED		1

struct screen {
	struct kvmcap_snapshot snapshot;
	struct kvmcap_tile tiles[TILES];
};

static void make_screen(struct screen *screen, unsigned int columns, unsigned int rows,
			unsigned int last_width)
{
	memset(screen, 0, sizeof(*screen));
	screen->snapshot.header.mode = (struct kvmcap_mode){
		.width = (uint16_t)(128 * (columns - 1) + last_width),
		.height = (uint16_t)(16 * rows),
		.tile_width = 128,
		.tile_height = 16,
		.columns = (uint16_t)columns,
		.rows = (uint16_t)rows,
		.codec = KVMCAP_CODEC_JPEG,
		.subsampling = KVMCAP_SUBSAMPLING_420,
	};
	screen->snapshot.tiles = screen->tiles;
	screen->snapshot.tile_count = (size_t)columns * rows;
}

static struct kvmcap_tile *tile_at(struct screen *screen, unsigned int column, unsigned int row)
{
	return &screen->tiles[row * screen->snapshot.header.mode.columns + column];
}

/* Fills a screen: sparse or dense, single tiles or blocks, one codec or several. */
static void fill_random(struct screen *screen, uint64_t *state, uint64_t since)
{
	const struct kvmcap_mode *mode = &screen->snapshot.header.mode;
	unsigned int codecs = 1 + random_below(state, 3);
	unsigned int blocks = 1 + random_below(state, 12);
	unsigned int column, row, codec;

	while (blocks--) {
		unsigned int left = random_below(state, mode->columns);
		unsigned int top = random_below(state, mode->rows);
		unsigned int right = left + 1 + random_below(state, mode->columns - left);
		unsigned int bottom = top + 1 + random_below(state, mode->rows - top);
		uint64_t sequence = since + random_below(state, 3);

		codec = random_below(state, codecs + 1);
		for (row = top; row < bottom; row++) {
			for (column = left; column < right; column++) {
				tile_at(screen, column, row)->codec = (uint8_t)codec;
				tile_at(screen, column, row)->sequence = sequence;
			}
		}
	}
}

static bool has_changed(const struct kvmcap_tile *tile, uint64_t since)
{
	return tile->codec != KVMCAP_CODEC_NONE && tile->sequence > since;
}

/* Whether @r is of one codec, within the screen, free so far, and not narrow in part. */
static bool take(struct screen *screen, const struct kvmcap_rectangle *r, uint64_t since,
		 bool narrow, bool *taken)
{
	const struct kvmcap_mode *mode = &screen->snapshot.header.mode;
	uint8_t codec;
	unsigned int column, row;

	if (!r->columns || !r->rows || r->column + r->columns > mode->columns ||
	    r->row + r->rows > mode->rows)
		return false;
	if (narrow && r->columns > 1 && r->column + r->columns == mode->columns)
		return false;
	codec = tile_at(screen, r->column, r->row)->codec;
	for (row = r->row; row < r->row + (unsigned int)r->rows; row++) {
		for (column = r->column; column < r->column + (unsigned int)r->columns; column++) {
			size_t i = row * mode->columns + column;

			if (taken[i] || screen->tiles[i].codec != codec ||
			    !has_changed(&screen->tiles[i], since))
				return false;
			taken[i] = true;
		}
	}
	return true;
}

/* Rectangles that runs of each row make, joined downwards: what we must not exceed. */
static size_t simple_count(struct screen *screen, uint64_t since, bool narrow)
{
	const struct kvmcap_mode *mode = &screen->snapshot.header.mode;
	struct kvmcap_rectangle open[COLUMNS_MAX + 1], next[COLUMNS_MAX + 1];
	size_t count = 0, open_count = 0, next_count, i;
	unsigned int row, column, end;

	for (row = 0; row < mode->rows; row++) {
		next_count = 0;
		for (column = 0; column < mode->columns; column = end) {
			struct kvmcap_tile *first = tile_at(screen, column, row);
			struct kvmcap_rectangle run = { .column = (uint16_t)column, .rows = 1 };

			end = column + 1;
			if (!has_changed(first, since))
				continue;
			while (end < mode->columns && !(narrow && end + 1 == mode->columns) &&
			       has_changed(tile_at(screen, end, row), since) &&
			       tile_at(screen, end, row)->codec == first->codec)
				end++;
			run.columns = (uint16_t)(end - column);
			run.row = first->codec;	/* only to compare runs by */
			for (i = 0; i < open_count; i++) {
				if (!memcmp(&open[i], &run, sizeof(run)))
					break;
			}
			count += i == open_count;
			next[next_count++] = run;
		}
		memcpy(open, next, sizeof(open));
		open_count = next_count;
	}
	return count;
}

static bool check_screen(struct screen *screen, uint64_t since, bool narrow)
{
	struct kvmcap_rectangle rectangles[TILES], few[TILES];
	bool taken[TILES] = { false };
	size_t count, i, half;

	memset(few, 0xee, sizeof(few));
	count = kvmcap_damage(&screen->snapshot, since, rectangles, TILES);
	if (count > screen->snapshot.tile_count || count > simple_count(screen, since, narrow))
		return false;
	for (i = 0; i < count; i++) {
		if (!take(screen, &rectangles[i], since, narrow, taken))
			return false;
	}
	for (i = 0; i < screen->snapshot.tile_count; i++) {
		if (has_changed(&screen->tiles[i], since) != taken[i])
			return false;
	}
	half = count / 2;
	return kvmcap_damage(&screen->snapshot, since, few, half) == count &&
	       !memcmp(few, rectangles, half * sizeof(few[0])) && few[half].column == 0xeeee;
}

static void test_random(void)
{
	static const unsigned int last_widths[] = { 128, 127, 113, 112, 64, 1 };
	struct screen screen;
	uint64_t state = SEED;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		unsigned int columns = 1 + random_below(&state, COLUMNS_MAX);
		unsigned int rows = 1 + random_below(&state, ROWS_MAX);
		unsigned int last = last_widths[random_below(&state, 6)];
		uint64_t since = random_below(&state, 2) * 1000U;

		make_screen(&screen, columns, rows, last);
		fill_random(&screen, &state, since);
		/* A single column is not narrower than any other. */
		if (!check_screen(&screen, since, columns > 1 && last <= 112))
			break;
	}
	tap_ok(round == ROUNDS, "random damage: disjoint, exact, of one codec, and few");
	if (round != ROUNDS)
		tap_diag("round %u of seed %u", round, SEED);
}

static void fill(struct screen *screen, unsigned int column, unsigned int row,
		 unsigned int columns, unsigned int rows)
{
	unsigned int i, j;

	for (j = row; j < row + rows; j++) {
		for (i = column; i < column + columns; i++) {
			tile_at(screen, i, j)->codec = KVMCAP_CODEC_JPEG;
			tile_at(screen, i, j)->sequence = 7;
		}
	}
}

static void test_shapes(void)
{
	struct kvmcap_rectangle r[TILES];
	struct screen s;

	make_screen(&s, 10, 10, 128);
	tap_ok(kvmcap_damage(&s.snapshot, 0, r, TILES) == 0, "nothing changed: no rectangle");
	fill(&s, 0, 0, 10, 10);
	tap_ok(kvmcap_damage(&s.snapshot, 6, r, TILES) == 1 && r[0].columns == 10 &&
	       r[0].rows == 10, "everything changed: one rectangle");
	tap_ok(kvmcap_damage(&s.snapshot, 7, r, TILES) == 0, "all of it seen: no rectangle");

	make_screen(&s, 10, 10, 100);
	fill(&s, 0, 0, 10, 10);
	tap_ok(kvmcap_damage(&s.snapshot, 0, r, TILES) == 2,
	       "everything changed, last column narrower: two rectangles");

	make_screen(&s, 10, 10, 128);
	fill(&s, 2, 0, 1, 10);
	fill(&s, 5, 0, 1, 10);
	fill(&s, 2, 9, 4, 1);
	tap_ok(kvmcap_damage(&s.snapshot, 0, r, TILES) == 3, "U: three rectangles");

	/* A comb: cut along its teeth, not across them. */
	make_screen(&s, 9, 10, 128);
	fill(&s, 0, 0, 1, 10);
	fill(&s, 2, 1, 1, 7);
	fill(&s, 4, 2, 1, 5);
	fill(&s, 6, 3, 1, 5);
	fill(&s, 8, 4, 1, 5);
	tap_ok(kvmcap_damage(&s.snapshot, 0, r, TILES) == 5, "teeth: one rectangle each");

	s.snapshot.tile_count = 0;
	tap_ok(kvmcap_damage(&s.snapshot, 0, r, TILES) == 0, "no picture: no rectangle");
}

static void test_pixels(void)
{
	struct kvmcap_mode mode = { .width = 1366, .height = 769, .tile_width = 128,
				    .tile_height = 16, .columns = 11, .rows = 49 };
	struct kvmcap_rectangle all = { 0, 0, 11, 49 }, last = { 10, 48, 1, 1 };
	struct kvmcap_rectangle outside = { 11, 0, 1, 1 }, far = { 65535, 65535, 65535, 65535 };
	struct kvmcap_pixels p = kvmcap_rectangle_pixels(&mode, &all);

	tap_ok(p.x == 0 && p.y == 0 && p.width == 1366 && p.height == 769, "pixels of the picture");
	p = kvmcap_rectangle_pixels(&mode, &last);
	tap_ok(p.x == 1280 && p.y == 768 && p.width == 86 && p.height == 1, "pixels of the corner");
	p = kvmcap_rectangle_pixels(&mode, &outside);
	tap_ok(!p.width && !p.height, "no pixels beside the picture");
	p = kvmcap_rectangle_pixels(&mode, &far);
	tap_ok(!p.width && !p.height, "no pixels far away");
}

int main(void)
{
	test_random();
	test_shapes();
	test_pixels();
	return tap_end();
}
