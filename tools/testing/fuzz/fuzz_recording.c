// SPDX-License-Identifier: Apache-2.0
/*
 * A recording as somebody else gives it: opened, played to its end, and looked at
 * after each frame.
 *
 * A mutation hardly ever keeps a checksum right, so all of them are put right
 * first, unless the first byte is odd; the file begins behind that.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording.h"
#include "replay_write.h"
#include "source_memory.h"

#define CHUNKS_MAX	512	/* of an input */
#define TILES_MAX	4096
#define LOG_BYTES	(512U << 10)
#define PAGE		4096

static uint32_t header_sum(const struct kvmcap_checksum *checksum, const void *data, size_t size)
{
	return kvmcap_checksum(checksum, data, size - sizeof(uint32_t));
}

/* From chunk to chunk, as far as lengths lead. */
static void put_right(uint8_t *file, size_t size)
{
	struct kvmcap_checksum checksum;
	struct kvmcap_recording_header header;
	struct kvmcap_recording_chunk chunk;
	size_t at = sizeof(header);

	if (size < sizeof(header))
		return;
	kvmcap_checksum_init(&checksum);
	memcpy(&header, file, sizeof(header));
	header.checksum = header_sum(&checksum, &header, sizeof(header));
	memcpy(file, &header, sizeof(header));
	while (size - at >= sizeof(chunk)) {
		memcpy(&chunk, file + at, sizeof(chunk));
		chunk.magic = KVMCAP_RECORDING_CHUNK_MAGIC;
		chunk.id = header.id;
		if (chunk.length <= size - at - sizeof(chunk))
			chunk.payload_checksum = kvmcap_checksum(&checksum,
								 file + at + sizeof(chunk),
								 chunk.length);
		chunk.checksum = header_sum(&checksum, &chunk, sizeof(chunk));
		memcpy(file + at, &chunk, sizeof(chunk));
		if (chunk.length > size - at - sizeof(chunk))
			return;
		at += sizeof(chunk) + chunk.length;
	}
}

/* What a client would do with what it is shown. */
static void look(struct kvmcap_source *source)
{
	struct kvmcap_snapshot snapshot;
	struct kvmcap_rectangle rectangle;
	uint8_t *image;
	size_t i;

	if (kvmcap_snapshot(source, &snapshot))
		abort();
	kvmcap_damage(&snapshot, 0, &rectangle, 1);
	for (i = 0; i < snapshot.tile_count; i++) {
		if (snapshot.tiles[i].codec && !kvmcap_payload(source, &snapshot.tiles[i]))
			abort();
	}
	if (kvmcap_jpeg_picture(source, &snapshot, &image) > 0)
		free(image);
}

/* One log for all inputs: each has to cope with what another has left there. */
static struct kvmcap_log *the_log(struct kvmcap_source **source)
{
	static struct kvmcap_log log;
	static struct kvmcap_source *reader;

	if (!reader) {
		size_t size = kvmcap_log_map_size(TILES_MAX, KVMCAP_RECORDS_TILE_MAX, LOG_BYTES);
		void *map;

		size = (size + PAGE - 1) / PAGE * PAGE;
		map = aligned_alloc(PAGE, size);
		if (!map)
			abort();
		memset(map, 0, size);
		if (kvmcap_log_init(&log, map, size, TILES_MAX, KVMCAP_RECORDS_TILE_MAX) ||
		    kvmcap_open_memory(&reader, map, size, -1))
			abort();
	}
	*source = reader;
	return &log;
}

static void play(struct kvmcap_recording *recording)
{
	struct kvmcap_recording_step step;
	struct kvmcap_source *source;
	struct kvmcap_log *log = the_log(&source);
	unsigned int steps = 0;

	while (steps++ < CHUNKS_MAX && kvmcap_recording_next(recording, &step) > 0) {
		if (kvmcap_replay_write(log, step.data, step.length, &step.records,
					step.timestamp_ns))
			kvmcap_recording_resync(recording);
		look(source);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kvmcap_recording *recording;
	uint8_t *file;
	int fd;

	if (!size)
		return 0;
	fd = memfd_create("recording", MFD_CLOEXEC);
	file = malloc(size);
	if (fd < 0 || !file)
		abort();
	memcpy(file, data + 1, size - 1);
	if (!(data[0] & 1))
		put_right(file, size - 1);
	if (write(fd, file, size - 1) != (ssize_t)(size - 1))
		abort();
	free(file);
	if (kvmcap_recording_open_fd(&recording, fd))
		return 0;
	play(recording);
	kvmcap_recording_seek(recording, size);
	play(recording);
	kvmcap_recording_close(recording);
	return 0;
}
