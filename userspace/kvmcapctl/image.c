// SPDX-License-Identifier: Apache-2.0
/*
 * Image files, made of pixels.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "image.h"

#define CHANNELS	3

static uint8_t *to_rgb(const uint32_t *pixels, size_t count)
{
	uint8_t *rgb = malloc(count * CHANNELS), *at = rgb;

	for (size_t i = 0; rgb && i < count; i++) {
		*at++ = (uint8_t)(pixels[i] >> 16);
		*at++ = (uint8_t)(pixels[i] >> 8);
		*at++ = (uint8_t)pixels[i];
	}
	return rgb;
}

long image_jpeg(const uint32_t *pixels, unsigned int width, unsigned int height,
		unsigned int quality, uint8_t **image)
{
	uint8_t *rgb = to_rgb(pixels, (size_t)width * height);
	unsigned long length = tjBufSize((int)width, (int)height, TJSAMP_444);
	tjhandle encoder = tjInitCompress();
	long result = -ENOMEM;

	*image = malloc(length);
	if (rgb && encoder && *image &&
	    !tjCompress2(encoder, rgb, (int)width, 0, (int)height, TJPF_RGB, image, &length,
			 TJSAMP_444, (int)quality, TJFLAG_NOREALLOC))
		result = (long)length;
	if (encoder)
		tjDestroy(encoder);
	free(rgb);
	if (result < 0)
		free(*image);
	return result;
}

/* The simplified interface asks for the size first. */
long image_png(const uint32_t *pixels, unsigned int width, unsigned int height, uint8_t **image)
{
	uint8_t *rgb = to_rgb(pixels, (size_t)width * height);
	png_image png = {
		.version = PNG_IMAGE_VERSION,
		.width = width,
		.height = height,
		.format = PNG_FORMAT_RGB,
	};
	png_alloc_size_t length = 0;
	long result = -ENOMEM;

	*image = NULL;
	if (rgb && png_image_write_to_memory(&png, NULL, &length, 0, rgb, 0, NULL))
		*image = malloc(length);
	if (*image && png_image_write_to_memory(&png, *image, &length, 0, rgb, 0, NULL))
		result = (long)length;
	free(rgb);
	if (result < 0)
		free(*image);
	return result;
}
