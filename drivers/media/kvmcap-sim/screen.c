// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kvmcap-simN: what the host shows.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "sim.h"

#define MODE_WIDTH_MIN	64
#define MODE_HEIGHT_MIN	64

/* What it shows at first. */
#define FIRST_WIDTH	1024
#define FIRST_HEIGHT	768

/* All screens are there, and will be for as long as the module is. */
static bool are_ready;

static struct kvmcap_sim *sim_of(struct file *file)
{
	/* Set by misc_open(). */
	return container_of(file->private_data, struct kvmcap_sim, misc);
}

/* Caller holds screen_lock, or is alone. */
static void send_signal(struct kvmcap_sim *sim)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->model->signal(sim->state, &sim->mode, sim->vram);
	spin_unlock_irqrestore(&sim->lock, flags);
	kvmcap_sim_job_kick(sim);
}

/* While the module is being loaded that can still fail. */
static int screen_open(struct inode *inode, struct file *file)
{
	/* Pairs with kvmcap_sim_screens_ready(). */
	return smp_load_acquire(&are_ready) ? 0 : -ENODEV;
}

static ssize_t screen_read(struct file *file, char __user *to, size_t count,
			   loff_t *position)
{
	return simple_read_from_buffer(to, count, position, sim_of(file)->vram,
				       KVMCAP_SIM_VRAM_SIZE);
}

/* The bytes are fetched first, so that a capture sees all of them or none. */
static ssize_t screen_write(struct file *file, const char __user *from,
			    size_t count, loff_t *position)
{
	struct kvmcap_sim *sim = sim_of(file);
	loff_t start = *position;
	void *bytes;

	if (start < 0)
		return -EINVAL;
	if (!count)
		return 0;
	if (start >= KVMCAP_SIM_VRAM_SIZE)
		return -ENOSPC;
	count = min_t(size_t, count, KVMCAP_SIM_VRAM_SIZE - start);

	bytes = vmemdup_user(from, count);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	mutex_lock(&sim->screen_lock);
	memcpy((u8 *)sim->vram + start, bytes, count);
	mutex_unlock(&sim->screen_lock);
	kvfree(bytes);

	*position = start + count;
	return count;
}

static loff_t screen_seek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, KVMCAP_SIM_VRAM_SIZE);
}

static int screen_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	return remap_vmalloc_range(vma, sim_of(file)->vram, vma->vm_pgoff);
}

static long get_mode(struct kvmcap_sim *sim, void __user *to)
{
	struct kvmcap_sim_mode mode;

	mutex_lock(&sim->screen_lock);
	mode = sim->mode;
	mutex_unlock(&sim->screen_lock);
	return copy_to_user(to, &mode, sizeof(mode)) ? -EFAULT : 0;
}

static bool is_valid(const struct kvmcap_sim_mode *mode)
{
	return mode->width >= MODE_WIDTH_MIN &&
	       mode->width <= KVMCAP_SIM_WIDTH_MAX &&
	       mode->height >= MODE_HEIGHT_MIN &&
	       mode->height <= KVMCAP_SIM_HEIGHT_MAX && mode->signal <= 1 &&
	       !memchr_inv(mode->reserved, 0, sizeof(mode->reserved));
}

static long set_mode(struct kvmcap_sim *sim, const void __user *from)
{
	struct kvmcap_sim_mode mode;

	if (copy_from_user(&mode, from, sizeof(mode)))
		return -EFAULT;
	if (!is_valid(&mode))
		return -EINVAL;
	mode.vram_size = KVMCAP_SIM_VRAM_SIZE;

	mutex_lock(&sim->screen_lock);
	if (mode.width != sim->mode.width || mode.height != sim->mode.height)
		memset(sim->vram, 0, KVMCAP_SIM_VRAM_SIZE);
	sim->mode = mode;
	send_signal(sim);
	mutex_unlock(&sim->screen_lock);
	return 0;
}

static long screen_ioctl(struct file *file, unsigned int command,
			 unsigned long argument)
{
	struct kvmcap_sim *sim = sim_of(file);
	void __user *pointer = (void __user *)argument;

	switch (command) {
	case KVMCAP_SIM_IOC_GET_MODE:
		return get_mode(sim, pointer);
	case KVMCAP_SIM_IOC_SET_MODE:
		if (!(file->f_mode & FMODE_WRITE))
			return -EBADF;
		return set_mode(sim, pointer);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations screen_ops = {
	.owner = THIS_MODULE,
	.open = screen_open,
	.llseek = screen_seek,
	.read = screen_read,
	.write = screen_write,
	.mmap = screen_mmap,
	.unlocked_ioctl = screen_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

int kvmcap_sim_screen_init(struct kvmcap_sim *sim)
{
	sim->vram = vmalloc_user(KVMCAP_SIM_VRAM_SIZE);
	if (!sim->vram)
		return -ENOMEM;
	sim->mode.width = FIRST_WIDTH;
	sim->mode.height = FIRST_HEIGHT;
	sim->mode.signal = 1;
	sim->mode.vram_size = KVMCAP_SIM_VRAM_SIZE;
	send_signal(sim);
	return 0;
}

void kvmcap_sim_screen_exit(struct kvmcap_sim *sim)
{
	/* The clocks are off since the engine's driver left: nothing captures. */
	vfree(sim->vram);
}

int kvmcap_sim_screen_publish(struct kvmcap_sim *sim)
{
	sim->misc.minor = MISC_DYNAMIC_MINOR;
	sim->misc.name = sim->name;
	sim->misc.fops = &screen_ops;
	return misc_register(&sim->misc);
}

void kvmcap_sim_screen_unpublish(struct kvmcap_sim *sim)
{
	misc_deregister(&sim->misc);
}

void kvmcap_sim_screens_ready(void)
{
	/* Pairs with screen_open(). */
	smp_store_release(&are_ready, true);
}
