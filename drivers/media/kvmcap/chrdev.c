// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file operations of /dev/kvmcapN, as <linux/kvmcap.h> promises them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat/vm_flags.h"
#include "core.h"

static bool kvmcap_is_gone(struct kvmcap_core *core)
{
	bool gone;

	spin_lock(&core->lock);
	gone = core->gone;
	spin_unlock(&core->lock);

	return gone;
}

static int kvmcap_open(struct inode *inode, struct file *filp)
{
	struct kvmcap_core *core = container_of(inode->i_cdev,
						struct kvmcap_core, cdev);
	struct kvmcap_file *file;
	bool gone;

	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return -ENOMEM;
	spin_lock(&core->lock);
	gone = core->gone;
	if (!gone)
		core->files++;
	spin_unlock(&core->lock);
	if (gone) {
		kfree(file);
		return -ENODEV;
	}

	get_device(&core->dev);
	file->core = core;
	filp->private_data = file;

	return nonseekable_open(inode, filp);
}

/* Runs when the last mapping is gone, too: a mapping holds its file. */
static int kvmcap_release(struct inode *inode, struct file *filp)
{
	struct kvmcap_file *file = filp->private_data;
	struct kvmcap_core *core = file->core;

	spin_lock(&core->lock);
	kvmcap_core_demand(core, file, 0, false);
	core->files--;
	spin_unlock(&core->lock);

	kfree(file);
	put_device(&core->dev);

	return 0;
}

static int kvmcap_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct kvmcap_file *file = filp->private_data;
	struct kvmcap_core *core = file->core;

	if (kvmcap_is_gone(core))
		return -ENODEV;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	/* Not VM_SHARED: a shared mapping of a read-only descriptor lacks it. */
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_pgoff ||
	    vma->vm_end - vma->vm_start > core->query.map_size)
		return -EINVAL;

	/* mprotect() is refused, and so is growing: there is nothing behind. */
	kvmcap_vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP,
			    VM_MAYWRITE | VM_MAYEXEC);

	return remap_vmalloc_range(vma, core->memory, 0);
}

static __poll_t kvmcap_poll(struct file *filp, poll_table *wait)
{
	struct kvmcap_file *file = filp->private_data;
	struct kvmcap_core *core = file->core;
	__poll_t mask = 0;

	poll_wait(filp, &core->readers, wait);

	spin_lock(&core->lock);
	if (core->committed > file->seen)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (core->changed > file->seen)
		mask |= EPOLLPRI;
	if (core->gone)
		mask |= EPOLLERR | EPOLLHUP;
	spin_unlock(&core->lock);

	return mask;
}

static long kvmcap_ioc_query(struct kvmcap_core *core, void __user *arg)
{
	if (copy_to_user(arg, &core->query, sizeof(core->query)))
		return -EFAULT;

	return 0;
}

static long kvmcap_ioc_ack(struct kvmcap_file *file, void __user *arg)
{
	struct kvmcap_core *core = file->core;
	struct kvmcap_ack ack;
	long err = 0;

	if (copy_from_user(&ack, arg, sizeof(ack)))
		return -EFAULT;
	if (ack.flags & ~KVMCAP_ACK_ARM || ack.reserved)
		return -EINVAL;

	spin_lock(&core->lock);
	if (ack.sequence > core->committed)
		err = -EINVAL;
	else
		kvmcap_core_demand(core, file, ack.sequence,
				   ack.flags & KVMCAP_ACK_ARM);
	spin_unlock(&core->lock);

	return err;
}

static long kvmcap_ioc_get_params(struct kvmcap_core *core, void __user *arg)
{
	struct kvmcap_params params;

	spin_lock(&core->lock);
	params = core->params;
	spin_unlock(&core->lock);

	return copy_to_user(arg, &params, sizeof(params)) ? -EFAULT : 0;
}

static int kvmcap_params_check(const struct kvmcap_core *core,
			       const struct kvmcap_params *params)
{
	if (memchr_inv(params->reserved, 0, sizeof(params->reserved)) ||
	    params->reserved0 || params->capture > KVMCAP_CAPTURE_CHANGES ||
	    params->codec > KVMCAP_CODEC_RAW ||
	    params->subsampling > KVMCAP_SUBSAMPLING_420 ||
	    params->quality < 1 || params->quality > 100 ||
	    params->max_rate < 1000 || params->max_rate > 60000)
		return -EINVAL;
	if ((params->codec != KVMCAP_CODEC_NONE &&
	     !(core->query.codecs & BIT(params->codec))) ||
	    !(core->query.subsamplings & BIT(params->subsampling)) ||
	    !(core->query.captures & BIT(params->capture)))
		return -EOPNOTSUPP;

	return 0;
}

static long kvmcap_ioc_set_params(struct kvmcap_core *core, void __user *arg)
{
	struct kvmcap_params params;
	int err;

	if (copy_from_user(&params, arg, sizeof(params)))
		return -EFAULT;
	err = kvmcap_params_check(core, &params);
	if (err)
		return err;

	mutex_lock(&core->engine_lock);
	if (core->engine) {
		const struct kvmcap_engine_ops *ops = core->engine->ops;

		params.quality = ops->quality(core->engine, params.quality);
		spin_lock(&core->lock);
		core->params = params;
		spin_unlock(&core->lock);
		set_bit(KVMCAP_EVENT_PARAMS, &core->events);
		wake_up(&core->wake);
	} else {
		err = -ENODEV;
	}
	mutex_unlock(&core->engine_lock);

	return err;
}

static long kvmcap_ioc_refresh(struct kvmcap_core *core, void __user *arg)
{
	struct kvmcap_refresh refresh;

	if (copy_from_user(&refresh, arg, sizeof(refresh)))
		return -EFAULT;
	if (refresh.flags || refresh.reserved)
		return -EINVAL;

	spin_lock(&core->lock);
	core->refresh = true;
	spin_unlock(&core->lock);

	return 0;
}

static long kvmcap_ioc_stats(struct kvmcap_core *core, void __user *arg)
{
	struct kvmcap_stats stats;

	spin_lock(&core->lock);
	stats = core->stats;
	stats.readers = core->files;
	spin_unlock(&core->lock);

	return copy_to_user(arg, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static long kvmcap_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct kvmcap_file *file = filp->private_data;
	struct kvmcap_core *core = file->core;
	void __user *argp = (void __user *)arg;

	if (kvmcap_is_gone(core))
		return -ENODEV;

	switch (cmd) {
	case KVMCAP_IOC_QUERY:
		return kvmcap_ioc_query(core, argp);
	case KVMCAP_IOC_ACK:
		return kvmcap_ioc_ack(file, argp);
	case KVMCAP_IOC_GET_PARAMS:
		return kvmcap_ioc_get_params(core, argp);
	case KVMCAP_IOC_STATS:
		return kvmcap_ioc_stats(core, argp);
	case KVMCAP_IOC_SET_PARAMS:
		if (!(filp->f_mode & FMODE_WRITE))
			return -EBADF;
		return kvmcap_ioc_set_params(core, argp);
	case KVMCAP_IOC_REFRESH:
		if (!(filp->f_mode & FMODE_WRITE))
			return -EBADF;
		return kvmcap_ioc_refresh(core, argp);
	default:
		return -ENOTTY;
	}
}

const struct file_operations kvmcap_chrdev_fops = {
	.owner = THIS_MODULE,
	.open = kvmcap_open,
	.release = kvmcap_release,
	.mmap = kvmcap_mmap,
	.poll = kvmcap_poll,
	.unlocked_ioctl = kvmcap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
