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

static enum kvmcap_sim_work work_of(struct kvmcap_sim *sim)
{
	enum kvmcap_sim_work work;
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	work = sim->model->work(sim->state);
	spin_unlock_irqrestore(&sim->lock, flags);
	return work;
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

/* Returns what there is to do after that. */
static enum kvmcap_sim_work step(struct kvmcap_sim *sim)
{
	enum kvmcap_sim_work work;
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	if (sim->model->work(sim->state) != KVMCAP_SIM_IDLE)
		sim->model->step(sim->state);
	work = sim->model->work(sim->state);
	spin_unlock_irqrestore(&sim->lock, flags);
	cond_resched();
	return work;
}

/* Caller holds lock. */
void kvmcap_sim_job_polled(struct kvmcap_sim *sim)
{
	lockdep_assert_held(&sim->lock);
	while (sim->model->work(sim->state) == KVMCAP_SIM_ANSWER && is_due(sim))
		sim->model->step(sim->state);
}

/* From one line of the screen to the last; no write to it comes between. */
static void capture(struct kvmcap_sim *sim)
{
	mutex_lock(&sim->screen_lock);
	while (step(sim) == KVMCAP_SIM_CAPTURE)
		;
	mutex_unlock(&sim->screen_lock);
}

static void job_worker(struct work_struct *job)
{
	struct kvmcap_sim *sim = container_of(job, struct kvmcap_sim, job);
	enum kvmcap_sim_work work;

	while ((work = work_of(sim)) != KVMCAP_SIM_IDLE) {
		if (work != KVMCAP_SIM_ENCODE && !is_due(sim)) {
			msleep(DELAY_POLL_MS);
		} else if (work == KVMCAP_SIM_CAPTURE) {
			wait_for_vsync();
			capture(sim);
		} else {
			step(sim);
		}
	}
}

void kvmcap_sim_job_kick(struct kvmcap_sim *sim)
{
	if (work_of(sim) != KVMCAP_SIM_IDLE)
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
