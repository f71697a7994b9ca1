// SPDX-License-Identifier: Apache-2.0
/*
 * Reading a log record by record, and writing a screen as records.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "follow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

#define ROOM_FIRST	(64U << 10)

void kvmcap_follow_free(struct kvmcap_follower *follower)
{
	free(follower->data);
	*follower = (struct kvmcap_follower){ 0 };
}

void kvmcap_follow_from(struct kvmcap_follower *follower, const struct kvmcap_snapshot *snapshot)
{
	follower->position = snapshot->header.head;
	follower->offset = snapshot->header.head_offset;
}

/* Where @size more bytes of the frame go, filled with zeroes; NULL: no memory. */
static void *append(struct kvmcap_follower *follower, size_t size)
{
	size_t room = follower->room ? follower->room : ROOM_FIRST;
	uint8_t *data;

	while (room - follower->length < size)
		room *= 2;
	if (room != follower->room) {
		data = realloc(follower->data, room);
		if (!data)
			return NULL;
		follower->data = data;
		follower->room = room;
	}
	data = follower->data + follower->length;
	memset(data, 0, size);
	follower->length += size;
	return data;
}

/* The record's beginning, loaded once; false if it cannot be one. */
static bool load_record(const struct kvmcap_follower *follower, const struct kvmcap_source *source,
			uint64_t head, struct kvmcap_record *record)
{
	size_t left = source->layout.log_size - follower->offset;

	if (left < sizeof(*record) || head - follower->position < sizeof(*record))
		return false;
	memcpy(record, source->layout.log + follower->offset, sizeof(*record));
	return record->size >= sizeof(*record) && record->size % KVMCAP_RECORD_ALIGN == 0 &&
	       record->size <= left && record->size <= head - follower->position;
}

/* One record. 1: it ends a frame; 0: it does not. */
static int take(struct kvmcap_follower *follower, const struct kvmcap_source *source,
		uint64_t head)
{
	struct kvmcap_record record;
	void *copy;

	if (!load_record(follower, source, head, &record))
		return -EOVERFLOW;
	if (record.type != KVMCAP_RECORD_PAD && !(record.flags & KVMCAP_RECORD_RELOCATED)) {
		copy = append(follower, record.size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, source->layout.log + follower->offset, record.size);
		/* What was loaded is what was checked. */
		memcpy(copy, &record, sizeof(record));
	}
	follower->position += record.size;
	follower->offset = (uint32_t)((follower->offset + record.size) % source->layout.log_size);
	return record.type == KVMCAP_RECORD_FRAME && !(record.flags & KVMCAP_RECORD_RELOCATED);
}

int kvmcap_follow_next(struct kvmcap_follower *follower, const struct kvmcap_source *source,
		       const struct kvmcap_snapshot *snapshot)
{
	uint64_t start = follower->position;
	int ret = 0;

	if (start < snapshot->header.tail)
		return -EOVERFLOW;
	follower->length = 0;
	while (!ret && follower->position < snapshot->header.head)
		ret = take(follower, source, snapshot->header.head);
	if (ret == -ENOMEM)
		return ret;
	if (!kvmcap_intact(source, start))
		return -EOVERFLOW;
	/* Up to a head there are whole frames, and copies behind the last one. */
	if (!ret && !follower->length)
		return 0;
	if (ret != 1 || kvmcap_records_check(follower->data, follower->length, &follower->records))
		return -EOVERFLOW;
	return 1;
}

static void *append_record(struct kvmcap_follower *follower, size_t header, size_t payload,
			   unsigned int type, uint64_t sequence)
{
	size_t size = kvmcap_record_size(header, payload);
	struct kvmcap_record *record = append(follower, size);

	if (!record)
		return NULL;
	record->size = (uint32_t)size;
	record->type = (uint16_t)type;
	record->sequence = sequence;
	return record;
}

static int append_tables(struct kvmcap_follower *follower, const struct kvmcap_source *source,
			 const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_header *header = &snapshot->header;
	const uint8_t *payload = kvmcap_tables(source, snapshot);
	struct kvmcap_record_tables *tables;

	if (!payload)
		return 0;
	tables = append_record(follower, sizeof(*tables), header->tables_length,
			       KVMCAP_RECORD_TABLES, header->committed);
	if (!tables)
		return -ENOMEM;
	tables->tables = header->tables;
	tables->length = header->tables_length;
	tables->quality = header->quality;
	memcpy(tables + 1, payload, tables->length);
	return 0;
}

static int append_tile(struct kvmcap_follower *follower, const struct kvmcap_source *source,
		       const struct kvmcap_snapshot *snapshot, size_t number)
{
	const struct kvmcap_tile *entry = &snapshot->tiles[number];
	const uint8_t *payload = kvmcap_payload(source, entry);
	struct kvmcap_record_tile *tile;

	if (!payload)
		return -EBADMSG;
	tile = append_record(follower, sizeof(*tile), entry->length, KVMCAP_RECORD_TILE,
			     entry->sequence);
	if (!tile)
		return -ENOMEM;
	tile->column = (uint16_t)(number % snapshot->header.mode.columns);
	tile->row = (uint16_t)(number / snapshot->header.mode.columns);
	tile->tables = entry->tables;
	tile->length = entry->length;
	tile->codec = entry->codec;
	memcpy(tile + 1, payload, entry->length);
	return 0;
}

/* The oldest byte of the log that a picture is made of. */
static uint64_t oldest_position(const struct kvmcap_snapshot *snapshot)
{
	uint64_t oldest = snapshot->header.head;
	size_t i;

	if (snapshot->header.tables)
		oldest = snapshot->header.tables_position;
	for (i = 0; i < snapshot->tile_count; i++) {
		if (snapshot->tiles[i].codec && snapshot->tiles[i].position < oldest)
			oldest = snapshot->tiles[i].position;
	}
	return oldest;
}

static int append_picture(struct kvmcap_follower *follower, const struct kvmcap_source *source,
			  const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_header *header = &snapshot->header;
	struct kvmcap_record_mode *mode;
	size_t i;
	int err;

	if (!snapshot->tile_count)
		return 0;
	mode = append_record(follower, sizeof(*mode), 0, KVMCAP_RECORD_MODE, header->committed);
	if (!mode)
		return -ENOMEM;
	mode->mode = header->mode;
	err = append_tables(follower, source, snapshot);
	for (i = 0; !err && i < snapshot->tile_count; i++) {
		if (snapshot->tiles[i].codec)
			err = append_tile(follower, source, snapshot, i);
	}
	return err;
}

static int append_end(struct kvmcap_follower *follower, const struct kvmcap_snapshot *snapshot)
{
	struct kvmcap_record_frame *frame =
		append_record(follower, sizeof(*frame), 0, KVMCAP_RECORD_FRAME,
			      snapshot->header.committed);
	size_t i;

	if (!frame)
		return -ENOMEM;
	frame->timestamp_ns = snapshot->header.timestamp_ns;
	for (i = 0; i < snapshot->tile_count; i++) {
		if (!snapshot->tiles[i].codec)
			continue;
		frame->tiles++;
		frame->bytes += snapshot->tiles[i].length;
	}
	return 0;
}

int kvmcap_follow_screen(struct kvmcap_follower *follower, const struct kvmcap_source *source,
			 const struct kvmcap_snapshot *snapshot)
{
	struct kvmcap_record_signal *signal;
	int err;

	follower->length = 0;
	signal = append_record(follower, sizeof(*signal), 0, KVMCAP_RECORD_SIGNAL,
			       snapshot->header.committed);
	if (!signal)
		return -ENOMEM;
	signal->signal = snapshot->header.signal;
	err = append_picture(follower, source, snapshot);
	if (!err)
		err = append_end(follower, snapshot);
	if (err)
		return err;
	if (!kvmcap_intact(source, oldest_position(snapshot)))
		return -EAGAIN;
	return kvmcap_records_check(follower->data, follower->length, &follower->records);
}
