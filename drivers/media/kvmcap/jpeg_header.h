/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The headers of a baseline JPEG image: geometry, tables, where the scan is.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_HEADER_H
#define KVMCAP_JPEG_HEADER_H

#include "pure.h"

#define KVMCAP_JPEG_COMPONENTS	3
#define KVMCAP_JPEG_MAX_SPANS	8	/* 4 DQT and 4 DHT, one segment each */

/**
 * enum kvmcap_jpeg_subsampling - how many blocks an MCU holds
 * @KVMCAP_JPEG_420: 16x16 pixels: four blocks of Y, one of Cb, one of Cr
 * @KVMCAP_JPEG_444: 8x8 pixels: one block of each
 */
enum kvmcap_jpeg_subsampling {
	KVMCAP_JPEG_420,
	KVMCAP_JPEG_444,
};

/**
 * struct kvmcap_jpeg_span - bytes of an image
 * @data: first of them
 * @length: how many
 */
struct kvmcap_jpeg_span {
	const u8 *data;
	size_t length;
};

/**
 * struct kvmcap_jpeg_component - one of Y, Cb, Cr as SOF0 and SOS describe it
 * @id: identifier, unique in the image
 * @quantiser: index of its quantisation table, 0..3
 * @dc: index of its DC Huffman table, 0..1
 * @ac: index of its AC Huffman table, 0..1
 */
struct kvmcap_jpeg_component {
	u8 id;
	u8 quantiser;
	u8 dc;
	u8 ac;
};

/**
 * struct kvmcap_jpeg_image - a parsed image; points into the caller's bytes
 * @width: pixels, at least 1
 * @height: pixels, at least 1
 * @subsampling: enum kvmcap_jpeg_subsampling
 * @mcu_width: pixels, 8 or 16
 * @mcu_height: pixels, 8 or 16
 * @mcus_x: MCUs in a row; the last one may reach beyond @width
 * @mcus_y: rows of MCUs; the last one may reach beyond @height
 * @components: Y, Cb, Cr in the order of the scan
 * @huffman: for DC (0) and AC (1), for index 0..1: 16 counts and the symbols
 *	behind them; length 0 where the image defines no such table
 * @spans: number of @span that are used
 * @span: the DQT and DHT marker segments, whole, in their order. Written one
 *	after the other they are what a decoder needs between SOI and SOF0.
 * @scan: first byte of the entropy-coded data
 * @scan_length: bytes from there to the end of the input, EOI included
 */
struct kvmcap_jpeg_image {
	u16 width;
	u16 height;
	u8 subsampling;
	u8 mcu_width;
	u8 mcu_height;
	u16 mcus_x;
	u16 mcus_y;
	struct kvmcap_jpeg_component components[KVMCAP_JPEG_COMPONENTS];
	struct kvmcap_jpeg_span huffman[2][2];
	unsigned int spans;
	struct kvmcap_jpeg_span span[KVMCAP_JPEG_MAX_SPANS];
	const u8 *scan;
	size_t scan_length;
};

/**
 * kvmcap_jpeg_parse() - read and check the headers of an image
 * @image: filled in; meaningless after an error
 * @data: the image, from SOI on
 * @length: bytes in @data
 *
 * Accepted: SOI; APPn and COM anywhere; DQT (8 bit); one SOF0 with 8 bits a
 * sample and three components sampled 4:2:0 or 4:4:4; DHT with what baseline
 * allows; a DRI of 0; one SOS that holds all components. Every table that the
 * scan uses must have been defined; a table may not be defined twice, so that
 * the segments in @span mean the same in any order. The scan itself is for
 * kvmcap_jpeg_tiles() to check.
 *
 * Return: 0; -ENODATA if @data ends before the scan begins; -EOPNOTSUPP for
 * JPEG that is legal but not of this kind (progressive, 12 bit, another
 * sampling, restart intervals, several scans); -EBADMSG for everything else.
 */
int kvmcap_jpeg_parse(struct kvmcap_jpeg_image *image, const u8 *data,
		      size_t length);

/**
 * kvmcap_jpeg_spans_length() - bytes that the DQT and DHT segments take
 * @image: a parsed image
 *
 * Return: the sum of the lengths of @image's spans.
 */
size_t kvmcap_jpeg_spans_length(const struct kvmcap_jpeg_image *image);

/**
 * kvmcap_jpeg_spans_copy() - write the DQT and DHT segments one after the other
 * @image: a parsed image
 * @out: room for them
 * @room: bytes in @out
 *
 * Return: the bytes written, or -ENOSPC if @room is too small.
 */
int kvmcap_jpeg_spans_copy(const struct kvmcap_jpeg_image *image, u8 *out,
			   size_t room);

#endif
