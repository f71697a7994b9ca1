/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pixel formats of RFB (RFC 6143, 7.4) and conversion to them. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_PIXELS_H
#define RELAY_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIXEL_FORMAT_LENGTH	16	/* bytes on the wire */
#define PIXEL_BYTES_MAX		4

/**
 * struct pixel_format - how a client wants pixels
 * @bits_per_pixel: 8, 16 or 32
 * @depth: bits of those that mean something, 1..@bits_per_pixel
 * @big_endian: order of a pixel's bytes
 * @true_colour: pixels are colours, not indices of a colour map
 * @max: largest value of red, green and blue, 2^n - 1
 * @shift: bits that each is shifted to the left
 */
struct pixel_format {
	uint8_t bits_per_pixel;
	uint8_t depth;
	bool big_endian;
	bool true_colour;
	uint16_t max[3];
	uint8_t shift[3];
};

/**
 * struct pixel_translation - from 0x00RRGGBB to a format
 * @bytes: of a pixel
 * @as_is: the format is 0x00RRGGBB, little endian
 * @compact: Tight has pixels of three bytes for it: red, green, blue
 * @engine: the format is that of an engine's 16-bit pixels: R5 G6 B5, little endian
 * @big_endian: as the format's
 * @channel: for red, green and blue, what each value contributes
 */
struct pixel_translation {
	unsigned int bytes;
	bool as_is;
	bool compact;
	bool engine;
	bool big_endian;
	uint32_t channel[3][256];
};

/* What ServerInit offers: 0x00RRGGBB, little endian. */
extern const struct pixel_format pixel_format_default;

void pixel_format_read(struct pixel_format *format, const uint8_t in[PIXEL_FORMAT_LENGTH]);
void pixel_format_write(const struct pixel_format *format, uint8_t out[PIXEL_FORMAT_LENGTH]);

/* Why @format cannot be served, or NULL if it can. */
const char *pixel_format_refusal(const struct pixel_format *format);

void pixel_translation_init(struct pixel_translation *translation,
			    const struct pixel_format *format);

/**
 * pixels_translate() - convert a run of pixels
 * @translation: to which format
 * @in: pixels as 0x00RRGGBB; the upper byte is not looked at
 * @count: how many
 * @out: room for @count * @translation->bytes
 *
 * Each channel is the nearest value there is: (value * max + 127) / 255.
 */
void pixels_translate(const struct pixel_translation *translation, const uint32_t *in,
		      size_t count, uint8_t *out);

#endif
