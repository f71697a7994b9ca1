// SPDX-License-Identifier: Apache-2.0
/*
 * Which rectangles the next update of a client consists of.
 *
 * Whole tiles that intersect the requested area are sent whole, never beyond the
 * framebuffer. A client whose framebuffer is not of the picture's size, because
 * it cannot follow, sees the picture's upper left part and black beyond it, as
 * pixels.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "plan.h"

/* Pieces that need no tile: a placard's background and text. */
#define PIECES_SPARE	4

int plan_adopt(struct update *update, const struct source *source)
{
	const struct kvmcap_mode *mode = &source->snapshot.header.mode;
	size_t tiles = source->snapshot.tile_count;
	struct piece *pieces;
	uint64_t *sent;

	if (update->pieces && update->epoch == source->epoch && update->tiles == tiles &&
	    mode_equal(&update->mode, mode))
		return 0;
	sent = calloc(tiles + 1, sizeof(*sent));
	pieces = calloc(tiles + PIECES_SPARE, sizeof(*pieces));
	if (!sent || !pieces) {
		free(sent);
		free(pieces);
		return -ENOMEM;
	}
	free(update->sent);
	free(update->pieces);
	update->sent = sent;
	update->tiles = tiles;
	update->pieces = pieces;
	update->piece_room = tiles + PIECES_SPARE;
	update->mode = *mode;
	update->epoch = source->epoch;
	update->redraw = true;
	return 0;
}

static void add(struct update *update, enum piece_kind kind, unsigned int x, unsigned int y,
		unsigned int width, unsigned int height)
{
	if (!width || !height || update->piece_count == update->piece_room)
		return;
	update->pieces[update->piece_count++] = (struct piece){
		.kind = (uint8_t)kind,
		.x = (uint16_t)x,
		.y = (uint16_t)y,
		.width = (uint16_t)width,
		.height = (uint16_t)height,
	};
}

static void plan_placard(struct update *update)
{
	struct placard_box box = placard_text_box(update->shown, update->width,
						  update->height);

	if (!update->offer.tight) {
		add(update, PIECE_RAW, 0, 0, update->width, update->height);
		return;
	}
	add(update, PIECE_FILL, 0, 0, update->width, update->height);
	add(update, PIECE_RAW, box.x, box.y, box.width, box.height);
}

struct kvmcap_rectangle plan_tiles(const struct update *update, const struct piece *piece)
{
	const struct kvmcap_mode *mode = &update->mode;
	unsigned int right = piece->x + piece->width;
	unsigned int bottom = piece->y + piece->height;
	struct kvmcap_rectangle tiles = { 0 };

	if (right > mode->width)
		right = mode->width;
	if (bottom > mode->height)
		bottom = mode->height;
	if (piece->x >= right || piece->y >= bottom)
		return tiles;
	tiles.column = piece->x / mode->tile_width;
	tiles.row = piece->y / mode->tile_height;
	tiles.columns = (uint16_t)((right - 1) / mode->tile_width + 1 - tiles.column);
	tiles.rows = (uint16_t)((bottom - 1) / mode->tile_height + 1 - tiles.row);
	return tiles;
}

static bool fits(const struct update *update)
{
	return update->width == update->mode.width && update->height == update->mode.height;
}

/* Pixels go row of tiles by row of tiles, so that little has to be decoded at a time. */
static void plan_raw(struct update *update, const struct kvmcap_rectangle *tiles)
{
	struct kvmcap_rectangle row = *tiles;
	struct kvmcap_pixels at;
	unsigned int right, bottom;

	for (row.rows = 1; row.row < tiles->row + tiles->rows; row.row++) {
		at = kvmcap_rectangle_pixels(&update->mode, &row);
		right = at.x + at.width;
		bottom = at.y + at.height;
		if (right > update->width)
			right = update->width;
		if (bottom > update->height)
			bottom = update->height;
		if (at.x < right && at.y < bottom)
			add(update, PIECE_RAW, at.x, at.y, right - at.x, bottom - at.y);
	}
}

enum piece_kind plan_kind(const struct update *update, unsigned int codec)
{
	if (codec == KVMCAP_CODEC_JPEG && encode_jpeg_possible(update))
		return PIECE_JPEG;
	if (codec == KVMCAP_CODEC_HEXTILE && encode_hextile_possible(update))
		return PIECE_HEXTILE;
	return encode_jpeg_possible(update) ? PIECE_ENCODED : PIECE_RAW;
}

/* Where pixels come in between, there has to be a LastRect behind what is cut to fit. */
static bool may_cut(const struct update *update, const struct kvmcap_snapshot *snapshot)
{
	if (!fits(update))
		return false;
	for (size_t i = 0; !update->offer.last_rect && i < snapshot->tile_count; i++)
		if (plan_kind(update, snapshot->tiles[i].codec) == PIECE_RAW)
			return false;
	return true;
}

/* A tile that the client has, or has not asked for, looks like one never changed. */
static void mask_tiles(const struct update *update, const struct kvmcap_tile *tiles,
		       struct kvmcap_tile *masked)
{
	const struct kvmcap_mode *mode = &update->mode;

	for (size_t i = 0; i < update->tiles; i++) {
		unsigned int x = (unsigned int)(i % mode->columns) * mode->tile_width;
		unsigned int y = (unsigned int)(i / mode->columns) * mode->tile_height;

		masked[i] = tiles[i];
		if (update->sent[i] >= tiles[i].sequence ||
		    x >= update->request.right || x + mode->tile_width <= update->request.left ||
		    y >= update->request.bottom || y + mode->tile_height <= update->request.top)
			masked[i].sequence = 0;
	}
}

/* Damage is what is newer than what has been sent, within what was asked for. */
static int plan_damage(struct update *update, const struct source *source)
{
	struct kvmcap_snapshot view = source->snapshot;
	bool cut = may_cut(update, &source->snapshot);
	struct kvmcap_rectangle *rectangles;
	struct kvmcap_tile *masked;
	size_t count = 0;

	rectangles = malloc(update->tiles * sizeof(*rectangles));
	masked = malloc(update->tiles * sizeof(*masked));
	if (rectangles && masked) {
		mask_tiles(update, source->snapshot.tiles, masked);
		view.tiles = masked;
		count = kvmcap_damage(&view, 0, rectangles, update->tiles);
	}
	for (size_t i = 0; i < count; i++) {
		struct kvmcap_pixels at = kvmcap_rectangle_pixels(&update->mode, &rectangles[i]);
		size_t first = (size_t)rectangles[i].row * update->mode.columns +
			       rectangles[i].column;

		enum piece_kind kind = cut ? plan_kind(update, masked[first].codec) : PIECE_RAW;

		if (kind == PIECE_RAW)
			plan_raw(update, &rectangles[i]);
		else
			add(update, kind, at.x, at.y, at.width, at.height);
	}
	count = rectangles && masked;
	free(rectangles);
	free(masked);
	return count ? 0 : -ENOMEM;
}

int plan_pieces(struct update *update, const struct source *source)
{
	int error = 0;

	update->piece_count = 0;
	update->piece_next = 0;
	update->piece_row = 0;
	if (update->shown != source->placard)
		update->redraw = true;
	update->shown = source->placard;
	if (update->redraw)
		memset(update->sent, 0, update->tiles * sizeof(*update->sent));
	if (update->shown != PLACARD_NONE) {
		if (update->redraw)
			plan_placard(update);
	} else if (update->redraw && !fits(update)) {
		add(update, PIECE_RAW, 0, 0, update->width, update->height);
	} else {
		error = plan_damage(update, source);
	}
	update->redraw = false;
	return error;
}

/* Insert room behind @at, where the second half goes. */
static void insert(struct update *update, size_t at)
{
	memmove(update->pieces + at + 1, update->pieces + at,
		(update->piece_count - at) * sizeof(*update->pieces));
	update->piece_count++;
}

bool plan_split(struct update *update, size_t at)
{
	struct kvmcap_rectangle tiles = plan_tiles(update, &update->pieces[at]);
	struct piece *first, *second;
	unsigned int size;

	if ((tiles.rows < 2 && tiles.columns < 2) ||
	    update->piece_count == update->piece_room)
		return false;
	insert(update, at);
	first = &update->pieces[at];
	second = first + 1;
	if (tiles.rows >= 2) {
		size = tiles.rows / 2u * update->mode.tile_height;
		first->height = (uint16_t)size;
		second->y = (uint16_t)(second->y + size);
		second->height = (uint16_t)(second->height - size);
	} else {
		size = tiles.columns / 2u * update->mode.tile_width;
		first->width = (uint16_t)size;
		second->x = (uint16_t)(second->x + size);
		second->width = (uint16_t)(second->width - size);
	}
	return true;
}
