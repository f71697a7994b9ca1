/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the segments of a JPEG image; not for libkvmcap's users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_JPEG_H
#define LIBKVMCAP_JPEG_H

#include "kvmcap.h"

/* Bytes of segments and markers, each from its 0xff on. */
#define SOI_LENGTH	2
#define SOF_LENGTH	19
#define DRI_LENGTH	6
#define SOS_LENGTH	14
#define RST_LENGTH	2
#define EOI_LENGTH	2

/* Their second byte. */
#define SOI		0xd8
#define DHT		0xc4
#define RST0		0xd0	/* to RST7, 0xd7 */
#define EOI		0xd9
#define DQT		0xdb

/**
 * kvmcap_jpeg_put_frame() - write SOF0, DRI and SOS
 * @out: where they go
 * @mode: the picture's; says the subsampling
 * @size: width and height of the image
 * @interval: MCUs between restart markers; 0 for none, and no DRI then
 *
 * The numbers of the tables are those of struct kvmcap_record_tables.
 *
 * Return: what follows in @out.
 */
uint8_t *kvmcap_jpeg_put_frame(uint8_t *out, const struct kvmcap_mode *mode,
			       const struct kvmcap_pixels *size, unsigned int interval);

/* Return: what follows in @out. */
uint8_t *kvmcap_jpeg_put_marker(uint8_t *out, unsigned int marker);

#endif
