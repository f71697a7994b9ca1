// SPDX-License-Identifier: Apache-2.0
/*
 * Images of rectangles and of whole pictures, made from a mapping: libjpeg must
 * find in them the very coefficients of the engine's image.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <kvmcap.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg_oracle.h"
#include "jpeg_screens.h"
#include "mapping.h"
#include "random.h"
#include "source_memory.h"
#include "tap.h"

#define SEED		1
#define RECTANGLES	12	/* of each picture, at random */
#define QUALITY		80
#define FRAME_BYTES	(8U << 20)

/* A picture in a mapping, and the engine's image that it came from. */
struct fixture {
	struct mapping mapping;
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	struct blob jpeg;
	struct blob part;
};

static bool show(struct fixture *f, unsigned int width, unsigned int height,
		 enum kvmcap_jpeg_subsampling subsampling, enum pattern pattern)
{
	struct oracle_params params = { .quality = QUALITY, .subsampling = subsampling };
	u8 *rgb = malloc((size_t)width * height * 3);
	int err;

	paint(rgb, width, height, pattern, 1 + pattern);
	oracle_encode(&f->jpeg, rgb, width, height, &params);
	free(rgb);
	err = mapping_commit_jpeg(&f->mapping, f->jpeg.data, f->jpeg.length);
	if (!err)
		err = kvmcap_snapshot(f->source, &f->snapshot);
	if (err)
		tap_diag("%ux%u: %s", width, height, strerror(-err));
	return !err;
}

static void setup(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	mapping_init(&f->mapping, FRAME_BYTES);
	if (kvmcap_open_memory(&f->source, f->mapping.memory, f->mapping.size, -1))
		abort();
}

static void teardown(struct fixture *f)
{
	kvmcap_close(f->source);
	mapping_free(&f->mapping);
	blob_free(&f->jpeg);
	blob_free(&f->part);
}

static bool make_part(struct fixture *f, const struct kvmcap_rectangle *r, unsigned int flags)
{
	size_t size = kvmcap_jpeg_rectangle_size(&f->snapshot, r, flags);
	u8 *out = malloc(size ? size : 1);	/* exactly: ASan watches */
	long length;
	bool good;

	good = size && kvmcap_jpeg_rectangle(f->source, &f->snapshot, r, flags, out,
					     size - 1) == -ENOSPC;
	length = kvmcap_jpeg_rectangle(f->source, &f->snapshot, r, flags, out, size);
	good = good && length == (long)size;
	f->part.length = 0;
	if (good)
		blob_append(&f->part, out, size);
	free(out);
	return good;
}

static bool check_part(struct fixture *f, const struct kvmcap_rectangle *r)
{
	const struct kvmcap_mode *mode = &f->snapshot.header.mode;
	unsigned int mcu = mode->tile_height;
	u32 tables = f->snapshot.header.tables_length;
	struct blob lean = { 0 };
	bool good;

	if (!make_part(f, r, KVMCAP_JPEG_WITHOUT_TABLES))
		return false;
	blob_append(&lean, f->part.data, f->part.length);
	good = make_part(f, r, 0) && oracle_decodes(&f->part) &&
	       oracle_same_coefficients(&f->jpeg, &f->part, r->column * mode->tile_width / mcu,
					r->row);
	/* Without tables it is the same but for them. */
	good = good && lean.length + tables == f->part.length &&
	       !memcmp(lean.data, f->part.data, 2) &&
	       !memcmp(lean.data + 2, f->part.data + 2 + tables, lean.length - 2);
	blob_free(&lean);
	return good;
}

static bool check_damage(struct fixture *f)
{
	size_t count, i, max = f->snapshot.tile_count;
	struct kvmcap_rectangle *all = calloc(max, sizeof(*all));
	bool good;

	count = kvmcap_damage(&f->snapshot, 0, all, max);
	good = count >= 1 && count <= 2;
	for (i = 0; good && i < count; i++)
		good = check_part(f, &all[i]);
	free(all);
	return good;
}

static bool check_random_parts(struct fixture *f, uint64_t *state, bool narrow)
{
	const struct kvmcap_mode *mode = &f->snapshot.header.mode;
	unsigned int i, width;

	for (i = 0; i < RECTANGLES; i++) {
		struct kvmcap_rectangle r;

		r.column = (uint16_t)random_below(state, mode->columns);
		r.row = (uint16_t)random_below(state, mode->rows);
		width = mode->columns - r.column;
		if (narrow && width > 1)
			width--;
		r.columns = (uint16_t)(1 + random_below(state, width));
		r.rows = (uint16_t)(1 + random_below(state, mode->rows - r.row));
		if (!check_part(f, &r)) {
			tap_diag("rectangle %ux%u+%u+%u", r.columns, r.rows, r.column, r.row);
			return false;
		}
	}
	return true;
}

static bool check_picture(struct fixture *f)
{
	struct blob picture = { 0 };
	uint8_t *image = NULL;
	long length = kvmcap_jpeg_picture(f->source, &f->snapshot, &image);
	bool good;

	if (length < 0) {
		tap_diag("picture: %s", strerror((int)-length));
		return false;
	}
	blob_append(&picture, image, (size_t)length);
	free(image);
	good = oracle_decodes(&picture) && oracle_same_coefficients(&f->jpeg, &picture, 0, 0);
	blob_free(&picture);
	return good;
}

/* Whether the last column has fewer MCUs than others. */
static bool is_narrow(const struct kvmcap_mode *mode)
{
	unsigned int last = mode->width % mode->tile_width;

	return last && (last + mode->tile_height - 1) / mode->tile_height <
		       (unsigned int)mode->tile_width / mode->tile_height;
}

static void test_sizes(struct fixture *f)
{
	static const unsigned int sizes[][2] = {
		{ 640, 480 }, { 720, 400 }, { 800, 600 }, { 848, 480 }, { 832, 624 },
		{ 1024, 768 }, { 1280, 1024 }, { 1360, 768 }, { 1366, 768 }, { 1600, 900 },
		{ 1680, 1050 }, { 1920, 1080 }, { 1920, 1200 }, { 64, 64 }, { 67, 65 },
		{ 128, 17 }, { 129, 8 }, { 257, 100 },
	};
	uint64_t state = SEED;
	size_t i;
	unsigned int s;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (s = 0; s < 2; s++) {
			enum kvmcap_jpeg_subsampling subsampling = s ? KVMCAP_JPEG_444 :
								       KVMCAP_JPEG_420;
			bool good = show(f, sizes[i][0], sizes[i][1], subsampling,
					 (enum pattern)(i % PATTERNS));
			bool narrow = is_narrow(&f->snapshot.header.mode);

			tap_ok(good && check_damage(f) && check_random_parts(f, &state, narrow) &&
			       check_picture(f), "%ux%u 4:%s%s: rectangles and picture",
			       sizes[i][0], sizes[i][1], s ? "4:4" : "2:0",
			       narrow ? ", last column narrow" : "");
		}
	}
}

static void test_refusals(struct fixture *f)
{
	struct kvmcap_rectangle none = { 0, 0, 0, 1 }, outside = { 0, 0, 1, 1 };
	struct kvmcap_rectangle mixed = { 0, 0, 7, 1 }, one = { 0, 0, 1, 1 };
	struct kvmcap_tile *tiles;
	struct kvmcap_snapshot other;
	u8 out[16];
	uint8_t *image;

	show(f, 848, 64, KVMCAP_JPEG_420, PATTERN_TEXT);
	outside.column = f->snapshot.header.mode.columns;
	mixed.columns = f->snapshot.header.mode.columns;
	tap_ok(!kvmcap_jpeg_rectangle_size(&f->snapshot, &none, 0), "no tiles: no image");
	tap_ok(!kvmcap_jpeg_rectangle_size(&f->snapshot, &outside, 0), "outside: no image");
	tap_ok(!kvmcap_jpeg_rectangle_size(&f->snapshot, &mixed, 0) &&
	       kvmcap_jpeg_rectangle(f->source, &f->snapshot, &mixed, 0, out,
				     sizeof(out)) == -EINVAL,
	       "tiles of different widths: no image");
	outside.column = 0;
	outside.row = 65535;
	outside.rows = 65535;
	tap_ok(!kvmcap_jpeg_rectangle_size(&f->snapshot, &outside, 0), "far below: no image");

	tiles = malloc(f->snapshot.tile_count * sizeof(*tiles));
	memcpy(tiles, f->snapshot.tiles, f->snapshot.tile_count * sizeof(*tiles));
	other = f->snapshot;
	other.tiles = tiles;
	tiles[0].codec = KVMCAP_CODEC_PALETTE;
	tap_ok(kvmcap_jpeg_rectangle(f->source, &other, &one, 0, out, sizeof(out)) == -EINVAL &&
	       kvmcap_jpeg_picture(f->source, &other, &image) == -EINVAL,
	       "a tile that is no JPEG: no image");
	tiles[0] = f->snapshot.tiles[0];
	tiles[0].tables++;
	tap_ok(kvmcap_jpeg_rectangle(f->source, &other, &one, 0, out, sizeof(out)) == -EINVAL,
	       "a tile with other tables: no image");
	tiles[0] = f->snapshot.tiles[0];
	tiles[0].length = 1;
	tap_ok(kvmcap_jpeg_picture(f->source, &other, &image) == -EBADMSG,
	       "a damaged tile in a picture that must be cut: -EBADMSG");
	tiles[0].length = f->snapshot.tiles[0].length;
	tiles[0].offset = UINT32_MAX;
	tap_ok(!kvmcap_payload(f->source, &tiles[0]) &&
	       kvmcap_jpeg_picture(f->source, &other, &image) == -EINVAL,
	       "a tile beyond the log: no image");
	other.tile_count = 0;
	tap_ok(kvmcap_jpeg_picture(f->source, &other, &image) == -EINVAL, "no picture: no image");
	free(tiles);
}

/* A snapshot's tiles that the log has written over are noticed. */
static void test_overtaken(struct fixture *f)
{
	struct kvmcap_snapshot old;
	struct kvmcap_tile *tiles;
	struct kvmcap_rectangle all = { 0 };
	u8 *out = malloc(FRAME_BYTES);
	uint8_t *image;
	unsigned int i;
	bool good;

	good = show(f, 800, 600, KVMCAP_JPEG_444, PATTERN_NOISE);
	tiles = malloc(f->snapshot.tile_count * sizeof(*tiles));
	memcpy(tiles, f->snapshot.tiles, f->snapshot.tile_count * sizeof(*tiles));
	old = f->snapshot;
	old.tiles = tiles;
	all.columns = old.header.mode.columns;
	all.rows = old.header.mode.rows;
	good = good && kvmcap_jpeg_rectangle(f->source, &old, &all, 0, out, FRAME_BYTES) > 0 &&
	       kvmcap_intact(f->source, tiles[0].position);
	for (i = 0; i < 64 && kvmcap_intact(f->source, tiles[0].position); i++)
		good = good && show(f, 800, 600, KVMCAP_JPEG_444,
				    i % 2 ? PATTERN_NOISE : PATTERN_MIXED);
	tap_ok(good && i < 64, "the log overtakes a snapshot");
	tap_ok(kvmcap_jpeg_rectangle(f->source, &old, &all, 0, out, FRAME_BYTES) == -EAGAIN &&
	       kvmcap_jpeg_picture(f->source, &old, &image) == -EAGAIN,
	       "... and images of it are -EAGAIN");
	tap_ok(check_picture(f), "... while those of a new one are right");
	free(tiles);
	free(out);
}

int main(void)
{
	struct fixture f;

	setup(&f);
	test_sizes(&f);
	test_refusals(&f);
	test_overtaken(&f);
	teardown(&f);
	return tap_end();
}
