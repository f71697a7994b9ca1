/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli), as iSCSI has it (RFC 3720, B.4); not for libkvmcap's
 * users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_CHECKSUM_H
#define LIBKVMCAP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* What each byte does to the sum. */
struct kvmcap_checksum {
	uint32_t table[256];
};

void kvmcap_checksum_init(struct kvmcap_checksum *checksum);

uint32_t kvmcap_checksum(const struct kvmcap_checksum *checksum, const void *data, size_t size);

#endif
