/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes and reads the payload of a JPEG tile: bits, byte-stuffed as T.81 wants
 * them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_PAYLOAD_H
#define KVMCAP_JPEG_PAYLOAD_H

#include "pure.h"
#include "jpeg_huffman.h"

/* Bytes before and behind a string of bits that kvmcap_payload_copy() may read. */
#define KVMCAP_PAYLOAD_MARGIN	16

/**
 * struct kvmcap_payload - a payload being written
 * @start: first byte
 * @at: where the next byte goes
 * @end: end of the room
 * @pending: bits that do not fill a byte yet, from the top; the others are 0
 * @count: how many they are, 0..7
 * @full: something did not fit
 */
struct kvmcap_payload {
	u8 *start;
	u8 *at;
	u8 *end;
	u8 pending;
	unsigned int count;
	bool full;
};

/**
 * struct kvmcap_jpeg_dc_code - how a category is written
 * @code: right-aligned
 * @length: its bits; 0 if the table has no code for it
 */
struct kvmcap_jpeg_dc_code {
	u16 code;
	u8 length;
};

/**
 * struct kvmcap_stuffed - a stuffed string of bits, and how far it has been read
 * @at: the byte that comes next
 * @left: bytes from there on
 * @ended: at a marker, or nothing is left
 */
struct kvmcap_stuffed {
	const u8 *at;
	size_t left;
	bool ended;
};

/**
 * kvmcap_payload_begin() - start a payload
 * @payload: set up
 * @out: room for it
 * @room: bytes in @out
 */
void kvmcap_payload_begin(struct kvmcap_payload *payload, u8 *out, size_t room);

/**
 * kvmcap_payload_put() - append a few bits
 * @payload: being written
 * @bits: right-aligned; those above @count are 0
 * @count: 0..24
 */
void kvmcap_payload_put(struct kvmcap_payload *payload, u32 bits,
			unsigned int count);

/**
 * kvmcap_payload_copy() - append a string of bits
 * @payload: being written
 * @base: where the bits are, with KVMCAP_PAYLOAD_MARGIN readable bytes on both
 *	sides of them
 * @from: first of them, counted from @base
 * @to: behind the last of them
 */
void kvmcap_payload_copy(struct kvmcap_payload *payload, const u8 *base,
			 unsigned int from, unsigned int to);

/**
 * kvmcap_payload_put_dc() - append a DC code
 * @payload: being written
 * @codes: of its component, by category
 * @difference: what it says
 *
 * Return: false if there is no code for @difference.
 */
bool kvmcap_payload_put_dc(struct kvmcap_payload *payload,
			   const struct kvmcap_jpeg_dc_code *codes,
			   s32 difference);

/**
 * kvmcap_payload_end() - pad a payload to a byte
 * @payload: complete
 *
 * Return: its length in bytes, or -ENOSPC if it did not fit.
 */
int kvmcap_payload_end(struct kvmcap_payload *payload);

/**
 * kvmcap_unstuff() - read without the stuffing
 * @from: read from, each word once and in order, up to a marker at most
 * @out: where to
 * @room: bytes in @out; some may be left, but less than a word's
 *
 * Return: the bytes written.
 */
size_t kvmcap_unstuff(struct kvmcap_stuffed *from, u8 *out, size_t room);

#endif
