// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The writer of the tile log.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * The ring, with positions growing to the right:
 *
 *	        tail                      head          cursor
 *	         |                         |               |
 *	  . . . .|TILE|FRAME|TILE|TILE|FRAME|TILE|TILE|    |. . . . . .
 *	         |<------- used ---------->|<-- pending -->|<-- free -->
 *	  |<-------------------------- size -------------------------->|
 *
 * and the same bytes as they lie in memory, here with the pending frame beyond
 * the ring's end, where no record straddles and a PAD fills what is left:
 *
 *	  |TILE|TILE|  cursor   free   tail  |TILE|FRAME|..|FRAME|head  PAD|
 *
 * What holds whenever none of these functions runs, and for readers always,
 * since it changes only under @update:
 *
 *  1. The bytes from tail to head are whole records, each at the offset that is
 *     its position modulo size, the first one at tail.
 *  2. Every entry of the index, and the tables in the header, name a record
 *     between tail and head; no record is named twice. These are the live ones,
 *     and @live is the sum of their sizes.
 *  3. cursor - tail <= size: nothing that readers may look at is written over.
 *     The tail moves, published, before the bytes behind it are used.
 *  4. free, with the PAD that may be among the used bytes, is at least twice
 *     record_max: whatever the tail points at can be copied forward, even if
 *     that takes a new PAD.
 *  5. What lies beyond head is nobody's business but ours. An abort only
 *     forgets it. No record is relocated while a frame is pending, so neither
 *     can damage the other.
 *
 * Why relocation ends: a live record that moves gives back what it takes; one
 * that is not live gives back all of it. Once the tail has come to where the
 * head was, what is used is @live and at most one PAD, for there is one end of
 * the ring in any stretch that is not longer than the ring. So a frame can be
 * given room for exactly what @live, its other records with a PAD, and what 4.
 * asks for leave of the ring, and that is known before anything moves.
 */
#include "log.h"
#include "log_barriers.h"

/* The index begins here, so that the header has a page to grow in. */
#define INDEX_OFFSET	4096

/* The log begins at a multiple of this, a cache line. */
#define LOG_ALIGN	64

/* Far more than anybody needs, and sums of sizes fit 32 bits. */
#define LOG_MAX		BIT(28)

/* The header of a TILE record, the largest size of a payload's padding. */
#define TILE_HEADER	sizeof(struct kvmcap_record_tile)
#define TILE_OVERHEAD	(TILE_HEADER + KVMCAP_RECORD_ALIGN - 1)

/* All records of a frame but its tiles, at most. */
#define CONTROL_MAX	(sizeof(struct kvmcap_record_signal) +		\
			 sizeof(struct kvmcap_record_mode) +		\
			 sizeof(struct kvmcap_record_tables) +		\
			 KVMCAP_TABLES_MAX +				\
			 sizeof(struct kvmcap_record_frame))

/* See invariant 4; the third one is the PAD of the frame itself. */
#define SPARE_RECORDS	3

static u32 record_size(size_t header, u32 payload)
{
	return (header + payload + KVMCAP_RECORD_ALIGN - 1) &
	       ~(u32)(KVMCAP_RECORD_ALIGN - 1);
}

static u32 tile_record_size(u32 payload)
{
	return record_size(TILE_HEADER, payload);
}

static u32 tables_record_size(u32 payload)
{
	return record_size(sizeof(struct kvmcap_record_tables), payload);
}

static u32 tiles_of(const struct kvmcap_mode *mode)
{
	return (u32)mode->columns * mode->rows;
}

static struct kvmcap_log_cursor log_head(const struct kvmcap_log *log)
{
	return (struct kvmcap_log_cursor) {
		.position = log->header->head,
		.offset = log->header->head_offset,
	};
}

static struct kvmcap_log_cursor log_tail(const struct kvmcap_log *log)
{
	return (struct kvmcap_log_cursor) {
		.position = log->header->tail,
		.offset = log->header->tail_offset,
	};
}

static struct kvmcap_record *record_at(const struct kvmcap_log *log,
				       const struct kvmcap_log_cursor *at)
{
	return (struct kvmcap_record *)(log->ring + at->offset);
}

static void cursor_advance(const struct kvmcap_log *log,
			   struct kvmcap_log_cursor *cursor, u32 bytes)
{
	cursor->position += bytes;
	cursor->offset += bytes;
	if (cursor->offset == log->size)
		cursor->offset = 0;
}

/* Bytes that a PAD takes if @size bytes in one piece are wanted at @cursor. */
static u32 cursor_pad(const struct kvmcap_log *log,
		      const struct kvmcap_log_cursor *cursor, u32 size)
{
	u32 left = log->size - cursor->offset;

	return size > left ? left : 0;
}

static void record_init(struct kvmcap_record *record, u32 size, u16 type,
			u64 sequence)
{
	*record = (struct kvmcap_record) {
		.size = size,
		.type = type,
		.sequence = sequence,
	};
}

/* Moves @cursor to where @size bytes are in one piece. */
static void cursor_settle(struct kvmcap_log *log,
			  struct kvmcap_log_cursor *cursor, u32 size,
			  u64 sequence)
{
	u32 pad = cursor_pad(log, cursor, size);

	if (!pad)
		return;

	record_init(record_at(log, cursor), pad, KVMCAP_RECORD_PAD, sequence);
	cursor_advance(log, cursor, pad);
}

/* A new record at the frame's cursor; its payload, and what fills it up, is 0. */
static void *frame_append(struct kvmcap_log *log, u32 size, u16 type)
{
	struct kvmcap_log_frame *frame = &log->frame;
	struct kvmcap_record *record;

	cursor_settle(log, &frame->cursor, size, frame->sequence);
	record = record_at(log, &frame->cursor);
	memset(record, 0, size);
	record_init(record, size, type, frame->sequence);
	cursor_advance(log, &frame->cursor, size);

	return record;
}

size_t kvmcap_log_map_size(u32 tiles_max, u32 tile_bytes_max,
			   size_t frame_bytes_max)
{
	size_t frame = frame_bytes_max + (size_t)tiles_max * TILE_OVERHEAD;

	return INDEX_OFFSET + (size_t)tiles_max * sizeof(struct kvmcap_tile) +
	       LOG_ALIGN + 2 * (frame + CONTROL_MAX) +
	       SPARE_RECORDS * (size_t)tile_record_size(tile_bytes_max);
}

int kvmcap_log_init(struct kvmcap_log *log, void *memory, size_t map_size,
		    u32 tiles_max, u32 tile_bytes_max)
{
	size_t log_offset = INDEX_OFFSET + (size_t)tiles_max *
			    sizeof(struct kvmcap_tile) + LOG_ALIGN - 1;
	struct kvmcap_header *header = memory;
	size_t least;

	log_offset -= log_offset % LOG_ALIGN;
	memset(log, 0, sizeof(*log));
	log->record_max = tile_record_size(tile_bytes_max);
	if (log->record_max < tables_record_size(KVMCAP_TABLES_MAX))
		log->record_max = tables_record_size(KVMCAP_TABLES_MAX);

	least = (SPARE_RECORDS + 1) * (size_t)log->record_max + 2 * CONTROL_MAX;
	if (map_size > LOG_MAX || map_size < log_offset ||
	    map_size - log_offset < least)
		return -EINVAL;

	log->header = header;
	log->index = (struct kvmcap_tile *)((u8 *)memory + INDEX_OFFSET);
	log->ring = (u8 *)memory + log_offset;
	log->size = (map_size - log_offset) & ~(u32)(KVMCAP_RECORD_ALIGN - 1);

	header->magic = KVMCAP_MAGIC;
	header->version = KVMCAP_ABI_VERSION;
	header->header_size = sizeof(*header);
	header->tile_size = sizeof(struct kvmcap_tile);
	header->map_size = map_size;
	header->index_offset = INDEX_OFFSET;
	header->log_offset = log_offset;
	header->log_size = log->size;
	header->index_capacity = tiles_max;

	return 0;
}

void kvmcap_log_begin(struct kvmcap_log *log, bool anew)
{
	const struct kvmcap_header *header = log->header;
	struct kvmcap_log_frame *frame = &log->frame;

	/* All but the staged tables, which has_tables guards. */
	memset(frame, 0, offsetof(struct kvmcap_log_frame, tables_data));
	frame->open = true;
	frame->anew = anew;
	frame->signal = header->signal;
	frame->mode = header->mode;
	frame->tables = header->tables;
	frame->quality = header->quality;
	frame->sequence = header->committed + 1;
	frame->cursor = log_head(log);
}

void kvmcap_log_signal(struct kvmcap_log *log, u32 signal)
{
	log->frame.signal = signal;
	log->frame.has_signal = true;
}

bool kvmcap_log_mode_is_sound(const struct kvmcap_log *log,
			      const struct kvmcap_mode *mode)
{
	return mode->width && mode->height && mode->tile_width &&
	       mode->tile_height &&
	       mode->columns == DIV_ROUND_UP(mode->width, mode->tile_width) &&
	       mode->rows == DIV_ROUND_UP(mode->height, mode->tile_height) &&
	       tiles_of(mode) <= log->header->index_capacity;
}

int kvmcap_log_mode(struct kvmcap_log *log, const struct kvmcap_mode *mode)
{
	if (!kvmcap_log_mode_is_sound(log, mode))
		return -EINVAL;

	log->frame.mode = *mode;
	log->frame.has_mode = true;
	/* Tables that no tile of the picture uses are not in use. */
	if (mode->codec != KVMCAP_CODEC_JPEG)
		log->frame.tables = 0;

	return 0;
}

void kvmcap_log_blank(struct kvmcap_log *log)
{
	log->frame.has_mode = true;
	log->frame.blank = true;
}

int kvmcap_log_tables(struct kvmcap_log *log, const void *data, size_t length,
		      u32 quality)
{
	const struct kvmcap_header *header = log->header;
	struct kvmcap_log_frame *frame = &log->frame;

	if (!frame->open || frame->reserved || !length ||
	    length > sizeof(frame->tables_data))
		return -EINVAL;

	if (header->tables && header->tables_length == length &&
	    header->quality == quality &&
	    !memcmp(log->ring + header->tables_offset, data, length)) {
		frame->tables = header->tables;
		frame->has_tables = false;
		return 0;
	}

	/* 0 means none, so it is left out when the count wraps. */
	if (!++log->generation)
		log->generation = 1;
	memcpy(frame->tables_data, data, length);
	frame->tables_length = length;
	frame->tables = log->generation;
	frame->quality = quality;
	frame->has_tables = true;

	return 1;
}

/* Does the index, or do the tables, point at @record, which is at @at? */
static bool record_is_live(const struct kvmcap_log *log,
			   const struct kvmcap_record *record,
			   const struct kvmcap_log_cursor *at)
{
	const struct kvmcap_header *header = log->header;
	const struct kvmcap_record_tile *tile;
	const struct kvmcap_tile *entry;

	if (record->type == KVMCAP_RECORD_TABLES)
		return header->tables && header->tables_position == at->position;
	if (record->type != KVMCAP_RECORD_TILE)
		return false;

	tile = (const struct kvmcap_record_tile *)record;
	/* It may be of a picture that was larger. */
	if (tile->column >= header->mode.columns ||
	    tile->row >= header->mode.rows)
		return false;

	entry = &log->index[(u32)tile->row * header->mode.columns + tile->column];
	return entry->sequence && entry->position == at->position;
}

static u32 tile_live(const struct kvmcap_tile *entry)
{
	return entry->sequence ? tile_record_size(entry->length) : 0;
}

static u32 tables_live(const struct kvmcap_header *header)
{
	return header->tables ? tables_record_size(header->tables_length) : 0;
}

static void tile_publish(struct kvmcap_log *log,
			 const struct kvmcap_record_tile *tile,
			 const struct kvmcap_log_cursor *at)
{
	u32 number = (u32)tile->row * log->header->mode.columns + tile->column;
	struct kvmcap_tile *entry = &log->index[number];

	log->live -= tile_live(entry);
	*entry = (struct kvmcap_tile) {
		.sequence = tile->record.sequence,
		.position = at->position,
		.offset = at->offset + sizeof(*tile),
		.length = tile->length,
		.tables = tile->tables,
		.codec = tile->codec,
	};
	log->live += tile_live(entry);
}

static void tables_publish(struct kvmcap_log *log,
			   const struct kvmcap_record_tables *tables,
			   const struct kvmcap_log_cursor *at)
{
	struct kvmcap_header *header = log->header;

	log->live -= tables_live(header);
	header->tables = tables->tables;
	header->tables_length = tables->length;
	header->tables_position = at->position;
	header->tables_offset = at->offset + sizeof(*tables);
	header->quality = tables->quality;
	log->live += tables_live(header);
}

/*
 * The index and the header point at the records from @from to @to from now on.
 * The records themselves say what is to change: nothing else keeps note of it.
 */
static void records_publish(struct kvmcap_log *log,
			    struct kvmcap_log_cursor from,
			    const struct kvmcap_log_cursor *to)
{
	while (from.position != to->position) {
		const struct kvmcap_record *record = record_at(log, &from);

		if (record->type == KVMCAP_RECORD_TILE)
			tile_publish(log, (const void *)record, &from);
		else if (record->type == KVMCAP_RECORD_TABLES)
			tables_publish(log, (const void *)record, &from);
		cursor_advance(log, &from, record->size);
	}
}

/* A copy of the live @record at @to, which moves behind it. */
static void record_relocate(struct kvmcap_log *log,
			    const struct kvmcap_record *record,
			    struct kvmcap_log_cursor *to)
{
	struct kvmcap_record *copy;

	cursor_settle(log, to, record->size, log->header->committed);
	copy = record_at(log, to);
	memcpy(copy, record, record->size);
	copy->flags |= KVMCAP_RECORD_RELOCATED;
	cursor_advance(log, to, record->size);
	log->relocated++;
	log->relocated_bytes += record->size;
}

/*
 * Moves the tail on until @want bytes are free, or for as long as the bytes that
 * are free now can take the live records that are in the way. False if nothing
 * could be done, which invariant 4 rules out.
 */
static bool log_reclaim(struct kvmcap_log *log, size_t want)
{
	struct kvmcap_log_cursor from = log_tail(log);
	struct kvmcap_log_cursor to = log_head(log);
	const u64 end = from.position + log->size;
	struct kvmcap_header *header = log->header;

	while (from.position != header->head &&
	       log->size - (to.position - from.position) < want) {
		const struct kvmcap_record *record = record_at(log, &from);

		if (record_is_live(log, record, &from)) {
			u32 size = record->size + cursor_pad(log, &to, record->size);

			if (to.position + size > end)
				break;
			record_relocate(log, record, &to);
		}
		cursor_advance(log, &from, record->size);
	}

	if (from.position == header->tail)
		return false;

	kvmcap_update_begin(&header->update);
	records_publish(log, log_head(log), &to);
	header->head = to.position;
	header->head_offset = to.offset;
	header->tail = from.position;
	header->tail_offset = from.offset;
	kvmcap_update_end(&header->update);
	kvmcap_before_overwriting();

	return true;
}

/* Bytes of the frame's records, at most, but for its tiles' payloads. */
static size_t frame_size(const struct kvmcap_log *log, bool has_tiles)
{
	const struct kvmcap_log_frame *frame = &log->frame;
	size_t size = sizeof(struct kvmcap_record_frame);

	if (frame->has_signal)
		size += sizeof(struct kvmcap_record_signal);
	if (frame->has_mode)
		size += sizeof(struct kvmcap_record_mode);
	if (frame->has_tables)
		size += tables_record_size(frame->tables_length);
	if (has_tiles)
		size += tiles_of(&frame->mode) * TILE_OVERHEAD;

	return size;
}

/*
 * Payload bytes that there is room for beside @live. A frame with tiles leaves
 * room for one without, so that signals can always be told.
 */
static size_t frame_room(const struct kvmcap_log *log, bool has_tiles,
			 size_t live)
{
	size_t taken = frame_size(log, has_tiles) + live +
		       SPARE_RECORDS * (size_t)log->record_max;

	if (has_tiles)
		taken += CONTROL_MAX;

	return taken < log->size ? log->size - taken : 0;
}

static bool frame_fits(const struct kvmcap_log *log, size_t payload_bytes,
		       size_t live)
{
	size_t room = frame_room(log, payload_bytes, live);

	return room && payload_bytes <= room;
}

/* What has to be free for a frame, see invariant 4. */
static size_t frame_wants(const struct kvmcap_log *log, size_t payload_bytes)
{
	return frame_size(log, payload_bytes) + payload_bytes +
	       2 * (size_t)log->record_max;
}

static size_t log_free(const struct kvmcap_log *log)
{
	return log->size - (log->header->head - log->header->tail);
}

/*
 * What a frame is given that would not fit if all of its tiles had changed: they
 * hardly ever have. It may take what is free now, if that is at least half of
 * what could be; otherwise everything is moved, once in a while. Payload bytes,
 * 0 if there is no use in trying.
 */
static size_t frame_compromise(const struct kvmcap_log *log,
			       size_t payload_bytes)
{
	const struct kvmcap_log_frame *frame = &log->frame;
	size_t most = frame_room(log, true, log->live);
	size_t other = frame_wants(log, 1) - 1;
	size_t now;

	if (!payload_bytes || frame->anew || frame->has_mode ||
	    frame->has_tables || most < log->record_max)
		return 0;

	now = log_free(log) > other ? log_free(log) - other : 0;
	if (now > most || now < most / 2)
		return most;

	return now;
}

/* The records that go before the tiles. */
static void frame_append_control(struct kvmcap_log *log)
{
	struct kvmcap_log_frame *frame = &log->frame;

	if (frame->has_signal) {
		struct kvmcap_record_signal *signal =
			frame_append(log, sizeof(*signal), KVMCAP_RECORD_SIGNAL);

		signal->signal = frame->signal;
	}
	if (frame->has_mode) {
		struct kvmcap_record_mode *mode =
			frame_append(log, sizeof(*mode), KVMCAP_RECORD_MODE);

		mode->mode = frame->mode;
	}
	if (frame->has_tables) {
		struct kvmcap_record_tables *tables =
			frame_append(log, tables_record_size(frame->tables_length),
				     KVMCAP_RECORD_TABLES);

		tables->tables = frame->tables;
		tables->length = frame->tables_length;
		tables->quality = frame->quality;
		memcpy(tables + 1, frame->tables_data, frame->tables_length);
	}
}

int kvmcap_log_reserve(struct kvmcap_log *log, size_t payload_bytes)
{
	const struct kvmcap_header *header = log->header;
	struct kvmcap_log_frame *frame = &log->frame;
	const u64 head = header->head;
	size_t want;

	if (!frame->open || frame->reserved)
		return -EINVAL;
	if (!frame_fits(log, payload_bytes, log->live)) {
		frame->would_fit = frame_fits(log, payload_bytes,
					      tables_live(header));
		payload_bytes = frame_compromise(log, payload_bytes);
		if (!payload_bytes)
			return -ENOSPC;
	}

	want = frame_wants(log, payload_bytes);
	while (log_free(log) < want) {
		/* One pass is enough, see above; more would be a bug. */
		if (header->tail >= head || !log_reclaim(log, want))
			return -ENOSPC;
	}

	frame->cursor = log_head(log);
	frame->reserved = true;
	frame->budget = payload_bytes;
	frame_append_control(log);

	return 0;
}

u8 *kvmcap_log_tile_begin(struct kvmcap_log *log, size_t *room)
{
	const struct kvmcap_log_frame *frame = &log->frame;
	u32 most = log->record_max - TILE_HEADER;
	u32 offset = frame->cursor.offset;

	*room = 0;
	if (!frame->reserved || !frame->budget)
		return NULL;

	if (most > frame->budget)
		most = frame->budget;
	/* The PAD is made when it is certain that the tile has changed. */
	if (cursor_pad(log, &frame->cursor, tile_record_size(most)))
		offset = 0;
	*room = most;

	return log->ring + offset + TILE_HEADER;
}

const u8 *kvmcap_log_shown(const struct kvmcap_log *log, unsigned int column,
			   unsigned int row, size_t *length)
{
	const struct kvmcap_log_frame *frame = &log->frame;
	const struct kvmcap_tile *entry;

	if (!frame->open || frame->has_mode || frame->has_tables ||
	    column >= frame->mode.columns || row >= frame->mode.rows)
		return NULL;
	entry = &log->index[row * frame->mode.columns + column];
	if (!entry->sequence || entry->codec != frame->mode.codec ||
	    entry->tables != (entry->codec == KVMCAP_CODEC_JPEG ? frame->tables : 0))
		return NULL;

	*length = entry->length;
	return log->ring + entry->offset;
}

static bool tile_is_known(const struct kvmcap_log *log, u32 tile, u8 codec,
			  u32 tables, const u8 *payload, size_t length)
{
	const struct kvmcap_log_frame *frame = &log->frame;
	const struct kvmcap_tile *entry = &log->index[tile];

	return !frame->anew && !frame->has_mode && !frame->has_tables &&
	       entry->sequence && entry->codec == codec &&
	       entry->tables == tables && entry->length == length &&
	       !memcmp(log->ring + entry->offset, payload, length);
}

int kvmcap_log_tile_end(struct kvmcap_log *log, unsigned int column,
			unsigned int row, u8 codec, size_t length)
{
	struct kvmcap_log_frame *frame = &log->frame;
	u32 number = row * frame->mode.columns + column;
	struct kvmcap_record_tile *tile;
	u32 tables, size;
	size_t room;
	u8 *payload;

	payload = kvmcap_log_tile_begin(log, &room);
	tables = codec == KVMCAP_CODEC_JPEG ? frame->tables : 0;
	if (!payload || !length || length > room || frame->blank ||
	    column >= frame->mode.columns || row >= frame->mode.rows ||
	    number < frame->next_tile ||
	    (codec == KVMCAP_CODEC_JPEG && !tables))
		return -EINVAL;

	frame->next_tile = number + 1;
	if (tile_is_known(log, number, codec, tables, payload, length))
		return 0;

	cursor_settle(log, &frame->cursor, tile_record_size(room),
		      frame->sequence);
	size = tile_record_size(length);
	tile = (struct kvmcap_record_tile *)record_at(log, &frame->cursor);
	*tile = (struct kvmcap_record_tile) {
		.record.size = size,
		.record.type = KVMCAP_RECORD_TILE,
		.record.sequence = frame->sequence,
		.column = column,
		.row = row,
		.tables = tables,
		.length = length,
		.codec = codec,
	};
	memset(payload + length, 0, size - TILE_HEADER - length);
	cursor_advance(log, &frame->cursor, size);
	frame->budget -= length;
	frame->tiles++;
	frame->bytes += length;

	return 0;
}

bool kvmcap_log_changed(const struct kvmcap_log *log)
{
	const struct kvmcap_log_frame *frame = &log->frame;

	return frame->open && (frame->tiles || frame->has_signal ||
			       frame->has_mode || frame->has_tables);
}

static void frame_publish(struct kvmcap_log *log, u64 timestamp_ns)
{
	const struct kvmcap_log_frame *frame = &log->frame;
	struct kvmcap_header *header = log->header;

	if (frame->has_mode) {
		memset(log->index, 0, header->index_capacity *
				      sizeof(struct kvmcap_tile));
		header->mode = frame->mode;
		header->began = frame->sequence;
		if (!frame->tables) {
			header->tables = 0;
			header->tables_length = 0;
			header->tables_position = 0;
			header->tables_offset = 0;
			header->quality = 0;
		}
		log->live = tables_live(header);
	}
	header->signal = frame->signal;
	records_publish(log, log_head(log), &frame->cursor);
	header->head = frame->cursor.position;
	header->head_offset = frame->cursor.offset;
	header->committed = frame->sequence;
	if (frame->has_mode || frame->has_signal || frame->has_tables)
		header->changed = frame->sequence;
	if (frame->capture != KVMCAP_CAPTURE_AUTO)
		header->capture = frame->capture;
	header->timestamp_ns = timestamp_ns;
}

int kvmcap_log_commit(struct kvmcap_log *log, u64 timestamp_ns)
{
	struct kvmcap_log_frame *frame = &log->frame;
	struct kvmcap_record_frame *record;

	if (!frame->reserved)
		return -EINVAL;
	if ((frame->has_mode || frame->has_tables) && !frame->blank &&
	    frame->tiles != tiles_of(&frame->mode))
		return -EPROTO;

	record = frame_append(log, sizeof(*record), KVMCAP_RECORD_FRAME);
	record->timestamp_ns = timestamp_ns;
	record->tiles = frame->tiles;
	record->bytes = frame->bytes;

	kvmcap_update_begin(&log->header->update);
	frame_publish(log, timestamp_ns);
	kvmcap_update_end(&log->header->update);
	frame->open = false;
	frame->reserved = false;

	return 0;
}

void kvmcap_log_abort(struct kvmcap_log *log)
{
	log->frame.open = false;
	log->frame.reserved = false;
}
