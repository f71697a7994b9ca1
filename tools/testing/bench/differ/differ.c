// SPDX-License-Identifier: Apache-2.0
/*
 * Differential against whole capture, on the same frames.
 *
 * Usage: bench_differ encode 420|444 <PPM >FRAMES
 *		what an engine makes of pictures
 *	  bench_differ bytes FRAMES
 *		of all frames but the first, on the average: macroblocks that
 *		changed, bytes of the image, of the stream, of the tiles that are
 *		published, their number
 *	  bench_differ whole|stream FRAMES
 *		all frames but the first, for an instruction counter that looks at
 *		measured() only; prints their number
 *	  bench_differ day FRAMES...
 *		a day of this and that, in the log
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "differ.h"

#define SCENES_MAX	8

static struct writer writers[2];

/* What an instruction counter counts. */
__attribute__((noinline)) void measured(struct writer *w,
					const struct kvmcap_jpeg_image *image,
					const struct blob *stream);

void measured(struct writer *w, const struct kvmcap_jpeg_image *image,
	      const struct blob *stream)
{
	if (stream)
		write_stream(w, stream);
	else
		write_whole(w, image);
}

static void take_frame(struct writer *w, const struct frame *frame, bool whole,
		       bool counts)
{
	struct kvmcap_jpeg_image image = writer_begin(w, &frame->image);

	if (counts)
		measured(w, &image, whole ? NULL : &frame->stream);
	else if (whole)
		write_whole(w, &image);
	else
		write_stream(w, &frame->stream);
	writer_end(w);
}

static void run(const char *file, bool whole)
{
	struct scene scene = scene_load(file);
	size_t i;

	writer_init(&writers[0]);
	for (i = 0; i < scene.count; i++)
		take_frame(&writers[0], scene.frames + i, whole, i > 0);
	printf("%zu\n", scene.count - 1);
}

/* Both ways of capture must have come to the same. */
static void check_same(void)
{
	const struct kvmcap_log *a = &writers[0].log, *b = &writers[1].log;
	unsigned int i, tiles = writers[0].mode.columns * writers[0].mode.rows;

	for (i = 0; i < tiles; i++)
		if (a->index[i].length != b->index[i].length ||
		    memcmp(a->ring + a->index[i].offset,
			   b->ring + b->index[i].offset, a->index[i].length) != 0)
			die("whole and differential capture differ");
}

static void print_bytes(const char *file)
{
	struct scene scene = scene_load(file);
	u64 changed = 0, image = 0, stream = 0, bytes = 0, tiles = 0, n;
	size_t i;

	writer_init(&writers[0]);
	writer_init(&writers[1]);
	for (i = 0; i < scene.count; i++) {
		const struct frame *frame = scene.frames + i;

		take_frame(&writers[0], frame, true, false);
		take_frame(&writers[1], frame, false, false);
		check_same();
		if (!i)
			continue;
		changed += writers[1].ajpg.changed;
		image += frame->image.length;
		stream += frame->stream.length;
		bytes += writers[1].log.frame.bytes;
		tiles += writers[1].log.frame.tiles;
	}
	n = scene.count > 1 ? scene.count - 1 : 1;
	printf("%llu %llu %llu %llu %llu\n", (unsigned long long)(changed / n),
	       (unsigned long long)(image / n), (unsigned long long)(stream / n),
	       (unsigned long long)(bytes / n), (unsigned long long)(tiles / n));
}

static void day(char **files, int count)
{
	struct scene scenes[SCENES_MAX];
	int i;

	if (count > SCENES_MAX)
		die("too many files");
	for (i = 0; i < count; i++)
		scenes[i] = scene_load(files[i]);
	print_day(scenes, (size_t)count);
}

int main(int argc, char **argv)
{
	const char *command = argc > 2 ? argv[1] : "";

	if (!strcmp(command, "encode"))
		encode_frames(strcmp(argv[2], "420") ? KVMCAP_JPEG_444 :
						       KVMCAP_JPEG_420);
	else if (!strcmp(command, "bytes"))
		print_bytes(argv[2]);
	else if (!strcmp(command, "whole") || !strcmp(command, "stream"))
		run(argv[2], command[0] == 'w');
	else if (!strcmp(command, "day"))
		day(argv + 2, argc - 2);
	else
		die("encode 420|444, bytes|whole|stream FRAMES, day FRAMES...");
	return 0;
}
