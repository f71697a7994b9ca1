/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mapping as kvmcap.ko makes it, in a test's own memory, written by the same
 * code. To be read through kvmcap_open_memory().
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef TEST_MAPPING_H
#define TEST_MAPPING_H

#include "jpeg_tiles.h"
#include "log.h"

/**
 * struct mapping - the writer's side
 * @memory: what is mapped
 * @size: bytes of it
 * @log: who writes it
 * @transcoder: cuts JPEG images into tiles
 */
struct mapping {
	void *memory;
	size_t size;
	struct kvmcap_log log;
	struct kvmcap_jpeg_transcoder transcoder;
};

/* A log for frames of up to @frame_bytes payload; NULL memory: out of memory. */
void mapping_init(struct mapping *mapping, size_t frame_bytes);
void mapping_free(struct mapping *mapping);

/* The geometry of a JPEG picture as an engine chooses it. */
struct kvmcap_mode mapping_jpeg_mode(unsigned int width, unsigned int height,
				     enum kvmcap_subsampling subsampling);

/**
 * mapping_commit_jpeg() - commit a frame from a whole JPEG image
 * @mapping: the mapping
 * @jpeg: the image, as an engine would deliver it
 * @length: bytes of it
 *
 * A size or subsampling other than the present one begins a new picture. Nothing
 * is committed when nothing has changed.
 *
 * Return: 0 or a negative errno.
 */
int mapping_commit_jpeg(struct mapping *mapping, const u8 *jpeg, size_t length);

/**
 * struct tile_maker - payloads by a test's own codec
 * @make: makes the payload of a tile and says its codec; with JPEG there already is
 *	one of @length bytes. Returns its length
 */
struct tile_maker {
	size_t (*make)(struct tile_maker *maker, const struct kvmcap_mode *mode,
		       unsigned int column, unsigned int row, u8 *out, size_t length, u8 *codec);
};

/* As mapping_commit_jpeg(), but @maker has the last word on each tile. */
int mapping_commit_mixed(struct mapping *mapping, const u8 *jpeg, size_t length,
			 struct tile_maker *maker);

/* The geometry of a picture of 16-bit pixels as an engine chooses it. */
struct kvmcap_mode mapping_pixel_mode(unsigned int width, unsigned int height, u8 codec);

/* Commit a frame whose tiles @maker makes, with room for @bytes of them. */
int mapping_commit_tiles(struct mapping *mapping, const struct kvmcap_mode *mode, size_t bytes,
			 struct tile_maker *maker);

/* Commits a frame that only says what the signal is. */
int mapping_commit_signal(struct mapping *mapping, enum kvmcap_signal signal);

#endif
