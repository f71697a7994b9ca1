// SPDX-License-Identifier: Apache-2.0
/*
 * The records of one frame: are they what they should be?
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "records.h"

#include <errno.h>
#include <string.h>

#include "jpeg.h"
#include "source.h"

/* As the writer of the log has it. */
#define TABLES_MAX	1024

/* Of a record @of type, the bytes that do not depend on anything. */
static size_t header_size(unsigned int type)
{
	switch (type) {
	case KVMCAP_RECORD_SIGNAL:
		return sizeof(struct kvmcap_record_signal);
	case KVMCAP_RECORD_MODE:
		return sizeof(struct kvmcap_record_mode);
	case KVMCAP_RECORD_TABLES:
		return sizeof(struct kvmcap_record_tables);
	case KVMCAP_RECORD_TILE:
		return sizeof(struct kvmcap_record_tile);
	case KVMCAP_RECORD_FRAME:
		return sizeof(struct kvmcap_record_frame);
	default:
		return sizeof(struct kvmcap_record);
	}
}

/* The whole record at @offset, or NULL. */
static const struct kvmcap_record *record_at(const void *data, size_t length, size_t offset)
{
	const struct kvmcap_record *record = (const void *)((const uint8_t *)data + offset);

	if (length - offset < sizeof(*record) || record->size % KVMCAP_RECORD_ALIGN ||
	    record->size > length - offset || record->size < header_size(record->type))
		return NULL;
	return record;
}

/* DQT and DHT segments one behind the other and nothing else (ITU T.81, B.2.4). */
static bool tables_sound(const struct kvmcap_record_tables *tables)
{
	const uint8_t *data = (const uint8_t *)(tables + 1);
	size_t left = tables->length, segment;

	if (!tables->tables || !left || left > TABLES_MAX ||
	    kvmcap_record_size(sizeof(*tables), left) != tables->record.size)
		return false;
	while (left) {
		if (left < 4 || data[0] != 0xff || (data[1] != DQT && data[1] != DHT))
			return false;
		segment = 2 + (((size_t)data[2] << 8) | data[3]);
		if (segment < 4 || segment > left)
			return false;
		data += segment;
		left -= segment;
	}
	return true;
}

/* Whether all 0xff are stuffed, so that it cannot end the scan that it is put into. */
static bool without_markers(const uint8_t *data, size_t length)
{
	const uint8_t *end = data + length;

	while ((data = memchr(data, 0xff, (size_t)(end - data))) != NULL) {
		if (++data == end || *data)
			return false;
	}
	return true;
}

static bool tile_sound(const struct kvmcap_record_tile *tile)
{
	if (!tile->length || tile->length > KVMCAP_RECORDS_TILE_MAX ||
	    kvmcap_record_size(sizeof(*tile), tile->length) != tile->record.size ||
	    tile->codec == KVMCAP_CODEC_NONE || tile->codec > KVMCAP_CODEC_RAW)
		return false;
	return tile->codec != KVMCAP_CODEC_JPEG ||
	       (tile->tables && without_markers((const uint8_t *)(tile + 1), tile->length));
}

/* A tiny recording must not make who plays it want gigabytes. */
static bool mode_sound(const struct kvmcap_mode *mode)
{
	return (uint32_t)mode->width * mode->height <= KVMCAP_RECORDS_PIXELS_MAX &&
	       kvmcap_mode_tiles(mode, KVMCAP_RECORDS_TILES_MAX) > 0;
}

/* Tiles ascend; the first one of a frame is above none. */
static bool tile_follows(const struct kvmcap_record_tile *tile,
			 const struct kvmcap_record_tile *before)
{
	return !before || tile->row > before->row ||
	       (tile->row == before->row && tile->column > before->column);
}

/* Takes in one record. False if it does not belong there. */
static bool take(struct kvmcap_records *records, const struct kvmcap_record *record,
		 size_t offset, const struct kvmcap_record_tile **before)
{
	const struct kvmcap_record_tile *tile = (const void *)record;

	switch (record->type) {
	case KVMCAP_RECORD_SIGNAL:
		records->signal = (const void *)record;
		return records->signal->signal <= KVMCAP_SIGNAL_GONE;
	case KVMCAP_RECORD_MODE:
		records->mode = (const void *)record;
		return mode_sound(&records->mode->mode);
	case KVMCAP_RECORD_TABLES:
		records->tables = (const void *)record;
		return tables_sound(records->tables);
	case KVMCAP_RECORD_TILE:
		if (!tile_sound(tile) || !tile_follows(tile, *before))
			return false;
		if (!*before)
			records->first_tile = offset;
		*before = tile;
		records->tiles++;
		records->bytes += tile->length;
		return true;
	case KVMCAP_RECORD_FRAME:
		records->frame = (const void *)record;
		return records->frame->tiles == records->tiles &&
		       records->frame->bytes == records->bytes;
	default:
		/* Nothing that stays in the log only; what is new is skipped. */
		return record->type != KVMCAP_RECORD_PAD;
	}
}

int kvmcap_records_check(const void *data, size_t length, struct kvmcap_records *records)
{
	const struct kvmcap_record_tile *before = NULL;
	const struct kvmcap_record *record;
	unsigned int last = KVMCAP_RECORD_PAD;
	size_t offset;

	memset(records, 0, sizeof(*records));
	records->first_tile = length;
	for (offset = 0; offset < length; offset += record->size) {
		record = record_at(data, length, offset);
		if (!record || records->frame || (record->flags & KVMCAP_RECORD_RELOCATED))
			return -EBADMSG;
		if (record->type > KVMCAP_RECORD_FRAME)
			continue;
		if (record->type < last ||
		    (record->type == last && last != KVMCAP_RECORD_TILE))
			return -EBADMSG;
		last = record->type;
		if (!take(records, record, offset, &before))
			return -EBADMSG;
	}
	return records->frame ? 0 : -EBADMSG;
}

const struct kvmcap_record_tile *kvmcap_records_tile(const void *data, size_t length,
						     size_t *offset)
{
	while (*offset < length) {
		const struct kvmcap_record *record =
			(const void *)((const uint8_t *)data + *offset);

		*offset += record->size;
		if (record->type == KVMCAP_RECORD_TILE)
			return (const void *)record;
	}
	return NULL;
}
