// SPDX-License-Identifier: Apache-2.0
/*
 * What relocation adds to what is written in a day, in the log as it is.
 *
 * Each kind of use has its hours, a screen, and frames that go round and round:
 * their tiles, and the lengths of these, are those of real captures. Only the
 * payloads are not: they are as many bytes of no meaning, new ones each time.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "differ.h"

#define STINTS	12	/* each use comes so many times a day */

/* Hours of a day, the rest of which nobody looks; changes in a second. */
static const struct {
	const char *name;
	double hours;
	unsigned int rate;
} uses[] = {
	{ "terminal", 4, 5 },
	{ "console", 0.5, 10 },
	{ "setup", 0.25, 2 },
	{ "desktop", 3, 10 },
	{ "picture", 0.25, 20 },
};

/* A tile of a frame. */
struct piece {
	u16 column;
	u16 row;
	u32 length;
};

/**
 * struct pieces - a frame as the log sees it
 * @bound: what is reserved for it
 */
struct pieces {
	struct piece *piece;
	size_t count;
	size_t bound;
};

/* What is written and what is moved. */
struct amount {
	u64 frames;
	u64 written;
	u64 moved;
};

/* The frame that has just been committed. */
static struct pieces take_pieces(const struct writer *w, size_t bound)
{
	const struct kvmcap_log *log = &w->log;
	unsigned int tiles = w->mode.columns * w->mode.rows;
	struct pieces pieces = { .bound = bound };
	unsigned int i;

	pieces.piece = must(malloc(tiles * sizeof(*pieces.piece)));
	for (i = 0; i < tiles; i++) {
		if (log->index[i].sequence != log->header->committed)
			continue;
		pieces.piece[pieces.count++] = (struct piece){
			.column = i % w->mode.columns,
			.row = i / w->mode.columns,
			.length = log->index[i].length,
		};
	}
	return pieces;
}

static struct pieces *scene_pieces(struct writer *w, const struct scene *scene)
{
	struct pieces *pieces = must(malloc(scene->count * sizeof(*pieces)));
	u64 committed;
	size_t i, bound;

	for (i = 0; i < scene->count; i++) {
		writer_begin(w, &scene->frames[i].image);
		write_stream(w, &scene->frames[i].stream);
		bound = w->ajpg.bound + w->log.frame.bytes;
		committed = w->log.header->committed;
		writer_end(w);
		pieces[i] = (struct pieces){ .bound = bound };
		if (w->log.header->committed != committed)
			pieces[i] = take_pieces(w, bound);
	}
	return pieces;
}

static void write_frame(struct kvmcap_log *log, const struct kvmcap_mode *mode,
			const struct pieces *frame, u64 number)
{
	static const u8 tables[] = { 1 };
	size_t i, room;

	kvmcap_log_begin(log, false);
	if (memcmp(mode, &log->header->mode, sizeof(*mode)) != 0 &&
	    kvmcap_log_mode(log, mode))
		die("a mode that is none");
	if (kvmcap_log_tables(log, tables, sizeof(tables), 80) < 0 ||
	    kvmcap_log_reserve(log, frame->bound))
		die("a frame that has no room");
	for (i = 0; i < frame->count; i++) {
		const struct piece *piece = frame->piece + i;
		u8 *payload = must(kvmcap_log_tile_begin(log, &room));

		if (room < piece->length)
			die("too little room for a tile");
		memcpy(payload, &number, piece->length < sizeof(number) ?
						 piece->length : sizeof(number));
		if (kvmcap_log_tile_end(log, piece->column, piece->row,
					KVMCAP_CODEC_JPEG, piece->length))
			die("a tile that is refused");
	}
	if (kvmcap_log_commit(log, number))
		die("a frame that is refused");
}

/* A stint of one use: a full picture, then changes. */
static void write_stint(struct kvmcap_log *log, const struct kvmcap_mode *mode,
			const struct pieces *frames, size_t count, u64 changes,
			struct amount *amount)
{
	const struct kvmcap_header *header = log->header;
	u64 head = header->head, moved = log->relocated_bytes, i;

	write_frame(log, mode, frames, header->committed);
	if (count < 2)
		die("a scene without changes");
	for (i = 0; i < changes; i++)
		if (frames[1 + i % (count - 1)].count)
			write_frame(log, mode, frames + 1 + i % (count - 1),
				    header->committed);
	moved = log->relocated_bytes - moved;
	amount->frames += changes + 1;
	amount->moved += moved;
	amount->written += header->head - head - moved;
}

static void print_amount(const char *name, double hours,
			 const struct amount *amount)
{
	printf("%-10s %6.2f %8llu %10.1f %10.1f %8.1f%%\n", name, hours,
	       (unsigned long long)amount->frames, amount->written / 1e6,
	       amount->moved / 1e6, 100. * (double)amount->moved / (double)amount->written);
}

static size_t use_of(const char *name)
{
	size_t use;

	for (use = 0; use < ARRAY_SIZE(uses); use++)
		if (!strncmp(uses[use].name, name, strlen(uses[use].name)))
			return use;
	die("a file named after no kind of use");
}

static void add(struct amount *to, const struct amount *what)
{
	to->frames += what->frames;
	to->written += what->written;
	to->moved += what->moved;
}

void print_day(struct scene *scenes, size_t count)
{
	static struct writer measure, day;
	struct amount amounts[ARRAY_SIZE(uses)] = { 0 };
	struct amount all = { 0 }, still = { 0 };
	struct pieces *pieces[ARRAY_SIZE(uses)];
	double hours = 0;
	size_t i, stint;

	writer_init(&measure);
	writer_init(&day);
	for (i = 0; i < count; i++)
		pieces[i] = scene_pieces(&measure, scenes + i);
	for (stint = 0; stint < STINTS; stint++) {
		for (i = 0; i < count; i++) {
			size_t use = use_of(scenes[i].name);

			write_stint(&day.log, &measure.mode, pieces[i],
				    scenes[i].count,
				    (u64)(3600 * uses[use].hours *
					  uses[use].rate / STINTS),
				    &amounts[i]);
		}
	}
	printf("%-10s %6s %8s %10s %10s %9s\n", "use", "hours", "frames",
	       "written/MB", "moved/MB", "adds");
	for (i = 0; i < count; i++) {
		size_t use = use_of(scenes[i].name);

		print_amount(uses[use].name, uses[use].hours, &amounts[i]);
		hours += uses[use].hours;
		add(&all, &amounts[i]);
		if (strcmp(uses[use].name, "picture") != 0)
			add(&still, &amounts[i]);
	}
	print_amount("no motion", hours - uses[ARRAY_SIZE(uses) - 1].hours, &still);
	print_amount("all", hours, &all);
}
