// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What the modelled VCD does with pixels: to RGB565 in the frame buffer, all of
 * them, or the blocks that are not there already.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "npcm_vcd_capture.h"

/**
 * struct row - a row of blocks
 * @from: its first line in the buffer that it is compared with
 * @from_pitch: bytes from line to line of it
 * @to: its first line in the buffer that it goes to
 * @to_pitch: bytes from line to line of it
 * @lines: how many it has
 */
struct row {
	const u8 *from;
	u32 from_pitch;
	u8 *to;
	u32 to_pitch;
	unsigned int lines;
};

static u32 reg(const struct npcm_vcd *vcd, u32 offset)
{
	return vcd->regs[(offset - VCD_FBA_ADDR) / 4];
}

static bool is_pitch(u32 pitch, u32 width)
{
	switch (pitch) {
	case 512:
	case 1024:
	case 2048:
	case 2560:
	case 4096:
		return pitch >= 2 * width;
	default:
		return false;
	}
}

/* What cannot be done is left undone, without a word. */
void npcm_vcd_capture_begin(struct npcm_vcd *vcd)
{
	struct npcm_vcd_capture *c = &vcd->capture;
	u32 operation = FIELD_GET(VCD_COMMAND_OPERATION, reg(vcd, VCD_COMMAND));
	u32 wanted = VCD_MODE_ENABLE | VCD_MODE_RGB565;
	u32 resolution = reg(vcd, VCD_RESOLUTION);
	u32 pitch = reg(vcd, VCD_PITCH);

	if (vcd->busy || (reg(vcd, VCD_MODE) & wanted) != wanted ||
	    (operation != VCD_OPERATION_CAPTURE && operation != VCD_OPERATION_COMPARE))
		return;
	c->width = FIELD_GET(VCD_RESOLUTION_WIDTH, resolution);
	c->height = FIELD_GET(VCD_RESOLUTION_HEIGHT, resolution);
	if (!c->width || c->width > NPCM_WIDTH_MAX || !c->height ||
	    c->height > NPCM_HEIGHT_MAX ||
	    !is_pitch(FIELD_GET(VCD_PITCH_FBA, pitch), c->width) ||
	    !is_pitch(FIELD_GET(VCD_PITCH_FBB, pitch), c->width))
		return;
	c->line = 0;
	c->compare = operation == VCD_OPERATION_COMPARE;
	c->lost = false;
	vcd->busy = true;
}

static u8 *lines(struct npcm_vcd *vcd, u32 base, u32 pitch, unsigned int count)
{
	const struct npcm_vcd_capture *c = &vcd->capture;
	u8 *bytes;

	bytes = vcd->machine->memory(vcd->context, base + c->line * pitch,
				     (count - 1) * pitch + 2 * c->width);
	if (!bytes)
		vcd->bad_addresses++;
	return bytes;
}

static bool get_row(struct npcm_vcd *vcd, struct row *row)
{
	const struct npcm_vcd_capture *c = &vcd->capture;
	u32 pitch = reg(vcd, VCD_PITCH);

	row->lines = c->height - c->line < NPCM_BLOCK ? c->height - c->line : NPCM_BLOCK;
	row->from_pitch = FIELD_GET(VCD_PITCH_FBB, pitch);
	row->to_pitch = FIELD_GET(VCD_PITCH_FBA, pitch);
	row->from = lines(vcd, reg(vcd, VCD_FBB_ADDR), row->from_pitch, row->lines);
	row->to = lines(vcd, reg(vcd, VCD_FBA_ADDR), row->to_pitch, row->lines);
	return row->from && row->to;
}

/* Black where there is no picture; little endian. */
static void take_pixel(const struct npcm_vcd *vcd, unsigned int x, unsigned int y, u8 *out)
{
	const struct npcm_vcd_signal *s = &vcd->signal;
	u32 p = 0;
	u16 pixel;

	if (x < s->width && y < s->height)
		p = s->pixels[y * s->width + x];
	pixel = (p >> 8 & 0xf800) | (p >> 5 & 0x07e0) | (p >> 3 & 0x001f);
	out[0] = pixel & 0xff;
	out[1] = pixel >> 8;
}

static void take_line(const struct npcm_vcd *vcd, unsigned int x, unsigned int width,
		      unsigned int y, u8 *out)
{
	unsigned int i;

	for (i = 0; i < width; i++)
		take_pixel(vcd, x + i, y, out + 2 * i);
}

/* Returns whether the block differs from what was there. */
static bool do_block(struct npcm_vcd *vcd, const struct row *row, unsigned int column)
{
	const struct npcm_vcd_capture *c = &vcd->capture;
	unsigned int x = column * NPCM_BLOCK, y, width = c->width - x;
	u8 block[NPCM_BLOCK][2 * NPCM_BLOCK];
	bool differs = false;

	if (width > NPCM_BLOCK)
		width = NPCM_BLOCK;
	for (y = 0; y < row->lines; y++) {
		take_line(vcd, x, width, c->line + y, block[y]);
		if (memcmp(block[y], row->from + y * row->from_pitch + 2 * x, 2 * width))
			differs = true;
	}
	if (c->compare && !differs)
		return false;
	for (y = 0; y < row->lines; y++)
		memcpy(row->to + y * row->to_pitch + 2 * x, block[y], 2 * width);
	return true;
}

static void do_row(struct npcm_vcd *vcd, const struct row *row)
{
	const struct npcm_vcd_capture *c = &vcd->capture;
	unsigned int columns = DIV_ROUND_UP(c->width, NPCM_BLOCK), i;
	bool tells = c->compare && (reg(vcd, VCD_MODE) & VCD_MODE_IDBC);
	u32 *table = &vcd->diff[c->line / NPCM_BLOCK * VCD_DIFF_TABLE_STRIDE / 4];

	if (tells)
		memset(table, 0, VCD_DIFF_TABLE_STRIDE);
	for (i = 0; i < columns; i++)
		if (do_block(vcd, row, i) && tells)
			table[i / 32] |= BIT(i % 32);
}

static void finish(struct npcm_vcd *vcd)
{
	if (vcd->faults & NPCM_FAULT_SILENT) {
		vcd->capture.lost = true;
		return;
	}
	vcd->busy = false;
	if ((vcd->faults & NPCM_FAULT_OVERRUN) || !npcm_vcd_can_keep_up(vcd))
		npcm_vcd_raise(vcd, VCD_STATUS_FIFO_OVERRUN);
	else
		npcm_vcd_raise(vcd, VCD_STATUS_DONE);
}

void npcm_vcd_capture_step(struct npcm_vcd *vcd)
{
	struct npcm_vcd_capture *c = &vcd->capture;
	struct row row;

	if (!c->line)
		npcm_vcd_watch(vcd);
	if ((vcd->faults & NPCM_FAULT_UNSTABLE) || !get_row(vcd, &row)) {
		c->lost = true;
		return;
	}
	do_row(vcd, &row);
	c->line += row.lines;
	if (c->line >= c->height)
		finish(vcd);
}
