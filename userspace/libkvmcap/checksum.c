// SPDX-License-Identifier: Apache-2.0
/*
 * CRC-32C, a byte at a time.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "checksum.h"

#define POLYNOMIAL	0x82f63b78	/* 0x1edc6f41, mirrored */

void kvmcap_checksum_init(struct kvmcap_checksum *checksum)
{
	unsigned int byte, bit;

	for (byte = 0; byte < 256; byte++) {
		uint32_t sum = byte;

		for (bit = 0; bit < 8; bit++)
			sum = (sum >> 1) ^ (sum & 1 ? POLYNOMIAL : 0);
		checksum->table[byte] = sum;
	}
}

uint32_t kvmcap_checksum(const struct kvmcap_checksum *checksum, const void *data, size_t size)
{
	const uint8_t *byte = data;
	uint32_t sum = 0xffffffff;

	while (size--)
		sum = (sum >> 8) ^ checksum->table[(sum ^ *byte++) & 0xff];
	return ~sum;
}
