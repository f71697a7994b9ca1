// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suite of the tile transcoder. Images are made by a small encoder of
 * coefficients, which also says what each tile has to be: the same blocks,
 * encoded with DC prediction from zero.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "jpeg_encoder.h"

#include "drivers/media/kvmcap/jpeg_header.c"
#include "drivers/media/kvmcap/jpeg_huffman.c"
#include "drivers/media/kvmcap/jpeg_lookup.c"
#include "drivers/media/kvmcap/jpeg_payload.c"
#include "drivers/media/kvmcap/jpeg_tiles.c"

#define BLOCK_BYTES_MAX	(2 * 209)	/* 27 + 63 * 26 bits, all stuffed */
#define SCRAMBLES	2000
#define SCRAMBLE_SEED	20260102

enum content {
	CONTENT_FLAT,		/* DC only, always the same */
	CONTENT_STEPS,		/* DC only, from one extreme to the other */
	CONTENT_SPARSE,		/* long runs of zeroes */
	CONTENT_LAST,		/* only the last coefficient: three ZRL */
	CONTENT_DENSE,		/* small coefficients everywhere: no EOB */
	CONTENT_EXTREME,	/* the largest coefficients everywhere */
};

struct tiles_case {
	const char *name;
	bool yuv420;
	u16 width;
	u16 height;
	u16 tile_mcus;
	enum content content;
};

static const struct tiles_case tiles_cases[] = {
	{ "one block", false, 1, 1, 1, CONTENT_FLAT },
	{ "one MCU 4:2:0", true, 1, 1, 8, CONTENT_SPARSE },
	{ "flat 4:2:0", true, 256, 64, 8, CONTENT_FLAT },
	{ "flat 4:4:4", false, 256, 64, 16, CONTENT_FLAT },
	{ "DC steps 4:2:0", true, 256, 64, 8, CONTENT_STEPS },
	{ "DC steps 4:4:4", false, 256, 64, 16, CONTENT_STEPS },
	{ "sparse, narrow last column 4:2:0", true, 300, 50, 8, CONTENT_SPARSE },
	{ "sparse, narrow last column 4:4:4", false, 300, 50, 16, CONTENT_SPARSE },
	{ "last coefficient only", true, 80, 32, 3, CONTENT_LAST },
	{ "no EOB 4:2:0", true, 272, 33, 8, CONTENT_DENSE },
	{ "no EOB 4:4:4", false, 272, 33, 16, CONTENT_DENSE },
	{ "largest coefficients 4:2:0", true, 256, 48, 8, CONTENT_EXTREME },
	{ "largest coefficients 4:4:4", false, 256, 48, 16, CONTENT_EXTREME },
	{ "tiles of one MCU", true, 128, 64, 1, CONTENT_SPARSE },
	{ "one tile a row", true, 640, 32, 40, CONTENT_SPARSE },
};

static void tiles_case_name(const struct tiles_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tiles, tiles_cases, tiles_case_name);

/* An image, what its tiles have to be, and what they are. */
struct fixture {
	struct kvmcap_jpeg_transcoder *t;
	struct kvmcap_jpeg_image image;
	struct encoder whole;
	struct encoder expected;	/* all tiles, one after the other */
	size_t *expected_end;		/* of each tile, in @expected */
	struct kvmcap_tile_sink sink;
	u8 *out;
	size_t room;
	size_t used;
	size_t *end;
	unsigned int tiles;
	unsigned int columns;
	int refuse;			/* what sink_end() returns */
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

	*room = f->room - f->used;
	return f->out + f->used;
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
		    unsigned int row, size_t length)
{
	struct fixture *f = container_of(sink, struct fixture, sink);

	if (f->refuse)
		return f->refuse;
	if (f->tiles != row * f->columns + column)
		return -ERANGE;
	f->used += length;
	f->end[f->tiles++] = f->used;
	return 0;
}

/* Zigzag order; a function of the arguments alone. */
static void make_block(s16 *block, enum content content, unsigned int number)
{
	u32 h = (number + 1) * 0x9e3779b1u;
	unsigned int i;

	memset(block, 0, 64 * sizeof(*block));
	block[0] = content == CONTENT_FLAT ? 100 : (int)(h >> 21) - 1024;
	switch (content) {
	case CONTENT_FLAT:
		break;
	case CONTENT_STEPS:
		block[0] = h & 0x10000 ? 1023 : -1024;
		break;
	case CONTENT_SPARSE:
		for (i = 1 + (h & 0xf); i < 64; i += 1 + (h >> i % 24 & 0x1f))
			block[i] = (int)(h >> i % 16 & 0x3f) - 0x20;
		break;
	case CONTENT_LAST:
		block[63] = h & 0x100 ? 1 : -1;
		break;
	case CONTENT_DENSE:
		for (i = 1; i < 64; i++)
			block[i] = h >> i % 32 & 1 ? 1 : -1;
		break;
	case CONTENT_EXTREME:
		for (i = 1; i < 64; i++)
			block[i] = h >> i % 32 & 1 ? 1023 : -1023;
		break;
	}
}

static void put_mcu(struct encoder *e, const struct tiles_case *c,
		    unsigned int number, int *dc)
{
	unsigned int i, luma = c->yuv420 ? 4 : 1;
	s16 block[64];

	for (i = 0; i < luma + 2; i++) {
		unsigned int component = i < luma ? 0 : i - luma + 1;

		make_block(block, c->content, number * (luma + 2) + i);
		encoder_block(e, component, block[0] - dc[component], block);
		dc[component] = block[0];
	}
}

/* Encodes the image whole, and each of its tiles by itself. */
static void fixture_encode(struct fixture *f, const struct tiles_case *c)
{
	unsigned int size = c->yuv420 ? 16 : 8;
	unsigned int mcus_x = DIV_ROUND_UP(c->width, size);
	unsigned int mcus = mcus_x * DIV_ROUND_UP(c->height, size);
	int dc[3] = { 0 }, tile_dc[3] = { 0 };
	unsigned int i, tile = 0;

	encoder_headers(&f->whole, c->width, c->height, c->yuv420);
	for (i = 0; i < mcus; i++) {
		if (i % mcus_x % c->tile_mcus == 0)
			memset(tile_dc, 0, sizeof(tile_dc));
		put_mcu(&f->whole, c, i, dc);
		put_mcu(&f->expected, c, i, tile_dc);
		if (i % mcus_x % c->tile_mcus == c->tile_mcus - 1 ||
		    i % mcus_x == mcus_x - 1) {
			encoder_pad(&f->expected);
			f->expected_end[tile++] = f->expected.length;
		}
	}
	encoder_pad(&f->whole);
	encoder_byte(&f->whole, 0xff);
	encoder_byte(&f->whole, 0xd9);
}

static struct fixture *fixture_new(struct kunit *test,
				   const struct tiles_case *c)
{
	struct fixture *f = zalloc(test, sizeof(*f));
	unsigned int size = c->yuv420 ? 16 : 8;
	unsigned int mcus = DIV_ROUND_UP(c->width, size) *
			    DIV_ROUND_UP(c->height, size);
	size_t most = ENCODER_HEADERS_MAX + mcus * 6 * BLOCK_BYTES_MAX;
	unsigned int tiles;

	f->t = zalloc(test, sizeof(*f->t));
	f->whole.out = zalloc(test, most);
	f->expected.out = zalloc(test, most);
	f->expected_end = zalloc(test, mcus * sizeof(*f->expected_end));
	f->end = zalloc(test, mcus * sizeof(*f->end));
	fixture_encode(f, c);

	KUNIT_ASSERT_EQ(test, 0, kvmcap_jpeg_parse(&f->image, f->whole.out,
						   f->whole.length));
	KUNIT_ASSERT_EQ(test, 0, kvmcap_jpeg_tables_set(f->t, &f->image));
	tiles = kvmcap_jpeg_tiles_count(&f->image, c->tile_mcus);
	f->columns = tiles / f->image.mcus_y;
	f->room = kvmcap_jpeg_tiles_bound(f->image.scan_length, tiles);
	f->out = zalloc(test, f->room);
	f->sink.begin = sink_begin;
	f->sink.end = sink_end;
	return f;
}

/* From the start. */
static int cut(struct fixture *f, const struct kvmcap_jpeg_image *image,
	       const struct tiles_case *c)
{
	f->used = 0;
	f->tiles = 0;
	return kvmcap_jpeg_tiles(f->t, image, c->tile_mcus, &f->sink);
}

static void jpeg_tiles_are_expected(struct kunit *test)
{
	const struct tiles_case *c = test->param_value;
	struct fixture *f = fixture_new(test, c);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, c->width, f->image.width);
	KUNIT_EXPECT_EQ(test, c->height, f->image.height);
	KUNIT_ASSERT_EQ(test, 0, cut(f, &f->image, c));
	KUNIT_EXPECT_EQ(test, f->tiles,
			kvmcap_jpeg_tiles_count(&f->image, c->tile_mcus));
	for (i = 0; i < f->tiles; i++)
		KUNIT_ASSERT_EQ_MSG(test, f->end[i], f->expected_end[i],
				    "end of tile %u", i);
	KUNIT_EXPECT_EQ(test, 0, memcmp(f->out, f->expected.out, f->used));
}

static void jpeg_tiles_cut_off(struct kunit *test)
{
	const struct tiles_case *c = test->param_value;
	struct fixture *f = fixture_new(test, c);
	size_t step = 1 + f->image.scan_length / 200;
	size_t length;

	for (length = 0; length < f->image.scan_length; length += step) {
		struct kvmcap_jpeg_image image = f->image;
		u8 *copy = kmemdup(image.scan, length, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, copy);
		image.scan = copy;
		image.scan_length = length;
		KUNIT_EXPECT_EQ(test, -ENODATA, cut(f, &image, c));
		kfree(copy);
	}
}

/* What the scan gets at its end, and what that is called. */
struct end_case {
	const char *name;
	const char *bytes;
	u8 length;
	int expected;
};

static const struct end_case end_cases[] = {
	{ "EOI", "\xff\xd9", 2, 0 },
	{ "fill bytes and EOI", "\xff\xff\xd9", 3, 0 },
	{ "EOI and zeroes", "\xff\xd9\0\0\0", 5, 0 },
	{ "nothing", "", 0, -ENODATA },
	{ "half of EOI", "\xff", 1, -ENODATA },
	{ "EOI and more", "\xff\xd9\1", 3, -EBADMSG },
	{ "a byte and EOI", "\1\xff\xd9", 3, -EBADMSG },
	{ "a stuffed byte and EOI", "\xff\0\xff\xd9", 4, -EBADMSG },
	{ "RST0", "\xff\xd0", 2, -EBADMSG },
};

static void end_case_name(const struct end_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(end, end_cases, end_case_name);

static const struct tiles_case small_case = {
	"small", true, 200, 48, 4, CONTENT_SPARSE,
};

static void jpeg_tiles_end(struct kunit *test)
{
	const struct end_case *c = test->param_value;
	struct fixture *f = fixture_new(test, &small_case);
	size_t at = f->whole.length - 2;

	memcpy(f->whole.out + at, c->bytes, c->length);
	f->image.scan_length += c->length - 2;
	KUNIT_EXPECT_EQ(test, c->expected, cut(f, &f->image, &small_case));
}

static void jpeg_tiles_wrong_geometry(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);

	f->image.mcus_y++;
	KUNIT_EXPECT_EQ(test, -ENODATA, cut(f, &f->image, &small_case));
	f->image.mcus_y -= 2;
	KUNIT_EXPECT_EQ(test, -EBADMSG, cut(f, &f->image, &small_case));
}

static void jpeg_tiles_room(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);

	for (f->room = 0; f->room < f->expected.length; f->room++)
		KUNIT_ASSERT_EQ(test, -ENOSPC, cut(f, &f->image, &small_case));
	KUNIT_EXPECT_EQ(test, 0, cut(f, &f->image, &small_case));
	f->refuse = -EINTR;
	KUNIT_EXPECT_EQ(test, -EINTR, cut(f, &f->image, &small_case));
}

static void jpeg_tiles_misuse(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kvmcap_jpeg_tiles(f->t, &f->image, 0, &f->sink));
	memset(f->t, 0, sizeof(*f->t));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			kvmcap_jpeg_tiles(f->t, &f->image, 1, &f->sink));
}

/* KASAN and UBSAN watch; the outcome only has to be one of the documented. */
static void jpeg_tiles_scrambled(struct kunit *test)
{
	struct fixture *f = fixture_new(test, &small_case);
	u8 *good = zalloc(test, f->whole.length);
	u32 state = SCRAMBLE_SEED;
	unsigned int i, j;
	int ret;

	memcpy(good, f->whole.out, f->whole.length);
	for (i = 0; i < SCRAMBLES; i++) {
		struct kvmcap_jpeg_image image;

		memcpy(f->whole.out, good, f->whole.length);
		for (j = 0; j < 1 + i % 6; j++) {
			state = state * 1664525 + 1013904223;
			f->whole.out[(state >> 8) % f->whole.length] ^=
				state >> 24;
		}
		ret = kvmcap_jpeg_parse(&image, f->whole.out, f->whole.length);
		if (!ret)
			ret = kvmcap_jpeg_tables_set(f->t, &image);
		/* More tiles than there is room to note are not wanted. */
		if (!ret && image.mcus_x == f->image.mcus_x &&
		    image.mcus_y == f->image.mcus_y)
			ret = cut(f, &image, &small_case);
		KUNIT_ASSERT_TRUE_MSG(test, !ret || ret == -EBADMSG ||
				      ret == -ENODATA || ret == -EOPNOTSUPP,
				      "scramble %u: %d", i, ret);
	}
}

static struct kunit_case jpeg_tiles_cases[] = {
	KUNIT_CASE_PARAM(jpeg_tiles_are_expected, tiles_gen_params),
	KUNIT_CASE_PARAM(jpeg_tiles_cut_off, tiles_gen_params),
	KUNIT_CASE_PARAM(jpeg_tiles_end, end_gen_params),
	KUNIT_CASE(jpeg_tiles_wrong_geometry),
	KUNIT_CASE(jpeg_tiles_room),
	KUNIT_CASE(jpeg_tiles_misuse),
	KUNIT_CASE(jpeg_tiles_scrambled),
	{}
};

static struct kunit_suite jpeg_tiles_suite = {
	.name = "jpeg_tiles",
	.test_cases = jpeg_tiles_cases,
};

kunit_test_suite(jpeg_tiles_suite);

MODULE_DESCRIPTION("KUnit suite of kvmcap's tile transcoder");
MODULE_LICENSE("GPL");
