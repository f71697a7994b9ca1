/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the ASPEED engine's driver share: the device (aspeed_probe.c),
 * its registers (aspeed_registers.c), what it can do (aspeed_engine.c), whole
 * pictures (aspeed_capture.c) and changes (aspeed_differ.c).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_ENGINE_H
#define KVMCAP_ASPEED_ENGINE_H

#include <linux/clk.h>
#include <linux/interrupt.h>
#include <linux/regmap.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "ajpg_stream.h"
#include "aspeed_detect.h"
#include "aspeed_regs.h"
#include "aspeed_tables.h"
#include "engine.h"
#include "jpeg_tiles.h"

/**
 * struct kvmcap_aspeed_soc - how a SoC's engine differs from the others
 * @name: of the engine, as users see it
 * @jpeg_mode: the bit of VR004 that selects standard JPEG
 * @compressed_size: where the size of what was compressed is read
 */
struct kvmcap_aspeed_soc {
	const char *name;
	u32 jpeg_mode;
	u32 compressed_size;
};

/**
 * struct kvmcap_aspeed_buffer - memory that the engine shares
 * @virt: where the processor sees it
 * @dma: where the engine does
 */
struct kvmcap_aspeed_buffer {
	void *virt;
	dma_addr_t dma;
};

/**
 * struct kvmcap_aspeed_differ - what captures of changes need to know
 * @ajpg: parses streams and splices tiles
 * @header: of an image with the tables in use
 * @tables_length: bytes of kvmcap_aspeed.tables
 * @selector: quality of what is shown
 * @newest: the source buffer that was captured into last
 * @synced: what it has is what the tiles show
 * @bad: streams in a row that came to nothing
 * @changed: something has, since the last capture in full
 * @since: captures since then; from the first change on
 * @quiet: captures since the last change
 */
struct kvmcap_aspeed_differ {
	struct kvmcap_ajpg ajpg;
	u8 header[KVMCAP_ASPEED_HEADER_LENGTH];
	size_t tables_length;
	unsigned int selector;
	unsigned int newest;
	bool synced;
	unsigned int bad;
	bool changed;
	unsigned int since;
	unsigned int quiet;
};

/**
 * struct kvmcap_aspeed - an engine
 * @engine: what the core knows of it
 * @soc: whose it is
 * @dev: the device
 * @regs: its registers
 * @clocks: vclk and eclk
 * @irq: its interrupt
 * @source: source buffers, of the largest mode
 * @compressed: for compressed data
 * @cached: the processor sees @compressed through its caches
 * @seen: bytes of it that it may have there
 * @bcd: what the engine knows of each block
 * @headers: the table of JPEG headers
 * @headers_halved: it is for 4:2:0
 * @picture: where the last detection found it
 * @mode: what it was started with
 * @selector: quality, likewise
 * @auto_capture: what KVMCAP_CAPTURE_AUTO stands for; constant
 * @wanted_capture: what it was started with, enum kvmcap_capture
 * @capture: what came of that: WHOLE or CHANGES; AUTO before the first start
 * @wait: what waits for @events
 * @lock: see below
 * @enabled: interrupts that are wanted, VE_INTERRUPT_*
 * @events: those that came, VE_INTERRUPT_*
 * @detecting: what comes from the signal is for the detection that goes on
 * @transcoder: cuts images into tiles
 * @tables: DQT and DHT segments for kvmcap_frame_tables()
 * @differ: for captures of changes
 */
struct kvmcap_aspeed {
	struct kvmcap_engine engine;
	const struct kvmcap_aspeed_soc *soc;
	struct device *dev;
	struct regmap *regs;
	struct clk_bulk_data clocks[2];
	int irq;
	struct kvmcap_aspeed_buffer source[2];
	struct kvmcap_aspeed_buffer compressed;
	bool cached;
	u32 seen;
	struct kvmcap_aspeed_buffer bcd;
	struct kvmcap_aspeed_buffer headers;
	bool headers_halved;
	struct kvmcap_aspeed_picture picture;
	struct kvmcap_mode mode;
	unsigned int selector;
	unsigned int auto_capture;
	unsigned int wanted_capture;
	unsigned int capture;
	wait_queue_head_t wait;

	/* Guards the following three. Taken by the interrupt handler. */
	spinlock_t lock;
	u32 enabled;
	u32 events;
	bool detecting;

	struct kvmcap_jpeg_transcoder transcoder;
	u8 tables[KVMCAP_TABLES_MAX];
	struct kvmcap_aspeed_differ differ;
};

/* What ends captures and compressions, or was told to. */
#define KVMCAP_ASPEED_TRIGGERS	\
	(VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS | VE_SEQ_FORCE_IDLE)

/* What tells of the signal. */
#define KVMCAP_ASPEED_SIGNAL_EVENTS	\
	(VE_INTERRUPT_MODE_LOST | VE_INTERRUPT_MODE_FOUND)

extern const struct kvmcap_engine_ops kvmcap_aspeed_ops;

/* Neither MMIO nor the model's registers can fail. */
static inline u32 aspeed_read(struct kvmcap_aspeed *aspeed, u32 offset)
{
	unsigned int value = 0;

	regmap_read(aspeed->regs, offset, &value);
	return value;
}

static inline void aspeed_write(struct kvmcap_aspeed *aspeed, u32 offset, u32 value)
{
	regmap_write(aspeed->regs, offset, value);
}

static inline void aspeed_update(struct kvmcap_aspeed *aspeed, u32 offset,
				 u32 clear, u32 set)
{
	aspeed_write(aspeed, offset, (aspeed_read(aspeed, offset) & ~clear) | set);
}

/* Interrupts that came, VE_INTERRUPT_*. */
static inline u32 aspeed_events(struct kvmcap_aspeed *aspeed)
{
	return READ_ONCE(aspeed->events);
}

irqreturn_t kvmcap_aspeed_interrupt(int irq, void *data);

/* Clocks and the registers that never change. 0 or a negative errno. */
int kvmcap_aspeed_power_on(struct kvmcap_aspeed *aspeed);
void kvmcap_aspeed_power_off(struct kvmcap_aspeed *aspeed);

/* Interrupts that are wanted no more, and those that are from now on. */
void kvmcap_aspeed_enable(struct kvmcap_aspeed *aspeed, u32 disable, u32 enable);

/* Which of @events have come within @timeout_ms; 0 if none has. */
u32 kvmcap_aspeed_wait(struct kvmcap_aspeed *aspeed, u32 events,
		       unsigned int timeout_ms);

bool kvmcap_aspeed_is_idle(struct kvmcap_aspeed *aspeed);

/* Makes the engine leave off. 0, or -ETIMEDOUT. */
int kvmcap_aspeed_idle(struct kvmcap_aspeed *aspeed);

/* Registers for what @aspeed->capture says. */
void kvmcap_aspeed_set_capture(struct kvmcap_aspeed *aspeed);

/* @selector: 0..11; and the one to try next if that is too large. */
void kvmcap_aspeed_set_quality(struct kvmcap_aspeed *aspeed, unsigned int selector);
unsigned int kvmcap_aspeed_coarser(unsigned int selector);

/* One picture into the buffer for compressed data; @size: how much there is. */
int kvmcap_aspeed_capture_image(struct kvmcap_aspeed *aspeed, u32 *size);

/* The first @size bytes of that buffer are going to be read. */
void kvmcap_aspeed_see(struct kvmcap_aspeed *aspeed, u32 size);

/* A capture, as kvmcap_engine_ops.capture has it: a whole picture. */
int kvmcap_aspeed_whole(struct kvmcap_aspeed *aspeed, struct kvmcap_frame *frame);

/* ... what has changed. */
int kvmcap_aspeed_differ(struct kvmcap_aspeed *aspeed, struct kvmcap_frame *frame,
			 bool full);
int kvmcap_aspeed_differ_start(struct kvmcap_aspeed *aspeed);

#endif
