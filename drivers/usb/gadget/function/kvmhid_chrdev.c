// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kvmhidN: events are written, the host's state is read.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "kvmhid.h"

/**
 * struct kvmhid_file - an open descriptor
 * @hid: what it is open on
 * @holder: what it keeps down, guarded by @hid->lock
 * @seen: @hid->changes at the last read, likewise
 */
struct kvmhid_file {
	struct kvmhid *hid;
	struct kvmhid_holder holder;
	u64 seen;
};

/* Set by kvmhid_chrdev_init(), constant from then on. */
static dev_t kvmhid_base;

static struct class kvmhid_class = {
	.name = "kvmhid",
};

static DEFINE_IDA(kvmhid_minors);

int kvmhid_minor_get(void)
{
	int minor = ida_alloc_max(&kvmhid_minors, KVMHID_MINORS - 1,
				  GFP_KERNEL);

	return minor == -ENOSPC ? -ENODEV : minor;
}

void kvmhid_minor_put(int minor)
{
	ida_free(&kvmhid_minors, minor);
}

dev_t kvmhid_devt(int minor)
{
	return MKDEV(MAJOR(kvmhid_base), minor);
}

/* --- file operations --- */

static int kvmhid_open(struct inode *inode, struct file *file)
{
	struct kvmhid *hid = container_of(inode->i_cdev, struct kvmhid, cdev);
	struct kvmhid_file *f;

	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;

	spin_lock_irq(&hid->lock);
	if (hid->gone) {
		spin_unlock_irq(&hid->lock);
		kfree(f);
		return -ENODEV;
	}
	/* The first read finds something new. */
	f->seen = hid->changes - 1;
	spin_unlock_irq(&hid->lock);

	f->hid = hid;
	get_device(&hid->dev);
	file->private_data = f;
	return stream_open(inode, file);
}

static int kvmhid_release_file(struct inode *inode, struct file *file)
{
	struct kvmhid_file *f = file->private_data;
	struct kvmhid *hid = f->hid;

	spin_lock_irq(&hid->lock);
	kvmhid_release(&hid->core, &f->holder);
	spin_unlock_irq(&hid->lock);
	kvmhid_pump(hid);

	kfree(f);
	kvmhid_put(hid);
	return 0;
}

/*
 * Can these events be taken now? 0, a final errno, or -EAGAIN. Clicks for a host
 * that does not look make way for what follows, if it is they that are in the
 * way; not before anything does follow, that is with @make_room.
 */
static int kvmhid_room(struct kvmhid *hid, const struct kvmhid_event *events,
		       unsigned int n, bool make_room)
{
	lockdep_assert_held(&hid->lock);

	if (hid->gone)
		return -ENODEV;
	if (!kvmhid_configured(hid))
		return -ENOTCONN;
	if (kvmhid_events_fit(&hid->core, events, n))
		return 0;
	if (kvmhid_pipe_stalled(&hid->pipes[KVMHID_POINTER]) &&
	    kvmhid_keys_fit(&hid->core, events, n)) {
		if (make_room)
			kvmhid_pointer_collapse(&hid->core);
		return 0;
	}
	/* Look again when it may have become one that does not look. */
	kvmhid_kick(hid, kvmhid_stall_ms(hid));
	return -EAGAIN;
}

static int kvmhid_take(struct kvmhid_file *f, const struct kvmhid_event *events,
		       unsigned int n)
{
	struct kvmhid *hid = f->hid;
	unsigned int i;
	int ret;

	spin_lock_irq(&hid->lock);
	ret = kvmhid_room(hid, events, n, true);
	if (!ret)
		for (i = 0; i < n; i++)
			kvmhid_event_apply(&hid->core, &f->holder, &events[i]);
	spin_unlock_irq(&hid->lock);
	return ret;
}

static int kvmhid_take_wait(struct kvmhid_file *f,
			    const struct kvmhid_event *events, unsigned int n)
{
	int ret, error;

	error = wait_event_interruptible(f->hid->wait,
					 (ret = kvmhid_take(f, events, n)) !=
					 -EAGAIN);
	return error ?: ret;
}

static ssize_t kvmhid_write(struct file *file, const char __user *buffer,
			    size_t count, loff_t *pos)
{
	struct kvmhid_file *f = file->private_data;
	struct kvmhid_event *events;
	unsigned int n, i;
	int ret = 0;

	if (count % sizeof(*events))
		return -EINVAL;
	if (count > KVMHID_WRITE_MAX * sizeof(*events))
		return -EMSGSIZE;
	if (!count)
		return 0;

	events = memdup_user(buffer, count);
	if (IS_ERR(events))
		return PTR_ERR(events);

	n = count / sizeof(*events);
	for (i = 0; i < n && !ret; i++)
		ret = kvmhid_event_check(&events[i]);
	if (!ret) {
		ret = file->f_flags & O_NONBLOCK ?
			      kvmhid_take(f, events, n) :
			      kvmhid_take_wait(f, events, n);
	}
	kfree(events);
	if (ret)
		return ret;

	kvmhid_pump(f->hid);
	kvmhid_wakeup(f->hid);
	return count;
}

static void kvmhid_state_fill(struct kvmhid *hid, struct kvmhid_state *state)
{
	lockdep_assert_held(&hid->lock);

	*state = (struct kvmhid_state) {
		.size = sizeof(*state),
		.keyboard_protocol = hid->core.protocol[KVMHID_KEYBOARD],
		.pointer_protocol = hid->core.protocol[KVMHID_POINTER],
		.leds = hid->core.leds,
		.queued = kvmhid_queued(&hid->core) +
			  hid->pipes[KVMHID_KEYBOARD].busy +
			  hid->pipes[KVMHID_POINTER].busy,
		.resets = hid->resets,
		.dropped = hid->core.dropped,
	};
	if (kvmhid_configured(hid))
		state->flags |= KVMHID_STATE_CONFIGURED;
	if (hid->suspended)
		state->flags |= KVMHID_STATE_SUSPENDED;
	if (hid->wakeup_armed)
		state->flags |= KVMHID_STATE_WAKEUP_ARMED;
	if (hid->core.leds_known)
		state->flags |= KVMHID_STATE_LEDS_KNOWN;
}

/* 0 with @state filled, a final errno, or -EAGAIN when nothing is new. */
static int kvmhid_news(struct kvmhid_file *f, struct kvmhid_state *state)
{
	struct kvmhid *hid = f->hid;
	int ret = -EAGAIN;

	spin_lock_irq(&hid->lock);
	if (hid->gone) {
		ret = -ENODEV;
	} else if (f->seen != hid->changes) {
		f->seen = hid->changes;
		kvmhid_state_fill(hid, state);
		ret = 0;
	}
	spin_unlock_irq(&hid->lock);
	return ret;
}

static ssize_t kvmhid_read(struct file *file, char __user *buffer,
			   size_t count, loff_t *pos)
{
	struct kvmhid_file *f = file->private_data;
	struct kvmhid_state state;
	int ret, error;

	if (count < sizeof(state))
		return -EINVAL;

	ret = kvmhid_news(f, &state);
	if (ret == -EAGAIN && !(file->f_flags & O_NONBLOCK)) {
		error = wait_event_interruptible(f->hid->wait,
						 (ret = kvmhid_news(f, &state)) !=
						 -EAGAIN);
		if (error)
			return error;
	}
	if (ret)
		return ret;
	if (copy_to_user(buffer, &state, sizeof(state)))
		return -EFAULT;
	return sizeof(state);
}

static __poll_t kvmhid_poll(struct file *file, poll_table *wait)
{
	/* The event that needs most room; its contents do not matter. */
	static const struct kvmhid_event probe[] = {
		{ .type = KVMHID_EVENT_KEY, .key = { .down = 1 } },
		{ .type = KVMHID_EVENT_POINTER },
	};
	struct kvmhid_file *f = file->private_data;
	struct kvmhid *hid = f->hid;
	__poll_t mask = 0;

	poll_wait(file, &hid->wait, wait);

	spin_lock_irq(&hid->lock);
	if (hid->gone)
		mask |= EPOLLHUP | EPOLLERR;
	else if (f->seen != hid->changes)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!kvmhid_room(hid, probe, ARRAY_SIZE(probe), false))
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock_irq(&hid->lock);
	return mask;
}

static const struct file_operations kvmhid_fops = {
	.owner = THIS_MODULE,
	.open = kvmhid_open,
	.release = kvmhid_release_file,
	.read = kvmhid_read,
	.write = kvmhid_write,
	.poll = kvmhid_poll,
};

/* --- life --- */

static void kvmhid_dev_release(struct device *dev)
{
	struct kvmhid *hid = container_of(dev, struct kvmhid, dev);

	mutex_destroy(&hid->bound_lock);
	kfree(hid);
}

void kvmhid_put(struct kvmhid *hid)
{
	put_device(&hid->dev);
}

/* Not visible before kvmhid_publish(). */
struct kvmhid *kvmhid_create(const struct kvmhid_info *info, int minor)
{
	struct kvmhid *hid;
	int error;

	hid = kzalloc(sizeof(*hid), GFP_KERNEL);
	if (!hid)
		return ERR_PTR(-ENOMEM);

	hid->info = *info;
	init_waitqueue_head(&hid->wait);
	mutex_init(&hid->bound_lock);
	spin_lock_init(&hid->submit_lock);
	spin_lock_init(&hid->lock);
	kvmhid_core_init(&hid->core, info->nkro);

	device_initialize(&hid->dev);
	hid->dev.class = &kvmhid_class;
	hid->dev.devt = kvmhid_devt(minor);
	hid->dev.release = kvmhid_dev_release;
	error = dev_set_name(&hid->dev, "kvmhid%d", minor);
	if (error) {
		kvmhid_put(hid);
		return ERR_PTR(error);
	}
	cdev_init(&hid->cdev, &kvmhid_fops);
	hid->cdev.owner = THIS_MODULE;
	return hid;
}

int kvmhid_publish(struct kvmhid *hid)
{
	return cdev_device_add(&hid->cdev, &hid->dev);
}

/* Nobody can open the node from now on; who has it open is told. */
void kvmhid_unpublish(struct kvmhid *hid)
{
	spin_lock_irq(&hid->lock);
	hid->gone = true;
	spin_unlock_irq(&hid->lock);
	wake_up_interruptible_all(&hid->wait);
	cdev_device_del(&hid->cdev, &hid->dev);
}

int kvmhid_chrdev_init(void)
{
	int error;

	error = class_register(&kvmhid_class);
	if (error)
		return error;
	error = alloc_chrdev_region(&kvmhid_base, 0, KVMHID_MINORS, "kvmhid");
	if (error)
		class_unregister(&kvmhid_class);
	return error;
}

void kvmhid_chrdev_exit(void)
{
	unregister_chrdev_region(kvmhid_base, KVMHID_MINORS);
	class_unregister(&kvmhid_class);
	ida_destroy(&kvmhid_minors);
}
