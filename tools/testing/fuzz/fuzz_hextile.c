// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzzes the Hextile splitter.
 *
 * The input is three bytes of geometry and a rectangle of Hextile. What is
 * accepted must hold to its promises: tiles keep to their bound, stand alone, and
 * are themselves when they are cut again.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "hextile_codec.h"

#define WIDTH_MAX	256
#define TILES_MAX	(WIDTH_MAX / HEXTILE_SIZE)

/* Tiles behind each other; @end of each. */
struct sink {
	struct kvmcap_tile_sink sink;
	u8 *data;
	size_t room;
	size_t used;
	size_t end[TILES_MAX];
	unsigned int tiles;
};

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void *must(void *memory)
{
	require(memory);
	return memory;
}

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

	require(column == sink->tiles && !row);
	sink->used += length;
	sink->end[sink->tiles++] = sink->used;
	return 0;
}

static int cut(struct sink *sink, const struct kvmcap_tile_run *run,
	       const u8 *data, size_t length)
{
	sink->sink.begin = sink_begin;
	sink->sink.end = sink_end;
	/* As much as is promised, and no more. */
	sink->room = kvmcap_hextile_bound(run->width);
	require(sink->room);
	sink->data = must(malloc(sink->room));
	sink->used = 0;
	sink->tiles = 0;
	return kvmcap_hextile_tiles(run, data, length, &sink->sink);
}

static void check_tile(const struct kvmcap_tile_run *run, unsigned int width,
		       const u8 *data, size_t length)
{
	static u16 pixels[HEXTILE_SIZE * WIDTH_MAX];
	struct kvmcap_tile_run alone = *run;
	struct sink again;

	require(length <= kvmcap_hextile_bound(width));
	require(hextile_decode(data, length, pixels, WIDTH_MAX, width, run->height));
	alone.width = (u16)width;
	require(!cut(&again, &alone, data, length));
	require(again.used == length && !memcmp(again.data, data, length));
	free(again.data);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct kvmcap_tile_run run = { 0 };
	struct sink sink;
	unsigned int i;
	int err;

	if (length < 3)
		return 0;
	run.width = 1 + data[0];
	run.height = 1 + data[1] % HEXTILE_SIZE;
	run.tile_width = HEXTILE_SIZE * (1 + data[2] % 12);
	err = cut(&sink, &run, data + 3, length - 3);
	require(!err || err == -EBADMSG);
	for (i = 0; !err && i < sink.tiles; i++) {
		size_t start = i ? sink.end[i - 1] : 0;
		unsigned int width = run.width - i * run.tile_width;

		check_tile(&run, width < run.tile_width ? width : run.tile_width,
			   sink.data + start, sink.end[i] - start);
	}
	free(sink.data);
	return 0;
}
