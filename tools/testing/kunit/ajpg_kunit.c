// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite of the differential streams' parser and splicer: a picture of
 * coefficients changes at random, and each of its tiles has to be what it is when
 * encoded from scratch.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "ajpg_screen.h"

#include "drivers/media/kvmcap/ajpg_splice.c"
#include "drivers/media/kvmcap/ajpg_stream.c"
#include "drivers/media/kvmcap/jpeg_header.c"
#include "drivers/media/kvmcap/jpeg_huffman.c"
#include "drivers/media/kvmcap/jpeg_lookup.c"
#include "drivers/media/kvmcap/jpeg_payload.c"
#include "drivers/media/kvmcap/jpeg_tiles.c"

#define FRAMES		40
#define SCRAMBLES	2000
#define SEED		20260205
#define STREAM_MAX	0x20000

struct ajpg_case {
	const char *name;
	bool yuv420;
	u16 width;
	u16 height;
	u16 tile_mcus;
};

static const struct ajpg_case ajpg_cases[] = {
	{ "one MCU 4:2:0", true, 1, 1, 8 },
	{ "one MCU 4:4:4", false, 1, 1, 16 },
	{ "4:2:0", true, 256, 48, 8 },
	{ "4:4:4", false, 256, 32, 16 },
	{ "narrow last column 4:2:0", true, 300, 50, 8 },
	{ "narrow last column 4:4:4", false, 300, 30, 16 },
	{ "tiles of one MCU", true, 128, 64, 1 },
	{ "widest tiles 4:2:0", true, 384, 32, 12 },
	{ "widest tiles 4:4:4", false, 384, 16, 24 },
};

static void ajpg_case_name(const struct ajpg_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(ajpg, ajpg_cases, ajpg_case_name);

static const struct ajpg_case small_case = { "small", true, 200, 48, 4 };

/* A tile's payload. */
struct payload {
	size_t length;
	u8 data[SCREEN_TILE_BYTES];
};

/* A picture, streams of it, and the tiles that these give. */
struct fixture {
	struct kvmcap_jpeg_transcoder t;
	struct kvmcap_ajpg a;
	struct screen screen;
	bool *changed;
	struct encoder stream;
	struct kvmcap_tile_sink sink;
	struct kvmcap_ajpg_shown shown;
	struct payload *tiles;
	struct payload next;		/* room for a tile */
	struct payload expected;	/* and for what it has to be */
	unsigned int came;		/* tiles of the last frame */
	size_t room;			/* bytes that the sink still takes */
	int refuse;			/* what sink_end() returns */
	u32 random;
};

static void *zalloc(struct kunit *test, size_t bytes)
{
	void *memory = kunit_kzalloc(test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	return memory;
}

static u8 *sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct fixture *f = container_of(sink, struct fixture, sink);

	*room = min(f->room, sizeof(f->next.data));
	return f->room ? f->next.data : NULL;
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
		    unsigned int row, size_t length)
{
	struct fixture *f = container_of(sink, struct fixture, sink);

	if (f->refuse)
		return f->refuse;
	if (column >= f->screen.columns || row >= f->screen.mcus_y)
		return -ERANGE;
	f->next.length = length;
	f->tiles[row * f->screen.columns + column] = f->next;
	f->room -= length;
	f->came++;
	return 0;
}

static const u8 *shown_payload(struct kvmcap_ajpg_shown *shown,
			       unsigned int column, unsigned int row,
			       size_t *length)
{
	struct fixture *f = container_of(shown, struct fixture, shown);
	struct payload *tile = &f->tiles[row * f->screen.columns + column];

	*length = tile->length;
	return tile->length ? tile->data : NULL;
}

static void fixture_tables(struct kunit *test, struct fixture *f)
{
	struct encoder e = { .out = f->expected.data };
	struct kvmcap_jpeg_image image;

	encoder_headers(&e, 16, 16, f->screen.yuv420);
	KUNIT_ASSERT_EQ(test, 0, kvmcap_jpeg_parse(&image, e.out, e.length));
	KUNIT_ASSERT_EQ(test, 0, kvmcap_jpeg_tables_set(&f->t, &image));
}

static struct fixture *fixture_new(struct kunit *test, const struct ajpg_case *c)
{
	struct fixture *f = zalloc(test, sizeof(*f));
	const struct kvmcap_ajpg_picture picture = {
		.width = c->width,
		.height = c->height,
		.subsampling = c->yuv420 ? KVMCAP_JPEG_420 : KVMCAP_JPEG_444,
		.tile_mcus = c->tile_mcus,
	};
	unsigned int i, mcus;

	screen_init(&f->screen, c->width, c->height, c->yuv420, c->tile_mcus);
	mcus = screen_mcus(&f->screen);
	f->random = SEED;
	f->screen.coefs = zalloc(test, mcus * screen_mcu_size(&f->screen));
	for (i = 0; i < mcus; i++)
		screen_paint_mcu(&f->screen, i, &f->random);
	f->changed = zalloc(test, mcus);
	memset(f->changed, true, mcus);
	f->stream.out = zalloc(test, STREAM_MAX);
	f->tiles = zalloc(test, f->screen.columns * f->screen.mcus_y *
				sizeof(*f->tiles));
	f->sink.begin = sink_begin;
	f->sink.end = sink_end;
	f->shown.payload = shown_payload;
	fixture_tables(test, f);

	kvmcap_ajpg_init(&f->a, zalloc(test, kvmcap_ajpg_memory_size(mcus, STREAM_MAX)),
			 mcus, STREAM_MAX);
	KUNIT_ASSERT_EQ(test, 0, kvmcap_ajpg_set_picture(&f->a, &picture));
	return f;
}

static void encode(struct fixture *f)
{
	f->stream.length = 0;
	screen_encode_stream(&f->stream, &f->screen, f->changed, f->random & 1);
}

static int parse(struct fixture *f)
{
	return kvmcap_ajpg_parse(&f->a, &f->t, f->stream.out, f->stream.length);
}

/* Into no more room than the bound says. */
static int splice(struct fixture *f)
{
	f->came = 0;
	f->room = kvmcap_ajpg_bound(&f->a, &f->shown);
	return kvmcap_ajpg_splice(&f->a, &f->t, &f->shown, &f->sink);
}

static void change(struct fixture *f, u32 one_in)
{
	unsigned int i;

	for (i = 0; i < screen_mcus(&f->screen); i++) {
		f->changed[i] = screen_random(&f->random) % one_in == 0;
		if (f->changed[i])
			screen_paint_mcu(&f->screen, i, &f->random);
	}
}

static void expect_tiles(struct kunit *test, struct fixture *f)
{
	const struct screen *s = &f->screen;
	unsigned int i;

	for (i = 0; i < s->columns * s->mcus_y; i++) {
		struct encoder e = { .out = f->expected.data };

		screen_encode_tile(&e, s, i % s->columns, i / s->columns);
		KUNIT_ASSERT_EQ_MSG(test, f->tiles[i].length, e.length,
				    "length of tile %u", i);
		KUNIT_ASSERT_EQ_MSG(test, 0, memcmp(f->tiles[i].data, e.out,
						    e.length), "tile %u", i);
	}
}

static void ajpg_tiles_are_expected(struct kunit *test)
{
	struct fixture *f = fixture_new(test, test->param_value);
	unsigned int i;

	for (i = 0; i < FRAMES; i++) {
		encode(f);
		KUNIT_ASSERT_EQ(test, 0, parse(f));
		if (!i)
			KUNIT_EXPECT_TRUE(test, f->a.complete);
		KUNIT_ASSERT_EQ(test, 0, splice(f));
		KUNIT_EXPECT_EQ(test, f->came, f->a.tiles);
		expect_tiles(test, f);
		change(f, 1 + i % 20);
	}
}

static void ajpg_cut_off(struct kunit *test)
{
	struct fixture *f = fixture_new(test, test->param_value);
	size_t length;

	encode(f);
	for (length = 0; length < f->stream.length; length += 4) {
		u8 *copy = kmemdup(f->stream.out, length, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, copy);
		KUNIT_EXPECT_EQ(test, -EBADMSG,
				kvmcap_ajpg_parse(&f->a, &f->t, copy, length));
		KUNIT_EXPECT_EQ(test, 0, f->a.changed);
		kfree(copy);
	}
}

static void ajpg_unchanged(struct kunit *test)
{
	static const u32 words[2 + KVMCAP_AJPG_TRAILER_MAX / 4] = { 0x90000000 };
	struct fixture *f = fixture_new(test, &small_case);

	KUNIT_EXPECT_EQ(test, 0, kvmcap_ajpg_parse(&f->a, &f->t, words, 12));
	KUNIT_EXPECT_EQ(test, 0, f->a.changed);
	KUNIT_EXPECT_FALSE(test, f->a.complete);
	KUNIT_EXPECT_EQ(test, 0, splice(f));
	KUNIT_EXPECT_EQ(test, 0, f->came);
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			kvmcap_ajpg_parse(&f->a, &f->t, words, sizeof(words)));
	KUNIT_EXPECT_EQ(test, -EBADMSG,
			kvmcap_ajpg_parse(&f->a, &f->t, words, 3));
}

static void ajpg_old_payloads(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);

	encode(f);
	KUNIT_ASSERT_EQ(test, 0, parse(f));
	KUNIT_ASSERT_EQ(test, 0, splice(f));
	memset(f->changed, false, screen_mcus(&f->screen));
	f->changed[1] = true;
	encode(f);
	KUNIT_ASSERT_EQ(test, 0, parse(f));
	KUNIT_EXPECT_EQ(test, 1, f->a.spliced);
	f->tiles[0].length--;
	KUNIT_EXPECT_EQ(test, -EBADMSG, splice(f));
	f->tiles[0].length = 0;
	KUNIT_EXPECT_EQ(test, -EBADMSG, splice(f));
}

static void ajpg_refused(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);

	encode(f);
	KUNIT_ASSERT_EQ(test, 0, parse(f));
	f->refuse = -EINTR;
	KUNIT_EXPECT_EQ(test, -EINTR, splice(f));
	f->room = 0;
	KUNIT_EXPECT_EQ(test, -ENOSPC, kvmcap_ajpg_splice(&f->a, &f->t, &f->shown,
							  &f->sink));
	memset(&f->t, 0, sizeof(f->t));
	KUNIT_EXPECT_EQ(test, -EINVAL, parse(f));
	KUNIT_EXPECT_EQ(test, -EINVAL, splice(f));
}

/* KASAN and UBSAN watch; the outcome only has to be one of the documented. */
static void ajpg_scrambled(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);
	unsigned int i, j;
	int ret;

	encode(f);
	KUNIT_ASSERT_EQ(test, 0, parse(f));
	KUNIT_ASSERT_EQ(test, 0, splice(f));
	for (i = 0; i < SCRAMBLES; i++) {
		change(f, 4);
		encode(f);
		for (j = 0; j < 1 + i % 6; j++) {
			u32 r = screen_random(&f->random);

			f->stream.out[r % f->stream.length] ^= r >> 24;
		}
		ret = parse(f);
		if (!ret)
			ret = splice(f);
		KUNIT_ASSERT_TRUE_MSG(test, !ret || ret == -EBADMSG,
				      "scramble %u: %d", i, ret);
	}
}

static struct kunit_case ajpg_test_cases[] = {
	KUNIT_CASE_PARAM(ajpg_tiles_are_expected, ajpg_gen_params),
	KUNIT_CASE_PARAM(ajpg_cut_off, ajpg_gen_params),
	KUNIT_CASE(ajpg_unchanged),
	KUNIT_CASE(ajpg_old_payloads),
	KUNIT_CASE(ajpg_refused),
	KUNIT_CASE(ajpg_scrambled),
	{}
};

static struct kunit_suite ajpg_suite = {
	.name = "ajpg",
	.test_cases = ajpg_test_cases,
};

kunit_test_suite(ajpg_suite);

MODULE_DESCRIPTION("KUnit suite of kvmcap's differential streams");
MODULE_LICENSE("GPL");
