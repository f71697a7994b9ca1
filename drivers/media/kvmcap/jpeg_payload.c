// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Writes and reads the payload of a JPEG tile: bits, byte-stuffed as T.81 wants
 * them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_bits.h"
#include "jpeg_payload.h"

#define DC_MAX		2047	/* largest DC difference, of category 11 */

void kvmcap_payload_begin(struct kvmcap_payload *payload, u8 *out, size_t room)
{
	*payload = (struct kvmcap_payload){
		.start = out, .at = out, .end = out + room,
	};
}

static void put_byte(struct kvmcap_payload *payload, u8 byte)
{
	bool stuffed = byte == 0xff;

	if (payload->end - payload->at < 1 + stuffed) {
		payload->full = true;
		return;
	}
	*payload->at++ = byte;
	if (stuffed)
		*payload->at++ = 0;
}

void kvmcap_payload_put(struct kvmcap_payload *payload, u32 bits,
			unsigned int count)
{
	u32 ahead = (u32)payload->pending << 24;

	if (!count)
		return;
	ahead |= bits << (32 - count) >> payload->count;
	payload->count += count;
	for (; payload->count >= 8; payload->count -= 8) {
		put_byte(payload, ahead >> 24);
		ahead <<= 8;
	}
	payload->pending = ahead >> 24;
}

/* The word that begins @shift bits into @p, its first byte at the top. */
static KVMCAP_WORD word_at(const u8 *p, unsigned int shift)
{
	KVMCAP_WORD word = kvmcap_word_swap(kvmcap_word_load(p));

	return shift ? word << shift | p[KVMCAP_WORD_BYTES] >> (8 - shift) : word;
}

/*
 * Appends the first @bytes bytes of @word, which is stored whole if nothing has
 * to be stuffed: what follows is written over, or is not part of the payload.
 */
static void put_word(struct kvmcap_payload *payload, KVMCAP_WORD word,
		     unsigned int bytes)
{
	if (bytes < KVMCAP_WORD_BYTES)
		word &= ~((KVMCAP_WORD)~0UL >> 8 * bytes);
	if (!kvmcap_word_has_ff(word) &&
	    payload->end - payload->at >= (ptrdiff_t)KVMCAP_WORD_BYTES) {
		kvmcap_word_store(payload->at, kvmcap_word_swap(word));
		payload->at += bytes;
		return;
	}
	for (; bytes; bytes--, word <<= 8)
		put_byte(payload, word >> (KVMCAP_WORD_BITS - 8));
}

/*
 * Bytes of the output begin at the same bit of the input's bytes throughout. So
 * the pending bits are taken for what precedes @from there, and only the first
 * byte differs from what the input has.
 */
void kvmcap_payload_copy(struct kvmcap_payload *payload, const u8 *base,
			 unsigned int from, unsigned int to)
{
	unsigned int start = from + 8 - payload->count;
	unsigned int shift = start % 8;
	const u8 *p = base + start / 8 - 1;
	unsigned int total = payload->count + (to - from), bytes = total / 8;
	KVMCAP_WORD pending = (KVMCAP_WORD)payload->pending <<
			      (KVMCAP_WORD_BITS - 8);
	KVMCAP_WORD word = word_at(p, shift);

	word &= (KVMCAP_WORD)~0UL >> payload->count;
	word |= pending;
	for (; bytes >= KVMCAP_WORD_BYTES; bytes -= KVMCAP_WORD_BYTES) {
		put_word(payload, word, KVMCAP_WORD_BYTES);
		p += KVMCAP_WORD_BYTES;
		word = word_at(p, shift);
	}
	if (bytes) {
		put_word(payload, word, bytes);
		word <<= 8 * bytes;
	}
	payload->count = total % 8;
	payload->pending = (word >> (KVMCAP_WORD_BITS - 8)) &
			   ~(0xff >> payload->count);
}

bool kvmcap_payload_put_dc(struct kvmcap_payload *payload,
			   const struct kvmcap_jpeg_dc_code *codes,
			   s32 difference)
{
	u32 magnitude = difference < 0 ? -difference : difference;
	unsigned int category = 0;

	if (magnitude > DC_MAX)
		return false;
	while (magnitude >> category)
		category++;
	codes += category;
	if (!codes->length)
		return false;

	kvmcap_payload_put(payload, codes->code, codes->length);
	if (difference < 0)
		difference += (1 << category) - 1;
	kvmcap_payload_put(payload, difference, category);
	return true;
}

int kvmcap_payload_end(struct kvmcap_payload *payload)
{
	if (payload->count)
		put_byte(payload, payload->pending | 0xff >> payload->count);
	payload->count = 0;
	payload->pending = 0;
	return payload->full ? -ENOSPC : (int)(payload->at - payload->start);
}

/* Moves one byte; false at a marker and at the end. */
static bool unstuff_byte(struct kvmcap_stuffed *from, u8 *out)
{
	unsigned int bytes = 1;

	if (!from->left)
		return false;
	*out = from->at[0];
	if (*out == 0xff) {
		if (from->left < 2 || from->at[1])
			return false;
		bytes = 2;
	}
	from->at += bytes;
	from->left -= bytes;
	return true;
}

size_t kvmcap_unstuff(struct kvmcap_stuffed *from, u8 *out, size_t room)
{
	KVMCAP_WORD word;
	size_t i, done = 0;

	while (!from->ended && room - done >= KVMCAP_WORD_BYTES) {
		if (from->left >= KVMCAP_WORD_BYTES) {
			word = kvmcap_word_load(from->at);
			if (!kvmcap_word_has_ff(word)) {
				kvmcap_word_store(out + done, word);
				done += KVMCAP_WORD_BYTES;
				from->at += KVMCAP_WORD_BYTES;
				from->left -= KVMCAP_WORD_BYTES;
				continue;
			}
		}
		for (i = 0; i < KVMCAP_WORD_BYTES; i++) {
			if (!unstuff_byte(from, out + done)) {
				from->ended = true;
				break;
			}
			done++;
		}
	}
	return done;
}
