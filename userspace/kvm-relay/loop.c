// SPDX-License-Identifier: Apache-2.0
/*
 * The event loop.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "loop.h"

/* Descriptors that one step serves; the others keep until the next. */
#define LOOP_BATCH	32

uint64_t loop_now(void)
{
	return (uint64_t)kvmcap_now_ms();
}

int loop_init(struct loop *loop)
{
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -errno : 0;
}

void loop_free(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	loop->epoll = -1;
}

int loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event)) {
		int error = -errno;

		close(fd);
		watch->fd = -1;
		return error;
	}
	watch->fd = fd;
	watch->events = events;
	return 0;
}

void loop_change(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (watch->fd < 0 || watch->events == events)
		return;
	/* It cannot fail for a descriptor that is watched. */
	epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event);
	watch->events = events;
}

void loop_close(struct loop *loop, struct watch *watch)
{
	if (watch->fd < 0)
		return;
	/* Closing alone would not end it while a duplicate is open. */
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	close(watch->fd);
	watch->fd = -1;
}

int loop_step(struct loop *loop, int timeout)
{
	struct epoll_event events[LOOP_BATCH];
	int count = epoll_wait(loop->epoll, events, LOOP_BATCH, timeout);

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		struct watch *watch = events[i].data.ptr;

		/* An earlier one of this batch may have ended it. */
		if (watch->fd >= 0)
			watch->ready(watch, events[i].events);
	}
	return 0;
}
