// SPDX-License-Identifier: Apache-2.0
/*
 * Pixels as Raw, and areas of one colour as Tight.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "encode.h"

/* Pixels that are fetched and converted at a time. */
#define RUN_MAX		1024

static void get_pixels(const struct update *update, const struct frame *frame,
		       unsigned int x, unsigned int y, unsigned int count, uint32_t *out)
{
	if (update->shown != PLACARD_NONE)
		placard_row(update->shown, update->width, update->height, x, y, count, out);
	else
		frame_row(frame, x, y, count, out);
}

static void put_row(const struct update *update, const struct frame *frame,
		    const struct piece *piece, unsigned int row, uint8_t *out)
{
	uint32_t pixels[RUN_MAX];

	for (unsigned int at = 0; at < piece->width; at += RUN_MAX) {
		unsigned int count = piece->width - at < RUN_MAX ? piece->width - at : RUN_MAX;

		get_pixels(update, frame, piece->x + at, piece->y + row, count, pixels);
		pixels_translate(&update->translation, pixels, count, out);
		out += (size_t)count * update->translation.bytes;
	}
}

enum encode_result encode_raw_rows(struct update *update, const struct frame *frame,
				   const struct piece *piece, struct output *output)
{
	size_t row_length = (size_t)piece->width * update->translation.bytes;
	size_t header = update->piece_row ? 0 : RECTANGLE_HEADER_LENGTH;

	/* At least a row behind a header, lest it be written twice. */
	if (output_room(output) < header + row_length)
		return ENCODE_FULL;
	if (header) {
		put_rectangle_header(output_at(output), piece->x, piece->y, piece->width,
				     piece->height, RFB_ENCODING_RAW);
		output_commit(output, header);
	}
	while (update->piece_row < piece->height) {
		if (output_room(output) < row_length)
			return ENCODE_FULL;
		put_row(update, frame, piece, update->piece_row, output_at(output));
		output_commit(output, row_length);
		update->piece_row++;
	}
	update->piece_row = 0;
	return ENCODE_DONE;
}

_Static_assert(OUTPUT_SIZE >= RECTANGLE_HEADER_LENGTH + UINT16_MAX * PIXEL_BYTES_MAX + 64,
	       "a row of any width fits the output");

enum encode_result encode_fill(const struct update *update, const struct piece *piece,
			       uint32_t colour, struct output *output)
{
	size_t length = update->translation.compact ? 3 : update->translation.bytes;
	uint8_t *out = output_at(output);

	if (output_room(output) < RECTANGLE_HEADER_LENGTH + 1 + length)
		return ENCODE_FULL;
	out = put_rectangle_header(out, piece->x, piece->y, piece->width, piece->height,
				   RFB_ENCODING_TIGHT);
	out = put_u8(out, RFB_TIGHT_FILL);
	if (update->translation.compact) {
		put_u8(out, colour >> 16);
		put_u8(out + 1, colour >> 8);
		put_u8(out + 2, colour);
	} else {
		pixels_translate(&update->translation, &colour, 1, out);
	}
	output_commit(output, RECTANGLE_HEADER_LENGTH + 1 + length);
	return ENCODE_DONE;
}
