/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Big-endian numbers in byte strings, which is what RFB sends.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_BYTES_H
#define RELAY_BYTES_H

#include <stdint.h>

static inline uint16_t get_be16(const uint8_t *in)
{
	return (uint16_t)(in[0] << 8 | in[1]);
}

static inline uint32_t get_be32(const uint8_t *in)
{
	return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static inline uint8_t *put_u8(uint8_t *out, unsigned int value)
{
	*out = (uint8_t)value;
	return out + 1;
}

static inline uint8_t *put_be16(uint8_t *out, unsigned int value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return out + 2;
}

static inline uint8_t *put_be32(uint8_t *out, uint32_t value)
{
	put_be16(out, value >> 16);
	return put_be16(out + 2, value & 0xffff);
}

#endif
