// SPDX-License-Identifier: Apache-2.0
/*
 * From changed tiles to few rectangles.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "source.h"

/* Set in a tile's kind if it is in a last column with fewer coding units. */
#define KIND_NARROW	0x100

/**
 * struct area - changed tiles, as they are or mirrored at the diagonal
 * @snapshot: where the tiles are
 * @since: tiles above this sequence have changed
 * @mirrored: what is called a line below is a column
 * @lines: how many
 * @length: tiles in a line
 */
struct area {
	const struct kvmcap_snapshot *snapshot;
	uint64_t since;
	bool mirrored;
	unsigned int lines;
	unsigned int length;
};

/* Tiles of one kind may share a rectangle; 0 for those that have not changed. */
static unsigned int kind(const struct area *area, unsigned int line, unsigned int at)
{
	const struct kvmcap_mode *mode = &area->snapshot->header.mode;
	unsigned int column = area->mirrored ? line : at;
	unsigned int row = area->mirrored ? at : line;
	const struct kvmcap_tile *tile =
		&area->snapshot->tiles[(size_t)row * mode->columns + column];

	if (tile->sequence <= area->since || tile->codec == KVMCAP_CODEC_NONE)
		return 0;
	if (column == mode->columns - 1U && kvmcap_mode_narrow(mode))
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

size_t kvmcap_damage(const struct kvmcap_snapshot *snapshot, uint64_t since,
		     struct kvmcap_rectangle *rectangles, size_t max)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	struct area rows = {
		.snapshot = snapshot,
		.since = since,
		.lines = mode->rows,
		.length = mode->columns,
	};
	struct area columns = {
		.snapshot = snapshot,
		.since = since,
		.mirrored = true,
		.lines = mode->columns,
		.length = mode->rows,
	};

	if (!snapshot->tile_count)
		return 0;
	/* Whichever direction of cuts leaves fewer; rows, which come top down, if equal. */
	if (cut(&columns, NULL, 0) < cut(&rows, NULL, 0))
		return cut(&columns, rectangles, max);
	return cut(&rows, rectangles, max);
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
