// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcap_decode(): any rectangle of any codecs, and one damaged tile costs no other.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>

#include "mapping.h"
#include "random.h"
#include "source_memory.h"
#include "tap.h"
#include "tile_codecs.h"

#define WIDTH		803
#define HEIGHT		101
#define FRAME_BYTES	(4U << 20)
#define RECTANGLES	200
#define SEED		4711
#define UNTOUCHED	0xabcdef01u

/**
 * struct picture - a picture of PALETTE, HEXTILE and RAW tiles in turn
 * @maker: makes them
 * @pixels: what they are made of
 * @wanted: what is to be seen of that
 * @damaged: number of the tile whose payload is none; -1 for none
 * @mapping: where it is
 * @source: its reader
 * @snapshot: of it
 */
struct picture {
	struct tile_maker maker;
	uint32_t pixels[WIDTH * HEIGHT];
	uint32_t wanted[WIDTH * HEIGHT];
	int damaged;
	struct mapping mapping;
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
};

static size_t make(struct tile_maker *maker, const struct kvmcap_mode *mode, unsigned int column,
		   unsigned int row, u8 *out, size_t length, u8 *codec)
{
	struct picture *picture = (struct picture *)maker;
	unsigned int x = column * mode->tile_width, y = row * mode->tile_height;
	unsigned int width = mode->width - x < mode->tile_width ? mode->width - x :
								  mode->tile_width;
	unsigned int height = mode->height - y < mode->tile_height ? mode->height - y :
								     mode->tile_height;
	size_t at = (size_t)y * mode->width + x;

	(void)length;
	*codec = (u8)(KVMCAP_CODEC_PALETTE + (column + row) % 3);
	for (unsigned int i = 0; i < width * height; i++) {
		size_t here = at + i / width * mode->width + i % width;

		picture->wanted[here] = tile_seen(*codec, picture->pixels[here]);
	}
	length = tile_code(*codec, picture->pixels + at, mode->width, width, height, out);
	return (int)(row * mode->columns + column) == picture->damaged ? length - 1 : length;
}

static struct picture *new_picture(int damaged)
{
	struct kvmcap_mode mode = mapping_pixel_mode(WIDTH, HEIGHT, KVMCAP_CODEC_RAW);
	struct picture *picture = calloc(1, sizeof(*picture));

	if (!picture)
		abort();
	picture->maker.make = make;
	picture->damaged = damaged;
	for (unsigned int i = 0; i < WIDTH * HEIGHT; i++)
		picture->pixels[i] = (i / 9 * 0x9e3779b1) >> 3 & 0x3f3fff;
	mapping_init(&picture->mapping, FRAME_BYTES);
	if (mapping_commit_tiles(&picture->mapping, &mode, FRAME_BYTES, &picture->maker) ||
	    kvmcap_open_memory(&picture->source, picture->mapping.memory, picture->mapping.size,
			       -1) ||
	    kvmcap_snapshot(picture->source, &picture->snapshot))
		abort();
	return picture;
}

static void free_picture(struct picture *picture)
{
	kvmcap_close(picture->source);
	mapping_free(&picture->mapping);
	free(picture);
}

/* Whether @out has the rectangle, and nothing else was written between its rows. */
static bool is_there(const struct picture *picture, const struct kvmcap_pixels *at,
		     const uint32_t *out, size_t stride)
{
	for (unsigned int y = 0; y < at->height; y++) {
		for (unsigned int x = 0; x < stride; x++) {
			size_t from = (size_t)(at->y + y) * WIDTH + at->x + x;
			uint32_t wanted = x < at->width ? picture->wanted[from] : UNTOUCHED;

			if (out[y * stride + x] != wanted)
				return false;
		}
	}
	return true;
}

static bool try_rectangle(const struct picture *picture, struct kvmcap_decoder *decoder,
			  const struct kvmcap_rectangle *rectangle, unsigned int gap)
{
	struct kvmcap_pixels at =
		kvmcap_rectangle_pixels(&picture->snapshot.header.mode, rectangle);
	size_t stride = at.width + gap, count = stride * at.height;
	uint32_t *out = malloc(count * sizeof(*out));
	bool good;

	for (size_t i = 0; out && i < count; i++)
		out[i] = UNTOUCHED;
	good = out && !kvmcap_decode(decoder, picture->source, &picture->snapshot, rectangle, out,
				     stride) &&
	       is_there(picture, &at, out, stride);
	free(out);
	return good;
}

static void test_rectangles(struct kvmcap_decoder *decoder)
{
	struct picture *picture = new_picture(-1);
	const struct kvmcap_mode *mode = &picture->snapshot.header.mode;
	uint64_t random = SEED;
	bool good = true;

	for (unsigned int i = 0; good && i < RECTANGLES; i++) {
		uint16_t column = (uint16_t)random_below(&random, mode->columns);
		uint16_t row = (uint16_t)random_below(&random, mode->rows);
		struct kvmcap_rectangle r = {
			.column = column,
			.row = row,
			.columns = (uint16_t)(1 + random_below(&random, mode->columns - column)),
			.rows = (uint16_t)(1 + random_below(&random, mode->rows - row)),
		};

		good = try_rectangle(picture, decoder, &r, random_below(&random, 3));
		if (!good)
			tap_diag("%u,%u %ux%u tiles", r.column, r.row, r.columns, r.rows);
	}
	tap_ok(good, "%u rectangles of three codecs, and nothing beside them", RECTANGLES);
	free_picture(picture);
}

static void test_refusals(struct kvmcap_decoder *decoder)
{
	struct picture *picture = new_picture(-1);
	const struct kvmcap_mode *mode = &picture->snapshot.header.mode;
	struct kvmcap_rectangle wide = { .column = 1, .columns = mode->columns, .rows = 1 };
	struct kvmcap_rectangle high = { .row = 1, .columns = 1, .rows = mode->rows };
	struct kvmcap_rectangle all = { .columns = mode->columns, .rows = mode->rows };
	struct kvmcap_snapshot none = { 0 };
	uint32_t *out = calloc(WIDTH * HEIGHT, sizeof(*out));

	tap_ok(kvmcap_decode(decoder, picture->source, &picture->snapshot, &wide, out, WIDTH) ==
	       -EINVAL, "a rectangle that is too wide");
	tap_ok(kvmcap_decode(decoder, picture->source, &picture->snapshot, &high, out, WIDTH) ==
	       -EINVAL, "... too high");
	tap_ok(kvmcap_decode(decoder, picture->source, &picture->snapshot, &all, out, WIDTH - 1) ==
	       -EINVAL, "rows that would overlap");
	tap_ok(kvmcap_decode(decoder, picture->source, &none, &all, out, WIDTH) == -EINVAL,
	       "no picture");
	free(out);
	free_picture(picture);
}

static bool in_tile(const struct kvmcap_mode *mode, int tile, size_t pixel)
{
	size_t column = pixel % WIDTH / mode->tile_width, row = pixel / WIDTH / mode->tile_height;

	return (int)(row * mode->columns + column) == tile;
}

static void test_damage(struct kvmcap_decoder *decoder, int tile, const char *codec)
{
	struct picture *picture = new_picture(tile);
	const struct kvmcap_mode *mode = &picture->snapshot.header.mode;
	struct kvmcap_rectangle all = { .columns = mode->columns, .rows = mode->rows };
	uint32_t *out = calloc(WIDTH * HEIGHT, sizeof(*out));
	bool good;

	good = kvmcap_decode(decoder, picture->source, &picture->snapshot, &all, out, WIDTH) ==
	       -EBADMSG;
	for (size_t i = 0; good && i < (size_t)WIDTH * HEIGHT; i++)
		good = out[i] == picture->wanted[i] || in_tile(mode, tile, i);
	tap_ok(good, "a damaged %s tile is told of, all others are there", codec);
	free(out);
	free_picture(picture);
}

int main(void)
{
	struct kvmcap_decoder *decoder;

	if (!tap_ok(!kvmcap_decoder_create(&decoder), "a decoder"))
		return tap_end();
	test_rectangles(decoder);
	test_refusals(decoder);
	test_damage(decoder, 0, "PALETTE");
	test_damage(decoder, 1, "HEXTILE");
	test_damage(decoder, 2, "RAW");
	kvmcap_decoder_destroy(decoder);
	kvmcap_decoder_destroy(NULL);
	return tap_end();
}
