// SPDX-License-Identifier: Apache-2.0
/*
 * Opening one file of a recording: by its index, or, if it has none, by going
 * from chunk to chunk.
 *
 * What is in a file is foreign: every length is checked against the file and
 * against its bound before it is used.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording_segment.h"

#define CHUNK_SIZE	sizeof(struct kvmcap_recording_chunk)
#define END_SIZE	(CHUNK_SIZE + sizeof(struct kvmcap_recording_end))
#define ENTRIES_FIRST	64

int kvmcap_segment_read(const struct kvmcap_segment *segment, uint64_t offset, void *data,
			size_t size)
{
	uint8_t *at = data;

	if (offset > segment->end || size > segment->end - offset)
		return -ENODATA;
	while (size) {
		ssize_t got = pread(segment->fd, at, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -ENODATA;
		at += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return 0;
}

int kvmcap_segment_chunk(const struct kvmcap_segment *segment, uint64_t offset,
			 struct kvmcap_recording_chunk *chunk)
{
	int err = kvmcap_segment_read(segment, offset, chunk, sizeof(*chunk));

	if (err)
		return err;
	if (chunk->magic != KVMCAP_RECORDING_CHUNK_MAGIC || chunk->id != segment->header.id ||
	    chunk->checksum != kvmcap_checksum(segment->checksum, chunk,
					       offsetof(struct kvmcap_recording_chunk, checksum)))
		return -EBADMSG;
	if (chunk->length > KVMCAP_RECORDING_CHUNK_MAX || chunk->length % KVMCAP_RECORD_ALIGN)
		return -EBADMSG;
	if (chunk->length > segment->end - offset - CHUNK_SIZE)
		return -ENODATA;
	return 0;
}

int kvmcap_segment_payload(const struct kvmcap_segment *segment, uint64_t offset,
			   const struct kvmcap_recording_chunk *chunk, void *payload)
{
	int err = kvmcap_segment_read(segment, offset + CHUNK_SIZE, payload, chunk->length);

	if (err)
		return err;
	return chunk->payload_checksum ==
	       kvmcap_checksum(segment->checksum, payload, chunk->length) ? 0 : -EBADMSG;
}

static int read_header(struct kvmcap_segment *segment)
{
	struct kvmcap_recording_header *header = &segment->header;
	int err = kvmcap_segment_read(segment, 0, header, sizeof(*header));

	if (err)
		return err == -ENODATA ? -EINVAL : err;
	if (header->magic == __builtin_bswap64(KVMCAP_RECORDING_MAGIC))
		return -EPROTO;
	if (header->magic != KVMCAP_RECORDING_MAGIC)
		return -EINVAL;
	if (header->version != KVMCAP_RECORDING_VERSION)
		return -EPROTO;
	if (header->checksum != kvmcap_checksum(segment->checksum, header,
						offsetof(struct kvmcap_recording_header, checksum)))
		return -EINVAL;
	if (header->header_size != sizeof(*header) || header->log_size > KVMCAP_RECORDING_LOG_MAX ||
	    !header->index_capacity || header->index_capacity > KVMCAP_RECORDING_TILES_MAX)
		return -EPROTO;
	return 0;
}

/* Whether the index is one: it is only ever believed about where to look. */
static bool entries_sound(const struct kvmcap_segment *segment)
{
	const struct kvmcap_recording_entry *entries = segment->entries;
	uint64_t offset = segment->header.header_size, time_ns = 0;
	size_t i;

	for (i = 0; i < segment->entry_count; i++) {
		if (entries[i].offset < offset || entries[i].offset >= segment->end ||
		    entries[i].timestamp_ns < time_ns)
			return false;
		offset = entries[i].offset + CHUNK_SIZE;
		time_ns = entries[i].timestamp_ns;
	}
	return segment->entry_count && time_ns <= segment->last_ns &&
	       segment->last_ns - entries[0].timestamp_ns <= KVMCAP_RECORDING_SPAN_MAX_NS;
}

static int read_index(struct kvmcap_segment *segment, uint64_t offset)
{
	struct kvmcap_recording_chunk chunk;
	int err = kvmcap_segment_chunk(segment, offset, &chunk);

	if (err)
		return err;
	if (chunk.type != KVMCAP_CHUNK_INDEX || !chunk.length)
		return -EBADMSG;
	segment->entries = malloc(chunk.length);
	if (!segment->entries)
		return -ENOMEM;
	segment->entry_count = chunk.length / sizeof(*segment->entries);
	err = kvmcap_segment_payload(segment, offset, &chunk, segment->entries);
	if (!err && !entries_sound(segment))
		err = -EBADMSG;
	return err;
}

/* By the end of the file. Any error but -ENOMEM: it has to be done without. */
static int open_by_index(struct kvmcap_segment *segment)
{
	struct kvmcap_recording_chunk chunk;
	struct kvmcap_recording_end end;
	uint64_t at = segment->end - END_SIZE;
	int err;

	if (segment->end < segment->header.header_size + END_SIZE)
		return -ENODATA;
	err = kvmcap_segment_chunk(segment, at, &chunk);
	if (err)
		return err;
	if (chunk.type != KVMCAP_CHUNK_END || chunk.length != sizeof(end))
		return -EBADMSG;
	err = kvmcap_segment_payload(segment, at, &chunk, &end);
	if (err)
		return err;
	segment->last_ns = chunk.timestamp_ns;
	err = read_index(segment, end.index);
	if (err)
		return err;
	segment->frames = end.frames;
	segment->end = end.index;
	segment->whole = true;
	return 0;
}

static int add_entry(struct kvmcap_segment *segment, uint64_t timestamp_ns, uint64_t offset,
		     size_t *room)
{
	if (segment->entry_count == KVMCAP_RECORDING_INDEX_MAX)
		return 0;
	if (segment->entry_count == *room) {
		size_t more = *room ? *room * 2 : ENTRIES_FIRST;
		void *entries = reallocarray(segment->entries, more, sizeof(*segment->entries));

		if (!entries)
			return -ENOMEM;
		segment->entries = entries;
		*room = more;
	}
	segment->entries[segment->entry_count++] = (struct kvmcap_recording_entry){
		.timestamp_ns = timestamp_ns,
		.offset = offset,
	};
	return 0;
}

/* From chunk to chunk, up to the first that is none. Payloads are not looked at. */
static int open_by_scan(struct kvmcap_segment *segment)
{
	uint64_t at = segment->header.header_size, first = 0, last = 0;
	struct kvmcap_recording_chunk chunk;
	size_t room = 0;
	int err;

	segment->frames = 0;
	for (;; at += CHUNK_SIZE + chunk.length) {
		err = kvmcap_segment_chunk(segment, at, &chunk);
		if (err == -ENODATA || err == -EBADMSG)
			break;
		if (err)
			return err;
		if (!segment->entry_count)
			first = chunk.timestamp_ns;
		if (chunk.timestamp_ns < last ||
		    chunk.timestamp_ns - first > KVMCAP_RECORDING_SPAN_MAX_NS)
			break;
		if (chunk.type == KVMCAP_CHUNK_SNAPSHOT) {
			err = add_entry(segment, chunk.timestamp_ns, at, &room);
			if (err)
				return err;
		}
		segment->frames += chunk.type == KVMCAP_CHUNK_FRAME;
		last = chunk.timestamp_ns;
	}
	segment->end = at;
	segment->last_ns = last;
	return segment->entry_count ? 0 : -ENODATA;
}

int kvmcap_segment_open(struct kvmcap_segment *segment, int fd,
			const struct kvmcap_checksum *checksum)
{
	struct stat st;
	int err;

	*segment = (struct kvmcap_segment){ .fd = fd, .checksum = checksum };
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	segment->end = (uint64_t)st.st_size;
	err = read_header(segment);
	if (err)
		return err;
	err = open_by_index(segment);
	if (err == -ENOMEM)
		return err;
	if (err) {
		free(segment->entries);
		segment->entries = NULL;
		segment->entry_count = 0;
		err = open_by_scan(segment);
	}
	if (!err)
		segment->first_ns = segment->entries[0].timestamp_ns;
	return err;
}

void kvmcap_segment_close(struct kvmcap_segment *segment)
{
	if (segment->fd >= 0)
		close(segment->fd);
	segment->fd = -1;
	free(segment->entries);
	segment->entries = NULL;
}
