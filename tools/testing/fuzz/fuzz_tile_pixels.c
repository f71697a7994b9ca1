// SPDX-License-Identifier: Apache-2.0
/*
 * Payloads that are not JPEG, of tiles of any size: the first three bytes say which
 * codec, how wide and how high. What is written is all of the tile or an error; two
 * readings agree.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <linux/kvmcap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tile_pixels.h"

#define HEAD		3
#define PALE		0xff000000u	/* nothing that is decoded looks like it */

static void check(bool good)
{
	if (!good)
		abort();
}

static uint32_t *make_pixels(size_t count, uint32_t value)
{
	uint32_t *pixels = malloc(count * sizeof(*pixels));

	if (!pixels)
		abort();
	for (size_t i = 0; i < count; i++)
		pixels[i] = value;
	return pixels;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int codec, width, height;
	uint32_t *first, *second;
	size_t count;
	int err;

	if (size < HEAD)
		return 0;
	codec = data[0] % (KVMCAP_CODEC_RAW + 2);
	width = data[1] + 1u;
	height = data[2] % 32 + 1u;
	count = (size_t)width * height;
	first = make_pixels(count, PALE);
	second = make_pixels(count, ~PALE);
	err = kvmcap_tile_pixels(codec, data + HEAD, size - HEAD, width, height, first);
	check(err == kvmcap_tile_pixels(codec, data + HEAD, size - HEAD, width, height, second));
	check(!err || err == -EBADMSG || err == -EINVAL);
	check((err == -EINVAL) == (codec != KVMCAP_CODEC_PALETTE &&
				   codec != KVMCAP_CODEC_HEXTILE && codec != KVMCAP_CODEC_RAW));
	if (!err) {
		check(!memcmp(first, second, count * sizeof(*first)));
		for (size_t i = 0; i < count; i++)
			check(!(first[i] & PALE));
	}
	free(first);
	free(second);
	return 0;
}
