// SPDX-License-Identifier: Apache-2.0
/*
 * A log for captures of both kinds, as the ASPEED engine's driver and the core
 * write it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "differ.h"
#include "geometry.h"

/* As core.c has it for an engine of 1920x1200 pixels and images of 2 MiB. */
#define TILES_MAX	(DIV_ROUND_UP(1920, KVMCAP_TILE_WIDTH_MIN) * (1200 / 8))
#define TILE_BYTES_MAX	(30 * 1024)
#define MAP_SIZE	(4 * 1024 * 1024)
#define MCUS_MAX	(240 * 150)
#define STREAM_MAX	(2 * 1024 * 1024)

#define FRAME_NS	33333333

_Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_differ: %s\n", what);
	exit(1);
}

void *must(void *memory)
{
	if (!memory)
		die("out of memory");
	return memory;
}

static bool get_blob(FILE *file, struct blob *blob)
{
	u32 length;

	*blob = (struct blob){ 0 };
	if (fread(&length, sizeof(length), 1, file) != 1)
		return false;
	blob->data = must(malloc(length));
	blob->length = length;
	if (fread(blob->data, length, 1, file) != 1)
		die("half a frame");
	return true;
}

struct scene scene_load(const char *name)
{
	FILE *file = fopen(name, "rb");
	struct scene scene = { .name = strrchr(name, '/') };
	struct frame frame;

	if (!file)
		die("cannot open a file of frames");
	scene.name = scene.name ? scene.name + 1 : name;
	while (get_blob(file, &frame.image)) {
		if (!get_blob(file, &frame.stream))
			die("half a frame");
		scene.frames = must(realloc(scene.frames, (scene.count + 1) *
							  sizeof(frame)));
		scene.frames[scene.count++] = frame;
	}
	fclose(file);
	if (scene.count < 2)
		die("a file without changes");
	return scene;
}

static u8 *sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	return kvmcap_log_tile_begin(&((struct writer *)sink)->log, room);
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
		    unsigned int row, size_t length)
{
	return kvmcap_log_tile_end(&((struct writer *)sink)->log, column, row,
				   KVMCAP_CODEC_JPEG, length);
}

static const u8 *shown_payload(struct kvmcap_ajpg_shown *shown,
			       unsigned int column, unsigned int row,
			       size_t *length)
{
	struct writer *w = (struct writer *)((u8 *)shown -
					     offsetof(struct writer, shown));

	return kvmcap_log_shown(&w->log, column, row, length);
}

void writer_init(struct writer *w)
{
	*w = (struct writer){
		.sink = { sink_begin, sink_end },
		.shown = { shown_payload },
	};
	w->memory = must(aligned_alloc(4096, MAP_SIZE));
	memset(w->memory, 0, MAP_SIZE);
	if (kvmcap_log_init(&w->log, w->memory, MAP_SIZE, TILES_MAX,
			    TILE_BYTES_MAX))
		die("a log that is too small");
	w->ajpg_memory = must(malloc(kvmcap_ajpg_memory_size(MCUS_MAX,
							     STREAM_MAX)));
	kvmcap_ajpg_init(&w->ajpg, w->ajpg_memory, MCUS_MAX, STREAM_MAX);
}

static void set_mode(struct writer *w, const struct kvmcap_jpeg_image *image)
{
	unsigned int tile_width = kvmcap_geometry_tile_width(image->width,
							     image->mcu_width);
	const struct kvmcap_ajpg_picture picture = {
		.width = image->width,
		.height = image->height,
		.subsampling = image->subsampling,
		.tile_mcus = tile_width / image->mcu_width,
	};
	const struct kvmcap_mode mode = {
		.width = image->width,
		.height = image->height,
		.tile_width = tile_width,
		.tile_height = image->mcu_height,
		.columns = DIV_ROUND_UP(image->width, tile_width),
		.rows = image->mcus_y,
		.codec = KVMCAP_CODEC_JPEG,
		.subsampling = image->subsampling == KVMCAP_JPEG_420 ?
			KVMCAP_SUBSAMPLING_420 : KVMCAP_SUBSAMPLING_444,
	};

	if (!memcmp(&mode, &w->mode, sizeof(mode)))
		return;
	w->mode = mode;
	if (kvmcap_log_mode(&w->log, &mode) ||
	    kvmcap_ajpg_set_picture(&w->ajpg, &picture))
		die("a picture that is too large");
}

struct kvmcap_jpeg_image writer_begin(struct writer *w, const struct blob *image)
{
	struct kvmcap_jpeg_image parsed;
	u8 tables[KVMCAP_TABLES_MAX];
	int length;

	kvmcap_log_begin(&w->log, false);
	if (kvmcap_jpeg_parse(&parsed, image->data, image->length) ||
	    kvmcap_jpeg_tables_set(&w->transcoder, &parsed))
		die("an image that is none");
	set_mode(w, &parsed);
	length = kvmcap_jpeg_spans_copy(&parsed, tables, sizeof(tables));
	if (kvmcap_log_tables(&w->log, tables, (size_t)length, 80) < 0)
		die("tables that are too large");
	return parsed;
}

void write_whole(struct writer *w, const struct kvmcap_jpeg_image *image)
{
	unsigned int mcus = w->mode.tile_width / image->mcu_width;
	unsigned int tiles = kvmcap_jpeg_tiles_count(image, mcus);

	if (kvmcap_log_reserve(&w->log, kvmcap_jpeg_tiles_bound(image->scan_length,
								tiles)) ||
	    kvmcap_jpeg_tiles(&w->transcoder, image, mcus, &w->sink))
		die("a whole picture is refused");
}

void write_stream(struct writer *w, const struct blob *stream)
{
	if (kvmcap_ajpg_parse(&w->ajpg, &w->transcoder, stream->data,
			      stream->length) ||
	    kvmcap_log_reserve(&w->log, kvmcap_ajpg_bound(&w->ajpg, &w->shown)) ||
	    kvmcap_ajpg_splice(&w->ajpg, &w->transcoder, &w->shown, &w->sink))
		die("a stream is refused");
}

void writer_end(struct writer *w)
{
	u64 now = w->log.header->timestamp_ns + FRAME_NS;

	if (!kvmcap_log_changed(&w->log))
		kvmcap_log_abort(&w->log);
	else if (kvmcap_log_commit(&w->log, now))
		die("a frame is refused");
}
