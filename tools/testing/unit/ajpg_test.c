// SPDX-License-Identifier: Apache-2.0
/*
 * The differential streams' parser and splicer against an encoder of coefficients.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "ajpg_screen.h"
#include "ajpg_stream.h"
#include "geometry.h"
#include "tap.h"

#define MCUS_MAX	(240 * 150)	/* 1920x1200 in 4:4:4 */
#define STREAM_MAX	(4 * 1024 * 1024)
#define SEED		20260203

static struct kvmcap_jpeg_transcoder transcoder;

/* What tiles show, and where new ones go. */
struct store {
	struct kvmcap_tile_sink sink;
	struct kvmcap_ajpg_shown shown;
	unsigned int columns;
	unsigned int tiles;
	u8 *out;
	u8 **payload;		/* by tile */
	size_t *length;
	size_t room;		/* what is left of the frame's */
	unsigned int came;	/* tiles of this frame */
	unsigned int asked;	/* payloads that were looked at */
	unsigned int next;	/* no tile before this one may come */
	bool out_of_order;
	int refuse;		/* what end() returns */
};

/**
 * struct rig - a picture, a stream of it, and what becomes of that
 * @screen: the picture
 * @encoder: the last stream
 * @changed: by macroblock: it is in the next stream
 * @random: see screen_random()
 */
struct rig {
	struct kvmcap_ajpg ajpg;
	void *memory;
	struct screen screen;
	struct encoder encoder;
	bool *changed;
	struct store store;
	u32 random;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static u8 *store_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct store *store = (struct store *)sink;

	*room = store->room < SCREEN_TILE_BYTES ? store->room : SCREEN_TILE_BYTES;
	return store->room ? store->out : NULL;
}

static int store_end(struct kvmcap_tile_sink *sink, unsigned int column,
		     unsigned int row, size_t length)
{
	struct store *store = (struct store *)sink;
	unsigned int tile = row * store->columns + column;

	if (store->refuse)
		return store->refuse;
	if (column >= store->columns || tile < store->next ||
	    tile >= store->tiles || !length || length > store->room) {
		store->out_of_order = true;
		return -ERANGE;
	}
	store->next = tile + 1;
	store->came++;
	store->room -= length;
	free(store->payload[tile]);
	/* Of just that length, so that reading beyond it is found. */
	store->payload[tile] = must(malloc(length));
	store->length[tile] = length;
	memcpy(store->payload[tile], store->out, length);
	return 0;
}

static const u8 *store_payload(struct kvmcap_ajpg_shown *shown,
			       unsigned int column, unsigned int row,
			       size_t *length)
{
	struct store *store = (struct store *)((u8 *)shown -
					       offsetof(struct store, shown));
	unsigned int tile = row * store->columns + column;

	store->asked++;
	*length = store->length[tile];
	return store->payload[tile];
}

static void store_init(struct store *store, const struct screen *screen)
{
	*store = (struct store){
		.sink = { store_begin, store_end },
		.shown = { store_payload },
		.columns = screen->columns,
		.tiles = screen->columns * screen->mcus_y,
		.out = must(malloc(SCREEN_TILE_BYTES)),
	};
	store->payload = must(calloc(store->tiles, sizeof(*store->payload)));
	store->length = must(calloc(store->tiles, sizeof(*store->length)));
}

static void store_forget(struct store *store, unsigned int tile)
{
	free(store->payload[tile]);
	store->payload[tile] = NULL;
	store->length[tile] = 0;
}

static int tables_set(struct kvmcap_jpeg_transcoder *t, bool yuv420)
{
	u8 headers[ENCODER_HEADERS_MAX];
	struct encoder e = { .out = headers };
	struct kvmcap_jpeg_image image;

	encoder_headers(&e, 16, 16, yuv420);
	if (kvmcap_jpeg_parse(&image, headers, e.length))
		return -EBADMSG;
	return kvmcap_jpeg_tables_set(t, &image);
}

static void rig_init(struct rig *rig, unsigned int width, unsigned int height,
		     bool yuv420, unsigned int tile_mcus, u32 seed)
{
	struct screen *screen = &rig->screen;
	const struct kvmcap_ajpg_picture picture = {
		.width = width,
		.height = height,
		.subsampling = yuv420 ? KVMCAP_JPEG_420 : KVMCAP_JPEG_444,
		.tile_mcus = tile_mcus,
	};
	unsigned int i, mcus;
	size_t room;

	*rig = (struct rig){ .random = seed };
	screen_init(screen, width, height, yuv420, tile_mcus);
	mcus = screen_mcus(screen);
	screen->coefs = must(malloc(mcus * screen_mcu_size(screen)));
	rig->changed = must(malloc(mcus));
	for (i = 0; i < mcus; i++)
		screen_paint_mcu(screen, i, &rig->random);
	room = ENCODER_HEADERS_MAX + (size_t)mcus * 2 * SCREEN_MCU_BYTES;
	rig->encoder.out = must(malloc(room));
	store_init(&rig->store, screen);

	rig->memory = must(malloc(kvmcap_ajpg_memory_size(mcus, room)));
	kvmcap_ajpg_init(&rig->ajpg, rig->memory, mcus, room);
	if (kvmcap_ajpg_set_picture(&rig->ajpg, &picture) ||
	    tables_set(&transcoder, yuv420))
		abort();
}

static void rig_free(struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < rig->store.tiles; i++)
		free(rig->store.payload[i]);
	free(rig->store.payload);
	free(rig->store.length);
	free(rig->store.out);
	free(rig->encoder.out);
	free(rig->changed);
	free(rig->screen.coefs);
	free(rig->memory);
}

static void rig_encode(struct rig *rig, bool places)
{
	rig->encoder = (struct encoder){ .out = rig->encoder.out };
	screen_encode_stream(&rig->encoder, &rig->screen, rig->changed, places);
}

static int rig_parse(struct rig *rig)
{
	return kvmcap_ajpg_parse(&rig->ajpg, &transcoder, rig->encoder.out,
				 rig->encoder.length);
}

static int rig_splice(struct rig *rig)
{
	struct store *store = &rig->store;

	store->came = 0;
	store->next = 0;
	return kvmcap_ajpg_splice(&rig->ajpg, &transcoder, &store->shown,
				  &store->sink);
}

/* Encodes, parses and splices into just the room that the bound says. */
static int rig_frame(struct rig *rig, bool places)
{
	int ret;

	rig_encode(rig, places);
	ret = rig_parse(rig);
	if (ret)
		return ret;
	rig->store.room = kvmcap_ajpg_bound(&rig->ajpg, &rig->store.shown);
	rig->store.asked = 0;
	return rig_splice(rig);
}

static void change_all(struct rig *rig, bool changed)
{
	memset(rig->changed, changed, screen_mcus(&rig->screen));
}

/* New content for about one macroblock in @n. */
static void change_some(struct rig *rig, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < screen_mcus(&rig->screen); i++) {
		rig->changed[i] = screen_random(&rig->random) % n == 0;
		if (rig->changed[i])
			screen_paint_mcu(&rig->screen, i, &rig->random);
	}
}

/* What the parser has to say about @changed. */
static bool counts_are_right(const struct rig *rig)
{
	const struct screen *s = &rig->screen;
	const struct kvmcap_ajpg *a = &rig->ajpg;
	unsigned int row, column, x, count, width;
	unsigned int changed = 0, tiles = 0, spliced = 0;

	for (row = 0; row < s->mcus_y; row++) {
		for (column = 0; column < s->columns; column++) {
			count = 0;
			width = 0;
			for (x = column * s->tile_mcus;
			     x < (column + 1) * s->tile_mcus && x < s->mcus_x;
			     x++, width++)
				count += rig->changed[row * s->mcus_x + x];
			changed += count;
			tiles += count > 0;
			spliced += count && count < width;
		}
	}
	return a->changed == changed && a->tiles == tiles &&
	       a->spliced == spliced && rig->store.came == tiles &&
	       rig->store.asked == spliced &&
	       a->complete == (changed == screen_mcus(s));
}

/* Each tile's payload is what it is from scratch. */
static bool tiles_are_right(const struct rig *rig)
{
	const struct screen *s = &rig->screen;
	static u8 expected[SCREEN_TILE_BYTES];
	unsigned int tile;

	for (tile = 0; tile < rig->store.tiles; tile++) {
		struct encoder e = { .out = expected };

		screen_encode_tile(&e, s, tile % s->columns, tile / s->columns);
		if (e.length != rig->store.length[tile] ||
		    memcmp(expected, rig->store.payload[tile], e.length) != 0)
			return false;
	}
	return !rig->store.out_of_order;
}

static bool check_changes(unsigned int width, unsigned int height, bool yuv420,
			  unsigned int tile_mcus, u32 seed)
{
	static const unsigned int some[] = { 1, 2, 3, 7, 20, 200, 2, 50 };
	struct rig rig;
	unsigned int i;
	bool ok;
	int ret;

	rig_init(&rig, width, height, yuv420, tile_mcus, seed);
	change_all(&rig, true);
	ret = rig_frame(&rig, false);
	ok = !ret && counts_are_right(&rig) && tiles_are_right(&rig);
	for (i = 0; ok && i < ARRAY_SIZE(some); i++) {
		change_some(&rig, some[i]);
		ret = rig_frame(&rig, i & 1);
		ok = !ret && counts_are_right(&rig) && tiles_are_right(&rig);
	}
	if (!ok)
		tap_diag("%ux%u %s tiles of %u seed %u: %d, frame %u", width,
			 height, yuv420 ? "4:2:0" : "4:4:4", tile_mcus, seed,
			 ret, i);
	rig_free(&rig);
	return ok;
}

static void test_modes(bool yuv420)
{
	static const u16 modes[][2] = {
		{ 640, 480 }, { 720, 400 }, { 848, 480 }, { 1024, 768 },
		{ 1366, 768 }, { 1680, 1050 }, { 1920, 1080 }, { 1920, 1200 },
	};
	unsigned int i, side = yuv420 ? 16 : 8;

	for (i = 0; i < ARRAY_SIZE(modes); i++)
		tap_ok(check_changes(modes[i][0], modes[i][1] / 8, yuv420,
				     kvmcap_geometry_tile_width(modes[i][0], side) /
				     side, SEED + i),
		       "%ux%u %s: tiles are what they are from scratch",
		       modes[i][0], modes[i][1], yuv420 ? "4:2:0" : "4:4:4");
}

static void test_geometries(bool yuv420)
{
	static const u16 sizes[] = { 1, 8, 9, 16, 17, 100, 127, 128, 129, 300 };
	unsigned int i, tile_mcus;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(sizes) * ARRAY_SIZE(sizes); i++)
		ok &= check_changes(sizes[i / ARRAY_SIZE(sizes)],
				    sizes[i % ARRAY_SIZE(sizes)] / 3 + 1, yuv420,
				    yuv420 ? 8 : 16, SEED + i);
	for (tile_mcus = 1; tile_mcus <= (yuv420 ? 12 : 24); tile_mcus++)
		ok &= check_changes(333, 40, yuv420, tile_mcus, SEED + tile_mcus);
	tap_ok(ok, "odd sizes and all tile widths %s",
	       yuv420 ? "4:2:0" : "4:4:4");
}

/* The largest picture and the largest coefficients, at the bound's mercy. */
static void test_largest(void)
{
	static const s16 edges[] = { -1023, 1023, 511, -512, 1 };
	struct rig rig;
	unsigned int i, j;
	bool ok;

	rig_init(&rig, 1920, 1200, true, 8, SEED);
	for (i = 0; i < screen_mcus(&rig.screen); i++) {
		s16 *coef = screen_mcu(&rig.screen, i);

		for (j = 0; j < 6 * 64; j++)
			coef[j] = edges[screen_random(&rig.random) % 5];
	}
	change_all(&rig, true);
	ok = !rig_frame(&rig, false) && rig.ajpg.complete &&
	     tiles_are_right(&rig);
	for (i = 0; ok && i < 4; i++) {
		change_some(&rig, 2 + i);
		ok = !rig_frame(&rig, true) && tiles_are_right(&rig);
	}
	tap_ok(ok, "a picture of 1920x1200 with the largest coefficients");
	rig_free(&rig);
}

/* A complete stream gives what the transcoder makes of a whole image. */
static void test_same_as_whole(bool yuv420)
{
	struct kvmcap_jpeg_image image;
	struct store whole;
	struct rig rig;
	unsigned int i;
	bool ok;

	rig_init(&rig, 470, 90, yuv420, yuv420 ? 8 : 16, SEED);
	change_all(&rig, true);
	ok = !rig_frame(&rig, false);
	rig.encoder = (struct encoder){ .out = rig.encoder.out };
	screen_encode_image(&rig.encoder, &rig.screen, 0);
	store_init(&whole, &rig.screen);
	whole.room = STREAM_MAX;
	ok = ok && !kvmcap_jpeg_parse(&image, rig.encoder.out, rig.encoder.length) &&
	     !kvmcap_jpeg_tiles(&transcoder, &image, rig.screen.tile_mcus,
				&whole.sink);
	for (i = 0; ok && i < whole.tiles; i++)
		ok = whole.length[i] == rig.store.length[i] &&
		     !memcmp(whole.payload[i], rig.store.payload[i],
			     whole.length[i]);
	tap_ok(ok, "a complete stream gives the tiles of a whole image %s",
	       yuv420 ? "4:2:0" : "4:4:4");
	for (i = 0; i < whole.tiles; i++)
		free(whole.payload[i]);
	free(whole.payload);
	free(whole.length);
	free(whole.out);
	rig_free(&rig);
}

/* What stands in the engine's memory later is of no importance. */
static void test_memory_changes(void)
{
	struct rig rig;
	bool ok;

	rig_init(&rig, 470, 90, true, 8, SEED);
	change_all(&rig, true);
	ok = !rig_frame(&rig, false);
	change_some(&rig, 3);
	rig_encode(&rig, true);
	ok = ok && !rig_parse(&rig);
	memset(rig.encoder.out, 0xff, rig.encoder.length);
	rig.store.room = kvmcap_ajpg_bound(&rig.ajpg, &rig.store.shown);
	ok = ok && !rig_splice(&rig) && tiles_are_right(&rig);
	tap_ok(ok, "what was parsed is what is spliced");
	rig_free(&rig);
}

/* Streams of a few words. */
static int parse_words(struct rig *rig, const u32 *words, size_t count)
{
	return kvmcap_ajpg_parse(&rig->ajpg, &transcoder, words,
				 count * sizeof(*words));
}

static void test_unchanged(void)
{
	u32 words[2 + KVMCAP_AJPG_TRAILER_MAX / 4] = { 0x90000000 };
	struct rig rig;
	unsigned int i;
	bool ok = true;

	rig_init(&rig, 470, 90, true, 8, SEED);
	for (i = 1; i < ARRAY_SIZE(words); i++) {
		ok &= !parse_words(&rig, words, i) && !rig.ajpg.changed &&
		      !rig.ajpg.tiles && !rig.ajpg.complete;
		ok &= !kvmcap_ajpg_bound(&rig.ajpg, &rig.store.shown) &&
		      !rig_splice(&rig) && !rig.store.asked;
		words[i] = screen_random(&rig.random);
	}
	tap_ok(ok, "no change: 4 bytes, and up to %u of whatever behind",
	       KVMCAP_AJPG_TRAILER_MAX);
	tap_ok(parse_words(&rig, words, i) == -EBADMSG,
	       "an end of frame long before the end is none");
	tap_ok(parse_words(&rig, words, 0) == -EBADMSG, "an empty stream");
	tap_ok(kvmcap_ajpg_parse(&rig.ajpg, &transcoder, words, 7) == 0 &&
	       kvmcap_ajpg_parse(&rig.ajpg, &transcoder, words, 3) == -EBADMSG,
	       "part of a word does not count");
	rig.ajpg.stream_max = 4;
	tap_ok(parse_words(&rig, words, 1) == 0 &&
	       parse_words(&rig, words, 2) == -EBADMSG,
	       "a stream longer than can be");
	rig_free(&rig);
}

/* A flat 4:4:4 macroblock: luma 00 1010, chroma 00 00 twice. */
static void put_flat(struct encoder *e)
{
	encoder_bits(e, 0x0a, 6);
	encoder_bits(e, 0, 8);
}

static int parse_encoded(struct rig *rig, struct encoder *e)
{
	screen_end_words(e);
	return kvmcap_ajpg_parse(&rig->ajpg, &transcoder, e->out, e->length);
}

static void test_codes(void)
{
	struct rig rig;
	unsigned int code;
	bool ok = true;

	rig_init(&rig, 80, 80, false, 4, SEED);
	for (code = 0; code < 16; code++) {
		struct encoder e = { .out = rig.encoder.out, .plain = true };

		encoder_bits(&e, code, 4);
		if (code == SCREEN_CODE_AT)
			encoder_bits(&e, 0x0201, 16);
		if (code != SCREEN_CODE_END) {
			put_flat(&e);
			encoder_bits(&e, SCREEN_CODE_END, 4);
		}
		ok &= parse_encoded(&rig, &e) ==
		      (code == SCREEN_CODE_NEXT || code == SCREEN_CODE_AT ||
		       code == SCREEN_CODE_END ? 0 : -EBADMSG);
		if (code == SCREEN_CODE_NEXT)
			ok &= !rig.ajpg.mcus->x && !rig.ajpg.mcus->y;
		if (code == SCREEN_CODE_AT)
			ok &= rig.ajpg.mcus->x == 2 && rig.ajpg.mcus->y == 1;
	}
	tap_ok(ok, "of sixteen codes three are understood");
	rig_free(&rig);
}

static const struct {
	const char *name;
	u8 place[3][2];		/* x, y; { 255, 255 }: the next one */
	int result;
} places[] = {
	{ "ascending", { { 0, 0 }, { 1, 0 }, { 0, 1 } }, 0 },
	{ "the next one is behind the last", { { 2, 3 }, { 255, 255 }, { 4, 3 } }, 0 },
	{ "... where the next one is", { { 2, 3 }, { 255, 255 }, { 3, 3 } }, -EBADMSG },
	{ "from row to row", { { 9, 3 }, { 255, 255 }, { 255, 255 } }, 0 },
	{ "to the end", { { 7, 9 }, { 255, 255 }, { 255, 255 } }, 0 },
	{ "beyond the end", { { 8, 9 }, { 255, 255 }, { 255, 255 } }, -EBADMSG },
	{ "twice", { { 2, 3 }, { 2, 3 }, { 3, 3 } }, -EBADMSG },
	{ "back in the row", { { 2, 3 }, { 1, 3 }, { 3, 3 } }, -EBADMSG },
	{ "back a row", { { 2, 3 }, { 5, 2 }, { 6, 3 } }, -EBADMSG },
	{ "beyond the row", { { 10, 3 }, { 0, 4 }, { 1, 4 } }, -EBADMSG },
	{ "below the picture", { { 0, 3 }, { 0, 4 }, { 0, 10 } }, -EBADMSG },
};

static void test_places(void)
{
	struct rig rig;
	unsigned int i, j;

	rig_init(&rig, 80, 80, false, 4, SEED);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		struct encoder e = { .out = rig.encoder.out, .plain = true };

		for (j = 0; j < 3; j++) {
			const u8 *place = places[i].place[j];

			if (place[0] == 255) {
				encoder_bits(&e, SCREEN_CODE_NEXT, 4);
			} else {
				encoder_bits(&e, SCREEN_CODE_AT, 4);
				encoder_bits(&e, place[0], 8);
				encoder_bits(&e, place[1], 8);
			}
			put_flat(&e);
		}
		encoder_bits(&e, SCREEN_CODE_END, 4);
		tap_ok(parse_encoded(&rig, &e) == places[i].result &&
		       rig.ajpg.changed == (places[i].result ? 0 : 3),
		       "places: %s", places[i].name);
	}
	rig_free(&rig);
}

static void test_cut_short(void)
{
	struct rig rig;
	size_t length;
	unsigned int words;
	bool ok = true;

	rig_init(&rig, 640, 100, true, 8, SEED);
	change_all(&rig, true);
	rig_encode(&rig, false);
	length = rig.encoder.length;
	ok = !rig_parse(&rig);
	for (words = 0; ok && words < length / 4; words++) {
		/* In memory of just that size, so that reading on is found. */
		u32 *part = must(malloc(4 * words + 1));

		memcpy(part, rig.encoder.out, (size_t)4 * words);
		ok = parse_words(&rig, part, words) == -EBADMSG &&
		     !rig.ajpg.changed && !rig.ajpg.tiles && !rig.ajpg.complete;
		free(part);
	}
	tap_ok(ok && length > 10000, "a stream of %zu bytes, cut off at each word",
	       length);
	rig_free(&rig);
}

static void test_dc_range(void)
{
	static const s16 values[] = { -1025, -1024, 1023, 1024 };
	struct rig rig;
	unsigned int i, block;
	bool ok = true;

	rig_init(&rig, 64, 64, true, 4, SEED);
	change_all(&rig, true);
	for (i = 0; i < screen_mcus(&rig.screen); i++)
		memset(screen_mcu(&rig.screen, i), 0, screen_mcu_size(&rig.screen));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		for (block = 0; block < 6; block++) {
			s16 *dc = screen_mcu(&rig.screen, 3) + (size_t)64 * block;

			*dc = values[i];
			ok &= rig_frame(&rig, false) ==
			      (i % 3 ? 0 : -EBADMSG);
			*dc = 0;
		}
	}
	tap_ok(ok, "DC values of -1024..1023, in any block");
	rig_free(&rig);
}

/* Any bit of a stream the other way round: refused, or tiles that parse. */
static void test_flipped(void)
{
	struct rig rig;
	unsigned int i, refused = 0, runs = 0;
	size_t bits;
	bool ok;

	rig_init(&rig, 300, 40, true, 8, SEED);
	change_all(&rig, true);
	ok = !rig_frame(&rig, false);
	change_some(&rig, 4);
	rig_encode(&rig, true);
	bits = 8 * rig.encoder.length;
	for (i = 0; ok && i < bits; i++) {
		int ret;

		rig.encoder.out[i / 8] ^= 1 << i % 8;
		ret = rig_parse(&rig);
		ok = !ret || ret == -EBADMSG;
		refused += ret != 0;
		runs++;
		if (!ret) {
			rig.store.room = kvmcap_ajpg_bound(&rig.ajpg,
							   &rig.store.shown);
			ok = !rig_splice(&rig);
		}
		rig.encoder.out[i / 8] ^= 1 << i % 8;
	}
	tap_ok(ok && refused > runs / 4, "each bit flipped: %u of %u refused",
	       refused, runs);
	rig_free(&rig);
}

static void test_room(void)
{
	size_t bound, needed, room;
	struct rig rig;
	bool ok;

	rig_init(&rig, 128, 16, true, 8, SEED);
	change_all(&rig, true);
	ok = !rig_frame(&rig, false);
	needed = rig.store.length[0];
	bound = kvmcap_ajpg_bound(&rig.ajpg, &rig.store.shown);
	for (room = 0; ok && room < needed; room++) {
		rig.store.room = room;
		ok = rig_splice(&rig) == -ENOSPC && !rig.store.came;
	}
	rig.store.room = needed;
	ok = ok && !rig_splice(&rig);
	tap_ok(ok && needed > 20, "a tile takes no more than the sink's room");
	tap_ok(bound >= needed && bound < 2 * needed + 64,
	       "the bound is %zu bytes for %zu", bound, needed);
	rig.store.room = bound;
	rig.store.refuse = -EINTR;
	tap_ok(rig_splice(&rig) == -EINTR,
	       "what the sink's end() returns is passed on");
	rig_free(&rig);
}

/* A frame that takes from a payload that is not there, or is not right. */
static void test_old_payloads(void)
{
	struct rig rig;
	unsigned int i, refused = 0;
	size_t length;
	bool ok;

	rig_init(&rig, 256, 16, true, 8, SEED);
	change_all(&rig, true);
	ok = !rig_frame(&rig, false);
	change_all(&rig, false);
	rig.changed[3] = true;
	rig_encode(&rig, false);
	ok = ok && !rig_parse(&rig) && rig.ajpg.spliced == 1;
	rig.store.room = STREAM_MAX;
	length = rig.store.length[0];
	for (i = 0; ok && i < 8 * length; i++) {
		u8 *copy = must(malloc(length));
		int ret;

		memcpy(copy, rig.store.payload[0], length);
		rig.store.payload[0][i / 8] ^= 1 << i % 8;
		ret = rig_splice(&rig);
		ok = !ret || (ret == -EBADMSG && !rig.store.came);
		refused += ret != 0;
		free(rig.store.payload[0]);
		rig.store.payload[0] = copy;
		rig.store.length[0] = length;
	}
	tap_ok(ok && refused > length, "an old payload with a bit flipped");
	for (i = 0; ok && i < length; i++) {
		rig.store.length[0] = i;
		ok = rig_splice(&rig) == -EBADMSG;
	}
	tap_ok(ok, "an old payload that is cut off");
	rig.store.length[0] = length;
	store_forget(&rig.store, 0);
	tap_ok(rig_splice(&rig) == -EBADMSG, "no old payload");
	change_all(&rig, false);
	memset(rig.changed, true, 8);
	rig.store.asked = 0;
	tap_ok(!rig_frame(&rig, false) && tiles_are_right(&rig) &&
	       !rig.store.asked, "a tile that is all there needs none");
	rig_free(&rig);
}

static void test_refusals(void)
{
	static const struct kvmcap_ajpg_picture bad[] = {
		{ 0, 16, KVMCAP_JPEG_420, 8 }, { 16, 0, KVMCAP_JPEG_420, 8 },
		{ 4112, 16, KVMCAP_JPEG_420, 8 }, { 16, 4112, KVMCAP_JPEG_420, 8 },
		{ 2056, 16, KVMCAP_JPEG_444, 8 }, { 128, 128, KVMCAP_JPEG_420, 0 },
		{ 128, 128, KVMCAP_JPEG_420, 13 }, { 128, 128, KVMCAP_JPEG_444, 25 },
		{ 1920, 1208, KVMCAP_JPEG_444, 16 },
	};
	const struct kvmcap_ajpg_picture good = { 1920, 1200, KVMCAP_JPEG_444, 16 };
	static struct kvmcap_jpeg_transcoder none;
	void *memory = must(malloc(kvmcap_ajpg_memory_size(MCUS_MAX, 64)));
	const u32 end = 0x90000000;
	struct kvmcap_ajpg a;
	unsigned int i;
	bool ok = true;

	kvmcap_ajpg_init(&a, memory, MCUS_MAX, 64);
	tap_ok(kvmcap_ajpg_parse(&a, &transcoder, &end, 4) == -EINVAL,
	       "a parser without a picture");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok &= !kvmcap_ajpg_set_picture(&a, &good) &&
		      !kvmcap_ajpg_parse(&a, &transcoder, &end, 4) &&
		      kvmcap_ajpg_set_picture(&a, &bad[i]) == -EINVAL &&
		      kvmcap_ajpg_parse(&a, &transcoder, &end, 4) == -EINVAL;
	tap_ok(ok, "geometries that cannot be");
	tap_ok(!kvmcap_ajpg_set_picture(&a, &good) &&
	       kvmcap_ajpg_parse(&a, &none, &end, 4) == -EINVAL &&
	       kvmcap_ajpg_splice(&a, &none, NULL, NULL) == -EINVAL,
	       "no tables");
	free(memory);
}

int main(void)
{
	unsigned int i;

	tap_diag("seed %u", SEED);
	for (i = 0; i < 2; i++) {
		test_modes(!i);
		test_geometries(!i);
		test_same_as_whole(!i);
	}
	test_largest();
	test_memory_changes();
	test_unchanged();
	test_codes();
	test_places();
	test_cut_short();
	test_dc_range();
	test_flipped();
	test_room();
	test_old_payloads();
	test_refusals();
	return tap_end();
}
