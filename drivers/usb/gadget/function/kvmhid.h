/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kvmhid function while it is bound to a controller.
 *
 * struct kvmhid is made when the function is bound and outlives its unbinding
 * for as long as somebody has its device node open. Locks, in the order in
 * which they may be taken:
 *
 *	bound_lock	mutex
 *	the gadget core's and the composite device's locks
 *	submit_lock	spinlock, interrupts off
 *	lock		spinlock, interrupts off; innermost but for wait queues
 *			and timers
 *
 * A controller may complete a request while it is being queued, and does so
 * with submit_lock held: completion handlers take lock, never submit_lock.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMHID_H
#define KVMHID_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/usb/gadget.h>
#include <linux/wait.h>

#include "kvmhid_reports.h"
#include "u_kvmhid.h"

/* Functions in one kernel. */
#define KVMHID_MINORS		64

/*
 * A report that the host has not fetched for so long, beyond the interval at
 * which it should look, holds up nothing on the other interface: firmware often
 * polls its keyboard only. Milliseconds.
 */
#define KVMHID_STALL_MS		100

/* After an endpoint refused a report, it is tried again so much later. */
#define KVMHID_RETRY_MS		10

/* Bound of the wait for a disabled endpoint to give its request back. */
#define KVMHID_GIVEBACK_MS	1000

/* Idle durations count 4 ms. HID 1.11, 7.2.4 recommends these to start with. */
#define KVMHID_IDLE_UNIT_MS	4
#define KVMHID_IDLE_KEYBOARD	(500 / KVMHID_IDLE_UNIT_MS)
#define KVMHID_IDLE_POINTER	0	/* only when something changes */

/**
 * struct kvmhid_pipe - one interface and its interrupt IN endpoint
 * @hid: whose it is
 * @interface: which one
 * @number: bInterfaceNumber, from bind
 * @ep: from bind
 * @request: its only request, from bind; belongs to who set @busy
 * @idle_timer: sets @idle_due
 *
 * The rest is guarded by kvmhid.lock:
 * @enabled: set and cleared by the gadget's callbacks, of which there is one at
 *	a time, and under kvmhid.submit_lock as well: while a request is being
 *	queued, the endpoint stays enabled
 * @busy: the request is queued
 * @epoch: of the core, when it was
 * @since: when it was queued
 * @backoff: queueing failed and is not tried before the kick timer
 * @idle: units of KVMHID_IDLE_UNIT_MS, 0 for never
 * @idle_due: the state has not been reported for as long as that
 */
struct kvmhid_pipe {
	struct kvmhid *hid;
	enum kvmhid_interface interface;
	u8 number;
	struct usb_ep *ep;
	struct usb_request *request;
	struct hrtimer idle_timer;

	bool enabled;
	bool busy;
	u32 epoch;
	ktime_t since;
	bool backoff;
	u8 idle;
	bool idle_due;
};

/**
 * struct kvmhid - a bound function
 * @dev: its device; the last reference frees the structure
 * @cdev: its node; holds @dev
 * @info: how it shall be, constant
 * @pumping: calls of kvmhid_pump() that have not been served yet
 * @wait: for a change of anything that read, write or poll look at
 * @kick: calls kvmhid_pump() later and wakes who waits
 * @out_ep: interrupt OUT endpoint, from bind; NULL without one
 * @out_request: its request, likewise
 *
 * @bound_lock: guards @gadget: NULL once unbound
 *
 * @submit_lock: is held while a request is queued, so that an endpoint is
 *	never disabled meanwhile. Guards pipe.enabled together with @lock.
 *
 * @lock: guards all that follows and the pipes
 * @core: events and reports
 * @gone: unbound
 * @suspended: by the host
 * @wakeup_armed: as the controller said when it was suspended
 * @wakeup_asked: since then
 * @wakeup_allowed: the configuration says that this device can
 * @changes: counts what a reader is told about
 * @resets: counts what took the configuration away
 */
struct kvmhid {
	struct device dev;
	struct cdev cdev;
	struct kvmhid_info info;
	atomic_t pumping;
	wait_queue_head_t wait;
	struct hrtimer kick;
	struct usb_ep *out_ep;
	struct usb_request *out_request;
	struct kvmhid_pipe pipes[KVMHID_INTERFACES];

	struct mutex bound_lock; /* guards gadget */
	struct usb_gadget *gadget;

	spinlock_t submit_lock; /* see above */

	spinlock_t lock; /* guards what follows and the pipes */
	struct kvmhid_core core;
	bool gone;
	bool suspended;
	bool wakeup_armed;
	bool wakeup_asked;
	bool wakeup_allowed;
	u64 changes;
	u64 resets;
};

/* Both endpoints are enabled. The caller holds hid->lock. */
static inline bool kvmhid_configured(const struct kvmhid *hid)
{
	return hid->pipes[KVMHID_KEYBOARD].enabled &&
	       hid->pipes[KVMHID_POINTER].enabled;
}

/* kvmhid_pipe.c: endpoints and timers */
int kvmhid_pipes_init(struct kvmhid *hid);
void kvmhid_pipes_free(struct kvmhid *hid);
int kvmhid_pipe_enable(struct kvmhid_pipe *pipe, struct usb_function *f);
void kvmhid_pipes_disable(struct kvmhid *hid);
void kvmhid_pipe_set_idle(struct kvmhid_pipe *pipe, u8 idle);
void kvmhid_pipe_set_protocol(struct kvmhid_pipe *pipe, u8 protocol);
void kvmhid_leds_received(struct kvmhid *hid, u8 leds);
void kvmhid_suspended(struct kvmhid *hid, bool suspended);
void kvmhid_wakeup(struct kvmhid *hid);
void kvmhid_kick(struct kvmhid *hid, unsigned int ms);
void kvmhid_pump(struct kvmhid *hid);
unsigned int kvmhid_stall_ms(const struct kvmhid *hid);
bool kvmhid_pipe_stalled(const struct kvmhid_pipe *pipe);

/* kvmhid_chrdev.c: the device node */
int kvmhid_chrdev_init(void);
void kvmhid_chrdev_exit(void);
int kvmhid_minor_get(void);
void kvmhid_minor_put(int minor);
dev_t kvmhid_devt(int minor);
struct kvmhid *kvmhid_create(const struct kvmhid_info *info, int minor);
int kvmhid_publish(struct kvmhid *hid);
void kvmhid_unpublish(struct kvmhid *hid);
void kvmhid_put(struct kvmhid *hid);

#endif
