// SPDX-License-Identifier: Apache-2.0
/*
 * A screen that changes at random, and a recording of it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "recorded.h"

#include <string.h>

#include "random.h"
#include "source_memory.h"

#define COLUMNS_MAX	5
#define ROWS_MAX	8
#define MODE_ODDS	12	/* one frame in so many begins a new picture */
#define TABLES_ODDS	9
#define SIGNAL_ODDS	7
#define BLANK_ODDS	3	/* of those that begin one */

_Static_assert(COLUMNS_MAX * ROWS_MAX <= RECORDED_TILES_MAX, "pictures fit");

bool recorded_begin(struct recorded *recorded, int fd, size_t log_bytes, size_t payload_max,
		    uint64_t seed)
{
	struct kvmcap_recording_header header = {
		.run = 1,
		.monotonic_ns = 1,
		.engine = "fake",
	};

	memset(recorded, 0, sizeof(*recorded));
	recorded->random = seed;
	recorded->payload_max = payload_max;
	mapping_init(&recorded->mapping, log_bytes);
	header.log_size = recorded->mapping.log.header->log_size;
	header.index_capacity = recorded->mapping.log.header->index_capacity;
	return !kvmcap_open_memory(&recorded->source, recorded->mapping.memory,
				   recorded->mapping.size, -1) &&
	       !kvmcap_recording_create(&recorded->writer, fd, true, &header);
}

void recorded_end(struct recorded *recorded)
{
	kvmcap_follow_free(&recorded->follower);
	kvmcap_recording_release(&recorded->writer);
	kvmcap_close(recorded->source);
	mapping_free(&recorded->mapping);
}

static struct kvmcap_mode random_mode(uint64_t *random)
{
	bool jpeg = random_below(random, 2);
	struct kvmcap_mode mode = {
		.width = (uint16_t)(128 * (1 + random_below(random, COLUMNS_MAX)) - 16),
		.height = (uint16_t)(16 * (1 + random_below(random, ROWS_MAX)) - 3),
		.tile_width = 128,
		.tile_height = 16,
		.codec = jpeg ? KVMCAP_CODEC_JPEG : KVMCAP_CODEC_RAW,
		.subsampling = jpeg ? KVMCAP_SUBSAMPLING_420 : KVMCAP_SUBSAMPLING_444,
	};

	mode.columns = (uint16_t)((mode.width + 127) / 128);
	mode.rows = (uint16_t)((mode.height + 15) / 16);
	return mode;
}

/* Tables with a number in them; they are the only ones of that number. */
static int put_tables(struct kvmcap_log *log, unsigned int quality)
{
	const u8 tables[] = { 0xff, 0xdb, 0, 3, (u8)quality };

	return kvmcap_log_tables(log, tables, sizeof(tables), quality);
}

static bool put_tile(struct recorded *r, unsigned int number)
{
	const struct kvmcap_mode *mode = &r->mapping.log.frame.mode;
	size_t length = 1 + random_below(&r->random, r->payload_max), room, i;
	u8 *out = kvmcap_log_tile_begin(&r->mapping.log, &room);

	if (!out || room < length)
		return false;
	/* No 0xff, which a JPEG tile would have to stuff. */
	for (i = 0; i < length; i++)
		out[i] = (u8)random_below(&r->random, 0xff);
	return !kvmcap_log_tile_end(&r->mapping.log, number % mode->columns,
				    number / mode->columns, mode->codec, length);
}

static int put_control(struct recorded *r, bool *whole)
{
	struct kvmcap_log *log = &r->mapping.log;
	struct kvmcap_mode mode = random_mode(&r->random);
	bool first = !log->header->committed;
	int err = 0;

	*whole = false;
	if (first || !random_below(&r->random, SIGNAL_ODDS))
		kvmcap_log_signal(log, 1 + (u32)random_below(&r->random, 4));
	if (first || !random_below(&r->random, MODE_ODDS)) {
		err = kvmcap_log_mode(log, &mode);
		*whole = true;
	}
	if (!err && log->frame.mode.codec == KVMCAP_CODEC_JPEG &&
	    (!log->frame.tables || !random_below(&r->random, TABLES_ODDS)))
		err = put_tables(log, 1 + (unsigned int)random_below(&r->random, 100));
	*whole = *whole || log->frame.has_tables;
	return err < 0 ? err : 0;
}

bool recorded_change(struct recorded *r)
{
	struct kvmcap_log *log = &r->mapping.log;
	unsigned int tiles, number;
	bool whole, blank, good;

	kvmcap_log_begin(log, false);
	if (put_control(r, &whole))
		return false;
	tiles = (unsigned int)log->frame.mode.columns * log->frame.mode.rows;
	blank = whole && log->header->committed && !random_below(&r->random, BLANK_ODDS);
	if (blank)
		kvmcap_log_blank(log);
	if (kvmcap_log_reserve(log, blank ? 0 : tiles * r->payload_max))
		return false;
	for (number = 0, good = true; good && !blank && number < tiles; number++) {
		if (whole || !random_below(&r->random, 4))
			good = put_tile(r, number);
	}
	/* What changes nothing is no frame. */
	if (good && !kvmcap_log_changed(log))
		good = put_tile(r, tiles - 1);
	return good && !kvmcap_log_commit(log, log->header->timestamp_ns + RECORDED_FRAME_NS);
}

static bool append(struct recorded *r, unsigned int type, unsigned int flags)
{
	const struct kvmcap_record_frame *frame = r->follower.records.frame;
	struct kvmcap_recording_chunk chunk = {
		.type = (uint16_t)type,
		.flags = (uint16_t)flags,
		.length = (uint32_t)r->follower.length,
		.sequence = frame->record.sequence,
		.timestamp_ns = frame->timestamp_ns,
	};

	return !kvmcap_recording_append(&r->writer, &chunk, r->follower.data);
}

bool recorded_append(struct recorded *r, bool snapshot)
{
	struct kvmcap_snapshot now;
	int ret;

	if (kvmcap_snapshot(r->source, &now))
		return false;
	while ((ret = kvmcap_follow_next(&r->follower, r->source, &now)) > 0) {
		if (!append(r, KVMCAP_CHUNK_FRAME, 0))
			return false;
	}
	if (ret)
		return false;
	return !snapshot || (!kvmcap_follow_screen(&r->follower, r->source, &now) &&
			     append(r, KVMCAP_CHUNK_SNAPSHOT, 0));
}

static uint32_t sum(const uint8_t *data, size_t length)
{
	uint32_t sum = 2166136261U;

	while (length--)
		sum = (sum ^ *data++) * 16777619U;
	return sum;
}

bool recorded_look(struct kvmcap_source *source, struct recorded_picture *picture)
{
	struct kvmcap_snapshot snapshot;
	size_t i;

	memset(picture, 0, sizeof(*picture));
	if (kvmcap_snapshot(source, &snapshot) || snapshot.tile_count > RECORDED_TILES_MAX)
		return false;
	picture->signal = snapshot.header.signal;
	picture->mode = snapshot.header.mode;
	picture->quality = snapshot.header.tables ? snapshot.header.quality : 0;
	for (i = 0; i < snapshot.tile_count; i++) {
		if (!snapshot.tiles[i].codec)
			continue;
		picture->length[i] = snapshot.tiles[i].length;
		picture->sum[i] = sum(kvmcap_payload(source, &snapshot.tiles[i]),
				      snapshot.tiles[i].length);
	}
	return true;
}
