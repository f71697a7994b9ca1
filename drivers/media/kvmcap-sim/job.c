// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the engine does while nobody asks it to: it takes its time.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/math64.h>

#include "sim.h"

static bool has_work(struct kvmcap_sim *sim, bool *capture)
{
	unsigned long flags;
	bool work;

	spin_lock_irqsave(&sim->lock, flags);
	work = aspeed_ve_has_work(&sim->ve);
	*capture = sim->ve.work == ASPEED_VE_CAPTURE;
	spin_unlock_irqrestore(&sim->lock, flags);
	return work;
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
	u32 delay_ms = READ_ONCE(sim->delay_ms);
	bool is_capture;

	if (delay_ms)
		msleep(delay_ms);
	while (has_work(sim, &is_capture)) {
		if (is_capture) {
			wait_for_vsync();
			capture(sim);
		} else {
			step(sim);
		}
	}
}

void kvmcap_sim_job_kick(struct kvmcap_sim *sim)
{
	bool is_capture;

	if (has_work(sim, &is_capture))
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
