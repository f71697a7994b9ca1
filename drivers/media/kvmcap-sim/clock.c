// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's clocks: gates, without which its registers are dead.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/err.h>
#include <linux/of.h>

#include "sim.h"

static unsigned int count_clocks(const struct kvmcap_sim *sim)
{
	unsigned int count = 0;

	while (count < KVMCAP_SIM_CLOCKS_MAX && sim->model->clocks[count])
		count++;
	return count;
}

static struct kvmcap_sim_gate *gate_of(struct clk_hw *hw)
{
	return container_of(hw, struct kvmcap_sim_gate, hw);
}

static void gate_set(struct kvmcap_sim_gate *gate, bool on)
{
	struct kvmcap_sim *sim = gate->sim;
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	__assign_bit(gate->index, &sim->clocks, on);
	sim->model->clock(sim->state, sim->clocks == BIT(count_clocks(sim)) - 1);
	spin_unlock_irqrestore(&sim->lock, flags);
}

static int gate_enable(struct clk_hw *hw)
{
	gate_set(gate_of(hw), true);
	kvmcap_sim_job_kick(gate_of(hw)->sim);
	return 0;
}

static void gate_disable(struct clk_hw *hw)
{
	gate_set(gate_of(hw), false);
}

static int gate_is_enabled(struct clk_hw *hw)
{
	struct kvmcap_sim_gate *gate = gate_of(hw);

	return test_bit(gate->index, &gate->sim->clocks);
}

static const struct clk_ops gate_ops = {
	.enable = gate_enable,
	.disable = gate_disable,
	.is_enabled = gate_is_enabled,
};

static int gate_init(struct kvmcap_sim *sim, unsigned int index)
{
	struct kvmcap_sim_gate *gate = &sim->gates[index];
	char name[KVMCAP_SIM_NAME_MAX + 8];
	const struct clk_init_data init = {
		.name = name,
		.ops = &gate_ops,
	};
	int err;

	snprintf(name, sizeof(name), "%s-%s", sim->name, sim->model->clocks[index]);
	gate->sim = sim;
	gate->index = index;
	gate->hw.init = &init;
	err = clk_hw_register(NULL, &gate->hw);
	if (err || sim->node)
		return err;

	gate->lookup = clkdev_hw_create(&gate->hw, sim->model->clocks[index],
					"%s", sim->engine_name);
	if (!gate->lookup) {
		clk_hw_unregister(&gate->hw);
		return -ENOMEM;
	}
	return 0;
}

static void gate_exit(struct kvmcap_sim_gate *gate)
{
	if (gate->lookup)
		clkdev_drop(gate->lookup);
	clk_hw_unregister(&gate->hw);
}

static struct clk_hw *gate_get(struct of_phandle_args *spec, void *data)
{
	struct kvmcap_sim *sim = data;

	if (spec->args[0] >= count_clocks(sim))
		return ERR_PTR(-EINVAL);
	return &sim->gates[spec->args[0]].hw;
}

int kvmcap_sim_clocks_init(struct kvmcap_sim *sim)
{
	unsigned int i;
	int err;

	for (i = 0; i < count_clocks(sim); i++) {
		err = gate_init(sim, i);
		if (err)
			goto exit_gates;
	}
	if (!sim->node)
		return 0;
	err = of_clk_add_hw_provider(sim->node, gate_get, sim);
	if (err)
		goto exit_gates;
	return 0;

exit_gates:
	while (i--)
		gate_exit(&sim->gates[i]);
	return err;
}

void kvmcap_sim_clocks_exit(struct kvmcap_sim *sim)
{
	unsigned int i = count_clocks(sim);

	if (sim->node)
		of_clk_del_provider(sim->node);
	while (i--)
		gate_exit(&sim->gates[i]);
}
