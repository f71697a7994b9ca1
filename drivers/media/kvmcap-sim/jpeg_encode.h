/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A baseline JPEG encoder, integers only: what the models' engines compress with.
 *
 * Pixels go first into blocks as an engine's source buffer holds them, and from
 * there into the scan. A BLOCK is 8x8 pixels, 256 bytes: 64 of Y, 64 of Cb, 64
 * of Cr, row by row, and 64 that are not used. A STRIP is a row of blocks.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_SIM_JPEG_ENCODE_H
#define KVMCAP_SIM_JPEG_ENCODE_H

#include "pure.h"

#define KVMCAP_SIM_BLOCK_SIZE	256	/* bytes of a block */
#define KVMCAP_SIM_STRIP_LINES	8

/* Bytes of a word of a stream that is made of words. */
#define KVMCAP_SIM_WORD		4

/**
 * enum kvmcap_sim_colour - how R, G, B become Y, Cb, Cr
 * @KVMCAP_SIM_STUDIO: ITU-R BT.601, Y 16..235
 * @KVMCAP_SIM_FULL: the same with Y 0..255, as JFIF has it
 * @KVMCAP_SIM_RGB: R, G and B take the places of Y, Cb and Cr
 * @KVMCAP_SIM_GRAY: as full, without colour
 *
 * In the order of the values of VR008 bits 7:6.
 */
enum kvmcap_sim_colour {
	KVMCAP_SIM_STUDIO = 0,
	KVMCAP_SIM_FULL = 1,
	KVMCAP_SIM_RGB = 2,
	KVMCAP_SIM_GRAY = 3,
};

/**
 * kvmcap_sim_blocks_line() - put one line of pixels into a strip
 * @strip: the strip
 * @line: 0..7
 * @pixels: X8 R8 G8 B8 of the line's pixels
 * @width: how many there are
 * @blocks: blocks to fill; past @width the last pixel is repeated
 * @colour: enum kvmcap_sim_colour
 */
void kvmcap_sim_blocks_line(u8 *strip, unsigned int line, const u32 *pixels,
			    unsigned int width, unsigned int blocks,
			    unsigned int colour);

/**
 * struct kvmcap_sim_jpeg - a scan in the making
 * @out: where it goes
 * @room: bytes there
 * @length: bytes written
 * @overflow: some more would not fit and are lost
 * @halved: 4:2:0 rather than 4:4:4
 * @swap: 0: bytes, and 0xff is followed by 0x00, as in JPEG images; 3: 32-bit
 *	words, little endian, without that
 * @pending: bits that do not fill a byte yet, the last one in bit 0
 * @pending_count: how many
 * @predictor: quantised DC of the last block of Y, Cb, Cr
 * @divisor: by [chroma], in zigzag order
 * @code: by [chroma][AC] and symbol: the code, its length in bits 31:24
 */
struct kvmcap_sim_jpeg {
	u8 *out;
	size_t room;
	size_t length;
	bool overflow;
	bool halved;
	u8 swap;
	u64 pending;
	unsigned int pending_count;
	s32 predictor[3];
	s32 divisor[2][64];
	u32 code[2][2][256];
};

/**
 * kvmcap_sim_jpeg_start() - begin a scan
 * @jpeg: the encoder; the caller then sets @out, @room, @length and @swap; with
 *	words, @room is a multiple of them
 * @luma: quantisation table of Y, in zigzag order
 * @chroma: that of Cb and Cr
 * @halved: 4:2:0 rather than 4:4:4
 */
void kvmcap_sim_jpeg_start(struct kvmcap_sim_jpeg *jpeg, const u8 luma[64],
			   const u8 chroma[64], bool halved);

/**
 * kvmcap_sim_jpeg_row() - encode a row of MCUs
 * @jpeg: the encoder
 * @upper: the strip that the row consists of, or begins with
 * @lower: for 4:2:0, the strip below that; NULL if the picture ends before:
 *	then the last line of @upper is repeated
 * @blocks: blocks in a strip, at least 1; MCUs that reach further repeat the
 *	last column of pixels
 */
void kvmcap_sim_jpeg_row(struct kvmcap_sim_jpeg *jpeg, const u8 *upper,
			 const u8 *lower, unsigned int blocks);

/**
 * kvmcap_sim_jpeg_mcu() - encode one MCU
 * @jpeg: the encoder
 * @upper: its first block, and for 4:2:0 the one to the right of it
 * @lower: likewise in the strip below, as for kvmcap_sim_jpeg_row()
 * @last: there is no block to the right
 */
void kvmcap_sim_jpeg_mcu(struct kvmcap_sim_jpeg *jpeg, const u8 *upper,
			 const u8 *lower, bool last);

/**
 * kvmcap_sim_jpeg_code() - put bits of other meaning between MCUs
 * @jpeg: the encoder
 * @bits: right-aligned
 * @count: 1..32
 */
void kvmcap_sim_jpeg_code(struct kvmcap_sim_jpeg *jpeg, u32 bits,
			  unsigned int count);

/**
 * kvmcap_sim_jpeg_align() - fill the last word with zeroes
 * @jpeg: the encoder, with words
 */
void kvmcap_sim_jpeg_align(struct kvmcap_sim_jpeg *jpeg);

/**
 * kvmcap_sim_jpeg_finish() - end the scan with 1 bits up to a byte, and EOI
 * @jpeg: the encoder
 */
void kvmcap_sim_jpeg_finish(struct kvmcap_sim_jpeg *jpeg);

#endif
