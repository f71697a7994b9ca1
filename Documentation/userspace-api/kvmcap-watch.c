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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* The header, and the index if it is wanted, as of one moment. */
static void look(const uint8_t *map, struct kvmcap_header *header, struct kvmcap_tile *index)
{
	const uint32_t *counter = &((const struct kvmcap_header *)map)->update;
	uint32_t update;

	do {
		while ((update = __atomic_load_n(counter, __ATOMIC_ACQUIRE)) & 1)
			sched_yield();
		memcpy(header, map, sizeof(*header));
		if (index)
			memcpy(index, map + header->index_offset,
			       header->index_capacity * sizeof(*index));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(counter, __ATOMIC_RELAXED) != update);
}

int main(int argc, char **argv)
{
	struct pollfd device = { .fd = open(argc == 3 ? argv[1] : "", O_RDONLY), .events = POLLIN };
	struct kvmcap_ack ack = { .flags = KVMCAP_ACK_ARM };
	int frames = argc == 3 ? atoi(argv[2]) : 0;
	struct kvmcap_header header, later;
	struct kvmcap_query query;

	if (device.fd < 0 || ioctl(device.fd, KVMCAP_IOC_QUERY, &query))
		err(1, "usage: kvmcap-watch DEVICE FRAMES");
	const uint8_t *map = mmap(NULL, query.map_size, PROT_READ, MAP_SHARED, device.fd, 0);
	struct kvmcap_tile *index = malloc(query.map_size);
	uint8_t *payload = malloc(query.map_size);
	if (map == MAP_FAILED || !index || !payload)
		err(1, "no memory");

	while (frames > 0) {
		uint64_t oldest = UINT64_MAX;
		size_t bytes = 0;
		int changed = 0;

		/* Seen up to here, and more is wanted: only now is anything captured. */
		if (ioctl(device.fd, KVMCAP_IOC_ACK, &ack) || poll(&device, 1, -1) < 0)
			err(1, "%s", argv[1]);
		look(map, &header, index);
		for (int i = 0; i < header.mode.columns * header.mode.rows; i++) {
			if (index[i].sequence <= ack.sequence)
				continue;
			memcpy(payload + bytes, map + header.log_offset + index[i].offset,
			       index[i].length);
			oldest = index[i].position < oldest ? index[i].position : oldest;
			bytes += index[i].length;
			changed++;
		}
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		look(map, &later, NULL);
		if (oldest < later.tail)
			continue;	/* written over meanwhile: look again */
		printf("frame %llu: signal %u, %ux%u, %d tiles, %zu bytes\n",
		       (unsigned long long)header.committed, header.signal, header.mode.width,
		       header.mode.height, changed, bytes);
		ack.sequence = header.committed;
		frames--;
	}
	return 0;
}
