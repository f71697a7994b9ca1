/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The ASPEED video engine's quantisation tables, and the headers that it puts
 * in front of its JPEG images.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_TABLES_H
#define KVMCAP_ASPEED_TABLES_H

#include "pure.h"

/* Quality selectors of VR060: 0 is the coarsest. */
#define KVMCAP_ASPEED_SELECTORS		12

/* VR040 points at one header for each selector, this far apart. */
#define KVMCAP_ASPEED_HEADER_STRIDE	1024
#define KVMCAP_ASPEED_HEADER_TABLE_SIZE	\
	(KVMCAP_ASPEED_SELECTORS * KVMCAP_ASPEED_HEADER_STRIDE)

/* Bytes of one header, SOI to SOS. */
#define KVMCAP_ASPEED_HEADER_LENGTH	640

/* Where in it SOF0 has the height and then the width, big endian; zero here. */
#define KVMCAP_ASPEED_HEADER_HEIGHT	180

#define KVMCAP_ZIGZAG_LENGTH		64

/**
 * struct kvmcap_huffman_spec - a Huffman table as ITU T.81, Annex K, has it
 * @counts: codes of each length, 1..16 bits
 * @symbols: in the order of their codes
 * @total: number of symbols
 */
struct kvmcap_huffman_spec {
	u8 counts[16];
	u8 symbols[162];
	u8 total;
};

/* By [0: luminance, 1: chrominance][0: DC, 1: AC]: K.3, K.5, K.4, K.6. */
extern const struct kvmcap_huffman_spec kvmcap_huffman_specs[2][2];

/* Natural (row by row) index of each coefficient in zigzag order. */
extern const u8 kvmcap_zigzag[KVMCAP_ZIGZAG_LENGTH];

/**
 * kvmcap_aspeed_quantiser() - the quantisation table behind a selector
 * @selector: 0..KVMCAP_ASPEED_SELECTORS - 1
 * @chroma: that of Cb and Cr rather than that of Y
 * @table: filled in, in zigzag order
 */
void kvmcap_aspeed_quantiser(unsigned int selector, bool chroma,
			     u8 table[KVMCAP_ZIGZAG_LENGTH]);

/**
 * kvmcap_aspeed_header() - what goes in front of an image's scan
 * @selector: 0..KVMCAP_ASPEED_SELECTORS - 1
 * @halved: Cb and Cr are sampled 4:2:0 rather than 4:4:4
 * @header: filled in; height and width are zero, the engine knows them
 */
void kvmcap_aspeed_header(unsigned int selector, bool halved,
			  u8 header[KVMCAP_ASPEED_HEADER_LENGTH]);

/**
 * kvmcap_aspeed_header_table() - the table that VR040 points at
 * @halved: Cb and Cr are sampled 4:2:0 rather than 4:4:4
 * @table: KVMCAP_ASPEED_HEADER_TABLE_SIZE bytes, filled in
 */
void kvmcap_aspeed_header_table(bool halved, u8 *table);

/**
 * kvmcap_aspeed_quality() - what a selector's quality is called
 * @selector: 0..KVMCAP_ASPEED_SELECTORS - 1
 *
 * Return: the quality, 40..98, whose luminance table is nearest in the
 * Independent JPEG Group's scale, that most software uses.
 */
unsigned int kvmcap_aspeed_quality(unsigned int selector);

/**
 * kvmcap_aspeed_selector() - the selector for a quality
 * @quality: 1..100
 *
 * Return: that with the nearest quality; of two, the better one.
 */
unsigned int kvmcap_aspeed_selector(unsigned int quality);

#endif
