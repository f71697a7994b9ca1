// SPDX-License-Identifier: Apache-2.0
/*
 * For tests: decodes the ASPEED engine's differential streams.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "ajpg_decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#define NEXT_CODE	0x0
#define AT_CODE		0x8
#define END_CODE	0x9

struct reader {
	const uint8_t *bytes;
	size_t bits;
	size_t at;
	bool failed;
};

/* A Huffman table as the decoding procedure of T.81, F.2.2.3, wants it. */
struct table {
	int least[17];
	int most[17];
	int first[17];
	uint8_t values[256];
};

struct tables {
	struct table dc[2];
	struct table ac[2];
	uint8_t natural[COEFFICIENTS_BLOCK];
};

bool coefficients_init(struct coefficients *c, unsigned int width, unsigned int height,
		       bool halved)
{
	unsigned int side = halved ? 16 : 8;
	size_t mcus;

	coefficients_free(c);
	c->halved = halved;
	c->mcus_x = (width + side - 1) / side;
	c->mcus_y = (height + side - 1) / side;
	c->blocks = halved ? 6 : 3;
	mcus = (size_t)c->mcus_x * c->mcus_y;
	c->known = calloc(mcus, sizeof(*c->known));
	c->values = calloc(mcus * c->blocks * COEFFICIENTS_BLOCK, sizeof(*c->values));
	return c->known && c->values;
}

void coefficients_free(struct coefficients *c)
{
	free(c->known);
	free(c->values);
	memset(c, 0, sizeof(*c));
}

unsigned int coefficients_known(const struct coefficients *c)
{
	unsigned int i, known = 0;

	for (i = 0; i < c->mcus_x * c->mcus_y; i++)
		known += c->known[i];
	return known;
}

static int16_t *mcu_of(const struct coefficients *c, unsigned int mcu)
{
	return c->values + (size_t)mcu * c->blocks * COEFFICIENTS_BLOCK;
}

unsigned int coefficients_differing(const struct coefficients *a, const struct coefficients *b)
{
	size_t size = a->blocks * COEFFICIENTS_BLOCK * sizeof(*a->values);
	unsigned int i, differing = 0;

	for (i = 0; i < a->mcus_x * a->mcus_y; i++)
		if (a->known[i] && b->known[i] && memcmp(mcu_of(a, i), mcu_of(b, i), size))
			differing++;
	return differing;
}

/* One row of MCUs of a component, whose blocks begin at @first in each MCU. */
static void copy_row(struct coefficients *c, unsigned int y, unsigned int first,
		     unsigned int side, JBLOCKROW *rows)
{
	unsigned int x, i;

	for (x = 0; x < c->mcus_x; x++)
		for (i = 0; i < side * side; i++)
			memcpy(mcu_of(c, y * c->mcus_x + x) + (first + i) * COEFFICIENTS_BLOCK,
			       rows[i / side][x * side + i % side],
			       COEFFICIENTS_BLOCK * sizeof(*c->values));
}

static void copy_all(struct coefficients *c, struct jpeg_decompress_struct *jpeg,
		     jvirt_barray_ptr *arrays)
{
	unsigned int y, i, luma = c->halved ? 2 : 1;

	for (y = 0; y < c->mcus_y; y++) {
		for (i = 0; i < 3; i++) {
			unsigned int side = i ? 1 : luma;
			JBLOCKARRAY rows = jpeg->mem->access_virt_barray((j_common_ptr)jpeg,
									 arrays[i], y * side,
									 side, FALSE);

			copy_row(c, y, i ? luma * luma + i - 1 : 0, side, rows);
		}
	}
	memset(c->known, true, (size_t)c->mcus_x * c->mcus_y);
}

const char *coefficients_of_jpeg(struct coefficients *c, const uint8_t *image, size_t length)
{
	unsigned int side = c->halved ? 16 : 8;
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;	/* its default ends the program on an error */
	const char *problem = NULL;
	jvirt_barray_ptr *arrays;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, image, length);
	jpeg_read_header(&jpeg, TRUE);
	arrays = jpeg_read_coefficients(&jpeg);
	if (errors.num_warnings)
		problem = "libjpeg has something to say against the image";
	else if ((jpeg.image_width + side - 1) / side != c->mcus_x ||
		 (jpeg.image_height + side - 1) / side != c->mcus_y ||
		 jpeg.comp_info[0].h_samp_factor * 8 != (int)side)
		problem = "the image has another geometry";
	else
		copy_all(c, &jpeg, arrays);
	jpeg_destroy_decompress(&jpeg);
	return problem;
}

static unsigned int get_bits(struct reader *r, unsigned int count)
{
	unsigned int value = 0;

	for (; count; count--, r->at++) {
		size_t byte = (r->at / 8) ^ 3;

		if (r->at >= r->bits) {
			r->failed = true;
			return 0;
		}
		value = value << 1 | (r->bytes[byte] >> (7 - r->at % 8) & 1);
	}
	return value;
}

static void make_table(struct table *table, const JHUFF_TBL *from)
{
	int length, code = 0, index = 0;

	for (length = 1; length <= 16; length++) {
		table->first[length] = index;
		table->least[length] = code;
		code += from->bits[length];
		index += from->bits[length];
		table->most[length] = code - 1;
		code *= 2;
	}
	memcpy(table->values, from->huffval, sizeof(table->values));
}

/* Diagonal by diagonal, up and down in turns. */
static void make_zigzag(uint8_t natural[COEFFICIENTS_BLOCK])
{
	unsigned int sum, i, n = 0;

	for (sum = 0; sum < 15; sum++) {
		for (i = 0; i <= sum; i++) {
			unsigned int y = sum % 2 ? i : sum - i;

			if (y < 8 && sum - y < 8)
				natural[n++] = y * 8 + (sum - y);
		}
	}
}

/* libjpeg's standard tables are those of T.81, Annex K. */
static void make_tables(struct tables *tables)
{
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	unsigned int i;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_compress(&jpeg);
	jpeg.input_components = 3;
	jpeg.in_color_space = JCS_YCbCr;
	jpeg_set_defaults(&jpeg);
	for (i = 0; i < 2; i++) {
		make_table(&tables->dc[i], jpeg.dc_huff_tbl_ptrs[i]);
		make_table(&tables->ac[i], jpeg.ac_huff_tbl_ptrs[i]);
	}
	jpeg_destroy_compress(&jpeg);
	make_zigzag(tables->natural);
}

static unsigned int get_symbol(struct reader *r, const struct table *table)
{
	int length, code = 0;

	for (length = 1; length <= 16 && !r->failed; length++) {
		code = code << 1 | (int)get_bits(r, 1);
		if (code <= table->most[length])
			return table->values[table->first[length] + code - table->least[length]];
	}
	r->failed = true;
	return 0;
}

/* T.81, F.2.2.1: EXTEND. */
static int get_value(struct reader *r, unsigned int size)
{
	int value = (int)get_bits(r, size);

	return size && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}

static void get_block(struct reader *r, const struct tables *tables, bool chroma, int *dc,
		      int16_t *block)
{
	unsigned int i, symbol;

	memset(block, 0, COEFFICIENTS_BLOCK * sizeof(*block));
	*dc += get_value(r, get_symbol(r, &tables->dc[chroma]));
	block[0] = (int16_t)*dc;
	for (i = 1; i < COEFFICIENTS_BLOCK && !r->failed; i++) {
		symbol = get_symbol(r, &tables->ac[chroma]);
		if (!symbol)
			return;
		i += symbol >> 4;
		if (i >= COEFFICIENTS_BLOCK) {
			r->failed = true;
			return;
		}
		if (symbol & 15)
			block[tables->natural[i]] = (int16_t)get_value(r, symbol & 15);
	}
}

static void get_mcu(struct reader *r, const struct tables *tables, struct coefficients *c,
		    unsigned int mcu, int dc[3])
{
	unsigned int i;

	for (i = 0; i < c->blocks; i++) {
		unsigned int component = i + 3 > c->blocks ? i + 3 - c->blocks : 0;

		get_block(r, tables, component, &dc[component],
			  mcu_of(c, mcu) + (size_t)i * COEFFICIENTS_BLOCK);
	}
	c->known[mcu] = true;
}

const char *ajpg_decode(struct coefficients *c, const uint8_t *stream, size_t length,
			unsigned int *mcus)
{
	struct reader r = { .bytes = stream, .bits = length / 4 * 32 };
	unsigned int code, x, y, next = 0;
	struct tables tables = { 0 };
	int dc[3] = { 0 };

	make_tables(&tables);
	for (*mcus = 0; !r.failed; (*mcus)++) {
		code = get_bits(&r, 4);
		if (r.failed || code == END_CODE)
			break;
		if (code != NEXT_CODE && code != AT_CODE)
			return "an unknown code";
		if (code == AT_CODE) {
			x = get_bits(&r, 8);
			y = get_bits(&r, 8);
			if (x >= c->mcus_x || y * c->mcus_x + x < next)
				return "a macroblock out of its place";
			next = y * c->mcus_x + x;
		}
		if (next >= c->mcus_x * c->mcus_y)
			return "a macroblock below the picture";
		get_mcu(&r, &tables, c, next++, dc);
	}
	return r.failed ? "it ends in the middle of something" : NULL;
}
