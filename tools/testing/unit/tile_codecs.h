/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payloads that are not JPEG, as engines make them: written from what
 * <linux/kvmcap.h> says of them, with nothing of what decodes them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef TILE_CODECS_H
#define TILE_CODECS_H

#include <linux/kvmcap.h>
#include <stddef.h>
#include <stdint.h>

/* More than a payload of @width x @height pixels ever takes. */
size_t tile_room(unsigned int width, unsigned int height);

/**
 * tile_code() - make a payload
 * @codec: KVMCAP_CODEC_PALETTE, _HEXTILE or _RAW
 * @pixels: 0x00RRGGBB
 * @stride: pixels from row to row
 * @width: pixels
 * @height: pixels
 * @out: room for tile_room()
 *
 * Return: bytes; 0 for a palette of too many colours.
 */
size_t tile_code(enum kvmcap_codec codec, const uint32_t *pixels, size_t stride,
		 unsigned int width, unsigned int height, uint8_t *out);

/* What is left of a pixel, 0x00RRGGBB, behind a codec. */
uint32_t tile_seen(enum kvmcap_codec codec, uint32_t pixel);

#endif
