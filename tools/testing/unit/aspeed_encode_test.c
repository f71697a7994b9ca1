// SPDX-License-Identifier: Apache-2.0
/*
 * The models' JPEG encoder: libjpeg reads what it writes, and its coefficients
 * are those of an exact transform.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "../../../drivers/media/kvmcap-sim/jpeg_reference.h"
#include "aspeed_tables.h"
#include "tap.h"

#define IMAGE_MAX	(4 << 20)
#define WIDTH_MAX	200
#define HEIGHT_MAX	200

static u32 pixels[WIDTH_MAX * HEIGHT_MAX];
static u8 image[IMAGE_MAX];

enum pattern { GRADIENT, NOISE, CHECKS, FLAT, EXTREMES, PATTERNS };

static const char *const names[PATTERNS] = {
	"gradient", "noise", "checks", "flat", "extremes",
};

static u32 noise(u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void paint(unsigned int width, unsigned int height, enum pattern pattern)
{
	unsigned int x, y;
	u32 state = width * 31 + height;

	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++) {
			u32 *p = &pixels[y * width + x];

			switch (pattern) {
			case GRADIENT:
				*p = (x * 255 / width) << 16 | (y * 255 / height) << 8 | 0x40;
				break;
			case NOISE:
				*p = noise(&state);
				break;
			case CHECKS:
				*p = (x ^ y) & 1 ? 0xffffff : 0;
				break;
			case FLAT:
				*p = 0x336699;
				break;
			default:
				*p = (x / 8 + y / 8) & 1 ? 0xff0000 : 0x00ffff;
			}
		}
	}
}

/* Y, Cb, Cr of a pixel, less 128; beyond the edges those of the last one. */
static int component(unsigned int width, unsigned int height, unsigned int x,
		     unsigned int y, int c)
{
	static const double factors[3][3] = {
		{ 0.299, 0.587, 0.114 },
		{ -0.168735892, -0.331264108, 0.5 },
		{ 0.5, -0.418687589, -0.081312411 },
	};
	u32 p = pixels[(y < height ? y : height - 1) * width + (x < width ? x : width - 1)];
	const double *f = factors[c];

	double value = f[0] * (p >> 16 & 0xff) + f[1] * (p >> 8 & 0xff) + f[2] * (p & 0xff) +
		       (c ? 128 : 0);

	return (value < 255 ? (int)(value + 0.5) : 255) - 128;
}

static int sample(unsigned int width, unsigned int height, unsigned int x, unsigned int y,
		  int c, bool halved)
{
	if (!halved || !c)
		return component(width, height, x, y, c);
	return (component(width, height, 2 * x, 2 * y, c) +
		component(width, height, 2 * x + 1, 2 * y, c) +
		component(width, height, 2 * x, 2 * y + 1, c) +
		component(width, height, 2 * x + 1, 2 * y + 1, c) + 514) / 4 - 128;
}

/* ITU T.81, A.3.3, by the book. */
static double coefficient(unsigned int width, unsigned int height, unsigned int bx,
			  unsigned int by, int c, bool halved, unsigned int u, unsigned int v)
{
	double sum = 0;
	unsigned int x, y;

	for (y = 0; y < 8; y++)
		for (x = 0; x < 8; x++)
			sum += sample(width, height, bx * 8 + x, by * 8 + y, c, halved) *
			       cos((2 * x + 1) * u * M_PI / 16) *
			       cos((2 * y + 1) * v * M_PI / 16);
	return sum / 4 * (u ? 1 : M_SQRT1_2) * (v ? 1 : M_SQRT1_2);
}

/* Some colours are next to the middle between two samples. */
#define ROUNDING	0.5

static unsigned int compare_block(struct jpeg_decompress_struct *jpeg, JCOEFPTR block, int c,
				  unsigned int bx, unsigned int by, bool halved)
{
	const UINT16 *quantiser = jpeg->comp_info[c].quant_table->quantval;
	unsigned int i, wrong = 0;

	for (i = 0; i < 64; i++) {
		double exact = coefficient(jpeg->image_width, jpeg->image_height, bx, by, c,
					   halved, i % 8, i / 8);

		wrong += fabs(block[i] * quantiser[i] - exact) >
			 quantiser[i] / 2.0 + ROUNDING;
	}
	return wrong;
}

static unsigned int compare_coefficients(size_t length, bool halved)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;	/* its default ends the program on an error */
	j_common_ptr common;
	jvirt_barray_ptr *arrays;
	unsigned int x, y, wrong = 0;
	int c;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	common = (j_common_ptr)&jpeg;
	jpeg_mem_src(&jpeg, image, length);
	jpeg_read_header(&jpeg, TRUE);
	arrays = jpeg_read_coefficients(&jpeg);
	for (c = 0; c < 3; c++) {
		for (y = 0; y < jpeg.comp_info[c].height_in_blocks; y++) {
			JBLOCKARRAY row = jpeg.mem->access_virt_barray(common, arrays[c], y, 1,
								       FALSE);

			for (x = 0; x < jpeg.comp_info[c].width_in_blocks; x++)
				wrong += compare_block(&jpeg, row[0][x], c, x, y, halved);
		}
	}
	wrong += (unsigned int)errors.num_warnings;
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	return wrong;
}

static void test_coefficients(unsigned int width, unsigned int height, enum pattern pattern,
			      unsigned int selector, bool halved)
{
	unsigned int wrong = 1;
	size_t length;

	paint(width, height, pattern);
	length = kvmcap_sim_reference_jpeg(pixels, width, height, selector, halved, image,
					   sizeof(image));
	if (length)
		wrong = compare_coefficients(length, halved);
	if (!tap_ok(!wrong, "%ux%u, %s, selector %u, %s: coefficients", width, height,
		    names[pattern], selector, halved ? "4:2:0" : "4:4:4"))
		tap_diag("%u wrong in %zu bytes", wrong, length);
}

static void test_all_coefficients(void)
{
	static const struct {
		unsigned int width;
		unsigned int height;
	} sizes[] = { { 64, 64 }, { 65, 67 }, { 72, 79 }, { 88, 72 }, { 1, 1 }, { 17, 8 } };
	unsigned int i, pattern, halved;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (pattern = 0; pattern < PATTERNS; pattern++)
			for (halved = 0; halved < 2; halved++)
				test_coefficients(sizes[i].width, sizes[i].height, pattern,
						  (i * PATTERNS + pattern * 5) % 12, halved);
	for (i = 0; i < KVMCAP_ASPEED_SELECTORS; i++)
		test_coefficients(48, 48, NOISE, i, i % 2);
}

/* Whatever does not fit is told, and nothing is written behind the room. */
static void test_room(void)
{
	size_t whole, room, wrong = 0;

	paint(40, 40, NOISE);
	whole = kvmcap_sim_reference_jpeg(pixels, 40, 40, 5, true, image, sizeof(image));
	tap_ok(whole > KVMCAP_ASPEED_HEADER_LENGTH, "there is an image");
	for (room = 0; room < whole; room++) {
		u8 *exact = malloc(room + 1);

		exact[room] = 0x5a;
		wrong += kvmcap_sim_reference_jpeg(pixels, 40, 40, 5, true, exact, room) != 0;
		wrong += exact[room] != 0x5a;
		free(exact);
	}
	tap_ok(!wrong, "no room but the whole image's will do");
	tap_ok(kvmcap_sim_reference_jpeg(pixels, 40, 40, 5, true, image, whole) == whole,
	       "exactly its own will");
}

int main(void)
{
	test_all_coefficients();
	test_room();
	return tap_end();
}
