/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording: the records of a log in a file. Not for libkvmcap's users.
 *
 * Documentation/userspace-api/recording.rst describes the format; this is it in
 * C. All numbers are in the byte order of the machine that recorded.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_RECORDING_H
#define LIBKVMCAP_RECORDING_H

#include "checksum.h"
#include "kvmcap.h"
#include "records.h"

#define KVMCAP_RECORDING_SUFFIX		".kvmrec"
#define KVMCAP_RECORDING_MAGIC		0x0a0d6365726d766bULL	/* "kvmrec\r\n", little endian */
#define KVMCAP_RECORDING_VERSION	1
#define KVMCAP_RECORDING_CHUNK_MAGIC	0x6b6e6863		/* "chnk", little endian */

/* Bytes of a chunk's payload: a log of the largest size goes into one. */
#define KVMCAP_RECORDING_CHUNK_MAX	(32U << 20)

/* From a file's first frame to its last, at most; beyond that it is damaged. */
#define KVMCAP_RECORDING_SPAN_MAX_NS	(366ULL * 86400 * 1000000000)

/* Files of one recording. The product of both fits 63 bits. */
#define KVMCAP_RECORDING_SEGMENTS_MAX	256

/* Entries of a file's index: a year and more, one each minute. */
#define KVMCAP_RECORDING_INDEX_MAX	(1U << 20)

/* Of the header: what a log may want that a recording is played into. */
#define KVMCAP_RECORDING_LOG_MAX	(32U << 20)
#define KVMCAP_RECORDING_TILES_MAX	KVMCAP_RECORDS_TILES_MAX

/**
 * struct kvmcap_recording_header - how a file begins, 128 bytes
 * @magic: KVMCAP_RECORDING_MAGIC
 * @version: KVMCAP_RECORDING_VERSION
 * @header_size: where the first chunk begins
 * @id: a random number, which all chunks of this file have
 * @run: a random number, the same in all files of one run of the recorder
 * @number: of the file in its ring, from 1; 0 outside of a ring
 * @monotonic_ns: when it was begun, on the clock of all timestamps
 * @realtime_ns: the same since 1970, if the machine knew
 * @log_size: of the log that was recorded, in bytes
 * @index_capacity: ... and of its index, in tiles
 * @engine: whose log it was, as in struct kvmcap_query
 * @checksum: of the bytes before it
 */
struct kvmcap_recording_header {
	uint64_t magic;
	uint32_t version;
	uint32_t header_size;
	uint32_t id;
	uint32_t run;
	uint64_t number;
	uint64_t monotonic_ns;
	uint64_t realtime_ns;
	uint64_t log_size;
	uint32_t index_capacity;
	uint8_t engine[32];
	uint32_t reserved[8];
	uint32_t checksum;
};

/**
 * enum kvmcap_chunk_type - what a chunk holds
 * @KVMCAP_CHUNK_SNAPSHOT: a whole screen as records of one frame: where playing
 *	can begin. To who has played up to there it is nothing new
 * @KVMCAP_CHUNK_FRAME: the records of a frame, as they were in the log
 * @KVMCAP_CHUNK_INDEX: struct kvmcap_recording_entry for each snapshot
 * @KVMCAP_CHUNK_END: struct kvmcap_recording_end; nothing follows
 */
enum kvmcap_chunk_type {
	KVMCAP_CHUNK_SNAPSHOT = 1,
	KVMCAP_CHUNK_FRAME = 2,
	KVMCAP_CHUNK_INDEX = 3,
	KVMCAP_CHUNK_END = 4,
};

/* kvmcap_recording_chunk.flags: frames are missing before this snapshot. */
#define KVMCAP_CHUNK_GAP	(1 << 0)

/**
 * struct kvmcap_recording_chunk - what stands before each payload, 48 bytes
 * @magic: KVMCAP_RECORDING_CHUNK_MAGIC
 * @id: of the file: what is left on a disk of another file is no part of this
 * @type: enum kvmcap_chunk_type
 * @flags: KVMCAP_CHUNK_GAP
 * @length: bytes of the payload, a multiple of 16
 * @sequence: frame that the payload is, or leads to
 * @timestamp_ns: when that was committed
 * @payload_checksum: of the payload
 * @checksum: of the bytes before it
 */
struct kvmcap_recording_chunk {
	uint32_t magic;
	uint32_t id;
	uint16_t type;
	uint16_t flags;
	uint32_t length;
	uint64_t sequence;
	uint64_t timestamp_ns;
	uint32_t payload_checksum;
	uint32_t reserved[2];
	uint32_t checksum;
};

/**
 * struct kvmcap_recording_entry - where a snapshot is
 * @timestamp_ns: of its chunk
 * @offset: of its chunk, in the file
 */
struct kvmcap_recording_entry {
	uint64_t timestamp_ns;
	uint64_t offset;
};

/**
 * struct kvmcap_recording_end - the last chunk's payload
 * @index: where the index's chunk begins, in the file
 * @frames: FRAME chunks before it
 */
struct kvmcap_recording_end {
	uint64_t index;
	uint64_t frames;
};

/**
 * struct kvmcap_recording_writer - writes one file
 * @fd: the file, which stays the caller's; a pipe will do
 * @owned: the file holds nothing else: what could not be written whole is cut off
 * @checksum: makes checksums
 * @id: of the file
 * @size: bytes in it
 * @frames: FRAME chunks in it
 * @last_ns: no chunk may be older
 * @entries: the index so far
 * @entry_count: entries
 * @entry_room: room
 */
struct kvmcap_recording_writer {
	int fd;
	bool owned;
	struct kvmcap_checksum checksum;
	uint32_t id;
	uint64_t size;
	uint64_t frames;
	uint64_t last_ns;
	struct kvmcap_recording_entry *entries;
	size_t entry_count;
	size_t entry_room;
};

/**
 * kvmcap_recording_create() - begin a file
 * @writer: filled in; to be given to kvmcap_recording_release()
 * @fd: an empty file, or what else can be written to
 * @owned: it is an empty file, and nobody else writes to it
 * @header: @run, @number and what is after it; the rest is filled in
 *
 * Return: 0 or a negative errno.
 */
int kvmcap_recording_create(struct kvmcap_recording_writer *writer, int fd, bool owned,
			    const struct kvmcap_recording_header *header);

/**
 * kvmcap_recording_append() - add a chunk
 * @writer: the file
 * @chunk: @type, @flags, @length, @sequence, @timestamp_ns; the rest is filled in
 * @payload: @chunk->length bytes
 *
 * Return: 0 or a negative errno; what was written of the chunk is gone then, if the
 * file is owned.
 */
int kvmcap_recording_append(struct kvmcap_recording_writer *writer,
			    const struct kvmcap_recording_chunk *chunk, const void *payload);

/* Bytes that kvmcap_recording_finish() adds, with @more entries in the index. */
size_t kvmcap_recording_finish_size(const struct kvmcap_recording_writer *writer, size_t more);

/* Write the index and the end. @timestamp_ns: how long the last frame stood. */
int kvmcap_recording_finish(struct kvmcap_recording_writer *writer, uint64_t timestamp_ns);

void kvmcap_recording_release(struct kvmcap_recording_writer *writer);

/**
 * struct kvmcap_recording_info - what a recording is
 * @engine: that made the pictures, printable, NUL terminated
 * @realtime_ns: when the recording began, since 1970, if the machine knew
 * @duration_ns: from the first frame to the end
 * @segments: files
 * @snapshots: places where playing can begin
 * @frames: recorded
 * @bytes: of all files, without what is cut off
 * @cut: files without an end: being written, or cut off
 * @damaged: chunks found damaged since the recording was opened
 * @log_size: of the largest log
 * @index_capacity: ... and index
 */
struct kvmcap_recording_info {
	char engine[33];
	uint64_t realtime_ns;
	uint64_t duration_ns;
	unsigned int segments;
	uint64_t snapshots;
	uint64_t frames;
	uint64_t bytes;
	unsigned int cut;
	uint64_t damaged;
	uint64_t log_size;
	uint32_t index_capacity;
};

/**
 * struct kvmcap_recording_step - what comes next in a recording
 * @snapshot: it is a whole screen, not what has changed
 * @time_ns: since the recording's first frame
 * @timestamp_ns: when it was committed
 * @sequence: of the frame
 * @data: its records, until the next call
 * @length: bytes of them
 * @records: what they say
 */
struct kvmcap_recording_step {
	bool snapshot;
	uint64_t time_ns;
	uint64_t timestamp_ns;
	uint64_t sequence;
	const void *data;
	size_t length;
	struct kvmcap_records records;
};

struct kvmcap_recording;

/**
 * kvmcap_recording_open() - open a file, or a ring
 * @recording: where the recording goes
 * @path: a file, or a directory with files named *.kvmrec
 *
 * Return: 0; -EINVAL it is no recording; -EPROTO a recording of another version
 * or byte order; -ENODATA there is no picture in it; -E2BIG too many files; the
 * errno of what failed.
 */
int kvmcap_recording_open(struct kvmcap_recording **recording, const char *path);

/* The same with a file that is open; @fd is the recording's from then on. */
int kvmcap_recording_open_fd(struct kvmcap_recording **recording, int fd);

/* Safe with NULL. */
void kvmcap_recording_close(struct kvmcap_recording *recording);

const struct kvmcap_recording_info *kvmcap_recording_info(const struct kvmcap_recording *recording);

/* kvmcap_recording_next() goes on with the last snapshot that is not after @time_ns. */
void kvmcap_recording_seek(struct kvmcap_recording *recording, uint64_t time_ns);

/* What came last was of no use: go on with the next snapshot. */
void kvmcap_recording_resync(struct kvmcap_recording *recording);

/**
 * kvmcap_recording_next() - read on
 * @recording: the recording
 * @step: what came
 *
 * Snapshots come only where what came before does not lead to them.
 *
 * Return: 1; 0 at the end; a negative errno.
 */
int kvmcap_recording_next(struct kvmcap_recording *recording, struct kvmcap_recording_step *step);

#endif
