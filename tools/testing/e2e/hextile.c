// SPDX-License-Identifier: Apache-2.0
/*
 * A decoder for Hextile of 16-bit pixels.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "hextile.h"

#include <stdbool.h>

#define SIDE		16

#define RAW		0x01
#define BACKGROUND	0x02
#define FOREGROUND	0x04
#define SUBRECTS	0x08
#define COLOURED	0x10
#define FLAGS_ALL	0x1f

struct decoder {
	const uint8_t *data;
	size_t length;
	size_t at;
	uint16_t *pixels;	/* of the subrectangle */
	unsigned int stride;
	unsigned int width;
	unsigned int height;
	bool has_background;
	bool has_foreground;
	uint16_t background;
	uint16_t foreground;
	struct hextile_counts *counts;
};

/* -1 at the end. */
static int get_byte(struct decoder *d)
{
	return d->at < d->length ? d->data[d->at++] : -1;
}

static bool get_pixel(struct decoder *d, uint16_t *pixel)
{
	if (d->length - d->at < 2)
		return false;
	*pixel = (uint16_t)(d->data[d->at] | d->data[d->at + 1] << 8);
	d->at += 2;
	return true;
}

static void fill(struct decoder *d, unsigned int left, unsigned int top, unsigned int width,
		 unsigned int height, uint16_t pixel)
{
	unsigned int x, y;

	for (y = top; y < top + height; y++)
		for (x = left; x < left + width; x++)
			d->pixels[y * d->stride + x] = pixel;
}

static const char *decode_raw(struct decoder *d)
{
	unsigned int x, y;

	for (y = 0; y < d->height; y++)
		for (x = 0; x < d->width; x++)
			if (!get_pixel(d, &d->pixels[y * d->stride + x]))
				return "it ends within raw pixels";
	d->counts->raw++;
	return NULL;
}

static const char *decode_subrect(struct decoder *d, bool coloured)
{
	uint16_t pixel = d->foreground;
	int position, size;
	unsigned int x, y, width, height;

	if (coloured && !get_pixel(d, &pixel))
		return "it ends within a coloured subrectangle";
	position = get_byte(d);
	size = get_byte(d);
	if (position < 0 || size < 0)
		return "it ends within a subrectangle";
	x = (unsigned int)position >> 4;
	y = (unsigned int)position & 0xf;
	width = ((unsigned int)size >> 4) + 1;
	height = ((unsigned int)size & 0xf) + 1;
	if (x + width > d->width || y + height > d->height)
		return "a subrectangle is not within its tile";
	fill(d, x, y, width, height, pixel);
	return NULL;
}

static const char *decode_subrects(struct decoder *d, bool coloured)
{
	const char *problem = NULL;
	int count = get_byte(d);

	if (count < 0)
		return "it ends before the number of subrectangles";
	if (!coloured && !d->has_foreground)
		return "a foreground was never told";
	while (!problem && count--)
		problem = decode_subrect(d, coloured);
	if (coloured) {
		d->counts->many++;
		d->has_foreground = false;
	} else {
		d->counts->two++;
	}
	return problem;
}

static const char *get_colours(struct decoder *d, int flags)
{
	if ((flags & BACKGROUND) && !get_pixel(d, &d->background))
		return "it ends within a background";
	if ((flags & FOREGROUND) && !get_pixel(d, &d->foreground))
		return "it ends within a foreground";
	if (!(flags & BACKGROUND) ||
	    ((flags & SUBRECTS) && !(flags & (FOREGROUND | COLOURED))))
		d->counts->inherited++;
	d->has_background |= flags & BACKGROUND;
	d->has_foreground |= flags & FOREGROUND;
	return d->has_background ? NULL : "a background was never told";
}

static const char *decode_tile(struct decoder *d)
{
	int flags = get_byte(d);
	const char *problem;

	if (flags < 0)
		return "it ends before all tiles have come";
	if (flags & ~FLAGS_ALL)
		return "a tile has flags that nobody knows";
	if (flags & RAW)
		return decode_raw(d);
	if ((flags & COLOURED) && (flags & FOREGROUND))
		return "a tile has a foreground and colours";
	problem = get_colours(d, flags);
	if (problem)
		return problem;
	fill(d, 0, 0, d->width, d->height, d->background);
	if (flags & SUBRECTS)
		return decode_subrects(d, flags & COLOURED);
	d->counts->flat++;
	return NULL;
}

static unsigned int at_most_a_side(unsigned int pixels)
{
	return pixels < SIDE ? pixels : SIDE;
}

const char *hextile_decode(const uint8_t *data, size_t *length, uint16_t *pixels,
			   unsigned int stride, unsigned int width, unsigned int height,
			   struct hextile_counts *counts)
{
	struct decoder d = {
		.data = data,
		.length = *length,
		.stride = stride,
		.counts = counts,
	};
	const char *problem = NULL;
	unsigned int x, y;

	for (y = 0; y < height; y += SIDE) {
		d.height = at_most_a_side(height - y);
		for (x = 0; !problem && x < width; x += SIDE) {
			d.width = at_most_a_side(width - x);
			d.pixels = pixels + (size_t)y * stride + x;
			problem = decode_tile(&d);
		}
	}
	*length = d.at;
	return problem;
}
