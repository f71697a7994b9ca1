/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the ASPEED engine's driver share: the device (aspeed_probe.c)
 * and what it can do (aspeed_engine.c).
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

#include "aspeed_detect.h"
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
 * struct kvmcap_aspeed - an engine
 * @engine: what the core knows of it
 * @soc: whose it is
 * @dev: the device
 * @regs: its registers
 * @clocks: vclk and eclk
 * @irq: its interrupt
 * @source: source buffers, of the largest mode
 * @compressed: for compressed data
 * @headers: the table of JPEG headers
 * @headers_halved: it is for 4:2:0
 * @picture: where the last detection found it
 * @mode: what it was started with
 * @selector: quality, likewise
 * @wait: what waits for @events
 * @lock: see below
 * @enabled: interrupts that are wanted, VE_INTERRUPT_*
 * @events: those that came, VE_INTERRUPT_*
 * @detecting: what comes from the signal is for the detection that goes on
 * @transcoder: cuts images into tiles
 * @tables: scratch memory for kvmcap_frame_tables()
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
	struct kvmcap_aspeed_buffer headers;
	bool headers_halved;
	struct kvmcap_aspeed_picture picture;
	struct kvmcap_mode mode;
	unsigned int selector;
	wait_queue_head_t wait;

	/* Guards the following three. Taken by the interrupt handler. */
	spinlock_t lock;
	u32 enabled;
	u32 events;
	bool detecting;

	struct kvmcap_jpeg_transcoder transcoder;
	u8 tables[KVMCAP_TABLES_MAX];
};

extern const struct kvmcap_engine_ops kvmcap_aspeed_ops;

irqreturn_t kvmcap_aspeed_interrupt(int irq, void *data);

#endif
