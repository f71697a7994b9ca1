/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the core share: the device (core.c), its file operations
 * (chrdev.c) and the thread that captures (loop.c).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_CORE_H
#define KVMCAP_CORE_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/kvmcap.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "engine.h"
#include "log.h"

/* Devices at the same time. */
#define KVMCAP_DEVICES_MAX	16

/*
 * The whole mapping, at most: header, index and log. Two pictures of 1920x1200 as
 * RAW tiles are 9 MiB.
 */
#define KVMCAP_MAP_MAX		(16 * 1024 * 1024)

/* An engine that nobody wants any more is switched off after this. */
#define KVMCAP_LINGER_MS	2000

/*
 * Pauses between attempts to get a picture: none after the first failure, then
 * from the shorter to the longer one, twice as long each time.
 */
#define KVMCAP_BACKOFF_MIN_MS	100
#define KVMCAP_BACKOFF_MAX_MS	2000

/* Captures that fail in a row before the engine is called faulty. */
#define KVMCAP_FAILURES_MAX	4

/* Lines in the kernel's log that one device may write, and in what time. */
#define KVMCAP_MESSAGES_MAX	8
#define KVMCAP_MESSAGES_S	60

/**
 * enum kvmcap_stage - how far the engine has come
 * @KVMCAP_STAGE_OFF: no clocks
 * @KVMCAP_STAGE_POWERED: clocks; it is not known what is at its input
 * @KVMCAP_STAGE_DETECTED: the mode is known
 * @KVMCAP_STAGE_STARTED: it captures when asked to
 */
enum kvmcap_stage {
	KVMCAP_STAGE_OFF,
	KVMCAP_STAGE_POWERED,
	KVMCAP_STAGE_DETECTED,
	KVMCAP_STAGE_STARTED,
};

/* Bits of kvmcap_core.events: what ends the loop's pauses. */
enum kvmcap_event {
	KVMCAP_EVENT_SIGNAL,	/* the engine saw it change */
	KVMCAP_EVENT_PARAMS,	/* somebody changed them */
};

/**
 * struct kvmcap_loop - what only the thread knows
 * @stage: how far the engine has come; others may look at it
 * @mode: what is at its input; from KVMCAP_STAGE_DETECTED on
 * @params: what it was started with
 * @full: the engine has to deliver the next picture whole
 * @last: when the last capture began, CLOCK_MONOTONIC; 0 before the first
 * @backoff_ms: the pause after the last failure to get a picture
 * @failures: attempts to get a picture since the last success
 * @faults: captures in a row that failed for no reason of the signal's
 */
struct kvmcap_loop {
	enum kvmcap_stage stage;
	struct kvmcap_mode mode;
	struct kvmcap_params params;
	bool full;
	ktime_t last;
	unsigned int backoff_ms;
	unsigned int failures;
	unsigned int faults;
};

/**
 * struct kvmcap_core - a device
 * @dev: /dev/kvmcapN; the last reference to it frees this
 * @cdev: its file operations
 * @query: what KVMCAP_IOC_QUERY tells; constant
 * @memory: what is mapped, from vmalloc_user(); constant
 * @engine_lock: the ioctls' use of @engine, against its going. Taken before @lock
 * @engine: NULL once it has gone; the thread, which goes first, needs no lock
 * @lock: all fields from here to @stats, and what the log commits
 * @committed: as in the header
 * @changed: as in the header
 * @params: what is wanted
 * @demand: descriptors that are armed and have seen @committed; may be read
 *	without @lock where being late is harmless
 * @refresh: the next capture publishes everything
 * @gone: unregistered
 * @files: open descriptors
 * @stats: counters, but for those that the log keeps
 * @readers: waits for frames, in poll()
 * @wake: the thread waits here for demand and events
 * @events: bits of enum kvmcap_event
 * @thread: runs kvmcap_loop_run()
 * @messages: limits what is logged
 * @log: the thread's; after it has ended, kvmcap_core_unregister()'s
 * @frame: what the engine fills
 * @loop: the thread's
 * @debugfs: its directory
 */
struct kvmcap_core {
	struct device dev;
	struct cdev cdev;
	struct kvmcap_query query;
	void *memory;

	/* Guards engine against kvmcap_core_unregister(). */
	struct mutex engine_lock;
	struct kvmcap_engine *engine;

	/* Guards what follows up to stats. Innermost. */
	spinlock_t lock;
	u64 committed;
	u64 changed;
	struct kvmcap_params params;
	unsigned int demand;
	bool refresh;
	bool gone;
	unsigned int files;
	struct kvmcap_stats stats;

	wait_queue_head_t readers;
	wait_queue_head_t wake;
	unsigned long events;
	struct task_struct *thread;
	struct ratelimit_state messages;
	struct kvmcap_log log;
	struct kvmcap_frame frame;
	struct kvmcap_loop loop;
	struct dentry *debugfs;
};

/**
 * struct kvmcap_file - an open descriptor
 * @core: its device, of which it holds a reference; the rest is guarded by the
 *	device's lock
 * @seen: newest frame that it has acknowledged
 * @armed: it wants what is newer than that
 */
struct kvmcap_file {
	struct kvmcap_core *core;
	u64 seen;
	bool armed;
};

static inline struct kvmcap_core *kvmcap_core_of(struct kvmcap_frame *frame)
{
	return container_of(frame, struct kvmcap_core, frame);
}

/* N of /dev/kvmcapN. */
static inline unsigned int kvmcap_core_number(const struct kvmcap_core *core)
{
	return MINOR(core->dev.devt);
}

/* What @file has seen and wants from now on; wakes the thread if need be. */
void kvmcap_core_demand(struct kvmcap_core *core, struct kvmcap_file *file,
			u64 seen, bool armed);

/*
 * Publishes the frame that is being made, and tells readers. 0, or what the log
 * says, upon which the frame has been dropped.
 */
int kvmcap_core_commit(struct kvmcap_core *core);

/* Publishes @signal, if it is not what the header says already. */
void kvmcap_core_publish_signal(struct kvmcap_core *core, u32 signal);

extern const struct file_operations kvmcap_chrdev_fops;

int kvmcap_loop_run(void *data);

void kvmcap_debugfs_add(struct kvmcap_core *core);
void kvmcap_debugfs_remove(struct kvmcap_core *core);
void kvmcap_debugfs_init(void);
void kvmcap_debugfs_exit(void);

int kvmcap_core_init(void);
void kvmcap_core_exit(void);

#endif
