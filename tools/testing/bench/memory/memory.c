// SPDX-License-Identifier: Apache-2.0
/*
 * bench_memory: what of the kernel's memory /dev/kvmcap0 has taken, a line of a
 * table.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvmcap.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define DEVICE	"/dev/kvmcap0"
#define KIB	1024.0

int main(void)
{
	const struct kvmcap_header *header;
	struct kvmcap_query query;
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, KVMCAP_IOC_QUERY, &query))
		err(1, DEVICE);
	header = mmap(NULL, query.map_size, PROT_READ, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED)
		err(1, DEVICE);
	printf("%-16s %5ux%-5u %8.0f %8.0f %8.0f %8.0f\n", query.engine, query.width_max,
	       query.height_max, (double)header->index_offset / KIB,
	       (double)(header->log_offset - header->index_offset) / KIB,
	       (double)header->log_size / KIB, (double)query.map_size / KIB);
	munmap((void *)header, query.map_size);
	close(fd);
	return 0;
}
