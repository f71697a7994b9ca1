// SPDX-License-Identifier: GPL-2.0-only
/*
 * One host: its engine's registers and memory, and all the parts put together.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "sim.h"

/* Where ASPEED's SoCs have their memory; it is not this machine's. */
#define BUS_BASE	0x80000000U

/* The node of a device tree that the modelled engine's inputs come from. */
#define NODE_COMPATIBLE	"kvmcap,sim"

static const char * const engine_names[ASPEED_VE_SOCS] = {
	[ASPEED_VE_AST2400] = KVMCAP_ASPEED_AST2400,
	[ASPEED_VE_AST2500] = KVMCAP_ASPEED_AST2500,
	[ASPEED_VE_AST2600] = KVMCAP_ASPEED_AST2600,
};

u32 kvmcap_sim_read(struct kvmcap_sim *sim, u32 offset)
{
	unsigned long flags;
	u32 value;

	spin_lock_irqsave(&sim->lock, flags);
	value = aspeed_ve_read(&sim->ve, offset);
	spin_unlock_irqrestore(&sim->lock, flags);
	return value;
}

void kvmcap_sim_write(struct kvmcap_sim *sim, u32 offset, u32 value)
{
	unsigned long flags;

	if (offset == VE_SEQ)
		WRITE_ONCE(sim->triggered, jiffies);
	spin_lock_irqsave(&sim->lock, flags);
	aspeed_ve_write(&sim->ve, offset, value);
	spin_unlock_irqrestore(&sim->lock, flags);
	kvmcap_sim_job_kick(sim);
}

void kvmcap_sim_set_faults(struct kvmcap_sim *sim, u32 faults)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->ve.faults = faults;
	spin_unlock_irqrestore(&sim->lock, flags);
}

static int bus_read(void *context, unsigned int offset, unsigned int *value)
{
	*value = kvmcap_sim_read(context, offset);
	return 0;
}

static int bus_write(void *context, unsigned int offset, unsigned int value)
{
	kvmcap_sim_write(context, offset, value);
	return 0;
}

static const struct regmap_bus bus = {
	.fast_io = true,
	.reg_read = bus_read,
	.reg_write = bus_write,
};

static const struct regmap_config bus_config = {
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = VE_WINDOW - 4,
	.fast_io = true,
};

/* The memory that the engine was given is all that its bus leads to. */
static u8 *own_memory(void *context, u32 address, size_t length)
{
	struct kvmcap_sim *sim = context;
	u32 offset = address - BUS_BASE;

	if (address < BUS_BASE || length > KVMCAP_ASPEED_MEMORY_SIZE ||
	    offset > KVMCAP_ASPEED_MEMORY_SIZE - length)
		return NULL;
	return (u8 *)sim->platform.memory + offset;
}

/*
 * A driver that does not know of the model has memory of the machine, whose bus
 * addresses are physical ones as long as there is no IOMMU.
 */
static u8 *machine_memory(void *context, u32 address, size_t length)
{
	unsigned long first = PHYS_PFN(address);
	unsigned long last = PHYS_PFN((u64)address + length - 1);

	for (; first <= last; first++)
		if (!pfn_valid(first))
			return NULL;
	return phys_to_virt(address);
}

static void interrupt(void *context, bool level)
{
	kvmcap_sim_irq_level(context, level);
}

static const struct aspeed_ve_machine own_machine = {
	.memory = own_memory,
	.interrupt = interrupt,
};

static const struct aspeed_ve_machine whole_machine = {
	.memory = machine_memory,
	.interrupt = interrupt,
};

static int engine_init(struct kvmcap_sim *sim)
{
	const struct resource irq = DEFINE_RES_IRQ(sim->irq);
	const struct platform_device_info info = {
		.parent = sim->parent,
		.name = engine_names[sim->ve.soc],
		.id = sim->index,
		.res = &irq,
		.num_res = 1,
		.data = &sim->platform,
		.size_data = sizeof(sim->platform),
		.dma_mask = DMA_BIT_MASK(32),
	};

	sim->engine = platform_device_register_full(&info);
	return PTR_ERR_OR_ZERO(sim->engine);
}

/*
 * The registers hang on the engine's parent: a device that is still to be bound
 * to a driver must not have managed resources.
 */
static int registers_init(struct kvmcap_sim *sim)
{
	sim->parent = root_device_register(sim->name);
	if (IS_ERR(sim->parent))
		return PTR_ERR(sim->parent);

	sim->regmap = regmap_init(sim->parent, &bus, sim, &bus_config);
	if (IS_ERR(sim->regmap)) {
		root_device_unregister(sim->parent);
		return PTR_ERR(sim->regmap);
	}
	return 0;
}

static void registers_exit(struct kvmcap_sim *sim)
{
	regmap_exit(sim->regmap);
	root_device_unregister(sim->parent);
}

static int memory_init(struct kvmcap_sim *sim)
{
	sim->platform.address = BUS_BASE;
	sim->platform.memory = vzalloc(KVMCAP_ASPEED_MEMORY_SIZE);
	return sim->platform.memory ? 0 : -ENOMEM;
}

/* The engine's device, its registers and its memory; or the window of memory. */
static int attach(struct kvmcap_sim *sim)
{
	int err;

	if (sim->window)
		return kvmcap_sim_window_init(sim);

	err = memory_init(sim);
	if (err)
		return err;
	err = registers_init(sim);
	if (err)
		goto free_memory;
	err = engine_init(sim);
	if (err)
		goto exit_registers;
	return 0;

exit_registers:
	registers_exit(sim);
free_memory:
	vfree(sim->platform.memory);
	return err;
}

static void detach(struct kvmcap_sim *sim)
{
	if (sim->window)
		return;
	platform_device_unregister(sim->engine);
	registers_exit(sim);
	vfree(sim->platform.memory);
}

static struct kvmcap_sim *alloc(unsigned int index, unsigned int soc,
				unsigned long window)
{
	struct kvmcap_sim *sim;

	sim = kzalloc(sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return NULL;
	sim->index = index;
	sim->window = window;
	snprintf(sim->name, sizeof(sim->name), "kvmcap-sim%u", index);
	snprintf(sim->engine_name, sizeof(sim->engine_name), "%s.%u",
		 engine_names[soc], index);
	mutex_init(&sim->screen_lock);
	spin_lock_init(&sim->lock);
	if (window)
		sim->node = of_find_compatible_node(NULL, NULL, NODE_COMPATIBLE);
	aspeed_ve_init(&sim->ve, soc, window ? &whole_machine : &own_machine, sim);
	return sim;
}

struct kvmcap_sim *kvmcap_sim_create(unsigned int index, unsigned int soc,
				     unsigned long window)
{
	struct kvmcap_sim *sim;
	int err;

	sim = alloc(index, soc, window);
	if (!sim)
		return ERR_PTR(-ENOMEM);
	err = kvmcap_sim_job_init(sim);
	if (err)
		goto free_sim;
	err = kvmcap_sim_irq_init(sim);
	if (err)
		goto exit_job;
	err = kvmcap_sim_clocks_init(sim);
	if (err)
		goto exit_irq;
	err = kvmcap_sim_screen_init(sim);
	if (err)
		goto exit_clocks;
	err = attach(sim);
	if (err)
		goto exit_screen;
	kvmcap_sim_debug_init(sim);
	return sim;

exit_screen:
	kvmcap_sim_screen_exit(sim);
exit_clocks:
	kvmcap_sim_clocks_exit(sim);
exit_irq:
	kvmcap_sim_irq_exit(sim);
exit_job:
	kvmcap_sim_job_exit(sim);
free_sim:
	of_node_put(sim->node);
	kfree(sim);
	return ERR_PTR(err);
}

/*
 * Nobody has the screen open, or the module could not be unloaded. The driver of
 * the engine lets go of it in detach(); after that no work can be queued.
 */
void kvmcap_sim_destroy(struct kvmcap_sim *sim)
{
	kvmcap_sim_debug_exit(sim);
	detach(sim);
	kvmcap_sim_screen_exit(sim);
	kvmcap_sim_clocks_exit(sim);
	kvmcap_sim_irq_exit(sim);
	kvmcap_sim_job_exit(sim);
	of_node_put(sim->node);
	kfree(sim);
}
