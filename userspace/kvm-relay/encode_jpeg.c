// SPDX-License-Identifier: Apache-2.0
/*
 * Tiles and pixels as JPEG (21) or as Tight with JPEG in it.
 *
 * A decoder of JPEG (21) keeps the last tables it was sent on its connection and
 * puts them where a later image has none; Tight's does not. Where a client takes
 * both, JPEG (21) is the smaller.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <string.h>

#include "encode.h"

/* Control byte and a length of three bytes, seven bits each but the last. */
#define TIGHT_HEADER_LENGTH	4

/* Of pixels, for a client that takes JPEG (21) and does not say how good. */
#define QUALITY_DEFAULT		86

/* Tight with JPEG takes pixels of at least so many bytes. */
#define TIGHT_JPEG_BYTES_MIN	2

static bool tight_jpeg_possible(const struct update *update)
{
	return update->offer.tight && update->offer.quality &&
	       update->translation.bytes >= TIGHT_JPEG_BYTES_MIN;
}

bool encode_jpeg_possible(const struct update *update)
{
	return update->offer.jpeg || tight_jpeg_possible(update);
}

/* Always three bytes, good for any length: so it is known beforehand where data begin. */
static uint8_t *put_tight_header(uint8_t *out, size_t length)
{
	out = put_u8(out, RFB_TIGHT_JPEG);
	out = put_u8(out, 0x80 | (length & 0x7f));
	out = put_u8(out, 0x80 | (length >> 7 & 0x7f));
	return put_u8(out, (unsigned int)(length >> 14));
}

static enum encode_result jpeg_error(long error)
{
	switch (error) {
	case -EAGAIN:
		return ENCODE_TORN;
	case -ENOSPC:
		return ENCODE_FULL;
	default:
		return ENCODE_IMPOSSIBLE;
	}
}

enum encode_result encode_jpeg(struct update *update, const struct source *source,
			       const struct kvmcap_rectangle *tiles, struct output *output)
{
	const struct kvmcap_snapshot *snapshot = &source->snapshot;
	struct kvmcap_pixels at = kvmcap_rectangle_pixels(&snapshot->header.mode, tiles);
	bool tight = !update->offer.jpeg;
	size_t header = RECTANGLE_HEADER_LENGTH + (tight ? TIGHT_HEADER_LENGTH : 0);
	bool known = !tight && update->tables == snapshot->header.tables &&
		     update->tables_epoch == source->epoch;
	unsigned int flags = known ? KVMCAP_JPEG_WITHOUT_TABLES : 0;
	uint8_t *out = output_at(output);
	long length;

	if (tight && at.width > RFB_TIGHT_WIDTH_MAX)
		return ENCODE_FULL;
	if (output_room(output) <= header)
		return ENCODE_FULL;
	length = kvmcap_jpeg_rectangle(source->capture, snapshot, tiles, flags, out + header,
				       output_room(output) - header);
	if (length < 0)
		return jpeg_error(length);
	out = put_rectangle_header(out, at.x, at.y, at.width, at.height,
				   tight ? RFB_ENCODING_TIGHT : RFB_ENCODING_JPEG);
	if (tight) {
		put_tight_header(out, (size_t)length);
	} else {
		update->tables = snapshot->header.tables;
		update->tables_epoch = source->epoch;
	}
	output_commit(output, header + (size_t)length);
	return ENCODE_DONE;
}

/* Whether @at is of one colour; then that is in @colour. */
static bool is_flat(const struct frame *frame, const struct kvmcap_pixels *at, uint32_t *colour)
{
	const uint32_t *row = frame->pixels + (size_t)at->y * frame->mode.width + at->x;

	*colour = *row & 0xffffff;
	for (unsigned int y = 0; y < at->height; y++, row += frame->mode.width)
		for (unsigned int x = 0; x < at->width; x++)
			if ((row[x] & 0xffffff) != *colour)
				return false;
	return true;
}

enum encode_result encode_pixels(struct update *update, struct frame *frame,
				 const struct piece *piece, struct output *output)
{
	const struct kvmcap_pixels at = { piece->x, piece->y, piece->width, piece->height };
	bool tight = !update->offer.jpeg;
	size_t header = RECTANGLE_HEADER_LENGTH + (tight ? TIGHT_HEADER_LENGTH : 0);
	unsigned int quality = update->offer.quality ? update->offer.quality : QUALITY_DEFAULT;
	uint8_t *out = output_at(output);
	const uint8_t *image;
	uint32_t colour;
	long length;

	if (update->offer.tight && is_flat(frame, &at, &colour))
		return encode_fill(update, piece, colour, output);
	if (tight && at.width > RFB_TIGHT_WIDTH_MAX)
		return ENCODE_FULL;
	length = frame_jpeg(frame, &at, quality, &image);
	if (length < 0)
		return ENCODE_IMPOSSIBLE;
	if (output_room(output) < header + (size_t)length)
		return ENCODE_FULL;
	out = put_rectangle_header(out, at.x, at.y, at.width, at.height,
				   tight ? RFB_ENCODING_TIGHT : RFB_ENCODING_JPEG);
	if (tight)
		out = put_tight_header(out, (size_t)length);
	else
		update->tables = 0;	/* the decoder now holds those of this image */
	memcpy(out, image, (size_t)length);
	output_commit(output, header + (size_t)length);
	return ENCODE_DONE;
}

_Static_assert(OUTPUT_SIZE <= RFB_TIGHT_DATA_MAX, "what fits the output fits a Tight rectangle");
