// SPDX-License-Identifier: Apache-2.0
/*
 * Writes seeds for fuzz_ajpg: three streams each, of small pictures of all kinds.
 *
 * Usage: ajpg_seeds DIRECTORY
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "ajpg_screen.h"

#define SEEDS		48
#define STREAMS		3
#define MCUS_MAX	(32 * 8)
#define STREAM_MAX	(MCUS_MAX * SCREEN_MCU_BYTES)

static bool write_seed(const char *directory, unsigned int number)
{
	static s16 coefs[MCUS_MAX * SCREEN_BLOCKS_MAX * 64];
	static u8 out[STREAM_MAX];
	static bool changed[MCUS_MAX];
	u32 random = 1 + number, how;
	const u8 head[] = {
		screen_random(&random) & 0x2f, screen_random(&random) & 0x7f,
		screen_random(&random) & 0x1f, number % 4,
	};
	struct screen s;
	unsigned int i, stream;
	char name[4096];
	FILE *file;

	screen_init(&s, 1 + head[1], 1 + head[2], head[0] & 1,
		    1 + (head[0] >> 1) % (head[0] & 1 ? 12 : 24));
	s.coefs = coefs;
	snprintf(name, sizeof(name), "%s/stream-%u", directory, number);
	file = fopen(name, "wb");
	if (!file) {
		perror(name);
		return false;
	}
	fwrite(head, sizeof(head), 1, file);
	for (stream = 0; stream < STREAMS; stream++) {
		struct encoder e = { .out = out };
		u8 words[2];

		how = 1 + screen_random(&random) % 8;
		for (i = 0; i < screen_mcus(&s); i++) {
			changed[i] = screen_random(&random) % how == 0;
			if (changed[i])
				screen_paint_mcu(&s, i, &random);
		}
		screen_encode_stream(&e, &s, changed, number & 1);
		words[0] = e.length / 4;
		words[1] = e.length / 4 >> 8;
		fwrite(words, sizeof(words), 1, file);
		fwrite(out, e.length, 1, file);
	}
	if (ferror(file) | fclose(file)) {
		perror(name);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 2) {
		fputs("usage: ajpg_seeds DIRECTORY\n", stderr);
		return 2;
	}
	for (i = 0; i < SEEDS; i++)
		if (!write_seed(argv[1], i))
			return 1;
	return 0;
}
