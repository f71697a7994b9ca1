// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Huffman tables of baseline JPEG (ITU T.81, annexes C and F).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_huffman.h"

static bool is_symbol(bool ac, u8 symbol)
{
	unsigned int size = symbol & 0xf;

	if (!ac)
		return symbol < KVMCAP_HUFFMAN_CATEGORIES;
	if (!size)
		return symbol == KVMCAP_HUFFMAN_EOB ||
		       symbol == KVMCAP_HUFFMAN_ZRL;
	return size <= KVMCAP_HUFFMAN_AC_SIZE_MAX;
}

int kvmcap_huffman_check(bool ac, const u8 *data, size_t length)
{
	unsigned int most = ac ? KVMCAP_HUFFMAN_AC_SYMBOLS :
				 KVMCAP_HUFFMAN_CATEGORIES;
	u8 seen[256 / 8] = { 0 };
	unsigned int i, total = 0;
	u32 free = 1;		/* codes of this length that may still be used */

	if (length < KVMCAP_HUFFMAN_LENGTHS)
		return -EBADMSG;

	for (i = 0; i < KVMCAP_HUFFMAN_LENGTHS; i++) {
		unsigned int count = data[i];

		free <<= 1;
		if (count > free)
			return -EBADMSG;
		free -= count;
		total += count;
	}
	if (!total || total > most || total > length - KVMCAP_HUFFMAN_LENGTHS)
		return -EBADMSG;

	for (i = 0; i < total; i++) {
		u8 symbol = data[KVMCAP_HUFFMAN_LENGTHS + i];
		u8 bit = 1 << (symbol & 7);

		if (!is_symbol(ac, symbol) || seen[symbol >> 3] & bit)
			return -EBADMSG;
		seen[symbol >> 3] |= bit;
	}
	return KVMCAP_HUFFMAN_LENGTHS + total;
}

int kvmcap_huffman_set(struct kvmcap_huffman *table, bool ac, const u8 *data,
		       size_t length)
{
	unsigned int i, index = 0;
	u32 code = 0;

	table->length = 0;
	if (length > sizeof(table->dht))
		return -EBADMSG;

	/* Check the copy: the original may change meanwhile. */
	memcpy(table->dht, data, length);
	if (kvmcap_huffman_check(ac, table->dht, length) != (int)length)
		return -EBADMSG;

	for (i = 1; i <= KVMCAP_HUFFMAN_LENGTHS; i++) {
		code <<= 1;
		table->offset[i] = (s32)index - (s32)code;
		code += table->dht[i - 1];
		index += table->dht[i - 1];
		table->limit[i] = code << (KVMCAP_HUFFMAN_LENGTHS - i);
	}
	table->length = length;
	return 0;
}

unsigned int kvmcap_huffman_decode(const struct kvmcap_huffman *table, u32 bits,
				   u8 *symbol)
{
	unsigned int i;
	s32 code;

	for (i = 1; i <= KVMCAP_HUFFMAN_LENGTHS; i++) {
		if (bits >= table->limit[i])
			continue;
		code = bits >> (KVMCAP_HUFFMAN_LENGTHS - i);
		*symbol = table->dht[KVMCAP_HUFFMAN_LENGTHS +
				     table->offset[i] + code];
		return i;
	}
	return 0;
}

unsigned int kvmcap_huffman_encode(const struct kvmcap_huffman *table,
				   u8 symbol, u32 *code)
{
	const u8 *symbols = table->dht + KVMCAP_HUFFMAN_LENGTHS;
	unsigned int i, j, index = 0;
	u32 next = 0;

	for (i = 1; i <= KVMCAP_HUFFMAN_LENGTHS; i++) {
		next <<= 1;
		for (j = 0; j < table->dht[i - 1]; j++, next++) {
			if (symbols[index++] != symbol)
				continue;
			*code = next;
			return i;
		}
	}
	return 0;
}
