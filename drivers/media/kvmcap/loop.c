// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that captures, one for each device.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * It climbs, as long as there is demand, and falls back as far as it has to:
 *
 *	OFF --power--> POWERED --detect--> DETECTED --start--> STARTED --capture-.
 *	 ^               ^                    ^                   |  ^           |
 *	 |               |                    '-- timeout, --------  '-----------'
 *	 |               |                        new parameters  |
 *	 |               '-- signal changed, other subsampling ---|
 *	 '-- no demand, fault, suspend ---------------------------'
 *
 * One step up at a time; before each, it looks whether it is still wanted. Each
 * step takes a bounded time, which is the engine's duty, and between failures
 * there are pauses that grow, so that neither an engine that has died nor one
 * that flaps can occupy the processor or fill the kernel's log.
 */
#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/pm_runtime.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include "core.h"
#include "trace.h"

static bool loop_must_leave(void)
{
	return kthread_should_stop() || freezing(current);
}

static bool loop_is_interrupted(struct kvmcap_core *core)
{
	return READ_ONCE(core->events) || loop_must_leave();
}

#define loop_say(core, fmt, ...)						\
do {										\
	struct kvmcap_core *__core = (core);					\
	if (__ratelimit(&__core->messages))					\
		dev_info(&__core->dev, fmt, ##__VA_ARGS__);			\
} while (0)

/* debugfs looks at it. */
static void loop_set_stage(struct kvmcap_core *core, enum kvmcap_stage stage)
{
	WRITE_ONCE(core->loop.stage, stage);
}

/*
 * The device's runtime status, its power domain with it, is that of its engine:
 * "active" from here until loop_power_off().
 */
static int loop_power_on(struct kvmcap_core *core)
{
	struct kvmcap_engine *engine = core->engine;
	int err;

	err = pm_runtime_resume_and_get(engine->dev);
	if (err)
		return err;
	err = engine->ops->power(engine, true);
	if (err)
		pm_runtime_put_sync(engine->dev);

	return err;
}

static void loop_power_off(struct kvmcap_core *core)
{
	struct kvmcap_engine *engine = core->engine;

	engine->ops->power(engine, false);
	pm_runtime_put_sync(engine->dev);
}

static void loop_fall(struct kvmcap_core *core, enum kvmcap_stage stage)
{
	struct kvmcap_loop *loop = &core->loop;

	if (loop->stage <= stage)
		return;

	if (loop->stage == KVMCAP_STAGE_STARTED)
		core->engine->ops->stop(core->engine);
	/* What an engine that is stopped has missed, it has missed. */
	loop->full = true;
	if (stage == KVMCAP_STAGE_OFF)
		loop_power_off(core);
	loop_set_stage(core, stage);
}

static void loop_pause(struct kvmcap_core *core)
{
	struct kvmcap_loop *loop = &core->loop;
	unsigned int least = KVMCAP_BACKOFF_MIN_MS;

	if (!loop->failures++)
		return;

	loop->backoff_ms = clamp_t(unsigned int, 2 * loop->backoff_ms, least,
				   KVMCAP_BACKOFF_MAX_MS);
	/* An event ends the pause, but a flood of events does not. */
	wait_event_interruptible_timeout(core->wake, loop_must_leave(),
					 msecs_to_jiffies(least));
	if (loop->backoff_ms > least)
		wait_event_interruptible_timeout(core->wake,
						 loop_is_interrupted(core),
						 msecs_to_jiffies(loop->backoff_ms - least));
}

/* The engine has failed; everything from power on is tried anew. */
static void loop_fault(struct kvmcap_core *core, const char *what, int err)
{
	if (core->log.header->signal != KVMCAP_SIGNAL_FAULT)
		loop_say(core, "the engine does not work, %s: %d; trying on\n",
			 what, err);
	loop_fall(core, KVMCAP_STAGE_OFF);
	core->loop.faults = 0;
	kvmcap_core_publish_signal(core, KVMCAP_SIGNAL_FAULT);
	loop_pause(core);
}

static void loop_power(struct kvmcap_core *core)
{
	int err;

	err = loop_power_on(core);
	if (err) {
		loop_fault(core, "power", err);
		return;
	}
	loop_set_stage(core, KVMCAP_STAGE_POWERED);
}

/* Takes over what is wanted now. */
static void loop_take_params(struct kvmcap_core *core)
{
	spin_lock(&core->lock);
	core->loop.params = core->params;
	spin_unlock(&core->lock);
}

static bool loop_mode_is_sound(struct kvmcap_core *core,
			       const struct kvmcap_mode *mode)
{
	return mode->width <= core->query.width_max &&
	       mode->height <= core->query.height_max &&
	       kvmcap_log_mode_is_sound(&core->log, mode);
}

static void loop_no_picture(struct kvmcap_core *core, int err)
{
	u32 signal = err == -ERANGE ? KVMCAP_SIGNAL_OUT_OF_RANGE :
				      KVMCAP_SIGNAL_NONE;

	if (core->log.header->signal != signal)
		loop_say(core, "%s\n", err == -ERANGE ?
			 "the signal is out of the engine's range" : "no signal");
	kvmcap_core_publish_signal(core, signal);
	loop_pause(core);
}

static void loop_detect(struct kvmcap_core *core)
{
	struct kvmcap_loop *loop = &core->loop;
	struct kvmcap_mode mode = { 0 };
	int err;

	/* What changes from here on is for the next time. */
	clear_bit(KVMCAP_EVENT_SIGNAL, &core->events);
	loop_take_params(core);
	mode.subsampling = loop->params.subsampling;
	mode.codec = loop->params.codec;

	err = core->engine->ops->detect(core->engine, &mode);
	if (!err && !loop_mode_is_sound(core, &mode))
		err = -ERANGE;
	if (!err) {
		loop->mode = mode;
		loop_set_stage(core, KVMCAP_STAGE_DETECTED);
	} else if (err == -ENOLINK || err == -ERANGE) {
		loop_no_picture(core, err);
	} else {
		loop_fault(core, "detect", err);
	}
}

static void loop_start(struct kvmcap_core *core)
{
	struct kvmcap_loop *loop = &core->loop;
	int err;

	err = core->engine->ops->start(core->engine, &loop->mode, &loop->params);
	if (err) {
		loop_fault(core, "start", err);
		return;
	}
	loop_set_stage(core, KVMCAP_STAGE_STARTED);
	loop->full = true;
}

static void loop_count(struct kvmcap_core *core, u64 *counter)
{
	spin_lock(&core->lock);
	++*counter;
	spin_unlock(&core->lock);
}

/*
 * The log cannot hold the picture that it shows and the next one. The old one
 * goes first, then: an empty screen for a frame, instead of an old one for ever.
 */
static void loop_make_room(struct kvmcap_core *core, bool would_fit)
{
	struct kvmcap_log *log = &core->log;

	loop_count(core, &core->stats.dropped);
	if (!would_fit) {
		loop_say(core, "a picture is too large for the log\n");
		return;
	}

	kvmcap_log_begin(log, false);
	kvmcap_log_blank(log);
	if (kvmcap_core_commit(core))
		loop_say(core, "a picture does not fit the log\n");
}

/*
 * The picture that the engine was started for is no more. Usually there is another
 * one by now: only a signal that changes on and on is none.
 */
static void loop_signal_changed(struct kvmcap_core *core)
{
	loop_fall(core, KVMCAP_STAGE_POWERED);
	if (core->loop.failures >= KVMCAP_FAILURES_MAX)
		loop_no_picture(core, -ENOLINK);
	else
		loop_pause(core);
}

/* A capture failed; its frame has been dropped. */
static void loop_capture_failed(struct kvmcap_core *core, int err)
{
	struct kvmcap_loop *loop = &core->loop;

	loop->full = true;
	switch (err) {
	case -ENOLINK:
		loop_signal_changed(core);
		return;
	case -ETIMEDOUT:
		loop_count(core, &core->stats.timeouts);
		loop_fall(core, KVMCAP_STAGE_DETECTED);
		break;
	default:
		loop_count(core, &core->stats.malformed);
		break;
	}

	if (++loop->faults >= KVMCAP_FAILURES_MAX)
		loop_fault(core, "capture", err);
}

static void loop_captured(struct kvmcap_core *core)
{
	struct kvmcap_loop *loop = &core->loop;

	loop->full = false;
	loop->faults = 0;
	loop->failures = 0;
	loop->backoff_ms = 0;
}

static int loop_commit(struct kvmcap_core *core)
{
	const struct kvmcap_mode *mode = &core->loop.mode;
	bool is_new = core->log.frame.has_mode;
	int err;

	core->log.frame.capture = core->frame.capture;
	spin_lock(&core->lock);
	core->stats.captures++;
	if (core->frame.capture == KVMCAP_CAPTURE_WHOLE)
		core->stats.whole++;
	spin_unlock(&core->lock);
	if (!kvmcap_log_changed(&core->log)) {
		loop_count(core, &core->stats.unchanged);
		kvmcap_log_abort(&core->log);
		return 0;
	}

	err = kvmcap_core_commit(core);
	if (!err && is_new)
		loop_say(core, "%ux%u, tiles of %ux%u\n", mode->width, mode->height,
			 mode->tile_width, mode->tile_height);

	return err;
}

static bool loop_take_refresh(struct kvmcap_core *core)
{
	bool refresh;

	spin_lock(&core->lock);
	refresh = core->refresh;
	core->refresh = false;
	spin_unlock(&core->lock);

	return refresh;
}

static void loop_count_fallbacks(struct kvmcap_core *core)
{
	/* Nobody else writes it. */
	if (core->stats.fallbacks == core->engine->fallbacks)
		return;
	trace_kvmcap_fallback(kvmcap_core_number(core), core->engine->fallbacks);
	spin_lock(&core->lock);
	core->stats.fallbacks = core->engine->fallbacks;
	spin_unlock(&core->lock);
	loop_say(core, "changes cannot be understood, whole pictures instead\n");
}

static void loop_capture(struct kvmcap_core *core)
{
	struct kvmcap_log *log = &core->log;
	struct kvmcap_loop *loop = &core->loop;
	bool refresh = loop_take_refresh(core);
	int err = 0;

	core->frame.capture = KVMCAP_CAPTURE_AUTO;
	trace_kvmcap_capture_begin(kvmcap_core_number(core),
				   loop->full || refresh, refresh);
	kvmcap_log_begin(log, refresh);
	/* Both hold together with their first picture, not earlier. */
	if (log->header->signal != KVMCAP_SIGNAL_OK)
		kvmcap_log_signal(log, KVMCAP_SIGNAL_OK);
	if (memcmp(&log->header->mode, &loop->mode, sizeof(loop->mode)))
		err = kvmcap_log_mode(log, &loop->mode);
	if (!err)
		err = core->engine->ops->capture(core->engine, &core->frame,
						 loop->full || refresh);
	trace_kvmcap_capture_end(kvmcap_core_number(core), err,
				 core->frame.capture);
	loop_count_fallbacks(core);
	if (!err)
		err = loop_commit(core);
	if (!err) {
		loop_captured(core);
		return;
	}

	if (refresh) {
		spin_lock(&core->lock);
		core->refresh = true;
		spin_unlock(&core->lock);
	}
	if (err == -ENOSPC) {
		loop->full = true;
		loop_make_room(core, log->frame.would_fit);
		return;
	}
	kvmcap_log_abort(log);
	loop_capture_failed(core, err);
}

/*
 * True once it is time for the next capture, which is at once if the last one
 * was long ago.
 */
static bool loop_pace(struct kvmcap_core *core)
{
	struct kvmcap_loop *loop = &core->loop;
	/* max_rate is captures in 1000 seconds. */
	u64 interval = div_u64(1000ULL * NSEC_PER_SEC, loop->params.max_rate);
	ktime_t now = ktime_get();
	ktime_t left = ktime_sub(ktime_add_ns(loop->last, interval), now);

	if (loop->last && left > 0) {
		wait_event_interruptible_hrtimeout(core->wake,
						   loop_is_interrupted(core),
						   left);
		return false;
	}
	loop->last = now;

	return true;
}

/* How far other parameters throw the engine back. */
static void loop_handle_params(struct kvmcap_core *core)
{
	struct kvmcap_loop *loop = &core->loop;
	struct kvmcap_params old = loop->params;

	if (!test_and_clear_bit(KVMCAP_EVENT_PARAMS, &core->events) ||
	    loop->stage < KVMCAP_STAGE_DETECTED)
		return;

	loop_take_params(core);
	if (old.codec != loop->params.codec ||
	    old.capture != loop->params.capture ||
	    old.subsampling != loop->params.subsampling)
		loop_fall(core, KVMCAP_STAGE_POWERED);
	else if (old.quality != loop->params.quality)
		loop_fall(core, KVMCAP_STAGE_DETECTED);
}

static void loop_step(struct kvmcap_core *core)
{
	if (test_and_clear_bit(KVMCAP_EVENT_SIGNAL, &core->events) &&
	    core->loop.stage > KVMCAP_STAGE_POWERED) {
		loop_signal_changed(core);
		return;
	}
	loop_handle_params(core);

	switch (core->loop.stage) {
	case KVMCAP_STAGE_OFF:
		loop_power(core);
		break;
	case KVMCAP_STAGE_POWERED:
		loop_detect(core);
		break;
	case KVMCAP_STAGE_DETECTED:
		loop_start(core);
		break;
	case KVMCAP_STAGE_STARTED:
		if (loop_pace(core))
			loop_capture(core);
		break;
	}
}

static void loop_wait_for_demand(struct kvmcap_core *core)
{
	long left;

	if (core->loop.stage == KVMCAP_STAGE_OFF) {
		wait_event_interruptible(core->wake, READ_ONCE(core->demand) ||
					 loop_must_leave());
		return;
	}

	left = wait_event_interruptible_timeout(core->wake,
						READ_ONCE(core->demand) ||
						loop_must_leave(),
						msecs_to_jiffies(KVMCAP_LINGER_MS));
	if (!left)
		loop_fall(core, KVMCAP_STAGE_OFF);
}

int kvmcap_loop_run(void *data)
{
	struct kvmcap_core *core = data;

	set_freezable();
	while (!kthread_should_stop()) {
		if (freezing(current)) {
			loop_fall(core, KVMCAP_STAGE_OFF);
			try_to_freeze();
		} else if (READ_ONCE(core->demand)) {
			loop_step(core);
		} else {
			loop_wait_for_demand(core);
		}
	}
	loop_fall(core, KVMCAP_STAGE_OFF);

	return 0;
}
