/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Hextile for tests: an encoder that can refer to the past as much or as little
 * as one likes, a decoder that takes only what stands alone, and rows of Hextile
 * with what has to become of them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef HEXTILE_CODEC_H
#define HEXTILE_CODEC_H

#include "hextile_tiles.h"

#define HEXTILE_SIZE	KVMCAP_HEXTILE_SIZE

/**
 * enum hextile_style - how an encoder treats the past
 * @HEXTILE_INHERIT: never says twice what a lenient decoder knows
 * @HEXTILE_RESTATE: always says all, and a foreground that nobody uses
 * @HEXTILE_MIXED: now this, now that
 */
enum hextile_style {
	HEXTILE_INHERIT,
	HEXTILE_RESTATE,
	HEXTILE_MIXED,
};

/**
 * struct hextile_encoder - where Hextile goes
 * @out: room enough for it: KVMCAP_HEXTILE_BYTES_MAX for each subrectangle
 * @length: bytes there
 * @style: how it treats the past
 * @bulky: subrectangles are RAW only if they have too many smaller ones
 * @known: bit 0: @background has been stated, bit 1: @foreground
 * @background: as stated last
 * @foreground: likewise
 * @state: of what is mixed
 */
struct hextile_encoder {
	u8 *out;
	size_t length;
	enum hextile_style style;
	bool bulky;
	unsigned int known;
	u16 background;
	u16 foreground;
	u32 state;
};

static inline void hextile_byte(struct hextile_encoder *e, unsigned int byte)
{
	e->out[e->length++] = byte;
}

static inline void hextile_pixel(struct hextile_encoder *e, u16 pixel)
{
	hextile_byte(e, pixel & 0xff);
	hextile_byte(e, pixel >> 8);
}

static inline bool hextile_restates(struct hextile_encoder *e)
{
	e->state = e->state * 1664525 + 1013904223;
	return e->style == HEXTILE_RESTATE ||
	       (e->style == HEXTILE_MIXED && e->state >> 30 & 1);
}

static inline u16 hextile_at(const u16 *pixels, unsigned int stride,
			     unsigned int x, unsigned int y)
{
	return pixels[(size_t)y * stride + x];
}

/* Runs of a line that are not background; 256 if there are more than fit. */
static inline unsigned int hextile_runs(struct hextile_encoder *e, const u16 *pixels,
					unsigned int stride, unsigned int width,
					unsigned int height, bool coloured)
{
	unsigned int runs = 0, x, y, end;

	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x = end) {
			u16 colour = hextile_at(pixels, stride, x, y);

			end = x + 1;
			while (end < width &&
			       hextile_at(pixels, stride, end, y) == colour)
				end++;
			if (colour == pixels[0])
				continue;
			if (++runs > 255)
				return 256;
			if (coloured)
				hextile_pixel(e, colour);
			hextile_byte(e, x << 4 | y);
			hextile_byte(e, (end - x - 1) << 4);
		}
	}
	return runs;
}

/* Colours other than the first pixel's: 0, 1 (@other) or 2 for more. */
static inline unsigned int hextile_colours(const u16 *pixels, unsigned int stride,
					   unsigned int width, unsigned int height,
					   u16 *other)
{
	unsigned int x, y, colours = 0;

	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++) {
			u16 colour = hextile_at(pixels, stride, x, y);

			if (colour == pixels[0] || (colours && colour == *other))
				continue;
			if (colours)
				return 2;
			*other = colour;
			colours = 1;
		}
	}
	return colours;
}

static inline void hextile_raw(struct hextile_encoder *e, const u16 *pixels,
			       unsigned int stride, unsigned int width,
			       unsigned int height)
{
	unsigned int x, y;

	hextile_byte(e, KVMCAP_HEXTILE_RAW);
	for (y = 0; y < height; y++)
		for (x = 0; x < width; x++)
			hextile_pixel(e, hextile_at(pixels, stride, x, y));
}

/* One subrectangle. */
static inline void hextile_subrect(struct hextile_encoder *e, const u16 *pixels,
				   unsigned int stride, unsigned int width,
				   unsigned int height)
{
	struct hextile_encoder before = *e;
	unsigned int colours, runs = 0, flags = 0;
	size_t start = e->length, count;
	u16 other = e->foreground;

	colours = hextile_colours(pixels, stride, width, height, &other);
	if (!(e->known & 1) || e->background != pixels[0] || hextile_restates(e))
		flags |= KVMCAP_HEXTILE_BACKGROUND;
	if (colours)
		flags |= KVMCAP_HEXTILE_SUBRECTS;
	if (colours > 1)
		flags |= KVMCAP_HEXTILE_COLOURED;
	else if (hextile_restates(e) ||
		 (colours && (!(e->known & 2) || e->foreground != other)))
		flags |= KVMCAP_HEXTILE_FOREGROUND;

	hextile_byte(e, flags);
	if (flags & KVMCAP_HEXTILE_BACKGROUND)
		hextile_pixel(e, pixels[0]);
	if (flags & KVMCAP_HEXTILE_FOREGROUND) {
		hextile_pixel(e, other);
		e->known |= 2;
		e->foreground = other;
	}
	e->known |= 1;
	e->background = pixels[0];
	if (!colours)
		return;
	count = e->length;
	hextile_byte(e, 0);
	runs = hextile_runs(e, pixels, stride, width, height, colours > 1);
	e->out[count] = runs;
	if (runs < 256 &&
	    (e->bulky || e->length - start <= 1 + 2 * (size_t)width * height))
		return;
	*e = before;
	hextile_raw(e, pixels, stride, width, height);
}

/* A rectangle of one row of subrectangles, as an engine would write it. */
static inline void hextile_encode(struct hextile_encoder *e, const u16 *pixels,
				  unsigned int stride, unsigned int width,
				  unsigned int height)
{
	unsigned int x;

	for (x = 0; x < width; x += HEXTILE_SIZE)
		hextile_subrect(e, pixels + x, stride,
				width - x < HEXTILE_SIZE ? width - x : HEXTILE_SIZE,
				height);
}

/* What a decoder knows; nothing outlasts RAW, no foreground COLOURED. */
struct hextile_decoder {
	const u8 *data;
	size_t left;
	unsigned int known;
	u16 background;
	u16 foreground;
};

static inline bool hextile_get(struct hextile_decoder *d, unsigned int bytes,
			       unsigned int *value)
{
	if (d->left < bytes)
		return false;
	*value = d->data[0] | (bytes > 1 ? d->data[1] << 8 : 0);
	d->data += bytes;
	d->left -= bytes;
	return true;
}

static inline bool hextile_entries(struct hextile_decoder *d, unsigned int flags,
				   u16 *pixels, unsigned int stride,
				   unsigned int width, unsigned int height)
{
	unsigned int count, colour = d->foreground, place, x, y;

	if (!hextile_get(d, 1, &count))
		return false;
	while (count--) {
		if (flags & KVMCAP_HEXTILE_COLOURED && !hextile_get(d, 2, &colour))
			return false;
		if (!hextile_get(d, 2, &place))
			return false;
		for (y = 0; y <= (place >> 8 & 15); y++) {
			for (x = 0; x <= place >> 12; x++) {
				unsigned int left = (place >> 4 & 15) + x;
				unsigned int top = (place & 15) + y;

				if (left >= width || top >= height)
					return false;
				pixels[(size_t)top * stride + left] = colour;
			}
		}
	}
	return true;
}

static inline bool hextile_decode_subrect(struct hextile_decoder *d, u16 *pixels,
					  unsigned int stride, unsigned int width,
					  unsigned int height)
{
	unsigned int flags, value, i;

	if (!hextile_get(d, 1, &flags) || flags > 31)
		return false;
	if (flags & KVMCAP_HEXTILE_RAW) {
		for (i = 0; i < width * height; i++) {
			if (!hextile_get(d, 2, &value))
				return false;
			pixels[i / width * stride + i % width] = value;
		}
		d->known = 0;
		return true;
	}
	if (flags & KVMCAP_HEXTILE_BACKGROUND) {
		if (!hextile_get(d, 2, &value))
			return false;
		d->background = value;
		d->known |= 1;
	}
	if (flags & KVMCAP_HEXTILE_FOREGROUND) {
		if (!hextile_get(d, 2, &value))
			return false;
		d->foreground = value;
		d->known |= 2;
	}
	if (flags & KVMCAP_HEXTILE_COLOURED)
		d->known &= 1;
	if (!(d->known & 1))
		return false;
	for (i = 0; i < width * height; i++)
		pixels[i / width * stride + i % width] = d->background;
	if (!(flags & KVMCAP_HEXTILE_SUBRECTS))
		return true;
	if (!(flags & KVMCAP_HEXTILE_COLOURED) && !(d->known & 2))
		return false;
	return hextile_entries(d, flags, pixels, stride, width, height);
}

/* A tile by itself: false if it is not exactly one. */
static inline bool hextile_decode(const u8 *data, size_t length, u16 *pixels,
				  unsigned int stride, unsigned int width,
				  unsigned int height)
{
	struct hextile_decoder d = { .data = data, .left = length };
	unsigned int x;

	for (x = 0; x < width; x += HEXTILE_SIZE)
		if (!hextile_decode_subrect(&d, pixels + x, stride,
					    width - x < HEXTILE_SIZE ?
					    width - x : HEXTILE_SIZE, height))
			return false;
	return !d.left;
}

/**
 * struct hextile_row - Hextile, and what has to become of it
 * @name: of the case
 * @width: of the rectangle, in pixels
 * @height: of it; tiles are 32 pixels wide
 * @in: the Hextile
 * @in_length: bytes of it
 * @out: the tiles', one after the other
 * @out_length: bytes of it
 * @expected: 0 or -EBADMSG
 */
struct hextile_row {
	const char *name;
	u8 width;
	u8 height;
	const char *in;
	u8 in_length;
	const char *out;
	u8 out_length;
	int expected;
};

#define HEXTILE_TILE_WIDTH	32

#define GOOD(name, width, height, in, out)	\
	{ name, width, height, in, sizeof(in) - 1, out, sizeof(out) - 1, 0 }
#define BAD(name, width, height, in)		\
	{ name, width, height, in, sizeof(in) - 1, "", 0, -EBADMSG }

static const struct hextile_row hextile_rows[] = {
	GOOD("a background", 16, 16, "\2ab", "\2ab"),
	GOOD("inherited within a tile", 32, 16, "\2ab\0", "\2ab\0"),
	GOOD("stated twice", 32, 16, "\2ab\2ab", "\2ab\0"),
	GOOD("another one", 32, 16, "\2ab\2cd", "\2ab\2cd"),
	GOOD("inherited across tiles", 64, 16, "\2ab\0\0\0", "\2ab\0\2ab\0"),
	GOOD("inherited across RAW", 48, 1,
	     "\2ab\1AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPP\0",
	     "\2ab\1AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPP\2ab"),
	GOOD("restated behind RAW in the tile", 32, 1,
	     "\1AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPP\2ab",
	     "\1AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPP\2ab"),
	GOOD("RAW with other flags", 1, 1, "\37ab", "\1ab"),
	GOOD("a foreground", 16, 16, "\16abcd\1\x34\x56", "\16abcd\1\x34\x56"),
	GOOD("its inheritance", 32, 16, "\16abcd\1\0\0\10\1\0\0",
	     "\16abcd\1\0\0\10\1\0\0"),
	GOOD("its inheritance across tiles", 48, 16,
	     "\16abcd\1\0\0\0\10\1\0\0", "\16abcd\1\0\0\0\16abcd\1\0\0"),
	GOOD("stated twice, too", 32, 16, "\16abcd\1\0\0\16abcd\1\0\0",
	     "\16abcd\1\0\0\10\1\0\0"),
	GOOD("stated before it is used", 32, 16, "\6abcd\10\1\0\0",
	     "\2ab\14cd\1\0\0"),
	GOOD("never used", 16, 16, "\6abcd", "\2ab"),
	GOOD("used by nothing", 16, 16, "\16abcd\0", "\2ab"),
	GOOD("colours of their own", 16, 16, "\32ab\2cd\0\0ef\x11\0",
	     "\32ab\2cd\0\0ef\x11\0"),
	GOOD("colours of nothing", 16, 16, "\32ab\0", "\2ab"),
	GOOD("colours, and nothing to colour", 16, 16, "\22ab", "\2ab"),
	GOOD("foreground inherited across colours", 48, 16,
	     "\16abcd\1\0\0\30\1ef\0\0\10\1\0\0",
	     "\16abcd\1\0\0\30\1ef\0\0\16abcd\1\0\0"),
	GOOD("... within a tile", 32, 16,
	     "\32ab\1ef\0\0\14cd\1\0\0", "\32ab\1ef\0\0\14cd\1\0\0"),
	GOOD("up to the edges", 17, 3, "\16abcd\1\0\xf2\10\1\2\0",
	     "\16abcd\1\0\xf2\10\1\2\0"),
	GOOD("more bytes than pixels", 1, 1, "\16abcd\1\0\0", "\1cd"),
	GOOD("painted over each other", 2, 1, "\32ab\2cd\0\20ef\x10\0",
	     "\1cdef"),
	BAD("nothing", 16, 16, ""),
	BAD("no background", 16, 16, "\0"),
	BAD("no background behind RAW", 17, 1,
	    "\1AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPP\0"),
	BAD("no foreground", 16, 16, "\12ab\1\0\0"),
	BAD("a foreground beside colours", 16, 16, "\36abcd\1ef\0\0"),
	BAD("an unknown flag", 16, 16, "\42ab"),
	BAD("another one", 16, 16, "\102ab"),
	BAD("half a background", 16, 16, "\2a"),
	BAD("half a foreground", 16, 16, "\16abc"),
	BAD("no count", 16, 16, "\16abcd"),
	BAD("one less than counted", 16, 16, "\16abcd\2\0\0"),
	BAD("half of one", 16, 16, "\16abcd\1\0"),
	BAD("half RAW", 2, 1, "\1abc"),
	BAD("beyond the right edge", 15, 16, "\16abcd\1\0\xf0"),
	BAD("beyond the subrectangle", 32, 16, "\16abcd\1\x10\xf0\0"),
	BAD("beyond the lower edge", 16, 3, "\16abcd\1\0\3"),
	BAD("beyond it from within", 16, 3, "\16abcd\1\1\2"),
	BAD("beyond a narrow last one", 17, 16, "\16abcd\1\0\0\10\1\x10\0"),
	BAD("a byte too many", 16, 16, "\2ab\0"),
	BAD("one subrectangle too few", 32, 16, "\2ab"),
};

#undef GOOD
#undef BAD

#endif
