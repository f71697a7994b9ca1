// SPDX-License-Identifier: Apache-2.0
/*
 * Makes of pictures what an engine would: whole images, and streams of what has
 * changed. libjpeg-turbo compresses; the streams are of its coefficients.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "ajpg_screen.h"
#include "aspeed_tables.h"
#include "differ.h"
#include "geometry.h"

#define QUALITY	80

/**
 * struct pictures - the one that is being encoded, and the one before
 * @rgb: pixels of both, in turns
 * @screen: coefficients of the last
 * @changed: by macroblock
 */
struct pictures {
	unsigned int width;
	unsigned int height;
	u8 *rgb[2];
	struct screen screen;
	bool *changed;
	struct encoder encoder;
};

static bool read_ppm(struct pictures *p, unsigned int turn)
{
	unsigned int width, height;
	int fields = scanf("P6 %u %u 255%*c", &width, &height);
	size_t size;

	if (fields != 2)
		return false;
	size = (size_t)3 * width * height;
	if (!p->rgb[0]) {
		p->width = width;
		p->height = height;
		p->rgb[0] = must(malloc(size));
		p->rgb[1] = must(malloc(size));
	}
	if (width != p->width || height != p->height ||
	    fread(p->rgb[turn], size, 1, stdin) != 1)
		die("pictures of different sizes, or half a one");
	return true;
}

/* A block of one component, from natural to zigzag order. */
static void take_block(s16 *to, const JCOEF *from)
{
	unsigned int i;

	for (i = 0; i < 64; i++)
		to[i] = from[kvmcap_zigzag[i]];
}

static void take_mcu(struct jpeg_decompress_struct *d, jvirt_barray_ptr *arrays,
		     s16 *to, unsigned int x, unsigned int y)
{
	j_common_ptr common = (j_common_ptr)d;
	int component, i, j;

	for (component = 0; component < d->num_components; component++) {
		const jpeg_component_info *info = d->comp_info + component;
		int h = info->h_samp_factor, v = info->v_samp_factor;

		for (j = 0; j < v; j++) {
			JBLOCKARRAY row =
				d->mem->access_virt_barray(common, arrays[component],
							   y * v + j, 1, FALSE);

			for (i = 0; i < h; i++, to += 64)
				take_block(to, row[0][x * h + i]);
		}
	}
}

static void take_coefficients(struct screen *s, const struct blob *image)
{
	struct jpeg_decompress_struct d = { 0 };
	struct jpeg_error_mgr error;
	jvirt_barray_ptr *arrays;
	unsigned int i;

	d.err = jpeg_std_error(&error);
	jpeg_create_decompress(&d);
	jpeg_mem_src(&d, image->data, image->length);
	jpeg_read_header(&d, TRUE);
	arrays = jpeg_read_coefficients(&d);
	for (i = 0; i < screen_mcus(s); i++)
		take_mcu(&d, arrays, screen_mcu(s, i), i % s->mcus_x,
			 i / s->mcus_x);
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
}

/* The engine compares pixels, not coefficients. */
static bool mcu_differs(const struct pictures *p, unsigned int mcu)
{
	unsigned int side = p->screen.yuv420 ? 16 : 8;
	unsigned int x = mcu % p->screen.mcus_x * side;
	unsigned int y = mcu / p->screen.mcus_x * side, end = y + side;
	unsigned int width = p->width - x < side ? p->width - x : side;

	for (; y < end && y < p->height; y++) {
		size_t at = 3 * ((size_t)y * p->width + x);

		if (memcmp(p->rgb[0] + at, p->rgb[1] + at, (size_t)3 * width) != 0)
			return true;
	}
	return false;
}

static void pictures_init(struct pictures *p,
			  enum kvmcap_jpeg_subsampling subsampling)
{
	unsigned int side = subsampling == KVMCAP_JPEG_420 ? 16 : 8, mcus;

	screen_init(&p->screen, p->width, p->height,
		    subsampling == KVMCAP_JPEG_420,
		    kvmcap_geometry_tile_width(p->width, side) / side);
	mcus = screen_mcus(&p->screen);
	p->screen.coefs = must(malloc(mcus * screen_mcu_size(&p->screen)));
	p->changed = must(malloc(mcus));
	p->encoder.out = must(malloc((size_t)mcus * SCREEN_MCU_BYTES));
}

static void put_blob(const void *data, size_t length)
{
	u32 bytes = (u32)length;

	if (fwrite(&bytes, sizeof(bytes), 1, stdout) != 1 ||
	    fwrite(data, length, 1, stdout) != 1)
		die("cannot write");
}

void encode_frames(enum kvmcap_jpeg_subsampling subsampling)
{
	const struct oracle_params params = {
		.quality = QUALITY, .subsampling = subsampling,
	};
	struct pictures p = { 0 };
	struct blob image = { 0 };
	unsigned int i, frame;

	for (frame = 0; read_ppm(&p, frame % 2); frame++) {
		if (!frame)
			pictures_init(&p, subsampling);
		oracle_encode(&image, p.rgb[frame % 2], p.width, p.height, &params);
		take_coefficients(&p.screen, &image);
		for (i = 0; i < screen_mcus(&p.screen); i++)
			p.changed[i] = !frame || mcu_differs(&p, i);
		p.encoder = (struct encoder){ .out = p.encoder.out };
		screen_encode_stream(&p.encoder, &p.screen, p.changed, false);
		put_blob(image.data, image.length);
		put_blob(p.encoder.out, p.encoder.length);
	}
	blob_free(&image);
	free(p.rgb[0]);
	free(p.rgb[1]);
	free(p.screen.coefs);
	free(p.changed);
	free(p.encoder.out);
}
