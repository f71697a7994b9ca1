// SPDX-License-Identifier: Apache-2.0
/*
 * Writing a recording's file.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "recording.h"

#define ENTRIES_FIRST	64

_Static_assert(sizeof(struct kvmcap_recording_header) == 128, "the format");
_Static_assert(sizeof(struct kvmcap_recording_chunk) == 48, "the format");
_Static_assert(sizeof(struct kvmcap_recording_entry) == 16, "the format");
_Static_assert(sizeof(struct kvmcap_recording_end) == 16, "the format");

/* All of @parts, or a negative errno. */
static int write_parts(int fd, struct iovec *parts, int count)
{
	while (count) {
		ssize_t written = writev(fd, parts, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		for (; count && (size_t)written >= parts->iov_len; parts++, count--)
			written -= (ssize_t)parts->iov_len;
		if (count) {
			parts->iov_base = (uint8_t *)parts->iov_base + written;
			parts->iov_len -= (size_t)written;
		}
	}
	return 0;
}

static int put(struct kvmcap_recording_writer *writer, const void *head, size_t head_size,
	       const void *payload, size_t size)
{
	struct iovec parts[] = {
		{ .iov_base = (void *)head, .iov_len = head_size },
		{ .iov_base = (void *)payload, .iov_len = size },
	};
	int err = write_parts(writer->fd, parts, size ? 2 : 1);

	if (!err) {
		writer->size += head_size + size;
		return 0;
	}
	/*
	 * What a pipe has taken it keeps; its reader finds the chunk cut off. A file that
	 * was given to us may hold more than we know of.
	 */
	if (writer->owned && !ftruncate(writer->fd, (off_t)writer->size))
		lseek(writer->fd, (off_t)writer->size, SEEK_SET);
	return err;
}

int kvmcap_recording_create(struct kvmcap_recording_writer *writer, int fd, bool owned,
			    const struct kvmcap_recording_header *header)
{
	struct kvmcap_recording_header full = *header;

	memset(writer, 0, sizeof(*writer));
	kvmcap_checksum_init(&writer->checksum);
	writer->fd = fd;
	writer->owned = owned;
	if (getrandom(&writer->id, sizeof(writer->id), 0) != sizeof(writer->id))
		return -errno;
	full.magic = KVMCAP_RECORDING_MAGIC;
	full.version = KVMCAP_RECORDING_VERSION;
	full.header_size = sizeof(full);
	full.id = writer->id;
	full.checksum = kvmcap_checksum(&writer->checksum, &full,
					offsetof(struct kvmcap_recording_header, checksum));
	writer->last_ns = full.monotonic_ns;
	return put(writer, &full, sizeof(full), NULL, 0);
}

static int append_raw(struct kvmcap_recording_writer *writer,
		      const struct kvmcap_recording_chunk *chunk, const void *payload)
{
	struct kvmcap_recording_chunk full = {
		.magic = KVMCAP_RECORDING_CHUNK_MAGIC,
		.id = writer->id,
		.type = chunk->type,
		.flags = chunk->flags,
		.length = chunk->length,
		.sequence = chunk->sequence,
		.timestamp_ns = chunk->timestamp_ns,
		.payload_checksum = kvmcap_checksum(&writer->checksum, payload, chunk->length),
	};
	int err;

	/* The clock only grows, but a snapshot may be of a frame before @monotonic_ns. */
	if (full.timestamp_ns < writer->last_ns)
		full.timestamp_ns = writer->last_ns;
	full.checksum = kvmcap_checksum(&writer->checksum, &full,
					offsetof(struct kvmcap_recording_chunk, checksum));
	err = put(writer, &full, sizeof(full), payload, full.length);
	if (!err)
		writer->last_ns = full.timestamp_ns;
	return err;
}

/* Room for one more entry; a file with too many is played all the same. */
static int grow(struct kvmcap_recording_writer *writer)
{
	size_t room = writer->entry_room ? writer->entry_room * 2 : ENTRIES_FIRST;
	struct kvmcap_recording_entry *entries;

	if (writer->entry_count < writer->entry_room ||
	    writer->entry_count == KVMCAP_RECORDING_INDEX_MAX)
		return 0;
	entries = reallocarray(writer->entries, room, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	writer->entries = entries;
	writer->entry_room = room;
	return 0;
}

int kvmcap_recording_append(struct kvmcap_recording_writer *writer,
			    const struct kvmcap_recording_chunk *chunk, const void *payload)
{
	uint64_t offset = writer->size;
	int err;

	if (chunk->length > KVMCAP_RECORDING_CHUNK_MAX || chunk->length % KVMCAP_RECORD_ALIGN)
		return -EINVAL;
	err = grow(writer);
	if (!err)
		err = append_raw(writer, chunk, payload);
	if (err)
		return err;
	writer->frames += chunk->type == KVMCAP_CHUNK_FRAME;
	if (chunk->type == KVMCAP_CHUNK_SNAPSHOT && writer->entry_count < writer->entry_room) {
		writer->entries[writer->entry_count++] = (struct kvmcap_recording_entry){
			.timestamp_ns = writer->last_ns,
			.offset = offset,
		};
	}
	return 0;
}

size_t kvmcap_recording_finish_size(const struct kvmcap_recording_writer *writer, size_t more)
{
	return 2 * sizeof(struct kvmcap_recording_chunk) + sizeof(struct kvmcap_recording_end) +
	       (writer->entry_count + more) * sizeof(struct kvmcap_recording_entry);
}

int kvmcap_recording_finish(struct kvmcap_recording_writer *writer, uint64_t timestamp_ns)
{
	const struct kvmcap_recording_end end = {
		.index = writer->size,
		.frames = writer->frames,
	};
	struct kvmcap_recording_chunk chunk = {
		.type = KVMCAP_CHUNK_INDEX,
		.length = (uint32_t)(writer->entry_count * sizeof(*writer->entries)),
		.timestamp_ns = timestamp_ns,
	};
	int err = append_raw(writer, &chunk, writer->entries);

	chunk.type = KVMCAP_CHUNK_END;
	chunk.length = sizeof(end);
	return err ? err : append_raw(writer, &chunk, &end);
}

void kvmcap_recording_release(struct kvmcap_recording_writer *writer)
{
	free(writer->entries);
	writer->entries = NULL;
	writer->entry_count = 0;
	writer->entry_room = 0;
}
