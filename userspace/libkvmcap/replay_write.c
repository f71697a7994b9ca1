// SPDX-License-Identifier: Apache-2.0
/*
 * From records to a log.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "replay_write.h"

#include <errno.h>
#include <string.h>

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

static int put_tiles(const struct rewriter *r)
{
	size_t offset = r->records->first_tile, room;
	const struct kvmcap_record_tile *tile;
	u8 *payload;

	while ((tile = kvmcap_records_tile(r->data, r->length, &offset)) != NULL) {
		payload = kvmcap_log_tile_begin(r->log, &room);
		if (!payload || room < tile->length)
			return -ENOSPC;
		memcpy(payload, tile + 1, tile->length);
		if (kvmcap_log_tile_end(r->log, tile->column, tile->row, tile->codec,
					tile->length))
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
