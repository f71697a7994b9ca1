// SPDX-License-Identifier: Apache-2.0
/*
 * The simulated screen, and what clients should make of what is on it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "screen.h"

#include <fcntl.h>
#include <linux/kvmcap-sim.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../../drivers/media/kvmcap-sim/jpeg_reference.h"

#define PIXELS_MAX	((size_t)KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX)
#define JPEG_MAX	(PIXELS_MAX * 4)	/* noise at the best quality stays below */

const char *screen_open(struct screen *screen, const char *path)
{
	memset(screen, 0, sizeof(*screen));
	screen->fd = open(path, O_RDWR | O_CLOEXEC);
	if (screen->fd < 0)
		return "cannot open the simulated screen";
	screen->pixels = malloc(PIXELS_MAX * sizeof(uint32_t));
	screen->sharp = malloc(PIXELS_MAX * sizeof(uint32_t));
	screen->smooth = malloc(PIXELS_MAX * sizeof(uint32_t));
	screen->jpeg = malloc(JPEG_MAX);
	if (!screen->pixels || !screen->sharp || !screen->smooth || !screen->jpeg)
		return "no memory for the screen";
	return NULL;
}

void screen_close(struct screen *screen)
{
	if (screen->fd >= 0)
		close(screen->fd);
	free(screen->pixels);
	free(screen->sharp);
	free(screen->smooth);
	free(screen->jpeg);
	planes_free(&screen->planes);
	planes_decoder_free(&screen->decoder);
	screen->fd = -1;
}

static const char *set_mode(struct screen *screen, unsigned int width, unsigned int height)
{
	struct kvmcap_sim_mode mode = { .width = width, .height = height, .signal = 1 };

	if (screen->width == width && screen->height == height)
		return NULL;
	if (ioctl(screen->fd, KVMCAP_SIM_IOC_SET_MODE, &mode))
		return "cannot set the simulated screen's mode";
	screen->width = width;
	screen->height = height;
	return NULL;
}

/* The reference decoder: libjpeg, with and without interpolation of chroma. */
static void decode_pixels(const struct screen *screen, bool smooth, uint32_t *out)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;	/* its default ends the program on an error */

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, screen->jpeg, screen->jpeg_length);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_EXT_BGRX;	/* 0xffRRGGBB, little endian */
	jpeg.dct_method = JDCT_ISLOW;
	jpeg.do_fancy_upsampling = smooth;
	jpeg_start_decompress(&jpeg);
	while (jpeg.output_scanline < jpeg.output_height) {
		uint32_t *row = out + (size_t)jpeg.output_scanline * screen->width;
		JSAMPROW rows[] = { (JSAMPROW)row };

		jpeg_read_scanlines(&jpeg, rows, 1);
		/* What the library fills up with is not zero. */
		for (unsigned int x = 0; x < screen->width; x++)
			row[x] &= 0xffffff;
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
}

static const char *make_expectation(struct screen *screen)
{
	screen->jpeg_length = kvmcap_sim_reference_jpeg(screen->pixels, screen->width,
							screen->height, screen->selector,
							screen->halved, screen->jpeg, JPEG_MAX);
	if (!screen->jpeg_length)
		return "the engine's encoder makes no image of it";
	planes_init(&screen->planes, screen->width, screen->height, screen->halved);
	decode_pixels(screen, false, screen->sharp);
	decode_pixels(screen, true, screen->smooth);
	return planes_decode(&screen->planes, &screen->decoder, screen->jpeg,
			     screen->jpeg_length, 0, 0, screen->width, screen->height);
}

const char *screen_expect(struct screen *screen, unsigned int selector)
{
	if (selector == screen->selector)
		return NULL;
	screen->selector = selector;
	return make_expectation(screen);
}

static const char *write_pixels(const struct screen *screen)
{
	size_t size = (size_t)screen->width * screen->height * sizeof(uint32_t);

	if (pwrite(screen->fd, screen->pixels, size, 0) != (ssize_t)size)
		return "the simulated screen does not take the picture in one write";
	return NULL;
}

const char *screen_put(struct screen *screen, unsigned int width, unsigned int height,
		       enum frame_kind kind, uint64_t seed)
{
	const char *problem = set_mode(screen, width, height);

	if (problem)
		return problem;
	frame_paint(screen->pixels, width, height, kind, seed);
	return write_pixels(screen);
}

const char *screen_show(struct screen *screen, unsigned int width, unsigned int height,
			enum frame_kind kind, uint64_t seed)
{
	const char *problem = set_mode(screen, width, height);

	if (problem)
		return problem;
	frame_paint(screen->pixels, width, height, kind, seed);
	problem = make_expectation(screen);
	return problem ? problem : write_pixels(screen);
}

bool pixels_write_ppm(const uint32_t *pixels, unsigned int width, unsigned int height,
		      const char *path)
{
	FILE *file = fopen(path, "wb");
	size_t i;

	if (!file)
		return false;
	fprintf(file, "P6\n%u %u\n255\n", width, height);
	for (i = 0; i < (size_t)width * height; i++) {
		putc((int)(pixels[i] >> 16 & 0xff), file);
		putc((int)(pixels[i] >> 8 & 0xff), file);
		putc((int)(pixels[i] & 0xff), file);
	}
	return !fclose(file);
}
