// SPDX-License-Identifier: Apache-2.0
/*
 * Payloads that are not JPEG, as engines make them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdbool.h>
#include <string.h>

#include "tile_codecs.h"

#define SIDE		16	/* of a subrectangle */
#define RUNS_MAX	255
#define COLOURS_MAX	256

enum {
	RAW = 1,
	BACKGROUND = 2,
	FOREGROUND = 4,
	SUBRECTS = 8,
	COLOURED = 16,
};

size_t tile_room(unsigned int width, unsigned int height)
{
	return 1 + 3 * COLOURS_MAX + 4 * (size_t)(width + SIDE) * (height + SIDE);
}

/* The engine drops the bits that it has no room for. */
static unsigned int pixel_565(uint32_t rgb)
{
	return (rgb >> 19 & 31) << 11 | (rgb >> 10 & 63) << 5 | (rgb >> 3 & 31);
}

static uint32_t nearest(unsigned int value, unsigned int max)
{
	return (2 * value * 255 + max) / (2 * max);
}

uint32_t tile_seen(enum kvmcap_codec codec, uint32_t pixel)
{
	unsigned int p = pixel_565(pixel);

	if (codec == KVMCAP_CODEC_PALETTE)
		return pixel & 0xffffff;
	return nearest(p >> 11, 31) << 16 | nearest(p >> 5 & 63, 63) << 8 | nearest(p & 31, 31);
}

static uint8_t *put_pixel(uint8_t *out, unsigned int pixel)
{
	out[0] = (uint8_t)pixel;
	out[1] = (uint8_t)(pixel >> 8);
	return out + 2;
}

static uint8_t *code_raw(const uint32_t *pixels, size_t stride, unsigned int width,
			 unsigned int height, uint8_t *out)
{
	for (unsigned int y = 0; y < height; y++)
		for (unsigned int x = 0; x < width; x++)
			out = put_pixel(out, pixel_565(pixels[y * stride + x]));
	return out;
}

/* What the subrectangles before have stated. */
struct stated {
	bool background;
	bool foreground;
	unsigned int background_is;
	unsigned int foreground_is;
};

/* The first colour that is not @background, and whether there is a third. */
static bool find_foreground(const uint32_t *pixels, size_t stride, unsigned int width,
			    unsigned int height, unsigned int background, unsigned int *foreground)
{
	bool found = false;

	*foreground = background;
	for (unsigned int y = 0; y < height; y++) {
		for (unsigned int x = 0; x < width; x++) {
			unsigned int pixel = pixel_565(pixels[y * stride + x]);

			if (pixel == background || (found && pixel == *foreground))
				continue;
			if (found)
				return true;
			*foreground = pixel;
			found = true;
		}
	}
	return false;
}

/* Runs of a colour in a row. Return: how many, more than RUNS_MAX if they are too many. */
static unsigned int put_runs(const uint32_t *pixels, size_t stride, unsigned int width,
			     unsigned int height, unsigned int background, bool coloured,
			     uint8_t **out)
{
	unsigned int runs = 0, end;

	for (unsigned int y = 0; y < height; y++) {
		for (unsigned int x = 0; x < width; x = end) {
			unsigned int pixel = pixel_565(pixels[y * stride + x]);

			end = x + 1;
			while (end < width && pixel_565(pixels[y * stride + end]) == pixel)
				end++;
			if (pixel == background)
				continue;
			if (++runs > RUNS_MAX)
				return runs;
			if (coloured)
				*out = put_pixel(*out, pixel);
			*(*out)++ = (uint8_t)(x << 4 | y);
			*(*out)++ = (uint8_t)((end - x - 1) << 4);
		}
	}
	return runs;
}

static uint8_t *code_subrectangle(const uint32_t *pixels, size_t stride, unsigned int width,
				  unsigned int height, struct stated *stated, uint8_t *out)
{
	unsigned int background = pixel_565(*pixels), foreground, runs;
	bool coloured = find_foreground(pixels, stride, width, height, background, &foreground);
	uint8_t *flags = out++, *count;

	*flags = 0;
	if (!stated->background || stated->background_is != background) {
		*flags |= BACKGROUND;
		out = put_pixel(out, background);
	}
	if (foreground != background && !coloured &&
	    (!stated->foreground || stated->foreground_is != foreground)) {
		*flags |= FOREGROUND;
		out = put_pixel(out, foreground);
	}
	if (foreground != background) {
		*flags |= coloured ? SUBRECTS | COLOURED : SUBRECTS;
		count = out++;
		runs = put_runs(pixels, stride, width, height, background, coloured, &out);
		*count = (uint8_t)runs;
		if (runs > RUNS_MAX || (size_t)(out - flags) > 1 + 2 * (size_t)width * height) {
			*flags = RAW;
			*stated = (struct stated){ 0 };
			return code_raw(pixels, stride, width, height, flags + 1);
		}
	}
	stated->background = true;
	stated->background_is = background;
	if (coloured)
		stated->foreground = false;
	if (*flags & FOREGROUND) {
		stated->foreground = true;
		stated->foreground_is = foreground;
	}
	return out;
}

static uint8_t *code_hextile(const uint32_t *pixels, size_t stride, unsigned int width,
			     unsigned int height, uint8_t *out)
{
	struct stated stated = { 0 };

	for (unsigned int y = 0; y < height; y += SIDE) {
		for (unsigned int x = 0; x < width; x += SIDE) {
			unsigned int wide = width - x < SIDE ? width - x : SIDE;
			unsigned int high = height - y < SIDE ? height - y : SIDE;

			out = code_subrectangle(pixels + y * stride + x, stride, wide, high,
						&stated, out);
		}
	}
	return out;
}

static unsigned int find(const uint32_t *colours, unsigned int count, uint32_t pixel)
{
	unsigned int i = 0;

	while (i < count && colours[i] != pixel)
		i++;
	return i;
}

static uint8_t *code_palette(const uint32_t *pixels, size_t stride, unsigned int width,
			     unsigned int height, uint8_t *out)
{
	uint32_t colours[COLOURS_MAX] = { 0 };
	unsigned int count = 0, bits = 1;

	for (unsigned int i = 0; i < width * height; i++) {
		uint32_t pixel = pixels[i / width * stride + i % width] & 0xffffff;

		if (find(colours, count, pixel) < count)
			continue;
		if (count == COLOURS_MAX)
			return NULL;
		colours[count++] = pixel;
	}
	*out++ = (uint8_t)(count - 1);
	for (unsigned int i = 0; i < count; i++) {
		*out++ = (uint8_t)(colours[i] >> 16);
		*out++ = (uint8_t)(colours[i] >> 8);
		*out++ = (uint8_t)colours[i];
	}
	if (count == 1)
		return out;
	while (1u << bits < count)
		bits *= 2;
	for (unsigned int y = 0; y < height; y++) {
		memset(out, 0, (width * bits + 7) / 8);
		for (unsigned int x = 0; x < width; x++) {
			uint32_t pixel = pixels[y * stride + x] & 0xffffff;

			out[x * bits / 8] |= (uint8_t)(find(colours, count, pixel)
						       << (8 - bits - x * bits % 8));
		}
		out += (width * bits + 7) / 8;
	}
	return out;
}

size_t tile_code(enum kvmcap_codec codec, const uint32_t *pixels, size_t stride,
		 unsigned int width, unsigned int height, uint8_t *out)
{
	uint8_t *end;

	if (codec == KVMCAP_CODEC_PALETTE)
		end = code_palette(pixels, stride, width, height, out);
	else if (codec == KVMCAP_CODEC_HEXTILE)
		end = code_hextile(pixels, stride, width, height, out);
	else
		end = code_raw(pixels, stride, width, height, out);
	return end ? (size_t)(end - out) : 0;
}
