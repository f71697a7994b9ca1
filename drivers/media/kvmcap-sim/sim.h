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
#include <linux/reset-controller.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "aspeed_platform.h"
#include "npcm_platform.h"

#define KVMCAP_SIM_DEVICES_MAX	8
#define KVMCAP_SIM_BUSES_MAX	4
#define KVMCAP_SIM_VRAM_SIZE	(KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX * 4)
#define KVMCAP_SIM_NAME_MAX	24

/* Refresh rate of hosts' screens, Hz; and how late interrupts can be made. */
#define KVMCAP_SIM_REFRESH_MAX	240
#define KVMCAP_SIM_DELAY_MAX_MS	5000

/**
 * enum kvmcap_sim_work - what an engine has to do
 * @KVMCAP_SIM_IDLE: nothing
 * @KVMCAP_SIM_ANSWER: what it was told to; it can be made late
 * @KVMCAP_SIM_CAPTURE: capturing, from the screen's next frame on, of which no
 *	part may change meanwhile; it can be made late
 * @KVMCAP_SIM_ENCODE: what follows a capture, at once
 */
enum kvmcap_sim_work {
	KVMCAP_SIM_IDLE,
	KVMCAP_SIM_ANSWER,
	KVMCAP_SIM_CAPTURE,
	KVMCAP_SIM_ENCODE,
};

/* Clocks of an engine, at most. */
#define KVMCAP_SIM_CLOCKS_MAX	2

struct kvmcap_sim;

/**
 * struct kvmcap_sim_registers - registers that a driver sees as one regmap
 * @name: of the regmap; NULL if there is one only
 * @offset: where they begin among all of the model's
 * @size: bytes
 */
struct kvmcap_sim_registers {
	const char *name;
	u32 offset;
	u32 size;
};

/**
 * union kvmcap_sim_platform - what a driver is told of its engine
 * @aspeed: by ASPEED's
 * @npcm: by Nuvoton's
 */
union kvmcap_sim_platform {
	struct kvmcap_aspeed_platform aspeed;
	struct kvmcap_npcm_platform npcm;
};

/**
 * struct kvmcap_sim_model - a kind of engine
 * @name: of its SoC, as in the parameter soc=
 * @device: of its platform device
 * @soc: which of its SoCs, a number that only the model knows
 * @state_size: bytes of what the functions below get as their first argument
 * @memory_size: bytes of memory that the engine has for itself
 * @memory_base: at which bus address, as on the SoC
 * @platform_size: bytes of its part of union kvmcap_sim_platform
 * @registers: KVMCAP_SIM_BUSES_MAX, the unused ones without a size
 * @window_size: bytes from the first to the last of them
 * @clocks: names of its clocks, the unused ones NULL
 * @resets: how many of its units can be reset
 * @polled: offset of a register that is read again and again without a pause, in
 *	which nothing else might get to run, until the reader's patience ends:
 *	what is due is done with the first read. Or 0.
 * @faults_all: what can go wrong, bits
 * @init: power-on; the clocks are off, and there is no signal
 * @platform: fill in what the driver is told
 * @read: the processor reads a register
 * @write: the processor writes one. Returns whether this is how the engine is
 *	told to do something.
 * @clock: all clocks run, or not. Optional.
 * @reset: hold a unit in reset, or let it go. Optional.
 * @signal: the host's video output changed
 * @faults: what goes wrong; some of it does so once only
 * @set_faults: what goes wrong from now on
 * @work: enum kvmcap_sim_work
 * @step: do a part of that
 *
 * All but @init and @platform are called with kvmcap_sim.lock held.
 */
struct kvmcap_sim_model {
	const char *name;
	const char *device;
	unsigned int soc;
	size_t state_size;
	size_t memory_size;
	u32 memory_base;
	size_t platform_size;
	struct kvmcap_sim_registers registers[KVMCAP_SIM_BUSES_MAX];
	u32 window_size;
	const char *clocks[KVMCAP_SIM_CLOCKS_MAX];
	unsigned int resets;
	u32 polled;
	u32 faults_all;
	void (*init)(void *state, unsigned int soc, struct kvmcap_sim *sim);
	void (*platform)(struct kvmcap_sim *sim, union kvmcap_sim_platform *data);
	u32 (*read)(void *state, u32 offset);
	bool (*write)(void *state, u32 offset, u32 value);
	void (*clock)(void *state, bool on);
	void (*reset)(void *state, unsigned int unit, bool asserted);
	void (*signal)(void *state, const struct kvmcap_sim_mode *mode,
		       const u32 *pixels);
	u32 (*faults)(void *state);
	void (*set_faults)(void *state, u32 faults);
	enum kvmcap_sim_work (*work)(void *state);
	void (*step)(void *state);
};

/**
 * struct kvmcap_sim_gate - a clock
 * @hw: as the clock framework knows it
 * @lookup: how the engine's driver finds it, unless by device tree
 * @sim: whose it is
 * @index: in kvmcap_sim_model.clocks
 */
struct kvmcap_sim_gate {
	struct clk_hw hw;
	struct clk_lookup *lookup;
	struct kvmcap_sim *sim;
	unsigned int index;
};

/**
 * struct kvmcap_sim_bus - a regmap of an engine
 * @sim: whose it is
 * @registers: which of its registers
 * @regmap: itself
 */
struct kvmcap_sim_bus {
	struct kvmcap_sim *sim;
	const struct kvmcap_sim_registers *registers;
	struct regmap *regmap;
};

/**
 * struct kvmcap_sim - a host and its engine
 * @model: kind of the engine
 * @name: "kvmcap-sim0"
 * @engine_name: name of the engine's device, "kvmcap-ast2600.0"
 * @index: the 0 in them
 * @parent: the engine device's parent, whose regmaps have the registers
 * @buses: those; unused if the registers are a window of memory
 * @node: the device tree node that interrupt and clocks hang on, or NULL
 * @window: address of the window of memory, or 0
 * @engine: the engine's device, or NULL if the device tree has it
 * @memory: all that the engine's bus leads to, or NULL: that is the machine's
 * @gates: its clocks
 * @resets: those of its units
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
 * @bad_addresses: how often it was sent where there is no memory
 * @state: the engine
 */
struct kvmcap_sim {
	const struct kvmcap_sim_model *model;
	char name[KVMCAP_SIM_NAME_MAX];
	char engine_name[KVMCAP_SIM_NAME_MAX];
	unsigned int index;
	struct device *parent;
	struct kvmcap_sim_bus buses[KVMCAP_SIM_BUSES_MAX];
	struct device_node *node;
	unsigned long window;
	struct platform_device *engine;
	u8 *memory;
	struct kvmcap_sim_gate gates[KVMCAP_SIM_CLOCKS_MAX];
	struct reset_controller_dev resets;
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

	/* Guards what follows. Innermost; taken in any context. */
	spinlock_t lock;
	unsigned long clocks;
	u32 bad_addresses;
	void *state;
};

/* Module parameters. */
extern unsigned int kvmcap_sim_refresh;

/* aspeed.c, npcm.c: the kinds of engines, by SoC */
#define KVMCAP_SIM_ASPEED_SOCS	3
extern const struct kvmcap_sim_model
kvmcap_sim_aspeed[KVMCAP_SIM_ASPEED_SOCS];
#define KVMCAP_SIM_NPCM_SOCS	2
extern const struct kvmcap_sim_model kvmcap_sim_npcm[KVMCAP_SIM_NPCM_SOCS];

/* device.c: one host */
struct kvmcap_sim *kvmcap_sim_create(unsigned int index,
				     const struct kvmcap_sim_model *model,
				     unsigned long window);
void kvmcap_sim_destroy(struct kvmcap_sim *sim);
u8 *kvmcap_sim_memory(void *context, u32 address, size_t length);
void kvmcap_sim_interrupt(void *context, bool level);
u32 kvmcap_sim_read(struct kvmcap_sim *sim, u32 offset);
void kvmcap_sim_write(struct kvmcap_sim *sim, u32 offset, u32 value);
void kvmcap_sim_reset(struct kvmcap_sim *sim, unsigned int unit, bool asserted);
u32 kvmcap_sim_faults(struct kvmcap_sim *sim);
void kvmcap_sim_set_faults(struct kvmcap_sim *sim, u32 faults);

/* job.c: what the engine does while nobody asks it to */
int kvmcap_sim_job_init(struct kvmcap_sim *sim);
void kvmcap_sim_job_exit(struct kvmcap_sim *sim);
void kvmcap_sim_job_kick(struct kvmcap_sim *sim);
void kvmcap_sim_job_polled(struct kvmcap_sim *sim);

/* irq.c: the engine's interrupt */
int kvmcap_sim_irq_init(struct kvmcap_sim *sim);
void kvmcap_sim_irq_exit(struct kvmcap_sim *sim);
void kvmcap_sim_irq_level(struct kvmcap_sim *sim, bool level);

/* clock.c: its clocks */
int kvmcap_sim_clocks_init(struct kvmcap_sim *sim);
void kvmcap_sim_clocks_exit(struct kvmcap_sim *sim);

/* reset.c: its resets, on kernels that have such */
#ifdef CONFIG_RESET_CONTROLLER
int kvmcap_sim_resets_init(struct kvmcap_sim *sim);
void kvmcap_sim_resets_exit(struct kvmcap_sim *sim);
#else
static inline int kvmcap_sim_resets_init(struct kvmcap_sim *sim)
{
	return 0;
}

static inline void kvmcap_sim_resets_exit(struct kvmcap_sim *sim)
{
}
#endif

/* screen.c: what the host shows */
int kvmcap_sim_screen_init(struct kvmcap_sim *sim);
int kvmcap_sim_screen_publish(struct kvmcap_sim *sim);
void kvmcap_sim_screen_unpublish(struct kvmcap_sim *sim);
void kvmcap_sim_screens_ready(void);
void kvmcap_sim_screen_exit(struct kvmcap_sim *sim);

/* debug.c: how to make it fail */
void kvmcap_sim_debug_init(struct kvmcap_sim *sim);
void kvmcap_sim_debug_exit(struct kvmcap_sim *sim);

/*
 * window.c: registers as a window of memory, on kernels that can do that. It stays,
 * and the host behind it: after this nothing may fail.
 */
#ifdef CONFIG_INDIRECT_IOMEM
int kvmcap_sim_window_init(struct kvmcap_sim *sim);
#else
static inline int kvmcap_sim_window_init(struct kvmcap_sim *sim)
{
	return -EOPNOTSUPP;
}
#endif

#endif
