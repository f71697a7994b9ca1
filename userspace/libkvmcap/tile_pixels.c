// SPDX-License-Identifier: Apache-2.0
/*
 * Pixels from payloads that are not JPEG. What enum kvmcap_codec says of them is
 * all that is taken for granted, and that is checked: payloads come from memory
 * that another program writes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <linux/kvmcap.h>
#include <stdbool.h>

#include "hextile_tiles.h"
#include "tile_pixels.h"

#define PIXEL		KVMCAP_HEXTILE_PIXEL
#define COLOURS_MAX	256
#define COLOUR		3	/* bytes: red, green, blue */

/* What has not been read yet. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

/* The next @count bytes, or NULL if there are fewer. */
static const uint8_t *take(struct bytes *bytes, size_t count)
{
	const uint8_t *at = bytes->at;

	if (bytes->left < count)
		return NULL;
	bytes->at += count;
	bytes->left -= count;
	return at;
}

static inline uint32_t widen(unsigned int value, unsigned int max)
{
	return (value * 255 + max / 2) / max;
}

static inline uint32_t from_565(const uint8_t *in)
{
	unsigned int pixel = in[0] | (unsigned int)in[1] << 8;

	return widen(pixel >> 11, 31) << 16 | widen(pixel >> 5 & 63, 63) << 8 |
	       widen(pixel & 31, 31);
}

static int raw_pixels(struct bytes *in, size_t count, uint32_t *out)
{
	const uint8_t *pixels = take(in, count * PIXEL);

	if (!pixels)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++)
		out[i] = from_565(pixels + i * PIXEL);
	return 0;
}

static unsigned int index_bits(unsigned int colours)
{
	if (colours <= 2)
		return 1;
	if (colours <= 4)
		return 2;
	return colours <= 16 ? 4 : 8;
}

/* Rows of indices, each of which has to be of a colour that there is. */
static int indexed_pixels(struct bytes *in, const uint32_t *colours, unsigned int count,
			  unsigned int width, unsigned int height, uint32_t *out)
{
	unsigned int bits = index_bits(count);
	unsigned int mask = (1u << bits) - 1;
	size_t row_length = ((size_t)width * bits + 7) / 8;

	for (unsigned int y = 0; y < height; y++) {
		const uint8_t *row = take(in, row_length);

		if (!row)
			return -EBADMSG;
		for (unsigned int x = 0; x < width; x++) {
			size_t at = (size_t)x * bits;
			unsigned int i = row[at / 8] >> (8 - bits - at % 8) & mask;

			if (i >= count)
				return -EBADMSG;
			*out++ = colours[i];
		}
	}
	return 0;
}

static int palette_pixels(struct bytes *in, unsigned int width, unsigned int height,
			  uint32_t *out)
{
	uint32_t colours[COLOURS_MAX];
	const uint8_t *byte = take(in, 1), *rgb;
	unsigned int count = byte ? *byte + 1u : 0;

	rgb = take(in, (size_t)count * COLOUR);
	if (!count || !rgb)
		return -EBADMSG;
	for (unsigned int i = 0; i < count; i++, rgb += COLOUR)
		colours[i] = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
	if (count > 1)
		return indexed_pixels(in, colours, count, width, height, out);
	for (size_t i = 0; i < (size_t)width * height; i++)
		out[i] = colours[0];
	return 0;
}

/**
 * struct canvas - where a subrectangle of Hextile is painted
 * @out: its first pixel
 * @stride: pixels from row to row
 * @width: of it
 * @height: of it
 */
struct canvas {
	uint32_t *out;
	size_t stride;
	unsigned int width;
	unsigned int height;
};

/* Colours that hold until others are stated. */
struct colours {
	bool has_background;
	bool has_foreground;
	uint32_t background;
	uint32_t foreground;
};

static void paint(const struct canvas *canvas, unsigned int x, unsigned int y,
		  unsigned int width, unsigned int height, uint32_t pixel)
{
	for (unsigned int row = y; row < y + height; row++)
		for (unsigned int column = x; column < x + width; column++)
			canvas->out[row * canvas->stride + column] = pixel;
}

static int hextile_raw(struct bytes *in, const struct canvas *canvas)
{
	for (unsigned int row = 0; row < canvas->height; row++) {
		int err = raw_pixels(in, canvas->width, canvas->out + row * canvas->stride);

		if (err)
			return err;
	}
	return 0;
}

/* A colour that is stated, if @flag says so. Return: false if it is not there. */
static bool take_colour(struct bytes *in, bool stated, uint32_t *colour, bool *has)
{
	const uint8_t *pixel;

	if (!stated)
		return true;
	pixel = take(in, PIXEL);
	if (!pixel)
		return false;
	*colour = from_565(pixel);
	*has = true;
	return true;
}

static int hextile_rectangles(struct bytes *in, const struct canvas *canvas,
			      const struct colours *colours, bool coloured)
{
	const uint8_t *count = take(in, 1);

	if (!count || (!coloured && !colours->has_foreground))
		return -EBADMSG;
	for (unsigned int left = *count; left; left--) {
		const uint8_t *colour = coloured ? take(in, PIXEL) : NULL;
		const uint8_t *place = take(in, 2);
		unsigned int x, y, width, height;

		if ((coloured && !colour) || !place)
			return -EBADMSG;
		x = place[0] >> 4;
		y = place[0] & 15;
		width = (place[1] >> 4) + 1u;
		height = (place[1] & 15) + 1u;
		if (x + width > canvas->width || y + height > canvas->height)
			return -EBADMSG;
		paint(canvas, x, y, width, height,
		      colour ? from_565(colour) : colours->foreground);
	}
	return 0;
}

static int hextile_one(struct bytes *in, const struct canvas *canvas, struct colours *colours)
{
	const uint8_t *byte = take(in, 1);
	unsigned int flags;

	if (!byte)
		return -EBADMSG;
	flags = *byte;
	if (flags & KVMCAP_HEXTILE_RAW)
		return hextile_raw(in, canvas);
	if (!take_colour(in, flags & KVMCAP_HEXTILE_BACKGROUND, &colours->background,
			 &colours->has_background) ||
	    !take_colour(in, flags & KVMCAP_HEXTILE_FOREGROUND, &colours->foreground,
			 &colours->has_foreground) ||
	    !colours->has_background)
		return -EBADMSG;
	paint(canvas, 0, 0, canvas->width, canvas->height, colours->background);
	if (!(flags & KVMCAP_HEXTILE_SUBRECTS))
		return 0;
	return hextile_rectangles(in, canvas, colours, flags & KVMCAP_HEXTILE_COLOURED);
}

static int hextile_pixels(struct bytes *in, unsigned int width, unsigned int height,
			  uint32_t *out)
{
	const unsigned int size = KVMCAP_HEXTILE_SIZE;
	struct colours colours = { 0 };
	int err = 0;

	for (unsigned int y = 0; !err && y < height; y += size) {
		for (unsigned int x = 0; !err && x < width; x += size) {
			struct canvas canvas = {
				.out = out + (size_t)y * width + x,
				.stride = width,
				.width = width - x < size ? width - x : size,
				.height = height - y < size ? height - y : size,
			};

			err = hextile_one(in, &canvas, &colours);
		}
	}
	return err;
}

int kvmcap_tile_pixels(unsigned int codec, const uint8_t *payload, size_t length,
		       unsigned int width, unsigned int height, uint32_t *out)
{
	struct bytes in = { .at = payload, .left = length };
	int err;

	switch (codec) {
	case KVMCAP_CODEC_PALETTE:
		err = palette_pixels(&in, width, height, out);
		break;
	case KVMCAP_CODEC_HEXTILE:
		err = hextile_pixels(&in, width, height, out);
		break;
	case KVMCAP_CODEC_RAW:
		err = raw_pixels(&in, (size_t)width * height, out);
		break;
	default:
		return -EINVAL;
	}
	return !err && in.left ? -EBADMSG : err;
}
