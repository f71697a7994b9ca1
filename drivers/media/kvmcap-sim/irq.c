// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine's interrupt: one line, active for as long as the engine wants to
 * be heard. It is delivered by a work item, as a register access can raise it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/of.h>

#include "sim.h"

/* Bits of kvmcap_sim.irq_flags; masked until the driver asks for it. */
enum kvmcap_sim_irq_flag {
	IRQ_ACTIVE,
	IRQ_UNMASKED,
};

static void deliver_if_due(struct kvmcap_sim *sim)
{
	/* Whoever sets one of the two bits sees the other, or is seen. */
	smp_mb__after_atomic();
	if (test_bit(IRQ_ACTIVE, &sim->irq_flags) &&
	    test_bit(IRQ_UNMASKED, &sim->irq_flags))
		queue_work(system_highpri_wq, &sim->deliver);
}

static void chip_mask(struct irq_data *data)
{
	struct kvmcap_sim *sim = irq_data_get_irq_chip_data(data);

	clear_bit(IRQ_UNMASKED, &sim->irq_flags);
}

static void chip_unmask(struct irq_data *data)
{
	struct kvmcap_sim *sim = irq_data_get_irq_chip_data(data);

	set_bit(IRQ_UNMASKED, &sim->irq_flags);
	deliver_if_due(sim);
}

static struct irq_chip chip = {
	.name = "kvmcap-sim",
	.irq_mask = chip_mask,
	.irq_unmask = chip_unmask,
};

static int domain_map(struct irq_domain *domain, unsigned int irq,
		      irq_hw_number_t number)
{
	irq_set_chip_data(irq, domain->host_data);
	irq_set_chip_and_handler(irq, &chip, handle_level_irq);
	irq_set_status_flags(irq, IRQ_LEVEL);
	irq_modify_status(irq, IRQ_NOREQUEST, IRQ_NOPROBE);
	return 0;
}

static const struct irq_domain_ops domain_ops = {
	.map = domain_map,
	.xlate = irq_domain_xlate_onecell,
};

static void deliver_worker(struct work_struct *work)
{
	struct kvmcap_sim *sim = container_of(work, struct kvmcap_sim, deliver);

	if (test_bit(IRQ_ACTIVE, &sim->irq_flags) &&
	    test_bit(IRQ_UNMASKED, &sim->irq_flags))
		generic_handle_irq_safe(sim->irq);
}

void kvmcap_sim_irq_level(struct kvmcap_sim *sim, bool level)
{
	if (!level) {
		clear_bit(IRQ_ACTIVE, &sim->irq_flags);
		return;
	}
	set_bit(IRQ_ACTIVE, &sim->irq_flags);
	deliver_if_due(sim);
}

int kvmcap_sim_irq_init(struct kvmcap_sim *sim)
{
	INIT_WORK(&sim->deliver, deliver_worker);
	sim->domain = irq_domain_create_linear(of_fwnode_handle(sim->node), 1,
					       &domain_ops, sim);
	if (!sim->domain)
		return -ENOMEM;
	sim->irq = irq_create_mapping(sim->domain, 0);
	if (!sim->irq) {
		irq_domain_remove(sim->domain);
		return -ENOMEM;
	}
	return 0;
}

void kvmcap_sim_irq_exit(struct kvmcap_sim *sim)
{
	cancel_work_sync(&sim->deliver);
	irq_dispose_mapping(sim->irq);
	irq_domain_remove(sim->domain);
}
