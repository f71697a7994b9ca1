/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Cuts the scan of a baseline JPEG image into tiles that stand alone.
 *
 * A tile is some MCUs of one row. Its payload is what a restart interval holds:
 * the MCUs' Huffman codes with DC prediction from zero, padded with 1 bits to a
 * byte, every 0xff followed by 0x00, no marker. Any rectangle of whole tiles,
 * in row order with RST0..RST7 between them, is therefore the scan of a JPEG
 * whose DRI is the tile's number of MCUs. The work is lossless: coefficients
 * are neither decoded nor changed, and only the first DC code of each component
 * of a tile is written anew.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_JPEG_TILES_H
#define KVMCAP_JPEG_TILES_H

#include "pure.h"
#include "jpeg_header.h"
#include "jpeg_huffman.h"
#include "jpeg_lookup.h"
#include "jpeg_payload.h"
#include "tile_sink.h"

/* Bytes of the scan that are looked at together, without their stuffing. */
#define KVMCAP_JPEG_WINDOW	4096

/* An MCU's most: 6 blocks of a DC code (16 + 11 bits) and 63 AC ones (16 + 10). */
#define KVMCAP_JPEG_MCU_MAX	(6 * (27 + 63 * 26) / 8 + 1)

/* Readable bytes on both sides of the window, for words that overlap its ends. */
#define KVMCAP_JPEG_MARGIN	32

/**
 * struct kvmcap_jpeg_transcoder - tables and scratch memory; some 24 KiB
 * @ready: everything below is set
 * @huffman: DC (0) and AC (1) tables, by index
 * @dc: index of each component's DC table
 * @ac: index of each component's AC table
 * @block: for each component, the index of its lookup in @block_lookup
 * @codes: by component
 * @ac_lookup: by index of the AC table
 * @block_lookup: for each pair of tables that a component uses
 * @window: part of the scan
 *
 * All zeroes is a valid state. One user at a time. Its owner allocates it; it
 * needs no undoing.
 */
struct kvmcap_jpeg_transcoder {
	bool ready;
	struct kvmcap_huffman huffman[2][2];
	u8 dc[KVMCAP_JPEG_COMPONENTS];
	u8 ac[KVMCAP_JPEG_COMPONENTS];
	u8 block[KVMCAP_JPEG_COMPONENTS];
	struct kvmcap_jpeg_dc_code codes[KVMCAP_JPEG_COMPONENTS]
					[KVMCAP_HUFFMAN_CATEGORIES];
	struct kvmcap_lookup_ac ac_lookup[2][KVMCAP_LOOKUP_ENTRIES];
	struct kvmcap_lookup_block block_lookup[KVMCAP_JPEG_COMPONENTS]
					       [KVMCAP_LOOKUP_ENTRIES];
	u8 window[KVMCAP_JPEG_MARGIN + KVMCAP_JPEG_WINDOW +
		  KVMCAP_JPEG_MCU_MAX + KVMCAP_JPEG_MARGIN];
};

/**
 * kvmcap_jpeg_tables_set() - make a transcoder ready for an image's tables
 * @t: the transcoder; all zeroes before its first use
 * @image: a parsed image
 *
 * Costs a comparison when the Huffman tables are those of the last call, so it
 * is meant to be called for each image. Quantisation tables do not matter here.
 *
 * Return: 0, or -EBADMSG for a table that kvmcap_jpeg_parse() would refuse (if
 * the bytes changed since); @t then has no tables.
 */
int kvmcap_jpeg_tables_set(struct kvmcap_jpeg_transcoder *t,
			   const struct kvmcap_jpeg_image *image);

/**
 * kvmcap_jpeg_tiles() - cut an image's scan into tiles
 * @t: a transcoder with the tables of @image
 * @image: a parsed image
 * @tile_mcus: width of a tile in MCUs, at least 1; the last of a row may be
 *	narrower
 * @sink: receives the tiles, left to right, top to bottom
 *
 * The scan is read in order, a word at a time, and nothing relies on finding the
 * same twice, so that it may lie in memory that is not cached, or that somebody
 * still writes to. Behind the last
 * MCU only padding to a byte (of any value), EOI (which fill bytes 0xff may
 * precede) and zero bytes may follow; engines round their sizes up with those.
 *
 * Return: 0 after the last tile; otherwise a negative errno, after which the
 * tiles that @sink got are to be dropped:
 * * -EINVAL: @tile_mcus is 0, or @t has no tables
 * * -ENODATA: the scan ends, by EOI or without it, before its last MCU, or
 *   without EOI after it
 * * -EBADMSG: an unassigned code, more than 64 coefficients in a block, a DC
 *   value at the start of a tile that is outside -2047..2047 or that the tables
 *   have no code for, a marker other than EOI, anything else behind the last MCU
 * * -ENOSPC: a tile does not fit the room that @sink gave
 * * what @sink returned
 */
int kvmcap_jpeg_tiles(struct kvmcap_jpeg_transcoder *t,
		      const struct kvmcap_jpeg_image *image,
		      unsigned int tile_mcus, struct kvmcap_tile_sink *sink);

/**
 * kvmcap_jpeg_tiles_count() - number of tiles that an image gives
 * @image: a parsed image
 * @tile_mcus: width of a tile in MCUs, at least 1
 *
 * Return: tiles in a row times rows.
 */
unsigned int kvmcap_jpeg_tiles_count(const struct kvmcap_jpeg_image *image,
				     unsigned int tile_mcus);

/**
 * kvmcap_jpeg_tiles_bound() - the most that the payloads of an image can take
 * @scan_length: bytes of its scan
 * @tiles: number of its tiles
 *
 * Return: bytes, for all payloads together; no scan of that length needs more.
 */
size_t kvmcap_jpeg_tiles_bound(size_t scan_length, unsigned int tiles);

#endif
