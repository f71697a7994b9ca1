/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Reading a string of bits, most significant first, a machine word at a time.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_BITS_H
#define KVMCAP_JPEG_BITS_H

#include "pure.h"

/* What is looked at together; tests set it, to try what smaller machines do. */
#ifndef KVMCAP_WORD
#define KVMCAP_WORD		unsigned long
#endif

#define KVMCAP_WORD_BYTES	sizeof(KVMCAP_WORD)
#define KVMCAP_WORD_BITS	(8 * KVMCAP_WORD_BYTES)

/* Bits that may be taken after a refill. */
#define KVMCAP_BITS_REFILLED	(KVMCAP_WORD_BITS - 8)

static inline KVMCAP_WORD kvmcap_word_load(const u8 *p)
{
	KVMCAP_WORD word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline void kvmcap_word_store(u8 *p, KVMCAP_WORD word)
{
	memcpy(p, &word, sizeof(word));
}

/* Between a word as it lies in memory and one whose first byte is its top. */
static inline KVMCAP_WORD kvmcap_word_swap(KVMCAP_WORD word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return word;
#else
	return KVMCAP_WORD_BYTES == 8 ? __builtin_bswap64(word) :
					__builtin_bswap32(word);
#endif
}

/* Whether one of a word's bytes is 0xff. */
static inline bool kvmcap_word_has_ff(KVMCAP_WORD word)
{
	const KVMCAP_WORD ones = (KVMCAP_WORD)~0UL / 0xff;		/* 0x0101… */

	/* A byte of 0 in the inverse borrows into its top bit. */
	return (~word - ones) & word & (ones << 7);
}

/**
 * struct kvmcap_bits - a place in a string of bits
 * @next: where the bits behind those of @ahead are
 * @ahead: the bits that come next, from the top; more than @count may be valid
 * @count: how many of them are accounted for
 *
 * Whoever reads must know that a word can be loaded from @next.
 */
struct kvmcap_bits {
	const u8 *next;
	KVMCAP_WORD ahead;
	unsigned int count;
};

/* Makes KVMCAP_BITS_REFILLED bits available, at least. */
static inline void kvmcap_bits_refill(struct kvmcap_bits *bits)
{
	KVMCAP_WORD word = kvmcap_word_swap(kvmcap_word_load(bits->next));

	/* Bits that are there already are the same again. */
	bits->ahead |= word >> bits->count;
	bits->next += (KVMCAP_WORD_BITS - 1 - bits->count) / 8;
	bits->count |= KVMCAP_BITS_REFILLED;
}

/* @n: 1..KVMCAP_WORD_BITS */
static inline KVMCAP_WORD
kvmcap_bits_peek(const struct kvmcap_bits *bits, unsigned int n)
{
	return bits->ahead >> (KVMCAP_WORD_BITS - n);
}

/* @n: at most what the last refill left available. */
static inline void kvmcap_bits_take(struct kvmcap_bits *bits, unsigned int n)
{
	bits->ahead <<= n;
	bits->count -= n;
}

/* Goes to bit @at of @base and refills. */
static inline struct kvmcap_bits kvmcap_bits_seek(const u8 *base,
						  unsigned int at)
{
	struct kvmcap_bits bits = { .next = base + at / 8 };

	kvmcap_bits_refill(&bits);
	kvmcap_bits_take(&bits, at % 8);
	kvmcap_bits_refill(&bits);
	return bits;
}

/* The opposite: the bit of @base that comes next. */
static inline unsigned int kvmcap_bits_tell(const struct kvmcap_bits *bits,
					    const u8 *base)
{
	return 8 * (unsigned int)(bits->next - base) - bits->count;
}

#endif
