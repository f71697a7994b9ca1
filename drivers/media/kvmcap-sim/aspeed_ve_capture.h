/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the modelled engine does with pixels; between its own files.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_VE_CAPTURE_H
#define KVMCAP_ASPEED_VE_CAPTURE_H

#include "aspeed_ve_model.h"

/**
 * aspeed_ve_raise() - set bits of the interrupt status
 * @ve: the engine
 * @status: VE_INTERRUPT_*
 */
void aspeed_ve_raise(struct aspeed_ve *ve, u32 status);

/**
 * aspeed_ve_size_register() - where the size of what was compressed is read
 * @ve: the engine
 *
 * Return: VE_COMPRESSED_AST2400 or VE_COMPRESSED_AST2600.
 */
u32 aspeed_ve_size_register(const struct aspeed_ve *ve);

/**
 * aspeed_ve_capture_begin() - a capture was triggered
 * @ve: the engine; nothing happens unless it is idle
 */
void aspeed_ve_capture_begin(struct aspeed_ve *ve);

/**
 * aspeed_ve_capture_step() - capture eight lines
 * @ve: the engine, capturing
 */
void aspeed_ve_capture_step(struct aspeed_ve *ve);

/**
 * aspeed_ve_compress_begin() - a compression was triggered
 * @ve: the engine; nothing happens unless it is idle
 */
void aspeed_ve_compress_begin(struct aspeed_ve *ve);

/**
 * aspeed_ve_compress_step() - compress a row of MCUs
 * @ve: the engine, compressing
 */
void aspeed_ve_compress_step(struct aspeed_ve *ve);

#endif
