/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A picture of coefficients, and an encoder of the ASPEED engine's differential
 * streams: what tests hold the parser and the splicer against. It writes bit by
 * bit and shares no code with them, nor with the engine's model.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef AJPG_SCREEN_H
#define AJPG_SCREEN_H

#include "jpeg_encoder.h"

#define SCREEN_BLOCKS_MAX	6	/* in a macroblock */
#define SCREEN_MCU_BYTES	1300	/* of a macroblock's bits, stuffed or not... */
#define SCREEN_TILE_BYTES	(24 * 3 * 2 * 210)	/* ... and of a tile's */

/* Codes before a macroblock. */
#define SCREEN_CODE_NEXT	0x0
#define SCREEN_CODE_AT		0x8
#define SCREEN_CODE_END		0x9

/**
 * struct screen - quantised coefficients
 * @yuv420: or else 4:4:4
 * @width: pixels
 * @height: pixels
 * @mcus_x: macroblocks in a row
 * @mcus_y: rows of them
 * @blocks: of a macroblock
 * @tile_mcus: macroblocks in a tile
 * @columns: tiles in a row
 * @coefs: 64 for each block, in zigzag order; DC values, not differences
 */
struct screen {
	bool yuv420;
	unsigned int width;
	unsigned int height;
	unsigned int mcus_x;
	unsigned int mcus_y;
	unsigned int blocks;
	unsigned int tile_mcus;
	unsigned int columns;
	s16 *coefs;
};

static inline void screen_init(struct screen *s, unsigned int width,
			       unsigned int height, bool yuv420,
			       unsigned int tile_mcus)
{
	unsigned int side = yuv420 ? 16 : 8;

	*s = (struct screen){
		.yuv420 = yuv420,
		.width = width,
		.height = height,
		.mcus_x = DIV_ROUND_UP(width, side),
		.mcus_y = DIV_ROUND_UP(height, side),
		.blocks = yuv420 ? 6 : 3,
		.tile_mcus = tile_mcus,
	};
	s->columns = DIV_ROUND_UP(s->mcus_x, tile_mcus);
}

static inline unsigned int screen_mcus(const struct screen *s)
{
	return s->mcus_x * s->mcus_y;
}

/* Bytes of @coefs for one macroblock. */
static inline size_t screen_mcu_size(const struct screen *s)
{
	return s->blocks * 64 * sizeof(s16);
}

static inline s16 *screen_mcu(const struct screen *s, unsigned int mcu)
{
	return s->coefs + (size_t)mcu * s->blocks * 64;
}

static inline void screen_encode_mcu(struct encoder *e, const struct screen *s,
				     unsigned int mcu, int *dc)
{
	const s16 *block = screen_mcu(s, mcu);
	unsigned int i, component;

	for (i = 0; i < s->blocks; i++, block += 64) {
		component = i + 2 < s->blocks ? 0 : i + 3 - s->blocks;
		encoder_block(e, component, block[0] - dc[component], block);
		dc[component] = block[0];
	}
}

/* The payload that a tile has to have. */
static inline void screen_encode_tile(struct encoder *e, const struct screen *s,
				      unsigned int column, unsigned int row)
{
	unsigned int x = column * s->tile_mcus, end = x + s->tile_mcus;
	int dc[3] = { 0 };

	for (; x < end && x < s->mcus_x; x++)
		screen_encode_mcu(e, s, row * s->mcus_x + x, dc);
	encoder_pad(e);
}

/* The whole picture as an image; the tables' quantisers are @coarse more. */
static inline void screen_encode_image(struct encoder *e, const struct screen *s,
				       unsigned int coarse)
{
	static const u8 eoi[] = { 0xff, 0xd9 };
	unsigned int i;
	int dc[3] = { 0 };

	encoder_headers(e, s->width, s->height, s->yuv420);
	/* Behind SOI two segments of 5 bytes and 64 values. */
	for (i = 0; i < 128; i++)
		e->out[2 + 5 * (1 + i / 64) + i] += coarse;
	for (i = 0; i < screen_mcus(s); i++)
		screen_encode_mcu(e, s, i, dc);
	encoder_pad(e);
	encoder_bytes(e, eoi, sizeof(eoi));
}

/* Makes words of what has been written, filled up by 0 bits. */
static inline void screen_end_words(struct encoder *e)
{
	size_t i;

	while (e->count || e->length % 4)
		encoder_bit(e, 0);
	for (i = 0; i < e->length; i += 4) {
		u8 b[4];

		memcpy(b, e->out + i, 4);
		e->out[i] = b[3];
		e->out[i + 1] = b[2];
		e->out[i + 2] = b[1];
		e->out[i + 3] = b[0];
	}
}

/*
 * A stream of the macroblocks for which @changed is true. Of those that follow
 * upon the one before some are placed nevertheless, if @places: it may be so.
 */
static inline void screen_encode_stream(struct encoder *e, const struct screen *s,
					const bool *changed, bool places)
{
	unsigned int i, next = 0;
	int dc[3] = { 0 };

	e->plain = true;
	for (i = 0; i < screen_mcus(s); i++) {
		if (!changed[i])
			continue;
		if (i == next && !(places && i % 3 == 0)) {
			encoder_bits(e, SCREEN_CODE_NEXT, 4);
		} else {
			encoder_bits(e, SCREEN_CODE_AT, 4);
			encoder_bits(e, i % s->mcus_x, 8);
			encoder_bits(e, i / s->mcus_x, 8);
		}
		screen_encode_mcu(e, s, i, dc);
		next = i + 1;
	}
	encoder_bits(e, SCREEN_CODE_END, 4);
	screen_end_words(e);
}

/* xorshift32; @state must not be 0. */
static inline u32 screen_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* A macroblock of some kind, from one colour to the largest of coefficients. */
static inline void screen_paint_mcu(const struct screen *s, unsigned int mcu,
				    u32 *random)
{
	static const s16 edges[] = { -1023, -512, -1, 1, 511, 1023 };
	u32 kind = screen_random(random) % 32;
	s16 *block = screen_mcu(s, mcu);
	unsigned int i, b, many;

	memset(block, 0, screen_mcu_size(s));
	for (b = 0; b < s->blocks; b++, block += 64) {
		if (kind < 2)
			block[0] = screen_random(random) & 1 ? -1024 : 1023;
		else if (kind < 16)
			block[0] = (int)(screen_random(random) % 9) - 4;
		else
			block[0] = (int)(screen_random(random) % 2048) - 1024;
		many = kind < 8 ? 0 : kind < 30 ? kind / 4 : 63;
		for (i = 0; i < many; i++) {
			u32 r = screen_random(random);
			unsigned int at = many == 63 ? i + 1 : 1 + r % 63;

			block[at] = kind & 1 ? edges[(r >> 8) % 6] :
					       (int)((r >> 8) % 15) - 7;
		}
	}
}

#endif
