// SPDX-License-Identifier: Apache-2.0
/*
 * What libjpeg-turbo says about JPEG, for tests and benches of the transcoder.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "jpeg_oracle.h"

/* Errors come back here; libjpeg-turbo calls nothing else of it again. */
struct oracle_error {
	struct jpeg_error_mgr manager;
	jmp_buf jump;
	bool same;		/* a result, safe from longjmp() */
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return memory;
}

void blob_append(struct blob *blob, const void *data, size_t length)
{
	if (blob->length + length > blob->room) {
		blob->room = 2 * (blob->length + length);
		blob->data = must(realloc(blob->data, blob->room));
	}
	if (length)
		memcpy(blob->data + blob->length, data, length);
	blob->length += length;
}

void blob_free(struct blob *blob)
{
	free(blob->data);
	*blob = (struct blob){ 0 };
}

static u8 *store_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct tile_store *store = (struct tile_store *)sink;

	*room = store->room - store->used;
	return store->data + store->used;
}

static int store_end(struct kvmcap_tile_sink *sink, unsigned int column,
		     unsigned int row, size_t length)
{
	struct tile_store *store = (struct tile_store *)sink;

	if (store->count != row * store->columns + column ||
	    store->count == store->capacity ||
	    length > store->room - store->used) {
		store->out_of_order = true;
		return -ERANGE;
	}
	store->used += length;
	store->offset[++store->count] = store->used;
	return 0;
}

void tile_store_init(struct tile_store *store, unsigned int columns,
		     unsigned int tiles, size_t room)
{
	*store = (struct tile_store){
		.sink = { .begin = store_begin, .end = store_end },
		.data = must(malloc(room + 1)),
		.room = room,
		.offset = must(calloc(tiles + 1, sizeof(size_t))),
		.capacity = tiles,
		.columns = columns,
	};
}

void tile_store_reset(struct tile_store *store)
{
	store->used = 0;
	store->count = 0;
}

void tile_store_free(struct tile_store *store)
{
	free(store->data);
	free(store->offset);
	*store = (struct tile_store){ 0 };
}

static void fail(j_common_ptr cinfo)
{
	struct oracle_error *error = (struct oracle_error *)cinfo->err;

	longjmp(error->jump, 1);
}

/* Errors and warnings are counted by libjpeg-turbo; traces are not wanted. */
static void count_message(j_common_ptr cinfo, int level)
{
	if (level < 0)
		cinfo->err->num_warnings++;
}

static struct jpeg_error_mgr *error_init(struct oracle_error *error)
{
	jpeg_std_error(&error->manager);
	error->manager.error_exit = fail;
	error->manager.emit_message = count_message;
	return &error->manager;
}

static void broken(const char *what)
{
	fprintf(stderr, "libjpeg-turbo refuses to %s\n", what);
	abort();
}

static void reverse(JHUFF_TBL *table)
{
	unsigned int i, total = 0;
	UINT8 swap;

	for (i = 1; i <= 16; i++)
		total += table->bits[i];
	for (i = 0; i < total / 2; i++) {
		swap = table->huffval[i];
		table->huffval[i] = table->huffval[total - 1 - i];
		table->huffval[total - 1 - i] = swap;
	}
}

static void set_tables(struct jpeg_compress_struct *c, enum oracle_tables tables)
{
	unsigned int i, j;

	c->optimize_coding = tables == TABLES_OPTIMAL;
	if (tables != TABLES_REVERSED && tables != TABLES_UNARY)
		return;

	for (i = 0; i < 2; i++) {
		reverse(c->dc_huff_tbl_ptrs[i]);
		reverse(c->ac_huff_tbl_ptrs[i]);
		for (j = 1; tables == TABLES_UNARY && j <= 16; j++)
			c->dc_huff_tbl_ptrs[i]->bits[j] = j <= 12;
	}
}

void oracle_encode(struct blob *jpeg, const u8 *rgb, unsigned int width,
		   unsigned int height, const struct oracle_params *params)
{
	struct jpeg_compress_struct c;
	struct oracle_error error;
	unsigned char *out = NULL;
	unsigned long length = 0;

	c.err = error_init(&error);
	if (setjmp(error.jump))
		broken("encode");
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, &length);
	c.image_width = width;
	c.image_height = height;
	c.input_components = 3;
	c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, params->quality, TRUE);
	set_tables(&c, params->tables);
	if (params->subsampling == KVMCAP_JPEG_444) {
		c.comp_info[0].h_samp_factor = 1;
		c.comp_info[0].v_samp_factor = 1;
	}
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < height) {
		JSAMPROW row = (JSAMPROW)rgb + 3 * (size_t)width * c.next_scanline;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);

	jpeg->length = 0;
	blob_append(jpeg, out, length);
	free(out);
}

/* SOF0, DRI and SOS of a rectangle; the tables have come before. */
static void append_headers(struct blob *jpeg,
			   const struct kvmcap_jpeg_image *image,
			   unsigned int width, unsigned int height,
			   unsigned int interval)
{
	const u8 sampling = image->subsampling == KVMCAP_JPEG_420 ? 0x22 : 0x11;
	const struct kvmcap_jpeg_component *c = image->components;
	const u8 headers[] = {
		0xff, 0xc0, 0, 17, 8, height >> 8, height, width >> 8, width, 3,
		c[0].id, sampling, c[0].quantiser,
		c[1].id, 0x11, c[1].quantiser,
		c[2].id, 0x11, c[2].quantiser,
		0xff, 0xdd, 0, 4, interval >> 8, interval,
		0xff, 0xda, 0, 12, 3,
		c[0].id, c[0].dc << 4 | c[0].ac,
		c[1].id, c[1].dc << 4 | c[1].ac,
		c[2].id, c[2].dc << 4 | c[2].ac,
		0, 63, 0,
	};

	blob_append(jpeg, headers, sizeof(headers));
}

void oracle_assemble(struct blob *jpeg, const struct kvmcap_jpeg_image *image,
		     const struct tile_store *store, unsigned int tile_mcus,
		     const struct tile_rect *rect)
{
	static const u8 soi[] = { 0xff, 0xd8 }, eoi[] = { 0xff, 0xd9 };
	unsigned int tile_width = tile_mcus * image->mcu_width;
	unsigned int width = rect->columns * tile_width;
	unsigned int height = rect->rows * image->mcu_height;
	unsigned int left = image->width - rect->column * tile_width;
	unsigned int below = image->height - rect->row * image->mcu_height;
	unsigned int row, column, tiles = 0;
	unsigned int i;

	jpeg->length = 0;
	blob_append(jpeg, soi, sizeof(soi));
	for (i = 0; i < image->spans; i++)
		blob_append(jpeg, image->span[i].data, image->span[i].length);
	if (width > left)
		width = left;
	if (height > below)
		height = below;
	append_headers(jpeg, image, width, height,
		       rect->columns > 1 ? tile_mcus :
				DIV_ROUND_UP(width, image->mcu_width));

	for (row = 0; row < rect->rows; row++) {
		for (column = 0; column < rect->columns; column++, tiles++) {
			const u8 rst[] = { 0xff, 0xd0 + ((tiles - 1) & 7) };
			const u8 *payload;
			size_t length;

			payload = tile_payload(store, rect->column + column,
					       rect->row + row, &length);
			if (tiles)
				blob_append(jpeg, rst, sizeof(rst));
			blob_append(jpeg, payload, length);
		}
	}
	blob_append(jpeg, eoi, sizeof(eoi));
}

/* Compares all blocks of a component of @part with those of @whole. */
static bool same_component(struct jpeg_decompress_struct *whole,
			   struct jpeg_decompress_struct *part,
			   jvirt_barray_ptr *whole_arrays,
			   jvirt_barray_ptr *part_arrays, int index,
			   unsigned int mcu_x, unsigned int mcu_y)
{
	jpeg_component_info *info = &part->comp_info[index];
	unsigned int h = info->h_samp_factor, v = info->v_samp_factor;
	unsigned int columns = h * DIV_ROUND_UP(part->image_width,
						8 * part->max_h_samp_factor);
	unsigned int rows = v * DIV_ROUND_UP(part->image_height,
					     8 * part->max_v_samp_factor);
	JBLOCKARRAY a, b;
	unsigned int y;

	for (y = 0; y < rows; y++) {
		a = whole->mem->access_virt_barray((j_common_ptr)whole,
				whole_arrays[index], mcu_y * v + y, 1, FALSE);
		b = part->mem->access_virt_barray((j_common_ptr)part,
				part_arrays[index], y, 1, FALSE);
		if (memcmp(a[0] + mcu_x * h, b[0], columns * sizeof(JBLOCK)) != 0)
			return false;
	}
	return true;
}

static jvirt_barray_ptr *read_coefficients(struct jpeg_decompress_struct *d,
					   const struct blob *jpeg)
{
	jpeg_create_decompress(d);
	jpeg_mem_src(d, jpeg->data, jpeg->length);
	jpeg_read_header(d, TRUE);
	return jpeg_read_coefficients(d);
}

/* Leaves by longjmp() on an error. */
static bool same_images(struct jpeg_decompress_struct *w,
			const struct blob *whole,
			struct jpeg_decompress_struct *p,
			const struct blob *part, unsigned int mcu_x,
			unsigned int mcu_y)
{
	jvirt_barray_ptr *w_arrays = read_coefficients(w, whole);
	jvirt_barray_ptr *p_arrays = read_coefficients(p, part);
	int i;

	if (w->err->num_warnings || p->err->num_warnings ||
	    w->num_components != p->num_components)
		return false;
	for (i = 0; i < p->num_components; i++)
		if (!same_component(w, p, w_arrays, p_arrays, i, mcu_x, mcu_y))
			return false;
	return true;
}

bool oracle_same_coefficients(const struct blob *whole, const struct blob *part,
			      unsigned int mcu_x, unsigned int mcu_y)
{
	struct jpeg_decompress_struct w = { 0 }, p = { 0 };
	struct oracle_error w_error, p_error;

	w.err = error_init(&w_error);
	p.err = error_init(&p_error);
	w_error.same = false;
	if (!setjmp(w_error.jump) && !setjmp(p_error.jump))
		w_error.same = same_images(&w, whole, &p, part, mcu_x, mcu_y);
	jpeg_destroy_decompress(&w);
	jpeg_destroy_decompress(&p);
	return w_error.same;
}

bool oracle_decodes(const struct blob *jpeg)
{
	struct jpeg_decompress_struct d = { 0 };
	struct oracle_error error;

	d.err = error_init(&error);
	if (setjmp(error.jump))
		d.err->num_warnings = 1;
	else
		read_coefficients(&d, jpeg);
	jpeg_destroy_decompress(&d);
	return !d.err->num_warnings;
}

void oracle_jpegtran(struct blob *out, const struct blob *in,
		     unsigned int restart_interval)
{
	struct jpeg_decompress_struct d = { 0 };
	struct jpeg_compress_struct c = { 0 };
	struct oracle_error d_error, c_error;
	unsigned char *data = NULL;
	unsigned long length = 0;
	jvirt_barray_ptr *arrays;

	d.err = error_init(&d_error);
	c.err = error_init(&c_error);
	if (setjmp(d_error.jump) || setjmp(c_error.jump))
		broken("transcode");

	arrays = read_coefficients(&d, in);
	jpeg_create_compress(&c);
	jpeg_copy_critical_parameters(&d, &c);
	c.restart_interval = restart_interval;
	jpeg_mem_dest(&c, &data, &length);
	jpeg_write_coefficients(&c, arrays);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);

	out->length = 0;
	blob_append(out, data, length);
	free(data);
}
