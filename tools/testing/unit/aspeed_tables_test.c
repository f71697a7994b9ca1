// SPDX-License-Identifier: Apache-2.0
/*
 * The ASPEED engine's tables, and the qualities that they stand for.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "aspeed_tables.h"
#include "tap.h"

/* CRC-32 of the header tables that mainline's driver writes: 4:4:4 and 4:2:0. */
#define MAINLINE_444	0xc47a081e
#define MAINLINE_420	0xa7340570

static u32 crc32(const u8 *bytes, size_t length)
{
	u32 crc = 0xffffffff;
	unsigned int bit;

	while (length--) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void test_headers(void)
{
	static u8 table[KVMCAP_ASPEED_HEADER_TABLE_SIZE];

	kvmcap_aspeed_header_table(false, table);
	tap_ok(crc32(table, sizeof(table)) == MAINLINE_444, "4:4:4 headers are mainline's");
	kvmcap_aspeed_header_table(true, table);
	tap_ok(crc32(table, sizeof(table)) == MAINLINE_420, "4:2:0 headers are mainline's");
}

static void test_size_place(void)
{
	u8 header[KVMCAP_ASPEED_HEADER_LENGTH];
	const u8 *size = header + KVMCAP_ASPEED_HEADER_HEIGHT;

	kvmcap_aspeed_header(3, true, header);
	tap_ok(size[-5] == 0xff && size[-4] == 0xc0 && size[-1] == 8 && !size[0] && !size[3],
	       "the picture's size goes into SOF0");
}

/* The nearest quality, of two the better one, by trying all. */
static unsigned int nearest(unsigned int quality)
{
	unsigned int i, best = 0;

	for (i = 1; i < KVMCAP_ASPEED_SELECTORS; i++) {
		int there = abs((int)kvmcap_aspeed_quality(i) - (int)quality);
		int here = abs((int)kvmcap_aspeed_quality(best) - (int)quality);

		if (there <= here)
			best = i;
	}
	return best;
}

static void test_qualities(void)
{
	unsigned int i, wrong = 0;

	for (i = 1; i < KVMCAP_ASPEED_SELECTORS; i++)
		wrong += kvmcap_aspeed_quality(i) <= kvmcap_aspeed_quality(i - 1);
	tap_ok(!wrong, "a higher selector is a higher quality");

	for (i = 1; i <= 100; i++)
		wrong += kvmcap_aspeed_selector(i) != nearest(i);
	tap_ok(!wrong, "each quality gets the nearest selector");

	for (i = 0; i < KVMCAP_ASPEED_SELECTORS; i++)
		wrong += kvmcap_aspeed_selector(kvmcap_aspeed_quality(i)) != i;
	tap_ok(!wrong, "a selector's quality gets that selector");
}

/* Coarser selectors never quantise finer: what a quality means. */
static void test_order(void)
{
	u8 coarse[KVMCAP_ZIGZAG_LENGTH], fine[KVMCAP_ZIGZAG_LENGTH];
	unsigned int i, k, chroma, wrong = 0;

	for (chroma = 0; chroma < 2; chroma++) {
		for (i = 0; i + 1 < KVMCAP_ASPEED_SELECTORS; i++) {
			kvmcap_aspeed_quantiser(i, chroma, coarse);
			kvmcap_aspeed_quantiser(i + 1, chroma, fine);
			for (k = 0; k < KVMCAP_ZIGZAG_LENGTH; k++)
				wrong += !fine[k] || fine[k] > coarse[k];
		}
	}
	tap_ok(!wrong, "tables get finer from selector to selector");
}

int main(void)
{
	test_headers();
	test_size_place();
	test_qualities();
	test_order();
	return tap_end();
}
