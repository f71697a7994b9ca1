// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The image that the modelled engine makes of a picture, without the engine.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "aspeed_tables.h"
#include "jpeg_encode.h"
#include "jpeg_reference.h"

static void start(struct kvmcap_sim_jpeg *jpeg, unsigned int width,
		  unsigned int height, unsigned int selector, bool halved, u8 *out)
{
	u8 luma[KVMCAP_ZIGZAG_LENGTH], chroma[KVMCAP_ZIGZAG_LENGTH];
	u8 *size = out + KVMCAP_ASPEED_HEADER_HEIGHT;

	kvmcap_aspeed_quantiser(selector, false, luma);
	kvmcap_aspeed_quantiser(selector, true, chroma);
	kvmcap_sim_jpeg_start(jpeg, luma, chroma, halved);
	kvmcap_aspeed_header(selector, halved, out);
	size[0] = height >> 8;
	size[1] = height & 0xff;
	size[2] = width >> 8;
	size[3] = width & 0xff;
	jpeg->out = out;
	jpeg->length = KVMCAP_ASPEED_HEADER_LENGTH;
}

static void fill_strip(u8 *strip, const u32 *pixels, unsigned int width,
		       unsigned int height, unsigned int y, unsigned int blocks)
{
	unsigned int line, from;

	for (line = 0; line < KVMCAP_SIM_STRIP_LINES; line++) {
		from = y + line < height ? y + line : height - 1;
		kvmcap_sim_blocks_line(strip, line, pixels + (size_t)from * width,
				       width, blocks, KVMCAP_SIM_FULL);
	}
}

size_t kvmcap_sim_reference_jpeg(const u32 *pixels, unsigned int width,
				 unsigned int height, unsigned int selector,
				 bool halved, u8 *out, size_t room)
{
	unsigned int blocks = DIV_ROUND_UP(width, 8), y, step = halved ? 16 : 8;
	size_t size = (size_t)blocks * KVMCAP_SIM_BLOCK_SIZE;
	struct kvmcap_sim_jpeg jpeg;
	u8 *strips, *lower;

	if (room < KVMCAP_ASPEED_HEADER_LENGTH)
		return 0;
	strips = malloc(2 * size);
	if (!strips)
		return 0;

	start(&jpeg, width, height, selector, halved, out);
	jpeg.room = room;
	for (y = 0; y < height; y += step) {
		fill_strip(strips, pixels, width, height, y, blocks);
		lower = NULL;
		if (halved && y + 8 < height) {
			lower = strips + size;
			fill_strip(lower, pixels, width, height, y + 8, blocks);
		}
		kvmcap_sim_jpeg_row(&jpeg, strips, lower, blocks);
	}
	kvmcap_sim_jpeg_finish(&jpeg);
	free(strips);
	return jpeg.overflow ? 0 : jpeg.length;
}
