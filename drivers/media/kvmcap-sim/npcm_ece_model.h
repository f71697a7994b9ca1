/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The Nuvoton NPCM7xx/8xx encoding compression engine (ECE) in software, register
 * for register as mainline's npcm-video driver uses it.
 *
 * The model is freestanding, as that of the VCD is (npcm_vcd_model.h). It
 * encodes a row of subrectangles at each step.
 *
 * What it takes for granted of the silicon is in
 * Documentation/hardware-status.rst.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_ECE_MODEL_H
#define KVMCAP_NPCM_ECE_MODEL_H

#include "npcm_ece_hextile.h"
#include "npcm_machine.h"

/**
 * struct npcm_ece_rectangle - the rectangle that is being encoded
 * @base: bus address of its first pixel
 * @pitch: bytes from line to line
 * @width: pixels
 * @height: lines
 * @line: next one to do
 * @output: bus address of its output, the gap included
 * @length: bytes of what has been encoded
 * @hextile: what the next subrectangle need not say
 */
struct npcm_ece_rectangle {
	u32 base;
	u32 pitch;
	u16 width;
	u16 height;
	u16 line;
	u32 output;
	u32 length;
	struct npcm_hextile hextile;
};

/**
 * struct npcm_ece - an engine
 * @machine: what it is built into; it has no interrupt
 * @context: for @machine's functions
 * @faults: NPCM_FAULT_*
 * @in_reset: it is held in reset
 * @busy: @rectangle is being encoded
 * @bad_addresses: memory accesses where there is no memory
 * @rectangle: what is done when @busy
 * @block: the last one that was encoded: too much for a stack
 * @regs: the registers
 */
struct npcm_ece {
	const struct npcm_machine *machine;
	void *context;
	u32 faults;
	bool in_reset;
	bool busy;
	u32 bad_addresses;
	struct npcm_ece_rectangle rectangle;
	u8 block[NPCM_HEXTILE_MAX];
	u32 regs[ECE_WINDOW / 4];
};

/**
 * npcm_ece_init() - an engine after power-on: held in reset
 * @ece: the engine
 * @machine: what it is built into
 * @context: for @machine's functions
 */
void npcm_ece_init(struct npcm_ece *ece, const struct npcm_machine *machine,
		   void *context);

/**
 * npcm_ece_read() - the processor reads a register
 * @ece: the engine
 * @offset: 0..ECE_WINDOW - 4, a multiple of 4
 *
 * Return: its value; all ones while the engine is in reset.
 */
u32 npcm_ece_read(struct npcm_ece *ece, u32 offset);

/**
 * npcm_ece_write() - the processor writes a register
 * @ece: the engine
 * @offset: 0..ECE_WINDOW - 4, a multiple of 4
 * @value: ignored while the engine is in reset
 */
void npcm_ece_write(struct npcm_ece *ece, u32 offset, u32 value);

/**
 * npcm_ece_reset() - the engine is held in reset, or let go
 * @ece: the engine
 * @asserted: it is held. All registers get what they have after power-on
 */
void npcm_ece_reset(struct npcm_ece *ece, bool asserted);

/**
 * npcm_ece_has_work() - whether npcm_ece_step() has something to do
 * @ece: the engine
 *
 * Return: whether it has.
 */
bool npcm_ece_has_work(const struct npcm_ece *ece);

/**
 * npcm_ece_step() - time goes on
 * @ece: the engine
 */
void npcm_ece_step(struct npcm_ece *ece);

#endif
