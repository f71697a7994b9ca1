/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the Nuvoton engine's driver share: the device
 * (npcm_probe.c), its capture (npcm_engine.c) and its compression (npcm_ece.c).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_ENGINE_H
#define KVMCAP_NPCM_ENGINE_H

#include <linux/interrupt.h>
#include <linux/regmap.h>
#include <linux/reset.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "engine.h"
#include "npcm_detect.h"
#include "npcm_platform.h"
#include "npcm_tiles.h"

/**
 * struct kvmcap_npcm_soc - how a SoC's engine differs from the others
 * @name: of the engine, as users see it
 */
struct kvmcap_npcm_soc {
	const char *name;
};

/**
 * struct kvmcap_npcm_buffer - memory that the engine shares
 * @virt: where the processor sees it
 * @dma: where the engine does
 */
struct kvmcap_npcm_buffer {
	void *virt;
	dma_addr_t dma;
};

/**
 * struct kvmcap_npcm - an engine
 * @engine: what the core knows of it
 * @dev: the device
 * @platform: describes it, if it is a simulated one
 * @vcd: registers of the VCD
 * @ece: registers of the ECE; NULL: there is none
 * @gcr: global control registers of the SoC
 * @gfxi: registers of the host's graphics core
 * @vcd_reset: of the VCD
 * @ece_reset: of the ECE
 * @irq: the VCD's interrupt
 * @frame: the frame buffer
 * @output: what the ECE has made of a run of tiles
 * @copy: that, where nothing can change any more
 * @picture: what the last detection found
 * @mode: what it was started with
 * @whole: the difference table is of no interest, likewise
 * @unchecked: tiles have been published since the last check
 * @since: captures since the first of them
 * @quiet: captures in a row that found no change
 * @ece_failures: of the ECE in the capture that goes on
 * @ece_started: when that capture began to compress, jiffies
 * @wait: what waits for @events
 * @lock: see below
 * @enabled: interrupts that are wanted, VCD_STATUS_*
 * @events: those that came, VCD_STATUS_*
 */
struct kvmcap_npcm {
	struct kvmcap_engine engine;
	struct device *dev;
	const struct kvmcap_npcm_platform *platform;
	struct regmap *vcd;
	struct regmap *ece;
	struct regmap *gcr;
	struct regmap *gfxi;
	struct reset_control *vcd_reset;
	struct reset_control *ece_reset;
	int irq;
	struct kvmcap_npcm_buffer frame;
	struct kvmcap_npcm_buffer output;
	u8 *copy;
	struct kvmcap_npcm_picture picture;
	struct kvmcap_mode mode;
	bool whole;
	bool unchecked;
	unsigned int since;
	unsigned int quiet;
	unsigned int ece_failures;
	unsigned long ece_started;
	wait_queue_head_t wait;

	/* Guards the following two. Taken by the interrupt handler. */
	spinlock_t lock;
	u32 enabled;
	u32 events;
};

/* Neither MMIO nor the model's registers can fail. */
static inline u32 kvmcap_npcm_read(struct regmap *regs, u32 offset)
{
	unsigned int value = 0;

	regmap_read(regs, offset, &value);
	return value;
}

/* In one go: the global registers are there for other drivers, too. */
static inline void kvmcap_npcm_update(struct regmap *regs, u32 offset, u32 clear,
				      u32 set)
{
	regmap_write_bits(regs, offset, clear | set, set);
}

extern const struct kvmcap_engine_ops kvmcap_npcm_ops;

irqreturn_t kvmcap_npcm_interrupt(int irq, void *data);

/* Holds both units in reset, from which kvmcap_npcm_reset() frees them. */
void kvmcap_npcm_hold(struct kvmcap_npcm *npcm);

/* Resets a unit, which can be used at once when this returns. May sleep. */
void kvmcap_npcm_reset(struct kvmcap_npcm *npcm, enum kvmcap_npcm_unit unit);

/* Gets the ECE ready for the frame buffer as it is. May sleep. */
void kvmcap_npcm_ece_start(struct kvmcap_npcm *npcm);

void kvmcap_npcm_ece_stop(struct kvmcap_npcm *npcm);

/* Captures begin anew to count what the ECE may do wrong. */
void kvmcap_npcm_ece_begin(struct kvmcap_npcm *npcm);

/*
 * Compresses @run and puts its tiles into @sink. 0; -ETIMEDOUT if the ECE does
 * not answer; -EBADMSG if it answers nonsense; what the sink returned.
 */
int kvmcap_npcm_ece_tiles(struct kvmcap_npcm *npcm,
			  const struct kvmcap_tile_run *run,
			  struct kvmcap_tile_sink *sink);

#endif
