/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Walking along Huffman-coded blocks, many codes at a time and without regard to
 * the values of AC coefficients.
 *
 * The bits lie in memory without stuffing, with as many bytes of any value behind
 * them as an MCU can take, and KVMCAP_JPEG_MARGIN more: whoever walks looks where
 * he came out afterwards.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_WALK_H
#define KVMCAP_JPEG_WALK_H

#include "jpeg_bits.h"
#include "jpeg_lookup.h"
#include "jpeg_tiles.h"

/* An entry of a lookup may be used without a refill after another one. */
#define KVMCAP_WALK_TWO_PER_REFILL \
	(KVMCAP_BITS_REFILLED >= 2 * KVMCAP_LOOKUP_TAKES_MAX)

/**
 * struct kvmcap_code - a code taken by itself, with its extra bits
 * @at: the bit behind it; 0 for an unassigned code
 * @value: DC: the difference; AC: what it covers, as in a lookup
 */
struct kvmcap_code {
	unsigned int at;
	s32 value;
};

/* The DC code at bit @at of @base. */
static inline struct kvmcap_code
kvmcap_walk_dc_code(const struct kvmcap_jpeg_transcoder *t, const u8 *base,
		    unsigned int component, unsigned int at)
{
	struct kvmcap_bits bits = kvmcap_bits_seek(base, at);
	unsigned int length;
	u8 category;

	length = kvmcap_huffman_decode(&t->huffman[0][t->dc[component]],
				       kvmcap_bits_peek(&bits, 16), &category);
	if (!length)
		return (struct kvmcap_code){ 0 };
	if (!category)
		return (struct kvmcap_code){ .at = at + length };

	kvmcap_bits_take(&bits, length);
	kvmcap_bits_refill(&bits);
	return (struct kvmcap_code){
		.at = at + length + category,
		.value = kvmcap_dc_difference(category,
					      kvmcap_bits_peek(&bits, category)),
	};
}

/* The AC code at bit @at of @base. */
static inline struct kvmcap_code
kvmcap_walk_ac_code(const struct kvmcap_jpeg_transcoder *t, const u8 *base,
		    unsigned int component, unsigned int at)
{
	struct kvmcap_bits bits = kvmcap_bits_seek(base, at);
	unsigned int length;
	u8 symbol;

	length = kvmcap_huffman_decode(&t->huffman[1][t->ac[component]],
				       kvmcap_bits_peek(&bits, 16), &symbol);
	if (!length)
		return (struct kvmcap_code){ 0 };
	if (symbol == KVMCAP_HUFFMAN_EOB)
		return (struct kvmcap_code){ at + length, KVMCAP_LOOKUP_EOB };
	return (struct kvmcap_code){
		.at = at + length + (symbol & 0xf),
		.value = (symbol >> 4) + 1,
	};
}

/* Whether a block that covers so many coefficients is complete and valid. */
static inline bool kvmcap_walk_done(unsigned int covers)
{
	return covers == KVMCAP_BLOCK_FULL ||
	       (covers > KVMCAP_LOOKUP_EOB &&
		covers < KVMCAP_LOOKUP_EOB + KVMCAP_BLOCK_FULL);
}

static inline const struct kvmcap_lookup_ac *
kvmcap_walk_take(struct kvmcap_bits *bits, const struct kvmcap_lookup_ac *lookup)
{
	lookup += kvmcap_bits_peek(bits, KVMCAP_LOOKUP_BITS);
	kvmcap_bits_take(bits, lookup->bits);
	return lookup;
}

/*
 * Walks the rest of a block, of which @covers coefficients are there, after a
 * refill from which one lookup has been taken. False, with @bits at the code in
 * question, for a bad code and for too many coefficients.
 */
static inline bool kvmcap_walk_ac(const struct kvmcap_jpeg_transcoder *t,
				  const u8 *base, unsigned int component,
				  struct kvmcap_bits *bits, unsigned int covers)
{
	const struct kvmcap_lookup_ac *entry, *lookup =
		t->ac_lookup[t->ac[component]];
	struct kvmcap_code code;
	unsigned int at;

	for (;;) {
		do {
			if (KVMCAP_WALK_TWO_PER_REFILL) {
				entry = kvmcap_walk_take(bits, lookup);
				covers += entry->covers;
				if (covers >= KVMCAP_BLOCK_FULL)
					break;
			}
			kvmcap_bits_refill(bits);
			entry = kvmcap_walk_take(bits, lookup);
			covers += entry->covers;
		} while (covers < KVMCAP_BLOCK_FULL);
		if (kvmcap_walk_done(covers))
			return true;

		/* The entry does not hold here; take its first code only. */
		covers -= entry->covers;
		at = kvmcap_bits_tell(bits, base) - entry->bits;
		code = kvmcap_walk_ac_code(t, base, component, at);
		covers += code.value;
		if (!code.at || (covers >= KVMCAP_BLOCK_FULL &&
				 !kvmcap_walk_done(covers))) {
			*bits = kvmcap_bits_seek(base, at);
			return false;
		}
		*bits = kvmcap_bits_seek(base, code.at);
		if (covers >= KVMCAP_BLOCK_FULL)
			return true;
	}
}

/**
 * kvmcap_walk_block() - walk along a block
 * @t: tables
 * @base: where the bits are
 * @component: of the block
 * @bits: a place in @base, refilled or not; then behind the block
 * @dc: the block's difference is added to this
 *
 * Return: true; false for a code that is not assigned and for too many
 * coefficients, with @bits at the code in question.
 */
static inline bool kvmcap_walk_block(const struct kvmcap_jpeg_transcoder *t,
				     const u8 *base, unsigned int component,
				     struct kvmcap_bits *bits, s32 *dc)
{
	const struct kvmcap_lookup_block *entry;
	unsigned int covers;
	struct kvmcap_code code;

	kvmcap_bits_refill(bits);
	entry = t->block_lookup[t->block[component]] +
		kvmcap_bits_peek(bits, KVMCAP_LOOKUP_BITS);
	kvmcap_bits_take(bits, entry->bits);
	covers = entry->covers;
	if (covers) {
		*dc += entry->dc;
		if (covers > KVMCAP_LOOKUP_EOB)
			return true;
	} else if (entry->bits) {
		*dc += kvmcap_dc_difference(entry->dc,
					    kvmcap_bits_peek(bits, entry->dc));
		kvmcap_bits_take(bits, entry->dc);
		covers = 1;
	} else {
		code = kvmcap_walk_dc_code(t, base, component,
					   kvmcap_bits_tell(bits, base));
		if (!code.at)
			return false;
		*dc += code.value;
		*bits = kvmcap_bits_seek(base, code.at);
		covers = 1;
	}
	return kvmcap_walk_ac(t, base, component, bits, covers);
}

#endif
