/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image files, made of pixels.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_IMAGE_H
#define KVMCAPCTL_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/**
 * image_jpeg() - make a JPEG image, without subsampling
 * @pixels: 0x00RRGGBB
 * @width: pixels
 * @height: pixels
 * @quality: 1..100
 * @image: where the image goes; to be freed with free()
 *
 * Return: bytes of @image; -ENOMEM.
 */
long image_jpeg(const uint32_t *pixels, unsigned int width, unsigned int height,
		unsigned int quality, uint8_t **image);

/* The same as PNG, which has exactly these pixels. */
long image_png(const uint32_t *pixels, unsigned int width, unsigned int height, uint8_t **image);

#endif
