/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The Nuvoton NPCM7xx/8xx video capture and differentiation engine (VCD) in
 * software, register for register as mainline's npcm-video driver uses it, with
 * what that needs of the global control registers (GCR) and of the graphics core
 * information (GFXI).
 *
 * The model is freestanding: register accesses and the host's video signal come
 * in; reads and writes of memory and the interrupt line go out. It does its work
 * in small steps (a row of blocks at a time), so that a machine that embeds it can
 * hold one lock around each call, and memory is touched in no other moment: once
 * the engine is held in reset, or its state machines have been, it leaves memory
 * alone.
 *
 * What it takes for granted of the silicon is in
 * Documentation/hardware-status.rst.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_VCD_MODEL_H
#define KVMCAP_NPCM_VCD_MODEL_H

#include "npcm_machine.h"

#define NPCM_BLOCK_ROWS		DIV_ROUND_UP(NPCM_HEIGHT_MAX, NPCM_BLOCK)
#define NPCM_DIFF_WORDS		(NPCM_BLOCK_ROWS * VCD_DIFF_TABLE_STRIDE / 4)

/* Registers behind the table of differences. */
#define NPCM_VCD_REGS		((VCD_WINDOW - VCD_FBA_ADDR) / 4)

/* The part of the GCR that has to do with graphics. */
#define NPCM_GCR_WINDOW		0x64

/**
 * struct npcm_vcd_signal - what the host's graphics core puts out
 * @present: whether it puts out anything
 * @width: pixels of the picture
 * @height: lines
 * @pixels: X8 R8 G8 B8, line after line, without gaps
 */
struct npcm_vcd_signal {
	bool present;
	u16 width;
	u16 height;
	const u32 *pixels;
};

/**
 * struct npcm_vcd_capture - the capture or comparison that is going on
 * @width: pixels
 * @height: lines
 * @line: next one to do
 * @compare: only blocks that differ are written
 * @lost: it will never end; it has to be reset
 */
struct npcm_vcd_capture {
	u16 width;
	u16 height;
	u16 line;
	bool compare;
	bool lost;
};

/**
 * struct npcm_vcd - an engine
 * @machine: what it is built into
 * @context: for @machine's functions
 * @faults: NPCM_FAULT_*
 * @in_reset: it is held in reset
 * @line: level of the interrupt line
 * @busy: @capture goes on
 * @time_reads: reads of the vertical time
 * @bad_addresses: memory accesses where there is no memory
 * @signal: the host's picture
 * @capture: what is done when @busy
 * @diff: the table of differences
 * @regs: the registers behind it
 * @gcr: those of the GCR
 */
struct npcm_vcd {
	const struct npcm_machine *machine;
	void *context;
	u32 faults;
	bool in_reset;
	bool line;
	bool busy;
	u32 time_reads;
	u32 bad_addresses;
	struct npcm_vcd_signal signal;
	struct npcm_vcd_capture capture;
	u32 diff[NPCM_DIFF_WORDS];
	u32 regs[NPCM_VCD_REGS];
	u32 gcr[NPCM_GCR_WINDOW / 4];
};

/**
 * npcm_vcd_init() - an engine after power-on: held in reset, no signal
 * @vcd: the engine
 * @machine: what it is built into
 * @context: for @machine's functions
 */
void npcm_vcd_init(struct npcm_vcd *vcd, const struct npcm_machine *machine,
		   void *context);

/**
 * npcm_vcd_read() - the processor reads a register of the engine
 * @vcd: the engine
 * @offset: 0..VCD_WINDOW - 4, a multiple of 4
 *
 * Return: its value; all ones while the engine is in reset.
 */
u32 npcm_vcd_read(struct npcm_vcd *vcd, u32 offset);

/**
 * npcm_vcd_write() - the processor writes a register of the engine
 * @vcd: the engine
 * @offset: 0..VCD_WINDOW - 4, a multiple of 4
 * @value: ignored while the engine is in reset
 */
void npcm_vcd_write(struct npcm_vcd *vcd, u32 offset, u32 value);

/**
 * npcm_gcr_read() - the processor reads a global control register
 * @vcd: the engine that it belongs to
 * @offset: 0..NPCM_GCR_WINDOW - 4, a multiple of 4
 *
 * Return: its value.
 */
u32 npcm_gcr_read(struct npcm_vcd *vcd, u32 offset);

/**
 * npcm_gcr_write() - the processor writes a global control register
 * @vcd: the engine that it belongs to
 * @offset: 0..NPCM_GCR_WINDOW - 4, a multiple of 4
 * @value: its value
 */
void npcm_gcr_write(struct npcm_vcd *vcd, u32 offset, u32 value);

/**
 * npcm_gfxi_read() - the processor reads what the graphics core tells
 * @vcd: the engine that it belongs to
 * @offset: 0..GFXI_WINDOW - 4, a multiple of 4
 *
 * Return: its value. None can be written.
 */
u32 npcm_gfxi_read(struct npcm_vcd *vcd, u32 offset);

/**
 * npcm_vcd_reset() - the engine is held in reset, or let go
 * @vcd: the engine
 * @asserted: it is held. All registers get what they have after power-on, but
 *	not those of GCR and GFXI
 */
void npcm_vcd_reset(struct npcm_vcd *vcd, bool asserted);

/**
 * npcm_vcd_signal() - the host's picture changes
 * @vcd: the engine
 * @signal: what it is from now on
 */
void npcm_vcd_signal(struct npcm_vcd *vcd, const struct npcm_vcd_signal *signal);

/**
 * npcm_vcd_has_work() - whether npcm_vcd_step() has something to do
 * @vcd: the engine
 *
 * Return: whether it has.
 */
bool npcm_vcd_has_work(const struct npcm_vcd *vcd);

/**
 * npcm_vcd_step() - time goes on
 * @vcd: the engine
 *
 * To be called as long as there is something to do, from the beginning of one
 * of the signal's frames on: after the time that the silicon would take, or at
 * once.
 */
void npcm_vcd_step(struct npcm_vcd *vcd);

#endif
