// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What the modelled engine does with pixels: capture into the source buffer,
 * compression from there.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "aspeed_ve_capture.h"
#include "aspeed_tables.h"

/* The largest VR058 can say; what the engine cannot do is treated likewise. */
#define PACKETS_MAX	5

/* Bytes of a block's share in a line. */
#define STRIDE_ALIGN	(KVMCAP_SIM_BLOCK_SIZE / KVMCAP_SIM_STRIP_LINES)

/* Bit 4 of a selector chooses the table, the others the quality. */
#define SELECTOR_QUALITY	0xf

u32 aspeed_ve_reg(const struct aspeed_ve *ve, u32 offset)
{
	return ve->regs[offset / 4];
}

u8 *aspeed_ve_memory(struct aspeed_ve *ve, u32 address, size_t length)
{
	u8 *bytes = ve->machine->memory(ve->context, address, length);

	if (!bytes)
		ve->bad_addresses++;
	return bytes;
}

u32 aspeed_ve_size_register(const struct aspeed_ve *ve)
{
	return ve->soc == ASPEED_VE_AST2600 ? VE_COMPRESSED_AST2600 :
					      VE_COMPRESSED_AST2400;
}

static u32 jpeg_mode(const struct aspeed_ve *ve)
{
	return ve->soc == ASPEED_VE_AST2400 ? VE_SEQ_JPEG_AST2400 :
					      VE_SEQ_JPEG_AST2500;
}

/* Bus errors end the work, and nobody is told. */
static void stop(struct aspeed_ve *ve)
{
	ve->work = ASPEED_VE_IDLE;
}

static bool is_window(u32 width, u32 height)
{
	return width && height && width <= VE_WIDTH_MAX && height <= VE_HEIGHT_MAX;
}

/*
 * Captures that end, but nobody is told: the silicon bug of AST2500 with widths
 * that are not aligned, and direct fetch of small pictures.
 */
static bool is_silent(const struct aspeed_ve *ve)
{
	const struct aspeed_ve_capture *c = &ve->capture;
	u32 pixels = (u32)c->width * DIV_ROUND_UP(c->height, 8) * 8;

	if (ve->soc == ASPEED_VE_AST2500 && c->width % VE_CAPTURE_ALIGN)
		return true;
	return (aspeed_ve_reg(ve, VE_CTRL) & VE_CTRL_DIRECT_FETCH) &&
	       pixels < VE_DIRECT_FETCH_PIXELS;
}

/*
 * Where the picture begins in the signal: where the edges are in direct fetch
 * and with the display's own data enable; otherwise where VR00C and VR010 say:
 * the pixel before the first one, and the first line.
 */
static void set_origin(struct aspeed_ve *ve)
{
	struct aspeed_ve_capture *c = &ve->capture;
	u32 ctrl = aspeed_ve_reg(ve, VE_CTRL);

	c->left = 0;
	c->top = 0;
	if (!(ctrl & VE_CTRL_DIRECT_FETCH) && (ctrl & VE_CTRL_INTERNAL_DE)) {
		c->left = (s32)FIELD_GET(VE_TGS_FIRST, aspeed_ve_reg(ve, VE_TGS0)) + 1 -
			  ve->timing.left;
		c->top = (s32)FIELD_GET(VE_TGS_FIRST, aspeed_ve_reg(ve, VE_TGS1)) -
			 ve->timing.top;
	}
}

/*
 * Lines are kept in strips of whole blocks. Mainline's driver asks for lines of
 * whole pixels, so the engine has to round up what it is told; else a last block
 * that is not full would lie over the first one of the next strip.
 */
static void set_source(struct aspeed_ve *ve)
{
	struct aspeed_ve_capture *c = &ve->capture;

	c->base = aspeed_ve_reg(ve, VE_SOURCE0_ADDR);
	c->stride = DIV_ROUND_UP(aspeed_ve_reg(ve, VE_SOURCE_STRIDE), STRIDE_ALIGN) *
		    STRIDE_ALIGN;
	c->line = 0;
}

void aspeed_ve_capture_begin(struct aspeed_ve *ve)
{
	struct aspeed_ve_capture *c = &ve->capture;
	u32 window = aspeed_ve_reg(ve, VE_CAPTURE_WINDOW);

	if (ve->work != ASPEED_VE_IDLE)
		return;
	c->width = FIELD_GET(VE_WINDOW_WIDTH, window);
	c->height = FIELD_GET(VE_WINDOW_HEIGHT, window);
	if (!is_window(c->width, c->height))
		return;
	set_source(ve);
	set_origin(ve);
	c->silent = is_silent(ve);
	ve->work = ASPEED_VE_CAPTURE;
}

/*
 * A line of the signal; the last one again below it; NULL outside of it. @count
 * is the number of pixels that it has from there.
 */
static const u32 *signal_line(const struct aspeed_ve *ve, s32 y,
			      unsigned int *count)
{
	const struct aspeed_ve_signal *s = &ve->signal;
	const struct aspeed_ve_capture *c = &ve->capture;

	y += c->top;
	if (y < 0 || c->left < 0 || c->left >= s->width)
		return NULL;
	if (y >= s->height)
		y = s->height - 1;
	*count = s->width - c->left;
	return s->pixels + (size_t)y * s->width + c->left;
}

static void captured(struct aspeed_ve *ve)
{
	bool silent = ve->capture.silent;

	ve->work = ASPEED_VE_IDLE;
	if (!silent)
		aspeed_ve_raise(ve, VE_INTERRUPT_CAPTURED);
	if (aspeed_ve_reg(ve, VE_SEQ) & VE_SEQ_AUTO_COMPRESS) {
		aspeed_ve_compress_begin(ve);
		ve->capture.silent = silent;
	}
}

void aspeed_ve_capture_step(struct aspeed_ve *ve)
{
	static const u32 black[1];
	struct aspeed_ve_capture *c = &ve->capture;
	unsigned int colour = FIELD_GET(VE_CTRL_COLOUR, aspeed_ve_reg(ve, VE_CTRL));
	unsigned int blocks = DIV_ROUND_UP(c->width, 8), line, count;
	const u32 *pixels;
	u8 *strip;

	strip = aspeed_ve_memory(ve, c->base + c->line * c->stride,
				 (size_t)blocks * KVMCAP_SIM_BLOCK_SIZE);
	if (!strip) {
		stop(ve);
		return;
	}
	for (line = 0; line < KVMCAP_SIM_STRIP_LINES; line++) {
		pixels = signal_line(ve, c->line + line, &count);
		if (!pixels) {
			pixels = black;
			count = 1;
		}
		kvmcap_sim_blocks_line(strip, line, pixels, count, blocks, colour);
	}
	c->line += KVMCAP_SIM_STRIP_LINES;
	if (c->line >= c->height)
		captured(ve);
}

static u32 buffer_size(const struct aspeed_ve *ve)
{
	u32 value = aspeed_ve_reg(ve, VE_COMPRESS_SIZE);
	u32 packets = FIELD_GET(VE_COMPRESS_SIZE_PACKETS, value);

	if (packets > PACKETS_MAX)
		packets = PACKETS_MAX;
	return 4U << packets <<
	       (10 + FIELD_GET(VE_COMPRESS_SIZE_PACKET, value));
}

static void quantiser(u8 table[KVMCAP_ZIGZAG_LENGTH], unsigned int selector)
{
	unsigned int quality = selector & SELECTOR_QUALITY;

	if (quality >= KVMCAP_ASPEED_SELECTORS)
		quality = KVMCAP_ASPEED_SELECTORS - 1;
	kvmcap_aspeed_quantiser(quality,
				selector & VE_COMPRESS_CTRL_CHROMA_TABLE, table);
}

static void start_jpeg(struct aspeed_ve *ve, unsigned int luma)
{
	u8 table[2][KVMCAP_ZIGZAG_LENGTH];

	quantiser(table[0], luma);
	quantiser(table[1], FIELD_GET(VE_COMPRESS_CTRL_CHROMA,
				      aspeed_ve_reg(ve, VE_COMPRESS_CTRL)));
	kvmcap_sim_jpeg_start(&ve->jpeg, table[0], table[1],
			      aspeed_ve_reg(ve, VE_SEQ) & VE_SEQ_YUV420);
	ve->jpeg.room = buffer_size(ve);
}

/* The header comes from memory; only the picture's size is the engine's. */
static bool put_header(struct aspeed_ve *ve, unsigned int luma)
{
	const struct aspeed_ve_capture *c = &ve->capture;
	struct kvmcap_sim_jpeg *jpeg = &ve->jpeg;
	const u8 *header;
	u8 *out, *size;

	header = aspeed_ve_memory(ve, aspeed_ve_reg(ve, VE_HEADER_ADDR) +
			luma % 16 * KVMCAP_ASPEED_HEADER_STRIDE,
			KVMCAP_ASPEED_HEADER_LENGTH);
	out = aspeed_ve_memory(ve, aspeed_ve_reg(ve, VE_COMPRESS_ADDR), jpeg->room);
	if (!header || !out)
		return false;

	memcpy(out, header, KVMCAP_ASPEED_HEADER_LENGTH);
	size = out + KVMCAP_ASPEED_HEADER_HEIGHT;
	size[0] = c->picture_height >> 8;
	size[1] = c->picture_height & 0xff;
	size[2] = c->picture_width >> 8;
	size[3] = c->picture_width & 0xff;
	jpeg->length = KVMCAP_ASPEED_HEADER_LENGTH;
	return true;
}

void aspeed_ve_compress_begin(struct aspeed_ve *ve)
{
	struct aspeed_ve_capture *c = &ve->capture;
	u32 window = aspeed_ve_reg(ve, VE_COMPRESS_WINDOW);
	unsigned int luma = FIELD_GET(VE_COMPRESS_CTRL_LUMA,
				      aspeed_ve_reg(ve, VE_COMPRESS_CTRL));

	if (ve->work != ASPEED_VE_IDLE)
		return;
	c->picture_width = FIELD_GET(VE_WINDOW_WIDTH, window);
	c->picture_height = FIELD_GET(VE_WINDOW_HEIGHT, window);
	if (!is_window(c->picture_width, c->picture_height))
		return;
	set_source(ve);
	c->silent = false;
	c->differential = !(aspeed_ve_reg(ve, VE_SEQ) & jpeg_mode(ve));
	start_jpeg(ve, luma);
	if (c->differential)
		aspeed_ve_differ_begin(ve);
	else if (!put_header(ve, luma))
		return;
	ve->work = ASPEED_VE_COMPRESS;
}

static void garble(const struct aspeed_ve *ve, u8 *out)
{
	size_t i = ve->capture.differential ? 0 : KVMCAP_ASPEED_HEADER_LENGTH;

	for (; i < ve->jpeg.length; i += 97)
		out[i] ^= 0x5a;
}

static void compressed(struct aspeed_ve *ve)
{
	struct kvmcap_sim_jpeg *jpeg = &ve->jpeg;
	u32 size;

	if (ve->capture.differential)
		aspeed_ve_differ_end(ve);
	else
		kvmcap_sim_jpeg_finish(jpeg);
	size = jpeg->length;
	if (ve->faults & ASPEED_VE_FAULT_GARBLED)
		garble(ve, jpeg->out);
	if (ve->faults & ASPEED_VE_FAULT_TRUNCATED)
		size /= 2;
	if (ve->faults & ASPEED_VE_FAULT_SIZE)
		size = 2 * jpeg->room;
	ve->regs[aspeed_ve_size_register(ve) / 4] = size;
	ve->work = ASPEED_VE_IDLE;
	if (!ve->capture.silent)
		aspeed_ve_raise(ve, VE_INTERRUPT_COMPRESSED);
}

/* The next row's strips: one, or two if there are so many. False: no memory. */
static bool get_strips(struct aspeed_ve *ve, unsigned int blocks,
		       const u8 *strip[2])
{
	struct aspeed_ve_capture *c = &ve->capture;
	unsigned int i, strips = ve->jpeg.halved ? 2 : 1;

	for (i = 0; i < strips; i++, c->line += KVMCAP_SIM_STRIP_LINES) {
		if (c->line >= c->picture_height)
			continue;
		strip[i] = aspeed_ve_memory(ve, c->base + c->line * c->stride,
					    (size_t)blocks * KVMCAP_SIM_BLOCK_SIZE);
		if (!strip[i])
			return false;
	}
	return true;
}

void aspeed_ve_compress_step(struct aspeed_ve *ve)
{
	struct aspeed_ve_capture *c = &ve->capture;
	struct kvmcap_sim_jpeg *jpeg = &ve->jpeg;
	unsigned int blocks = DIV_ROUND_UP(c->picture_width, 8), line = c->line;
	const u8 *strip[2] = { NULL, NULL };
	bool good;

	jpeg->out = aspeed_ve_memory(ve, aspeed_ve_reg(ve, VE_COMPRESS_ADDR),
				     jpeg->room);
	good = jpeg->out && get_strips(ve, blocks, strip);
	if (good && c->differential)
		good = aspeed_ve_differ_row(ve, strip[0], strip[1], blocks, line);
	else if (good)
		kvmcap_sim_jpeg_row(jpeg, strip[0], strip[1], blocks);

	if (!good)
		stop(ve);
	else if (c->line >= c->picture_height)
		compressed(ve);
}
