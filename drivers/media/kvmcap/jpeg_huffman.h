/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Huffman tables of baseline JPEG, made ready for walking a scan.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_HUFFMAN_H
#define KVMCAP_JPEG_HUFFMAN_H

#include "pure.h"

#define KVMCAP_HUFFMAN_MAX_LENGTH	16	/* bits of a code, T.81 */
#define KVMCAP_HUFFMAN_DC_SYMBOLS	12	/* categories 0..11 */
#define KVMCAP_HUFFMAN_AC_SYMBOLS	162	/* 16 runs x 10 sizes, EOB, ZRL */
#define KVMCAP_HUFFMAN_LOOKUP_BITS	10

/**
 * struct kvmcap_huffman - one table in canonical form
 * @ac: an AC table (runs and sizes) rather than a DC one (categories)
 * @total: number of symbols
 * @counts: codes of each length, 1..16 bits, as in DHT
 * @symbols: in the order of their codes, as in DHT
 * @limit: one above the last code of each length, left-aligned in 16 bits
 * @offset: index in @symbols of a length's first code, less that code
 */
struct kvmcap_huffman {
	bool ac;
	u8 total;
	u8 counts[KVMCAP_HUFFMAN_MAX_LENGTH];
	u8 symbols[KVMCAP_HUFFMAN_AC_SYMBOLS];
	u32 limit[KVMCAP_HUFFMAN_MAX_LENGTH + 1];
	s32 offset[KVMCAP_HUFFMAN_MAX_LENGTH + 1];
};

/**
 * kvmcap_huffman_set() - check and take over a table as DHT holds it
 * @table: filled in; meaningless after an error
 * @ac: whether it is an AC table
 * @data: 16 counts, then the symbols
 * @length: bytes in @data; must be exactly what the counts say
 *
 * Return: 0, or -EBADMSG if the counts ask for more codes than there are, or a
 * symbol is not one of baseline's, or occurs twice.
 */
int kvmcap_huffman_set(struct kvmcap_huffman *table, bool ac, const u8 *data,
		       size_t length);

#endif
