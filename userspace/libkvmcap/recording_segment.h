/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of a recording, as it is read; not for libkvmcap's users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_RECORDING_SEGMENT_H
#define LIBKVMCAP_RECORDING_SEGMENT_H

#include "recording.h"

/**
 * struct kvmcap_segment - a file
 * @fd: the file
 * @checksum: checks checksums
 * @header: its header, checked
 * @end: where what can be read ends, in bytes from its start
 * @first_ns: timestamp of the first snapshot
 * @last_ns: ... and of the end
 * @base_ns: when @first_ns is, since the recording's first frame
 * @frames: FRAME chunks
 * @entries: the index, ascending in both; at least one
 * @entry_count: entries
 * @whole: it has an end
 */
struct kvmcap_segment {
	int fd;
	const struct kvmcap_checksum *checksum;
	struct kvmcap_recording_header header;
	uint64_t end;
	uint64_t first_ns;
	uint64_t last_ns;
	uint64_t base_ns;
	uint64_t frames;
	struct kvmcap_recording_entry *entries;
	size_t entry_count;
	bool whole;
};

/**
 * kvmcap_segment_open() - look through a file
 * @segment: filled in; to be given to kvmcap_segment_close(), whatever comes
 * @fd: the file, the segment's from then on
 * @checksum: to check with
 *
 * Return: 0 or as kvmcap_recording_open().
 */
int kvmcap_segment_open(struct kvmcap_segment *segment, int fd,
			const struct kvmcap_checksum *checksum);
void kvmcap_segment_close(struct kvmcap_segment *segment);

/* Read @size bytes at @offset. Return: 0; -ENODATA the file ends before; -errno. */
int kvmcap_segment_read(const struct kvmcap_segment *segment, uint64_t offset, void *data,
			size_t size);

/* Read and check the chunk header at @offset. Return: as above; -EBADMSG it is none. */
int kvmcap_segment_chunk(const struct kvmcap_segment *segment, uint64_t offset,
			 struct kvmcap_recording_chunk *chunk);

/* Read and check its payload; -EBADMSG: it is damaged. */
int kvmcap_segment_payload(const struct kvmcap_segment *segment, uint64_t offset,
			   const struct kvmcap_recording_chunk *chunk, void *payload);

#endif
