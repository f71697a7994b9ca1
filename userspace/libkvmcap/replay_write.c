// SPDX-License-Identifier: Apache-2.0
/*
 * From records to a log.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "replay_write.h"

#include <errno.h>
#include <string.h>

#include "hextile_tiles.h"

/**
 * struct rewriter - a frame on its way
 * @log: where to
 * @data: its records
 * @length: bytes of them
 * @records: what they say
 * @timestamp_ns: when it is committed
 */
struct rewriter {
	struct kvmcap_log *log;
	const void *data;
	size_t length;
	const struct kvmcap_records *records;
	u64 timestamp_ns;
};

/* Tiles that the picture has once the frame that is open is there. */
static bool all_tiles(const struct rewriter *r)
{
	const struct kvmcap_mode *mode = &r->log->frame.mode;

	return r->records->tiles == (u32)mode->columns * mode->rows;
}

/*
 * What changes besides tiles; the log itself finds out whether tables do. A whole
 * picture of the same mode is none that begins: only what differs in it counts.
 */
static int put_control(const struct rewriter *r, bool blank)
{
	const struct kvmcap_header *header = r->log->header;
	const struct kvmcap_records *records = r->records;
	int err = 0;

	kvmcap_log_begin(r->log, false);
	if (records->signal && records->signal->signal != header->signal)
		kvmcap_log_signal(r->log, records->signal->signal);
	if (records->mode && (blank || memcmp(&records->mode->mode, &header->mode,
					      sizeof(header->mode))))
		err = kvmcap_log_mode(r->log, &records->mode->mode);
	if (!err && records->tables)
		err = kvmcap_log_tables(r->log, records->tables + 1, records->tables->length,
					records->tables->quality);
	return err < 0 ? -EBADMSG : 0;
}

/* A frame without tiles, in which a new picture begins that has none yet. */
static int put_blank(const struct rewriter *r)
{
	int err = put_control(r, true);

	if (err)
		return err;
	if (r->log->frame.mode.width)
		kvmcap_log_blank(r->log);
	err = kvmcap_log_reserve(r->log, 0);
	return err ? err : kvmcap_log_commit(r->log, r->timestamp_ns);
}

/**
 * struct hextile_sink - where a tile of Hextile goes
 * @sink: what is called
 * @payload: room in the log
 * @room: bytes there
 * @length: bytes that the tile has taken
 */
struct hextile_sink {
	struct kvmcap_tile_sink sink;
	u8 *payload;
	size_t room;
	size_t length;
};

static u8 *hextile_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	const struct hextile_sink *s = (const struct hextile_sink *)sink;

	*room = s->room;
	return s->payload;
}

static int hextile_end(struct kvmcap_tile_sink *sink, unsigned int column, unsigned int row,
		       size_t length)
{
	(void)column;
	(void)row;
	((struct hextile_sink *)sink)->length = length;
	return 0;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Hextile is sent to viewers as it is, so nothing goes into the log but what the
 * driver would write. What the driver has written comes out of this unchanged.
 * Return: bytes, or -EBADMSG.
 */
static long put_hextile(const struct kvmcap_mode *mode, const struct kvmcap_record_tile *tile,
			u8 *payload, size_t room)
{
	struct hextile_sink sink = {
		.sink = { .begin = hextile_begin, .end = hextile_end },
		.payload = payload,
		.room = room,
	};
	struct kvmcap_tile_run run = {
		.column = tile->column,
		.row = tile->row,
		.tile_width = mode->tile_width,
	};

	if (mode->tile_height != KVMCAP_HEXTILE_SIZE || tile->column >= mode->columns ||
	    tile->row >= mode->rows)
		return -EBADMSG;
	run.width = (u16)smaller(mode->width - (u32)tile->column * mode->tile_width,
				 mode->tile_width);
	run.height = (u16)smaller(mode->height - (u32)tile->row * mode->tile_height,
				  mode->tile_height);
	if (kvmcap_hextile_tiles(&run, (const u8 *)(tile + 1), tile->length, &sink.sink))
		return -EBADMSG;
	return (long)sink.length;
}

static int put_tiles(const struct rewriter *r)
{
	size_t offset = r->records->first_tile, room;
	const struct kvmcap_record_tile *tile;
	long length;
	u8 *payload;

	while ((tile = kvmcap_records_tile(r->data, r->length, &offset)) != NULL) {
		payload = kvmcap_log_tile_begin(r->log, &room);
		if (!payload || room < tile->length)
			return -ENOSPC;
		length = tile->length;
		if (tile->codec == KVMCAP_CODEC_HEXTILE)
			length = put_hextile(&r->log->frame.mode, tile, payload, room);
		else
			memcpy(payload, tile + 1, tile->length);
		if (length < 0 ||
		    kvmcap_log_tile_end(r->log, tile->column, tile->row, tile->codec,
					(size_t)length))
			return -EBADMSG;
	}
	return 0;
}

static int put_frame(const struct rewriter *r)
{
	struct kvmcap_log *log = r->log;
	int err = put_control(r, false);

	if (!err)
		err = kvmcap_log_reserve(log, r->records->bytes);
	if (!err)
		err = put_tiles(r);
	if (!err && kvmcap_log_changed(log))
		err = kvmcap_log_commit(log, r->timestamp_ns);
	return err == -EPROTO || err == -EINVAL ? -EBADMSG : err;
}

/* A new picture, or new tables, that not all tiles come with. */
static bool is_blank(const struct rewriter *r)
{
	if (put_control(r, true))
		return false;
	return (r->log->frame.has_mode || r->log->frame.has_tables) && !all_tiles(r);
}

int kvmcap_replay_write(struct kvmcap_log *log, const void *data, size_t length,
			const struct kvmcap_records *records, u64 timestamp_ns)
{
	const struct rewriter r = {
		.log = log,
		.data = data,
		.length = length,
		.records = records,
		.timestamp_ns = timestamp_ns,
	};
	int err = 0;

	if (is_blank(&r))
		err = put_blank(&r);
	if (!err)
		err = put_frame(&r);
	if (err == -ENOSPC) {
		err = put_blank(&r);
		if (!err)
			err = put_frame(&r);
	}
	kvmcap_log_abort(log);
	return err;
}
