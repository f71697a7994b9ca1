// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's registers as a window of memory, for drivers that find it in a
 * device tree: User-Mode Linux can do that.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>

#include "sim.h"

/* All of a model's registers are one window, from the first on. */
static bool is_register(const struct kvmcap_sim *sim, unsigned int offset,
			int size)
{
	return size == 4 && offset % 4 == 0 &&
	       offset <= sim->model->window_size - 4;
}

static unsigned long window_read(void *priv, unsigned int offset, int size)
{
	return is_register(priv, offset, size) ? kvmcap_sim_read(priv, offset) : ~0UL;
}

static void window_write(void *priv, unsigned int offset, int size,
			 unsigned long value)
{
	if (is_register(priv, offset, size))
		kvmcap_sim_write(priv, offset, value);
}

static const struct logic_iomem_ops window_ops = {
	.read = window_read,
	.write = window_write,
};

/* There is one window at most, and it stays. */
static struct kvmcap_sim *window_sim;
static struct resource window_resource = {
	.name = "kvmcap-sim",
	.flags = IORESOURCE_MEM,
};

/*
 * The slot that the first mapping got: where the kernel keeps it, and what
 * address mappings in it begin at. See pool_map().
 */
static const void *first_slot;
static unsigned long first_address;

static long window_map(unsigned long offset, size_t size,
		       const struct logic_iomem_ops **ops, void **priv)
{
	if (!first_slot)
		first_slot = ops;
	*ops = &window_ops;
	*priv = window_sim;
	return offset;
}

static const struct logic_iomem_region_ops region_ops = {
	.map = window_map,
};

/*
 * UML's DMA allocations end at 4 MiB, an engine's source buffers do not. A device
 * can have reserved memory of its own instead, which the kernel wants to remap
 * before it uses it, and UML can remap only what is not memory. Hence the
 * reserved memory is made a window, too, the mapping of which is the memory
 * itself: an offset that leads there from where the mapping's slot begins. A slot
 * is two pointers in the kernel and SLOT_SIZE bytes of address.
 */
#define SLOT_SIZE	BIT(24)

static struct resource pool_resource = {
	.name = "kvmcap-sim buffers",
	.flags = IORESOURCE_MEM,
};

static long pool_map(unsigned long offset, size_t size,
		     const struct logic_iomem_ops **ops, void **priv)
{
	long slot = ((const char *)ops - (const char *)first_slot) /
		    (long)(2 * sizeof(void *));
	unsigned long address = first_address + slot * SLOT_SIZE;
	void *memory = phys_to_virt(pool_resource.start + offset);

	*ops = &window_ops;
	*priv = window_sim;
	return (unsigned long)memory - address;
}

static const struct logic_iomem_region_ops pool_ops = {
	.map = pool_map,
};

static int pool_init(const struct kvmcap_sim *sim)
{
	const struct reserved_mem *pool;
	struct device_node *node;
	void __iomem *first;

	node = of_find_compatible_node(NULL, NULL, "shared-dma-pool");
	if (!node)
		return 0;
	pool = of_reserved_mem_lookup(node);
	of_node_put(node);
	if (!pool)
		return 0;
	pool_resource.start = pool->base;
	pool_resource.end = pool->base + pool->size - 1;

	first = ioremap(window_resource.start, sim->model->window_size);
	if (!first)
		return -ENOMEM;
	first_address = (__force unsigned long)first;
	iounmap(first);
	return logic_iomem_add_region(&pool_resource, &pool_ops);
}

/*
 * Mainline's npcm-video reads a size that the engine left in memory by readl(),
 * which UML does not allow. For the proof its call is led here instead, see
 * tools/testing/e2e/mainline-npcm.
 */
u32 kvmcap_sim_readl(const void __iomem *address);
u32 kvmcap_sim_readl(const void __iomem *address)
{
	u32 value;

	memcpy(&value, (const void __force *)address, sizeof(value));
	return value;
}
EXPORT_SYMBOL_GPL(kvmcap_sim_readl);

int kvmcap_sim_window_init(struct kvmcap_sim *sim)
{
	int err;

	window_sim = sim;
	window_resource.start = sim->window;
	window_resource.end = sim->window + sim->model->window_size - 1;
	err = logic_iomem_add_region(&window_resource, &region_ops);
	if (err)
		return err;
	/* A region cannot be taken away again. */
	__module_get(THIS_MODULE);
	err = pool_init(sim);
	if (err)
		pr_warn("kvmcap-sim: no memory for the engine: %d\n", err);
	return 0;
}
