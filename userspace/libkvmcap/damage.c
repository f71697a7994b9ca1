// SPDX-License-Identifier: Apache-2.0
/*
 * From changed tiles to few rectangles.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <limits.h>

#include "source.h"

/* Set in a tile's kind if it is in a last column with fewer coding units. */
#define KIND_NARROW	0x100

/**
 * struct area - changed tiles, as they are or mirrored at the diagonal
 * @tiles: the first one
 * @since: tiles above this sequence have changed
 * @mirrored: what is called a line below is a column
 * @lines: how many
 * @length: tiles in a line
 * @line_step: tiles from one line to the next
 * @step: tiles from one to the next in a line
 * @narrow_line: line of narrow tiles, if there is one
 * @narrow_at: where in a line a tile is narrow, if anywhere
 */
struct area {
	const struct kvmcap_tile *tiles;
	uint64_t since;
	bool mirrored;
	unsigned int lines;
	unsigned int length;
	size_t line_step;
	size_t step;
	unsigned int narrow_line;
	unsigned int narrow_at;
};

/* Tiles of one kind may share a rectangle; 0 for those that have not changed. */
static inline unsigned int kind(const struct area *area, unsigned int line, unsigned int at)
{
	const struct kvmcap_tile *tile = &area->tiles[line * area->line_step + at * area->step];

	if (tile->sequence <= area->since)
		return 0;
	if (tile->codec && (line == area->narrow_line || at == area->narrow_at))
		return tile->codec | KIND_NARROW;
	return tile->codec;
}

/* Where the run of one kind ends that begins at @at. */
static unsigned int run_end(const struct area *area, unsigned int line, unsigned int at)
{
	unsigned int first = kind(area, line, at);

	while (++at < area->length && kind(area, line, at) == first)
		;
	return at;
}

/* Whether @line has exactly the run @at..@end - 1, of kind @of. */
static bool run_is(const struct area *area, unsigned int line, unsigned int at,
		   unsigned int end, unsigned int of)
{
	return kind(area, line, at) == of && (!at || kind(area, line, at - 1) != of) &&
	       run_end(area, line, at) == end;
}

static struct kvmcap_rectangle make_rectangle(const struct area *area, unsigned int line,
					      unsigned int lines, unsigned int at,
					      unsigned int end)
{
	struct kvmcap_rectangle rectangle = {
		.column = (uint16_t)at,
		.row = (uint16_t)line,
		.columns = (uint16_t)(end - at),
		.rows = (uint16_t)lines,
	};
	struct kvmcap_rectangle mirrored = {
		.column = (uint16_t)line,
		.row = (uint16_t)at,
		.columns = (uint16_t)lines,
		.rows = (uint16_t)(end - at),
	};

	return area->mirrored ? mirrored : rectangle;
}

/*
 * Equal runs in adjacent lines make a rectangle. That cuts the area along its
 * lines at each inner corner, no more often than necessary for cuts of that
 * direction alone.
 */
static size_t cut(const struct area *area, struct kvmcap_rectangle *rectangles, size_t max)
{
	size_t count = 0;
	unsigned int line, at, end, below, of;

	for (line = 0; line < area->lines; line++) {
		for (at = 0; at < area->length; at = end) {
			end = run_end(area, line, at);
			of = kind(area, line, at);
			if (!of || (line && run_is(area, line - 1, at, end, of)))
				continue;
			below = line + 1;
			while (below < area->lines && run_is(area, below, at, end, of))
				below++;
			if (count < max)
				rectangles[count] =
					make_rectangle(area, line, below - line, at, end);
			count++;
		}
	}
	return count;
}

static struct area make_area(const struct kvmcap_snapshot *snapshot, uint64_t since,
			     bool mirrored)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	unsigned int narrow = kvmcap_mode_narrow(mode) ? mode->columns - 1U : UINT_MAX;

	return (struct area){
		.tiles = snapshot->tiles,
		.since = since,
		.mirrored = mirrored,
		.lines = mirrored ? mode->columns : mode->rows,
		.length = mirrored ? mode->rows : mode->columns,
		.line_step = mirrored ? 1 : mode->columns,
		.step = mirrored ? mode->columns : 1,
		.narrow_line = mirrored ? narrow : UINT_MAX,
		.narrow_at = mirrored ? UINT_MAX : narrow,
	};
}

size_t kvmcap_damage(const struct kvmcap_snapshot *snapshot, uint64_t since,
		     struct kvmcap_rectangle *rectangles, size_t max)
{
	struct area rows, columns;
	size_t count;

	if (!snapshot->tile_count)
		return 0;
	rows = make_area(snapshot, since, false);
	count = cut(&rows, rectangles, max);
	/* What is one rectangle is found to be one: two cannot be improved. */
	if (count <= 2)
		return count;
	/* Whichever direction of cuts leaves fewer; rows, which come top down, if equal. */
	columns = make_area(snapshot, since, true);
	if (cut(&columns, NULL, 0) < count)
		count = cut(&columns, rectangles, max);
	return count;
}

struct kvmcap_pixels kvmcap_rectangle_pixels(const struct kvmcap_mode *mode,
					     const struct kvmcap_rectangle *rectangle)
{
	unsigned int left = rectangle->column * (unsigned int)mode->tile_width;
	unsigned int top = rectangle->row * (unsigned int)mode->tile_height;
	unsigned int right = left + rectangle->columns * (unsigned int)mode->tile_width;
	unsigned int bottom = top + rectangle->rows * (unsigned int)mode->tile_height;
	struct kvmcap_pixels none = { 0 };

	if (left >= mode->width || top >= mode->height)
		return none;
	if (right > mode->width)
		right = mode->width;
	if (bottom > mode->height)
		bottom = mode->height;
	return (struct kvmcap_pixels){
		.x = (uint16_t)left,
		.y = (uint16_t)top,
		.width = (uint16_t)(right - left),
		.height = (uint16_t)(bottom - top),
	};
}
