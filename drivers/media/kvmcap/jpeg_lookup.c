// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Makes the lookups that walk a scan several Huffman codes at a time.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_lookup.h"

/* The 16 bits behind the first @taken of an entry's, where known; else 0. */
static u32 bits_at(unsigned int entry, unsigned int taken)
{
	return (entry << (KVMCAP_HUFFMAN_LENGTHS - KVMCAP_LOOKUP_BITS + taken)) &
	       0xffff;
}

/*
 * The AC codes behind the first @taken bits of @entry, of which @covers
 * coefficients are there already. A code counts if all of its bits are known;
 * its extra bits need not be.
 */
static struct kvmcap_lookup_ac gather(const struct kvmcap_huffman *ac,
				      unsigned int entry, unsigned int taken,
				      unsigned int covers)
{
	while (taken < KVMCAP_LOOKUP_BITS) {
		unsigned int length, adds;
		u8 symbol;

		length = kvmcap_huffman_decode(ac, bits_at(entry, taken),
					       &symbol);
		if (!length || length > KVMCAP_LOOKUP_BITS - taken)
			break;
		if (symbol == KVMCAP_HUFFMAN_EOB) {
			taken += length;
			covers += KVMCAP_LOOKUP_EOB;
			break;
		}
		adds = (symbol >> 4) + 1;
		if (covers + adds >= KVMCAP_BLOCK_FULL)
			break;
		taken += length + (symbol & 0xf);
		covers += adds;
	}

	return (struct kvmcap_lookup_ac){ .bits = taken, .covers = covers };
}

void kvmcap_lookup_ac_make(struct kvmcap_lookup_ac *lookup,
			   const struct kvmcap_huffman *ac)
{
	unsigned int entry;

	for (entry = 0; entry < KVMCAP_LOOKUP_ENTRIES; entry++) {
		lookup[entry] = gather(ac, entry, 0, 0);
		if (!lookup[entry].bits)
			lookup[entry].covers = KVMCAP_LOOKUP_NONE;
	}
}

static struct kvmcap_lookup_block block_entry(const struct kvmcap_huffman *dc,
					      const struct kvmcap_huffman *ac,
					      unsigned int entry)
{
	struct kvmcap_lookup_block block = { 0 };
	struct kvmcap_lookup_ac rest;
	unsigned int length;
	u8 category;
	u32 extra;

	length = kvmcap_huffman_decode(dc, bits_at(entry, 0), &category);
	if (!length || length > KVMCAP_LOOKUP_BITS)
		return block;

	if (length + category > KVMCAP_LOOKUP_BITS) {
		block.bits = length;
		block.dc = category;
		return block;
	}

	extra = bits_at(entry, length) >> (KVMCAP_HUFFMAN_LENGTHS - category);
	rest = gather(ac, entry, length + category, 1);
	block.bits = rest.bits;
	block.covers = rest.covers;
	block.dc = kvmcap_dc_difference(category, extra);
	return block;
}

void kvmcap_lookup_block_make(struct kvmcap_lookup_block *lookup,
			      const struct kvmcap_huffman *dc,
			      const struct kvmcap_huffman *ac)
{
	unsigned int entry;

	for (entry = 0; entry < KVMCAP_LOOKUP_ENTRIES; entry++)
		lookup[entry] = block_entry(dc, ac, entry);
}
