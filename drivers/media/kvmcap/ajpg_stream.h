/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The ASPEED engine's differential streams ("AJPG"): what has changed since the
 * last capture, macroblock by macroblock, and how tiles are made of it.
 *
 * The stream is 32-bit little-endian words, bits from the top of each, without
 * stuffing. In it, a 4-bit code before each macroblock:
 *
 *	0x0		the next macroblock in raster order; at first, that at (0, 0)
 *	0x8, x, y	8 bits each: the macroblock in column x and row y
 *	0x9		no more
 *
 * and behind it the macroblock's Huffman data, as in a baseline scan of the same
 * subsampling: 4:2:0 Y Y Y Y Cb Cr (16x16 pixels), 4:4:4 Y Cb Cr (8x8 pixels). A
 * macroblock is an MCU, then. DC prediction runs along the macroblocks in the
 * order of the stream, across those that are left out, from 0. Other codes stand
 * for residuals and low quality, which nobody asked for. All this is known from
 * ASPEED's public decoder.
 *
 * How a capture becomes tiles (the sink, the log and its rules are engine.h's):
 *
 *	kvmcap_jpeg_tables_set()	Huffman tables, of an image's headers
 *	kvmcap_ajpg_parse()		reads the stream, once, and checks it
 *	kvmcap_ajpg_bound()		how much there is to reserve
 *	kvmcap_ajpg_splice()		writes the tiles that have changed
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_AJPG_STREAM_H
#define KVMCAP_AJPG_STREAM_H

#include "pure.h"
#include "geometry.h"
#include "jpeg_tiles.h"
#include "tile_sink.h"

/* A place in the stream has 8 bits for each coordinate. */
#define KVMCAP_AJPG_SIDE_MAX	256	/* macroblocks */

/* The widest tile: 12 MCUs of 6 blocks, or 24 of 3. */
#define KVMCAP_AJPG_TILE_MCUS_MAX	(KVMCAP_TILE_WIDTH_MAX / 8)
#define KVMCAP_AJPG_TILE_BLOCKS_MAX	(3 * KVMCAP_AJPG_TILE_MCUS_MAX)

/*
 * Bytes that may follow the word with the end-of-frame code, of any value: an
 * engine rounds its sizes up, to 12 bytes at least. More than this, and what
 * looked like the end was not one.
 */
#define KVMCAP_AJPG_TRAILER_MAX	64

/**
 * struct kvmcap_ajpg_mcu - a macroblock, and where its bits are
 * @from: its first bit
 * @part: bits from there to the first block of Cb, to that of Cr, to its end
 * @dc: DC values of the last block of each component
 * @x: column
 * @y: row
 */
struct kvmcap_ajpg_mcu {
	u32 from;
	u16 part[KVMCAP_JPEG_COMPONENTS];
	s16 dc[KVMCAP_JPEG_COMPONENTS];
	u8 x;
	u8 y;
};

/**
 * struct kvmcap_ajpg_picture - what a stream is about
 * @width: pixels
 * @height: pixels
 * @subsampling: enum kvmcap_jpeg_subsampling
 * @tile_mcus: width of a tile in MCUs; the last of a row may be narrower
 */
struct kvmcap_ajpg_picture {
	u16 width;
	u16 height;
	u8 subsampling;
	u8 tile_mcus;
};

/**
 * struct kvmcap_ajpg_shown - what tiles show now
 * @payload: that of the tile at (@column, @row), as the sink got it once, coded
 *	with the same tables; its bytes in @length. NULL if there is none, or the
 *	tile is coded otherwise. During kvmcap_ajpg_bound() only @length matters;
 *	during kvmcap_ajpg_splice() the payload must not change nor overlap the
 *	sink's room. kvmcap_frame_shown() is all that.
 */
struct kvmcap_ajpg_shown {
	const u8 *(*payload)(struct kvmcap_ajpg_shown *shown,
			     unsigned int column, unsigned int row,
			     size_t *length);
};

/**
 * struct kvmcap_ajpg - a parser and splicer, and the frame that it is at
 * @stream: a copy of the stream, in memory that nobody else writes to, as bytes
 *	in the order of the bits, behind KVMCAP_JPEG_MARGIN other bytes
 * @stream_max: bytes of a stream, at most
 * @old: a tile's payload without its stuffing, likewise
 * @mcus: macroblocks of the stream, in raster order
 * @mcus_max: how many there can be
 * @mcus_x: MCUs in a row of the picture; 0 before kvmcap_ajpg_set_picture()
 * @mcus_y: rows of MCUs
 * @luma: blocks of Y in an MCU
 * @tile_mcus: MCUs in a tile
 * @changed: macroblocks of the stream, 0 if it did not parse
 * @tiles: tiles that they are in
 * @spliced: of these, tiles that other macroblocks are in, too
 * @complete: it has all macroblocks of the picture
 * @bound: bytes that the payloads can take, but for what comes from old ones
 *
 * What is from @changed on is the last kvmcap_ajpg_parse()'s result, for anybody
 * to read; the others are no business of the owner's.
 */
struct kvmcap_ajpg {
	u8 *stream;
	size_t stream_max;
	u8 *old;
	struct kvmcap_ajpg_mcu *mcus;
	unsigned int mcus_max;
	u16 mcus_x;
	u16 mcus_y;
	u8 luma;
	u8 tile_mcus;
	unsigned int changed;
	unsigned int tiles;
	unsigned int spliced;
	bool complete;
	size_t bound;
};

/**
 * kvmcap_ajpg_memory_size() - the memory that a parser needs
 * @mcus_max: MCUs of a picture, at most: of 8x8 pixels if 4:4:4 is to be had
 * @stream_max: bytes of a stream, at most
 *
 * Return: bytes to give to kvmcap_ajpg_init(): @stream_max, 20 for each MCU, and
 * some 20000.
 */
size_t kvmcap_ajpg_memory_size(unsigned int mcus_max, size_t stream_max);

/**
 * kvmcap_ajpg_init() - make a parser
 * @a: filled in
 * @memory: kvmcap_ajpg_memory_size() bytes, aligned to 8, of any content; its
 *	owner keeps it for as long as @a is used, and there is nothing to undo
 * @mcus_max: as above
 * @stream_max: as above, at most 256 MiB
 */
void kvmcap_ajpg_init(struct kvmcap_ajpg *a, void *memory,
		      unsigned int mcus_max, size_t stream_max);

/**
 * kvmcap_ajpg_set_picture() - say what the streams are about from now on
 * @a: the parser
 * @picture: the geometry
 *
 * Return: 0; -EINVAL for a side of 0 or of more than KVMCAP_AJPG_SIDE_MAX MCUs,
 * more MCUs than there is memory for, or tiles of none or of more than
 * KVMCAP_TILE_WIDTH_MAX pixels. Then, too, the last one no longer holds.
 */
int kvmcap_ajpg_set_picture(struct kvmcap_ajpg *a,
			    const struct kvmcap_ajpg_picture *picture);

/**
 * kvmcap_ajpg_parse() - read a stream and check all of it
 * @a: the parser, with a picture
 * @t: Huffman tables of the stream
 * @data: the stream, aligned to 4
 * @length: bytes in @data; a last part of a word does not count
 *
 * @data may lie in memory that is not cached, or that somebody still writes to:
 * each word is read at most once, in order, and what is checked is what is used.
 * Words behind the end of the frame are not read. Costs what the stream is long.
 *
 * Return: 0, and @a says what there is; otherwise a negative errno, and there is
 * nothing:
 * * -EINVAL: @a has no picture, or @t no tables
 * * -EBADMSG: the stream does not end within @length, which is at most
 *   @a->stream_max, or long before it; another code than the three; a macroblock
 *   outside the picture, or not behind the one before it in raster order; a
 *   Huffman code that is not assigned; too many coefficients in a block; a DC
 *   value outside -1024..1023, which no picture has
 */
int kvmcap_ajpg_parse(struct kvmcap_ajpg *a,
		      const struct kvmcap_jpeg_transcoder *t,
		      const void *data, size_t length);

/**
 * kvmcap_ajpg_bound() - the most that the payloads of the frame can take
 * @a: the parser, after kvmcap_ajpg_parse()
 * @shown: what the tiles show now; not asked if @a->spliced is 0
 *
 * Return: bytes, for all payloads together; 0 if nothing has changed.
 */
size_t kvmcap_ajpg_bound(const struct kvmcap_ajpg *a,
			 struct kvmcap_ajpg_shown *shown);

/**
 * kvmcap_ajpg_splice() - write the tiles that have changed
 * @a: the parser, after kvmcap_ajpg_parse()
 * @t: the same tables
 * @shown: what the tiles show now; asked only for tiles of which the stream has
 *	some macroblocks and lacks others
 * @sink: receives the tiles, in raster order
 *
 * A payload is byte for byte what kvmcap_jpeg_tiles() makes of an image with the
 * same coefficients. Costs what the changed tiles are long.
 *
 * Return: 0 after the last tile; otherwise a negative errno, after which the
 * tiles that @sink got are to be dropped:
 * * -EINVAL: @t has no tables
 * * -EBADMSG: a tile of which not all macroblocks have changed shows nothing that
 *   could be completed: the next frame must be a full one
 * * -ENOSPC: a tile does not fit the room that @sink gave
 * * what @sink returned
 */
int kvmcap_ajpg_splice(struct kvmcap_ajpg *a,
		       const struct kvmcap_jpeg_transcoder *t,
		       struct kvmcap_ajpg_shown *shown,
		       struct kvmcap_tile_sink *sink);

#endif
