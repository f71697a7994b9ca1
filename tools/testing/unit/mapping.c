// SPDX-License-Identifier: Apache-2.0
/*
 * A mapping as kvmcap.ko makes it, in a test's own memory.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "geometry.h"
#include "mapping.h"

#define PAGE		4096
#define TILES_MAX	4096
#define TILE_BYTES_MAX	(64 * 1024)
#define QUALITY		80	/* what tables are said to be */
#define PALETTE_MAX	3072	/* bytes of a tile of 256 colours */

/* The sink that the transcoder fills; the kernel's frame loop has the like. */
struct log_sink {
	struct kvmcap_tile_sink sink;
	struct kvmcap_log *log;
	const struct kvmcap_mode *mode;
	struct tile_maker *maker;
	u8 *payload;
};

void mapping_init(struct mapping *mapping, size_t frame_bytes)
{
	size_t size = kvmcap_log_map_size(TILES_MAX, TILE_BYTES_MAX, frame_bytes);

	memset(mapping, 0, sizeof(*mapping));
	mapping->size = (size + PAGE - 1) / PAGE * PAGE;
	mapping->memory = aligned_alloc(PAGE, mapping->size);
	if (!mapping->memory)
		abort();
	memset(mapping->memory, 0, mapping->size);
	if (kvmcap_log_init(&mapping->log, mapping->memory, mapping->size, TILES_MAX,
			    TILE_BYTES_MAX))
		abort();
}

void mapping_free(struct mapping *mapping)
{
	free(mapping->memory);
	mapping->memory = NULL;
}

struct kvmcap_mode mapping_jpeg_mode(unsigned int width, unsigned int height,
				     enum kvmcap_subsampling subsampling)
{
	unsigned int unit = subsampling == KVMCAP_SUBSAMPLING_420 ? 16 : 8;
	unsigned int tile_width = kvmcap_geometry_tile_width(width, unit);

	return (struct kvmcap_mode){
		.width = width,
		.height = height,
		.tile_width = tile_width,
		.tile_height = unit,
		.columns = DIV_ROUND_UP(width, tile_width),
		.rows = DIV_ROUND_UP(height, unit),
		.codec = KVMCAP_CODEC_JPEG,
		.subsampling = subsampling,
	};
}

static u8 *sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct log_sink *to = (struct log_sink *)sink;

	to->payload = kvmcap_log_tile_begin(to->log, room);
	return to->payload;
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column, unsigned int row,
		    size_t length)
{
	struct log_sink *to = (struct log_sink *)sink;
	u8 codec = KVMCAP_CODEC_JPEG;

	if (to->maker)
		length = to->maker->make(to->maker, to->mode, column, row, to->payload,
					 length, &codec);
	return kvmcap_log_tile_end(to->log, column, row, codec, length);
}

static int put_tables(struct kvmcap_log *log, const struct kvmcap_jpeg_image *image)
{
	u8 tables[KVMCAP_TABLES_MAX];
	int length = kvmcap_jpeg_spans_copy(image, tables, sizeof(tables));

	if (length < 0)
		return length;
	return kvmcap_log_tables(log, tables, (size_t)length, QUALITY);
}

static int put_frame(struct mapping *mapping, const struct kvmcap_jpeg_image *image,
		     const struct kvmcap_mode *mode, struct tile_maker *maker)
{
	struct log_sink sink = {
		.sink = { .begin = sink_begin, .end = sink_end },
		.log = &mapping->log,
		.mode = mode,
		.maker = maker,
	};
	unsigned int tile_mcus = mode->tile_width / image->mcu_width;
	unsigned int tiles = kvmcap_jpeg_tiles_count(image, tile_mcus);
	int err;

	err = put_tables(&mapping->log, image);
	if (err < 0)
		return err;
	err = kvmcap_log_reserve(&mapping->log,
				 kvmcap_jpeg_tiles_bound(image->scan_length, tiles) +
				 (maker ? (size_t)tiles * PALETTE_MAX : 0));
	if (!err)
		err = kvmcap_jpeg_tables_set(&mapping->transcoder, image);
	if (!err)
		err = kvmcap_jpeg_tiles(&mapping->transcoder, image, tile_mcus, &sink.sink);
	return err;
}

int mapping_commit_mixed(struct mapping *mapping, const u8 *jpeg, size_t length,
			 struct tile_maker *maker)
{
	struct kvmcap_log *log = &mapping->log;
	struct kvmcap_jpeg_image image;
	struct kvmcap_mode mode;
	int err = kvmcap_jpeg_parse(&image, jpeg, length);

	if (err)
		return err;
	mode = mapping_jpeg_mode(image.width, image.height,
				 image.subsampling == KVMCAP_JPEG_420 ?
				 KVMCAP_SUBSAMPLING_420 : KVMCAP_SUBSAMPLING_444);
	kvmcap_log_begin(log, false);
	if (log->header->signal != KVMCAP_SIGNAL_OK)
		kvmcap_log_signal(log, KVMCAP_SIGNAL_OK);
	if (memcmp(&mode, &log->header->mode, sizeof(mode)))
		err = kvmcap_log_mode(log, &mode);
	if (!err)
		err = put_frame(mapping, &image, &mode, maker);
	if (!err && kvmcap_log_changed(log))
		err = kvmcap_log_commit(log, log->header->timestamp_ns + 1);
	kvmcap_log_abort(log);
	return err;
}

int mapping_commit_jpeg(struct mapping *mapping, const u8 *jpeg, size_t length)
{
	return mapping_commit_mixed(mapping, jpeg, length, NULL);
}

struct kvmcap_mode mapping_pixel_mode(unsigned int width, unsigned int height, u8 codec)
{
	struct kvmcap_mode mode = mapping_jpeg_mode(width, height, KVMCAP_SUBSAMPLING_420);

	mode.codec = codec;
	mode.subsampling = KVMCAP_SUBSAMPLING_444;
	return mode;
}

static int put_tiles(struct kvmcap_log *log, const struct kvmcap_mode *mode,
		     struct tile_maker *maker)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < (unsigned int)mode->columns * mode->rows; i++) {
		unsigned int column = i % mode->columns, row = i / mode->columns;
		u8 codec = mode->codec;
		size_t room;
		u8 *out = kvmcap_log_tile_begin(log, &room);

		if (!out)
			return -ENOSPC;
		room = maker->make(maker, mode, column, row, out, 0, &codec);
		err = kvmcap_log_tile_end(log, column, row, codec, room);
	}
	return err;
}

int mapping_commit_tiles(struct mapping *mapping, const struct kvmcap_mode *mode, size_t bytes,
			 struct tile_maker *maker)
{
	struct kvmcap_log *log = &mapping->log;
	int err = 0;

	kvmcap_log_begin(log, false);
	if (log->header->signal != KVMCAP_SIGNAL_OK)
		kvmcap_log_signal(log, KVMCAP_SIGNAL_OK);
	if (memcmp(mode, &log->header->mode, sizeof(*mode)))
		err = kvmcap_log_mode(log, mode);
	if (!err)
		err = kvmcap_log_reserve(log, bytes);
	if (!err)
		err = put_tiles(log, mode, maker);
	if (!err && kvmcap_log_changed(log))
		err = kvmcap_log_commit(log, log->header->timestamp_ns + 1);
	kvmcap_log_abort(log);
	return err;
}

int mapping_commit_signal(struct mapping *mapping, enum kvmcap_signal signal)
{
	struct kvmcap_log *log = &mapping->log;
	int err;

	kvmcap_log_begin(log, false);
	kvmcap_log_signal(log, signal);
	err = kvmcap_log_reserve(log, 0);
	if (!err)
		err = kvmcap_log_commit(log, log->header->timestamp_ns + 1);
	return err;
}
