// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite of the Hextile splitter, and of what else the Nuvoton engine's
 * driver computes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "hextile_codec.h"
#include "npcm_cases.h"

#include "drivers/media/kvmcap/hextile_tiles.c"
#include "drivers/media/kvmcap/npcm_detect.c"
#include "drivers/media/kvmcap/npcm_tiles.c"

#define SCRAMBLES	2000
#define SCRAMBLE_SEED	20260311

#define WIDTH		212	/* of pictures: their last block is narrow */
#define HEIGHT		13
#define TILE_WIDTH	48
#define BLOCKS		DIV_ROUND_UP(WIDTH, HEXTILE_SIZE)
#define TILES		DIV_ROUND_UP(WIDTH, TILE_WIDTH)

/* A picture, its Hextile, and the tiles that it is cut into. */
struct fixture {
	struct kvmcap_tile_sink sink;
	u16 pixels[HEIGHT * WIDTH];
	u16 decoded[HEIGHT * WIDTH];
	u8 data[BLOCKS * KVMCAP_HEXTILE_BYTES_MAX];
	size_t length;
	u8 out[BLOCKS * KVMCAP_HEXTILE_BYTES_MAX];
	size_t room;
	size_t used;
	size_t end[BLOCKS];
	unsigned int tiles;
	int refuse;
};

static u8 *sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct fixture *f = container_of(sink, struct fixture, sink);

	*room = f->room - f->used;
	return f->out + f->used;
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
		    unsigned int row, size_t length)
{
	struct fixture *f = container_of(sink, struct fixture, sink);

	if (f->refuse)
		return f->refuse;
	if (column != f->tiles || row)
		return -ERANGE;
	f->used += length;
	f->end[f->tiles++] = f->used;
	return 0;
}

static int cut(struct fixture *f, unsigned int width, unsigned int height,
	       unsigned int tile_width, const void *data, size_t length)
{
	const struct kvmcap_tile_run run = {
		.width = width, .height = height, .tile_width = tile_width,
	};

	f->used = 0;
	f->tiles = 0;
	return kvmcap_hextile_tiles(&run, data, length, &f->sink);
}

/* From the start, from a copy beyond which KASAN looks. */
static int cut_all(struct kunit *test, struct fixture *f, size_t length)
{
	u8 *copy = kmemdup(f->data, length, GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	err = cut(f, WIDTH, HEIGHT, TILE_WIDTH, copy, length);
	kfree(copy);
	return err;
}

/* Blocks of one, two, more and many colours, by turns. */
static void fixture_paint(struct fixture *f)
{
	static const u32 colours[] = { 1, 2, 5, 65536 };
	u32 state = 1;
	unsigned int x, y;

	for (y = 0; y < HEIGHT; y++) {
		for (x = 0; x < WIDTH; x++) {
			state = state * 1664525 + 1013904223;
			f->pixels[y * WIDTH + x] =
				0x1234 + (state >> 16) % colours[x / HEXTILE_SIZE % 4];
		}
	}
}

static void fixture_encode(struct fixture *f, enum hextile_style style)
{
	struct hextile_encoder e = {
		.out = f->data, .style = style, .bulky = true,
	};

	hextile_encode(&e, f->pixels, WIDTH, WIDTH, HEIGHT);
	f->length = e.length;
}

static struct fixture *fixture_new(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->sink.begin = sink_begin;
	f->sink.end = sink_end;
	f->room = sizeof(f->out);
	fixture_paint(f);
	fixture_encode(f, HEXTILE_MIXED);
	return f;
}

static void row_name(const struct hextile_row *row, char *name)
{
	strscpy(name, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rows, hextile_rows, row_name);

static void hextile_row_becomes(struct kunit *test)
{
	const struct hextile_row *row = test->param_value;
	struct fixture *f = fixture_new(test);

	KUNIT_ASSERT_EQ(test, row->expected,
			cut(f, row->width, row->height, HEXTILE_TILE_WIDTH,
			    row->in, row->in_length));
	if (row->expected)
		return;
	KUNIT_ASSERT_EQ(test, (size_t)row->out_length, f->used);
	KUNIT_EXPECT_EQ(test, 0, memcmp(f->out, row->out, f->used));
}

/* True if all tiles stand alone and keep to their bound. */
static bool decode_all(struct fixture *f)
{
	unsigned int i;

	for (i = 0; i < f->tiles; i++) {
		size_t start = i ? f->end[i - 1] : 0;
		unsigned int x = i * TILE_WIDTH;
		unsigned int width = min(TILE_WIDTH, WIDTH - (int)x);

		if (f->end[i] - start > kvmcap_hextile_bound(width) ||
		    !hextile_decode(f->out + start, f->end[i] - start,
				    f->decoded + x, WIDTH, width, HEIGHT))
			return false;
	}
	return true;
}

static void hextile_tiles_stand_alone(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_ASSERT_EQ(test, 0, cut_all(test, f, f->length));
	KUNIT_ASSERT_EQ(test, f->tiles, (unsigned int)TILES);
	KUNIT_ASSERT_TRUE(test, decode_all(f));
	KUNIT_EXPECT_EQ(test, 0, memcmp(f->pixels, f->decoded, sizeof(f->pixels)));
}

static void hextile_tiles_are_canonical(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	struct fixture *g = fixture_new(test);

	fixture_encode(f, HEXTILE_INHERIT);
	fixture_encode(g, HEXTILE_RESTATE);
	KUNIT_ASSERT_LT(test, f->length, g->length);
	KUNIT_ASSERT_EQ(test, 0, cut_all(test, f, f->length));
	KUNIT_ASSERT_EQ(test, 0, cut_all(test, g, g->length));
	KUNIT_ASSERT_EQ(test, f->used, g->used);
	KUNIT_EXPECT_EQ(test, 0, memcmp(f->out, g->out, f->used));
}

static void hextile_tiles_cut_off(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	size_t length;

	for (length = 1; length < f->length; length++)
		KUNIT_ASSERT_EQ(test, -EBADMSG, cut_all(test, f, length));
	KUNIT_EXPECT_EQ(test, -EBADMSG, cut_all(test, f, f->length + 1));
}

static void hextile_tiles_room(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	size_t most;

	KUNIT_ASSERT_EQ(test, 0, cut_all(test, f, f->length));
	most = f->used;
	for (f->room = 0; f->room < most; f->room++)
		KUNIT_ASSERT_EQ(test, -ENOSPC, cut_all(test, f, f->length));
	f->refuse = -EINTR;
	KUNIT_EXPECT_EQ(test, -EINTR, cut_all(test, f, f->length));
}

static void hextile_tiles_misuse(struct kunit *test)
{
	struct fixture *f = fixture_new(test);

	KUNIT_EXPECT_EQ(test, -EINVAL, cut(f, 0, 16, 16, f->data, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, cut(f, 16, 0, 16, f->data, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, cut(f, 16, 17, 16, f->data, 3));
	KUNIT_EXPECT_EQ(test, -EINVAL, cut(f, 16, 16, 24, f->data, 3));
}

/* KASAN and UBSAN watch. */
static void hextile_tiles_scrambled(struct kunit *test)
{
	struct fixture *f = fixture_new(test);
	u8 *good = kunit_kzalloc(test, f->length, GFP_KERNEL);
	u32 state = SCRAMBLE_SEED;
	unsigned int i, j;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, good);
	memcpy(good, f->data, f->length);
	for (i = 0; i < SCRAMBLES; i++) {
		memcpy(f->data, good, f->length);
		for (j = 0; j < 1 + i % 4; j++) {
			state = state * 1664525 + 1013904223;
			f->data[(state >> 8) % f->length] ^= state >> 24;
		}
		ret = cut_all(test, f, f->length);
		KUNIT_ASSERT_TRUE_MSG(test, ret == -EBADMSG || (!ret && decode_all(f)),
				      "scramble %u: %d", i, ret);
	}
}

static void measure_name(const struct npcm_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(measures, npcm_cases, measure_name);

static void npcm_measures(struct kunit *test)
{
	const struct npcm_case *c = test->param_value;
	struct kvmcap_npcm_picture picture;

	memset(&picture, 0xff, sizeof(picture));
	KUNIT_EXPECT_EQ(test, c->expected, kvmcap_npcm_measure(&picture, &c->gfxi));
	KUNIT_EXPECT_EQ(test, c->width, picture.width);
	KUNIT_EXPECT_EQ(test, c->height, picture.height);
	KUNIT_EXPECT_EQ(test, c->pitch, picture.pitch);
	KUNIT_EXPECT_EQ(test, c->more_bandwidth, picture.more_bandwidth);
}

static void npcm_changes_become_runs(struct kunit *test)
{
	/* Blocks 0, 15, 16, 119 and, beyond the picture, 120. */
	const u32 blocks[KVMCAP_NPCM_ROW_WORDS] = { 0x18001, 0, 0, 0x1800000 };
	struct kvmcap_tile_run run = { .tile_width = 128 };
	u32 tiles = kvmcap_npcm_changed(blocks, 1916, 128);

	KUNIT_EXPECT_EQ(test, tiles, 0x4007U);
	KUNIT_ASSERT_TRUE(test, kvmcap_npcm_run(&run, &tiles, 1916));
	KUNIT_EXPECT_EQ(test, run.column, 0);
	KUNIT_EXPECT_EQ(test, run.width, 3 * 128);
	KUNIT_ASSERT_TRUE(test, kvmcap_npcm_run(&run, &tiles, 1916));
	KUNIT_EXPECT_EQ(test, run.column, 14);
	KUNIT_EXPECT_EQ(test, run.width, 124);
	KUNIT_EXPECT_FALSE(test, kvmcap_npcm_run(&run, &tiles, 1916));
}

static void npcm_raw_tiles_are_pixels(struct kunit *test)
{
	struct kvmcap_tile_run run = {
		.width = WIDTH, .height = HEIGHT, .tile_width = TILE_WIDTH,
	};
	struct fixture *f = fixture_new(test);
	unsigned int i, y;

	KUNIT_ASSERT_EQ(test, 0, kvmcap_npcm_raw_tiles(&run, (u8 *)f->pixels,
						       sizeof(f->pixels),
						       2 * WIDTH, &f->sink));
	KUNIT_ASSERT_EQ(test, f->tiles, (unsigned int)TILES);
	KUNIT_EXPECT_EQ(test, f->used, kvmcap_npcm_raw_bound(&run));
	for (i = 0; i < f->tiles; i++) {
		const u8 *tile = f->out + (i ? f->end[i - 1] : 0);
		unsigned int x = i * TILE_WIDTH;
		unsigned int line = 2 * min(TILE_WIDTH, WIDTH - (int)x);

		for (y = 0; y < HEIGHT; y++)
			KUNIT_EXPECT_EQ(test, 0, memcmp(tile + y * line,
							f->pixels + y * WIDTH + x,
							line));
	}
	run.row = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kvmcap_npcm_raw_tiles(&run, (u8 *)f->pixels,
					      sizeof(f->pixels), 2 * WIDTH, &f->sink));
}

static struct kunit_case hextile_cases[] = {
	KUNIT_CASE_PARAM(hextile_row_becomes, rows_gen_params),
	KUNIT_CASE(hextile_tiles_stand_alone),
	KUNIT_CASE(hextile_tiles_are_canonical),
	KUNIT_CASE(hextile_tiles_cut_off),
	KUNIT_CASE(hextile_tiles_room),
	KUNIT_CASE(hextile_tiles_misuse),
	KUNIT_CASE(hextile_tiles_scrambled),
	KUNIT_CASE_PARAM(npcm_measures, measures_gen_params),
	KUNIT_CASE(npcm_changes_become_runs),
	KUNIT_CASE(npcm_raw_tiles_are_pixels),
	{}
};

static struct kunit_suite hextile_suite = {
	.name = "hextile_tiles",
	.test_cases = hextile_cases,
};

kunit_test_suite(hextile_suite);

MODULE_DESCRIPTION("KUnit suite of kvmcap's Hextile splitter and Nuvoton driver");
MODULE_LICENSE("GPL");
