// SPDX-License-Identifier: Apache-2.0
/*
 * Writes seeds for fuzz_hextile: the rows that the splitter is tested with, and
 * pictures in all styles.
 *
 * Usage: hextile_seeds DIRECTORY
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "hextile_codec.h"
#include "random.h"

#define WIDTH	70
#define HEIGHT	13

static bool write_file(const char *directory, const char *kind, size_t number,
		       unsigned int width, unsigned int height, const void *data,
		       size_t length)
{
	const u8 geometry[] = { (u8)(width - 1), (u8)(height - 1), 1 };
	char name[4096];
	FILE *file;
	bool ok;

	snprintf(name, sizeof(name), "%s/%s-%zu", directory, kind, number);
	file = fopen(name, "wb");
	if (!file) {
		perror(name);
		return false;
	}
	ok = fwrite(geometry, sizeof(geometry), 1, file) == 1 &&
	     (!length || fwrite(data, length, 1, file) == 1);
	if (fclose(file) || !ok) {
		perror(name);
		return false;
	}
	return true;
}

static bool write_picture(const char *directory, unsigned int number)
{
	static u16 pixels[WIDTH * HEIGHT];
	static u8 out[DIV_ROUND_UP(WIDTH, HEXTILE_SIZE) * KVMCAP_HEXTILE_BYTES_MAX];
	struct hextile_encoder e = {
		.out = out, .style = number % 3, .bulky = number & 1, .state = number,
	};
	uint64_t state = number;
	unsigned int i;

	for (i = 0; i < WIDTH * HEIGHT; i++)
		pixels[i] = (u16)random_below(&state, 1 + i % WIDTH / HEXTILE_SIZE);
	hextile_encode(&e, pixels, WIDTH, WIDTH, HEIGHT);
	return write_file(directory, "picture", number, WIDTH, HEIGHT, out, e.length);
}

int main(int argc, char **argv)
{
	bool ok = true;
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: hextile_seeds DIRECTORY\n");
		return EXIT_FAILURE;
	}
	for (i = 0; ok && i < ARRAY_SIZE(hextile_rows); i++)
		ok = write_file(argv[1], "row", i, hextile_rows[i].width,
				hextile_rows[i].height, hextile_rows[i].in,
				hextile_rows[i].in_length);
	for (i = 0; ok && i < 6; i++)
		ok = write_picture(argv[1], (unsigned int)i);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
