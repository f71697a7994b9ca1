// SPDX-License-Identifier: Apache-2.0
/*
 * The tile transcoder beside libjpeg-turbo's lossless one, on the same images in
 * the same process. Its printed ratios hold for the machine that it runs on.
 *
 * Usage: bench_transcode compare FILE.jpg...	a line of figures for each image
 *	  bench_transcode tiles|jpegtran FILE.jpg	one run, for an instruction
 *						counter
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "geometry.h"
#include "jpeg_oracle.h"

/* Both are run in turns, this often, so that both see the same machine. */
#define TURNS		12
#define RUNS_PER_TURN	3

#define RST_BYTES	2

static struct kvmcap_jpeg_transcoder transcoder;

/* An image, parsed, and where its tiles go. */
struct bench {
	struct blob jpeg;
	struct kvmcap_jpeg_image image;
	unsigned int tile_mcus;
	unsigned int tiles;
	struct tile_store store;
	struct blob out;
};

static void die(const char *file, const char *what)
{
	fprintf(stderr, "bench_transcode: %s: %s\n", file, what);
	exit(1);
}

static void bench_load(struct bench *bench, const char *file)
{
	struct kvmcap_jpeg_image *image = &bench->image;
	FILE *stream = fopen(file, "rb");
	char chunk[65536];
	size_t n;

	if (!stream)
		die(file, "cannot be opened");
	*bench = (struct bench){ 0 };
	while ((n = fread(chunk, 1, sizeof(chunk), stream)) > 0)
		blob_append(&bench->jpeg, chunk, n);
	fclose(stream);

	if (kvmcap_jpeg_parse(image, bench->jpeg.data, bench->jpeg.length))
		die(file, "not a JPEG image of the kind that engines make");
	bench->tile_mcus = kvmcap_geometry_tile_width(image->width,
						      image->mcu_width) /
			   image->mcu_width;
	bench->tiles = kvmcap_jpeg_tiles_count(image, bench->tile_mcus);
	tile_store_init(&bench->store, bench->tiles / image->mcus_y,
			bench->tiles,
			kvmcap_jpeg_tiles_bound(image->scan_length,
						bench->tiles));
}

static void bench_free(struct bench *bench)
{
	tile_store_free(&bench->store);
	blob_free(&bench->jpeg);
	blob_free(&bench->out);
}

/* What an engine's driver does with each image, from its first byte on. */
static void run_tiles(struct bench *bench)
{
	struct kvmcap_jpeg_image image;

	tile_store_reset(&bench->store);
	if (kvmcap_jpeg_parse(&image, bench->jpeg.data, bench->jpeg.length) ||
	    kvmcap_jpeg_tables_set(&transcoder, &image) ||
	    kvmcap_jpeg_tiles(&transcoder, &image, bench->tile_mcus,
			      &bench->store.sink))
		die("transcoder", "refuses the image");
}

static void run_jpegtran(struct bench *bench)
{
	oracle_jpegtran(&bench->out, &bench->jpeg, bench->tile_mcus);
}

/* User time of the process, in microseconds. */
static double user_time(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return 1e6 * usage.ru_utime.tv_sec + usage.ru_utime.tv_usec;
}

static double measure(void (*run)(struct bench *bench), struct bench *bench)
{
	double start = user_time();
	unsigned int i;

	for (i = 0; i < RUNS_PER_TURN; i++)
		run(bench);
	return user_time() - start;
}

/* What a client gets for all tiles: headers, payloads, a marker between them. */
static size_t stream_bytes(const struct bench *bench)
{
	size_t headers = bench->image.scan - bench->jpeg.data;

	return headers + bench->store.used + RST_BYTES * bench->tiles;
}

static void compare(const char *file)
{
	struct bench bench;
	double tiles = 0, jpegtran = 0;
	unsigned int turn;

	bench_load(&bench, file);
	run_tiles(&bench);
	run_jpegtran(&bench);
	for (turn = 0; turn < TURNS; turn++) {
		tiles += measure(run_tiles, &bench);
		jpegtran += measure(run_jpegtran, &bench);
	}
	printf("%s %zu %zu %zu %.2f\n", file, bench.jpeg.length,
	       stream_bytes(&bench), bench.out.length, jpegtran / tiles);
	bench_free(&bench);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	struct bench bench;
	int i;

	if (!strcmp(what, "compare")) {
		for (i = 2; i < argc; i++)
			compare(argv[i]);
		return 0;
	}
	if (argc != 3 || (strcmp(what, "tiles") && strcmp(what, "jpegtran"))) {
		fputs("usage: bench_transcode compare|tiles|jpegtran FILE.jpg\n",
		      stderr);
		return 2;
	}
	bench_load(&bench, argv[2]);
	if (!strcmp(what, "tiles")) {
		run_tiles(&bench);
	} else {
		run_jpegtran(&bench);
	}
	bench_free(&bench);
	return 0;
}
