/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pixels from payloads that are not JPEG; not for libkvmcap's users. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_TILE_PIXELS_H
#define LIBKVMCAP_TILE_PIXELS_H

#include <stddef.h>
#include <stdint.h>

/**
 * kvmcap_tile_pixels() - decode a payload
 * @codec: KVMCAP_CODEC_PALETTE, _HEXTILE or _RAW
 * @payload: must not change meanwhile, which what is in the log may
 * @length: bytes of it, all of which belong to the tile
 * @width: of the tile, in pixels, at least 1
 * @height: of the tile, in pixels, at least 1
 * @out: where the pixels go, as 0x00RRGGBB; @width * @height of them
 *
 * A channel of 5 or 6 bits becomes the nearest of 8 bits.
 *
 * Return: 0; -EINVAL another codec; -EBADMSG the payload is none of such a tile,
 * and @out may have been written to.
 */
int kvmcap_tile_pixels(unsigned int codec, const uint8_t *payload, size_t length,
		       unsigned int width, unsigned int height, uint32_t *out);

#endif
