/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The writer of the tile log: what <linux/kvmcap.h> describes, from within.
 *
 * A frame is made by these calls, in this order:
 *
 *	kvmcap_log_begin()
 *	kvmcap_log_signal(), _mode(), _blank(), _tables()	as needed
 *	kvmcap_log_reserve()
 *	kvmcap_log_tile_begin(), _tile_end()			for each tile
 *	kvmcap_log_commit() or kvmcap_log_abort()
 *
 * One thread at a time. Nothing is allocated here.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_LOG_H
#define KVMCAP_LOG_H

#include <linux/kvmcap.h>

#include "pure.h"
#include "tile_sink.h"

/**
 * struct kvmcap_log_cursor - a place in the log
 * @position: bytes of the log before it, since the log was made
 * @offset: where in the ring that is; below its size
 */
struct kvmcap_log_cursor {
	u64 position;
	u32 offset;
};

/**
 * struct kvmcap_log_frame - a frame on its way into the log
 * @open: between begin and commit or abort
 * @reserved: kvmcap_log_reserve() has made room
 * @anew: tiles are published although they have not changed
 * @has_signal: @signal is new
 * @has_mode: @mode is new
 * @has_tables: @tables_data is new
 * @blank: no tile of @mode is known, and that is to be published
 * @would_fit: it does not fit, but would if no tile were live
 * @signal: enum kvmcap_signal
 * @mode: the picture's geometry, new or not
 * @tables: generation of the tables that JPEG tiles of this frame are coded with
 * @tables_length: bytes of @tables_data
 * @quality: 1..100
 * @capture: enum kvmcap_capture that it came from; AUTO: from none
 * @sequence: of the frame
 * @cursor: behind its last record
 * @budget: payload bytes that may still come
 * @next_tile: no tile before this one, counted in raster order, may come
 * @tiles: TILE records so far
 * @bytes: of their payloads
 * @tables_data: DQT and DHT segments
 */
struct kvmcap_log_frame {
	bool open;
	bool reserved;
	bool anew;
	bool has_signal;
	bool has_mode;
	bool has_tables;
	bool blank;
	bool would_fit;
	u32 signal;
	struct kvmcap_mode mode;
	u32 tables;
	u32 tables_length;
	u32 quality;
	u32 capture;
	u64 sequence;
	struct kvmcap_log_cursor cursor;
	size_t budget;
	u32 next_tile;
	u32 tiles;
	u32 bytes;
	u8 tables_data[KVMCAP_TABLES_MAX];
};

/**
 * struct kvmcap_log - the writer of one mapping
 * @header: the first part of the mapping; what is published is also the state
 * @index: the second
 * @ring: the third
 * @size: bytes of @ring
 * @record_max: bytes of the largest TILE record
 * @live: bytes of the records that the index, or the tables, point at
 * @generation: of the tables that were made last
 * @relocated: records copied forward
 * @relocated_bytes: of them
 * @frame: the one that is being made
 */
struct kvmcap_log {
	struct kvmcap_header *header;
	struct kvmcap_tile *index;
	u8 *ring;
	u32 size;
	u32 record_max;
	size_t live;
	u32 generation;
	u64 relocated;
	u64 relocated_bytes;
	struct kvmcap_log_frame frame;
};

/**
 * kvmcap_log_map_size() - bytes for a log that holds any frame twice
 * @tiles_max: entries of the index
 * @tile_bytes_max: bytes of a payload, at most
 * @frame_bytes_max: bytes of a frame's payloads, at most
 *
 * Return: bytes to give to kvmcap_log_init(); beyond that nothing is gained for
 * correctness, but a larger log has less to relocate.
 */
size_t kvmcap_log_map_size(u32 tiles_max, u32 tile_bytes_max,
			   size_t frame_bytes_max);

/**
 * kvmcap_log_init() - lay out a mapping
 * @log: filled in
 * @memory: the mapping, all zeroes, aligned to 16
 * @map_size: bytes of it
 * @tiles_max: entries of the index
 * @tile_bytes_max: bytes of a payload, at most
 *
 * Return: 0, or -EINVAL if @map_size is too small to hold even one tile.
 */
int kvmcap_log_init(struct kvmcap_log *log, void *memory, size_t map_size,
		    u32 tiles_max, u32 tile_bytes_max);

/**
 * kvmcap_log_begin() - begin a frame
 * @log: the log; a frame that was begun before is dropped
 * @anew: publish tiles although they have not changed
 */
void kvmcap_log_begin(struct kvmcap_log *log, bool anew);

/**
 * kvmcap_log_signal() - the frame says that the signal has changed
 * @log: the log
 * @signal: enum kvmcap_signal
 */
void kvmcap_log_signal(struct kvmcap_log *log, u32 signal);

/**
 * kvmcap_log_mode_is_sound() - can the log hold a picture of this geometry?
 * @log: the log
 * @mode: the geometry
 *
 * Return: false if @mode has more tiles than the index, or contradicts itself.
 */
bool kvmcap_log_mode_is_sound(const struct kvmcap_log *log,
			      const struct kvmcap_mode *mode);

/**
 * kvmcap_log_mode() - the frame begins a new picture
 * @log: the log
 * @mode: its geometry
 *
 * Return: 0, or -EINVAL if @mode is not sound.
 */
int kvmcap_log_mode(struct kvmcap_log *log, const struct kvmcap_mode *mode);

/**
 * kvmcap_log_blank() - the frame begins a new picture that has no tiles yet
 * @log: the log, with a frame for which kvmcap_log_mode() may have been called
 *
 * For when a picture cannot be published because of the one before it.
 */
void kvmcap_log_blank(struct kvmcap_log *log);

/**
 * kvmcap_log_tables() - the JPEG tables of the frame's tiles
 * @log: the log
 * @data: DQT and DHT segments
 * @length: bytes of @data, 1..KVMCAP_TABLES_MAX
 * @quality: 1..100, what they come nearest to
 *
 * Return: 0 when they are in use already, 1 when they are new, so that every
 * tile of the picture has to come; -EINVAL for a bad @length, or after
 * kvmcap_log_reserve().
 */
int kvmcap_log_tables(struct kvmcap_log *log, const void *data, size_t length,
		      u32 quality);

/**
 * kvmcap_log_reserve() - make room for a frame
 * @log: the log
 * @payload_bytes: what the payloads of its tiles can come to at most; 0 if it
 *	has none
 *
 * Copies live records forward as far as needed, and publishes that at once.
 *
 * A frame that does not fit beside what is live is given less than it asks for,
 * as long as it is not certain that all of its tiles will be published:
 * kvmcap_log_tile_begin() may say no, then. @frame.would_fit says whether a blank
 * picture, published first, would make it fit.
 *
 * Return: 0; -ENOSPC, and nothing has happened then; -EINVAL when called twice.
 */
int kvmcap_log_reserve(struct kvmcap_log *log, size_t payload_bytes);

/**
 * kvmcap_log_shown() - the payload that a tile has now
 * @log: the log, after kvmcap_log_tables() if that is to be called
 * @column: of the tile
 * @row: of the tile
 * @length: set to the bytes of it
 *
 * Return: the payload, in place, constant until the frame is over or, before
 * kvmcap_log_reserve() is called, until it is; NULL if the tile shows nothing, or
 * not by the frame's codec, mode and tables.
 */
const u8 *kvmcap_log_shown(const struct kvmcap_log *log, unsigned int column,
			   unsigned int row, size_t *length);

/**
 * kvmcap_log_tile_begin() - room for the next tile's payload
 * @log: the log
 * @room: bytes that may be written
 *
 * Return: the room, the same one until kvmcap_log_tile_end() is called; NULL
 * when what was reserved has been used up.
 */
u8 *kvmcap_log_tile_begin(struct kvmcap_log *log, size_t *room);

/**
 * kvmcap_log_tile_end() - the payload in the room is complete
 * @log: the log
 * @column: of the tile
 * @row: of the tile; tiles come in raster order
 * @codec: enum kvmcap_codec
 * @length: bytes of the payload
 *
 * The tile is dropped if it equals, byte for byte, what is published.
 *
 * Return: 0, or -EINVAL for a place outside the picture or out of order, a
 * @length of zero or beyond the room, or a JPEG tile without tables.
 */
int kvmcap_log_tile_end(struct kvmcap_log *log, unsigned int column,
			unsigned int row, u8 codec, size_t length);

/**
 * kvmcap_log_changed() - is there anything to commit?
 * @log: the log
 *
 * Return: true if a tile, the mode, the signal or the tables of the frame are
 * new.
 */
bool kvmcap_log_changed(const struct kvmcap_log *log);

/**
 * kvmcap_log_commit() - publish the frame
 * @log: the log
 * @timestamp_ns: CLOCK_MONOTONIC
 *
 * Return: 0; -EINVAL without kvmcap_log_reserve(); -EPROTO when a new picture,
 * or one with new tables, lacks tiles. After an error nothing has happened, and
 * the frame is still there to be dropped.
 */
int kvmcap_log_commit(struct kvmcap_log *log, u64 timestamp_ns);

/**
 * kvmcap_log_abort() - drop the frame
 * @log: the log
 */
void kvmcap_log_abort(struct kvmcap_log *log);

#endif
