// SPDX-License-Identifier: Apache-2.0
/*
 * The tile transcoder against libjpeg-turbo: coefficients must not change.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "geometry.h"
#include "jpeg_oracle.h"
#include "jpeg_screens.h"
#include "tap.h"

static struct kvmcap_jpeg_transcoder transcoder;

/* An encoded picture and its tiles. */
struct picture {
	struct blob jpeg;
	struct kvmcap_jpeg_image image;
	unsigned int tile_mcus;
	unsigned int columns;
	struct tile_store store;
};

static void picture_free(struct picture *p)
{
	blob_free(&p->jpeg);
	tile_store_free(&p->store);
}

/* Cuts @p->jpeg; the room is exactly what the bound says. 0 or -errno. */
static int picture_cut(struct picture *p, unsigned int tile_mcus)
{
	unsigned int tiles;
	int ret;

	ret = kvmcap_jpeg_parse(&p->image, p->jpeg.data, p->jpeg.length);
	if (ret)
		return ret;
	p->tile_mcus = tile_mcus;
	p->columns = DIV_ROUND_UP(p->image.mcus_x, tile_mcus);
	tiles = kvmcap_jpeg_tiles_count(&p->image, tile_mcus);
	tile_store_init(&p->store, p->columns, tiles,
			kvmcap_jpeg_tiles_bound(p->image.scan_length, tiles));
	ret = kvmcap_jpeg_tables_set(&transcoder, &p->image);
	if (ret)
		return ret;
	ret = kvmcap_jpeg_tiles(&transcoder, &p->image, tile_mcus,
				&p->store.sink);
	if (!ret && (p->store.out_of_order || p->store.count != tiles))
		ret = -ERANGE;
	return ret;
}

static void picture_encode(struct picture *p, unsigned int width,
			   unsigned int height, enum pattern pattern, u32 seed,
			   const struct oracle_params *params)
{
	u8 *rgb = malloc((size_t)3 * width * height);

	*p = (struct picture){ 0 };
	if (!rgb)
		abort();
	paint(rgb, width, height, pattern, seed);
	oracle_encode(&p->jpeg, rgb, width, height, params);
	free(rgb);
}

/* Whether a rectangle of tiles is the image that it was cut from. */
static bool rect_is_same(const struct picture *p, const struct tile_rect *rect)
{
	struct blob part = { 0 };
	bool same;

	oracle_assemble(&part, &p->image, &p->store, p->tile_mcus, rect);
	same = oracle_same_coefficients(&p->jpeg, &part,
					rect->column * p->tile_mcus, rect->row);
	blob_free(&part);
	return same;
}

/* All tiles: the whole columns as one rectangle, a narrower last one apart. */
static bool whole_is_same(const struct picture *p)
{
	unsigned int whole = p->image.mcus_x / p->tile_mcus;
	struct tile_rect rect = { 0, 0, whole, p->image.mcus_y };

	if (whole && !rect_is_same(p, &rect))
		return false;
	if (whole == p->columns)
		return true;
	rect.column = whole;
	rect.columns = 1;
	return rect_is_same(p, &rect);
}

/* No payload may hold a marker: 0xff must be followed by 0. */
static bool stuffing_is_right(const struct picture *p)
{
	unsigned int i;
	size_t at;

	for (i = 0; i < p->store.count; i++) {
		size_t end = p->store.offset[i + 1];

		if (p->store.offset[i] == end)
			return false;
		for (at = p->store.offset[i]; at < end; at++)
			if (p->store.data[at] == 0xff &&
			    (++at == end || p->store.data[at]))
				return false;
	}
	return true;
}

/* Says what differs, in a diagnostic. */
static bool check_picture(unsigned int width, unsigned int height,
			  enum pattern pattern, u32 seed,
			  const struct oracle_params *params,
			  unsigned int tile_mcus)
{
	struct picture p;
	const char *problem = NULL;
	int ret;

	picture_encode(&p, width, height, pattern, seed, params);
	ret = picture_cut(&p, tile_mcus);
	if (ret)
		problem = strerror(-ret);
	else if (p.image.width != width || p.image.height != height ||
		 p.image.subsampling != params->subsampling)
		problem = "geometry";
	else if (!stuffing_is_right(&p))
		problem = "stuffing";
	else if (!whole_is_same(&p))
		problem = "coefficients";
	if (problem)
		printf("# %ux%u pattern %d seed %u quality %d %s tiles of %u: %s\n",
		       width, height, pattern, seed, params->quality,
		       params->subsampling == KVMCAP_JPEG_420 ? "420" : "444",
		       tile_mcus, problem);
	picture_free(&p);
	return !problem;
}

static const char *sampling_name(enum kvmcap_jpeg_subsampling subsampling)
{
	return subsampling == KVMCAP_JPEG_420 ? "4:2:0" : "4:4:4";
}

static const struct {
	u16 width;
	u16 height;
} modes[] = {
	{ 640, 480 }, { 720, 400 }, { 800, 600 }, { 848, 480 }, { 1024, 768 },
	{ 1280, 1024 }, { 1360, 768 }, { 1366, 768 }, { 1600, 900 },
	{ 1680, 1050 }, { 1920, 1080 }, { 1920, 1200 },
};

static void test_modes(enum kvmcap_jpeg_subsampling subsampling)
{
	const struct oracle_params params = {
		.quality = 80, .subsampling = subsampling,
	};
	unsigned int i, mcu_width = subsampling == KVMCAP_JPEG_420 ? 16 : 8;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		unsigned int tile_width =
			kvmcap_geometry_tile_width(modes[i].width, mcu_width);

		tap_ok(check_picture(modes[i].width, modes[i].height,
				     PATTERN_MIXED, 1 + i, &params,
				     tile_width / mcu_width),
		       "%ux%u %s keeps its coefficients", modes[i].width,
		       modes[i].height, sampling_name(subsampling));
	}
}

/* Every width and height around blocks, MCUs and tiles. */
static void test_odd_sizes(enum kvmcap_jpeg_subsampling subsampling)
{
	static const u16 sizes[] = {
		1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 128, 129, 144,
		255, 257, 300,
	};
	const struct oracle_params params = {
		.quality = 75, .subsampling = subsampling,
	};
	unsigned int i, j, mcus = subsampling == KVMCAP_JPEG_420 ? 8 : 16;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(sizes); j++)
			ok &= check_picture(sizes[i], sizes[j], PATTERN_MIXED,
					    1 + i * 100 + j, &params, mcus);
	tap_ok(ok, "odd sizes %s keep their coefficients",
	       sampling_name(subsampling));
}

static void test_qualities(enum kvmcap_jpeg_subsampling subsampling)
{
	static const u8 qualities[] = { 1, 10, 50, 80, 95, 100 };
	static const enum oracle_tables tables[] = {
		TABLES_ANNEX_K, TABLES_REVERSED, TABLES_UNARY,
	};
	unsigned int i, j, pattern;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(qualities); i++) {
		for (j = 0; j < ARRAY_SIZE(tables); j++) {
			const struct oracle_params params = {
				.quality = qualities[i],
				.subsampling = subsampling,
				.tables = tables[j],
			};

			for (pattern = 0; pattern < PATTERNS; pattern++)
				ok &= check_picture(313, 131, pattern, 7,
						    &params, 8);
		}
	}
	tap_ok(ok, "all qualities, patterns and Huffman tables %s",
	       sampling_name(subsampling));
}

static void test_tile_widths(enum kvmcap_jpeg_subsampling subsampling)
{
	static const u16 widths[] = { 1, 2, 3, 7, 19, 20, 21, 100, 65535 };
	const struct oracle_params params = {
		.quality = 80, .subsampling = subsampling,
	};
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ARRAY_SIZE(widths); i++)
		ok &= check_picture(subsampling == KVMCAP_JPEG_420 ? 320 : 160,
				    90, PATTERN_MIXED, 3, &params, widths[i]);
	tap_ok(ok, "tiles of 1 to 65535 MCUs %s", sampling_name(subsampling));
}

static void test_rectangles(enum kvmcap_jpeg_subsampling subsampling)
{
	const struct oracle_params params = {
		.quality = 80, .subsampling = subsampling,
	};
	struct picture p;
	struct tile_rect r;
	bool ok;

	picture_encode(&p, 335, 77, PATTERN_MIXED, 11, &params);
	ok = !picture_cut(&p, 3);
	for (r.row = 0; ok && r.row < p.image.mcus_y; r.row++)
		for (r.column = 0; r.column < p.columns; r.column++)
			for (r.rows = 1; r.row + r.rows <= p.image.mcus_y;
			     r.rows += 2)
				for (r.columns = 1;
				     r.column + r.columns <= p.columns;
				     r.columns++)
					ok &= rect_is_same(&p, &r);
	tap_ok(ok, "each rectangle of whole tiles stands alone %s",
	       sampling_name(subsampling));
	picture_free(&p);
}

/* Byte for byte what libjpeg-turbo writes with that restart interval. */
static void test_same_bytes(enum kvmcap_jpeg_subsampling subsampling)
{
	const struct oracle_params params = {
		.quality = 80, .subsampling = subsampling,
	};
	struct blob expected = { 0 }, actual = { 0 };
	struct kvmcap_jpeg_image image;
	struct tile_rect all = { 0 };
	struct picture p;
	bool ok;

	picture_encode(&p, 640, 480, PATTERN_MIXED, 5, &params);
	ok = !picture_cut(&p, 8);
	all.columns = p.columns;
	all.rows = p.image.mcus_y;
	oracle_jpegtran(&expected, &p.jpeg, 8);
	oracle_assemble(&actual, &p.image, &p.store, 8, &all);

	/* The headers differ in their order; the scan is what is left. */
	ok = ok && !kvmcap_jpeg_parse(&image, p.jpeg.data, p.jpeg.length);
	ok = ok && actual.length > 1024 && expected.length > 1024 &&
	     !memcmp(actual.data + actual.length - (actual.length - 1024),
		     expected.data + expected.length - (actual.length - 1024),
		     actual.length - 1024);
	tap_ok(ok, "the bytes are those of jpegtran -restart 8B %s",
	       sampling_name(subsampling));
	blob_free(&expected);
	blob_free(&actual);
	picture_free(&p);
}

/* The same content in two places, after different neighbours. */
static void test_equal_tiles(enum kvmcap_jpeg_subsampling subsampling)
{
	const unsigned int width = 512, height = 64, tile = 128, high = 16;
	const struct oracle_params params = {
		.quality = 80, .subsampling = subsampling,
	};
	unsigned int mcu = subsampling == KVMCAP_JPEG_420 ? 16 : 8;
	u8 *rgb = malloc((size_t)3 * width * height);
	struct picture p = { 0 };
	unsigned int y, rows;
	bool ok;

	if (!rgb)
		abort();
	paint(rgb, width, height, PATTERN_MIXED, 21);
	for (y = 0; y < high; y++)	/* tile (0, 0) again at (3, 2) */
		memcpy(rgb + 3 * ((size_t)(2 * high + y) * width + 3 * tile),
		       rgb + (size_t)3 * y * width, (size_t)3 * tile);
	oracle_encode(&p.jpeg, rgb, width, height, &params);
	ok = !picture_cut(&p, tile / mcu);

	rows = high / mcu;
	for (y = 0; ok && y < rows; y++) {
		size_t a_length, b_length;
		const u8 *a = tile_payload(&p.store, 0, y, &a_length);
		const u8 *b = tile_payload(&p.store, 3, 2 * rows + y, &b_length);

		ok = a_length == b_length && !memcmp(a, b, a_length);
	}
	tap_ok(ok, "equal pixels give equal payloads elsewhere %s",
	       sampling_name(subsampling));
	picture_free(&p);
	free(rgb);
}

/* Another image's tables between two images; then the same ones again. */
static void test_changing_tables(void)
{
	struct oracle_params params = { .quality = 80 };
	unsigned int i;
	bool ok = true;

	for (i = 0; i < 12; i++) {
		params.tables = i % 3 ? TABLES_REVERSED : TABLES_ANNEX_K;
		params.subsampling = i % 2;
		ok &= check_picture(200, 50, i % PATTERNS, 1 + i, &params, 8);
	}
	tap_ok(ok, "tables change from image to image");
}

/* Such tables lack the category of a DC value that only follows others. */
static void test_optimal_tables(void)
{
	const struct oracle_params params = {
		.quality = 80, .tables = TABLES_OPTIMAL,
	};
	struct picture p;
	int ret;

	picture_encode(&p, 640, 64, PATTERN_RAMP, 1, &params);
	ret = picture_cut(&p, 8);
	tap_ok(ret == -EBADMSG, "a DC value without a code is -EBADMSG");
	picture_free(&p);
	tap_ok(check_picture(640, 64, PATTERN_NOISE, 1, &params, 8),
	       "tables made for the image do if they have what is needed");
}

/* Any room smaller than what a tile takes is an error; the exact one is not. */
static void test_room(void)
{
	const struct oracle_params params = { .quality = 80 };
	const u8 untouched = 0xa5;
	struct picture p;
	size_t needed, at;
	bool ok;
	int ret;

	picture_encode(&p, 128, 16, PATTERN_NOISE, 2, &params);
	ok = !picture_cut(&p, 8);
	needed = p.store.used;
	for (p.store.room = 0; ok && p.store.room <= needed; p.store.room++) {
		tile_store_reset(&p.store);
		memset(p.store.data, untouched, needed);
		ret = kvmcap_jpeg_tiles(&transcoder, &p.image, 8,
					&p.store.sink);
		ok = ret == (p.store.room < needed ? -ENOSPC : 0);
		for (at = p.store.room; at < needed; at++)
			ok &= p.store.data[at] == untouched;
	}
	tap_ok(ok && needed > 100, "a tile takes no more than the sink's room");
	picture_free(&p);
}

static u8 *begin_refuses(struct kvmcap_tile_sink *sink, size_t *room)
{
	(void)sink;
	(void)room;
	return NULL;
}

static int end_refuses(struct kvmcap_tile_sink *sink, unsigned int column,
		       unsigned int row, size_t length)
{
	(void)sink;
	(void)row;
	(void)length;
	return column == 2 ? -EINTR : 0;
}

static void test_sink_refuses(void)
{
	const struct oracle_params params = { .quality = 80 };
	struct picture p;
	int ret;

	picture_encode(&p, 640, 32, PATTERN_MIXED, 2, &params);
	ret = picture_cut(&p, 8);
	p.store.sink.end = end_refuses;
	if (!ret)
		ret = kvmcap_jpeg_tiles(&transcoder, &p.image, 8,
					&p.store.sink);
	tap_ok(ret == -EINTR, "what the sink's end() returns is passed on");
	p.store.sink.begin = begin_refuses;
	ret = kvmcap_jpeg_tiles(&transcoder, &p.image, 8, &p.store.sink);
	tap_ok(ret == -ENOSPC, "a sink without room is -ENOSPC");
	ret = kvmcap_jpeg_tiles(&transcoder, &p.image, 0, &p.store.sink);
	tap_ok(ret == -EINVAL, "tiles of 0 MCUs are -EINVAL");
	transcoder.ready = false;
	ret = kvmcap_jpeg_tiles(&transcoder, &p.image, 8, &p.store.sink);
	tap_ok(ret == -EINVAL, "a transcoder without tables is -EINVAL");
	picture_free(&p);
}

int main(void)
{
	unsigned int i;

	for (i = KVMCAP_JPEG_420; i <= KVMCAP_JPEG_444; i++) {
		test_modes(i);
		test_odd_sizes(i);
		test_qualities(i);
		test_tile_widths(i);
		test_rectangles(i);
		test_same_bytes(i);
		test_equal_tiles(i);
	}
	test_changing_tables();
	test_optimal_tables();
	test_room();
	test_sink_refuses();
	return tap_end();
}
