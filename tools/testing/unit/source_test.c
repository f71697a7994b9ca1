// SPDX-License-Identifier: Apache-2.0
/*
 * Opening a mapping and taking snapshots of it: what must be refused, and what
 * must hold while a driver writes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <kvmcap.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mapping.h"
#include "random.h"
#include "source_memory.h"
#include "tap.h"

#define FRAME_BYTES	(64U << 10)
#define COLUMNS		5
#define ROWS		6
#define TILES		(COLUMNS * ROWS)
#define PAYLOAD_MAX	2000
#define SNAPSHOTS	20000	/* taken while another thread writes */
#define SEED		1

static const struct kvmcap_mode mode = {
	.width = 600,
	.height = 96,
	.tile_width = 128,
	.tile_height = 16,
	.columns = COLUMNS,
	.rows = ROWS,
	.codec = KVMCAP_CODEC_JPEG,
	.subsampling = KVMCAP_SUBSAMPLING_420,
};

/* A payload says of which frame and tile it is, all through. */
static u8 pattern(u64 sequence, unsigned int tile, size_t i)
{
	return (u8)(sequence * 31 + tile * 7 + i * 3);
}

static size_t payload_length(u64 sequence, unsigned int tile)
{
	uint64_t state = sequence * TILES + tile;

	return 1 + random_below(&state, PAYLOAD_MAX);
}

/* Commits a frame of the tiles in @mask. */
static bool commit(struct mapping *m, u64 mask, bool new_mode, u8 codec)
{
	u64 sequence = m->log.header->committed + 1;
	unsigned int tile;
	size_t i, length, room;
	u8 *out;

	kvmcap_log_begin(&m->log, false);
	if (new_mode && (kvmcap_log_mode(&m->log, &mode) ||
			 kvmcap_log_tables(&m->log, "tables", 6, 80) < 0))
		return false;
	if (kvmcap_log_reserve(&m->log, TILES * (PAYLOAD_MAX + 1)))
		return false;
	for (tile = 0; tile < TILES; tile++) {
		if (!(mask >> tile & 1))
			continue;
		out = kvmcap_log_tile_begin(&m->log, &room);
		length = payload_length(sequence, tile);
		if (!out || room < length)
			return false;
		for (i = 0; i < length; i++)
			out[i] = pattern(sequence, tile, i);
		if (kvmcap_log_tile_end(&m->log, tile % COLUMNS, tile / COLUMNS, codec, length))
			return false;
	}
	return !kvmcap_log_commit(&m->log, sequence);
}

/* Writes @value over the @size bytes at @offset; what was there comes back. */
static u64 poke(void *memory, size_t offset, size_t size, u64 value)
{
	u64 old = 0;

	memcpy(&old, (u8 *)memory + offset, size);
	memcpy((u8 *)memory + offset, &value, size);
	return old;
}

#define HEADER(field)	offsetof(struct kvmcap_header, field), \
			sizeof(((struct kvmcap_header *)0)->field)
#define MODE(field)	offsetof(struct kvmcap_header, mode.field), \
			sizeof(((struct kvmcap_header *)0)->mode.field)
#define TILE(field)	offsetof(struct kvmcap_tile, field), \
			sizeof(((struct kvmcap_tile *)0)->field)

struct bad {
	const char *what;
	size_t offset;
	size_t size;
	u64 value;
};

/* What kvmcap_open() has to refuse; little endian machines run this. */
static const struct bad bad_layouts[] = {
	{ "magic", HEADER(magic), 0x12345678 },
	{ "version 0", HEADER(version), 0 },
	{ "version 2", HEADER(version), 2 },
	{ "header too short", HEADER(header_size), sizeof(struct kvmcap_header) - 8 },
	{ "header beyond the map", HEADER(header_size), 0xffffffff },
	{ "header over the index", HEADER(header_size), 8192 },
	{ "entries too short", HEADER(tile_size), 24 },
	{ "entries of 0", HEADER(tile_size), 0 },
	{ "entries not aligned", HEADER(tile_size), 36 },
	{ "entries too long for the map", HEADER(tile_size), 0xfffffff8 },
	{ "map larger than it is", HEADER(map_size), UINT64_MAX },
	{ "map shorter than its parts", HEADER(map_size), 4096 },
	{ "index in the header", HEADER(index_offset), 0 },
	{ "index beyond the map", HEADER(index_offset), 1ULL << 40 },
	{ "index that wraps", HEADER(index_offset), UINT64_MAX - 7 },
	{ "index not aligned", HEADER(index_offset), 4097 },
	{ "index over the log", HEADER(index_offset), 8192 },
	{ "log in the header", HEADER(log_offset), 16 },
	{ "log over the index", HEADER(log_offset), 8192 },
	{ "log beyond the map", HEADER(log_offset), 1ULL << 40 },
	{ "log that wraps", HEADER(log_offset), UINT64_MAX - 15 },
	{ "log of 0", HEADER(log_size), 0 },
	{ "log too long", HEADER(log_size), UINT64_MAX & ~15ULL },
	{ "log of half records", HEADER(log_size), 4104 },
	{ "index of 0", HEADER(index_capacity), 0 },
	{ "index too long", HEADER(index_capacity), 0xffffffff },
};

/* What kvmcap_snapshot() has to refuse; the picture has tiles and tables. */
static const struct bad bad_headers[] = {
	{ "signal", HEADER(signal), KVMCAP_SIGNAL_GONE + 1 },
	{ "changed after committed", HEADER(changed), 1000 },
	{ "began after committed", HEADER(began), 1000 },
	{ "head before tail", HEADER(tail), 1ULL << 40 },
	{ "more than the log holds", HEADER(head), 1ULL << 40 },
	{ "head off its offset", HEADER(head_offset), 0 },
	{ "head beyond the log", HEADER(head_offset), 0xfffffff0 },
	{ "tail off its offset", HEADER(tail_offset), 16 },
	{ "tail beyond the log", HEADER(tail_offset), 0xfffffff0 },
	{ "width 0", MODE(width), 0 },
	{ "width for more columns", MODE(width), 641 },
	{ "height 0", MODE(height), 0 },
	{ "height for fewer rows", MODE(height), 80 },
	{ "tiles of width 0", MODE(tile_width), 0 },
	{ "tiles of height 0", MODE(tile_height), 0 },
	{ "tiles not as high as an MCU", MODE(subsampling), KVMCAP_SUBSAMPLING_444 },
	{ "subsampling", MODE(subsampling), 2 },
	{ "codec", MODE(codec), KVMCAP_CODEC_RAW + 1 },
	{ "columns 0", MODE(columns), 0 },
	{ "rows", MODE(rows), 65535 },
	{ "tables of length 0", HEADER(tables_length), 0 },
	{ "tables too long", HEADER(tables_length), 0xffffffff },
	{ "tables beyond the log", HEADER(tables_offset), 0xfffffff0 },
	{ "tables beyond head", HEADER(tables_position), 1ULL << 40 },
	{ "tables of another generation", HEADER(tables), 77 },
};

static const struct bad bad_tiles[] = {
	{ "sequence of the future", TILE(sequence), 1000 },
	{ "sequence 0 with a payload", TILE(sequence), 0 },
	{ "position beyond head", TILE(position), 1ULL << 40 },
	{ "offset beyond the log", TILE(offset), 0xfffffff0 },
	{ "length 0", TILE(length), 0 },
	{ "length beyond the log", TILE(length), 0xffffffff },
	{ "length beyond head", TILE(length), FRAME_BYTES * 2 },
	{ "tables of another generation", TILE(tables), 77 },
	{ "no tables", TILE(tables), 0 },
	{ "codec", TILE(codec), KVMCAP_CODEC_RAW + 1 },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static int try_open(struct mapping *m, size_t size)
{
	struct kvmcap_source *source = NULL;
	int err = kvmcap_open_memory(&source, m->memory, size, -1);

	kvmcap_close(source);
	return err;
}

static void test_layouts(struct mapping *m)
{
	size_t i;
	u64 old;

	tap_ok(!try_open(m, m->size), "the driver's layout is taken");
	tap_ok(try_open(m, m->size - 1) == -EPROTO, "a map shorter than it says is refused");
	tap_ok(try_open(m, sizeof(struct kvmcap_header) - 1) == -EPROTO,
	       "a map shorter than a header is refused");
	for (i = 0; i < COUNT(bad_layouts); i++) {
		const struct bad *bad = &bad_layouts[i];

		old = poke(m->memory, bad->offset, bad->size, bad->value);
		tap_ok(try_open(m, m->size) == -EPROTO, "refused on opening: %s", bad->what);
		poke(m->memory, bad->offset, bad->size, old);
	}
}

/* Each entry is possible, all together are not: they share a payload. */
static void test_overlap(struct mapping *m, struct kvmcap_source *source)
{
	const struct kvmcap_header *header = m->log.header;
	struct kvmcap_tile saved[TILES], *tiles = m->log.index;
	struct kvmcap_snapshot snapshot;
	unsigned int i;

	memcpy(saved, tiles, sizeof(saved));
	for (i = 0; i < TILES; i++) {
		tiles[i] = saved[0];
		tiles[i].length = (u32)(header->head - saved[0].position - 1);
	}
	tap_ok(kvmcap_snapshot(source, &snapshot) == -EPROTO,
	       "refused in the index: payloads that overlap");
	memcpy(tiles, saved, sizeof(saved));
}

static void test_states(struct mapping *m, struct kvmcap_source *source)
{
	size_t index = (size_t)m->log.header->index_offset;
	struct kvmcap_snapshot snapshot;
	size_t i;
	u64 old;

	tap_ok(!kvmcap_snapshot(source, &snapshot) && snapshot.tile_count == TILES,
	       "the driver's state is taken");
	for (i = 0; i < COUNT(bad_headers); i++) {
		const struct bad *bad = &bad_headers[i];

		old = poke(m->memory, bad->offset, bad->size, bad->value);
		tap_ok(kvmcap_snapshot(source, &snapshot) == -EPROTO, "refused in the header: %s",
		       bad->what);
		poke(m->memory, bad->offset, bad->size, old);
	}
	for (i = 0; i < COUNT(bad_tiles); i++) {
		const struct bad *bad = &bad_tiles[i];
		size_t at = index + (TILES - 1) * sizeof(struct kvmcap_tile) + bad->offset;

		old = poke(m->memory, at, bad->size, bad->value);
		tap_ok(kvmcap_snapshot(source, &snapshot) == -EPROTO, "refused in the index: %s",
		       bad->what);
		poke(m->memory, at, bad->size, old);
	}
	test_overlap(m, source);
	old = poke(m->memory, HEADER(update), m->log.header->update + 1);
	tap_ok(kvmcap_snapshot(source, &snapshot) == -EAGAIN && !kvmcap_intact(source, UINT64_MAX),
	       "a driver that never finishes: -EAGAIN");
	poke(m->memory, HEADER(update), old);
	tap_ok(!kvmcap_snapshot(source, &snapshot), "... and good again when it does");
}

/* An index of longer entries, and a longer header, as a later driver may have. */
static void test_stride(struct mapping *m)
{
	size_t stride = sizeof(struct kvmcap_tile) + 8;
	struct kvmcap_snapshot snapshot;
	struct kvmcap_source *source;
	struct mapping later = *m;
	struct kvmcap_header *header;
	u8 *index;
	size_t i;
	bool good;

	later.memory = aligned_alloc(4096, m->size);
	memcpy(later.memory, m->memory, m->size);
	header = later.memory;
	index = (u8 *)later.memory + header->index_offset;
	header->header_size += 8;
	header->tile_size = (u32)stride;
	header->index_capacity = header->index_capacity * 32 / 40;
	for (i = TILES; i--;)
		memmove(index + i * stride, index + i * sizeof(struct kvmcap_tile),
			sizeof(struct kvmcap_tile));
	good = !kvmcap_open_memory(&source, later.memory, later.size, -1);
	tap_ok(good && !kvmcap_snapshot(source, &snapshot) &&
	       !memcmp(snapshot.tiles, m->log.index, TILES * sizeof(struct kvmcap_tile)),
	       "longer entries of a later driver are read");
	kvmcap_close(source);
	free(later.memory);
}

static void test_calls(struct mapping *m, struct kvmcap_source *source)
{
	struct kvmcap_stats stats;
	u64 committed = m->log.header->committed;
	char text[200];
	bool armed = false;

	tap_ok(!kvmcap_ack(source, committed, true) &&
	       kvmcap_memory_acked(source, &armed) == committed && armed, "ack is kept");
	tap_ok(kvmcap_ack(source, committed + 1, false) == -EINVAL, "ack of the future: -EINVAL");
	tap_ok(kvmcap_stats(source, &stats) == -EBADF, "no driver, no statistics");
	kvmcap_close(NULL);
	tap_ok(kvmcap_open(&source, "/nonexistent/kvmcap0", false) == -ENOENT &&
	       kvmcap_open(&source, "/dev/null", false) == -ENOTTY,
	       "no device, and another device");
	kvmcap_explain("/dev/kvmcap0", -ENOENT, text, sizeof(text));
	tap_ok(!strcmp(text, "/dev/kvmcap0: no such device: is kvmcap.ko loaded?"),
	       "a missing device is explained");
}

static void test_first(void)
{
	struct kvmcap_snapshot snapshot;
	struct kvmcap_source *source;
	struct mapping m;

	mapping_init(&m, FRAME_BYTES);
	tap_ok(!kvmcap_open_memory(&source, m.memory, m.size, 7) && kvmcap_fd(source) == 7 &&
	       !kvmcap_snapshot(source, &snapshot) && !snapshot.tile_count &&
	       !kvmcap_tables(source, &snapshot), "before the first picture there is none");
	kvmcap_close(source);
	mapping_free(&m);
}

/* The writer's thread: random frames until told to end. */
struct writer {
	struct mapping mapping;
	int end;
	bool failed;
};

static void *write_frames(void *data)
{
	struct writer *w = data;
	uint64_t state = SEED;

	while (!__atomic_load_n(&w->end, __ATOMIC_RELAXED) && !w->failed) {
		u64 sparse = random_next(&state);
		u64 mask = sparse & random_next(&state) & ((1ULL << TILES) - 1);
		bool new_mode = !random_below(&state, 64);

		if (new_mode)
			mask = (1ULL << TILES) - 1;
		if (mask)
			w->failed = !commit(&w->mapping, mask, new_mode, KVMCAP_CODEC_JPEG);
	}
	return NULL;
}

/* 1 all payloads are right, 0 overtaken while reading, -1 wrong. */
static int check_payloads(struct kvmcap_source *source, const struct kvmcap_snapshot *snapshot)
{
	static u8 copy[PAYLOAD_MAX + 1];
	unsigned int tile;
	size_t i;

	for (tile = 0; tile < TILES; tile++) {
		const struct kvmcap_tile *t = &snapshot->tiles[tile];
		const uint8_t *payload = kvmcap_payload(source, t);

		if (!payload || t->length != payload_length(t->sequence, tile))
			return -1;
		memcpy(copy, payload, t->length);
		if (!kvmcap_intact(source, t->position))
			return 0;
		for (i = 0; i < t->length; i++) {
			if (copy[i] != pattern(t->sequence, tile, i))
				return -1;
		}
	}
	return 1;
}

static void test_writer(void)
{
	unsigned int i, whole = 0, overtaken = 0, busy = 0;
	struct writer w = { .end = 0 };
	struct kvmcap_snapshot snapshot;
	struct kvmcap_source *source;
	uint64_t first = 0, last = 0;
	pthread_t thread;
	int result = 0;

	mapping_init(&w.mapping, FRAME_BYTES);
	if (!commit(&w.mapping, (1ULL << TILES) - 1, true, KVMCAP_CODEC_JPEG) ||
	    kvmcap_open_memory(&source, w.mapping.memory, w.mapping.size, -1) ||
	    pthread_create(&thread, NULL, write_frames, &w))
		abort();
	for (i = 0; i < SNAPSHOTS && result >= 0; i++) {
		result = kvmcap_snapshot(source, &snapshot);
		if (result == -EAGAIN) {	/* the writer lost the processor meanwhile */
			busy++;
			result = 0;
			continue;
		}
		if (!result && snapshot.header.committed < last)
			result = -EPROTO;
		last = snapshot.header.committed;
		first = first ? first : last;
		if (!result)
			result = check_payloads(source, &snapshot);
		whole += result == 1;
		overtaken += result == 0;
	}
	__atomic_store_n(&w.end, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	tap_diag("%u whole, %u overtaken, %u busy, frames %llu to %llu", whole, overtaken, busy,
		 (unsigned long long)first, (unsigned long long)last);
	tap_ok(result >= 0 && !w.failed && whole && last > first,
	       "beside a writer: nothing torn passes for whole");
	kvmcap_close(source);
	mapping_free(&w.mapping);
}

int main(void)
{
	struct kvmcap_source *source;
	struct mapping m;

	mapping_init(&m, FRAME_BYTES);
	if (!commit(&m, (1ULL << TILES) - 1, true, KVMCAP_CODEC_JPEG))
		abort();
	test_first();
	test_layouts(&m);
	if (kvmcap_open_memory(&source, m.memory, m.size, -1))
		abort();
	test_states(&m, source);
	test_calls(&m, source);
	test_stride(&m);
	kvmcap_close(source);
	mapping_free(&m);
	test_writer();
	return tap_end();
}
