// SPDX-License-Identifier: Apache-2.0
/*
 * What is shown when there is no picture. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdbool.h>
#include <string.h>

#include "placard.h"

#define LINES		2
#define GLYPH_WIDTH	5
#define GLYPH_HEIGHT	7
#define CELL_WIDTH	(GLYPH_WIDTH + 1)
#define CELL_HEIGHT	(GLYPH_HEIGHT + 5)
#define SCALE_MAX	6

/* The first line says what, the second why or what next. */
static const char *const texts[PLACARD_COUNT][LINES] = {
	[PLACARD_NONE] = { "", "" },
	[PLACARD_WAITING] = { "WAITING FOR A PICTURE", "THE SCREEN IS BEING LOOKED FOR" },
	[PLACARD_NO_SIGNAL] = { "NO SIGNAL", "THE HOST IS OFF OR ITS SCREEN SLEEPS" },
	[PLACARD_OUT_OF_RANGE] = { "OUT OF RANGE",
				   "THE HOST'S VIDEO MODE CANNOT BE CAPTURED" },
	[PLACARD_FAULT] = { "CAPTURE FAULT", "THE ENGINE DOES NOT ANSWER, TRYING AGAIN" },
	[PLACARD_NO_DEVICE] = { "NO CAPTURE DEVICE", "THE LOG OF KVM-RELAY SAYS MORE" },
	[PLACARD_GONE] = { "CAPTURE DEVICE GONE", "WAITING FOR IT TO COME BACK" },
};

/* Rows from the top, the leftmost pixel is bit 4. */
static const uint8_t letters[26][GLYPH_HEIGHT] = {
	{ 0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11 },
	{ 0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e },
	{ 0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e },
	{ 0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e },
	{ 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f },
	{ 0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10 },
	{ 0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f },
	{ 0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11 },
	{ 0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e },
	{ 0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c },
	{ 0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11 },
	{ 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f },
	{ 0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11 },
	{ 0x11, 0x19, 0x15, 0x15, 0x13, 0x11, 0x11 },
	{ 0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e },
	{ 0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10 },
	{ 0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d },
	{ 0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11 },
	{ 0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e },
	{ 0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04 },
	{ 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e },
	{ 0x11, 0x11, 0x11, 0x11, 0x0a, 0x0a, 0x04 },
	{ 0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11 },
	{ 0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11 },
	{ 0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04 },
	{ 0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f },
};

static const uint8_t comma[GLYPH_HEIGHT] = { 0, 0, 0, 0, 0x0c, 0x04, 0x08 };
static const uint8_t apostrophe[GLYPH_HEIGHT] = { 0x0c, 0x04, 0x08, 0, 0, 0, 0 };
static const uint8_t hyphen[GLYPH_HEIGHT] = { 0, 0, 0, 0x1f, 0, 0, 0 };
static const uint8_t space[GLYPH_HEIGHT];

static const uint8_t *glyph(char character)
{
	if (character >= 'A' && character <= 'Z')
		return letters[character - 'A'];
	switch (character) {
	case ',':
		return comma;
	case '\'':
		return apostrophe;
	case '-':
		return hyphen;
	default:
		return space;
	}
}

static unsigned int columns(enum placard placard)
{
	size_t longest = 0;

	for (unsigned int i = 0; i < LINES; i++)
		if (strlen(texts[placard][i]) > longest)
			longest = strlen(texts[placard][i]);
	return (unsigned int)longest;
}

/* Pixels of the picture to one of the font; 0 if there is no room at all. */
static unsigned int scale(enum placard placard, unsigned int width, unsigned int height)
{
	unsigned int across = width / (columns(placard) * CELL_WIDTH + CELL_WIDTH);
	unsigned int down = height / (LINES * CELL_HEIGHT + CELL_HEIGHT);
	unsigned int fits = across < down ? across : down;

	return fits < SCALE_MAX ? fits : SCALE_MAX;
}

struct placard_box placard_text_box(enum placard placard, unsigned int width,
				    unsigned int height)
{
	unsigned int factor = scale(placard, width, height);
	struct placard_box box = {
		.width = columns(placard) * CELL_WIDTH * factor,
		.height = LINES * CELL_HEIGHT * factor,
	};

	box.x = (width - box.width) / 2;
	box.y = (height - box.height) / 2;
	return box;
}

/* Whether a pixel of the font is set, each line being centred. */
static bool is_set(enum placard placard, unsigned int at, unsigned int down)
{
	const char *text = texts[placard][down / CELL_HEIGHT];
	unsigned int length = (unsigned int)strlen(text);
	unsigned int indent = (columns(placard) - length) * CELL_WIDTH / 2;
	unsigned int row = down % CELL_HEIGHT;

	if (row >= GLYPH_HEIGHT || at < indent || at >= indent + length * CELL_WIDTH)
		return false;
	at -= indent;
	if (at % CELL_WIDTH >= GLYPH_WIDTH)
		return false;
	return glyph(text[at / CELL_WIDTH])[row] & 1u << (GLYPH_WIDTH - 1 - at % CELL_WIDTH);
}

void placard_row(enum placard placard, unsigned int width, unsigned int height,
		 unsigned int x, unsigned int y, unsigned int count, uint32_t *out)
{
	struct placard_box box = placard_text_box(placard, width, height);
	unsigned int factor = scale(placard, width, height);
	bool text = factor && y >= box.y && y < box.y + box.height;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int at = x + i;

		out[i] = PLACARD_BACKGROUND;
		if (text && at >= box.x && at < box.x + box.width &&
		    is_set(placard, (at - box.x) / factor, (y - box.y) / factor))
			out[i] = PLACARD_TEXT;
	}
}
