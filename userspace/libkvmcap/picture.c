// SPDX-License-Identifier: Apache-2.0
/*
 * The whole picture as one JPEG image.
 *
 * A scan has one restart interval, and the last column's tiles may have fewer
 * MCUs than the others. Then every tile is made an image of its own and cut, by
 * the same transcoder that has cut the engine's image into tiles, at the
 * greatest common divisor of both numbers of MCUs.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg.h"
#include "jpeg_tiles.h"
#include "source.h"

/**
 * struct joiner - an image while it is put together
 * @sink: takes the pieces of a tile
 * @source: where tiles come from
 * @snapshot: which ones
 * @transcoder: cuts them
 * @interval: MCUs of a piece
 * @tile: room for an image of one tile
 * @tile_size: bytes there
 * @out: room for the image
 * @out_size: bytes there
 * @length: bytes of the image so far
 * @pieces: in it so far
 */
struct joiner {
	struct kvmcap_tile_sink sink;
	const struct kvmcap_source *source;
	const struct kvmcap_snapshot *snapshot;
	struct kvmcap_jpeg_transcoder *transcoder;
	unsigned int interval;
	uint8_t *tile;
	size_t tile_size;
	uint8_t *out;
	size_t out_size;
	size_t length;
	size_t pieces;
};

static unsigned int common_divisor(unsigned int a, unsigned int b)
{
	return b ? common_divisor(b, a % b) : a;
}

/* A piece goes behind the restart marker that piece_end() writes before it. */
static u8 *piece_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct joiner *joiner = (struct joiner *)sink;
	size_t marker = joiner->pieces ? RST_LENGTH : 0;

	if (joiner->out_size - joiner->length < marker + EOI_LENGTH)
		return NULL;
	*room = joiner->out_size - joiner->length - marker - EOI_LENGTH;
	return joiner->out + joiner->length + marker;
}

static int piece_end(struct kvmcap_tile_sink *sink, unsigned int column, unsigned int row,
		     size_t length)
{
	struct joiner *joiner = (struct joiner *)sink;

	(void)column;
	(void)row;
	if (joiner->pieces) {
		kvmcap_jpeg_put_marker(joiner->out + joiner->length,
				       RST0 + (joiner->pieces - 1) % 8);
		joiner->length += RST_LENGTH;
	}
	joiner->length += length;
	joiner->pieces++;
	return 0;
}

static int join_tile(struct joiner *joiner, unsigned int column, unsigned int row)
{
	struct kvmcap_rectangle one = {
		.column = (uint16_t)column,
		.row = (uint16_t)row,
		.columns = 1,
		.rows = 1,
	};
	struct kvmcap_jpeg_image image;
	long length;
	int err;

	length = kvmcap_jpeg_rectangle(joiner->source, joiner->snapshot, &one, 0, joiner->tile,
				       joiner->tile_size);
	if (length < 0)
		return (int)length;
	err = kvmcap_jpeg_parse(&image, joiner->tile, (size_t)length);
	if (!err)
		err = kvmcap_jpeg_tables_set(joiner->transcoder, &image);
	if (!err)
		err = kvmcap_jpeg_tiles(joiner->transcoder, &image, joiner->interval,
					&joiner->sink);
	/* What the transcoder has against a tile does not matter any more. */
	return err ? -EBADMSG : 0;
}

/* Everything before the first piece. */
static int join_header(struct joiner *joiner)
{
	const struct kvmcap_header *header = &joiner->snapshot->header;
	const struct kvmcap_pixels all = {
		.width = header->mode.width,
		.height = header->mode.height,
	};
	const uint8_t *tables = kvmcap_tables(joiner->source, joiner->snapshot);
	uint8_t *at = kvmcap_jpeg_put_marker(joiner->out, SOI);

	if (!tables)
		return -EINVAL;
	memcpy(at, tables, header->tables_length);
	if (!kvmcap_intact(joiner->source, header->tables_position))
		return -EAGAIN;
	at = kvmcap_jpeg_put_frame(at + header->tables_length, &header->mode, &all,
				   joiner->interval);
	joiner->length = (size_t)(at - joiner->out);
	return 0;
}

static int join(struct joiner *joiner)
{
	const struct kvmcap_mode *mode = &joiner->snapshot->header.mode;
	unsigned int column, row;
	int err = join_header(joiner);

	for (row = 0; !err && row < mode->rows; row++) {
		for (column = 0; !err && column < mode->columns; column++)
			err = join_tile(joiner, column, row);
	}
	if (err)
		return err;
	kvmcap_jpeg_put_marker(joiner->out + joiner->length, EOI);
	joiner->length += EOI_LENGTH;
	return 0;
}

/* Room for every tile cut into pieces, and for an image of the largest one. */
static void find_sizes(struct joiner *joiner)
{
	const struct kvmcap_snapshot *snapshot = joiner->snapshot;
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	size_t header = SOI_LENGTH + snapshot->header.tables_length + SOF_LENGTH + DRI_LENGTH +
			SOS_LENGTH + EOI_LENGTH;
	unsigned int pieces = kvmcap_mode_units(mode, 0) / joiner->interval;
	size_t i, largest = 0;

	joiner->out_size = header;
	for (i = 0; i < snapshot->tile_count; i++) {
		size_t length = snapshot->tiles[i].length;

		joiner->out_size += kvmcap_jpeg_tiles_bound(length + EOI_LENGTH, pieces);
		joiner->out_size += (size_t)pieces * RST_LENGTH;
		if (length > largest)
			largest = length;
	}
	joiner->tile_size = header + largest;
}

static long picture_joined(const struct kvmcap_source *source,
			   const struct kvmcap_snapshot *snapshot, uint8_t **image)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	struct joiner joiner = {
		.sink = { .begin = piece_begin, .end = piece_end },
		.source = source,
		.snapshot = snapshot,
		.interval = common_divisor(kvmcap_mode_units(mode, 0),
					   kvmcap_mode_units(mode, mode->columns - 1U)),
	};
	int err = -ENOMEM;

	find_sizes(&joiner);
	joiner.transcoder = calloc(1, sizeof(*joiner.transcoder));
	joiner.tile = malloc(joiner.tile_size);
	joiner.out = malloc(joiner.out_size);
	if (joiner.transcoder && joiner.tile && joiner.out)
		err = join(&joiner);
	free(joiner.transcoder);
	free(joiner.tile);
	if (err) {
		free(joiner.out);
		return err;
	}
	*image = joiner.out;
	return (long)joiner.length;
}

static long picture_whole(const struct kvmcap_source *source,
			  const struct kvmcap_snapshot *snapshot, uint8_t **image)
{
	const struct kvmcap_rectangle all = {
		.columns = snapshot->header.mode.columns,
		.rows = snapshot->header.mode.rows,
	};
	size_t size = kvmcap_jpeg_rectangle_size(snapshot, &all, 0);
	uint8_t *out;
	long length;

	if (!size)
		return -EINVAL;
	out = malloc(size);
	if (!out)
		return -ENOMEM;
	length = kvmcap_jpeg_rectangle(source, snapshot, &all, 0, out, size);
	if (length < 0) {
		free(out);
		return length;
	}
	*image = out;
	return length;
}

long kvmcap_jpeg_picture(const struct kvmcap_source *source,
			 const struct kvmcap_snapshot *snapshot, uint8_t **image)
{
	if (!snapshot->tile_count)
		return -EINVAL;
	if (kvmcap_mode_narrow(&snapshot->header.mode))
		return picture_joined(source, snapshot, image);
	return picture_whole(source, snapshot, image);
}
