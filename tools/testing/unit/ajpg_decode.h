/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: decodes the ASPEED engine's differential streams into coefficients,
 * and JPEG images likewise, by libjpeg. It shares nothing with what it tests.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef UNIT_AJPG_DECODE_H
#define UNIT_AJPG_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COEFFICIENTS_BLOCK	64

/**
 * struct coefficients - the quantised coefficients of a picture
 * @halved: 4:2:0 rather than 4:4:4
 * @mcus_x: MCUs in a row
 * @mcus_y: rows of MCUs
 * @blocks: of an MCU
 * @known: for each MCU, whether it has been decoded
 * @values: of all blocks of all MCUs, each row by row
 */
struct coefficients {
	bool halved;
	unsigned int mcus_x;
	unsigned int mcus_y;
	unsigned int blocks;
	bool *known;
	int16_t *values;
};

/* Nothing is known. Return: false if there is no memory. */
bool coefficients_init(struct coefficients *c, unsigned int width, unsigned int height,
		       bool halved);
void coefficients_free(struct coefficients *c);

/* All MCUs that are known. */
unsigned int coefficients_known(const struct coefficients *c);

/* MCUs that are known in both, but not the same. */
unsigned int coefficients_differing(const struct coefficients *a, const struct coefficients *b);

/* Sets all MCUs to those of an image of that size. Return: NULL, or what is wrong. */
const char *coefficients_of_jpeg(struct coefficients *c, const uint8_t *image, size_t length);

/**
 * ajpg_decode() - change what a stream changes
 * @c: what was decoded so far
 * @stream: the stream
 * @length: bytes of it
 * @mcus: set to the macroblocks in it
 *
 * Return: NULL, or what is wrong with the stream.
 */
const char *ajpg_decode(struct coefficients *c, const uint8_t *stream, size_t length,
			unsigned int *mcus);

#endif
