/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Lookups that walk a scan several Huffman codes at a time.
 *
 * Walking needs to know where codes end and when a block is full, not the
 * values of AC coefficients. So one entry, found by the next few bits of the
 * stream, stands for all codes that begin in these bits, each with its extra
 * bits: their length and the number of coefficients that they cover. Coefficients
 * are counted from the block's DC one; 64 fill a block.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_LOOKUP_H
#define KVMCAP_JPEG_LOOKUP_H

#include "jpeg_huffman.h"

#define KVMCAP_LOOKUP_BITS	10
#define KVMCAP_LOOKUP_ENTRIES	BIT(KVMCAP_LOOKUP_BITS)

/* An entry never takes more of the stream than its codes and their last size. */
#define KVMCAP_LOOKUP_TAKES_MAX	(KVMCAP_LOOKUP_BITS + KVMCAP_HUFFMAN_CATEGORIES)

#define KVMCAP_BLOCK_FULL	64

/*
 * What an entry adds to the coefficients for EOB, and one for nothing that can
 * be looked up. More than a full block, and told apart from it and each other:
 * coefficients 1..63 and EOB make 129..191.
 */
#define KVMCAP_LOOKUP_EOB	128
#define KVMCAP_LOOKUP_NONE	255

/**
 * struct kvmcap_lookup_ac - AC codes that the next bits of the stream begin with
 * @bits: bits that they and their extra bits take; 0 with KVMCAP_LOOKUP_NONE
 * @covers: coefficients that they cover, plus KVMCAP_LOOKUP_EOB if EOB is the
 *	last of them; or KVMCAP_LOOKUP_NONE for a long or unassigned code
 *
 * An entry with several codes does not hold if they overfill the block that it
 * is used in: the first of them might have filled it already. The codes are
 * then to be taken one at a time.
 */
struct kvmcap_lookup_ac {
	u8 bits;
	u8 covers;
};

/**
 * struct kvmcap_lookup_block - codes that a block begins with
 * @bits: bits that they take; 0 if the DC code is long or unassigned
 * @covers: coefficients as above, DC included; 0 if the extra bits of the DC
 *	code reach beyond the bits that were looked up
 * @dc: difference of the DC coefficient; or, with @covers 0, its category
 */
struct kvmcap_lookup_block {
	u8 bits;
	u8 covers;
	s16 dc;
};

/**
 * kvmcap_lookup_ac_make() - make the lookup of an AC table
 * @lookup: KVMCAP_LOOKUP_ENTRIES entries, by the next bits of the stream
 * @ac: a table
 */
void kvmcap_lookup_ac_make(struct kvmcap_lookup_ac *lookup,
			   const struct kvmcap_huffman *ac);

/**
 * kvmcap_lookup_block_make() - make the lookup of a pair of tables
 * @lookup: KVMCAP_LOOKUP_ENTRIES entries, by the next bits of the stream
 * @dc: the block's DC table
 * @ac: its AC table
 */
void kvmcap_lookup_block_make(struct kvmcap_lookup_block *lookup,
			      const struct kvmcap_huffman *dc,
			      const struct kvmcap_huffman *ac);

/**
 * kvmcap_dc_difference() - the value that the extra bits of a DC code stand for
 * @category: 0..11
 * @extra: that many bits
 *
 * Return: the difference, -2047..2047.
 */
static inline s32 kvmcap_dc_difference(unsigned int category, u32 extra)
{
	s32 span = 1 << category;

	/* A leading 0 bit means negative. */
	return (s32)extra < span / 2 ? (s32)extra - span + 1 : (s32)extra;
}

#endif
