// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The Nuvoton encoding compression engine in software.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "npcm_ece_model.h"

/* What comes before the data: a place for RFB's header of a rectangle. */
#define GAP_AFTER_RESET	12

/* With NPCM_FAULT_SIZE. */
#define SIZE_BEYOND	0x7ffffff0

/* With NPCM_FAULT_GARBLED: every so many bytes one is another one. */
#define GARBLE_EVERY	97

static u32 *reg(struct npcm_ece *ece, u32 offset)
{
	return &ece->regs[offset / 4];
}

static void power_on(struct npcm_ece *ece)
{
	memset(ece->regs, 0, sizeof(ece->regs));
	*reg(ece, ECE_HEXTILE) = FIELD_PREP(ECE_HEXTILE_GAP, GAP_AFTER_RESET);
	ece->busy = false;
}

void npcm_ece_init(struct npcm_ece *ece, const struct npcm_machine *machine,
		   void *context)
{
	memset(ece, 0, sizeof(*ece));
	ece->machine = machine;
	ece->context = context;
	npcm_ece_reset(ece, true);
}

void npcm_ece_reset(struct npcm_ece *ece, bool asserted)
{
	if (asserted)
		power_on(ece);
	ece->in_reset = asserted;
}

u32 npcm_ece_read(struct npcm_ece *ece, u32 offset)
{
	return ece->in_reset ? NPCM_DEAD : *reg(ece, offset);
}

static u32 pitch_of(u32 code)
{
	static const u16 pitches[] = {
		[ECE_PITCH_512] = 512,
		[ECE_PITCH_1024] = 1024,
		[ECE_PITCH_2048] = 2048,
		[ECE_PITCH_2560] = 2560,
		[ECE_PITCH_4096] = 4096,
	};

	return code < ARRAY_SIZE(pitches) ? pitches[code] : 0;
}

static u32 side(u32 blocks, u32 last)
{
	return blocks * NPCM_BLOCK + last + 1;
}

/* What cannot be done is left undone, without a word. */
static void begin(struct npcm_ece *ece, u32 size)
{
	struct npcm_ece_rectangle *r = &ece->rectangle;

	if (ece->busy || !(*reg(ece, ECE_CTRL) & ECE_CTRL_ENABLE) ||
	    (*reg(ece, ECE_HEXTILE) & ECE_HEXTILE_OFF))
		return;
	memset(r, 0, sizeof(*r));
	r->base = *reg(ece, ECE_FRAME_ADDR) + *reg(ece, ECE_RECT_START);
	r->pitch = pitch_of(*reg(ece, ECE_PITCH));
	r->width = side(FIELD_GET(ECE_RECT_SIZE_COLUMNS, size),
			FIELD_GET(ECE_RECT_SIZE_LAST_COLUMN, size));
	r->height = side(FIELD_GET(ECE_RECT_SIZE_ROWS, size),
			 FIELD_GET(ECE_RECT_SIZE_LAST_ROW, size));
	r->output = *reg(ece, ECE_OUTPUT_ADDR) + *reg(ece, ECE_OFFSET);
	if (r->pitch < 2 * r->width || r->height > NPCM_HEIGHT_MAX)
		return;
	ece->busy = true;
}

void npcm_ece_write(struct npcm_ece *ece, u32 offset, u32 value)
{
	if (ece->in_reset)
		return;

	switch (offset) {
	case ECE_STATUS:
		*reg(ece, offset) &= ~value;
		break;
	case ECE_OFFSET:
		*reg(ece, offset) = value & ECE_OFFSET_MASK;
		break;
	case ECE_CTRL:
		*reg(ece, offset) = value;
		if (!(value & ECE_CTRL_ENABLE))
			ece->busy = false;
		break;
	case ECE_RECT_SIZE:
		*reg(ece, offset) = value;
		begin(ece, value);
		break;
	default:
		*reg(ece, offset) = value;
	}
}

bool npcm_ece_has_work(const struct npcm_ece *ece)
{
	return ece->busy && !(ece->faults & NPCM_FAULT_STUCK);
}

static u8 *memory(struct npcm_ece *ece, u32 address, size_t length)
{
	u8 *bytes = ece->machine->memory(ece->context, address, length);

	if (!bytes)
		ece->bad_addresses++;
	return bytes;
}

static void garble(u8 *bytes, u32 offset, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((offset + i) % GARBLE_EVERY == 0)
			bytes[i] ^= 0x5a;
}

static bool put(struct npcm_ece *ece, u8 *bytes, size_t length)
{
	struct npcm_ece_rectangle *r = &ece->rectangle;
	u32 gap = FIELD_GET(ECE_HEXTILE_GAP, *reg(ece, ECE_HEXTILE));
	u8 *out = memory(ece, r->output + gap + r->length, length);

	if (!out)
		return false;
	if (ece->faults & NPCM_FAULT_GARBLED)
		garble(bytes, r->length, length);
	memcpy(out, bytes, length);
	r->length += length;
	return true;
}

static bool encode_block(struct npcm_ece *ece, const u8 *from, unsigned int width,
			 unsigned int height)
{
	struct npcm_ece_rectangle *r = &ece->rectangle;
	u16 pixels[NPCM_HEXTILE_PIXELS];
	unsigned int x, y, i = 0;
	size_t length;

	for (y = 0; y < height; y++) {
		const u8 *line = from + y * r->pitch;

		for (x = 0; x < width; x++, i++)
			pixels[i] = line[2 * x] | line[2 * x + 1] << 8;
	}
	length = npcm_hextile_encode(&r->hextile, pixels, width, height, ece->block);
	return put(ece, ece->block, length);
}

static unsigned int at_most_a_block(unsigned int pixels)
{
	return pixels < NPCM_BLOCK ? pixels : NPCM_BLOCK;
}

static bool encode_row(struct npcm_ece *ece)
{
	struct npcm_ece_rectangle *r = &ece->rectangle;
	unsigned int height = at_most_a_block(r->height - r->line), x;
	const u8 *from;

	from = memory(ece, r->base + r->line * r->pitch,
		      (height - 1) * r->pitch + 2 * r->width);
	if (!from)
		return false;
	for (x = 0; x < r->width; x += NPCM_BLOCK)
		if (!encode_block(ece, from + 2 * x, at_most_a_block(r->width - x), height))
			return false;
	r->line += height;
	return true;
}

/* The size is at the very start, in the gap; the next rectangle comes behind. */
static void finish(struct npcm_ece *ece)
{
	struct npcm_ece_rectangle *r = &ece->rectangle;
	u32 gap = FIELD_GET(ECE_HEXTILE_GAP, *reg(ece, ECE_HEXTILE));
	u32 size = ece->faults & NPCM_FAULT_SIZE ? SIZE_BEYOND : r->length;
	u8 *out = memory(ece, r->output, 4);

	ece->busy = false;
	if (!out)
		return;
	out[0] = size & 0xff;
	out[1] = size >> 8 & 0xff;
	out[2] = size >> 16 & 0xff;
	out[3] = size >> 24;
	*reg(ece, ECE_OFFSET) = (*reg(ece, ECE_OFFSET) + gap + r->length) & ECE_OFFSET_MASK;
	*reg(ece, ECE_STATUS) |= ECE_STATUS_READY | ECE_STATUS_ALL_READY;
}

void npcm_ece_step(struct npcm_ece *ece)
{
	const struct npcm_ece_rectangle *r = &ece->rectangle;

	if (!npcm_ece_has_work(ece))
		return;
	if (!encode_row(ece))
		ece->busy = false;
	else if (r->line >= r->height)
		finish(ece);
}
