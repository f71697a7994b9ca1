// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * A baseline JPEG encoder, integers only.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_encode.h"
#include "aspeed_tables.h"

#define SAMPLES		64	/* of one component in a block */
#define FRACTION	16	/* bits behind the point in struct matrix */
#define HALF		(1 << (FRACTION - 1))

/*
 * Each of Y, Cb, Cr is the sum of its factors times R, G, B, and of its offset;
 * all times 1 << FRACTION. ITU-R BT.601; full swing as in JFIF 1.02.
 */
struct matrix {
	s32 factor[3][3];
	s32 offset[3];
};

static const struct matrix matrices[] = {
	[KVMCAP_SIM_STUDIO] = {
		.factor = {
			{ 16829, 33039, 6416 },
			{ -9714, -19070, 28784 },
			{ 28784, -24103, -4681 },
		},
		.offset = { 16, 128, 128 },
	},
	[KVMCAP_SIM_FULL] = {
		.factor = {
			{ 19595, 38470, 7471 },
			{ -11058, -21710, 32768 },
			{ 32768, -27439, -5329 },
		},
		.offset = { 0, 128, 128 },
	},
	[KVMCAP_SIM_RGB] = {
		.factor = {
			{ 65536, 0, 0 },
			{ 0, 65536, 0 },
			{ 0, 0, 65536 },
		},
		.offset = { 0, 0, 0 },
	},
	[KVMCAP_SIM_GRAY] = {
		.factor = {
			{ 19595, 38470, 7471 },
		},
		.offset = { 0, 128, 128 },
	},
};

static u8 convert(const struct matrix *m, unsigned int component, u32 pixel)
{
	s32 value = m->factor[component][0] * (s32)(pixel >> 16 & 0xff) +
		    m->factor[component][1] * (s32)(pixel >> 8 & 0xff) +
		    m->factor[component][2] * (s32)(pixel & 0xff);

	/* Pure blue and pure red come to 255.5 in Cb and Cr. */
	value = ((value + HALF) >> FRACTION) + m->offset[component];
	return value > 255 ? 255 : value;
}

void kvmcap_sim_blocks_line(u8 *strip, unsigned int line, const u32 *pixels,
			    unsigned int width, unsigned int blocks,
			    unsigned int colour)
{
	const struct matrix *m = &matrices[colour];
	unsigned int x;
	u8 y = 0, cb = 0, cr = 0;
	u32 pixel, last = 0;

	for (x = 0; x < 8 * blocks; x++) {
		u8 *to = strip + x / 8 * KVMCAP_SIM_BLOCK_SIZE + line * 8 + x % 8;

		pixel = pixels[x < width ? x : width - 1];
		if (!x || pixel != last) {
			y = convert(m, 0, pixel);
			cb = convert(m, 1, pixel);
			cr = convert(m, 2, pixel);
			last = pixel;
		}
		to[0] = y;
		to[SAMPLES] = cb;
		to[2 * SAMPLES] = cr;
	}
}

static void make_codes(u32 code[256], const struct kvmcap_huffman_spec *spec)
{
	unsigned int length, i, n = 0;
	u32 next = 0;

	memset(code, 0, 256 * sizeof(code[0]));
	for (length = 1; length <= 16; length++) {
		for (i = 0; i < spec->counts[length - 1]; i++)
			code[spec->symbols[n++]] = length << 24 | next++;
		next <<= 1;
	}
}

/* Scale of what transform() gives. */
#define TRANSFORM_SCALE	32

void kvmcap_sim_jpeg_start(struct kvmcap_sim_jpeg *jpeg, const u8 luma[64],
			   const u8 chroma[64], bool halved)
{
	unsigned int i;

	memset(jpeg, 0, sizeof(*jpeg));
	jpeg->halved = halved;
	for (i = 0; i < SAMPLES; i++) {
		jpeg->divisor[0][i] = TRANSFORM_SCALE * luma[i];
		jpeg->divisor[1][i] = TRANSFORM_SCALE * chroma[i];
	}
	for (i = 0; i < 4; i++)
		make_codes(jpeg->code[i / 2][i % 2],
			   &kvmcap_huffman_specs[i / 2][i % 2]);
}

static void put_byte(struct kvmcap_sim_jpeg *jpeg, u8 byte)
{
	if (jpeg->length < jpeg->room)
		jpeg->out[jpeg->length++ ^ jpeg->swap] = byte;
	else
		jpeg->overflow = true;
}

/* At most 32 bits at a time; fewer than 8 stay pending. */
static void put_bits(struct kvmcap_sim_jpeg *jpeg, u32 bits, unsigned int count)
{
	u8 byte;

	jpeg->pending = jpeg->pending << count | bits;
	jpeg->pending_count += count;
	while (jpeg->pending_count >= 8) {
		jpeg->pending_count -= 8;
		byte = jpeg->pending >> jpeg->pending_count;
		put_byte(jpeg, byte);
		if (byte == 0xff && !jpeg->swap)
			put_byte(jpeg, 0);
	}
}

/* A symbol and the bits of a value behind it (ITU T.81, F.1.2). */
static void put_value(struct kvmcap_sim_jpeg *jpeg, const u32 *code,
		      unsigned int run, s32 value)
{
	u32 magnitude = value < 0 ? -value : value;
	unsigned int size = 0;
	u32 entry;

	while (magnitude >> size)
		size++;
	entry = code[run << 4 | size];
	if (value < 0)
		value += (1 << size) - 1;
	put_bits(jpeg, (entry & 0xffff) << size | (u32)value,
		 (entry >> 24) + size);
}

/*
 * cos(n pi / 16) * 8192. The transform is that of ITU T.81, A.3.3, split into
 * its even and odd half; all values are 4 times too large, times the fraction.
 */
#define C1	8035
#define C2	7568
#define C3	6811
#define C4	5793
#define C5	4551
#define C6	3135
#define C7	1598
#define C_BITS	13
#define PASS_BITS	3	/* fraction that the first pass leaves */

static void transform_8(s32 *v, unsigned int step, unsigned int shift)
{
	s32 s0 = v[0] + v[7 * step], d0 = v[0] - v[7 * step];
	s32 s1 = v[step] + v[6 * step], d1 = v[step] - v[6 * step];
	s32 s2 = v[2 * step] + v[5 * step], d2 = v[2 * step] - v[5 * step];
	s32 s3 = v[3 * step] + v[4 * step], d3 = v[3 * step] - v[4 * step];
	s32 half = 1 << (shift - 1);

	v[0] = ((s0 + s1 + s2 + s3) * C4 + half) >> shift;
	v[4 * step] = ((s0 - s1 - s2 + s3) * C4 + half) >> shift;
	v[2 * step] = ((s0 - s3) * C2 + (s1 - s2) * C6 + half) >> shift;
	v[6 * step] = ((s0 - s3) * C6 - (s1 - s2) * C2 + half) >> shift;
	v[step] = (d0 * C1 + d1 * C3 + d2 * C5 + d3 * C7 + half) >> shift;
	v[3 * step] = (d0 * C3 - d1 * C7 - d2 * C1 - d3 * C5 + half) >> shift;
	v[5 * step] = (d0 * C5 - d1 * C1 + d2 * C7 + d3 * C3 + half) >> shift;
	v[7 * step] = (d0 * C7 - d1 * C5 + d2 * C3 - d3 * C1 + half) >> shift;
}

/* Coefficients times TRANSFORM_SCALE: the 4 above, and PASS_BITS. */
static void transform(s32 v[SAMPLES], const u8 samples[SAMPLES])
{
	unsigned int i;

	for (i = 0; i < SAMPLES; i++)
		v[i] = samples[i] - 128;
	for (i = 0; i < 8; i++)
		transform_8(v + 8 * i, 1, C_BITS - PASS_BITS);
	for (i = 0; i < 8; i++)
		transform_8(v + i, 8, C_BITS);
}

static s32 quantise(s32 value, s32 divisor)
{
	s32 magnitude = value < 0 ? -value : value;

	/* Nearly all of them. */
	if (2 * magnitude < divisor)
		return 0;
	magnitude = (magnitude + divisor / 2) / divisor;
	return value < 0 ? -magnitude : magnitude;
}

static bool is_flat(const u8 samples[SAMPLES])
{
	return !memcmp(samples, samples + 1, SAMPLES - 1);
}

static void put_dc(struct kvmcap_sim_jpeg *jpeg, unsigned int component, s32 dc)
{
	put_value(jpeg, jpeg->code[component > 0][0], 0,
		  dc - jpeg->predictor[component]);
	jpeg->predictor[component] = dc;
}

static void put_ac(struct kvmcap_sim_jpeg *jpeg, const s32 *v, const s32 *divisor,
		   const u32 *code)
{
	unsigned int i, run = 0;
	s32 value;

	for (i = 1; i < SAMPLES; i++) {
		value = quantise(v[kvmcap_zigzag[i]], divisor[i]);
		if (!value) {
			run++;
			continue;
		}
		for (; run >= 16; run -= 16)
			put_value(jpeg, code, 15, 0);
		put_value(jpeg, code, run, value);
		run = 0;
	}
	if (run)
		put_value(jpeg, code, 0, 0);
}

static void put_block(struct kvmcap_sim_jpeg *jpeg, unsigned int component,
		      const u8 samples[SAMPLES])
{
	const s32 *divisor = jpeg->divisor[component > 0];
	const u32 *code = jpeg->code[component > 0][1];
	s32 v[SAMPLES];

	if (is_flat(samples)) {
		put_dc(jpeg, component,
		       quantise((samples[0] - 128) * 8 * TRANSFORM_SCALE,
				divisor[0]));
		put_value(jpeg, code, 0, 0);
		return;
	}
	transform(v, samples);
	put_dc(jpeg, component, quantise(v[0], divisor[0]));
	put_ac(jpeg, v, divisor, code);
}

/* A block beyond the last column: that block's last column, repeated. */
static void extend_right(u8 *block, const u8 *last)
{
	unsigned int i;

	for (i = 0; i < 3 * SAMPLES; i++)
		block[i] = last[i | 7];
}

/* A block below the last strip: the last line of the one above, repeated. */
static void extend_below(u8 *block, const u8 *above)
{
	unsigned int component, i;

	for (component = 0; component < 3; component++)
		for (i = 0; i < SAMPLES; i++)
			block[component * SAMPLES + i] =
				above[component * SAMPLES + 56 + i % 8];
}

/* The means of 2x2 samples of four blocks. */
static void halve(u8 to[SAMPLES], const u8 *const block[4], unsigned int offset)
{
	unsigned int x, y;

	for (y = 0; y < 8; y++) {
		for (x = 0; x < 8; x++) {
			const u8 *from = block[y / 4 * 2 + x / 4] + offset +
					 y % 4 * 16 + x % 4 * 2;

			to[y * 8 + x] = (from[0] + from[1] + from[8] + from[9] + 2) >> 2;
		}
	}
}

static void put_mcu_halved(struct kvmcap_sim_jpeg *jpeg, const u8 *const block[4])
{
	u8 chroma[SAMPLES];
	unsigned int i;

	for (i = 0; i < 4; i++)
		put_block(jpeg, 0, block[i]);
	for (i = 1; i < 3; i++) {
		halve(chroma, block, i * SAMPLES);
		put_block(jpeg, i, chroma);
	}
}

/* The four blocks of a 4:2:0 MCU; those that are made up are in @extended. */
struct square {
	const u8 *block[4];
	u8 extended[3][KVMCAP_SIM_BLOCK_SIZE];
};

static void gather(struct square *s, const u8 *upper, const u8 *lower, bool last)
{
	s->block[0] = upper;
	s->block[1] = upper + KVMCAP_SIM_BLOCK_SIZE;
	if (last) {
		extend_right(s->extended[0], upper);
		s->block[1] = s->extended[0];
	}
	if (!lower) {
		extend_below(s->extended[1], s->block[0]);
		extend_below(s->extended[2], s->block[1]);
		s->block[2] = s->extended[1];
		s->block[3] = s->extended[2];
		return;
	}
	s->block[2] = lower;
	s->block[3] = lower + KVMCAP_SIM_BLOCK_SIZE;
	if (last) {
		extend_right(s->extended[2], lower);
		s->block[3] = s->extended[2];
	}
}

void kvmcap_sim_jpeg_mcu(struct kvmcap_sim_jpeg *jpeg, const u8 *upper,
			 const u8 *lower, bool last)
{
	unsigned int component;
	struct square square;

	if (jpeg->halved) {
		gather(&square, upper, lower, last);
		put_mcu_halved(jpeg, square.block);
		return;
	}
	for (component = 0; component < 3; component++)
		put_block(jpeg, component, upper + component * SAMPLES);
}

void kvmcap_sim_jpeg_row(struct kvmcap_sim_jpeg *jpeg, const u8 *upper,
			 const u8 *lower, unsigned int blocks)
{
	unsigned int x, step = jpeg->halved ? 2 : 1;

	for (x = 0; x < blocks; x += step) {
		size_t at = (size_t)x * KVMCAP_SIM_BLOCK_SIZE;

		kvmcap_sim_jpeg_mcu(jpeg, upper + at, lower ? lower + at : NULL,
				    x + 1 == blocks);
	}
}

void kvmcap_sim_jpeg_code(struct kvmcap_sim_jpeg *jpeg, u32 bits,
			  unsigned int count)
{
	put_bits(jpeg, bits, count);
}

void kvmcap_sim_jpeg_finish(struct kvmcap_sim_jpeg *jpeg)
{
	put_bits(jpeg, 0x7f, 7);
	put_byte(jpeg, 0xff);
	put_byte(jpeg, 0xd9);
}

void kvmcap_sim_jpeg_align(struct kvmcap_sim_jpeg *jpeg)
{
	put_bits(jpeg, 0, 7);
	jpeg->pending_count = 0;
	while (jpeg->length % KVMCAP_SIM_WORD && !jpeg->overflow)
		put_byte(jpeg, 0);
}
