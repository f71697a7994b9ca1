/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Huffman tables of baseline JPEG (ITU T.81, annexes C and F).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_HUFFMAN_H
#define KVMCAP_JPEG_HUFFMAN_H

#include "pure.h"

#define KVMCAP_HUFFMAN_LENGTHS		16	/* codes have 1..16 bits */
#define KVMCAP_HUFFMAN_CATEGORIES	12	/* DC symbols 0..11 */
#define KVMCAP_HUFFMAN_AC_SIZE_MAX	10
#define KVMCAP_HUFFMAN_AC_SYMBOLS	162	/* 16 runs x 10 sizes, EOB, ZRL */

#define KVMCAP_HUFFMAN_EOB		0x00	/* rest of the block is 0 */
#define KVMCAP_HUFFMAN_ZRL		0xf0	/* 16 coefficients of 0 */

/**
 * struct kvmcap_huffman - one table in canonical form
 * @length: bytes of @dht that are used; 0 for no table
 * @dht: the table as DHT has it: 16 counts, then symbols in order of their codes
 * @limit: by length, one above its last code, left-aligned in 16 bits
 * @offset: by length, the index of its first code's symbol, less that code
 */
struct kvmcap_huffman {
	size_t length;
	u8 dht[KVMCAP_HUFFMAN_LENGTHS + KVMCAP_HUFFMAN_AC_SYMBOLS];
	u32 limit[KVMCAP_HUFFMAN_LENGTHS + 1];
	s32 offset[KVMCAP_HUFFMAN_LENGTHS + 1];
};

/**
 * kvmcap_huffman_check() - check a table as DHT holds it
 * @ac: whether it is an AC table (runs and sizes) or a DC one (categories)
 * @data: 16 counts, then the symbols
 * @length: bytes in @data, of which the table may leave some
 *
 * A table may leave codes unassigned, as those of T.81's annex K do.
 *
 * Return: bytes that the table takes, or -EBADMSG if it is cut off, the counts
 * ask for more codes than there are, or a symbol is not one of baseline's or
 * occurs twice.
 */
int kvmcap_huffman_check(bool ac, const u8 *data, size_t length);

/**
 * kvmcap_huffman_set() - check a table and make it ready for decoding
 * @table: filled in; no table after an error
 * @ac: whether it is an AC table
 * @data: 16 counts, then the symbols
 * @length: bytes in @data; must be exactly what the counts say
 *
 * Return: 0 or -EBADMSG, as kvmcap_huffman_check().
 */
int kvmcap_huffman_set(struct kvmcap_huffman *table, bool ac, const u8 *data,
		       size_t length);

/**
 * kvmcap_huffman_decode() - decode one code
 * @table: a table
 * @bits: the next 16 bits of the stream
 * @symbol: what the code stands for
 *
 * Return: bits of the code; 0 if @bits begin with an unassigned code.
 */
unsigned int kvmcap_huffman_decode(const struct kvmcap_huffman *table, u32 bits,
				   u8 *symbol);

/**
 * kvmcap_huffman_encode() - find the code of a symbol
 * @table: a table
 * @symbol: what to look for
 * @code: its code, right-aligned
 *
 * Return: bits of the code; 0 if the table has none for @symbol.
 */
unsigned int kvmcap_huffman_encode(const struct kvmcap_huffman *table,
				   u8 symbol, u32 *code);

#endif
