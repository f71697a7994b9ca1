// SPDX-License-Identifier: Apache-2.0
/*
 * The tile transcoder beside libjpeg-turbo's lossless one, on the same images in
 * the same run: in this process, and as the program jpegtran.
 *
 * Usage: bench_transcode bytes FILE.jpg
 *		bytes of the image, of its tile stream, of what jpegtran makes
 *	  bench_transcode times FILE.jpg
 *		user time of libjpeg-turbo in this process, and of the program
 *		jpegtran, each divided by the transcoder's
 *	  bench_transcode tiles|jpegtran FILE.jpg
 *		one run, for an instruction counter
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "geometry.h"
#include "jpeg_oracle.h"

/* All are run in turns, this often, so that all see the same machine. */
#define TURNS		12
#define RUNS_PER_TURN	3

#define NO_JPEGTRAN	127	/* exit status of a child that could not run it */

#define RST_BYTES	2

static struct kvmcap_jpeg_transcoder transcoder;

/* An image, parsed, and where its tiles go. */
struct bench {
	const char *file;
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
	*bench = (struct bench){ .file = file };
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

/* The program: reads the file, writes to /dev/null. */
static void run_program(struct bench *bench)
{
	char interval[16];
	int status, null;
	pid_t child;

	snprintf(interval, sizeof(interval), "%uB", bench->tile_mcus);
	child = fork();
	if (!child) {
		null = open("/dev/null", O_WRONLY);
		if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
			execlp("jpegtran", "jpegtran", "-restart", interval,
			       bench->file, (char *)NULL);
		_exit(NO_JPEGTRAN);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		die("jpegtran", "does not run: install libjpeg-turbo-progs");
}

/* User time of this process or its children so far, in microseconds. */
static double user_time(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return 1e6 * usage.ru_utime.tv_sec + usage.ru_utime.tv_usec;
}

static double measure(void (*run)(struct bench *bench), struct bench *bench,
		      int who)
{
	double start = user_time(who);
	unsigned int i;

	for (i = 0; i < RUNS_PER_TURN; i++)
		run(bench);
	return user_time(who) - start;
}

/* What a client gets for all tiles: headers, payloads, a marker between them. */
static size_t stream_bytes(const struct bench *bench)
{
	size_t headers = bench->image.scan - bench->jpeg.data;

	return headers + bench->store.used + RST_BYTES * bench->tiles;
}

static void print_bytes(struct bench *bench)
{
	run_tiles(bench);
	run_jpegtran(bench);
	printf("%zu %zu %zu\n", bench->jpeg.length, stream_bytes(bench),
	       bench->out.length);
}

static void print_times(struct bench *bench)
{
	double tiles = 0, library = 0, program = 0;
	unsigned int turn;

	run_tiles(bench);
	for (turn = 0; turn < TURNS; turn++) {
		tiles += measure(run_tiles, bench, RUSAGE_SELF);
		library += measure(run_jpegtran, bench, RUSAGE_SELF);
		program += measure(run_program, bench, RUSAGE_CHILDREN);
	}
	printf("%.1f %.1f\n", library / tiles, program / tiles);
}

static const struct {
	const char *name;
	void (*run)(struct bench *bench);
} commands[] = {
	{ "bytes", print_bytes },
	{ "times", print_times },
	{ "tiles", run_tiles },
	{ "jpegtran", run_jpegtran },
};

int main(int argc, char **argv)
{
	struct bench bench;
	size_t i;

	for (i = 0; argc == 3 && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		bench_load(&bench, argv[2]);
		commands[i].run(&bench);
		bench_free(&bench);
		return 0;
	}
	fputs("usage: bench_transcode bytes|times|tiles|jpegtran FILE.jpg\n",
	      stderr);
	return 2;
}
