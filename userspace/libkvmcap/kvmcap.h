/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libkvmcap: read the screen that /dev/kvmcapN publishes.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * The usual loop: kvmcap_open(), then again and again kvmcap_ack() with what has
 * been seen, poll() on kvmcap_fd(), kvmcap_snapshot(), kvmcap_damage() for what
 * is newer than what has been seen, and the payloads or rectangles of that.
 *
 * Functions that can fail return 0 or a count, or a negative errno. Nothing here
 * is thread-safe for one struct kvmcap_source; several of them are independent.
 */
#ifndef KVMCAP_USERSPACE_H
#define KVMCAP_USERSPACE_H

#include <linux/kvmcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KVMCAP_DEVICE_DEFAULT	"/dev/kvmcap0"

struct kvmcap_source;

/**
 * struct kvmcap_snapshot - the screen as of one moment
 * @header: copy of the header
 * @tiles: copy of the index, @header.mode.columns * @header.mode.rows entries,
 *	row by row; owned by the source, valid until its next snapshot
 * @tile_count: entries in @tiles; 0 before the first picture
 */
struct kvmcap_snapshot {
	struct kvmcap_header header;
	const struct kvmcap_tile *tiles;
	size_t tile_count;
};

/**
 * struct kvmcap_rectangle - a run of whole tiles, in tiles
 */
struct kvmcap_rectangle {
	uint16_t column;
	uint16_t row;
	uint16_t columns;
	uint16_t rows;
};

/**
 * struct kvmcap_pixels - a rectangle in pixels, clipped to the picture
 */
struct kvmcap_pixels {
	uint16_t x;
	uint16_t y;
	uint16_t width;
	uint16_t height;
};

/**
 * kvmcap_open() - map a device, or play a recording
 * @source: where the new source goes
 * @path: "/dev/kvmcap0"; NULL for KVMCAP_DEVICE_DEFAULT. A regular file or a
 *	directory is opened as by kvmcap_open_recording(), without options
 * @writable: parameters are to be changed: open for reading and writing
 *
 * Return: 0; -EPROTO the device's ABI is another; the errno of open or mmap.
 */
int kvmcap_open(struct kvmcap_source **source, const char *path, bool writable);

#define KVMCAP_SPEED_REAL	1000U		/* thousandths */
#define KVMCAP_SPEED_MAX	1000000U

/**
 * struct kvmcap_replay_options - how a recording is played
 * @from_ns: where it begins, from the recording's first frame
 * @speed: thousandths of a second that pass in it in a second, up to
 *	KVMCAP_SPEED_MAX; 0 for KVMCAP_SPEED_REAL
 * @paused: it stands still there
 * @loop: it begins anew at its end, instead of standing still there
 */
struct kvmcap_replay_options {
	uint64_t from_ns;
	uint32_t speed;
	bool paused;
	bool loop;
};

/**
 * kvmcap_open_recording() - play a recording as if it were a device
 * @source: where the new source goes
 * @path: a file that kvmcapctl record wrote, or a directory that it keeps a ring in
 * @options: how; NULL for all zeroes
 *
 * What changes in it is seen when a snapshot is taken; the descriptor tells when
 * there is something to see. It is played while more is wanted (kvmcap_ack() with
 * @arm) and stands still a second after nobody does. Frames are numbered anew,
 * their timestamps are of when they are played. Parameters cannot be set.
 *
 * Return: 0; -EINVAL it is no recording; -EPROTO it is one of another version or
 * byte order; -ENODATA there is no picture in it; -ENOMEM; the errno of open.
 */
int kvmcap_open_recording(struct kvmcap_source **source, const char *path,
			  const struct kvmcap_replay_options *options);

/* Safe with NULL. */
void kvmcap_close(struct kvmcap_source *source);

/* For poll(): POLLIN a newer frame than acknowledged; POLLPRI with new mode, signal, tables. */
int kvmcap_fd(const struct kvmcap_source *source);

/**
 * kvmcap_explain() - a sentence for a person about a failed open
 * @path: as given to kvmcap_open()
 * @error: what it returned
 * @text: where the sentence goes, NUL terminated
 * @size: of @text
 */
void kvmcap_explain(const char *path, int error, char *text, size_t size);

int kvmcap_query(struct kvmcap_source *source, struct kvmcap_query *query);
int kvmcap_stats(struct kvmcap_source *source, struct kvmcap_stats *stats);
int kvmcap_get_params(struct kvmcap_source *source, struct kvmcap_params *params);
int kvmcap_set_params(struct kvmcap_source *source, const struct kvmcap_params *params);
int kvmcap_refresh(struct kvmcap_source *source);

/* Say that frames up to @sequence have been seen, and with @arm that more is wanted. */
int kvmcap_ack(struct kvmcap_source *source, uint64_t sequence, bool arm);

/**
 * kvmcap_snapshot() - copy the header and the index as of one moment
 *
 * Return: 0; -EAGAIN the driver was found changing them for an unreasonable
 * time; -EPROTO what they say is not possible.
 */
int kvmcap_snapshot(struct kvmcap_source *source, struct kvmcap_snapshot *snapshot);

/**
 * kvmcap_payload() - a tile's payload, in place
 * @source: the source
 * @tile: of a snapshot of it
 *
 * Return: @tile->length bytes in the log, or NULL if the tile names a place
 * outside of it. They may change at any time: what was made of them is good only
 * if kvmcap_intact() says so afterwards.
 */
const uint8_t *kvmcap_payload(const struct kvmcap_source *source, const struct kvmcap_tile *tile);

/* Whether the bytes from log position @position on have stayed what they were until now. */
bool kvmcap_intact(const struct kvmcap_source *source, uint64_t position);

/* The JPEG tables of @snapshot, header.tables_length bytes, in place as a payload; or NULL. */
const uint8_t *kvmcap_tables(const struct kvmcap_source *source,
			     const struct kvmcap_snapshot *snapshot);

/* The pixels that @rectangle covers. */
struct kvmcap_pixels kvmcap_rectangle_pixels(const struct kvmcap_mode *mode,
					     const struct kvmcap_rectangle *rectangle);

/**
 * kvmcap_damage() - what changed after frame @since, as rectangles
 * @snapshot: the snapshot
 * @since: frame; 0 for everything
 * @rectangles: where they go; disjoint, covering exactly the changed tiles, each
 *	of one codec and never mixing a last column of fewer coding units (of 8 or
 *	16 pixels, by the subsampling) with others
 * @max: room in @rectangles; tile_count is always enough
 *
 * Return: how many there are; those beyond @max are not stored.
 */
size_t kvmcap_damage(const struct kvmcap_snapshot *snapshot, uint64_t since,
		     struct kvmcap_rectangle *rectangles, size_t max);

/* kvmcap_jpeg_rectangle(): leave out DQT and DHT, the receiver has them. */
#define KVMCAP_JPEG_WITHOUT_TABLES	(1u << 0)

/* Bytes that kvmcap_jpeg_rectangle() will write for @rectangle, exactly. */
size_t kvmcap_jpeg_rectangle_size(const struct kvmcap_snapshot *snapshot,
				  const struct kvmcap_rectangle *rectangle, unsigned int flags);

/**
 * kvmcap_jpeg_rectangle() - a whole JPEG image of a rectangle, by concatenation
 * @source: the source
 * @snapshot: of it
 * @rectangle: as kvmcap_damage() gives them, or any part of one
 * @flags: KVMCAP_JPEG_WITHOUT_TABLES
 * @out: where the image goes
 * @size: room there
 *
 * Return: bytes written; -EAGAIN the log moved on, take a new snapshot; -ENOSPC;
 * -EINVAL a tile of it is no JPEG, or has fewer MCUs than others.
 */
long kvmcap_jpeg_rectangle(const struct kvmcap_source *source,
			   const struct kvmcap_snapshot *snapshot,
			   const struct kvmcap_rectangle *rectangle, unsigned int flags,
			   uint8_t *out, size_t size);

/**
 * kvmcap_jpeg_picture() - a whole JPEG image of the whole picture, without loss
 * @source: the source
 * @snapshot: of it
 * @image: where the image goes; to be freed with free()
 *
 * By concatenation where that is possible. Where the last column has fewer MCUs
 * than others, tiles are cut further, into restart intervals that fit both; no
 * pixel is decoded for that.
 *
 * Return: bytes of @image; -EAGAIN the log moved on, take a new snapshot; -EINVAL
 * there is no picture, or a tile of it is no JPEG; -EBADMSG a tile is damaged;
 * -ENOMEM.
 */
long kvmcap_jpeg_picture(const struct kvmcap_source *source,
			 const struct kvmcap_snapshot *snapshot, uint8_t **image);

struct kvmcap_decoder;

/* What kvmcap_decode() works with, kept to be used again. Return: 0 or -ENOMEM. */
int kvmcap_decoder_create(struct kvmcap_decoder **decoder);

/* Safe with NULL. */
void kvmcap_decoder_destroy(struct kvmcap_decoder *decoder);

/**
 * kvmcap_decode() - the pixels of a rectangle of tiles, of whatever codecs
 * @decoder: used by one call at a time
 * @source: the source
 * @snapshot: of it
 * @rectangle: any tiles of the picture
 * @out: where the rectangle's first pixel goes; pixels are 0x00RRGGBB, the upper
 *	byte of which may be anything
 * @stride: pixels from row to row in @out, at least the rectangle's
 *
 * JPEG is decoded without interpolation of chroma; channels of 5 or 6 bits become
 * the nearest of 8 bits.
 *
 * Return: 0; -EAGAIN the log moved on, take a new snapshot; -EBADMSG a tile's
 * payload is none, or it has none yet: what is in @out there means nothing, all others
 * have been decoded; -EINVAL; -ENOMEM.
 */
int kvmcap_decode(struct kvmcap_decoder *decoder, const struct kvmcap_source *source,
		  const struct kvmcap_snapshot *snapshot,
		  const struct kvmcap_rectangle *rectangle, uint32_t *out, size_t stride);

#ifdef __cplusplus
}
#endif

#endif
