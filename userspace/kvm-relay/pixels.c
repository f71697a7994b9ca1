// SPDX-License-Identifier: Apache-2.0
/*
 * Pixel formats of RFB and conversion to them. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "bytes.h"
#include "pixels.h"

/* Offsets on the wire, RFC 6143, 7.4; three bytes of padding end it. */
enum {
	AT_BITS_PER_PIXEL = 0,
	AT_DEPTH = 1,
	AT_BIG_ENDIAN = 2,
	AT_TRUE_COLOUR = 3,
	AT_MAX = 4,
	AT_SHIFT = 10,
	AT_PADDING = 13,
};

const struct pixel_format pixel_format_default = {
	.bits_per_pixel = 32,
	.depth = 24,
	.big_endian = false,
	.true_colour = true,
	.max = { 255, 255, 255 },
	.shift = { 16, 8, 0 },
};

void pixel_format_read(struct pixel_format *format, const uint8_t in[PIXEL_FORMAT_LENGTH])
{
	format->bits_per_pixel = in[AT_BITS_PER_PIXEL];
	format->depth = in[AT_DEPTH];
	format->big_endian = in[AT_BIG_ENDIAN] != 0;
	format->true_colour = in[AT_TRUE_COLOUR] != 0;
	for (unsigned int i = 0; i < 3; i++) {
		format->max[i] = get_be16(in + AT_MAX + 2 * i);
		format->shift[i] = in[AT_SHIFT + i];
	}
}

void pixel_format_write(const struct pixel_format *format, uint8_t out[PIXEL_FORMAT_LENGTH])
{
	out[AT_BITS_PER_PIXEL] = format->bits_per_pixel;
	out[AT_DEPTH] = format->depth;
	out[AT_BIG_ENDIAN] = format->big_endian;
	out[AT_TRUE_COLOUR] = format->true_colour;
	for (unsigned int i = 0; i < 3; i++) {
		put_be16(out + AT_MAX + 2 * i, format->max[i]);
		out[AT_SHIFT + i] = format->shift[i];
	}
	for (unsigned int i = AT_PADDING; i < PIXEL_FORMAT_LENGTH; i++)
		out[i] = 0;
}

const char *pixel_format_refusal(const struct pixel_format *format)
{
	uint64_t used = 0;

	if (format->bits_per_pixel != 8 && format->bits_per_pixel != 16 &&
	    format->bits_per_pixel != 32)
		return "asks for pixels of other than 8, 16 or 32 bits";
	if (!format->true_colour)
		return "asks for a colour map, only true colour is served";
	if (!format->depth || format->depth > format->bits_per_pixel)
		return "asks for a depth that its pixels do not have";
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t max = format->max[i];

		if (max & (max + 1))
			return "asks for a largest colour value that is not 2^n - 1";
		if (format->shift[i] >= format->bits_per_pixel ||
		    (max << format->shift[i]) >> format->bits_per_pixel)
			return "asks for colours that reach out of the pixel";
		if (used & max << format->shift[i])
			return "asks for colours that overlap in the pixel";
		used |= max << format->shift[i];
	}
	return NULL;
}

/* Of KVMCAP_CODEC_HEXTILE and KVMCAP_CODEC_RAW. */
static const struct pixel_format pixel_format_engine = {
	.bits_per_pixel = 16,
	.depth = 16,
	.true_colour = true,
	.max = { 31, 63, 31 },
	.shift = { 11, 5, 0 },
};

/* Whether pixels of both formats, both little endian, are the same bytes. */
static bool is_same(const struct pixel_format *format, const struct pixel_format *ours)
{
	if (format->bits_per_pixel != ours->bits_per_pixel || format->big_endian)
		return false;
	for (unsigned int i = 0; i < 3; i++)
		if (format->max[i] != ours->max[i] || format->shift[i] != ours->shift[i])
			return false;
	return true;
}

void pixel_translation_init(struct pixel_translation *translation,
			    const struct pixel_format *format)
{
	translation->bytes = format->bits_per_pixel / 8u;
	translation->as_is = is_same(format, &pixel_format_default);
	translation->engine = is_same(format, &pixel_format_engine);
	translation->compact = format->bits_per_pixel == 32 && format->depth == 24 &&
			       format->max[0] == 255 && format->max[1] == 255 &&
			       format->max[2] == 255;
	translation->big_endian = format->big_endian;
	for (unsigned int i = 0; i < 3; i++)
		for (uint32_t value = 0; value < 256; value++)
			translation->channel[i][value] =
				(value * format->max[i] + 127) / 255 << format->shift[i];
}

static inline uint32_t translate(const struct pixel_translation *translation, uint32_t pixel)
{
	return translation->channel[0][pixel >> 16 & 0xff] |
	       translation->channel[1][pixel >> 8 & 0xff] |
	       translation->channel[2][pixel & 0xff];
}

/* Compilers make one store of each of these. */
static inline void put_le32(uint8_t *out, uint32_t pixel)
{
	out[0] = (uint8_t)pixel;
	out[1] = (uint8_t)(pixel >> 8);
	out[2] = (uint8_t)(pixel >> 16);
	out[3] = (uint8_t)(pixel >> 24);
}

static inline void put_le16(uint8_t *out, uint32_t pixel)
{
	out[0] = (uint8_t)pixel;
	out[1] = (uint8_t)(pixel >> 8);
}

static void put_32(const struct pixel_translation *translation, const uint32_t *in,
		   size_t count, uint8_t *out)
{
	if (translation->as_is)
		for (size_t i = 0; i < count; i++)
			put_le32(out + 4 * i, in[i] & 0xffffff);
	else if (translation->big_endian)
		for (size_t i = 0; i < count; i++)
			put_be32(out + 4 * i, translate(translation, in[i]));
	else
		for (size_t i = 0; i < count; i++)
			put_le32(out + 4 * i, translate(translation, in[i]));
}

static void put_16(const struct pixel_translation *translation, const uint32_t *in,
		   size_t count, uint8_t *out)
{
	if (translation->big_endian)
		for (size_t i = 0; i < count; i++)
			put_be16(out + 2 * i, translate(translation, in[i]));
	else
		for (size_t i = 0; i < count; i++)
			put_le16(out + 2 * i, translate(translation, in[i]));
}

void pixels_translate(const struct pixel_translation *translation, const uint32_t *in,
		      size_t count, uint8_t *out)
{
	switch (translation->bytes) {
	case 4:
		put_32(translation, in, count, out);
		break;
	case 2:
		put_16(translation, in, count, out);
		break;
	default:
		for (size_t i = 0; i < count; i++)
			out[i] = (uint8_t)translate(translation, in[i]);
		break;
	}
}
