// SPDX-License-Identifier: GPL-2.0-only
/*
 * The endpoints of a kvmhid function: which report goes when.
 *
 * Each interface has one request, which is in flight or not. What was written
 * first is sent first, also across the two interfaces: a report waits until the
 * other interface's earlier ones are fetched, so that Ctrl is down when the
 * click arrives. Two endpoints can do no more (the host may still look at them
 * in any order), and an interface that the host does not poll is not waited
 * for, see KVMHID_STALL_MS.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/usb/composite.h>

#include "kvmhid.h"

void kvmhid_kick(struct kvmhid *hid, unsigned int ms)
{
	lockdep_assert_held(&hid->lock);

	if (!hid->gone && !hrtimer_is_queued(&hid->kick))
		hrtimer_start(&hid->kick, ms_to_ktime(ms), HRTIMER_MODE_REL_SOFT);
}

static enum hrtimer_restart kvmhid_kicked(struct hrtimer *timer)
{
	struct kvmhid *hid = container_of(timer, struct kvmhid, kick);
	unsigned long flags;

	spin_lock_irqsave(&hid->lock, flags);
	hid->pipes[KVMHID_KEYBOARD].backoff = false;
	hid->pipes[KVMHID_POINTER].backoff = false;
	spin_unlock_irqrestore(&hid->lock, flags);
	kvmhid_pump(hid);
	wake_up_interruptible(&hid->wait);
	return HRTIMER_NORESTART;
}

/* --- idle --- */

static void kvmhid_idle_start(struct kvmhid_pipe *pipe)
{
	lockdep_assert_held(&pipe->hid->lock);

	pipe->idle_due = false;
	if (pipe->idle && pipe->enabled && !pipe->hid->gone)
		hrtimer_start(&pipe->idle_timer,
			      ms_to_ktime(pipe->idle * KVMHID_IDLE_UNIT_MS),
			      HRTIMER_MODE_REL_SOFT);
	else
		hrtimer_try_to_cancel(&pipe->idle_timer);
}

static enum hrtimer_restart kvmhid_idle_elapsed(struct hrtimer *timer)
{
	struct kvmhid_pipe *pipe =
		container_of(timer, struct kvmhid_pipe, idle_timer);
	unsigned long flags;

	spin_lock_irqsave(&pipe->hid->lock, flags);
	pipe->idle_due = pipe->idle && pipe->enabled;
	spin_unlock_irqrestore(&pipe->hid->lock, flags);
	kvmhid_pump(pipe->hid);
	return HRTIMER_NORESTART;
}

void kvmhid_pipe_set_idle(struct kvmhid_pipe *pipe, u8 idle)
{
	unsigned long flags;

	spin_lock_irqsave(&pipe->hid->lock, flags);
	pipe->idle = idle;
	kvmhid_idle_start(pipe);
	spin_unlock_irqrestore(&pipe->hid->lock, flags);
}

static void kvmhid_pipe_defaults(struct kvmhid_pipe *pipe)
{
	lockdep_assert_held(&pipe->hid->lock);

	pipe->backoff = false;
	pipe->idle = pipe->interface == KVMHID_KEYBOARD ? KVMHID_IDLE_KEYBOARD :
							  KVMHID_IDLE_POINTER;
	kvmhid_idle_start(pipe);
}

/* --- sending --- */

unsigned int kvmhid_stall_ms(const struct kvmhid *hid)
{
	return KVMHID_STALL_MS + hid->info.interval / 1000;
}

bool kvmhid_pipe_stalled(const struct kvmhid_pipe *pipe)
{
	lockdep_assert_held(&pipe->hid->lock);

	return pipe->busy &&
	       ktime_ms_delta(ktime_get(), pipe->since) >=
	       kvmhid_stall_ms(pipe->hid);
}

static struct kvmhid_pipe *kvmhid_other(struct kvmhid_pipe *pipe)
{
	return &pipe->hid->pipes[pipe->interface == KVMHID_KEYBOARD ?
					 KVMHID_POINTER : KVMHID_KEYBOARD];
}

/* Fills the request with what is to be sent now. Returns if there is any. */
static bool kvmhid_pick(struct kvmhid_pipe *pipe)
{
	struct kvmhid *hid = pipe->hid;
	struct kvmhid_pipe *other = kvmhid_other(pipe);
	unsigned int length = 0;

	lockdep_assert_held(&hid->lock);

	if (!kvmhid_configured(hid) || pipe->busy || pipe->backoff ||
	    hid->suspended)
		return false;
	do {
		if (kvmhid_must_wait(&hid->core, pipe->interface,
				     other->busy) &&
		    !kvmhid_pipe_stalled(other)) {
			kvmhid_kick(hid, kvmhid_stall_ms(hid));
			break;
		}
		length = kvmhid_report_next(&hid->core, pipe->interface,
					    pipe->request->buf);
	} while (!length && kvmhid_waiting(&hid->core, pipe->interface));

	if (!length && pipe->idle_due)
		length = kvmhid_report_state(&hid->core, pipe->interface,
					     pipe->request->buf);
	if (!length)
		return false;

	pipe->request->length = length;
	pipe->busy = true;
	pipe->epoch = hid->core.epoch;
	pipe->since = ktime_get();
	kvmhid_idle_start(pipe);
	return true;
}

static void kvmhid_not_sent(struct kvmhid_pipe *pipe, bool retry_later)
{
	lockdep_assert_held(&pipe->hid->lock);

	kvmhid_report_failed(&pipe->hid->core, pipe->interface);
	pipe->backoff = retry_later;
	if (retry_later)
		kvmhid_kick(pipe->hid, KVMHID_RETRY_MS);
}

static void kvmhid_submit(struct kvmhid_pipe *pipe)
{
	struct kvmhid *hid = pipe->hid;
	bool picked;
	int error;

	lockdep_assert_held(&hid->submit_lock);

	spin_lock(&hid->lock);
	picked = kvmhid_pick(pipe);
	spin_unlock(&hid->lock);
	if (!picked)
		return;

	error = usb_ep_queue(pipe->ep, pipe->request, GFP_ATOMIC);
	if (!error)
		return;

	spin_lock(&hid->lock);
	pipe->busy = false;
	kvmhid_not_sent(pipe, true);
	spin_unlock(&hid->lock);
}

/*
 * Sends what can be sent. Callable in any context with none of our spinlocks
 * held, and from a completion inside of itself: whoever is at it already does
 * another round then.
 */
void kvmhid_pump(struct kvmhid *hid)
{
	unsigned long flags;
	int calls;

	if (atomic_inc_return(&hid->pumping) != 1)
		return;
	do {
		calls = atomic_read(&hid->pumping);
		spin_lock_irqsave(&hid->submit_lock, flags);
		kvmhid_submit(&hid->pipes[KVMHID_KEYBOARD]);
		kvmhid_submit(&hid->pipes[KVMHID_POINTER]);
		spin_unlock_irqrestore(&hid->submit_lock, flags);
	} while (atomic_sub_return(calls, &hid->pumping));
}

static void kvmhid_sent(struct usb_ep *ep, struct usb_request *request)
{
	struct kvmhid_pipe *pipe = request->context;
	struct kvmhid *hid = pipe->hid;
	int status = request->status;
	unsigned long flags;

	spin_lock_irqsave(&hid->lock, flags);
	pipe->busy = false;
	/*
	 * -ECONNRESET is ours, from a change of protocol: the report goes again
	 * in the new one. So does that of an interface whose endpoint starts
	 * anew, once it is enabled; a reset in between has made it void.
	 */
	if (status && pipe->epoch == hid->core.epoch)
		kvmhid_not_sent(pipe, status != -ECONNRESET && pipe->enabled);
	spin_unlock_irqrestore(&hid->lock, flags);

	kvmhid_pump(hid);
	/* Not only the interruptible ones: kvmhid_pipes_free() waits, too. */
	wake_up(&hid->wait);
}

void kvmhid_pipe_set_protocol(struct kvmhid_pipe *pipe, u8 protocol)
{
	struct kvmhid *hid = pipe->hid;
	unsigned long flags;
	bool stale;

	spin_lock_irqsave(&hid->lock, flags);
	stale = pipe->busy &&
		hid->core.protocol[pipe->interface] != protocol;
	if (hid->core.protocol[pipe->interface] != protocol)
		hid->changes++;
	kvmhid_set_protocol(&hid->core, pipe->interface, protocol);
	spin_unlock_irqrestore(&hid->lock, flags);

	/* If it has gone out meanwhile, the one behind it is merely repacked. */
	if (stale)
		usb_ep_dequeue(pipe->ep, pipe->request);
	kvmhid_pump(hid);
	wake_up_interruptible(&hid->wait);
}

/* --- what the host does --- */

void kvmhid_leds_received(struct kvmhid *hid, u8 leds)
{
	unsigned long flags;

	spin_lock_irqsave(&hid->lock, flags);
	if (kvmhid_configured(hid) && kvmhid_set_leds(&hid->core, leds))
		hid->changes++;
	spin_unlock_irqrestore(&hid->lock, flags);
	wake_up_interruptible(&hid->wait);
}

static void kvmhid_leds_complete(struct usb_ep *ep, struct usb_request *request)
{
	struct kvmhid *hid = request->context;

	if (request->status == -ESHUTDOWN || request->status == -ECONNRESET)
		return;
	if (!request->status && request->actual == KVMHID_LEDS_SIZE)
		kvmhid_leds_received(hid, *(const u8 *)request->buf);
	/* On failure there is only SET_REPORT, which works without this. */
	usb_ep_queue(ep, request, GFP_ATOMIC);
}

void kvmhid_suspended(struct kvmhid *hid, bool suspended)
{
	unsigned long flags;
	int i;

	/*
	 * The gadget stays while its driver's callbacks run, and bound_lock
	 * may not be taken here.
	 */
	spin_lock_irqsave(&hid->lock, flags);
	hid->suspended = suspended && kvmhid_configured(hid);
	hid->wakeup_asked = false;
	hid->wakeup_armed = hid->suspended &&
			    READ_ONCE(hid->gadget)->wakeup_armed;
	hid->changes++;
	/* A host that slept could not look. */
	for (i = 0; i < KVMHID_INTERFACES; i++)
		hid->pipes[i].since = ktime_get();
	spin_unlock_irqrestore(&hid->lock, flags);

	kvmhid_pump(hid);
	wake_up_interruptible(&hid->wait);
}

/*
 * There is something for the host. If it sleeps, it is asked to wake up, once:
 * asking again while it comes up wedges some controllers. Whether the host has
 * allowed it is known to the controller, which refuses otherwise.
 */
void kvmhid_wakeup(struct kvmhid *hid)
{
	bool ask;

	mutex_lock(&hid->bound_lock);
	spin_lock_irq(&hid->lock);
	ask = hid->suspended && !hid->wakeup_asked && hid->wakeup_allowed &&
	      kvmhid_queued(&hid->core);
	if (ask)
		hid->wakeup_asked = true;
	spin_unlock_irq(&hid->lock);
	if (ask && hid->gadget)
		usb_gadget_wakeup(hid->gadget);
	mutex_unlock(&hid->bound_lock);
}

/* --- enabling and disabling, called with the composite device's lock --- */

/* Either way, the interface is as after a reset but for what is down. */
static void kvmhid_pipe_mark(struct kvmhid_pipe *pipe, bool enabled)
{
	struct kvmhid *hid = pipe->hid;
	unsigned long flags;

	spin_lock_irqsave(&hid->submit_lock, flags);
	spin_lock(&hid->lock);
	pipe->enabled = enabled;
	kvmhid_set_protocol(&hid->core, pipe->interface,
			    KVMHID_PROTOCOL_REPORT);
	kvmhid_pipe_defaults(pipe);
	hid->suspended = false;
	hid->wakeup_armed = false;
	hid->changes++;
	spin_unlock(&hid->lock);
	spin_unlock_irqrestore(&hid->submit_lock, flags);
}

static int kvmhid_ep_enable(struct kvmhid *hid, struct usb_function *f,
			    struct usb_ep *ep)
{
	int error;

	error = config_ep_by_speed(f->config->cdev->gadget, f, ep);
	return error ?: usb_ep_enable(ep);
}

static int kvmhid_out_enable(struct kvmhid *hid, struct usb_function *f)
{
	int error;

	usb_ep_disable(hid->out_ep);
	error = kvmhid_ep_enable(hid, f, hid->out_ep);
	return error ?: usb_ep_queue(hid->out_ep, hid->out_request, GFP_ATOMIC);
}

/*
 * The host has chosen the interface's only alternate setting. If it had done so
 * before, the endpoint starts anew and what is down stays down.
 */
int kvmhid_pipe_enable(struct kvmhid_pipe *pipe, struct usb_function *f)
{
	struct kvmhid *hid = pipe->hid;
	unsigned long flags;
	int error;

	if (pipe->enabled) {
		kvmhid_pipe_mark(pipe, false);
		usb_ep_disable(pipe->ep);
	}
	error = kvmhid_ep_enable(hid, f, pipe->ep);
	if (error)
		return error;
	if (hid->out_ep && pipe->interface == KVMHID_KEYBOARD) {
		error = kvmhid_out_enable(hid, f);
		if (error) {
			usb_ep_disable(hid->out_ep);
			usb_ep_disable(pipe->ep);
			return error;
		}
	}

	spin_lock_irqsave(&hid->lock, flags);
	hid->wakeup_allowed = hid->info.wakeup && (f->config->bmAttributes &
						   USB_CONFIG_ATT_WAKEUP);
	spin_unlock_irqrestore(&hid->lock, flags);
	kvmhid_pipe_mark(pipe, true);

	kvmhid_pump(hid);
	wake_up_interruptible(&hid->wait);
	return 0;
}

/* Reset, disconnected, deconfigured: nothing is down any more. */
void kvmhid_pipes_disable(struct kvmhid *hid)
{
	unsigned long flags;
	int i;

	for (i = 0; i < KVMHID_INTERFACES; i++) {
		if (!hid->pipes[i].enabled)
			continue;
		kvmhid_pipe_mark(&hid->pipes[i], false);
		usb_ep_disable(hid->pipes[i].ep);
	}
	if (hid->out_ep)
		usb_ep_disable(hid->out_ep);

	spin_lock_irqsave(&hid->lock, flags);
	kvmhid_core_reset(&hid->core);
	hid->resets++;
	hid->changes++;
	spin_unlock_irqrestore(&hid->lock, flags);
	wake_up_interruptible_all(&hid->wait);
}

/* --- from bind to unbind --- */

static struct usb_request *kvmhid_request_alloc(struct usb_ep *ep, size_t size)
{
	struct usb_request *request;

	request = usb_ep_alloc_request(ep, GFP_KERNEL);
	if (!request)
		return NULL;
	request->buf = kzalloc(size, GFP_KERNEL);
	if (!request->buf) {
		usb_ep_free_request(ep, request);
		return NULL;
	}
	request->length = size;
	return request;
}

static void kvmhid_request_free(struct usb_ep *ep, struct usb_request *request)
{
	if (!request)
		return;
	kfree(request->buf);
	usb_ep_free_request(ep, request);
}

/* The endpoints have been claimed. On failure, kvmhid_pipes_free() undoes it. */
int kvmhid_pipes_init(struct kvmhid *hid)
{
	struct kvmhid_pipe *pipe;
	int i;

	hrtimer_init(&hid->kick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hid->kick.function = kvmhid_kicked;
	for (i = 0; i < KVMHID_INTERFACES; i++) {
		pipe = &hid->pipes[i];
		pipe->hid = hid;
		pipe->interface = i;
		hrtimer_init(&pipe->idle_timer, CLOCK_MONOTONIC,
			     HRTIMER_MODE_REL_SOFT);
		pipe->idle_timer.function = kvmhid_idle_elapsed;
	}

	for (i = 0; i < KVMHID_INTERFACES; i++) {
		pipe = &hid->pipes[i];
		pipe->request = kvmhid_request_alloc(pipe->ep,
						     KVMHID_REPORT_MAX);
		if (!pipe->request)
			return -ENOMEM;
		pipe->request->context = pipe;
		pipe->request->complete = kvmhid_sent;
	}

	if (!hid->out_ep)
		return 0;
	hid->out_request = kvmhid_request_alloc(hid->out_ep, KVMHID_LEDS_SIZE);
	if (!hid->out_request)
		return -ENOMEM;
	hid->out_request->context = hid;
	hid->out_request->complete = kvmhid_leds_complete;
	return 0;
}

static bool kvmhid_given_back(struct kvmhid *hid)
{
	bool busy;

	spin_lock_irq(&hid->lock);
	busy = hid->pipes[KVMHID_KEYBOARD].busy ||
	       hid->pipes[KVMHID_POINTER].busy;
	spin_unlock_irq(&hid->lock);
	return !busy;
}

/* Nothing is enabled and kvmhid->gone is set, or nothing was published ever. */
void kvmhid_pipes_free(struct kvmhid *hid)
{
	struct kvmhid_pipe *pipe;
	int i;

	hrtimer_cancel(&hid->kick);
	for (i = 0; i < KVMHID_INTERFACES; i++)
		hrtimer_cancel(&hid->pipes[i].idle_timer);

	/*
	 * A controller may still be at the completion of what it took off a
	 * disabled endpoint. Completions run with interrupts off, which the
	 * grace period waits for.
	 */
	if (!wait_event_timeout(hid->wait, kvmhid_given_back(hid),
				msecs_to_jiffies(KVMHID_GIVEBACK_MS))) {
		dev_err(&hid->dev, "the controller keeps a request\n");
		/* It may still come back, to all that it looks at then. */
		get_device(&hid->dev);
		__module_get(THIS_MODULE);
		return;
	}
	synchronize_rcu();

	for (i = 0; i < KVMHID_INTERFACES; i++) {
		pipe = &hid->pipes[i];
		kvmhid_request_free(pipe->ep, pipe->request);
		pipe->request = NULL;
	}
	if (hid->out_ep)
		kvmhid_request_free(hid->out_ep, hid->out_request);
	hid->out_request = NULL;
}
