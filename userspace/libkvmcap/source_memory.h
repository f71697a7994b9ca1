/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source over the caller's memory: what tests read that have no kernel. It is
 * in libkvmcap.a only.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_SOURCE_MEMORY_H
#define LIBKVMCAP_SOURCE_MEMORY_H

#include "kvmcap.h"

/**
 * kvmcap_open_memory() - take memory for the mapping of a device
 * @source: where the new source goes
 * @map: laid out as <linux/kvmcap.h> says, aligned to 8 bytes; another thread
 *	may go on writing to it as the driver does
 * @size: bytes of @map, at least what its header says
 * @fd: what kvmcap_fd() is to return, an eventfd for example; -1 for none
 *
 * @map and @fd stay the caller's. kvmcap_ack() is answered without a driver,
 * the other calls that need one fail.
 *
 * Return: 0; -EPROTO no such layout; -ENOMEM.
 */
int kvmcap_open_memory(struct kvmcap_source **source, const void *map, size_t size, int fd);

/* What kvmcap_ack() was last told on a source over memory. */
uint64_t kvmcap_memory_acked(const struct kvmcap_source *source, bool *armed);

#endif
