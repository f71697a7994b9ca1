// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzzes the header parser and the tile transcoder.
 *
 * The input is a JPEG image; or, if it does not begin with SOI, two bytes of
 * geometry and a scan, for which headers are made. What is accepted must hold
 * to its promises: the bound, the stuffing, and tiles that are images whose one
 * tile is the same again.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "jpeg_encoder.h"
#include "jpeg_tiles.h"

#define TILES_MAX	20000	/* of an image that is looked at */
#define TILES_AGAIN	8	/* tiles that are cut again */

/* Tiles behind each other; @end of each. */
struct sink {
	struct kvmcap_tile_sink sink;
	u8 *data;
	size_t room;
	size_t used;
	size_t *end;
	unsigned int tiles;
};

static u8 *sink_begin(struct kvmcap_tile_sink *base, size_t *room)
{
	struct sink *sink = (struct sink *)base;

	*room = sink->room - sink->used;
	return sink->data + sink->used;
}

static int sink_end(struct kvmcap_tile_sink *base, unsigned int column,
		    unsigned int row, size_t length)
{
	struct sink *sink = (struct sink *)base;

	(void)column;
	(void)row;
	sink->used += length;
	sink->end[sink->tiles++] = sink->used;
	return 0;
}

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_stuffing(const u8 *payload, size_t length)
{
	size_t i;

	require(length > 0);
	for (i = 0; i < length; i++)
		if (payload[i] == 0xff)
			require(++i < length && !payload[i]);
}

/* The tile as an image of its own: headers, tables and geometry replaced. */
static void check_again(const struct kvmcap_jpeg_image *image, const u8 *payload,
			size_t length, unsigned int mcus)
{
	static struct kvmcap_jpeg_transcoder again;
	struct kvmcap_jpeg_image tile = *image;
	u8 *scan = must(malloc(length + 2));
	size_t room = kvmcap_jpeg_tiles_bound(length + 2, 1), end;
	struct sink sink = {
		.sink = { .begin = sink_begin, .end = sink_end },
		.data = must(malloc(room)), .room = room, .end = &end,
	};

	memcpy(scan, payload, length);
	scan[length] = 0xff;
	scan[length + 1] = 0xd9;
	tile.mcus_x = mcus;
	tile.mcus_y = 1;
	tile.scan = scan;
	tile.scan_length = length + 2;
	require(!kvmcap_jpeg_tables_set(&again, &tile));
	require(!kvmcap_jpeg_tiles(&again, &tile, mcus, &sink.sink));
	require(sink.used == length && !memcmp(sink.data, payload, length));
	free(sink.data);
	free(scan);
}

static void cut(const u8 *data, size_t length, unsigned int tile_mcus)
{
	static struct kvmcap_jpeg_transcoder transcoder;
	struct kvmcap_jpeg_image image;
	unsigned int i, columns, tiles;
	struct sink sink = {
		.sink = { .begin = sink_begin, .end = sink_end },
	};

	if (kvmcap_jpeg_parse(&image, data, length))
		return;
	tiles = kvmcap_jpeg_tiles_count(&image, tile_mcus);
	if (tiles > TILES_MAX)
		return;

	columns = tiles / image.mcus_y;
	sink.room = kvmcap_jpeg_tiles_bound(image.scan_length, tiles);
	sink.data = must(malloc(sink.room));
	sink.end = must(calloc(tiles, sizeof(*sink.end)));
	require(!kvmcap_jpeg_tables_set(&transcoder, &image));
	i = kvmcap_jpeg_tiles(&transcoder, &image, tile_mcus, &sink.sink);
	require(i != (unsigned int)-ENOSPC);
	for (i = i ? tiles : 0; i < tiles; i++) {
		size_t start = i ? sink.end[i - 1] : 0;
		unsigned int mcus = tile_mcus;

		if (i % columns == columns - 1)
			mcus = image.mcus_x - (columns - 1) * tile_mcus;
		check_stuffing(sink.data + start, sink.end[i] - start);
		if (i < TILES_AGAIN)
			check_again(&image, sink.data + start,
				    sink.end[i] - start, mcus);
	}
	free(sink.data);
	free(sink.end);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	unsigned int tile_mcus = 1 + length % 17;
	struct encoder e = { 0 };

	if (length < 2)
		return 0;
	if (data[0] == 0xff) {
		cut(data, length, tile_mcus);
		return 0;
	}
	e.out = must(malloc(ENCODER_HEADERS_MAX + length));
	encoder_headers(&e, 1 + data[1], 1 + (data[0] & 0x3f), data[0] & 0x40);
	encoder_bytes(&e, data + 2, length - 2);
	cut(e.out, e.length, tile_mcus);
	free(e.out);
	return 0;
}
