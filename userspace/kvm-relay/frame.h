/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture in pixels, for clients that take no JPEG: each changed tile is
 * decoded once for all of them, when the first one needs it.
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
 * @decoder: of libjpeg-turbo
 * @image: room for a row of tiles as JPEG
 * @image_size: bytes
 * @tiles_decoded: counter
 * @complained: it has been said that tiles cannot be decoded
 */
struct frame {
	struct source *source;
	struct kvmcap_mode mode;
	uint32_t epoch;
	uint32_t *pixels;
	uint64_t *decoded;
	void *decoder;
	uint8_t *image;
	size_t image_size;
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

/* Copy a part of a row; what is beyond the picture is black. */
void frame_row(const struct frame *frame, unsigned int x, unsigned int y, unsigned int count,
	       uint32_t *out);

/* The sequence that frame_row() shows of a tile. */
uint64_t frame_decoded(const struct frame *frame, size_t tile);

bool mode_equal(const struct kvmcap_mode *a, const struct kvmcap_mode *b);

#endif
