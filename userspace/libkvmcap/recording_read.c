// SPDX-License-Identifier: Apache-2.0
/*
 * Reading a recording: its files, as if they were one.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording_segment.h"

#define CHUNK_SIZE	sizeof(struct kvmcap_recording_chunk)

/**
 * struct kvmcap_recording - a recording
 * @checksum: checks checksums
 * @info: what it is
 * @segments: its files, oldest first
 * @segment: the one that is being read
 * @offset: of the next chunk there
 * @adrift: what comes before the next snapshot cannot be used
 * @last_ns: timestamp of the last chunk
 * @payload: room for one
 * @payload_room: bytes there
 */
struct kvmcap_recording {
	struct kvmcap_checksum checksum;
	struct kvmcap_recording_info info;
	struct kvmcap_segment *segments;
	unsigned int segment;
	uint64_t offset;
	bool adrift;
	uint64_t last_ns;
	void *payload;
	size_t payload_room;
};

static int compare_segments(const void *a, const void *b)
{
	const struct kvmcap_recording_header *x = &((const struct kvmcap_segment *)a)->header;
	const struct kvmcap_recording_header *y = &((const struct kvmcap_segment *)b)->header;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->realtime_ns > y->realtime_ns) - (x->realtime_ns < y->realtime_ns);
}

/* Files of one run keep the time between them; there is none between runs. */
static void place_segments(struct kvmcap_recording *recording)
{
	struct kvmcap_segment *before, *segment;
	unsigned int i;

	for (i = 1; i < recording->info.segments; i++) {
		before = &recording->segments[i - 1];
		segment = &recording->segments[i];
		segment->base_ns = before->base_ns + before->last_ns - before->first_ns;
		if (segment->header.run == before->header.run &&
		    segment->first_ns >= before->last_ns &&
		    segment->first_ns - before->first_ns <= KVMCAP_RECORDING_SPAN_MAX_NS)
			segment->base_ns = before->base_ns + segment->first_ns - before->first_ns;
	}
}

static void fill_info(struct kvmcap_recording *recording)
{
	struct kvmcap_recording_info *info = &recording->info;
	const struct kvmcap_segment *segment = recording->segments;
	unsigned int i;
	char *letter;

	memcpy(info->engine, segment->header.engine, sizeof(segment->header.engine));
	for (letter = info->engine; *letter; letter++) {
		if (*letter < ' ' || *letter > '~')
			*letter = '?';
	}
	info->realtime_ns = segment->header.realtime_ns;
	for (i = 0; i < info->segments; i++, segment++) {
		info->snapshots += segment->entry_count;
		info->frames += segment->frames;
		info->bytes += segment->end;
		info->cut += !segment->whole;
		if (info->log_size < segment->header.log_size)
			info->log_size = segment->header.log_size;
		if (info->index_capacity < segment->header.index_capacity)
			info->index_capacity = segment->header.index_capacity;
		info->duration_ns = segment->base_ns + segment->last_ns - segment->first_ns;
	}
}

/* Takes over @fd. A file of a ring that is no recording, or empty, is passed by. */
static int add_segment(struct kvmcap_recording *recording, int fd, bool ring)
{
	struct kvmcap_segment segment, *segments;
	int err = kvmcap_segment_open(&segment, fd, &recording->checksum);

	if (!err && recording->info.segments == KVMCAP_RECORDING_SEGMENTS_MAX)
		err = -E2BIG;
	if (!err) {
		segments = reallocarray(recording->segments, recording->info.segments + 1,
					sizeof(*segments));
		if (segments) {
			segments[recording->info.segments++] = segment;
			recording->segments = segments;
			return 0;
		}
		err = -ENOMEM;
	}
	kvmcap_segment_close(&segment);
	return ring && (err == -EINVAL || err == -ENODATA) ? 0 : err;
}

static int add_file(struct kvmcap_recording *recording, int directory, const char *name)
{
	const size_t suffix = strlen(KVMCAP_RECORDING_SUFFIX), length = strlen(name);
	int fd;

	if (length < suffix || strcmp(name + length - suffix, KVMCAP_RECORDING_SUFFIX))
		return 0;
	fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	/* A recorder may have deleted it meanwhile. */
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return add_segment(recording, fd, true);
}

/* Takes over @fd. */
static int add_directory(struct kvmcap_recording *recording, int fd)
{
	DIR *directory = fdopendir(fd);
	struct dirent *entry;
	int err = 0;

	if (!directory) {
		err = -errno;
		close(fd);
		return err;
	}
	while (!err && (entry = readdir(directory)) != NULL)
		err = add_file(recording, dirfd(directory), entry->d_name);
	closedir(directory);
	return !err && !recording->info.segments ? -EINVAL : err;
}

int kvmcap_recording_open_fd(struct kvmcap_recording **recording, int fd)
{
	struct kvmcap_recording *r = calloc(1, sizeof(*r));
	struct stat st;
	int err;

	if (!r || fstat(fd, &st)) {
		err = r ? -errno : -ENOMEM;
		free(r);
		close(fd);
		return err;
	}
	kvmcap_checksum_init(&r->checksum);
	if (S_ISDIR(st.st_mode))
		err = add_directory(r, fd);
	else
		err = add_segment(r, fd, false);
	if (err) {
		kvmcap_recording_close(r);
		return err;
	}
	qsort(r->segments, r->info.segments, sizeof(*r->segments), compare_segments);
	place_segments(r);
	fill_info(r);
	kvmcap_recording_seek(r, 0);
	*recording = r;
	return 0;
}

int kvmcap_recording_open(struct kvmcap_recording **recording, const char *path)
{
	/* O_NONBLOCK: what is no recording may be a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : kvmcap_recording_open_fd(recording, fd);
}

void kvmcap_recording_close(struct kvmcap_recording *recording)
{
	unsigned int i;

	if (!recording)
		return;
	for (i = 0; i < recording->info.segments; i++)
		kvmcap_segment_close(&recording->segments[i]);
	free(recording->segments);
	free(recording->payload);
	free(recording);
}

const struct kvmcap_recording_info *kvmcap_recording_info(const struct kvmcap_recording *recording)
{
	return &recording->info;
}

static void go_to(struct kvmcap_recording *recording, unsigned int segment, uint64_t offset)
{
	recording->segment = segment;
	recording->offset = offset;
	recording->adrift = true;
	recording->last_ns = 0;
}

/* Entries of @segment that are not after @time_ns; at least 1. */
static size_t entries_until(const struct kvmcap_segment *segment, uint64_t time_ns)
{
	size_t low = 1, high = segment->entry_count;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;
		uint64_t at = segment->base_ns + segment->entries[middle - 1].timestamp_ns -
			      segment->first_ns;

		if (at <= time_ns)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

void kvmcap_recording_seek(struct kvmcap_recording *recording, uint64_t time_ns)
{
	unsigned int i = recording->info.segments - 1;
	const struct kvmcap_segment *segment;

	while (i && recording->segments[i].base_ns > time_ns)
		i--;
	segment = &recording->segments[i];
	go_to(recording, i, segment->entries[entries_until(segment, time_ns) - 1].offset);
}

void kvmcap_recording_resync(struct kvmcap_recording *recording)
{
	recording->adrift = true;
	recording->info.damaged++;
}

/* The chunk's header is damaged: only the index knows where another one is. */
static void skip_damage(struct kvmcap_recording *recording)
{
	const struct kvmcap_segment *segment = &recording->segments[recording->segment];
	size_t i;

	recording->info.damaged++;
	for (i = 0; i < segment->entry_count; i++) {
		if (segment->entries[i].offset > recording->offset) {
			go_to(recording, recording->segment, segment->entries[i].offset);
			return;
		}
	}
	recording->offset = segment->end;
}

static bool timestamp_possible(const struct kvmcap_recording *recording,
			       const struct kvmcap_segment *segment, uint64_t timestamp_ns)
{
	return timestamp_ns >= segment->first_ns && timestamp_ns >= recording->last_ns &&
	       timestamp_ns <= segment->last_ns;
}

/* Whether a chunk takes the picture further. */
static bool wanted(const struct kvmcap_recording *recording,
		   const struct kvmcap_recording_chunk *chunk)
{
	if (chunk->type == KVMCAP_CHUNK_SNAPSHOT)
		return recording->adrift || (chunk->flags & KVMCAP_CHUNK_GAP);
	return chunk->type == KVMCAP_CHUNK_FRAME && !recording->adrift;
}

static int need_room(struct kvmcap_recording *recording, size_t size)
{
	if (recording->payload && size <= recording->payload_room)
		return 0;
	free(recording->payload);
	recording->payload_room = 0;
	recording->payload = malloc(size + KVMCAP_RECORD_ALIGN);
	if (!recording->payload)
		return -ENOMEM;
	recording->payload_room = size;
	return 0;
}

/* 1 with @step filled in, 0 if it has to be passed by. */
static int read_step(struct kvmcap_recording *recording, const struct kvmcap_segment *segment,
		     const struct kvmcap_recording_chunk *chunk,
		     struct kvmcap_recording_step *step)
{
	int err = need_room(recording, chunk->length);

	if (!err)
		err = kvmcap_segment_payload(segment, recording->offset, chunk,
					     recording->payload);
	if (!err)
		err = kvmcap_records_check(recording->payload, chunk->length, &step->records);
	if (err == -EBADMSG || err == -ENODATA) {
		kvmcap_recording_resync(recording);
		return 0;
	}
	if (err)
		return err;
	step->snapshot = chunk->type == KVMCAP_CHUNK_SNAPSHOT;
	step->time_ns = segment->base_ns + chunk->timestamp_ns - segment->first_ns;
	step->timestamp_ns = chunk->timestamp_ns;
	step->sequence = chunk->sequence;
	step->data = recording->payload;
	step->length = chunk->length;
	recording->adrift = false;
	return 1;
}

int kvmcap_recording_next(struct kvmcap_recording *recording, struct kvmcap_recording_step *step)
{
	const struct kvmcap_segment *segment = &recording->segments[recording->segment];
	struct kvmcap_recording_chunk chunk;
	int ret = 0;

	while (!ret) {
		if (recording->offset >= segment->end) {
			if (recording->segment + 1 == recording->info.segments)
				return 0;
			segment++;
			go_to(recording, recording->segment + 1, segment->entries[0].offset);
		}
		ret = kvmcap_segment_chunk(segment, recording->offset, &chunk);
		if (!ret && !timestamp_possible(recording, segment, chunk.timestamp_ns))
			ret = -EBADMSG;
		if (ret == -EBADMSG || ret == -ENODATA) {
			skip_damage(recording);
			ret = 0;
			continue;
		}
		if (ret)
			return ret;
		recording->last_ns = chunk.timestamp_ns;
		if (wanted(recording, &chunk))
			ret = read_step(recording, segment, &chunk, step);
		recording->offset += CHUNK_SIZE + chunk.length;
	}
	return ret;
}
