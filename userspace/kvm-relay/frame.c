// SPDX-License-Identifier: Apache-2.0
/*
 * The picture in pixels.
 *
 * Chroma is scaled up without looking at neighbours ("fast upsampling"): pixels
 * then depend on nothing but their own tile, whichever tiles were decoded
 * together, as equal payloads being equal pictures demands.
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
	if (frame->decoder)
		tjDestroy(frame->decoder);
	frame->decoder = NULL;
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
	frame->decoder = tjInitDecompress();
	if (!frame->pixels || !frame->decoded || !frame->decoder) {
		frame_free(frame);
		return -ENOMEM;
	}
	return 0;
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

/* Whether a tile differs from what has been decoded of it. */
static bool is_stale(const struct frame *frame, size_t tile)
{
	return frame->decoded[tile] != frame->source->snapshot.tiles[tile].sequence;
}

/* Get @run as one JPEG image into frame->image; its length or a negative errno. */
static long fetch(struct frame *frame, const struct kvmcap_rectangle *run)
{
	struct source *source = frame->source;
	size_t size;
	long length;
	int error;

	for (unsigned int i = 0; i < SOURCE_TRIES; i++) {
		size = kvmcap_jpeg_rectangle_size(&source->snapshot, run, 0);
		error = reserve_image(frame, size);
		if (!size || error)
			return size ? error : -EINVAL;
		length = kvmcap_jpeg_rectangle(source->capture, &source->snapshot, run, 0,
					       frame->image, frame->image_size);
		if (length != -EAGAIN)
			return length;
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

/* What cannot be decoded at all is left as it was, and not tried again until it changes. */
static int decode_run(struct frame *frame, const struct kvmcap_rectangle *run)
{
	struct kvmcap_pixels at = kvmcap_rectangle_pixels(&frame->mode, run);
	size_t tile = (size_t)run->row * frame->mode.columns + run->column;
	long length = fetch(frame, run);
	uint32_t *out = frame->pixels + (size_t)at.y * frame->mode.width + at.x;

	if (length == -EAGAIN || length == -ENOMEM)
		return (int)length;
	if (length < 0)
		complain(frame, strerror((int)-length));
	/* A warning leaves grey where the stream was damaged; the next change mends it. */
	else if (tjDecompress2(frame->decoder, frame->image, (unsigned long)length, (uint8_t *)out,
			       at.width, frame->mode.width * 4, at.height, PIXELS_IN_MEMORY,
			       TJFLAG_FASTUPSAMPLE | TJFLAG_NOREALLOC) &&
		 tjGetErrorCode(frame->decoder) == TJERR_FATAL)
		complain(frame, tjGetErrorStr2(frame->decoder));
	for (unsigned int i = 0; i < run->columns; i++)
		frame->decoded[tile + i] = frame->source->snapshot.tiles[tile + i].sequence;
	frame->tiles_decoded += run->columns;
	return 0;
}

/* Stale tiles side by side; the last column stands alone, it may be narrower. */
static struct kvmcap_rectangle next_run(const struct frame *frame, unsigned int row,
					unsigned int column, unsigned int end)
{
	size_t first = (size_t)row * frame->mode.columns;
	unsigned int last = frame->mode.columns - 1u;
	struct kvmcap_rectangle run = { .row = (uint16_t)row, .rows = 1 };

	while (column < end && !is_stale(frame, first + column))
		column++;
	run.column = (uint16_t)column;
	while (column < end && is_stale(frame, first + column) &&
	       (column != last || run.column == last))
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

uint64_t frame_decoded(const struct frame *frame, size_t tile)
{
	return frame->pixels ? frame->decoded[tile] : 0;
}
