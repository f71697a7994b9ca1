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
 * aspeed_ve_reg() - what a register holds
 * @ve: the engine
 * @offset: 0..VE_WINDOW - 4, a multiple of 4
 *
 * Return: its value.
 */
u32 aspeed_ve_reg(const struct aspeed_ve *ve, u32 offset);

/**
 * aspeed_ve_memory() - memory on the bus
 * @ve: the engine
 * @address: bus address
 * @length: bytes
 *
 * Return: where it is; NULL if there is none, which is counted.
 */
u8 *aspeed_ve_memory(struct aspeed_ve *ve, u32 address, size_t length);

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

/**
 * aspeed_ve_differ_begin() - a compression of changes begins
 * @ve: the engine
 */
void aspeed_ve_differ_begin(struct aspeed_ve *ve);

/**
 * aspeed_ve_differ_row() - compress what has changed in a row of MCUs
 * @ve: the engine
 * @upper: the strip that the row consists of, or begins with
 * @lower: for 4:2:0, the strip below that; NULL if the picture ends before
 * @blocks: of a strip
 * @line: first one of the row
 *
 * Return: whether there is memory where there has to be.
 */
bool aspeed_ve_differ_row(struct aspeed_ve *ve, const u8 *upper, const u8 *lower,
			  unsigned int blocks, unsigned int line);

/**
 * aspeed_ve_differ_end() - a compression of changes ends
 * @ve: the engine
 */
void aspeed_ve_differ_end(struct aspeed_ve *ve);

#endif
