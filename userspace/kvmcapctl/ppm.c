// SPDX-License-Identifier: Apache-2.0
/*
 * The header of a binary PPM image. Pure: no I/O, no state but the caller's.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "ppm.h"

enum { WIDTH, HEIGHT, MAXVAL, FIELDS };

static int is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static enum ppm_result check_field(const struct ppm_header *header)
{
	uint32_t value = header->value[header->field];

	if (header->field == MAXVAL)
		return value == PPM_MAXVAL ? PPM_DONE : PPM_DEPTH;
	return value && value <= PPM_SIDE_MAX ? PPM_MORE : PPM_SIZE;
}

/* White space after a number ends it; the one after the last ends the header. */
static enum ppm_result end_field(struct ppm_header *header)
{
	enum ppm_result result;

	if (!header->digits)
		return PPM_MORE;
	result = check_field(header);
	header->field++;
	header->digits = 0;
	return result;
}

static enum ppm_result add_digit(struct ppm_header *header, uint8_t byte)
{
	uint32_t *value = &header->value[header->field];

	/* Stays far above every limit once it is, and does not overflow. */
	if (*value <= PPM_SIDE_MAX)
		*value = *value * 10 + (byte - '0');
	header->digits++;
	return PPM_MORE;
}

enum ppm_result ppm_header_push(struct ppm_header *header, uint8_t byte)
{
	if (header->length >= PPM_HEADER_MAX)
		return PPM_LONG;
	header->length++;
	if (header->length <= 2)
		return byte == (uint8_t)"P6"[header->length - 1] ? PPM_MORE : PPM_NOT_P6;
	if (header->comment) {
		header->comment = byte != '\n' && byte != '\r';
		return PPM_MORE;
	}
	if (is_space(byte))
		return end_field(header);
	if (header->length == 3)
		return PPM_NOT_P6;
	/* ppm(5): comments may stand anywhere before the last white space. */
	if (byte == '#' && !header->digits) {
		header->comment = 1;
		return PPM_MORE;
	}
	if (byte < '0' || byte > '9')
		return PPM_NOT_NUMBER;
	return add_digit(header, byte);
}

const char *ppm_explain(enum ppm_result result)
{
	switch (result) {
	case PPM_NOT_P6:
		return "it does not begin like a binary PPM (P6)";
	case PPM_NOT_NUMBER:
		return "its header has something else where a number belongs";
	case PPM_SIZE:
		return "its width or height is not possible";
	case PPM_DEPTH:
		return "its maximum value is not 255: one byte a colour is needed";
	case PPM_LONG:
		return "its header does not end";
	default:
		return "nothing is wrong with it";
	}
}

void ppm_to_bgrx(uint8_t *bgrx, const uint8_t *rgb, size_t pixels)
{
	for (; pixels; pixels--, rgb += 3, bgrx += 4) {
		bgrx[0] = rgb[2];
		bgrx[1] = rgb[1];
		bgrx[2] = rgb[0];
		bgrx[3] = 0;
	}
}
