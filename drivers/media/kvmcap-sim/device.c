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

/* The node of a device tree that the modelled engine's inputs come from. */
#define NODE_COMPATIBLE	"kvmcap,sim"

u32 kvmcap_sim_read(struct kvmcap_sim *sim, u32 offset)
{
	unsigned long flags;
	u32 value;

	spin_lock_irqsave(&sim->lock, flags);
	if (offset && offset == sim->model->polled)
		kvmcap_sim_job_polled(sim);
	value = sim->model->read(sim->state, offset);
	spin_unlock_irqrestore(&sim->lock, flags);
	return value;
}

void kvmcap_sim_write(struct kvmcap_sim *sim, u32 offset, u32 value)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	if (sim->model->write(sim->state, offset, value))
		WRITE_ONCE(sim->triggered, jiffies);
	spin_unlock_irqrestore(&sim->lock, flags);
	kvmcap_sim_job_kick(sim);
}

void kvmcap_sim_reset(struct kvmcap_sim *sim, unsigned int unit, bool asserted)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->model->reset(sim->state, unit, asserted);
	spin_unlock_irqrestore(&sim->lock, flags);
}

u32 kvmcap_sim_faults(struct kvmcap_sim *sim)
{
	unsigned long flags;
	u32 faults;

	spin_lock_irqsave(&sim->lock, flags);
	faults = sim->model->faults(sim->state);
	spin_unlock_irqrestore(&sim->lock, flags);
	return faults;
}

void kvmcap_sim_set_faults(struct kvmcap_sim *sim, u32 faults)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->model->set_faults(sim->state, faults);
	spin_unlock_irqrestore(&sim->lock, flags);
	kvmcap_sim_job_kick(sim);
}

static int bus_read(void *context, unsigned int offset, unsigned int *value)
{
	struct kvmcap_sim_bus *bus = context;

	*value = kvmcap_sim_read(bus->sim, bus->registers->offset + offset);
	return 0;
}

static int bus_write(void *context, unsigned int offset, unsigned int value)
{
	struct kvmcap_sim_bus *bus = context;

	kvmcap_sim_write(bus->sim, bus->registers->offset + offset, value);
	return 0;
}

static const struct regmap_bus bus_ops = {
	.fast_io = true,
	.reg_read = bus_read,
	.reg_write = bus_write,
};

/* The memory that the engine was given is all that its bus leads to. */
static u8 *own_memory(struct kvmcap_sim *sim, u32 address, size_t length)
{
	u32 base = sim->model->memory_base;
	size_t size = sim->model->memory_size;

	if (address < base || length > size || address - base > size - length)
		return NULL;
	return sim->memory + (address - base);
}

/*
 * A driver that does not know of the model has memory of the machine, whose bus
 * addresses are physical ones as long as there is no IOMMU.
 */
static u8 *machine_memory(u32 address, size_t length)
{
	unsigned long first = PHYS_PFN(address);
	unsigned long last = PHYS_PFN((u64)address + length - 1);

	for (; first <= last; first++)
		if (!pfn_valid(first))
			return NULL;
	return phys_to_virt(address);
}

/* For the models: where @length bytes at bus address @address are, or NULL. */
u8 *kvmcap_sim_memory(void *context, u32 address, size_t length)
{
	struct kvmcap_sim *sim = context;
	u8 *bytes;

	if (sim->memory)
		bytes = own_memory(sim, address, length);
	else
		bytes = machine_memory(address, length);
	if (!bytes)
		sim->bad_addresses++;
	return bytes;
}

/* For the models: their interrupt line changed. */
void kvmcap_sim_interrupt(void *context, bool level)
{
	kvmcap_sim_irq_level(context, level);
}

static int engine_init(struct kvmcap_sim *sim)
{
	const struct resource irq = DEFINE_RES_IRQ(sim->irq);
	union kvmcap_sim_platform platform = {};
	const struct platform_device_info info = {
		.parent = sim->parent,
		.name = sim->model->device,
		.id = sim->index,
		.res = &irq,
		.num_res = 1,
		.data = &platform,
		.size_data = sim->model->platform_size,
		.dma_mask = DMA_BIT_MASK(32),
	};

	sim->model->platform(sim, &platform);
	sim->engine = platform_device_register_full(&info);
	return PTR_ERR_OR_ZERO(sim->engine);
}

static int bus_init(struct kvmcap_sim *sim, unsigned int index)
{
	const struct kvmcap_sim_registers *registers = &sim->model->registers[index];
	struct kvmcap_sim_bus *bus = &sim->buses[index];
	const struct regmap_config config = {
		.name = registers->name,
		.reg_bits = 32,
		.val_bits = 32,
		.reg_stride = 4,
		.max_register = registers->size - 4,
		.fast_io = true,
	};

	bus->sim = sim;
	bus->registers = registers;
	bus->regmap = regmap_init(sim->parent, &bus_ops, bus, &config);
	return PTR_ERR_OR_ZERO(bus->regmap);
}

static void buses_exit(struct kvmcap_sim *sim, unsigned int count)
{
	while (count--)
		regmap_exit(sim->buses[count].regmap);
}

static unsigned int count_buses(const struct kvmcap_sim *sim)
{
	unsigned int count = 0;

	while (count < KVMCAP_SIM_BUSES_MAX && sim->model->registers[count].size)
		count++;
	return count;
}

/*
 * The registers hang on the engine's parent: a device that is still to be bound
 * to a driver must not have managed resources.
 */
static int registers_init(struct kvmcap_sim *sim)
{
	unsigned int i;
	int err;

	sim->parent = root_device_register(sim->name);
	if (IS_ERR(sim->parent))
		return PTR_ERR(sim->parent);

	for (i = 0; i < count_buses(sim); i++) {
		err = bus_init(sim, i);
		if (err)
			goto exit_buses;
	}
	return 0;

exit_buses:
	buses_exit(sim, i);
	root_device_unregister(sim->parent);
	return err;
}

static void registers_exit(struct kvmcap_sim *sim)
{
	buses_exit(sim, count_buses(sim));
	root_device_unregister(sim->parent);
}

/*
 * The engine's device, its registers and its memory. A window of memory comes when
 * all else is there, see kvmcap_sim_window_init().
 */
static int attach(struct kvmcap_sim *sim)
{
	int err;

	if (sim->window)
		return 0;

	sim->memory = vzalloc(sim->model->memory_size);
	if (!sim->memory)
		return -ENOMEM;
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
	vfree(sim->memory);
	return err;
}

static void detach(struct kvmcap_sim *sim)
{
	if (sim->window)
		return;
	platform_device_unregister(sim->engine);
	registers_exit(sim);
	vfree(sim->memory);
}

static struct kvmcap_sim *alloc(unsigned int index,
				const struct kvmcap_sim_model *model,
				unsigned long window)
{
	struct kvmcap_sim *sim;

	sim = kzalloc(sizeof(*sim), GFP_KERNEL);
	if (!sim)
		return NULL;
	sim->state = kvzalloc(model->state_size, GFP_KERNEL);
	if (!sim->state) {
		kfree(sim);
		return NULL;
	}
	sim->model = model;
	sim->index = index;
	sim->window = window;
	snprintf(sim->name, sizeof(sim->name), "kvmcap-sim%u", index);
	snprintf(sim->engine_name, sizeof(sim->engine_name), "%s.%u",
		 model->device, index);
	mutex_init(&sim->screen_lock);
	spin_lock_init(&sim->lock);
	if (window)
		sim->node = of_find_compatible_node(NULL, NULL, NODE_COMPATIBLE);
	model->init(sim->state, model->soc, sim);
	return sim;
}

static void destroy(struct kvmcap_sim *sim)
{
	of_node_put(sim->node);
	kvfree(sim->state);
	kfree(sim);
}

struct kvmcap_sim *kvmcap_sim_create(unsigned int index,
				     const struct kvmcap_sim_model *model,
				     unsigned long window)
{
	struct kvmcap_sim *sim;
	int err;

	sim = alloc(index, model, window);
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
	err = kvmcap_sim_resets_init(sim);
	if (err)
		goto exit_clocks;
	err = kvmcap_sim_screen_init(sim);
	if (err)
		goto exit_resets;
	err = attach(sim);
	if (err)
		goto exit_screen;
	kvmcap_sim_debug_init(sim);
	return sim;

exit_screen:
	kvmcap_sim_screen_exit(sim);
exit_resets:
	kvmcap_sim_resets_exit(sim);
exit_clocks:
	kvmcap_sim_clocks_exit(sim);
exit_irq:
	kvmcap_sim_irq_exit(sim);
exit_job:
	kvmcap_sim_job_exit(sim);
free_sim:
	destroy(sim);
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
	kvmcap_sim_resets_exit(sim);
	kvmcap_sim_clocks_exit(sim);
	kvmcap_sim_irq_exit(sim);
	kvmcap_sim_job_exit(sim);
	destroy(sim);
}
