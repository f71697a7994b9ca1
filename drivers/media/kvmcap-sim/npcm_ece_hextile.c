// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Hextile of 16-bit pixels.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "npcm_ece_hextile.h"

/* Of more colours than this, the background is one of the first ones. */
#define COLOURS_MAX	8

/**
 * struct census - what colours a subrectangle has
 * @count: of them, COLOURS_MAX + 1 if there are more
 * @colours: the first ones
 * @pixels: how many of each
 */
struct census {
	unsigned int count;
	u16 colours[COLOURS_MAX];
	unsigned int pixels[COLOURS_MAX];
};

/**
 * struct area - a subrectangle, and how it is being told
 * @pixels: what has not been told yet, otherwise @background
 * @width: pixels
 * @height: lines
 * @background: the colour around it all
 */
struct area {
	u16 *pixels;
	unsigned int width;
	unsigned int height;
	u16 background;
};

static void count_pixel(struct census *census, u16 pixel)
{
	unsigned int i;

	for (i = 0; i < census->count && i < COLOURS_MAX; i++) {
		if (census->colours[i] == pixel) {
			census->pixels[i]++;
			return;
		}
	}
	if (i < COLOURS_MAX) {
		census->colours[i] = pixel;
		census->pixels[i] = 1;
	}
	census->count = i + 1;
}

static void count_all(struct census *census, const u16 *pixels, unsigned int count)
{
	unsigned int i;

	memset(census, 0, sizeof(*census));
	for (i = 0; i < count; i++)
		count_pixel(census, pixels[i]);
}

/* Of equally frequent ones the first. */
static unsigned int most_frequent(const struct census *census)
{
	unsigned int i, best = 0;

	for (i = 1; i < census->count && i < COLOURS_MAX; i++)
		if (census->pixels[i] > census->pixels[best])
			best = i;
	return best;
}

static size_t put_pixel(u8 *out, u16 pixel)
{
	out[0] = pixel & 0xff;
	out[1] = pixel >> 8;
	return 2;
}

static u16 *at(const struct area *a, unsigned int x, unsigned int y)
{
	return &a->pixels[y * a->width + x];
}

/* How many pixels, from (@x, @y) to the right, are of one colour. */
static unsigned int run_right(const struct area *a, unsigned int x, unsigned int y, u16 colour)
{
	unsigned int end = x;

	while (end < a->width && *at(a, end, y) == colour)
		end++;
	return end - x;
}

static unsigned int run_down(const struct area *a, unsigned int x, unsigned int y, u16 colour)
{
	unsigned int end = y;

	while (end < a->height && *at(a, x, end) == colour)
		end++;
	return end - y;
}

/* The larger of what grows to the right first, and of what grows down first. */
static void find_rectangle(const struct area *a, unsigned int x, unsigned int y,
			   unsigned int *width, unsigned int *height)
{
	u16 colour = *at(a, x, y);
	unsigned int w1 = run_right(a, x, y, colour), h1 = 1;
	unsigned int w2 = 1, h2 = run_down(a, x, y, colour);

	while (y + h1 < a->height && run_right(a, x, y + h1, colour) >= w1)
		h1++;
	while (x + w2 < a->width && run_down(a, x + w2, y, colour) >= h2)
		w2++;
	*width = w1 * h1 >= w2 * h2 ? w1 : w2;
	*height = w1 * h1 >= w2 * h2 ? h1 : h2;
}

static void forget(const struct area *a, unsigned int x, unsigned int y, unsigned int width,
		   unsigned int height)
{
	unsigned int i, j;

	for (j = 0; j < height; j++)
		for (i = 0; i < width; i++)
			*at(a, x + i, y + j) = a->background;
}

/*
 * All rectangles that are not background. Returns the bytes that they take, or
 * more than @room when that is not enough.
 */
static size_t put_rectangles(const struct area *a, bool coloured, u8 *out, size_t room,
			     unsigned int *count)
{
	unsigned int i, width, height, each = coloured ? 4 : 2;
	size_t length = 0;

	*count = 0;
	for (i = 0; i < a->width * a->height; i++) {
		unsigned int x = i % a->width, y = i / a->width;

		if (a->pixels[i] == a->background)
			continue;
		if (*count == 255 || length + each > room)
			return room + 1;
		find_rectangle(a, x, y, &width, &height);
		if (coloured)
			length += put_pixel(out + length, a->pixels[i]);
		out[length++] = x << 4 | y;
		out[length++] = (width - 1) << 4 | (height - 1);
		forget(a, x, y, width, height);
		++*count;
	}
	return length;
}

/* What has been said holds until it is said anew, also over raw ones. */
static size_t put_raw(const u16 *pixels, unsigned int count, u8 *out)
{
	size_t length = 0;
	unsigned int i;

	out[length++] = NPCM_HEXTILE_RAW;
	for (i = 0; i < count; i++)
		length += put_pixel(out + length, pixels[i]);
	return length;
}

/* A foreground does not outlast a subrectangle of many colours. */
static void remember(struct npcm_hextile *hextile, u16 background, unsigned int colours,
		     u16 foreground)
{
	hextile->has_background = true;
	hextile->background = background;
	if (colours == 1)
		return;
	hextile->has_foreground = colours == 2;
	hextile->foreground = foreground;
}

/* The colours that have to be said; how many bytes, with the first one. */
static size_t put_colours(const struct npcm_hextile *hextile, u16 background,
			  unsigned int colours, u16 foreground, u8 *out)
{
	size_t length = 1;

	out[0] = 0;
	if (!hextile->has_background || hextile->background != background) {
		out[0] |= NPCM_HEXTILE_BACKGROUND;
		length += put_pixel(out + length, background);
	}
	if (colours == 2 &&
	    (!hextile->has_foreground || hextile->foreground != foreground)) {
		out[0] |= NPCM_HEXTILE_FOREGROUND;
		length += put_pixel(out + length, foreground);
	}
	if (colours > 1)
		out[0] |= NPCM_HEXTILE_SUBRECTS;
	if (colours > 2)
		out[0] |= NPCM_HEXTILE_COLOURED;
	return length;
}

size_t npcm_hextile_encode(struct npcm_hextile *hextile, u16 *pixels,
			   unsigned int width, unsigned int height, u8 *out)
{
	unsigned int count = width * height, best, subrects;
	size_t raw = 1 + 2 * count, length;
	struct area area = { pixels, width, height, 0 };
	u16 kept[NPCM_HEXTILE_PIXELS], foreground;
	struct census census;

	memcpy(kept, pixels, 2 * count);
	count_all(&census, pixels, count);
	best = most_frequent(&census);
	area.background = census.colours[best];
	foreground = census.colours[!best];

	length = put_colours(hextile, area.background, census.count, foreground, out);
	if (census.count > 1 && length + 1 < raw) {
		u8 *number = out + length++;

		length += put_rectangles(&area, census.count > 2, out + length,
					 raw - length, &subrects);
		*number = subrects;
	}
	if (length >= raw)
		return put_raw(kept, count, out);
	remember(hextile, area.background, census.count, foreground);
	return length;
}
