/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is shown when there is no picture: a sentence that says why. Pure; drawn
 * row by row, in any size, without a buffer.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_PLACARD_H
#define RELAY_PLACARD_H

#include <stdint.h>

enum placard {
	PLACARD_NONE,		/* there is a picture */
	PLACARD_WAITING,
	PLACARD_NO_SIGNAL,
	PLACARD_OUT_OF_RANGE,
	PLACARD_FAULT,
	PLACARD_NO_DEVICE,
	PLACARD_GONE,
	PLACARD_COUNT,
};

#define PLACARD_BACKGROUND	0x202830	/* 0x00RRGGBB */
#define PLACARD_TEXT		0xe0e0e0

struct placard_box {
	unsigned int x, y, width, height;
};

/* Where in a picture of that size the text is; all else is background. */
struct placard_box placard_text_box(enum placard placard, unsigned int width,
				    unsigned int height);

/**
 * placard_row() - draw a part of a row
 * @placard: what to say
 * @width: of the whole picture
 * @height: of the whole picture
 * @x: first pixel
 * @y: the row
 * @count: pixels
 * @out: room for @count pixels, 0x00RRGGBB
 */
void placard_row(enum placard placard, unsigned int width, unsigned int height,
		 unsigned int x, unsigned int y, unsigned int count, uint32_t *out);

#endif
