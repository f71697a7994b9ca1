// SPDX-License-Identifier: GPL-2.0-only
/*
 * The resets of an engine's units, for drivers that find them in a device tree.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/module.h>

#include "sim.h"

static struct kvmcap_sim *sim_of(struct reset_controller_dev *resets)
{
	return container_of(resets, struct kvmcap_sim, resets);
}

static int assert_reset(struct reset_controller_dev *resets, unsigned long id)
{
	kvmcap_sim_reset(sim_of(resets), id, true);
	return 0;
}

static int deassert_reset(struct reset_controller_dev *resets, unsigned long id)
{
	kvmcap_sim_reset(sim_of(resets), id, false);
	return 0;
}

static const struct reset_control_ops reset_ops = {
	.assert = assert_reset,
	.deassert = deassert_reset,
};

int kvmcap_sim_resets_init(struct kvmcap_sim *sim)
{
	if (!sim->node || !sim->model->resets)
		return 0;
	sim->resets.ops = &reset_ops;
	sim->resets.owner = THIS_MODULE;
	sim->resets.of_node = sim->node;
	sim->resets.nr_resets = sim->model->resets;
	return reset_controller_register(&sim->resets);
}

void kvmcap_sim_resets_exit(struct kvmcap_sim *sim)
{
	if (sim->node && sim->model->resets)
		reset_controller_unregister(&sim->resets);
}
