// SPDX-License-Identifier: Apache-2.0
/*
 * What the Nuvoton engine's driver makes of registers, of the difference table
 * and of the frame buffer.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "geometry.h"
#include "npcm_cases.h"
#include "random.h"
#include "tap.h"

#define ROUNDS	20000
#define SEED	20260312

static void test_measure(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(npcm_cases); i++) {
		const struct npcm_case *c = &npcm_cases[i];
		struct kvmcap_npcm_picture picture = { .width = 1, .pitch = 1 };
		int err = kvmcap_npcm_measure(&picture, &c->gfxi);

		tap_ok(err == c->expected && picture.width == c->width &&
		       picture.height == c->height && picture.pitch == c->pitch &&
		       picture.more_bandwidth == c->more_bandwidth, "%s", c->name);
	}
}

static void test_clock(void)
{
	struct kvmcap_npcm_gfxi gfxi = npcm_cases[0].gfxi;

	tap_ok(kvmcap_npcm_pixel_clock(&gfxi) == 148529000, "148.529 MHz");
	gfxi.pll_input |= GFXI_PLL_INPUT_FEEDBACK8;
	tap_ok(kvmcap_npcm_pixel_clock(&gfxi) == 525000000, "bit 8 of the feedback");
	gfxi.pll = 0;
	tap_ok(!kvmcap_npcm_pixel_clock(&gfxi), "division by zero: no clock");
	memset(&gfxi, 0xff, sizeof(gfxi));
	tap_ok(kvmcap_npcm_pixel_clock(&gfxi) == 16577000, "all ones");
	gfxi.pll = GFXI_PLL_FEEDBACK109 | FIELD_PREP(GFXI_PLL_OUTPUT1, 1) |
		   FIELD_PREP(GFXI_PLL_OUTPUT2, 1);
	gfxi.pll_input = GFXI_PLL_INPUT_FEEDBACK8 | 1;
	tap_ok(kvmcap_npcm_pixel_clock(&gfxi) == ~0U, "beyond 32 bits: the most");
}

static void test_pitch(void)
{
	unsigned int width, wrong = 0;

	for (width = 1; width <= NPCM_WIDTH_MAX; width++) {
		struct kvmcap_npcm_gfxi gfxi = npcm_cases[0].gfxi;
		struct kvmcap_npcm_picture picture;

		gfxi.width_low = (width - 1) & 0xff;
		gfxi.width_high = (width - 1) >> 8;
		if (kvmcap_npcm_measure(&picture, &gfxi) || picture.width != width ||
		    picture.pitch < 2 * width || picture.pitch > NPCM_PITCH_MAX ||
		    (picture.pitch > NPCM_PITCH_MIN && picture.pitch / 2U >= 2 * width) ||
		    kvmcap_npcm_ece_pitch(picture.pitch) < 0)
			wrong++;
	}
	tap_ok(!wrong, "a pitch for each width, which the ECE has, too");
	tap_ok(kvmcap_npcm_ece_pitch(2560) == ECE_PITCH_2560, "2560 is one");
	tap_ok(kvmcap_npcm_ece_pitch(8192) == -EINVAL, "8192 is none");
}

/* The set by runs, and each tile of it just once. */
static bool runs_are_right(u32 tiles, unsigned int width, unsigned int tile_width)
{
	struct kvmcap_tile_run run = { .tile_width = (u16)tile_width };
	u32 left = tiles, seen = 0;
	unsigned int column, end = 0;

	while (kvmcap_npcm_run(&run, &left, width)) {
		unsigned int x = run.column * tile_width;

		/* At least one tile lies between two of them. */
		if (end && run.column <= end)
			return false;
		end = run.column + DIV_ROUND_UP(run.width, tile_width);
		if (!run.width || x + run.width > width ||
		    (x + run.width < width && run.width % tile_width))
			return false;
		for (column = run.column; column < end; column++)
			seen |= 1U << column;
	}
	return seen == tiles && !left;
}

static void test_changed(void)
{
	unsigned int i, block, wrong = 0;
	uint64_t state = SEED;

	for (i = 0; i < ROUNDS && !wrong; i++) {
		unsigned int width = 1 + random_below(&state, NPCM_WIDTH_MAX);
		unsigned int tile_width = kvmcap_geometry_tile_width(width, 16);
		u32 words[KVMCAP_NPCM_ROW_WORDS] = { 0 }, expected = 0, tiles;
		unsigned int changes = random_below(&state, 12);

		while (changes--) {
			block = random_below(&state, 32 * KVMCAP_NPCM_ROW_WORDS);
			words[block / 32] |= 1U << block % 32;
			/* What lies beyond the picture is nobody's. */
			if (block * 16 < width)
				expected |= 1U << block * 16 / tile_width;
		}
		tiles = kvmcap_npcm_changed(words, width, tile_width);
		wrong += tiles != expected || !runs_are_right(tiles, width, tile_width);
	}
	tap_ok(!wrong, "%u rows of the difference table", i);
	tap_ok(runs_are_right(~0U, 32 * 16, 16), "32 columns, all of them");
	tap_ok(runs_are_right(0x80000001, 32 * 16 - 7, 16), "the first and the last");
}

/* One tile after the other, checked as they come. */
struct sink {
	struct kvmcap_tile_sink sink;
	u8 data[16 * NPCM_WIDTH_MAX * 2];
	size_t room;
	const struct kvmcap_tile_run *run;
	unsigned int pitch;
	const u8 *frame;
	unsigned int tiles;
	size_t bytes;
};

static u8 *sink_begin(struct kvmcap_tile_sink *base, size_t *room)
{
	struct sink *sink = (struct sink *)base;

	*room = sink->room;
	return sink->room ? sink->data : NULL;
}

static int sink_end(struct kvmcap_tile_sink *base, unsigned int column,
		    unsigned int row, size_t length)
{
	struct sink *sink = (struct sink *)base;
	const struct kvmcap_tile_run *run = sink->run;
	unsigned int width, y;

	width = run->width - sink->tiles * run->tile_width;
	if (width > run->tile_width)
		width = run->tile_width;
	if (column != run->column + sink->tiles || row != run->row ||
	    length != 2 * (size_t)width * run->height)
		return -ERANGE;
	for (y = 0; y < run->height; y++)
		if (memcmp(sink->data + (size_t)y * width * 2,
			   sink->frame + (row * 16 + y) * (size_t)sink->pitch +
			   column * run->tile_width * 2, width * 2))
			return -EILSEQ;
	sink->tiles++;
	sink->bytes += length;
	return 0;
}

static void test_raw(void)
{
	static struct sink sink = {
		.sink = { .begin = sink_begin, .end = sink_end },
	};
	struct kvmcap_tile_run run = { 0 };
	unsigned int i, wrong = 0;
	uint64_t state = SEED;
	u8 *frame;

	for (i = 0; i < ROUNDS / 10 && !wrong; i++) {
		unsigned int lines = 1 + random_below(&state, 40), j;

		sink.pitch = NPCM_PITCH_MIN << random_below(&state, 4);
		run.tile_width = (u16)(112 + 16 * random_below(&state, 6));
		run.row = (u16)random_below(&state, (lines + 15) / 16);
		run.height = (u16)(lines - run.row * 16 < 16 ? lines - run.row * 16 : 16);
		run.column = (u16)random_below(&state, sink.pitch / 2 / run.tile_width);
		run.width = (u16)(1 + random_below(&state, sink.pitch / 2 -
						   run.column * run.tile_width));
		if (run.width > NPCM_WIDTH_MAX)
			run.width = NPCM_WIDTH_MAX;
		frame = malloc((size_t)lines * sink.pitch);
		if (!frame)
			abort();
		for (j = 0; j < lines * sink.pitch; j++)
			frame[j] = (u8)random_next(&state);
		sink.run = &run;
		sink.frame = frame;
		sink.room = sizeof(sink.data);
		sink.tiles = 0;
		sink.bytes = 0;
		wrong += kvmcap_npcm_raw_tiles(&run, frame, (size_t)lines * sink.pitch,
					       sink.pitch, &sink.sink) ||
			 sink.bytes != kvmcap_npcm_raw_bound(&run);
		/* A line more than there are. */
		run.height++;
		wrong += kvmcap_npcm_raw_tiles(&run, frame, (size_t)lines * sink.pitch,
					       sink.pitch, &sink.sink) != -EINVAL &&
			 run.row * 16U + run.height > lines;
		free(frame);
	}
	tap_ok(!wrong, "%u runs of RAW tiles", i);
}

static void test_raw_refusals(void)
{
	static u8 frame[16 * 512];
	static struct sink sink = {
		.sink = { .begin = sink_begin, .end = sink_end },
		.frame = frame, .pitch = 512,
	};
	struct kvmcap_tile_run run = { .width = 256, .height = 16, .tile_width = 128 };

	sink.run = &run;
	tap_ok(kvmcap_npcm_raw_tiles(&run, frame, sizeof(frame), 512, &sink.sink) ==
	       -ENOSPC, "no room at all: -ENOSPC");
	sink.room = 128 * 16 * 2 - 1;
	tap_ok(kvmcap_npcm_raw_tiles(&run, frame, sizeof(frame), 512, &sink.sink) ==
	       -ENOSPC, "a byte too little: -ENOSPC");
	run.column = 1;
	tap_ok(kvmcap_npcm_raw_tiles(&run, frame, sizeof(frame), 512, &sink.sink) ==
	       -EINVAL, "beyond the line: -EINVAL");
	run.column = 0;
	run.row = 1;
	tap_ok(kvmcap_npcm_raw_tiles(&run, frame, sizeof(frame), 512, &sink.sink) ==
	       -EINVAL, "beyond the buffer: -EINVAL");
}

int main(void)
{
	test_measure();
	test_clock();
	test_pitch();
	test_changed();
	test_raw();
	test_raw_refusals();
	return tap_end();
}
