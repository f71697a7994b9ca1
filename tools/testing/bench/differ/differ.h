/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames as an engine delivers them in both of its modes, and a log for them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef BENCH_DIFFER_H
#define BENCH_DIFFER_H

#include "ajpg_stream.h"
#include "jpeg_oracle.h"
#include "log.h"

/**
 * struct frame - one capture
 * @image: the whole picture
 * @stream: what has changed since the frame before
 */
struct frame {
	struct blob image;
	struct blob stream;
};

/**
 * struct scene - captures of a screen on which something happens
 * @name: what
 * @frames: them; the stream of the first one is of the whole picture
 * @count: how many
 */
struct scene {
	const char *name;
	struct frame *frames;
	size_t count;
};

/**
 * struct writer - a log and what writes it; as large as the ASPEED driver's
 * @sink: the log's
 * @shown: likewise
 */
struct writer {
	struct kvmcap_tile_sink sink;
	struct kvmcap_ajpg_shown shown;
	struct kvmcap_log log;
	struct kvmcap_jpeg_transcoder transcoder;
	struct kvmcap_ajpg ajpg;
	struct kvmcap_mode mode;
	void *memory;
	void *ajpg_memory;
};

_Noreturn void die(const char *what);
void *must(void *memory);

/* Reads PPM images from standard input; writes frames to standard output. */
void encode_frames(enum kvmcap_jpeg_subsampling subsampling);

/* Reads what encode_frames() wrote. */
struct scene scene_load(const char *file);

void writer_init(struct writer *w);

/* Begins a frame, with the tables and the mode of @image. */
struct kvmcap_jpeg_image writer_begin(struct writer *w, const struct blob *image);

/* What is counted: from the engine's bytes to the frame's tiles in the log. */
void write_whole(struct writer *w, const struct kvmcap_jpeg_image *image);
void write_stream(struct writer *w, const struct blob *stream);

/* Commits it, if there is anything new. */
void writer_end(struct writer *w);

/* A day of this and that; see there. */
void print_day(struct scene *scenes, size_t count);

#endif
