// SPDX-License-Identifier: Apache-2.0
/*
 * Payloads that are not JPEG become the pixels they were made of, and whatever is
 * none is refused, without a byte read or written beyond the end.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "tap.h"
#include "tile_codecs.h"
#include "tile_pixels.h"

#define WIDTH_MAX	272
#define HEIGHT_MAX	48
#define ROUNDS		300
#define MUTATIONS	20000
#define SEED		0x6b766d63

static const enum kvmcap_codec codecs[] = {
	KVMCAP_CODEC_PALETTE, KVMCAP_CODEC_HEXTILE, KVMCAP_CODEC_RAW,
};

static const char *const names[] = { "PALETTE", "HEXTILE", "RAW" };

#define CODECS	(sizeof(codecs) / sizeof(codecs[0]))

/* Decodes from and into memory of exactly that size, so that sanitizers can tell. */
static int decode(enum kvmcap_codec codec, const uint8_t *payload, size_t length,
		  unsigned int width, unsigned int height, uint32_t **pixels)
{
	uint8_t *copy = malloc(length ? length : 1);
	int err;

	*pixels = malloc((size_t)width * height * sizeof(**pixels));
	if (!copy || !*pixels)
		abort();
	memcpy(copy, payload, length);
	err = kvmcap_tile_pixels(codec, copy, length, width, height, *pixels);
	free(copy);
	return err;
}

/* Rectangles of few colours upon a ground, or noise if there are many. */
static void paint_tile(uint32_t *pixels, unsigned int width, unsigned int height,
		       unsigned int colours, uint64_t *random)
{
	uint32_t palette[512] = { 0 };

	for (unsigned int i = 0; i < colours; i++)
		palette[i] = (uint32_t)random_next(random) & 0xffffff;
	for (unsigned int i = 0; i < width * height; i++)
		pixels[i] = palette[colours > 8 ? random_below(random, colours) : 0];
	for (unsigned int n = 0; n < colours && colours <= 8; n++) {
		unsigned int x = random_below(random, width), y = random_below(random, height);
		unsigned int right = x + 1 + random_below(random, width - x);
		unsigned int bottom = y + 1 + random_below(random, height - y);

		for (unsigned int row = y; row < bottom; row++)
			for (unsigned int column = x; column < right; column++)
				pixels[row * width + column] = palette[n];
	}
}

static bool round_trip(enum kvmcap_codec codec, const uint32_t *pixels, unsigned int width,
		       unsigned int height)
{
	uint8_t *payload = malloc(tile_room(width, height));
	size_t length = tile_code(codec, pixels, width, width, height, payload);
	uint32_t *seen;
	bool good = true;

	if (length) {
		good = !decode(codec, payload, length, width, height, &seen);
		for (unsigned int i = 0; good && i < width * height; i++)
			good = seen[i] == tile_seen(codec, pixels[i]);
		free(seen);
	}
	free(payload);
	return good;
}

static void test_round_trips(unsigned int which)
{
	static const unsigned int counts[] = { 1, 2, 3, 4, 5, 16, 17, 256, 300 };
	uint32_t pixels[WIDTH_MAX * HEIGHT_MAX];
	uint64_t random = SEED;
	bool good = true;

	for (unsigned int i = 0; good && i < ROUNDS; i++) {
		unsigned int width = 1 + random_below(&random, WIDTH_MAX);
		unsigned int height = 1 + random_below(&random, i % 3 ? 16 : HEIGHT_MAX);
		unsigned int colours = counts[i % (sizeof(counts) / sizeof(counts[0]))];

		paint_tile(pixels, width, height, colours, &random);
		good = round_trip(codecs[which], pixels, width, height);
		if (!good)
			tap_diag("%ux%u, %u colours", width, height, colours);
	}
	tap_ok(good, "%s: what was coded is what is seen", names[which]);
}

/* Every length but the right one is wrong. */
static void test_lengths(unsigned int which)
{
	uint32_t pixels[128 * 16], *seen;
	uint8_t payload[1 << 16] = { 0 };
	uint64_t random = SEED;
	bool good = true;

	for (unsigned int colours = 1; good && colours < 10; colours += 3) {
		size_t length;

		paint_tile(pixels, 117, 13, colours, &random);
		length = tile_code(codecs[which], pixels, 117, 117, 13, payload);
		for (size_t n = 0; good && n <= length + 3; n++) {
			int err = decode(codecs[which], payload, n, 117, 13, &seen);

			good = err == (n == length ? 0 : -EBADMSG);
			free(seen);
		}
	}
	tap_ok(good, "%s: too short or too long is damaged", names[which]);
}

/* Damage is refused or taken for another picture; sanitizers look on. */
static void test_mutations(unsigned int which)
{
	uint32_t pixels[128 * 16], *seen;
	uint8_t payload[1 << 16];
	uint64_t random = SEED;
	unsigned int refused = 0, taken = 0, other = 0;

	for (unsigned int i = 0; i < MUTATIONS; i++) {
		unsigned int width = 1 + random_below(&random, 128);
		unsigned int height = 1 + random_below(&random, 16);
		size_t length;
		int err;

		paint_tile(pixels, width, height, 1 + random_below(&random, 20), &random);
		length = tile_code(codecs[which], pixels, width, width, height, payload);
		payload[random_below(&random, (uint32_t)length)] ^=
			(uint8_t)(1u << random_below(&random, 8));
		err = decode(codecs[which], payload, length, width, height, &seen);
		refused += err == -EBADMSG;
		taken += !err;
		other += err && err != -EBADMSG;
		free(seen);
	}
	tap_ok(!other && taken, "%s: %u damaged payloads: %u refused, %u other pictures",
	       names[which], MUTATIONS, refused, taken);
	if (codecs[which] != KVMCAP_CODEC_RAW)
		tap_ok(refused, "%s: some are refused", names[which]);
}

struct hostile {
	const char *what;
	enum kvmcap_codec codec;
	unsigned int width, height;
	int result;
	const char *bytes;
	size_t length;
};

#define HOSTILE(what, codec, width, height, result, bytes)	\
	{ what, KVMCAP_CODEC_##codec, width, height, result, bytes, sizeof(bytes) - 1 }

static const struct hostile hostiles[] = {
	HOSTILE("a codec without pixels", NONE, 1, 1, -EINVAL, "\0\0"),
	HOSTILE("JPEG, which is for others", JPEG, 1, 1, -EINVAL, "\0\0"),
	HOSTILE("an unknown codec", RAW + 1, 1, 1, -EINVAL, "\0\0"),
	HOSTILE("a colour", PALETTE, 3, 2, 0, "\0abc"),
	HOSTILE("a colour with indices", PALETTE, 3, 2, -EBADMSG, "\0abc\0\0"),
	HOSTILE("an index without a colour", PALETTE, 1, 1, -EBADMSG, "\2abcdefghi\xc0"),
	HOSTILE("bits behind a row", PALETTE, 1, 1, 0, "\1abcdef\x7f"),
	HOSTILE("fewer colours than said", PALETTE, 1, 1, -EBADMSG, "\377abc"),
	HOSTILE("a background", HEXTILE, 16, 16, 0, "\2ab"),
	HOSTILE("a background from nowhere", HEXTILE, 16, 16, -EBADMSG, "\0"),
	HOSTILE("a background for two", HEXTILE, 17, 1, 0, "\2ab\0"),
	HOSTILE("a background for too many", HEXTILE, 16, 1, -EBADMSG, "\2ab\0"),
	HOSTILE("a foreground from nowhere", HEXTILE, 16, 16, -EBADMSG, "\012ab\1\0\0"),
	HOSTILE("a foreground", HEXTILE, 16, 16, 0, "\016abcd\1\x12\x34"),
	HOSTILE("none over it", HEXTILE, 16, 16, 0, "\016abcd\0"),
	HOSTILE("one too wide", HEXTILE, 16, 16, -EBADMSG, "\016abcd\1\x10\xf0"),
	HOSTILE("one too high", HEXTILE, 16, 16, -EBADMSG, "\016abcd\1\x01\x0f"),
	HOSTILE("the last pixel", HEXTILE, 16, 16, 0, "\016abcd\1\xff\0"),
	HOSTILE("right of a narrow one", HEXTILE, 15, 16, -EBADMSG, "\016abcd\1\xff\0"),
	HOSTILE("below a low one", HEXTILE, 16, 15, -EBADMSG, "\016abcd\1\xff\0"),
	HOSTILE("fewer than said", HEXTILE, 16, 16, -EBADMSG, "\032ab\2cd\0\0"),
	HOSTILE("raw and all the rest", HEXTILE, 1, 1, 0, "\377ab"),
	HOSTILE("half a pixel", RAW, 1, 1, -EBADMSG, "a"),
	HOSTILE("a pixel too many", RAW, 1, 1, -EBADMSG, "abcd"),
};

static void test_hostile(void)
{
	for (unsigned int i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		const struct hostile *h = &hostiles[i];
		uint32_t *seen;

		tap_ok(decode(h->codec, (const uint8_t *)h->bytes, h->length, h->width,
			      h->height, &seen) == h->result, "%s", h->what);
		free(seen);
	}
}

int main(void)
{
	for (unsigned int i = 0; i < CODECS; i++) {
		test_round_trips(i);
		test_lengths(i);
		test_mutations(i);
	}
	test_hostile();
	return tap_end();
}
