// SPDX-License-Identifier: Apache-2.0
/*
 * The picture in pixels.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "frame.h"
#include "log.h"

/* 0x00RRGGBB in memory. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PIXELS_IN_MEMORY	TJPF_BGRX
#else
#define PIXELS_IN_MEMORY	TJPF_XRGB
#endif

void frame_init(struct frame *frame, struct source *source)
{
	*frame = (struct frame){ .source = source };
}

void frame_free(struct frame *frame)
{
	kvmcap_decoder_destroy(frame->decoder);
	frame->decoder = NULL;
	if (frame->encoder)
		tjDestroy(frame->encoder);
	frame->encoder = NULL;
	free(frame->pixels);
	frame->pixels = NULL;
	free(frame->decoded);
	frame->decoded = NULL;
	free(frame->image);
	frame->image = NULL;
	frame->image_size = 0;
}

bool mode_equal(const struct kvmcap_mode *a, const struct kvmcap_mode *b)
{
	return a->width == b->width && a->height == b->height &&
	       a->tile_width == b->tile_width && a->tile_height == b->tile_height &&
	       a->subsampling == b->subsampling;
}

static bool is_current(const struct frame *frame)
{
	return frame->pixels && frame->epoch == frame->source->epoch &&
	       mode_equal(&frame->mode, &frame->source->snapshot.header.mode);
}

static int start_anew(struct frame *frame)
{
	const struct kvmcap_snapshot *snapshot = &frame->source->snapshot;

	frame_free(frame);
	frame->mode = snapshot->header.mode;
	frame->epoch = frame->source->epoch;
	frame->pixels = calloc((size_t)frame->mode.width * frame->mode.height,
			       sizeof(*frame->pixels));
	frame->decoded = calloc(snapshot->tile_count, sizeof(*frame->decoded));
	if (!frame->pixels || !frame->decoded || kvmcap_decoder_create(&frame->decoder)) {
		frame_free(frame);
		return -ENOMEM;
	}
	return 0;
}

/* Whether a tile differs from what has been decoded of it. */
static bool is_stale(const struct frame *frame, size_t tile)
{
	return frame->decoded[tile] != frame->source->snapshot.tiles[tile].sequence;
}

/* Decode @run, of what is newest when the log has moved on meanwhile. */
static int fetch(struct frame *frame, const struct kvmcap_rectangle *run, uint32_t *out)
{
	struct source *source = frame->source;
	int error;

	for (unsigned int i = 0; i < SOURCE_TRIES; i++) {
		error = kvmcap_decode(frame->decoder, source->capture, &source->snapshot, run, out,
				      frame->mode.width);
		if (error != -EAGAIN)
			return error;
		if (!source_refresh(source) || !is_current(frame))
			return -EAGAIN;
	}
	return -EAGAIN;
}

/* Say it once: the driver publishes something that this cannot show. */
static void complain(struct frame *frame, const char *what)
{
	if (!frame->complained)
		log_error("%s: tiles cannot be decoded: %s", frame->source->path, what);
	frame->complained = true;
}

/* What cannot be decoded is not tried again until it changes. */
static int decode_run(struct frame *frame, const struct kvmcap_rectangle *run)
{
	struct kvmcap_pixels at = kvmcap_rectangle_pixels(&frame->mode, run);
	size_t tile = (size_t)run->row * frame->mode.columns + run->column;
	int error = fetch(frame, run, frame->pixels + (size_t)at.y * frame->mode.width + at.x);

	if (error == -EAGAIN || error == -ENOMEM)
		return error;
	if (error)
		complain(frame, strerror(-error));
	for (unsigned int i = 0; i < run->columns; i++)
		frame->decoded[tile + i] = frame->source->snapshot.tiles[tile + i].sequence;
	frame->tiles_decoded += run->columns;
	return 0;
}

/* Stale tiles side by side. */
static struct kvmcap_rectangle next_run(const struct frame *frame, unsigned int row,
					unsigned int column, unsigned int end)
{
	size_t first = (size_t)row * frame->mode.columns;
	struct kvmcap_rectangle run = { .row = (uint16_t)row, .rows = 1 };

	while (column < end && !is_stale(frame, first + column))
		column++;
	run.column = (uint16_t)column;
	while (column < end && is_stale(frame, first + column))
		column++;
	run.columns = (uint16_t)(column - run.column);
	return run;
}

int frame_prepare(struct frame *frame, const struct kvmcap_rectangle *tiles)
{
	int error = 0;

	if (!frame->source->snapshot.tile_count)
		return -ENODATA;
	if (!is_current(frame))
		error = start_anew(frame);
	for (unsigned int row = tiles->row; !error && row < tiles->row + tiles->rows; row++) {
		unsigned int column = tiles->column;
		unsigned int end = column + tiles->columns;

		while (!error && column < end) {
			struct kvmcap_rectangle run = next_run(frame, row, column, end);

			if (run.columns)
				error = decode_run(frame, &run);
			column = run.column + run.columns;
		}
	}
	return error;
}

void frame_row(const struct frame *frame, unsigned int x, unsigned int y, unsigned int count,
	       uint32_t *out)
{
	unsigned int there = 0;

	if (frame->pixels && y < frame->mode.height && x < frame->mode.width) {
		there = frame->mode.width - x;
		if (there > count)
			there = count;
		memcpy(out, frame->pixels + (size_t)y * frame->mode.width + x,
		       there * sizeof(*out));
	}
	memset(out + there, 0, (count - there) * sizeof(*out));
}

unsigned int frame_codecs(struct frame *frame)
{
	const struct kvmcap_snapshot *snapshot = &frame->source->snapshot;

	if (frame->codecs_changes == frame->source->changes)
		return frame->codecs;
	frame->codecs_changes = frame->source->changes;
	frame->codecs = 0;
	for (size_t i = 0; i < snapshot->tile_count; i++)
		frame->codecs |= 1u << snapshot->tiles[i].codec;
	return frame->codecs;
}

static int reserve_image(struct frame *frame, size_t size)
{
	uint8_t *image;

	if (size <= frame->image_size)
		return 0;
	image = realloc(frame->image, size);
	if (!image)
		return -ENOMEM;
	frame->image = image;
	frame->image_size = size;
	return 0;
}

/* Chroma is not subsampled: what is encoded here is mostly text. */
long frame_jpeg(struct frame *frame, const struct kvmcap_pixels *at, unsigned int quality,
		const uint8_t **image)
{
	const uint32_t *in = frame->pixels + (size_t)at->y * frame->mode.width + at->x;
	unsigned long length = tjBufSize(at->width, at->height, TJSAMP_444);
	uint8_t *out;

	if (!frame->encoder)
		frame->encoder = tjInitCompress();
	if (!frame->encoder || reserve_image(frame, length))
		return -ENOMEM;
	out = frame->image;
	if (tjCompress2(frame->encoder, (const uint8_t *)in, at->width, frame->mode.width * 4,
			at->height, PIXELS_IN_MEMORY, &out, &length, TJSAMP_444, (int)quality,
			TJFLAG_NOREALLOC))
		return -ENOMEM;
	*image = frame->image;
	return (long)length;
}

uint64_t frame_decoded(const struct frame *frame, size_t tile)
{
	return frame->pixels ? frame->decoded[tile] : 0;
}
