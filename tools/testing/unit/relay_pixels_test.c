// SPDX-License-Identifier: Apache-2.0
/*
 * Every legal true-colour format, against arithmetic done another way.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "pixels.h"
#include "random.h"
#include "tap.h"

#define SEED	1
#define PIXELS	64
#define FORMATS	20000	/* tried at random */

/* The nearest of 0..max to value of 0..255: at most half a step away. */
static bool is_nearest(unsigned int got, unsigned int value, unsigned int max)
{
	long error = 2 * ((long)got * 255 - (long)value * max);

	return error <= 255 && error >= -255;
}

static uint32_t load(const uint8_t *bytes, unsigned int count, bool big_endian)
{
	uint32_t pixel = 0;

	for (unsigned int i = 0; i < count; i++)
		pixel |= (uint32_t)bytes[i] << 8 * (big_endian ? count - 1 - i : i);
	return pixel;
}

static bool converts(const struct pixel_format *format, uint64_t *state)
{
	struct pixel_translation translation;
	uint32_t in[PIXELS];
	uint8_t out[PIXELS * PIXEL_BYTES_MAX + 1];
	unsigned int bytes = format->bits_per_pixel / 8u;

	pixel_translation_init(&translation, format);
	for (unsigned int i = 0; i < PIXELS; i++)
		in[i] = (uint32_t)random_next(state);
	out[PIXELS * bytes] = 0x5a;
	pixels_translate(&translation, in, PIXELS, out);
	if (out[PIXELS * bytes] != 0x5a)
		return false;
	for (unsigned int i = 0; i < PIXELS; i++) {
		uint32_t pixel = load(out + i * bytes, bytes, format->big_endian);

		for (unsigned int c = 0; c < 3; c++) {
			uint32_t mask = (uint32_t)format->max[c] << format->shift[c];
			uint32_t got = (pixel & mask) >> format->shift[c];

			if (!is_nearest(got, in[i] >> (16 - 8 * c) & 0xff, format->max[c]))
				return false;
			pixel &= ~mask;
		}
		if (pixel)
			return false;
	}
	return true;
}

static void show(const struct pixel_format *f)
{
	tap_diag("%u bits, depth %u, %s endian, max %u %u %u, shift %u %u %u",
		 f->bits_per_pixel, f->depth, f->big_endian ? "big" : "little", f->max[0],
		 f->max[1], f->max[2], f->shift[0], f->shift[1], f->shift[2]);
}

static const struct pixel_format usual[] = {
	{ 32, 24, false, true, { 255, 255, 255 }, { 16, 8, 0 } },
	{ 32, 24, true, true, { 255, 255, 255 }, { 16, 8, 0 } },
	{ 32, 24, false, true, { 255, 255, 255 }, { 0, 8, 16 } },
	{ 32, 24, true, true, { 255, 255, 255 }, { 24, 16, 8 } },
	{ 32, 30, false, true, { 1023, 1023, 1023 }, { 20, 10, 0 } },
	{ 32, 32, false, true, { 65535, 255, 255 }, { 16, 8, 0 } },
	{ 16, 16, false, true, { 31, 63, 31 }, { 11, 5, 0 } },
	{ 16, 16, true, true, { 31, 63, 31 }, { 11, 5, 0 } },
	{ 16, 15, false, true, { 31, 31, 31 }, { 0, 5, 10 } },
	{ 16, 12, true, true, { 15, 15, 15 }, { 8, 4, 0 } },
	{ 8, 8, false, true, { 7, 7, 3 }, { 0, 3, 6 } },
	{ 8, 6, false, true, { 3, 3, 3 }, { 4, 2, 0 } },
	{ 8, 3, true, true, { 1, 1, 1 }, { 2, 1, 0 } },
	{ 8, 8, false, true, { 0, 255, 0 }, { 0, 0, 0 } },
};

static void test_usual(uint64_t *state)
{
	for (unsigned int i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		bool good = !pixel_format_refusal(&usual[i]) && converts(&usual[i], state);

		if (!tap_ok(good, "usual format %u", i + 1))
			show(&usual[i]);
	}
}

/* Whatever is accepted must be converted well; much of it must be accepted. */
static void test_random(uint64_t *state)
{
	unsigned int accepted = 0, wrong = 0;

	for (unsigned int i = 0; i < FORMATS; i++) {
		struct pixel_format format = {
			.bits_per_pixel = (uint8_t)(8u << random_below(state, 3)),
			.big_endian = random_below(state, 2),
			.true_colour = true,
		};

		format.depth = (uint8_t)(1 + random_below(state, format.bits_per_pixel));
		for (unsigned int c = 0; c < 3; c++) {
			format.max[c] = (uint16_t)((1u << random_below(state, 10)) - 1);
			format.shift[c] = (uint8_t)random_below(state, format.bits_per_pixel);
		}
		if (pixel_format_refusal(&format))
			continue;
		accepted++;
		if (!converts(&format, state)) {
			wrong++;
			show(&format);
		}
	}
	tap_ok(accepted > FORMATS / 50 && !wrong, "formats at random");
	tap_diag("%u of %u were legal", accepted, FORMATS);
}

static void test_extremes(void)
{
	struct pixel_translation translation;
	const uint32_t in[2] = { 0xff000000, 0x00ffffff };
	uint8_t out[8];

	for (unsigned int i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		unsigned int bytes = usual[i].bits_per_pixel / 8u;
		uint32_t white = 0;

		for (unsigned int c = 0; c < 3; c++)
			white |= (uint32_t)usual[i].max[c] << usual[i].shift[c];
		pixel_translation_init(&translation, &usual[i]);
		pixels_translate(&translation, in, 2, out);
		tap_ok(load(out, bytes, usual[i].big_endian) == 0 &&
		       load(out + bytes, bytes, usual[i].big_endian) == white,
		       "usual format %u: black and white", i + 1);
	}
}

static const struct { const char *what; struct pixel_format format; } illegal[] = {
	{ "24 bits", { 24, 24, false, true, { 255, 255, 255 }, { 16, 8, 0 } } },
	{ "0 bits", { 0, 0, false, true, { 1, 1, 1 }, { 0, 1, 2 } } },
	{ "a colour map", { 8, 8, false, false, { 7, 7, 3 }, { 0, 3, 6 } } },
	{ "depth 0", { 8, 0, false, true, { 7, 7, 3 }, { 0, 3, 6 } } },
	{ "too much depth", { 8, 9, false, true, { 7, 7, 3 }, { 0, 3, 6 } } },
	{ "a maximum of 6", { 8, 8, false, true, { 7, 6, 3 }, { 0, 3, 6 } } },
	{ "a shift by all bits", { 32, 24, false, true, { 255, 255, 0 }, { 8, 0, 32 } } },
	{ "a colour beyond the pixel", { 16, 16, false, true, { 31, 63, 31 }, { 12, 5, 0 } } },
	{ "overlap", { 16, 16, false, true, { 31, 63, 31 }, { 10, 5, 0 } } },
};

static void test_refused(void)
{
	for (unsigned int i = 0; i < sizeof(illegal) / sizeof(illegal[0]); i++)
		tap_ok(pixel_format_refusal(&illegal[i].format), "%s is refused",
		       illegal[i].what);
}

static void test_wire(void)
{
	uint8_t bytes[PIXEL_FORMAT_LENGTH], again[PIXEL_FORMAT_LENGTH];
	struct pixel_format format;
	bool good = true;

	for (unsigned int i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		pixel_format_write(&usual[i], bytes);
		pixel_format_read(&format, bytes);
		pixel_format_write(&format, again);
		good = good && !memcmp(bytes, again, sizeof(bytes));
	}
	tap_ok(good, "formats survive the wire");
	pixel_format_write(&pixel_format_default, bytes);
	tap_ok(!memcmp(bytes, "\x20\x18\x00\x01\x00\xff\x00\xff\x00\xff\x10\x08\x00\0\0\0", 16),
	       "ServerInit's format, byte by byte");
}

int main(void)
{
	uint64_t state = SEED;

	tap_diag("seed %d", SEED);
	test_usual(&state);
	test_random(&state);
	test_extremes();
	test_refused();
	test_wire();
	return tap_end();
}
