/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screens that the end-to-end tests show, painted anew from their numbers.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_FRAMES_H
#define E2E_FRAMES_H

#include <stdint.h>

/**
 * enum frame_kind - what is on a screen
 * @FRAME_CONSOLE: a text console, 8x16 pixels a character
 * @FRAME_CONSOLE_MORE: the same with one more line typed: little changes
 * @FRAME_DESKTOP: a gradient, windows with text and a picture in them
 * @FRAME_DESKTOP_MOVED: the same with one window moved
 * @FRAME_NOISE: every pixel at random
 * @FRAME_LINES: lines of one pixel, upright, level and slanting
 * @FRAME_LINES_SHIFTED: the same, one pixel to the right and down
 * @FRAME_FLAT: one colour, and another one in the last pixel of each corner
 * @FRAME_EDGES: nothing but the outermost pixels differs from flat
 */
enum frame_kind {
	FRAME_CONSOLE,
	FRAME_CONSOLE_MORE,
	FRAME_DESKTOP,
	FRAME_DESKTOP_MOVED,
	FRAME_NOISE,
	FRAME_LINES,
	FRAME_LINES_SHIFTED,
	FRAME_FLAT,
	FRAME_EDGES,
	FRAME_KINDS
};

const char *frame_name(enum frame_kind kind);

/* Fills @width * @height pixels, X8 R8 G8 B8. */
void frame_paint(uint32_t *pixels, unsigned int width, unsigned int height,
		 enum frame_kind kind, uint64_t seed);

#endif
