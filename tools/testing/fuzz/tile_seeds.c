// SPDX-License-Identifier: Apache-2.0
/*
 * Writes payloads that are right, for fuzz_tile_pixels to start from:
 * tile_seeds DIRECTORY
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "tile_codecs.h"

#define PATH_MAX_LENGTH	4096
#define HEAD		3
#define WIDTH		40
#define HEIGHT		13

static int write_seed(const char *directory, enum kvmcap_codec codec, unsigned int colours)
{
	uint32_t pixels[WIDTH * HEIGHT];
	uint8_t *seed = malloc(HEAD + tile_room(WIDTH, HEIGHT));
	char path[PATH_MAX_LENGTH];
	size_t length;
	FILE *file;
	int failed;

	if (!seed)
		return 1;
	for (unsigned int i = 0; i < WIDTH * HEIGHT; i++)
		pixels[i] = i / 5 % colours * 0x123457;
	seed[0] = (uint8_t)codec;
	seed[1] = WIDTH - 1;
	seed[2] = HEIGHT - 1;
	length = HEAD + tile_code(codec, pixels, WIDTH, WIDTH, HEIGHT, seed + HEAD);
	snprintf(path, sizeof(path), "%s/tile-%d-%u", directory, (int)codec, colours);
	file = fopen(path, "wb");
	failed = !file || fwrite(seed, 1, length, file) != length;
	if (file && fclose(file))
		failed = 1;
	free(seed);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = argc != 2;

	for (int codec = KVMCAP_CODEC_PALETTE; !failed && codec <= KVMCAP_CODEC_RAW; codec++)
		for (unsigned int colours = 1; !failed && colours < 64; colours *= 3)
			failed = write_seed(argv[1], (enum kvmcap_codec)codec, colours);
	if (failed)
		fprintf(stderr, "usage: tile_seeds DIRECTORY\n");
	return failed;
}
