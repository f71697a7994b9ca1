// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the engine does while nobody asks it to: it takes its time.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>

#include "sim.h"

/* How often it is looked whether what has been made late is due. */
#define DELAY_POLL_MS	20

/* @work: enum aspeed_ve_work */
static bool has_work(struct kvmcap_sim *sim, unsigned int *work)
{
	unsigned long flags;
	bool any;

	spin_lock_irqsave(&sim->lock, flags);
	any = aspeed_ve_has_work(&sim->ve);
	*work = sim->ve.work;
	spin_unlock_irqrestore(&sim->lock, flags);
	return any;
}

/* Counted from the trigger: one that comes later waits its own time. */
static bool is_due(struct kvmcap_sim *sim)
{
	u32 delay_ms = READ_ONCE(sim->delay_ms);

	return !delay_ms || time_after(jiffies, READ_ONCE(sim->triggered) +
						msecs_to_jiffies(delay_ms));
}

/* The screen's next frame begins. */
static void wait_for_vsync(void)
{
	unsigned int period = USEC_PER_SEC / kvmcap_sim_refresh;
	unsigned int left;

	div_u64_rem(ktime_to_us(ktime_get()), period, &left);
	left = period - left;
	usleep_range(left, left + period / 8);
}

static bool step(struct kvmcap_sim *sim)
{
	unsigned long flags;
	bool more;

	spin_lock_irqsave(&sim->lock, flags);
	more = aspeed_ve_step(&sim->ve);
	spin_unlock_irqrestore(&sim->lock, flags);
	cond_resched();
	return more;
}

/* From one line of the screen to the last; no write to it comes between. */
static void capture(struct kvmcap_sim *sim)
{
	bool capturing = true;

	mutex_lock(&sim->screen_lock);
	while (capturing && step(sim))
		capturing = READ_ONCE(sim->ve.work) == ASPEED_VE_CAPTURE;
	mutex_unlock(&sim->screen_lock);
}

static void job_worker(struct work_struct *work)
{
	struct kvmcap_sim *sim = container_of(work, struct kvmcap_sim, job);
	unsigned int doing;

	while (has_work(sim, &doing)) {
		if (doing != ASPEED_VE_COMPRESS && !is_due(sim)) {
			msleep(DELAY_POLL_MS);
		} else if (doing == ASPEED_VE_CAPTURE) {
			wait_for_vsync();
			capture(sim);
		} else {
			step(sim);
		}
	}
}

void kvmcap_sim_job_kick(struct kvmcap_sim *sim)
{
	unsigned int doing;

	if (has_work(sim, &doing))
		queue_work(sim->queue, &sim->job);
}

int kvmcap_sim_job_init(struct kvmcap_sim *sim)
{
	INIT_WORK(&sim->job, job_worker);
	sim->queue = alloc_workqueue("%s", WQ_UNBOUND, 1, sim->name);
	return sim->queue ? 0 : -ENOMEM;
}

void kvmcap_sim_job_exit(struct kvmcap_sim *sim)
{
	cancel_work_sync(&sim->job);
	destroy_workqueue(sim->queue);
}
