// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does one thing that must not pass unnoticed, for the lab's own tests:
 * insmod lab_provoke.ko fault=warn|oops|kasan|ubsan|lockdep|atomic|leak|race
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *fault = "";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "what to do wrong");

/* Both protect nothing: they are only ever taken in the wrong order. */
static DEFINE_SPINLOCK(provoke_a);
static DEFINE_SPINLOCK(provoke_b);

/* A parameter so that the compiler cannot know better. */
static unsigned int provoke_size = 64;
module_param_named(size, provoke_size, uint, 0444);
MODULE_PARM_DESC(size, "bytes to allocate, bits to shift");

static void provoke_warn(void)
{
	WARN(1, "provoked\n");
}

static void provoke_oops(void)
{
	u8 *nowhere = (u8 *)(unsigned long)(provoke_size & 0x10);

	WRITE_ONCE(*nowhere, 1);
}

static void provoke_kasan(void)
{
	u8 *bytes = kmalloc(provoke_size, GFP_KERNEL);

	if (bytes)
		WRITE_ONCE(bytes[provoke_size], 1);
	kfree(bytes);
}

static void provoke_ubsan(void)
{
	pr_info("provoked: %d\n", 1 << provoke_size);
}

static void provoke_lockdep(void)
{
	spin_lock(&provoke_a);
	spin_lock(&provoke_b);
	spin_unlock(&provoke_b);
	spin_unlock(&provoke_a);

	spin_lock(&provoke_b);
	spin_lock(&provoke_a);
	spin_unlock(&provoke_a);
	spin_unlock(&provoke_b);
}

static void provoke_atomic(void)
{
	spin_lock(&provoke_a);
	msleep(20);
	spin_unlock(&provoke_a);
}

static void provoke_leak(void)
{
	void *lost = kmalloc(provoke_size, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(lost);
}

/* So often that a detector which samples cannot miss it. */
#define PROVOKE_STEPS	4000000

static unsigned int provoke_shared;

static int provoke_count(void *unused)
{
	unsigned int i;

	for (i = 0; i < PROVOKE_STEPS; i++) {
		provoke_shared++;
		barrier();
		if (!(i % 1024))
			cond_resched();
	}
	return 0;
}

static int provoke_count_until_stopped(void *unused)
{
	provoke_count(unused);
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static void provoke_race(void)
{
	struct task_struct *other;

	other = kthread_run(provoke_count_until_stopped, NULL, "lab_provoke");
	if (IS_ERR(other))
		return;
	provoke_count(NULL);
	kthread_stop(other);
}

static const struct {
	const char *name;
	void (*provoke)(void);
} provoke_faults[] = {
	{ "warn", provoke_warn },
	{ "oops", provoke_oops },
	{ "kasan", provoke_kasan },
	{ "ubsan", provoke_ubsan },
	{ "lockdep", provoke_lockdep },
	{ "atomic", provoke_atomic },
	{ "leak", provoke_leak },
	{ "race", provoke_race },
};

static int __init provoke_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(provoke_faults); i++) {
		if (!strcmp(fault, provoke_faults[i].name)) {
			provoke_faults[i].provoke();
			return 0;
		}
	}
	return -EINVAL;
}
module_init(provoke_init);

static void __exit provoke_exit(void)
{
}
module_exit(provoke_exit);

MODULE_DESCRIPTION("Provokes what the lab has to notice");
MODULE_LICENSE("GPL");
