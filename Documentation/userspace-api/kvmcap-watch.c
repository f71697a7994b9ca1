// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcap-watch DEVICE FRAMES: the shortest complete reader of /dev/kvmcapN. It
 * prints what each frame changed, and copies those tiles.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvmcap.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* The header and, if wanted, the index as of one moment. */
static struct kvmcap_header look(const uint8_t *map, struct kvmcap_tile *index)
{
	const struct kvmcap_header *header = (const void *)map;
	struct kvmcap_header copy;
	unsigned int tries = 0;
	uint32_t update;

	for (;;) {
		update = __atomic_load_n(&header->update, __ATOMIC_ACQUIRE);
		if (update % 2 == 0) {
			memcpy(&copy, map, sizeof(copy));
			if (index)
				memcpy(index, map + copy.index_offset,
				       copy.index_capacity * sizeof(*index));
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			if (__atomic_load_n(&header->update, __ATOMIC_RELAXED) == update)
				return copy;
		}
		if (++tries % KVMCAP_UPDATE_RETRIES == 0)
			sched_yield();
	}
}

/* Copies a tile; false if it was written over meanwhile: look() again, then. */
static int copy_tile(const uint8_t *map, const struct kvmcap_header *header,
		     const struct kvmcap_tile *tile, uint8_t *payload)
{
	memcpy(payload, map + header->log_offset + tile->offset, tile->length);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return tile->position >= look(map, NULL).tail;
}

/* Takes what is newer than @seen; gives the frame that it is up to date with. */
static uint64_t take(const uint8_t *map, struct kvmcap_tile *index, uint64_t seen)
{
	struct kvmcap_header header = look(map, index);
	size_t tiles = (size_t)header.mode.columns * header.mode.rows;
	uint8_t *payload = malloc(header.log_size);
	size_t bytes = 0, changed = 0, i;

	if (!payload)
		err(1, "no memory");
	if (header.changed > seen)
		printf("signal %u, %ux%u, tables %u\n", header.signal, header.mode.width,
		       header.mode.height, header.tables);
	for (i = 0; i < tiles; i++) {
		if (index[i].sequence <= seen)
			continue;
		if (!copy_tile(map, &header, &index[i], payload)) {
			free(payload);
			return take(map, index, seen);
		}
		changed++;
		bytes += index[i].length;
	}
	printf("frame %llu: %zu tiles, %zu bytes\n", (unsigned long long)header.committed,
	       changed, bytes);
	free(payload);
	return header.committed;
}

int main(int argc, char **argv)
{
	struct kvmcap_ack ack = { .flags = KVMCAP_ACK_ARM };
	struct kvmcap_query query;
	struct kvmcap_tile *index;
	struct pollfd pollfd;
	int frames;
	uint8_t *map;

	if (argc != 3)
		errx(2, "usage: kvmcap-watch DEVICE FRAMES");
	pollfd = (struct pollfd){ .fd = open(argv[1], O_RDONLY | O_CLOEXEC), .events = POLLIN };
	if (pollfd.fd < 0 || ioctl(pollfd.fd, KVMCAP_IOC_QUERY, &query))
		err(1, "%s", argv[1]);
	map = mmap(NULL, query.map_size, PROT_READ, MAP_SHARED, pollfd.fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s", argv[1]);
	if (look(map, NULL).magic != KVMCAP_MAGIC ||
	    look(map, NULL).version != KVMCAP_ABI_VERSION ||
	    look(map, NULL).tile_size != sizeof(*index))
		errx(1, "%s: not the kvmcap that this was made for", argv[1]);
	index = calloc(look(map, NULL).index_capacity, sizeof(*index));
	if (!index)
		err(1, "no memory");

	for (frames = atoi(argv[2]); frames > 0; frames--) {
		/* Seen up to here, and more is wanted: only now is anything captured. */
		if (ioctl(pollfd.fd, KVMCAP_IOC_ACK, &ack))
			err(1, "%s", argv[1]);
		if (poll(&pollfd, 1, -1) < 0 || pollfd.revents & POLLHUP)
			errx(1, "%s is gone", argv[1]);
		ack.sequence = take(map, index, ack.sequence);
	}
	free(index);
	return 0;
}
