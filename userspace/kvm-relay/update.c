// SPDX-License-Identifier: Apache-2.0
/*
 * What a client sees, and the framebuffer updates that follow.
 *
 * How many rectangles an update has stands at its beginning. Pixels are planned
 * so that it is known; tiles are cut to what fits the output, so that it is known
 * only when the update ended in the first output full. Otherwise a client that
 * knows LastRect gets one at the end, and any other has to ask again for what
 * did not fit.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "plan.h"
#include "update.h"

#define UPDATE_HEADER_LENGTH	4
#define SCREEN_ID		1	/* some clients take 0 for none */
#define SIZE_BODY_LENGTH	20	/* of an ExtendedDesktopSize with one screen */

/* With less used of an output than this a piece of tiles is cut to fit the rest. */
#define CUT_BELOW		(OUTPUT_SIZE / 2)

/* Pixels that are encoded at a time: so much work, at most, is done in vain. */
#define ENCODED_AREA_MAX	(256u << 10)

void update_init(struct update *update, unsigned int width, unsigned int height)
{
	*update = (struct update){
		.width = (uint16_t)width,
		.height = (uint16_t)height,
		.redraw = true,
		.looked_at = LOOK_AGAIN,
	};
	pixel_translation_init(&update->translation, &pixel_format_default);
}

void update_free(struct update *update)
{
	free(update->sent);
	free(update->pieces);
	update->sent = NULL;
	update->pieces = NULL;
}

void update_set_offer(struct update *update, const struct offer *offer)
{
	update->next_offer = *offer;
	update->looked_at = LOOK_AGAIN;
}

void update_set_format(struct update *update, const struct pixel_format *format)
{
	update->next_format = *format;
	update->format_changed = true;
}

static unsigned int min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static unsigned int max(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

/* What was asked for in full counts as never sent. */
static void forget_area(struct update *update, const struct area *area)
{
	const struct kvmcap_mode *mode = &update->mode;

	for (size_t i = 0; i < update->tiles; i++) {
		unsigned int x = (unsigned int)(i % mode->columns) * mode->tile_width;
		unsigned int y = (unsigned int)(i / mode->columns) * mode->tile_height;

		if (x < area->right && x + mode->tile_width > area->left &&
		    y < area->bottom && y + mode->tile_height > area->top)
			update->sent[i] = 0;
	}
}

/* The part of @area that lies in the framebuffer; all zeros if none does. */
static struct area clip(const struct update *update, const struct area *area)
{
	struct area clipped = {
		.left = area->left,
		.top = area->top,
		.right = min(area->right, update->width),
		.bottom = min(area->bottom, update->height),
	};

	if (clipped.left >= clipped.right || clipped.top >= clipped.bottom)
		return (struct area){ 0 };
	return clipped;
}

/* The smallest area that holds both, of which one may be empty. */
static struct area join(const struct area *a, const struct area *b)
{
	if (!a->right)
		return *b;
	if (!b->right)
		return *a;
	return (struct area){
		.left = min(a->left, b->left),
		.top = min(a->top, b->top),
		.right = max(a->right, b->right),
		.bottom = max(a->bottom, b->bottom),
	};
}

void update_request(struct update *update, bool incremental, const struct area *area)
{
	struct area clipped = clip(update, area);

	update->request = update->requested ? join(&update->request, &clipped) : clipped;
	update->requested = true;
	update->looked_at = LOOK_AGAIN;
	if (incremental)
		return;
	update->size_asked = true;
	update->in_full = join(&update->in_full, &clipped);
	if (update->shown != PLACARD_NONE || update->width != update->mode.width ||
	    update->height != update->mode.height)
		update->redraw = true;
}

void update_refuse_size(struct update *update)
{
	update->size_refused = true;
	update->looked_at = LOOK_AGAIN;
}

bool update_needs_pixels(const struct update *update, unsigned int codecs)
{
	/* In the middle of a rectangle of pixels the rest of them is needed, too. */
	if ((update->active && update->piece_row) || update->width != update->mode.width ||
	    update->height != update->mode.height)
		return true;
	for (unsigned int codec = 0; codecs >> codec; codec++) {
		enum piece_kind kind = plan_kind(update, codec);

		if (codecs >> codec & 1 && (kind == PIECE_RAW || kind == PIECE_ENCODED))
			return true;
	}
	return false;
}

static void put_pseudo(struct update *update, struct output *output, unsigned int x,
		       unsigned int y, unsigned int width, unsigned int height,
		       int32_t encoding)
{
	put_rectangle_header(output_at(output), x, y, width, height, encoding);
	output_commit(output, RECTANGLE_HEADER_LENGTH);
	update->rectangles++;
}

static void put_extended_size(struct update *update, struct output *output,
			      enum rfb_size_reason reason, enum rfb_size_result result)
{
	uint8_t *out;

	put_pseudo(update, output, reason, result, update->width, update->height,
		   RFB_ENCODING_EXTENDED_DESKTOP_SIZE);
	out = put_be32(output_at(output), 1u << 24);	/* one screen, padding */
	out = put_be32(out, SCREEN_ID);
	out = put_be32(out, 0);				/* its place */
	out = put_be16(out, update->width);
	out = put_be16(out, update->height);
	put_be32(out, 0);				/* flags, none are defined */
	output_commit(output, SIZE_BODY_LENGTH);
}

static void put_update_header(struct update *update, struct output *output)
{
	uint8_t header[UPDATE_HEADER_LENGTH] = { RFB_FRAMEBUFFER_UPDATE };

	output_put(output, header, sizeof(header));
	update->rectangles = 0;
	update->open_ended = false;
}

/* The output still holds the update from its first byte on. */
static void set_rectangles(struct output *output, unsigned int count)
{
	put_be16(output->data + output->start + 2, count);
}

static bool resize_due(const struct update *update, const struct source *source)
{
	const struct kvmcap_mode *mode = &source->snapshot.header.mode;

	return source->placard == PLACARD_NONE &&
	       (update->offer.desktop_size || update->offer.extended_desktop_size) &&
	       (update->width != mode->width || update->height != mode->height);
}

/* A new size comes alone; the client asks again when it knows it. */
static void put_resize(struct update *update, const struct source *source,
		       struct output *output)
{
	update->width = source->snapshot.header.mode.width;
	update->height = source->snapshot.header.mode.height;
	update->redraw = true;
	put_update_header(update, output);
	if (update->offer.extended_desktop_size)
		put_extended_size(update, output, RFB_SIZE_BY_SERVER, RFB_SIZE_OK);
	else
		put_pseudo(update, output, 0, 0, update->width, update->height,
			   RFB_ENCODING_DESKTOP_SIZE);
	set_rectangles(output, update->rectangles);
	update->requested = false;
	update->size_asked = false;
}

static bool announcements_due(const struct update *update)
{
	return (update->size_asked && update->offer.extended_desktop_size) ||
	       (update->offer.qemu_keys && !update->keys_told) ||
	       (update->offer.extended_mouse && !update->mouse_told);
}

static void put_announcements(struct update *update, struct output *output)
{
	if (update->size_refused)
		put_extended_size(update, output, RFB_SIZE_BY_THIS_CLIENT,
				  RFB_SIZE_PROHIBITED);
	update->size_refused = false;
	if (!update->requested)
		return;
	if (update->size_asked && update->offer.extended_desktop_size)
		put_extended_size(update, output, RFB_SIZE_BY_SERVER, RFB_SIZE_OK);
	update->size_asked = false;
	if (update->offer.qemu_keys && !update->keys_told) {
		put_pseudo(update, output, 0, 0, 0, 0, RFB_ENCODING_QEMU_EXTENDED_KEY);
		update->keys_told = true;
	}
	if (update->offer.extended_mouse && !update->mouse_told) {
		put_pseudo(update, output, 0, 0, 0, 0, RFB_ENCODING_EXTENDED_MOUSE);
		update->mouse_told = true;
	}
}

/* A tile is sent as of now, which may be later than when the update was planned. */
static void mark_tiles(struct update *update, const struct source *source,
		       const struct kvmcap_rectangle *tiles)
{
	for (unsigned int row = tiles->row; row < tiles->row + tiles->rows; row++) {
		size_t first = (size_t)row * update->mode.columns + tiles->column;

		for (size_t i = first; i < first + tiles->columns; i++)
			update->sent[i] = source->snapshot.tiles[i].sequence;
	}
}

/* Only tiles that the client sees whole count as sent; others cannot be seen at all. */
static void mark_pixels(struct update *update, const struct frame *frame,
			const struct kvmcap_rectangle *tiles)
{
	for (unsigned int row = tiles->row; row < tiles->row + tiles->rows; row++) {
		size_t first = (size_t)row * update->mode.columns + tiles->column;

		for (size_t i = first; i < first + tiles->columns; i++)
			update->sent[i] = frame_decoded(frame, i);
	}
}

static bool is_current(const struct update *update, const struct source *source)
{
	return update->epoch == source->epoch && source->placard == update->shown &&
	       update->tiles == source->snapshot.tile_count &&
	       mode_equal(&update->mode, &source->snapshot.header.mode);
}

static enum encode_result encode_tiles(struct update *update, const struct source *source,
				       struct kvmcap_rectangle *tiles, struct output *output)
{
	const struct piece *piece = &update->pieces[update->piece_next];

	*tiles = plan_tiles(update, piece);
	if (piece->kind == PIECE_HEXTILE)
		return encode_hextile(update, source, tiles, output);
	return encode_jpeg(update, source, tiles, output);
}

static enum encode_result advance_tiles(struct update *update, struct source *source,
					struct output *output)
{
	struct kvmcap_rectangle tiles;
	enum encode_result result = ENCODE_TORN;

	for (unsigned int i = 0; result == ENCODE_TORN && i < SOURCE_TRIES; i++) {
		if ((i && !source_refresh(source)) || !is_current(update, source))
			return ENCODE_TORN;
		result = encode_tiles(update, source, &tiles, output);
		while (result == ENCODE_FULL && output_used(output) < CUT_BELOW &&
		       plan_split(update, update->piece_next))
			result = encode_tiles(update, source, &tiles, output);
	}
	if (result == ENCODE_DONE)
		mark_tiles(update, source, &tiles);
	return result;
}

/* Tiles as JPEG that they are not. */
static enum encode_result advance_encoded(struct update *update, struct frame *frame,
					  struct output *output)
{
	const struct piece *piece = &update->pieces[update->piece_next];
	struct kvmcap_rectangle tiles;
	enum encode_result result;

	while ((unsigned int)piece->width * piece->height > ENCODED_AREA_MAX &&
	       plan_split(update, update->piece_next))
		;
	if (!is_current(update, frame->source))
		return ENCODE_TORN;
	tiles = plan_tiles(update, piece);
	if (frame_prepare(frame, &tiles))
		return ENCODE_IMPOSSIBLE;
	/* Preparing may have looked at a newer picture. */
	if (!is_current(update, frame->source))
		return ENCODE_TORN;
	result = encode_pixels(update, frame, piece, output);
	while (result == ENCODE_FULL && output_used(output) < CUT_BELOW &&
	       plan_split(update, update->piece_next))
		result = encode_pixels(update, frame, piece, output);
	tiles = plan_tiles(update, piece);
	if (result == ENCODE_DONE)
		mark_pixels(update, frame, &tiles);
	return result;
}

static enum encode_result advance_raw(struct update *update, struct frame *frame,
				      struct output *output)
{
	const struct piece *piece = &update->pieces[update->piece_next];
	struct kvmcap_rectangle tiles = plan_tiles(update, piece);
	enum encode_result result;
	bool prepared = false;

	if (!update->piece_row && update->shown == PLACARD_NONE && tiles.rows &&
	    is_current(update, frame->source))
		prepared = !frame_prepare(frame, &tiles);
	result = encode_raw_rows(update, frame, piece, output);
	/* What could not be decoded stays damaged, to be tried with the next change. */
	if (prepared && (result == ENCODE_DONE || update->piece_row) &&
	    is_current(update, frame->source))
		mark_pixels(update, frame, &tiles);
	return result;
}

static enum encode_result advance_piece(struct update *update, struct frame *frame,
					struct output *output)
{
	struct piece *piece = &update->pieces[update->piece_next];
	enum encode_result result;

	if (piece->kind == PIECE_FILL)
		return encode_fill(update, piece, PLACARD_BACKGROUND, output);
	if (piece->kind != PIECE_RAW) {
		if (piece->kind == PIECE_ENCODED)
			result = advance_encoded(update, frame, output);
		else
			result = advance_tiles(update, frame->source, output);
		/* Of another codec now, or a tile too large for an empty output: as pixels. */
		if (result == ENCODE_IMPOSSIBLE ||
		    (result == ENCODE_FULL && output_used(output) < CUT_BELOW))
			piece->kind = PIECE_RAW;
		else
			return result;
	}
	return advance_raw(update, frame, output);
}

/* How many rectangles there are is known if none of them may be cut. */
static bool is_countable(const struct update *update)
{
	for (size_t i = 0; i < update->piece_count; i++)
		if (update->pieces[i].kind != PIECE_RAW && update->pieces[i].kind != PIECE_FILL)
			return false;
	return true;
}

_Static_assert(OUTPUT_RESERVE >= RECTANGLE_HEADER_LENGTH, "a LastRect always fits");

static void end_update(struct update *update, struct output *output)
{
	if (update->open_ended)
		put_pseudo(update, output, 0, 0, 0, 0, RFB_ENCODING_LAST_RECT);
	update->active = false;
}

/* The output is full, the update is not at its end: how does it go on? */
static void interrupt(struct update *update, struct output *output, bool first,
		      bool countable)
{
	if (!first || countable)
		return;
	if (update->offer.last_rect) {
		set_rectangles(output, RFB_RECTANGLES_UNKNOWN);
		update->open_ended = true;
		return;
	}
	/* Rows of the last rectangle may have been written: that one has to be ended. */
	update->piece_count = update->piece_next + (update->piece_row ? 1 : 0);
	update->active = update->piece_row != 0;
	set_rectangles(output, update->rectangles + (update->piece_row ? 1 : 0));
}

/* Fill the output. @first: it holds the beginning of the update. */
static enum update_result fill(struct update *update, struct frame *frame,
			       struct output *output, bool first)
{
	bool countable = first && is_countable(update);
	enum encode_result result = ENCODE_DONE;

	if (countable)
		set_rectangles(output, update->rectangles + (unsigned int)update->piece_count);
	while (update->piece_next < update->piece_count) {
		/* The mode has changed: what is left may go, if it need not be counted. */
		if (update->open_ended && !update->piece_row &&
		    !is_current(update, frame->source))
			break;
		result = advance_piece(update, frame, output);
		if (result != ENCODE_DONE)
			break;
		update->piece_next++;
		update->rectangles++;
	}
	if (result == ENCODE_FULL || (result == ENCODE_TORN && is_current(update, frame->source))) {
		interrupt(update, output, first, countable);
		return output_used(output) ? UPDATE_WRITTEN : UPDATE_LATER;
	}
	if (first && !countable)
		set_rectangles(output, update->rectangles);
	end_update(update, output);
	return UPDATE_WRITTEN;
}

static enum update_result begin(struct update *update, struct frame *frame,
				struct output *output)
{
	struct source *source = frame->source;

	if (update->looked_at == source->changes)
		return UPDATE_NOTHING;
	update->offer = update->next_offer;
	if (update->format_changed)
		pixel_translation_init(&update->translation, &update->next_format);
	update->format_changed = false;
	if (!update->offer.extended_desktop_size)
		update->size_refused = false;
	if (!update->requested && !update->size_refused)
		return UPDATE_NOTHING;
	if (update->requested && resize_due(update, source)) {
		put_resize(update, source, output);
		return UPDATE_WRITTEN;
	}
	update->piece_count = 0;
	update->piece_next = 0;
	if (update->requested && plan_adopt(update, source))
		return UPDATE_NO_MEMORY;
	forget_area(update, &update->in_full);
	update->in_full = (struct area){ 0 };
	if (update->requested && plan_pieces(update, source))
		return UPDATE_NO_MEMORY;
	if (!update->piece_count && !update->size_refused && !announcements_due(update)) {
		update->looked_at = source->changes;
		return UPDATE_NOTHING;
	}
	update->looked_at = LOOK_AGAIN;
	put_update_header(update, output);
	put_announcements(update, output);
	update->requested = false;
	update->active = true;
	return fill(update, frame, output, true);
}

enum update_result update_advance(struct update *update, struct frame *frame,
				  struct output *output)
{
	if (update->active)
		return fill(update, frame, output, false);
	return begin(update, frame, output);
}
