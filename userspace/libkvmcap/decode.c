// SPDX-License-Identifier: Apache-2.0
/*
 * The pixels of tiles, whatever their codec.
 *
 * Nothing is decoded in place: payloads are copied, and used when it has turned out
 * that nobody wrote over them meanwhile.
 *
 * A JPEG tile's chroma is scaled up without looking at neighbours ("fast
 * upsampling"): pixels then depend on nothing but their own tile, whichever tiles
 * were decoded together, as equal payloads being equal pictures demands.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "source.h"
#include "tile_pixels.h"

/* 0x00RRGGBB in memory. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PIXELS_IN_MEMORY	TJPF_BGRX
#else
#define PIXELS_IN_MEMORY	TJPF_XRGB
#endif

/**
 * struct kvmcap_decoder - what decoding needs
 * @jpeg: libjpeg-turbo's
 * @bytes: room for a copy of payloads
 * @bytes_size: bytes there
 * @pixels: room for a tile
 * @pixels_size: pixels there
 */
struct kvmcap_decoder {
	tjhandle jpeg;
	uint8_t *bytes;
	size_t bytes_size;
	uint32_t *pixels;
	size_t pixels_size;
};

/**
 * struct target - where pixels go
 * @source: where tiles come from
 * @snapshot: which ones
 * @all: the rectangle that is decoded
 * @at: its pixels
 * @out: where the first of them goes
 * @stride: pixels from row to row
 */
struct target {
	const struct kvmcap_source *source;
	const struct kvmcap_snapshot *snapshot;
	struct kvmcap_rectangle all;
	struct kvmcap_pixels at;
	uint32_t *out;
	size_t stride;
};

int kvmcap_decoder_create(struct kvmcap_decoder **decoder)
{
	struct kvmcap_decoder *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->jpeg = tjInitDecompress();
	if (!new->jpeg) {
		free(new);
		return -ENOMEM;
	}
	*decoder = new;
	return 0;
}

void kvmcap_decoder_destroy(struct kvmcap_decoder *decoder)
{
	if (!decoder)
		return;
	tjDestroy(decoder->jpeg);
	free(decoder->bytes);
	free(decoder->pixels);
	free(decoder);
}

static int reserve_bytes(struct kvmcap_decoder *decoder, size_t size)
{
	uint8_t *bytes;

	if (size <= decoder->bytes_size)
		return 0;
	bytes = realloc(decoder->bytes, size);
	if (!bytes)
		return -ENOMEM;
	decoder->bytes = bytes;
	decoder->bytes_size = size;
	return 0;
}

static int reserve_pixels(struct kvmcap_decoder *decoder, size_t count)
{
	uint32_t *pixels;

	if (count <= decoder->pixels_size)
		return 0;
	pixels = realloc(decoder->pixels, count * sizeof(*pixels));
	if (!pixels)
		return -ENOMEM;
	decoder->pixels = pixels;
	decoder->pixels_size = count;
	return 0;
}

static uint32_t *place(const struct target *target, const struct kvmcap_pixels *at)
{
	return target->out + (size_t)(at->y - target->at.y) * target->stride +
	       (at->x - target->at.x);
}

/* Neighbouring JPEG tiles. What the decoder warns of, it shows as grey. */
static int decode_jpeg(struct kvmcap_decoder *decoder, const struct target *target,
		       const struct kvmcap_rectangle *run)
{
	struct kvmcap_pixels at = kvmcap_rectangle_pixels(&target->snapshot->header.mode, run);
	size_t size = kvmcap_jpeg_rectangle_size(target->snapshot, run, 0);
	uint32_t *out = place(target, &at);
	long length;

	if (!size)
		return -EBADMSG;
	if (reserve_bytes(decoder, size))
		return -ENOMEM;
	length = kvmcap_jpeg_rectangle(target->source, target->snapshot, run, 0, decoder->bytes,
				       decoder->bytes_size);
	if (length < 0)
		return length == -EAGAIN ? -EAGAIN : -EBADMSG;
	if (tjDecompress2(decoder->jpeg, decoder->bytes, (unsigned long)length, (uint8_t *)out,
			  at.width, (int)(target->stride * sizeof(*out)), at.height,
			  PIXELS_IN_MEMORY, TJFLAG_FASTUPSAMPLE | TJFLAG_NOREALLOC) &&
	    tjGetErrorCode(decoder->jpeg) == TJERR_FATAL)
		return -EBADMSG;
	return 0;
}

/* A tile of another codec, by way of a tile of our own, which may get half of it. */
static int decode_other(struct kvmcap_decoder *decoder, const struct target *target,
			const struct kvmcap_rectangle *one, const struct kvmcap_tile *tile)
{
	struct kvmcap_pixels at = kvmcap_rectangle_pixels(&target->snapshot->header.mode, one);
	const uint8_t *payload = kvmcap_payload(target->source, tile);
	uint32_t *out = place(target, &at);

	if (!payload || !tile->length)
		return -EBADMSG;
	if (reserve_bytes(decoder, tile->length) ||
	    reserve_pixels(decoder, (size_t)at.width * at.height))
		return -ENOMEM;
	memcpy(decoder->bytes, payload, tile->length);
	if (!kvmcap_intact(target->source, tile->position))
		return -EAGAIN;
	if (kvmcap_tile_pixels(tile->codec, decoder->bytes, tile->length, at.width, at.height,
			       decoder->pixels))
		return -EBADMSG;
	for (unsigned int row = 0; row < at.height; row++)
		memcpy(out + row * target->stride, decoder->pixels + (size_t)row * at.width,
		       at.width * sizeof(*out));
	return 0;
}

/* How many tiles from @column on are JPEG and may share an image, in a row. */
static unsigned int jpeg_run(const struct target *target, const struct kvmcap_tile *row,
			     unsigned int column)
{
	const struct kvmcap_mode *mode = &target->snapshot->header.mode;
	unsigned int end = target->all.column + target->all.columns;
	unsigned int at = column;

	while (at < end && row[at].codec == KVMCAP_CODEC_JPEG &&
	       (at == column || at != mode->columns - 1u || !kvmcap_mode_narrow(mode)))
		at++;
	return at - column;
}

static int decode_row(struct kvmcap_decoder *decoder, const struct target *target,
		      unsigned int row)
{
	const struct kvmcap_mode *mode = &target->snapshot->header.mode;
	const struct kvmcap_tile *tiles = target->snapshot->tiles + (size_t)row * mode->columns;
	unsigned int end = target->all.column + target->all.columns;
	struct kvmcap_rectangle run = { .row = (uint16_t)row, .rows = 1 };
	int result = 0, err;

	for (unsigned int column = target->all.column; column < end; column += run.columns) {
		unsigned int jpegs = jpeg_run(target, tiles, column);

		run.column = (uint16_t)column;
		run.columns = (uint16_t)(jpegs ? jpegs : 1);
		if (jpegs)
			err = decode_jpeg(decoder, target, &run);
		else
			err = decode_other(decoder, target, &run, &tiles[column]);
		if (err && err != -EBADMSG)
			return err;
		if (err)
			result = err;
	}
	return result;
}

int kvmcap_decode(struct kvmcap_decoder *decoder, const struct kvmcap_source *source,
		  const struct kvmcap_snapshot *snapshot,
		  const struct kvmcap_rectangle *rectangle, uint32_t *out, size_t stride)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	struct target target = {
		.source = source,
		.snapshot = snapshot,
		.all = *rectangle,
		.at = kvmcap_rectangle_pixels(mode, rectangle),
		.out = out,
		.stride = stride,
	};
	int result = 0, err;

	if (!snapshot->tile_count || rectangle->column + rectangle->columns > mode->columns ||
	    rectangle->row + rectangle->rows > mode->rows || stride < target.at.width)
		return -EINVAL;
	for (unsigned int i = 0; i < rectangle->rows; i++) {
		err = decode_row(decoder, &target, rectangle->row + i);
		if (err && err != -EBADMSG)
			return err;
		if (err)
			result = err;
	}
	return result;
}
