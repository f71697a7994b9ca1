/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libjpeg-turbo says about JPEG, for tests and benches of the transcoder.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef JPEG_ORACLE_H
#define JPEG_ORACLE_H

#include "jpeg_tiles.h"

/* Bytes that grow; freed by blob_free(). */
struct blob {
	u8 *data;
	size_t length;
	size_t room;
};

void blob_append(struct blob *blob, const void *data, size_t length);
void blob_free(struct blob *blob);

/* A sink that keeps every tile; freed by tile_store_free(). */
struct tile_store {
	struct kvmcap_tile_sink sink;
	u8 *data;
	size_t used;
	size_t room;
	size_t *offset;		/* by tile, and one more: the end of the last */
	unsigned int count;
	unsigned int capacity;
	unsigned int columns;
	bool out_of_order;	/* end() was not called in raster order */
};

/* For images of that many columns and tiles, and so many bytes of payload. */
void tile_store_init(struct tile_store *store, unsigned int columns,
		     unsigned int tiles, size_t room);
void tile_store_reset(struct tile_store *store);
void tile_store_free(struct tile_store *store);

static inline const u8 *tile_payload(const struct tile_store *store,
				     unsigned int column, unsigned int row,
				     size_t *length)
{
	unsigned int i = row * store->columns + column;

	*length = store->offset[i + 1] - store->offset[i];
	return store->data + store->offset[i];
}

/* A rectangle of tiles. */
struct tile_rect {
	unsigned int column;
	unsigned int row;
	unsigned int columns;
	unsigned int rows;
};

enum oracle_tables {
	TABLES_ANNEX_K,		/* what engines use */
	TABLES_OPTIMAL,		/* made for the image; lack what it does not use */
	TABLES_REVERSED,	/* annex K's, the longest code for what is commonest */
	TABLES_UNARY,		/* the same; DC codes of 1 to 12 bits */
	TABLES
};

/* What an image is encoded with. */
struct oracle_params {
	int quality;
	enum kvmcap_jpeg_subsampling subsampling;
	enum oracle_tables tables;
};

/* Encodes @width x @height pixels of R, G, B. */
void oracle_encode(struct blob *jpeg, const u8 *rgb, unsigned int width,
		   unsigned int height, const struct oracle_params *params);

/* Writes the JPEG image that a rectangle of whole tiles is. */
void oracle_assemble(struct blob *jpeg, const struct kvmcap_jpeg_image *image,
		     const struct tile_store *store, unsigned int tile_mcus,
		     const struct tile_rect *rect);

/*
 * Whether @part decodes, without a warning, to the very coefficients that @whole
 * has from MCU (@mcu_x, @mcu_y) on.
 */
bool oracle_same_coefficients(const struct blob *whole, const struct blob *part,
			      unsigned int mcu_x, unsigned int mcu_y);

/* Whether libjpeg-turbo decodes @jpeg without an error or a warning. */
bool oracle_decodes(const struct blob *jpeg);

/*
 * Does what `jpegtran -restart NB` does, within this process: coefficients are
 * read and written again, losslessly, with restart intervals.
 */
void oracle_jpegtran(struct blob *out, const struct blob *in,
		     unsigned int restart_interval);

#endif
