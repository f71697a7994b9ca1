/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rectangles of a framebuffer update, written into a client's output.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_ENCODE_H
#define RELAY_ENCODE_H

#include "bytes.h"
#include "output.h"
#include "rfb.h"
#include "update.h"

#define RECTANGLE_HEADER_LENGTH	12

enum encode_result {
	ENCODE_DONE,
	ENCODE_FULL,		/* no room for it; nothing was written */
	ENCODE_IMPOSSIBLE,	/* not this way */
	ENCODE_TORN,		/* its bytes are being overwritten: take a new snapshot */
};

static inline uint8_t *put_rectangle_header(uint8_t *out, unsigned int x, unsigned int y,
					    unsigned int width, unsigned int height,
					    int32_t encoding)
{
	out = put_be16(out, x);
	out = put_be16(out, y);
	out = put_be16(out, width);
	out = put_be16(out, height);
	return put_be32(out, (uint32_t)encoding);
}

/* Whether the client takes JPEG at all. */
bool encode_jpeg_possible(const struct update *update);

/* Write tiles as one rectangle of JPEG (21) or Tight, straight from the log. */
enum encode_result encode_jpeg(struct update *update, const struct source *source,
			       const struct kvmcap_rectangle *tiles, struct output *output);

/* Whether the client takes an engine's Hextile as it is. */
bool encode_hextile_possible(const struct update *update);

/* Write tiles as one rectangle of Hextile, straight from the log. */
enum encode_result encode_hextile(const struct update *update, const struct source *source,
				  const struct kvmcap_rectangle *tiles, struct output *output);

/**
 * encode_pixels() - write pixels as one rectangle of JPEG (21) or Tight
 * @update: of a client that takes JPEG
 * @frame: where pixels are, prepared
 * @piece: the rectangle, within the picture
 * @output: where it goes
 */
enum encode_result encode_pixels(struct update *update, struct frame *frame,
				 const struct piece *piece, struct output *output);

/**
 * encode_raw_rows() - write as many rows of a Raw rectangle as there is room for
 * @update: piece_row says how many have been written; its header goes before
 *	the first
 * @frame: where pixels are
 * @piece: the rectangle
 * @output: where it goes
 *
 * Return: ENCODE_DONE when the last row has been written, otherwise ENCODE_FULL.
 */
enum encode_result encode_raw_rows(struct update *update, const struct frame *frame,
				   const struct piece *piece, struct output *output);

/* Write a Tight rectangle of one colour, 0x00RRGGBB. */
enum encode_result encode_fill(const struct update *update, const struct piece *piece,
			       uint32_t colour, struct output *output);

#endif
