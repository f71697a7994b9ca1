/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures as a JPEG decoder's inverse DCT leaves them: Y, Cb and Cr, without
 * upsampling and without conversion, so that equal data gives equal planes
 * whatever rectangles it came in.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_PLANES_H
#define E2E_PLANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#define PLANE_UNKNOWN	0xffff	/* a sample that no JPEG rectangle has set */

/**
 * struct planes - a picture
 * @width: of Y, in samples
 * @height: of Y
 * @halved: 4:2:0, Cb and Cr have half of both, rounded up
 * @samples: Y, Cb, Cr: 0..255 or PLANE_UNKNOWN
 */
struct planes {
	unsigned int width;
	unsigned int height;
	bool halved;
	uint16_t *samples[3];
};

/* All samples unknown. Frees what was there, so begin with all zeroes. */
void planes_init(struct planes *planes, unsigned int width, unsigned int height, bool halved);
void planes_free(struct planes *planes);

unsigned int planes_width(const struct planes *planes, unsigned int component);
unsigned int planes_height(const struct planes *planes, unsigned int component);

/* Forget the samples of a rectangle. */
void planes_forget(struct planes *planes, unsigned int x, unsigned int y, unsigned int width,
		   unsigned int height);

/**
 * struct planes_decoder - decodes images one after the other
 *
 * Tables that an image leaves out are those of the image before, as JPEG (21)
 * has it.
 */
struct planes_decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	bool ready;
};

void planes_decoder_free(struct planes_decoder *decoder);

/**
 * planes_decode() - decode an image into a rectangle
 * @planes: where; for a picture of other subsampling all of it is forgotten first
 * @decoder: all zeroes before its first use
 * @data: the image
 * @length: bytes of it
 * @x: of the rectangle; a multiple of an MCU
 * @y: of the rectangle
 * @width: what the image must have
 * @height: what the image must have
 *
 * Return: NULL, or what is wrong with the image; warnings of libjpeg count.
 */
const char *planes_decode(struct planes *planes, struct planes_decoder *decoder,
			  const uint8_t *data, size_t length, unsigned int x, unsigned int y,
			  unsigned int width, unsigned int height);

/**
 * struct planes_difference - the first place where two pictures differ
 * @component: 0 Y, 1 Cb, 2 Cr; 3 they differ in size or subsampling
 * @x: in samples of Y
 * @y: in samples of Y
 * @got: a sample
 * @wanted: what it should be
 * @samples: that differ in all
 */
struct planes_difference {
	unsigned int component;
	unsigned int x;
	unsigned int y;
	unsigned int got;
	unsigned int wanted;
	size_t samples;
};

/* Return: whether they are equal; if not, @difference says where. */
bool planes_equal(const struct planes *got, const struct planes *wanted,
		  struct planes_difference *difference);

/* Writes the picture, converted to R, G, B; unknown samples come out magenta. */
bool planes_write_ppm(const struct planes *planes, const char *path);

#endif
