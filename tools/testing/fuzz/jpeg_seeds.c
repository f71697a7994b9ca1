// SPDX-License-Identifier: Apache-2.0
/*
 * Writes seeds for fuzz_jpeg_tiles: small images of all kinds, and bare scans.
 *
 * Usage: jpeg_seeds DIRECTORY
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "jpeg_oracle.h"
#include "jpeg_screens.h"

#define WIDTH	72	/* as a bare scan's geometry can say */
#define HEIGHT	40

static bool write_file(const char *directory, const char *kind,
		       unsigned int number, const struct blob *content)
{
	char name[4096];
	FILE *file;
	bool ok;

	snprintf(name, sizeof(name), "%s/%s-%u", directory, kind, number);
	file = fopen(name, "wb");
	if (!file) {
		perror(name);
		return false;
	}
	ok = fwrite(content->data, content->length, 1, file) == 1;
	if (fclose(file) || !ok) {
		perror(name);
		return false;
	}
	return true;
}

static bool write_seed(const char *directory, unsigned int number)
{
	static u8 rgb[3 * WIDTH * HEIGHT];
	const struct oracle_params params = {
		.quality = number & 1 ? 30 : 90,
		.subsampling = number >> 1 & 1,
		.tables = (number >> 2) % TABLES,
	};
	const u8 geometry[] = {
		(HEIGHT - 1) | (params.subsampling == KVMCAP_JPEG_420) << 6,
		WIDTH - 1,
	};
	struct blob jpeg = { 0 }, scan = { 0 };
	struct kvmcap_jpeg_image image;
	bool ok;

	paint(rgb, WIDTH, HEIGHT, number % PATTERNS, 1 + number);
	oracle_encode(&jpeg, rgb, WIDTH, HEIGHT, &params);
	ok = write_file(directory, "image", number, &jpeg);
	if (ok && params.tables == TABLES_ANNEX_K &&
	    !kvmcap_jpeg_parse(&image, jpeg.data, jpeg.length)) {
		blob_append(&scan, geometry, sizeof(geometry));
		blob_append(&scan, image.scan, image.scan_length);
		ok = write_file(directory, "scan", number, &scan);
	}
	blob_free(&jpeg);
	blob_free(&scan);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 2) {
		fputs("usage: jpeg_seeds DIRECTORY\n", stderr);
		return 2;
	}
	for (i = 0; i < 4 * TABLES * PATTERNS; i++)
		if (!write_seed(argv[1], i))
			return 1;
	return 0;
}
