/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture in pixels, for clients that cannot be sent tiles as they are: each
 * changed tile is decoded once for all of them, when the first one needs it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_FRAME_H
#define RELAY_FRAME_H

#include "source.h"

/**
 * struct frame - the decoded picture
 * @source: where it comes from
 * @mode: its geometry
 * @epoch: of the source
 * @pixels: 0x00RRGGBB, mode.width in a row; NULL while nobody needs it
 * @decoded: for each tile the sequence that is in @pixels
 * @decoder: of tiles
 * @encoder: of libjpeg-turbo, for clients that want JPEG of tiles that are not
 * @image: room for what @encoder makes
 * @image_size: bytes there
 * @codecs: bit n: there are tiles of codec n
 * @codecs_changes: of the source when @codecs was found out
 * @tiles_decoded: counter
 * @complained: it has been said that tiles cannot be decoded
 */
struct frame {
	struct source *source;
	struct kvmcap_mode mode;
	uint32_t epoch;
	uint32_t *pixels;
	uint64_t *decoded;
	struct kvmcap_decoder *decoder;
	void *encoder;
	uint8_t *image;
	size_t image_size;
	unsigned int codecs;
	uint64_t codecs_changes;
	uint64_t tiles_decoded;
	bool complained;
};

void frame_init(struct frame *frame, struct source *source);

/* Give the memory back; frame_prepare() takes it again. */
void frame_free(struct frame *frame);

/**
 * frame_prepare() - see to it that tiles are decoded as of the newest snapshot
 * @frame: the frame
 * @tiles: which; within the source's mode
 *
 * Return: 0; a negative errno if some could not be, which then are as they were.
 */
int frame_prepare(struct frame *frame, const struct kvmcap_rectangle *tiles);

/* Which codecs the picture's tiles have, by bit. */
unsigned int frame_codecs(struct frame *frame);

/* Copy a part of a row; what is beyond the picture is black. */
void frame_row(const struct frame *frame, unsigned int x, unsigned int y, unsigned int count,
	       uint32_t *out);

/**
 * frame_jpeg() - encode a part of the picture
 * @frame: the frame, prepared there
 * @at: which part, within the picture
 * @quality: 1..100
 * @image: where the image is, until the next call
 *
 * Return: bytes of the image; -ENOMEM.
 */
long frame_jpeg(struct frame *frame, const struct kvmcap_pixels *at, unsigned int quality,
		const uint8_t **image);

/* The sequence that frame_row() shows of a tile. */
uint64_t frame_decoded(const struct frame *frame, size_t tile);

bool mode_equal(const struct kvmcap_mode *a, const struct kvmcap_mode *b);

#endif
