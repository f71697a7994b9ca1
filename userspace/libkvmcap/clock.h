/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it is, for programs and tests; not for libkvmcap's users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_CLOCK_H
#define LIBKVMCAP_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS	1000000ULL
#define NS_PER_SECOND	1000000000ULL

/* Nanoseconds of @clock, which the kernel cannot fail to have. */
static inline uint64_t kvmcap_clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Nanoseconds that only grow: the clock of kvmcap's timestamps. */
static inline uint64_t kvmcap_now_ns(void)
{
	return kvmcap_clock_ns(CLOCK_MONOTONIC);
}

static inline int64_t kvmcap_now_ms(void)
{
	return (int64_t)(kvmcap_now_ns() / NS_PER_MS);
}

#endif
