/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated screen, and what clients should make of what is on it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_SCREEN_H
#define E2E_SCREEN_H

#include "frames.h"
#include "planes.h"

/**
 * struct screen - the screen
 * @fd: /dev/kvmcap-simN
 * @selector: the engine's quality, 0..11, that the rest holds for
 * @halved: the engine's subsampling is 4:2:0
 * @width: of what is shown, 0 before anything is
 * @height: of what is shown
 * @pixels: what is shown, X8 R8 G8 B8
 * @jpeg: the engine's own image of the whole of it
 * @jpeg_length: bytes of that
 * @planes: @jpeg decoded
 * @sharp: the same as R, G, B: each pixel takes the chroma sample over it
 * @smooth: the same with chroma interpolated, as decoders do by default
 * @decoder: makes @planes
 */
struct screen {
	int fd;
	unsigned int selector;
	bool halved;
	unsigned int width;
	unsigned int height;
	uint32_t *pixels;
	uint8_t *jpeg;
	size_t jpeg_length;
	struct planes planes;
	uint32_t *sharp;
	uint32_t *smooth;
	struct planes_decoder decoder;
};

/* Return: NULL, or what went wrong. */
const char *screen_open(struct screen *screen, const char *path);
void screen_close(struct screen *screen);

/**
 * screen_show() - put a picture on the screen, in one write
 * @screen: the screen; switched to another mode if it has another size
 * @width: pixels
 * @height: pixels
 * @kind: what is in the picture
 * @seed: which one of that kind
 *
 * Return: NULL, or what went wrong.
 */
const char *screen_show(struct screen *screen, unsigned int width, unsigned int height,
			enum frame_kind kind, uint64_t seed);

/* The same where only the pixels matter: nothing is known of the engine's image. */
const char *screen_put(struct screen *screen, unsigned int width, unsigned int height,
		       enum frame_kind kind, uint64_t seed);

/**
 * screen_expect() - the engine compresses what is shown with another quality
 * @screen: the screen
 * @selector: 0..11
 *
 * Return: NULL, or what went wrong.
 */
const char *screen_expect(struct screen *screen, unsigned int selector);

/* Writes 0x00RRGGBB pixels as a PPM. */
bool pixels_write_ppm(const uint32_t *pixels, unsigned int width, unsigned int height,
		      const char *path);

#endif
