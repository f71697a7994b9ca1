// SPDX-License-Identifier: Apache-2.0
/*
 * The Hextile splitter: tiles stand alone, show what was to be shown, and are the
 * same however the encoder refers to the past and wherever the tile is.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "hextile_codec.h"
#include "random.h"
#include "tap.h"

#define WIDTH_MAX	400
#define ROUNDS		4000
#define SCRAMBLES	200000
#define SEED		20260311

/* Enough for any rectangle that is made here. */
#define HEXTILE_MAX	(DIV_ROUND_UP(WIDTH_MAX, 16) * KVMCAP_HEXTILE_BYTES_MAX)
#define TILES_MAX	(WIDTH_MAX / 16)

/* Tiles behind each other; @end of each. */
struct sink {
	struct kvmcap_tile_sink sink;
	u8 data[HEXTILE_MAX];
	size_t room;
	size_t used;
	size_t end[TILES_MAX];
	unsigned int tiles;
	unsigned int first;
	unsigned int row;
	int refuse;
};

static u8 *sink_begin(struct kvmcap_tile_sink *base, size_t *room)
{
	struct sink *sink = (struct sink *)base;

	if (sink->room == sink->used)
		return NULL;
	*room = sink->room - sink->used;
	return sink->data + sink->used;
}

static int sink_end(struct kvmcap_tile_sink *base, unsigned int column,
		    unsigned int row, size_t length)
{
	struct sink *sink = (struct sink *)base;

	if (sink->refuse)
		return sink->refuse;
	if (column != sink->first + sink->tiles || row != sink->row)
		return -ERANGE;
	sink->used += length;
	sink->end[sink->tiles++] = sink->used;
	return 0;
}

static void sink_init(struct sink *sink)
{
	sink->sink.begin = sink_begin;
	sink->sink.end = sink_end;
	sink->room = sizeof(sink->data);
	sink->used = 0;
	sink->tiles = 0;
	sink->first = 0;
	sink->row = 0;
	sink->refuse = 0;
}

static int cut(struct sink *sink, unsigned int width, unsigned int height,
	       unsigned int tile_width, const u8 *data, size_t length)
{
	const struct kvmcap_tile_run run = {
		.column = sink->first, .row = sink->row,
		.width = width, .height = height, .tile_width = tile_width,
	};
	/* A block of its own, so that ASan sees what is read beyond it. */
	u8 *copy = malloc(length ? length : 1);
	int err;

	if (!copy)
		abort();
	memcpy(copy, data, length);
	err = kvmcap_hextile_tiles(&run, copy, length, &sink->sink);
	free(copy);
	return err;
}

static void test_rows(void)
{
	static struct sink sink;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hextile_rows); i++) {
		const struct hextile_row *row = &hextile_rows[i];
		int err;

		sink_init(&sink);
		err = cut(&sink, row->width, row->height, HEXTILE_TILE_WIDTH,
			  (const u8 *)row->in, row->in_length);
		tap_ok(err == row->expected &&
		       (err || (sink.used == row->out_length &&
				!memcmp(sink.data, row->out, sink.used))),
		       "%s: %s", err ? "refused" : "cut", row->name);
	}
}

enum content { FLAT, TWO, FEW, MANY, STRIPES, CONTENTS };

static void paint(u16 *pixels, unsigned int count, enum content content,
		  uint64_t *state)
{
	static const unsigned int colours[CONTENTS] = {
		[FLAT] = 1, [TWO] = 2, [FEW] = 6, [MANY] = 65536, [STRIPES] = 3,
	};
	/* Few, so that neighbours share colours across others that do not. */
	u16 base = (u16)(0x1357 * random_below(state, 3)), colour = base;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (content == MANY || !random_below(state, content == STRIPES ? 9 : 3))
			colour = (u16)(base + random_below(state, colours[content]));
		pixels[i] = colour;
	}
}

/* Each 16 pixels otherwise, so that neighbours differ in kind. */
static void paint_all(u16 *pixels, unsigned int width, unsigned int height,
		      uint64_t *state)
{
	unsigned int x, y, count;
	u16 block[256];

	for (x = 0; x < width; x += 16) {
		count = width - x < 16 ? width - x : 16;
		paint(block, 256, random_below(state, CONTENTS), state);
		for (y = 0; y < height; y++)
			memcpy(pixels + (size_t)y * WIDTH_MAX + x, block + y * 16,
			       count * sizeof(*pixels));
	}
}

static size_t encode(u8 *out, const u16 *pixels, unsigned int width,
		     unsigned int height, enum hextile_style style, bool bulky,
		     uint64_t *state)
{
	struct hextile_encoder e = {
		.out = out, .style = style, .bulky = bulky,
		.state = (u32)random_next(state),
	};

	hextile_encode(&e, pixels, WIDTH_MAX, width, height);
	return e.length;
}

/* What went wrong in a rectangle, or NULL. */
static const char *check_tiles(const struct sink *sink, const u16 *pixels,
			       unsigned int width, unsigned int height,
			       unsigned int tile_width, uint64_t *state)
{
	static u16 decoded[16 * WIDTH_MAX];
	static u8 alone[HEXTILE_MAX];
	static struct sink again;
	unsigned int i, y;

	if (sink->tiles != DIV_ROUND_UP(width, tile_width))
		return "not as many tiles as there are";
	for (i = 0; i < sink->tiles; i++) {
		size_t start = i ? sink->end[i - 1] : 0, length;
		const u16 *from = pixels + (size_t)i * tile_width;
		unsigned int wide = width - i * tile_width;

		if (wide > tile_width)
			wide = tile_width;
		length = sink->end[i] - start;
		if (length > kvmcap_hextile_bound(wide))
			return "a tile is larger than its bound";
		if (!hextile_decode(sink->data + start, length, decoded,
				    WIDTH_MAX, wide, height))
			return "a tile does not stand alone";
		for (y = 0; y < height; y++)
			if (memcmp(decoded + (size_t)y * WIDTH_MAX,
				   from + (size_t)y * WIDTH_MAX, wide * sizeof(*from)))
				return "a tile shows something else";

		/* The same tile, where there is nothing else. */
		sink_init(&again);
		length = encode(alone, from, wide, height, HEXTILE_INHERIT, true,
				state);
		if (cut(&again, wide, height, tile_width, alone, length))
			return "a tile by itself is refused";
		if (again.used != sink->end[i] - start ||
		    memcmp(again.data, sink->data + start, again.used))
			return "a tile depends on where it is";
	}
	return NULL;
}

static const char *check_rectangle(unsigned int width, unsigned int height,
				   unsigned int tile_width, uint64_t *state)
{
	static u16 pixels[16 * WIDTH_MAX];
	static u8 data[HEXTILE_MAX];
	static struct sink sink;
	unsigned int style;

	paint_all(pixels, width, height, state);
	for (style = HEXTILE_INHERIT; style <= HEXTILE_MIXED; style++) {
		const char *problem;
		size_t length;

		length = encode(data, pixels, width, height, style, true, state);
		sink_init(&sink);
		sink.first = random_below(state, 9);
		sink.row = random_below(state, 9);
		if (cut(&sink, width, height, tile_width, data, length))
			return "what an encoder makes is refused";
		problem = check_tiles(&sink, pixels, width, height, tile_width, state);
		if (problem)
			return problem;
	}
	return NULL;
}

static void test_pictures(void)
{
	uint64_t state = SEED;
	const char *problem = NULL;
	unsigned int i, width = 0, height = 0, tile_width = 0;

	for (i = 0; i < ROUNDS && !problem; i++) {
		width = 1 + random_below(&state, WIDTH_MAX);
		height = 1 + random_below(&state, 16);
		tile_width = 16 * (1 + random_below(&state, 12));
		problem = check_rectangle(width, height, tile_width, &state);
	}
	tap_ok(!problem, "%u rectangles, tiles as they should be", i);
	if (problem)
		tap_diag("%s: %ux%u, tiles of %u", problem, width, height, tile_width);
}

static void test_shorter(void)
{
	static u16 pixels[16 * WIDTH_MAX];
	static u8 data[HEXTILE_MAX + 1];
	static struct sink sink;
	uint64_t state = SEED;
	size_t length, cut_off, accepted = 0, room, narrow = 0;

	paint_all(pixels, 300, 13, &state);
	length = encode(data, pixels, 300, 13, HEXTILE_MIXED, false, &state);
	for (cut_off = 0; cut_off < length; cut_off++) {
		sink_init(&sink);
		accepted += cut(&sink, 300, 13, 112, data, cut_off) != -EBADMSG;
	}
	tap_ok(!accepted, "cut off anywhere in %zu bytes: refused", length);
	data[length] = 0;
	sink_init(&sink);
	tap_ok(cut(&sink, 300, 13, 112, data, length + 1) == -EBADMSG,
	       "a byte more: refused");

	sink_init(&sink);
	tap_ok(!cut(&sink, 300, 13, 112, data, length), "as it is: cut");
	room = sink.used;
	while (room--) {
		sink_init(&sink);
		sink.room = room;
		narrow += cut(&sink, 300, 13, 112, data, length) != -ENOSPC;
	}
	tap_ok(!narrow, "no room, however little is missing: -ENOSPC");
	sink_init(&sink);
	sink.refuse = -EINTR;
	tap_ok(cut(&sink, 300, 13, 112, data, length) == -EINTR,
	       "the sink's refusal is handed on");
}

static void test_misuse(void)
{
	static struct sink sink;
	const u8 data[] = { KVMCAP_HEXTILE_BACKGROUND, 1, 2 };

	sink_init(&sink);
	tap_ok(cut(&sink, 0, 16, 16, data, 0) == -EINVAL, "no width: -EINVAL");
	tap_ok(cut(&sink, 16, 0, 16, data, 3) == -EINVAL, "no height: -EINVAL");
	tap_ok(cut(&sink, 16, 17, 16, data, 3) == -EINVAL, "two rows: -EINVAL");
	tap_ok(cut(&sink, 16, 16, 0, data, 3) == -EINVAL, "no tiles: -EINVAL");
	tap_ok(cut(&sink, 16, 16, 24, data, 3) == -EINVAL,
	       "half a subrectangle in a tile: -EINVAL");
}

/* What is accepted, whatever it is, stands alone and has a bound. */
static void test_scrambled(void)
{
	static u16 pixels[16 * WIDTH_MAX];
	static u8 good[HEXTILE_MAX], data[HEXTILE_MAX];
	static struct sink sink;
	uint64_t state = SEED;
	unsigned int i, j, accepted = 0, wrong = 0;
	size_t length;

	paint_all(pixels, 100, 16, &state);
	length = encode(good, pixels, 100, 16, HEXTILE_MIXED, true, &state);
	for (i = 0; i < SCRAMBLES; i++) {
		int err;

		memcpy(data, good, length);
		for (j = random_below(&state, 4); j < 4; j++)
			data[random_below(&state, (u32)length)] ^=
				(u8)random_next(&state);
		sink_init(&sink);
		err = cut(&sink, 100, 16, 48, data, length);
		if (err && err != -EBADMSG)
			wrong++;
		for (j = 0; !err && j < sink.tiles; j++) {
			size_t start = j ? sink.end[j - 1] : 0;
			unsigned int wide = j == 2 ? 4 : 48;

			if (sink.end[j] - start > kvmcap_hextile_bound(wide) ||
			    !hextile_decode(sink.data + start, sink.end[j] - start,
					    pixels, WIDTH_MAX, wide, 16))
				wrong++;
		}
		accepted += !err;
	}
	tap_ok(!wrong, "scrambled: refused, or tiles that stand alone");
	tap_ok(accepted && accepted < SCRAMBLES, "both have happened");
	tap_diag("%u of %u accepted", accepted, SCRAMBLES);
}

int main(void)
{
	test_rows();
	test_pictures();
	test_shorter();
	test_misuse();
	test_scrambled();
	return tap_end();
}
