// SPDX-License-Identifier: Apache-2.0
/*
 * Decoding JPEG to planes, and comparing them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "planes.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define MCU_MAX		16
#define WIDTH_MAX	4096

unsigned int planes_width(const struct planes *planes, unsigned int component)
{
	return component && planes->halved ? (planes->width + 1) / 2 : planes->width;
}

unsigned int planes_height(const struct planes *planes, unsigned int component)
{
	return component && planes->halved ? (planes->height + 1) / 2 : planes->height;
}

static uint16_t *sample(const struct planes *planes, unsigned int component, unsigned int x,
			unsigned int y)
{
	return &planes->samples[component][(size_t)y * planes_width(planes, component) + x];
}

void planes_init(struct planes *planes, unsigned int width, unsigned int height, bool halved)
{
	unsigned int i;

	planes_free(planes);
	planes->width = width;
	planes->height = height;
	planes->halved = halved;
	for (i = 0; i < 3; i++) {
		size_t size = (size_t)planes_width(planes, i) * planes_height(planes, i) * 2;

		planes->samples[i] = malloc(size ? size : 1);
		if (!planes->samples[i])
			abort();
		memset(planes->samples[i], 0xff, size);
	}
}

void planes_free(struct planes *planes)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		free(planes->samples[i]);
	memset(planes, 0, sizeof(*planes));
}

void planes_forget(struct planes *planes, unsigned int x, unsigned int y, unsigned int width,
		   unsigned int height)
{
	unsigned int i, row, shift, right;

	for (i = 0; i < 3; i++) {
		shift = i && planes->halved;
		right = (x + width + shift) >> shift;
		if (right > planes_width(planes, i))
			right = planes_width(planes, i);
		for (row = y >> shift; row < (y + height + shift) >> shift; row++) {
			if (row < planes_height(planes, i) && x >> shift < right)
				memset(sample(planes, i, x >> shift, row), 0xff,
				       2 * (size_t)(right - (x >> shift)));
		}
	}
}

/* Errors come back here. One decoder at a time is at work. */
static jmp_buf failed;

static void on_error(j_common_ptr jpeg)
{
	(void)jpeg;
	longjmp(failed, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
	if (level < 0)
		jpeg->err->num_warnings++;
}

static void decoder_init(struct planes_decoder *decoder)
{
	if (decoder->ready)
		return;
	decoder->jpeg.err = jpeg_std_error(&decoder->errors);
	decoder->errors.error_exit = on_error;
	decoder->errors.emit_message = on_message;
	jpeg_create_decompress(&decoder->jpeg);
	decoder->ready = true;
}

void planes_decoder_free(struct planes_decoder *decoder)
{
	if (decoder->ready)
		jpeg_destroy_decompress(&decoder->jpeg);
	decoder->ready = false;
}

static const char *message(struct planes_decoder *decoder)
{
	static char text[JMSG_LENGTH_MAX];

	decoder->errors.format_message((j_common_ptr)&decoder->jpeg, text);
	return text;
}

static bool is_halved(const struct jpeg_decompress_struct *jpeg)
{
	return jpeg->comp_info[0].h_samp_factor == 2;
}

static const char *check_header(const struct jpeg_decompress_struct *jpeg, unsigned int width,
				unsigned int height)
{
	const jpeg_component_info *c = jpeg->comp_info;

	if (jpeg->image_width != width || jpeg->image_height != height)
		return "the image is not of the rectangle's size";
	if (width > WIDTH_MAX || jpeg->num_components != 3 || jpeg->progressive_mode)
		return "the image is of another kind";
	/* What a decoder that looks at no more than this takes it for. */
	if (jpeg->jpeg_color_space != JCS_YCbCr)
		return "the image is not taken for YCbCr";
	if (c[0].h_samp_factor != c[0].v_samp_factor || c[0].h_samp_factor > 2 ||
	    c[1].h_samp_factor * c[1].v_samp_factor != 1 ||
	    c[2].h_samp_factor * c[2].v_samp_factor != 1)
		return "the image's subsampling is neither 4:4:4 nor 4:2:0";
	return NULL;
}

/* Rows of one component, as jpeg_read_raw_data() fills them. */
static JSAMPLE raw[3][MCU_MAX][WIDTH_MAX + MCU_MAX];

static void store_rows(struct planes *planes, unsigned int component, unsigned int x,
		       unsigned int y, unsigned int width, unsigned int rows)
{
	unsigned int shift = component && planes->halved, i, j;

	for (j = 0; j < rows && (y >> shift) + j < planes_height(planes, component); j++) {
		uint16_t *out = sample(planes, component, x >> shift, (y >> shift) + j);

		for (i = 0; i < (width + shift) >> shift; i++)
			out[i] = raw[component][j][i];
	}
}

static void read_rows(struct planes *planes, struct jpeg_decompress_struct *jpeg, unsigned int x,
		      unsigned int y)
{
	unsigned int mcu = is_halved(jpeg) ? 16 : 8, line, i;
	JSAMPROW rows[3][MCU_MAX];
	JSAMPARRAY arrays[3] = { rows[0], rows[1], rows[2] };

	for (i = 0; i < 3 * MCU_MAX; i++)
		rows[i / MCU_MAX][i % MCU_MAX] = raw[i / MCU_MAX][i % MCU_MAX];
	for (line = 0; line < jpeg->image_height; line += mcu) {
		unsigned int left = jpeg->image_height - line, height = left < mcu ? left : mcu;

		jpeg_read_raw_data(jpeg, arrays, mcu);
		store_rows(planes, 0, x, y + line, jpeg->image_width, height);
		if (is_halved(jpeg))
			height = (height + 1) / 2;
		store_rows(planes, 1, x, y + line, jpeg->image_width, height);
		store_rows(planes, 2, x, y + line, jpeg->image_width, height);
	}
}

const char *planes_decode(struct planes *planes, struct planes_decoder *decoder,
			  const uint8_t *data, size_t length, unsigned int x, unsigned int y,
			  unsigned int width, unsigned int height)
{
	struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
	const char *problem;

	if (x + width > planes->width || y + height > planes->height)
		return "the rectangle is not within the picture";
	decoder_init(decoder);
	if (setjmp(failed)) {
		jpeg_abort_decompress(jpeg);
		return message(decoder);
	}
	jpeg_mem_src(jpeg, data, length);
	jpeg_read_header(jpeg, TRUE);
	problem = check_header(jpeg, width, height);
	if (problem) {
		jpeg_abort_decompress(jpeg);
		return problem;
	}
	if (is_halved(jpeg) != planes->halved)
		planes_init(planes, planes->width, planes->height, is_halved(jpeg));
	jpeg->raw_data_out = TRUE;
	jpeg->out_color_space = JCS_YCbCr;
	jpeg->dct_method = JDCT_ISLOW;
	jpeg_start_decompress(jpeg);
	read_rows(planes, jpeg, x, y);
	jpeg_finish_decompress(jpeg);
	return decoder->errors.num_warnings ? message(decoder) : NULL;
}

static void note(struct planes_difference *difference, unsigned int component, unsigned int x,
		 unsigned int y, unsigned int got, unsigned int wanted)
{
	if (difference->samples++)
		return;
	difference->component = component;
	difference->x = x;
	difference->y = y;
	difference->got = got;
	difference->wanted = wanted;
}

bool planes_equal(const struct planes *got, const struct planes *wanted,
		  struct planes_difference *difference)
{
	unsigned int i, x, y, shift;

	memset(difference, 0, sizeof(*difference));
	if (got->width != wanted->width || got->height != wanted->height ||
	    got->halved != wanted->halved) {
		note(difference, 3, 0, 0, got->width, wanted->width);
		return false;
	}
	for (i = 0; i < 3; i++) {
		shift = i && got->halved;
		for (y = 0; y < planes_height(got, i); y++) {
			if (!memcmp(sample(got, i, 0, y), sample(wanted, i, 0, y),
				    2 * (size_t)planes_width(got, i)))
				continue;
			for (x = 0; x < planes_width(got, i); x++) {
				if (*sample(got, i, x, y) != *sample(wanted, i, x, y))
					note(difference, i, x << shift, y << shift,
					     *sample(got, i, x, y), *sample(wanted, i, x, y));
			}
		}
	}
	return !difference->samples;
}

static uint8_t clamp(double value)
{
	return value < 0 ? 0 : value > 255 ? 255 : (uint8_t)(value + 0.5);
}

bool planes_write_ppm(const struct planes *planes, const char *path)
{
	FILE *file = fopen(path, "wb");
	unsigned int x, y, shift = planes->halved;

	if (!file)
		return false;
	fprintf(file, "P6\n%u %u\n255\n", planes->width, planes->height);
	for (y = 0; y < planes->height; y++) {
		for (x = 0; x < planes->width; x++) {
			int l = *sample(planes, 0, x, y);
			int b = *sample(planes, 1, x >> shift, y >> shift) - 128;
			int r = *sample(planes, 2, x >> shift, y >> shift) - 128;
			bool known = l != PLANE_UNKNOWN;

			putc(known ? clamp(l + 1.402 * r) : 255, file);
			putc(known ? clamp(l - 0.344136 * b - 0.714136 * r) : 0, file);
			putc(known ? clamp(l + 1.772 * b) : 255, file);
		}
	}
	return !fclose(file);
}
