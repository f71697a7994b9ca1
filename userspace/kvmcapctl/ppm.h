/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a binary PPM image ("P6", Netpbm's ppm(5)), byte by byte.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_PPM_H
#define KVMCAPCTL_PPM_H

#include <stddef.h>
#include <stdint.h>

#define PPM_SIDE_MAX	65535
#define PPM_MAXVAL	255	/* the only one: one byte for each of R, G, B */
#define PPM_HEADER_MAX	4096	/* bytes, comments included */

/**
 * enum ppm_result - what a byte of the header has led to
 * @PPM_MORE: the header goes on
 * @PPM_DONE: it is over: @width * @height * 3 bytes of pixels follow
 * @PPM_NOT_P6: it does not begin with "P6" and white space
 * @PPM_NOT_NUMBER: something else stands where a number belongs
 * @PPM_SIZE: width or height is 0 or above PPM_SIDE_MAX
 * @PPM_DEPTH: the maximum value is not PPM_MAXVAL
 * @PPM_LONG: more than PPM_HEADER_MAX bytes
 */
enum ppm_result {
	PPM_MORE,
	PPM_DONE,
	PPM_NOT_P6,
	PPM_NOT_NUMBER,
	PPM_SIZE,
	PPM_DEPTH,
	PPM_LONG,
};

/**
 * struct ppm_header - a header as far as it has been read; begin with all zeroes
 * @length: bytes so far
 * @comment: in a comment, up to the end of the line
 * @digits: of the number being read
 * @field: numbers read
 * @value: width, height, maximum value
 */
struct ppm_header {
	size_t length;
	unsigned int comment;
	unsigned int digits;
	unsigned int field;
	uint32_t value[3];
};

/* Take one more byte. After anything but PPM_MORE there is nothing more to take. */
enum ppm_result ppm_header_push(struct ppm_header *header, uint8_t byte);

/* Half a sentence about a @result that is an error. */
const char *ppm_explain(enum ppm_result result);

/* @pixels times R, G, B become B, G, R, 0. */
void ppm_to_bgrx(uint8_t *bgrx, const uint8_t *rgb, size_t pixels);

#endif
