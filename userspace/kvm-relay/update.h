/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client sees: what it has been sent of each tile, what it asks for, and
 * the framebuffer updates that follow from both.
 *
 * An update is begun only when the client has asked for one and there is
 * something to say, and put into the client's output piece by piece, as that
 * becomes empty. A tile is sent as it is when its turn comes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_UPDATE_H
#define RELAY_UPDATE_H

#include "frame.h"
#include "offer.h"
#include "output.h"
#include "pixels.h"

enum piece_kind {
	PIECE_JPEG,	/* a rectangle of whole tiles, as they are */
	PIECE_HEXTILE,	/* the same */
	PIECE_ENCODED,	/* a rectangle of whole tiles, whose pixels become JPEG */
	PIECE_RAW,	/* pixels: of the picture, of a placard, or black */
	PIECE_FILL,	/* one colour, the placard's background */
};

/**
 * struct piece - a rectangle of an update, in pixels of the client's framebuffer
 * @kind: enum piece_kind
 * @x: left
 * @y: top
 * @width: at least 1
 * @height: at least 1
 */
struct piece {
	uint8_t kind;
	uint16_t x;
	uint16_t y;
	uint16_t width;
	uint16_t height;
};

/* A half-open area in pixels. */
struct area {
	unsigned int left, top, right, bottom;
};

#define LOOK_AGAIN	UINT64_MAX

/**
 * struct update - a client's view
 * @width: of the client's framebuffer
 * @height: of the client's framebuffer
 * @offer: what the client takes
 * @translation: to the client's pixel format
 * @next_offer: holds from the next update on
 * @next_format: holds from the next update on
 * @format_changed: @next_format differs from what @translation does
 *
 * @requested: the client has asked for an update
 * @request: of which area; all requests since the last update together
 * @in_full: what of it is to be sent whether it has changed or not. An update
 *	that was begun before the request does not count for it
 * @size_asked: an ExtendedDesktopSize is due with the next update
 * @size_refused: the client has tried to set the size
 * @keys_told: QEMU's extended key events have been announced
 * @mouse_told: extended mouse buttons have been announced
 *
 * @looked_at: source.changes of when there was nothing to send; nothing has
 *	been asked since then. LOOK_AGAIN otherwise
 * @shown: what the client sees instead of a picture
 * @redraw: everything is to be drawn anew, the area beyond the picture too
 * @mode: what @sent is about
 * @epoch: what @sent is about
 * @sent: for each tile, its sequence when it was last sent; 0 for never
 * @tiles: entries in @sent
 * @tables: generation of JPEG tables that the client's JPEG decoder holds
 * @tables_epoch: the source's when they were sent
 *
 * @active: an update has been begun and not ended
 * @open_ended: it ends with a LastRect
 * @pieces: rectangles of it
 * @piece_room: entries in @pieces
 * @piece_count: how many there are
 * @piece_next: the first that has not been sent
 * @piece_row: rows of that which have been
 * @rectangles: put so far, pseudo-rectangles included
 */
struct update {
	uint16_t width;
	uint16_t height;
	struct offer offer;
	struct pixel_translation translation;
	struct offer next_offer;
	struct pixel_format next_format;
	bool format_changed;

	bool requested;
	struct area request;
	struct area in_full;
	bool size_asked;
	bool size_refused;
	bool keys_told;
	bool mouse_told;

	uint64_t looked_at;
	enum placard shown;
	bool redraw;
	struct kvmcap_mode mode;
	uint32_t epoch;
	uint64_t *sent;
	size_t tiles;
	uint32_t tables;
	uint32_t tables_epoch;

	bool active;
	bool open_ended;
	struct piece *pieces;
	size_t piece_room;
	size_t piece_count;
	size_t piece_next;
	unsigned int piece_row;
	unsigned int rectangles;
};

/* The size is what ServerInit said. */
void update_init(struct update *update, unsigned int width, unsigned int height);
void update_free(struct update *update);

void update_set_offer(struct update *update, const struct offer *offer);
void update_set_format(struct update *update, const struct pixel_format *format);

/* A FramebufferUpdateRequest; its area may reach out of the framebuffer. */
void update_request(struct update *update, bool incremental, const struct area *area);

/* A SetDesktopSize, which is always refused. */
void update_refuse_size(struct update *update);

/* Whether the client is served with pixels of a picture that has tiles of these codecs. */
bool update_needs_pixels(const struct update *update, unsigned int codecs);

enum update_result {
	UPDATE_NOTHING,		/* nothing to say, or nobody asks */
	UPDATE_WRITTEN,		/* there is something in the output */
	UPDATE_LATER,		/* the picture changes too fast just now */
	UPDATE_NO_MEMORY,
};

/**
 * update_advance() - go on with an update, or begin one
 * @update: the client's view
 * @frame: the picture, in pixels and, by its source, in tiles
 * @output: must be empty
 */
enum update_result update_advance(struct update *update, struct frame *frame,
				  struct output *output);

#endif
