// SPDX-License-Identifier: Apache-2.0
/*
 * The tile log with readers that run at the same time as the writer, and follow
 * nothing but the protocol in <linux/kvmcap.h>: log_stress_test [SEED]
 *
 * Every payload says which tile of which frame it is and can be checked by
 * itself, so a torn or a wrong one cannot pass. Not for ThreadSanitizer: as in
 * any sequence lock, readers copy what may be changing and then find out.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "random.h"
#include "tap.h"

/* The writer goes on until both readers have seen this much. */
#define LOOKS_WANTED	5000
#define FRAMES_MAX	400000
#define FRAMES_WHOLE	1000	/* one in so many is a new picture */
#define FRAMES_YIELD	4	/* and one in so many lets others run */
#define COLUMNS		10
#define ROWS		6
#define TILES		(COLUMNS * ROWS)
#define PAYLOAD_MAX	400
#define MAP_SIZE	(96 * 1024)	/* some three times what is live */

struct shared {
	uint8_t *memory;
	struct kvmcap_log log;
	uint64_t seed;
	bool done;	/* atomic: the writer has ended */
};

/**
 * struct reader - one of the threads
 * @shared: what it reads
 * @looks: payloads or records that it took; atomic
 * @torn: that it threw away, having been overtaken
 * @wrong: that were not what they ought to be
 */
struct reader {
	pthread_t thread;
	struct shared *shared;
	unsigned long looks;
	unsigned long torn;
	unsigned long wrong;
};

/* Bytes that only this tile of this frame has. */
static uint32_t make_payload(uint8_t *payload, uint64_t sequence, uint32_t number)
{
	uint64_t state = sequence << 16 ^ number;
	uint32_t length = 16 + random_below(&state, PAYLOAD_MAX - 16);
	uint32_t i;

	for (i = 0; i < length; i++)
		payload[i] = (uint8_t)(state >> (8 * (i % 8))) ^ (uint8_t)i;
	return length;
}

static bool payload_is(const uint8_t *payload, uint32_t length, uint64_t sequence,
		       uint32_t number)
{
	uint8_t wanted[PAYLOAD_MAX];

	return make_payload(wanted, sequence, number) == length && !memcmp(wanted, payload, length);
}

/* --- the writer --------------------------------------------------------------- */

static bool write_frame(struct shared *shared, bool whole)
{
	static const struct kvmcap_mode mode = {
		.width = COLUMNS * 128, .height = ROWS * 16,
		.tile_width = 128, .tile_height = 16,
		.columns = COLUMNS, .rows = ROWS,
		.codec = KVMCAP_CODEC_RAW,
	};
	struct kvmcap_log *log = &shared->log;
	uint32_t length, number;
	uint8_t *payload;
	size_t room;

	kvmcap_log_begin(log, false);
	if (whole)
		kvmcap_log_mode(log, &mode);
	if (kvmcap_log_reserve(log, (size_t)TILES * PAYLOAD_MAX))
		return false;
	for (number = 0; number < TILES; number++) {
		/* Some tiles change often, some hardly ever: these are relocated. */
		if (!whole && random_below(&shared->seed, 1 + number * number))
			continue;
		payload = kvmcap_log_tile_begin(log, &room);
		if (!payload)
			return false;
		length = make_payload(payload, log->frame.sequence, number);
		if (kvmcap_log_tile_end(log, number % COLUMNS, number / COLUMNS,
					KVMCAP_CODEC_RAW, length))
			return false;
	}
	/* One that is dropped must not be seen. */
	if (!whole && !random_below(&shared->seed, 8)) {
		kvmcap_log_abort(log);
		return true;
	}
	return !kvmcap_log_commit(log, log->frame.sequence);
}

/* --- readers, by the book -------------------------------------------------------- */

static struct kvmcap_header snapshot(const struct shared *shared, struct kvmcap_tile *index)
{
	const struct kvmcap_header *header = (const void *)shared->memory;
	struct kvmcap_header copy;
	unsigned int tries = 0;
	uint32_t update;

	for (;;) {
		update = __atomic_load_n(&header->update, __ATOMIC_ACQUIRE);
		if (!(update & 1)) {
			memcpy(&copy, header, sizeof(copy));
			if (index)
				memcpy(index, shared->memory + copy.index_offset,
				       TILES * sizeof(*index));
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			if (__atomic_load_n(&header->update, __ATOMIC_RELAXED) == update)
				return copy;
		}
		if (++tries % KVMCAP_UPDATE_RETRIES == 0)
			sched_yield();
	}
}

static void look_at_tile(struct reader *reader, const struct kvmcap_header *header,
			 const struct kvmcap_tile *tile, uint32_t number)
{
	uint8_t payload[PAYLOAD_MAX];

	__atomic_add_fetch(&reader->looks, 1, __ATOMIC_RELAXED);
	if (tile->length > sizeof(payload) || tile->sequence > header->committed ||
	    tile->position < header->tail || tile->position >= header->head) {
		reader->wrong++;
		return;
	}
	memcpy(payload, reader->shared->memory + header->log_offset + tile->offset, tile->length);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (tile->position < snapshot(reader->shared, NULL).tail)
		reader->torn++;
	else if (!payload_is(payload, tile->length, tile->sequence, number))
		reader->wrong++;
}

/* Takes the state through the index, again and again. */
static void *read_index(void *data)
{
	struct reader *reader = data;
	struct kvmcap_tile index[TILES];
	struct kvmcap_header header;
	uint32_t number;
	bool last;

	do {
		last = __atomic_load_n(&reader->shared->done, __ATOMIC_ACQUIRE);
		header = snapshot(reader->shared, index);
		if (!header.committed)
			continue;
		/* The index is of one frame: the timestamp is its number here. */
		if (header.timestamp_ns != header.committed)
			reader->wrong++;
		for (number = 0; number < TILES; number++)
			look_at_tile(reader, &header, &index[number], number);
		sched_yield();
	} while (!last);
	return NULL;
}

/* Copies the record at @at; 0 if it was overtaken, else its size. */
static uint32_t copy_record(struct reader *reader, const struct kvmcap_header *header,
			    uint64_t at, uint8_t *copy, uint32_t room)
{
	const uint8_t *from = reader->shared->memory + header->log_offset + at % header->log_size;
	struct kvmcap_record record;
	uint32_t size;

	memcpy(&record, from, sizeof(record));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (at < snapshot(reader->shared, NULL).tail)
		return 0;
	size = record.size < room ? record.size : room;
	memcpy(copy, from, size);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return at < snapshot(reader->shared, NULL).tail ? 0 : record.size;
}

static void look_at_record(struct reader *reader, const uint8_t *copy, uint64_t *committed)
{
	struct kvmcap_record_tile tile;

	memcpy(&tile, copy, sizeof(tile));
	__atomic_add_fetch(&reader->looks, 1, __ATOMIC_RELAXED);
	if (tile.record.type == KVMCAP_RECORD_FRAME &&
	    tile.record.sequence != ++*committed)
		reader->wrong++;
	if (tile.record.type == KVMCAP_RECORD_TILE &&
	    (tile.length > PAYLOAD_MAX ||
	     !payload_is(copy + sizeof(tile), tile.length, tile.record.sequence,
			 (uint32_t)tile.row * COLUMNS + tile.column)))
		reader->wrong++;
}

/* Walks from record to record; starts anew when overtaken. */
static void *read_records(void *data)
{
	uint8_t copy[sizeof(struct kvmcap_record_tile) + PAYLOAD_MAX];
	struct reader *reader = data;
	struct kvmcap_header header = snapshot(reader->shared, NULL);
	uint64_t committed = header.committed;
	uint64_t at = header.head;
	uint32_t size;
	bool last;

	do {
		last = __atomic_load_n(&reader->shared->done, __ATOMIC_ACQUIRE);
		header = snapshot(reader->shared, NULL);
		while (at < header.head) {
			size = copy_record(reader, &header, at, copy, sizeof(copy));
			if (!size) {
				reader->torn++;
				header = snapshot(reader->shared, NULL);
				at = header.head;
				committed = header.committed;
				continue;
			}
			look_at_record(reader, copy, &committed);
			at += size;
		}
	} while (!last);
	/* What it came to is what there is. */
	if (at != header.head || committed != header.committed)
		reader->wrong++;
	return NULL;
}

static bool has_looked(struct reader *reader)
{
	return __atomic_load_n(&reader->looks, __ATOMIC_RELAXED) >= LOOKS_WANTED;
}

int main(int argc, char **argv)
{
	struct shared shared = {
		.seed = argc > 1 ? strtoull(argv[1], NULL, 0) : (uint64_t)time(NULL),
		.memory = calloc(1, MAP_SIZE),
	};
	struct reader index_reader = { .shared = &shared };
	struct reader record_reader = { .shared = &shared };
	unsigned long frames;
	bool written;

	tap_diag("seed %llu", (unsigned long long)shared.seed);
	if (!shared.memory || kvmcap_log_init(&shared.log, shared.memory, MAP_SIZE, TILES,
					      PAYLOAD_MAX) ||
	    pthread_create(&index_reader.thread, NULL, read_index, &index_reader) ||
	    pthread_create(&record_reader.thread, NULL, read_records, &record_reader))
		abort();

	written = write_frame(&shared, true);
	for (frames = 1; frames < FRAMES_MAX && written; frames++) {
		if (has_looked(&index_reader) && has_looked(&record_reader))
			break;
		if (frames % FRAMES_YIELD == 0)
			sched_yield();
		written = write_frame(&shared, frames % FRAMES_WHOLE == 0);
	}
	__atomic_store_n(&shared.done, true, __ATOMIC_RELEASE);
	pthread_join(index_reader.thread, NULL);
	pthread_join(record_reader.thread, NULL);

	tap_diag("%lu frames, %llu records relocated", frames,
		 (unsigned long long)shared.log.relocated);
	tap_diag("payloads: %lu, overtaken at %lu; records: %lu, overtaken at %lu",
		 index_reader.looks, index_reader.torn, record_reader.looks, record_reader.torn);
	tap_ok(written && shared.log.relocated, "frames are written, records relocated");
	tap_ok(index_reader.looks && !index_reader.wrong,
	       "every payload through the index is whole and right");
	tap_ok(record_reader.looks && !record_reader.wrong,
	       "every record in sequence is whole and right");
	free(shared.memory);
	return tap_end();
}
