/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The writer's half of the barriers that <linux/kvmcap.h> draws, for the kernel
 * and for programs that write a log of their own (tests, players).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_LOG_BARRIERS_H
#define KVMCAP_LOG_BARRIERS_H

#include "pure.h"

#ifdef __KERNEL__
#include <asm/barrier.h>
#include <linux/compiler.h>
#include <linux/preempt.h>

/* Readers spin while @update is odd, so the writer must not be preempted then. */
static inline void kvmcap_update_begin(u32 *update)
{
	preempt_disable();
	WRITE_ONCE(*update, *update + 1);
	/*
	 * Pairs with a reader's fence(acquire): whoever sees one of the stores
	 * that follow sees @update changed, too.
	 */
	smp_wmb();
}

static inline void kvmcap_update_end(u32 *update)
{
	/* Pairs with a reader's load_acquire(update). */
	smp_store_release(update, *update + 1);
	preempt_enable();
}

/* Between moving the tail and writing over what it has left. */
static inline void kvmcap_before_overwriting(void)
{
	/*
	 * Pairs with the fence(acquire) between a reader's copy of a payload and
	 * its look at the tail.
	 */
	smp_mb();
}
#else
static inline void kvmcap_update_begin(u32 *update)
{
	__atomic_store_n(update, *update + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void kvmcap_update_end(u32 *update)
{
	__atomic_store_n(update, *update + 1, __ATOMIC_RELEASE);
}

static inline void kvmcap_before_overwriting(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#endif

#endif
