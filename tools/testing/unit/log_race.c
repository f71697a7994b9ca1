// SPDX-License-Identifier: Apache-2.0
/*
 * The log's writer and libkvmcap's readers for ThreadSanitizer: log_race [careless]
 *
 * What a sequence lock protects is read while it may be written, on purpose, and
 * looked at afterwards. All such reads are copies, by race_copy(), which stands for
 * memcpy() in the library's snapshot.c and which ThreadSanitizer is told to ignore;
 * that they have the barriers they need is for log_barriers.cc to show. Whatever
 * else writer and readers had in common would be a race: "careless" makes one.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvmcap.h"
#include "log.h"
#include "log_race.h"
#include "source_memory.h"

#define FRAMES		1500
#define READERS		2
#define COLUMNS		8
#define ROWS		6
#define TILES		(COLUMNS * ROWS)
#define PAYLOAD_MAX	400
#define MAP_SIZE	(96 * 1024)	/* it goes round some hundred times */

void *race_copy(void *to, const void *from, size_t length)
{
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	memcpy(to, from, length);
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
	return to;
}

struct world {
	uint8_t *memory;
	struct kvmcap_log log;
	bool careless;
	bool done;		/* atomic */
};

struct reader {
	pthread_t thread;
	struct world *world;
	unsigned long payloads;
	unsigned long wrong;
};

/* All bytes of a payload are the same. */
static uint8_t payload_byte(uint64_t sequence, unsigned int tile)
{
	return (uint8_t)(sequence * 7 + tile);
}

static bool write_frame(struct world *world, unsigned int number)
{
	static const struct kvmcap_mode mode = {
		.width = COLUMNS * 128, .height = ROWS * 16,
		.tile_width = 128, .tile_height = 16,
		.columns = COLUMNS, .rows = ROWS,
		.codec = KVMCAP_CODEC_RAW,
	};
	struct kvmcap_log *log = &world->log;
	unsigned int tile;
	size_t room;
	uint8_t *out;

	kvmcap_log_begin(log, false);
	if (!number && kvmcap_log_mode(log, &mode))
		return false;
	if (kvmcap_log_reserve(log, (size_t)TILES * PAYLOAD_MAX))
		return false;
	for (tile = 0; tile < TILES; tile++) {
		/* Others, each time; the last ones seldom, so that they are relocated. */
		if (number % (tile + 1))
			continue;
		out = kvmcap_log_tile_begin(log, &room);
		if (!out)
			return false;
		memset(out, payload_byte(log->frame.sequence, tile), PAYLOAD_MAX - tile);
		if (kvmcap_log_tile_end(log, tile % COLUMNS, tile / COLUMNS,
					KVMCAP_CODEC_RAW, PAYLOAD_MAX - tile))
			return false;
	}
	return !kvmcap_log_commit(log, number);
}

static void look_at_tile(struct reader *reader, const struct kvmcap_source *source,
			 const struct kvmcap_tile *tile, unsigned int number)
{
	const uint8_t *payload = kvmcap_payload(source, tile);
	uint8_t copy[PAYLOAD_MAX];

	if (!payload || tile->length > sizeof(copy)) {
		reader->wrong++;
		return;
	}
	race_copy(copy, payload, tile->length);
	if (!kvmcap_intact(source, tile->position))
		return;
	reader->payloads++;
	if (copy[0] != payload_byte(tile->sequence, number) ||
	    copy[tile->length - 1] != copy[0])
		reader->wrong++;
}

static void *read_all(void *data)
{
	struct reader *reader = data;
	struct world *world = reader->world;
	const struct kvmcap_header *header = (const void *)world->memory;
	struct kvmcap_snapshot snapshot;
	struct kvmcap_source *source;
	unsigned int i;

	if (kvmcap_open_memory(&source, world->memory, MAP_SIZE, -1))
		abort();
	while (!__atomic_load_n(&world->done, __ATOMIC_ACQUIRE)) {
		if (kvmcap_snapshot(source, &snapshot))
			continue;
		if (world->careless && header->committed < snapshot.header.committed)
			reader->wrong++;
		for (i = 0; i < snapshot.tile_count; i++)
			look_at_tile(reader, source, &snapshot.tiles[i], i);
		sched_yield();
	}
	kvmcap_close(source);
	return NULL;
}

int main(int argc, char **argv)
{
	struct world world = {
		.memory = calloc(1, MAP_SIZE),
		.careless = argc > 1 && !strcmp(argv[1], "careless"),
	};
	struct reader readers[READERS] = { 0 };
	unsigned long payloads = 0, wrong = 0;
	unsigned int i;

	if (!world.memory || kvmcap_log_init(&world.log, world.memory, MAP_SIZE, TILES,
					     PAYLOAD_MAX) || !write_frame(&world, 0))
		abort();
	for (i = 0; i < READERS; i++) {
		readers[i].world = &world;
		if (pthread_create(&readers[i].thread, NULL, read_all, &readers[i]))
			abort();
	}
	for (i = 1; i < FRAMES; i++) {
		if (!write_frame(&world, i))
			abort();
	}
	__atomic_store_n(&world.done, true, __ATOMIC_RELEASE);
	for (i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		payloads += readers[i].payloads;
		wrong += readers[i].wrong;
	}
	printf("%lu payloads read, %lu wrong, %llu records relocated\n", payloads, wrong,
	       (unsigned long long)world.log.relocated);
	free(world.memory);
	return wrong || !payloads;
}
