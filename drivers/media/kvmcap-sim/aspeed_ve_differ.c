// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The modelled engine's differential mode: what has changed since the picture in
 * the other source buffer, as a stream of macroblocks.
 *
 * The stream consists of 32-bit words, little endian, bits from the most
 * significant one on. A code of 4 bits is followed by a macroblock, coded as in a
 * JPEG scan without byte stuffing: 0x0 the next one in raster order, 0x8 that at
 * x and y, 8 bits each. Prediction of DC goes from each to the next one in the
 * stream. 0x9 ends it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "aspeed_ve_capture.h"

#define CODE_BITS	4
#define CODE_NEXT	0x0
#define CODE_AT		0x8
#define CODE_END	0x9
#define CODE_BAD	0x4	/* of a quality that nobody asked for */

#define AT_BITS		(CODE_BITS + 8 + 8)

/* Words of zeroes behind the last one: a stream without a change is 12 bytes. */
#define TAIL_WORDS	2

/* Bytes of a block that are compared: Y, Cb and Cr. */
#define SAMPLES		(3 * 64)

/* What the BCD buffer has for a block that was coded once. */
#define BCD_KNOWN	1

/* Of those that are coded unseen, the fault of missing ones leaves out this one. */
#define MISSING		2

/**
 * struct rows - a row of macroblocks, of one strip or two
 * @strips: how many
 * @blocks: of a strip
 * @now: what was captured
 * @then: what is in the other source buffer
 * @bcd: a byte for each block, 0: to be coded unseen
 * @threshold: differences of samples up to this are none
 */
struct rows {
	unsigned int strips;
	unsigned int blocks;
	const u8 *now[2];
	const u8 *then[2];
	u8 *bcd[2];
	unsigned int threshold;
};

void aspeed_ve_differ_begin(struct aspeed_ve *ve)
{
	struct aspeed_ve_capture *c = &ve->capture;

	c->other = aspeed_ve_reg(ve, VE_SOURCE1_ADDR);
	c->bcd = aspeed_ve_reg(ve, VE_BCD_ADDR);
	c->expected = 0;
	c->unseen = 0;
	ve->jpeg.swap = KVMCAP_SIM_WORD - 1;
}

static bool differs(const u8 *a, const u8 *b, unsigned int threshold)
{
	unsigned int i;

	if (!memcmp(a, b, SAMPLES))
		return false;
	for (i = 0; i < SAMPLES; i++) {
		int difference = a[i] - b[i];

		if (difference > (int)threshold || -difference > (int)threshold)
			return true;
	}
	return false;
}

/* Whether a block is to be coded, and whether that is for the BCD buffer alone. */
static bool is_wanted(const struct rows *rows, unsigned int strip, unsigned int x,
		      bool *unseen)
{
	size_t at = (size_t)x * KVMCAP_SIM_BLOCK_SIZE;

	if (!rows->bcd[strip])
		return true;
	if (!rows->bcd[strip][x]) {
		rows->bcd[strip][x] = BCD_KNOWN;
		*unseen = true;
		return true;
	}
	return differs(rows->now[strip] + at, rows->then[strip] + at,
		       rows->threshold);
}

/* All blocks are looked at, for what that does to the BCD buffer. */
static bool is_mcu_wanted(const struct rows *rows, unsigned int x,
			  unsigned int width, bool *unseen)
{
	unsigned int strip, i;
	bool wanted = false;

	*unseen = false;
	for (strip = 0; strip < rows->strips; strip++)
		for (i = x; i < x + width && i < rows->blocks; i++)
			if (is_wanted(rows, strip, i, unseen))
				wanted = true;
	return wanted;
}

static void put_mcu(struct aspeed_ve *ve, const struct rows *rows,
		    unsigned int x, unsigned int column, unsigned int row)
{
	struct aspeed_ve_capture *c = &ve->capture;
	size_t at = (size_t)x * KVMCAP_SIM_BLOCK_SIZE;
	unsigned int columns = DIV_ROUND_UP(rows->blocks, ve->jpeg.halved ? 2 : 1);
	u32 index = row * columns + column;

	if (index == c->expected)
		kvmcap_sim_jpeg_code(&ve->jpeg, CODE_NEXT, CODE_BITS);
	else
		kvmcap_sim_jpeg_code(&ve->jpeg, CODE_AT << 16 | column << 8 | row,
				     AT_BITS);
	kvmcap_sim_jpeg_mcu(&ve->jpeg, rows->now[0] + at,
			    rows->now[1] ? rows->now[1] + at : NULL,
			    x + 1 == rows->blocks);
	c->expected = index + 1;
}

static bool is_left_out(struct aspeed_ve *ve, bool unseen)
{
	if (!unseen)
		return false;
	return ve->capture.unseen++ == MISSING &&
	       (ve->faults & ASPEED_VE_FAULT_MISSING);
}

static bool find(struct aspeed_ve *ve, struct rows *rows, unsigned int line)
{
	const struct aspeed_ve_capture *c = &ve->capture;
	unsigned int i;

	for (i = 0; i < rows->strips; i++, line += KVMCAP_SIM_STRIP_LINES) {
		rows->bcd[i] = aspeed_ve_memory(ve, c->bcd + line / 8 * rows->blocks,
						rows->blocks);
		rows->then[i] = aspeed_ve_memory(ve, c->other + line * c->stride,
						 (size_t)rows->blocks *
						 KVMCAP_SIM_BLOCK_SIZE);
		if (!rows->bcd[i] || !rows->then[i])
			return false;
	}
	return true;
}

bool aspeed_ve_differ_row(struct aspeed_ve *ve, const u8 *upper, const u8 *lower,
			  unsigned int blocks, unsigned int line)
{
	u32 control = aspeed_ve_reg(ve, VE_BCD_CTRL);
	unsigned int width = ve->jpeg.halved ? 2 : 1, x;
	struct rows rows = {
		.strips = lower ? 2 : 1,
		.blocks = blocks,
		.now = { upper, lower },
		.threshold = FIELD_GET(VE_BCD_CTRL_THRESHOLD, control),
	};
	bool unseen;

	/* Without detection of changes everything is one. */
	if ((control & VE_BCD_CTRL_ENABLE) && !find(ve, &rows, line))
		return false;

	for (x = 0; x < blocks; x += width)
		if (is_mcu_wanted(&rows, x, width, &unseen) &&
		    !is_left_out(ve, unseen))
			put_mcu(ve, &rows, x, x / width, line / (8 * width));
	return true;
}

void aspeed_ve_differ_end(struct aspeed_ve *ve)
{
	u32 bad = ASPEED_VE_FAULT_STREAM | ASPEED_VE_FAULT_STREAM_ONCE;
	unsigned int i;

	if (!ve->capture.unseen)
		bad |= ASPEED_VE_FAULT_STREAM_CHANGES;

	kvmcap_sim_jpeg_code(&ve->jpeg, ve->faults & bad ? CODE_BAD : CODE_END,
			     CODE_BITS);
	ve->faults &= ~ASPEED_VE_FAULT_STREAM_ONCE;
	kvmcap_sim_jpeg_align(&ve->jpeg);
	for (i = 0; i < TAIL_WORDS; i++)
		kvmcap_sim_jpeg_code(&ve->jpeg, 0, 8 * KVMCAP_SIM_WORD);
}
