// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's registers as a window of memory, for drivers that find it in a
 * device tree: User-Mode Linux can do that.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/ioport.h>
#include <linux/logic_iomem.h>
#include <linux/module.h>

#include "sim.h"

static unsigned long window_read(void *priv, unsigned int offset, int size)
{
	if (size != 4 || offset % 4 || offset > VE_WINDOW - 4)
		return ~0UL;
	return kvmcap_sim_read(priv, offset);
}

static void window_write(void *priv, unsigned int offset, int size,
			 unsigned long value)
{
	if (size != 4 || offset % 4 || offset > VE_WINDOW - 4)
		return;
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

static long window_map(unsigned long offset, size_t size,
		       const struct logic_iomem_ops **ops, void **priv)
{
	*ops = &window_ops;
	*priv = window_sim;
	return offset;
}

static const struct logic_iomem_region_ops region_ops = {
	.map = window_map,
};

int kvmcap_sim_window_init(struct kvmcap_sim *sim)
{
	int err;

	window_sim = sim;
	window_resource.start = sim->window;
	window_resource.end = sim->window + VE_WINDOW - 1;
	err = logic_iomem_add_region(&window_resource, &region_ops);
	if (err)
		return err;
	/* A region cannot be taken away again. */
	__module_get(THIS_MODULE);
	return 0;
}
