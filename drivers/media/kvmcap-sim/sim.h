/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kvmcap-sim: hosts that do not exist, and the video engines that look at them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_SIM_H
#define KVMCAP_SIM_H

#include <linux/clk-provider.h>
#include <linux/clkdev.h>
#include <linux/irqdomain.h>
#include <linux/kvmcap-sim.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/regmap.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "aspeed_platform.h"
#include "aspeed_ve_model.h"

#define KVMCAP_SIM_DEVICES_MAX	8
#define KVMCAP_SIM_VRAM_SIZE	(KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX * 4)
#define KVMCAP_SIM_NAME_MAX	24

/* Refresh rate of hosts' screens, Hz; and how late interrupts can be made. */
#define KVMCAP_SIM_REFRESH_MAX	240
#define KVMCAP_SIM_DELAY_MAX_MS	5000

/**
 * enum kvmcap_sim_clock - clocks of an engine
 * @KVMCAP_SIM_VCLK: of its video side
 * @KVMCAP_SIM_ECLK: of its engine side
 * @KVMCAP_SIM_CLOCKS: how many there are
 */
enum kvmcap_sim_clock {
	KVMCAP_SIM_VCLK,
	KVMCAP_SIM_ECLK,
	KVMCAP_SIM_CLOCKS,
};

struct kvmcap_sim;

/**
 * struct kvmcap_sim_gate - a clock
 * @hw: as the clock framework knows it
 * @lookup: how the engine's driver finds it, unless by device tree
 * @sim: whose it is
 * @index: enum kvmcap_sim_clock
 */
struct kvmcap_sim_gate {
	struct clk_hw hw;
	struct clk_lookup *lookup;
	struct kvmcap_sim *sim;
	unsigned int index;
};

/**
 * struct kvmcap_sim - a host and its engine
 * @name: "kvmcap-sim0"
 * @engine_name: name of the engine's device, "kvmcap-ast2600.0"
 * @index: the 0 in them
 * @parent: the engine device's parent, whose regmap has the registers
 * @regmap: that; NULL if the registers are a window of memory
 * @node: the device tree node that interrupt and clocks hang on, or NULL
 * @window: address of the window of memory, or 0
 * @engine: the engine's device, or NULL if the device tree has it
 * @platform: describes it
 * @gates: its clocks
 * @domain: its interrupt
 * @irq: Linux number of that
 * @irq_flags: bits of enum kvmcap_sim_irq_flag
 * @deliver: hands the interrupt over; queued whenever it may be time to
 * @queue: where @job runs
 * @job: does the engine's work
 * @delay_ms: how much longer that takes
 * @triggered: when the engine was last told to do something, jiffies
 * @misc: /dev/kvmcap-simN
 * @debug: its folder in debugfs
 * @screen_lock: see below
 * @vram: the screen
 * @mode: what it shows
 * @lock: see below
 * @clocks: which of the clocks run, bits
 * @ve: the engine
 */
struct kvmcap_sim {
	char name[KVMCAP_SIM_NAME_MAX];
	char engine_name[KVMCAP_SIM_NAME_MAX];
	unsigned int index;
	struct device *parent;
	struct regmap *regmap;
	struct device_node *node;
	unsigned long window;
	struct platform_device *engine;
	struct kvmcap_aspeed_platform platform;
	struct kvmcap_sim_gate gates[KVMCAP_SIM_CLOCKS];
	struct irq_domain *domain;
	unsigned int irq;
	unsigned long irq_flags;
	struct work_struct deliver;
	struct workqueue_struct *queue;
	struct work_struct job;
	u32 delay_ms;
	unsigned long triggered;
	struct miscdevice misc;
	struct dentry *debug;

	/* Guards mode, and vram against changing during a capture. Outer. */
	struct mutex screen_lock;
	u32 *vram;
	struct kvmcap_sim_mode mode;

	/* Guards clocks and ve. Innermost; taken in any context. */
	spinlock_t lock;
	unsigned long clocks;
	struct aspeed_ve ve;
};

/* Module parameters. */
extern unsigned int kvmcap_sim_refresh;

/* device.c: one host */
struct kvmcap_sim *kvmcap_sim_create(unsigned int index, unsigned int soc,
				     unsigned long window);
void kvmcap_sim_destroy(struct kvmcap_sim *sim);
u32 kvmcap_sim_read(struct kvmcap_sim *sim, u32 offset);
void kvmcap_sim_write(struct kvmcap_sim *sim, u32 offset, u32 value);
void kvmcap_sim_set_faults(struct kvmcap_sim *sim, u32 faults);

/* job.c: what the engine does while nobody asks it to */
int kvmcap_sim_job_init(struct kvmcap_sim *sim);
void kvmcap_sim_job_exit(struct kvmcap_sim *sim);
void kvmcap_sim_job_kick(struct kvmcap_sim *sim);

/* irq.c: the engine's interrupt */
int kvmcap_sim_irq_init(struct kvmcap_sim *sim);
void kvmcap_sim_irq_exit(struct kvmcap_sim *sim);
void kvmcap_sim_irq_level(struct kvmcap_sim *sim, bool level);

/* clock.c: its clocks */
int kvmcap_sim_clocks_init(struct kvmcap_sim *sim);
void kvmcap_sim_clocks_exit(struct kvmcap_sim *sim);

/* screen.c: what the host shows */
int kvmcap_sim_screen_init(struct kvmcap_sim *sim);
void kvmcap_sim_screen_exit(struct kvmcap_sim *sim);

/* debug.c: how to make it fail */
void kvmcap_sim_debug_init(struct kvmcap_sim *sim);
void kvmcap_sim_debug_exit(struct kvmcap_sim *sim);

/* window.c: registers as a window of memory, on kernels that can do that */
#ifdef CONFIG_INDIRECT_IOMEM
int kvmcap_sim_window_init(struct kvmcap_sim *sim);
#else
static inline int kvmcap_sim_window_init(struct kvmcap_sim *sim)
{
	return -EOPNOTSUPP;
}
#endif

#endif
