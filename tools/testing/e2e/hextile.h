/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decoder for Hextile of 16-bit pixels (RFC 6143, 7.7.4) that takes nothing for
 * granted, for tests.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_HEXTILE_H
#define E2E_HEXTILE_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct hextile_counts - how often each way to tell a subrectangle was used
 * @raw: as it is
 * @flat: of one colour
 * @two: of two colours
 * @many: of more
 * @inherited: with a colour of one before
 */
struct hextile_counts {
	unsigned int raw;
	unsigned int flat;
	unsigned int two;
	unsigned int many;
	unsigned int inherited;
};

/**
 * hextile_decode() - decode a rectangle
 * @data: the rectangle's data
 * @length: bytes that there are; set to those used
 * @pixels: where it goes, of a picture of @stride pixels a line
 * @stride: pixels
 * @width: of the rectangle
 * @height: likewise
 * @counts: added to
 *
 * Return: NULL, or what is wrong with it.
 */
const char *hextile_decode(const uint8_t *data, size_t *length, uint16_t *pixels,
			   unsigned int stride, unsigned int width, unsigned int height,
			   struct hextile_counts *counts);

#endif
