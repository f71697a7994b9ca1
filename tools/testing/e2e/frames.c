// SPDX-License-Identifier: Apache-2.0
/*
 * Screens that the end-to-end tests show.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "frames.h"

#include "../unit/random.h"

#define CELL_WIDTH	8
#define CELL_HEIGHT	16
#define GLYPHS		96

#define BLACK		0x000000
#define GREY		0xaaaaaa
#define WHITE		0xffffff

struct canvas {
	uint32_t *pixels;
	unsigned int width;
	unsigned int height;
};

static void put(struct canvas *c, unsigned int x, unsigned int y, uint32_t colour)
{
	if (x < c->width && y < c->height)
		c->pixels[(uint64_t)y * c->width + x] = colour;
}

static void fill(struct canvas *c, unsigned int x, unsigned int y, unsigned int width,
		 unsigned int height, uint32_t colour)
{
	unsigned int i, j;

	for (j = y; j < y + height && j < c->height; j++) {
		for (i = x; i < x + width && i < c->width; i++)
			c->pixels[(uint64_t)j * c->width + i] = colour;
	}
}

/* Not letters, but strokes as letters have them; the same for the same number. */
static void glyph(struct canvas *c, unsigned int x, unsigned int y, unsigned int number,
		  uint32_t colour)
{
	uint64_t state = number;
	unsigned int i, row, at;

	for (i = 0; i < 3; i++) {
		at = 1 + random_below(&state, 5);
		for (row = 3; row < 12; row++)
			put(c, x + at, y + row, colour);
		at = 3 + random_below(&state, 9);
		for (row = 1; row < 7; row++)
			put(c, x + row, y + at, colour);
	}
}

static void text_line(struct canvas *c, unsigned int x, unsigned int y, unsigned int cells,
		      uint64_t *state, uint32_t colour)
{
	unsigned int i;

	for (i = 0; i < cells; i++) {
		if (random_below(state, 6))
			glyph(c, x + i * CELL_WIDTH, y, random_below(state, GLYPHS), colour);
	}
}

static void console(struct canvas *c, uint64_t seed, unsigned int more)
{
	unsigned int lines = c->height / CELL_HEIGHT * 3 / 4 + more, i;
	unsigned int cells = c->width / CELL_WIDTH;

	fill(c, 0, 0, c->width, c->height, BLACK);
	for (i = 0; i < lines; i++) {
		uint64_t state = seed * 1000 + i;

		text_line(c, 0, i * CELL_HEIGHT, random_below(&state, cells + 1), &state,
			  i % 9 ? GREY : WHITE);
	}
	fill(c, 0, lines * CELL_HEIGHT + 13, CELL_WIDTH, 2, GREY);
}

static void window(struct canvas *c, unsigned int x, unsigned int y, unsigned int width,
		   unsigned int height, uint64_t seed)
{
	unsigned int line;
	uint64_t state = seed;

	fill(c, x, y, width, height, 0x404860);
	fill(c, x + 1, y + 1, width - 2, 22, 0x3060c0);
	text_line(c, x + 8, y + 4, 12, &state, WHITE);
	fill(c, x + 1, y + 24, width - 2, height - 25, 0xf4f4f0);
	for (line = 0; line + 3 < height / CELL_HEIGHT; line++)
		text_line(c, x + 8, y + 28 + line * CELL_HEIGHT, (width - 16) / CELL_WIDTH, &state,
			  0x202020);
}

static void picture(struct canvas *c, unsigned int x, unsigned int y, unsigned int size)
{
	unsigned int i, j;

	for (j = 0; j < size; j++) {
		for (i = 0; i < size; i++)
			put(c, x + i, y + j, (i * 255 / size) << 16 | (j * 255 / size) << 8 |
			    ((i ^ j) & 0xff));
	}
}

static void desktop(struct canvas *c, uint64_t seed, unsigned int moved)
{
	unsigned int x, y, unit = c->height / 8;

	for (y = 0; y < c->height; y++) {
		for (x = 0; x < c->width; x++)
			put(c, x, y, (40 + x * 60 / c->width) << 16 |
			    (60 + y * 90 / c->height) << 8 | (150 - y * 70 / c->height));
	}
	window(c, c->width / 3, unit, c->width / 2, 4 * unit, seed + 1);
	picture(c, c->width - 2 * unit, c->height - 3 * unit, 2 * unit);
	window(c, 20 + moved, 2 * unit + moved / 2, c->width / 3, 4 * unit, seed);
	fill(c, 0, c->height - 28, c->width, 28, 0x283038);
}

static void noise(struct canvas *c, uint64_t seed)
{
	uint64_t state = seed;
	uint64_t i, pixels = (uint64_t)c->width * c->height;

	for (i = 0; i < pixels; i++)
		c->pixels[i] = random_next(&state) & 0xffffff;
}

static void lines(struct canvas *c, unsigned int shift)
{
	static const uint32_t colours[] = { 0xff0000, 0x00ff00, 0x0000ff, 0xffffff };
	unsigned int x, y;

	for (y = 0; y < c->height; y++) {
		for (x = 0; x < c->width; x++) {
			unsigned int i = x - shift, j = y - shift, band = i / 160 % 4;
			uint32_t on = colours[(i / 40 + j / 56) % 4];

			if (band == 0)
				put(c, x, y, i % 2 ? on : BLACK);
			else if (band == 1)
				put(c, x, y, j % 2 ? on : BLACK);
			else if (band == 2)
				put(c, x, y, (i + j) % 7 ? BLACK : on);
			else
				put(c, x, y, i % 13 && j % 11 ? 0x303030 : on);
		}
	}
}

static void corners(struct canvas *c)
{
	fill(c, 0, 0, c->width, c->height, 0x6090b0);
	put(c, 0, 0, WHITE);
	put(c, c->width - 1, 0, 0xff0000);
	put(c, 0, c->height - 1, 0x00ff00);
	put(c, c->width - 1, c->height - 1, 0x0000ff);
}

static void edges(struct canvas *c)
{
	fill(c, 0, 0, c->width, c->height, WHITE);
	fill(c, 1, 1, c->width - 2, c->height - 2, 0x6090b0);
}

const char *frame_name(enum frame_kind kind)
{
	static const char *const names[FRAME_KINDS] = {
		[FRAME_CONSOLE] = "console",
		[FRAME_CONSOLE_MORE] = "console-more",
		[FRAME_DESKTOP] = "desktop",
		[FRAME_DESKTOP_MOVED] = "desktop-moved",
		[FRAME_NOISE] = "noise",
		[FRAME_LINES] = "lines",
		[FRAME_LINES_SHIFTED] = "lines-shifted",
		[FRAME_FLAT] = "flat",
		[FRAME_EDGES] = "edges",
	};

	return names[kind];
}

void frame_paint(uint32_t *pixels, unsigned int width, unsigned int height,
		 enum frame_kind kind, uint64_t seed)
{
	struct canvas c = { .pixels = pixels, .width = width, .height = height };

	switch (kind) {
	case FRAME_CONSOLE:
	case FRAME_CONSOLE_MORE:
		console(&c, seed, kind == FRAME_CONSOLE_MORE);
		break;
	case FRAME_DESKTOP:
	case FRAME_DESKTOP_MOVED:
		desktop(&c, seed, kind == FRAME_DESKTOP_MOVED ? 37 : 0);
		break;
	case FRAME_NOISE:
		noise(&c, seed);
		break;
	case FRAME_LINES:
	case FRAME_LINES_SHIFTED:
		lines(&c, kind == FRAME_LINES_SHIFTED);
		break;
	case FRAME_FLAT:
		corners(&c);
		break;
	default:
		edges(&c);
	}
}
