/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The ASPEED AST2400/2500/2600 video engine in software, register for register
 * as mainline's aspeed-video driver uses it, in standard JPEG and in differential
 * mode; without the second pass of the latter (HQ), which nobody switches on.
 *
 * The model is freestanding: register accesses and the host's video signal come
 * in; reads and writes of memory and the interrupt line go out. It does its work
 * in small steps (a row of MCUs at a time), so that a machine that embeds it can
 * hold one lock around each call, and memory is touched in no other moment: once
 * the clocks are off, or the engine has been forced idle, it leaves memory alone.
 *
 * What it takes for granted of the silicon is in
 * Documentation/hardware-status.rst.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_VE_MODEL_H
#define KVMCAP_ASPEED_VE_MODEL_H

#include "pure.h"
#include "aspeed_regs.h"
#include "jpeg_encode.h"

/**
 * enum aspeed_ve_soc - which SoC's engine it is
 * @ASPEED_VE_AST2400: JPEG mode is bit 8, the size is in VR078
 * @ASPEED_VE_AST2500: JPEG mode is bit 13, the size is in VR078
 * @ASPEED_VE_AST2600: JPEG mode is bit 13, the size is in VR084
 */
enum aspeed_ve_soc {
	ASPEED_VE_AST2400,
	ASPEED_VE_AST2500,
	ASPEED_VE_AST2600,
	ASPEED_VE_SOCS,
};

/**
 * struct aspeed_ve_signal - what the host's video output sends
 * @present: whether it sends anything
 * @width: pixels of the picture
 * @height: lines
 * @pixels: X8 R8 G8 B8, line after line, without gaps
 */
struct aspeed_ve_signal {
	bool present;
	u16 width;
	u16 height;
	const u32 *pixels;
};

/**
 * struct aspeed_ve_machine - what the model is built into
 * @memory: where @length bytes at bus address @address are; NULL if there is no
 *	memory. What it returns is used until the model's function returns.
 * @interrupt: the interrupt line changed to @level
 */
struct aspeed_ve_machine {
	u8 *(*memory)(void *context, u32 address, size_t length);
	void (*interrupt)(void *context, bool level);
};

/* What goes wrong, bits. */
#define ASPEED_VE_FAULT_SILENT		(1 << 0) /* no interrupt status is ever set */
#define ASPEED_VE_FAULT_SPURIOUS	(1 << 1) /* raises interrupts not enabled */
#define ASPEED_VE_FAULT_TRUNCATED	(1 << 2) /* half of each image is missing */
#define ASPEED_VE_FAULT_GARBLED		(1 << 3) /* bytes in the scan are others */
#define ASPEED_VE_FAULT_SIZE		(1 << 4) /* the size is beyond the buffer */
#define ASPEED_VE_FAULT_UNSTABLE	(1 << 5) /* the mode never gets stable */
/* These in differential mode only: */
#define ASPEED_VE_FAULT_STREAM		(1 << 6) /* streams have an unknown code */
#define ASPEED_VE_FAULT_STREAM_ONCE	(1 << 7) /* the next one has, then none */
#define ASPEED_VE_FAULT_MISSING		(1 << 8) /* full pictures lack a macroblock */
#define ASPEED_VE_FAULT_STREAM_CHANGES	(1 << 9) /* as STREAM, but not full pictures */
#define ASPEED_VE_FAULTS_ALL		0x3ff

/**
 * enum aspeed_ve_work - what the engine is at
 * @ASPEED_VE_IDLE: nothing
 * @ASPEED_VE_CAPTURE: capturing the picture
 * @ASPEED_VE_COMPRESS: compressing what it captured
 */
enum aspeed_ve_work {
	ASPEED_VE_IDLE,
	ASPEED_VE_CAPTURE,
	ASPEED_VE_COMPRESS,
};

/**
 * struct aspeed_ve_timing - the signal, measured as the engine does
 * @h_total: pixels from hsync to hsync
 * @v_total: lines from vsync to vsync
 * @h_sync: pixels from the rising to the falling edge of hsync
 * @v_sync: lines from the rising to the falling edge of vsync
 * @left: first pixel of the picture after the rising edge of hsync
 * @top: first line of the picture after the rising edge of vsync
 * @h_negative: hsync is low when active
 * @v_negative: vsync is low when active
 */
struct aspeed_ve_timing {
	u16 h_total;
	u16 v_total;
	u16 h_sync;
	u16 v_sync;
	u16 left;
	u16 top;
	bool h_negative;
	bool v_negative;
};

/**
 * struct aspeed_ve_capture - the capture or compression that is going on
 * @base: bus address of the source buffer
 * @stride: bytes from line to line of it
 * @width: pixels, of the capture window
 * @height: lines
 * @left: pixel of the signal that comes first, may be outside of it
 * @top: line of the signal that comes first, likewise
 * @picture_width: pixels, of the compression window
 * @picture_height: lines
 * @line: next one to do
 * @silent: no status is set at the end
 * @differential: what has changed, rather than a JPEG image
 * @other: bus address of the source buffer that it is compared with
 * @bcd: bus address of the BCD buffer
 * @expected: macroblock that a stream's next code stands for, in raster order
 * @unseen: macroblocks so far that the BCD buffer wanted
 */
struct aspeed_ve_capture {
	u32 base;
	u32 stride;
	u16 width;
	u16 height;
	s32 left;
	s32 top;
	u16 picture_width;
	u16 picture_height;
	u16 line;
	bool silent;
	bool differential;
	u32 other;
	u32 bcd;
	u32 expected;
	u32 unseen;
};

/**
 * struct aspeed_ve - an engine
 * @machine: what it is built into
 * @context: for @machine's functions
 * @soc: enum aspeed_ve_soc
 * @faults: ASPEED_VE_FAULT_*
 * @clocked: its clocks run
 * @unlocked: the key has been written
 * @line: level of the interrupt line
 * @detecting: a detection was triggered and has found nothing yet
 * @locked: a detection found the mode that the signal still has
 * @mode_reads: reads of VR098
 * @bad_addresses: memory accesses where there is no memory
 * @work: enum aspeed_ve_work
 * @signal: the host's video output
 * @timing: that of @signal
 * @capture: what @work is about
 * @jpeg: the image in the making
 * @regs: the registers
 */
struct aspeed_ve {
	const struct aspeed_ve_machine *machine;
	void *context;
	unsigned int soc;
	u32 faults;
	bool clocked;
	bool unlocked;
	bool line;
	bool detecting;
	bool locked;
	u32 mode_reads;
	u32 bad_addresses;
	unsigned int work;
	struct aspeed_ve_signal signal;
	struct aspeed_ve_timing timing;
	struct aspeed_ve_capture capture;
	struct kvmcap_sim_jpeg jpeg;
	u32 regs[VE_WINDOW / 4];
};

/**
 * aspeed_ve_init() - an engine after power-on: locked, clocks off, no signal
 * @ve: the engine
 * @soc: enum aspeed_ve_soc
 * @machine: what it is built into
 * @context: for @machine's functions
 */
void aspeed_ve_init(struct aspeed_ve *ve, unsigned int soc,
		    const struct aspeed_ve_machine *machine, void *context);

/**
 * aspeed_ve_read() - the processor reads a register
 * @ve: the engine
 * @offset: 0..VE_WINDOW - 4, a multiple of 4
 *
 * Return: its value; all ones while the clocks are off.
 */
u32 aspeed_ve_read(struct aspeed_ve *ve, u32 offset);

/**
 * aspeed_ve_write() - the processor writes a register
 * @ve: the engine
 * @offset: 0..VE_WINDOW - 4, a multiple of 4
 * @value: ignored while the clocks are off or the engine is locked
 */
void aspeed_ve_write(struct aspeed_ve *ve, u32 offset, u32 value);

/**
 * aspeed_ve_clock() - the engine's clocks are switched
 * @ve: the engine
 * @on: all of them run. The engine is reset when they start again: locked, no
 *	interrupts, no triggers; other registers keep their values
 */
void aspeed_ve_clock(struct aspeed_ve *ve, bool on);

/**
 * aspeed_ve_signal() - the host's video output changes
 * @ve: the engine
 * @signal: what it sends from now on
 */
void aspeed_ve_signal(struct aspeed_ve *ve,
		      const struct aspeed_ve_signal *signal);

/**
 * aspeed_ve_step() - time goes on
 * @ve: the engine
 *
 * To be called as long as there is something to do: after the time that the
 * silicon would take, or at once.
 *
 * Return: whether there is more to do.
 */
bool aspeed_ve_step(struct aspeed_ve *ve);

/**
 * aspeed_ve_has_work() - whether aspeed_ve_step() has something to do
 * @ve: the engine
 *
 * Return: whether it has.
 */
bool aspeed_ve_has_work(const struct aspeed_ve *ve);

#endif
