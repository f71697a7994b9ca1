// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzzes the differential streams' parser and splicer.
 *
 * The input is three bytes of geometry, one that says what there is to splice
 * with, and streams, each behind its number of words in two bytes. What is
 * accepted must keep to its promises: the bound, the order of the tiles, and
 * payloads that are images whose one tile is the same again.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "ajpg_screen.h"
#include "ajpg_stream.h"

#define SIDE_MAX	32	/* macroblocks */
#define TILES_MAX	(SIDE_MAX * SIDE_MAX)
#define STREAM_MAX	0x8000
#define SEED		20260206

/* What tiles show. */
struct store {
	struct kvmcap_tile_sink sink;
	struct kvmcap_ajpg_shown shown;
	unsigned int columns;
	unsigned int next;
	size_t room;
	u8 *out;
	u8 *payload[TILES_MAX];
	size_t length[TILES_MAX];
};

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

static void store_put(struct store *store, unsigned int tile, const u8 *payload,
		      size_t length)
{
	require(length > 0);
	free(store->payload[tile]);
	store->payload[tile] = must(malloc(length));
	store->length[tile] = length;
	memcpy(store->payload[tile], payload, length);
}

static u8 *sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct store *store = (struct store *)sink;

	*room = store->room;
	return store->out;
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
		    unsigned int row, size_t length)
{
	struct store *store = (struct store *)sink;
	unsigned int tile = row * store->columns + column;

	require(column < store->columns && tile >= store->next);
	require(tile < TILES_MAX && length && length <= store->room);
	store->next = tile + 1;
	store->room -= length;
	store_put(store, tile, store->out, length);
	return 0;
}

static const u8 *shown_payload(struct kvmcap_ajpg_shown *shown,
			       unsigned int column, unsigned int row,
			       size_t *length)
{
	struct store *store = (struct store *)((u8 *)shown -
					       offsetof(struct store, shown));
	unsigned int tile = row * store->columns + column;

	require(column < store->columns && tile < TILES_MAX);
	*length = store->length[tile];
	return store->payload[tile];
}

static int tables_set(struct kvmcap_jpeg_transcoder *t,
		      struct kvmcap_jpeg_image *image, bool yuv420)
{
	static u8 headers[2][ENCODER_HEADERS_MAX];
	struct encoder e = { .out = headers[yuv420] };

	encoder_headers(&e, 16, 16, yuv420);
	return kvmcap_jpeg_parse(image, e.out, e.length) ||
	       kvmcap_jpeg_tables_set(t, image);
}

/* Each tile as an image of its own, cut again. */
static void check_again(struct store *store, const struct screen *s,
			unsigned int tile)
{
	static struct kvmcap_jpeg_transcoder t;
	static struct store again;
	unsigned int x = tile % s->columns * s->tile_mcus;
	size_t length = store->length[tile];
	struct kvmcap_jpeg_image image;
	u8 *scan = must(malloc(length + 2));

	require(!tables_set(&t, &image, s->yuv420));
	memcpy(scan, store->payload[tile], length);
	scan[length] = 0xff;
	scan[length + 1] = 0xd9;
	image.mcus_x = s->mcus_x - x < s->tile_mcus ? s->mcus_x - x : s->tile_mcus;
	image.mcus_y = 1;
	image.scan = scan;
	image.scan_length = length + 2;
	again.sink = store->sink;
	again.columns = 1;
	again.next = 0;
	again.room = kvmcap_jpeg_tiles_bound(length + 2, 1);
	again.out = must(malloc(again.room));
	require(!kvmcap_jpeg_tiles(&t, &image, s->tile_mcus, &again.sink));
	require(again.length[0] == length &&
		!memcmp(again.payload[0], store->payload[tile], length));
	free(again.out);
	free(scan);
}

/* What the tiles show before the first stream. */
static void store_fill(struct store *store, struct screen *s, u8 how,
		       const u8 *data, size_t length)
{
	static u8 payload[SCREEN_TILE_BYTES];
	u32 random = SEED;
	unsigned int i;

	for (i = 0; i < screen_mcus(s); i++)
		screen_paint_mcu(s, i, &random);
	for (i = 0; i < s->columns * s->mcus_y; i++) {
		struct encoder e = { .out = payload };

		if (how & 1 && i % 5 == 0)
			continue;
		if (how & 2 && i % 3 == 0) {
			if (length)
				store_put(store, i, data, length);
			continue;
		}
		screen_encode_tile(&e, s, i % s->columns, i / s->columns);
		store_put(store, i, payload, e.length);
	}
}

static void take_stream(struct kvmcap_ajpg *a, struct kvmcap_jpeg_transcoder *t,
			const struct screen *s, struct store *store,
			const u8 *data, size_t length)
{
	u32 *words = must(malloc(length + 1));
	unsigned int i, tiles;
	int ret;

	memcpy(words, data, length);
	ret = kvmcap_ajpg_parse(a, t, words, length);
	free(words);
	require(!ret || ret == -EBADMSG);
	if (ret)
		return;
	tiles = a->tiles;
	require(a->changed <= screen_mcus(s) && tiles <= a->changed);
	store->room = kvmcap_ajpg_bound(a, &store->shown);
	store->out = must(malloc(store->room + 1));
	store->next = 0;
	ret = kvmcap_ajpg_splice(a, t, &store->shown, &store->sink);
	free(store->out);
	require(!ret || (ret == -EBADMSG && a->spliced));
	for (i = 0; !ret && i < a->changed; i++)
		check_again(store, s, a->mcus[i].y * s->columns +
				      a->mcus[i].x / s->tile_mcus);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length);

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	static struct kvmcap_jpeg_transcoder t;
	static u64 memory[(64 * 1024 + STREAM_MAX + 20 * TILES_MAX) / 8];
	static s16 coefs[TILES_MAX * SCREEN_BLOCKS_MAX * 64];
	static struct store store;
	struct kvmcap_jpeg_image image;
	struct kvmcap_ajpg_picture picture;
	struct kvmcap_ajpg a;
	struct screen s;
	size_t words;
	unsigned int i;

	if (length < 4 || length > STREAM_MAX)
		return 0;
	picture = (struct kvmcap_ajpg_picture){
		.subsampling = data[0] & 1 ? KVMCAP_JPEG_420 : KVMCAP_JPEG_444,
		.tile_mcus = 1 + (data[0] >> 1) % (data[0] & 1 ? 12 : 24),
		.width = 1 + data[1],
		.height = 1 + data[2] % 64,
	};
	screen_init(&s, picture.width, picture.height, data[0] & 1,
		    picture.tile_mcus);
	s.coefs = coefs;
	store = (struct store){
		.sink = { sink_begin, sink_end },
		.shown = { shown_payload },
		.columns = s.columns,
	};
	require(kvmcap_ajpg_memory_size(TILES_MAX, STREAM_MAX) <= sizeof(memory));
	kvmcap_ajpg_init(&a, memory, TILES_MAX, STREAM_MAX);
	require(!kvmcap_ajpg_set_picture(&a, &picture));
	require(!tables_set(&t, &image, s.yuv420));
	store_fill(&store, &s, data[3], data + 4, length - 4);

	for (data += 4, length -= 4; length > 2; data += 4 * words, length -= 4 * words) {
		words = (size_t)data[0] | (size_t)data[1] << 8;
		data += 2;
		length -= 2;
		if (words > length / 4)
			words = length / 4;
		take_stream(&a, &t, &s, &store, data, 4 * words);
	}
	for (i = 0; i < TILES_MAX; i++)
		free(store.payload[i]);
	return 0;
}
