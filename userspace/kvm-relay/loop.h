/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: descriptors, and what is called when they are ready.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_LOOP_H
#define RELAY_LOOP_H

#include <stddef.h>
#include <stdint.h>

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

/**
 * struct watch - a descriptor that the loop looks after; part of its owner
 * @fd: the descriptor, -1 when there is none
 * @events: EPOLL* that are waited for
 * @ready: what to call; it may end any watch, but not free the owner of one
 */
struct watch {
	int fd;
	uint32_t events;
	void (*ready)(struct watch *watch, uint32_t events);
};

struct loop {
	int epoll;
};

/* Milliseconds that only grow. */
uint64_t loop_now(void);

/* Return: 0 or a negative errno. */
int loop_init(struct loop *loop);
void loop_free(struct loop *loop);

/* Start to look after @fd, which is the watch's from then on, also on failure. */
int loop_watch(struct loop *loop, struct watch *watch, int fd, uint32_t events);

/* Wait for other events. */
void loop_change(struct loop *loop, struct watch *watch, uint32_t events);

/* Close the descriptor. Safe when there is none. */
void loop_close(struct loop *loop, struct watch *watch);

/**
 * loop_step() - wait once and call who is ready
 * @loop: the loop
 * @timeout: ms; -1 for no end
 *
 * Return: 0 or a negative errno.
 */
int loop_step(struct loop *loop, int timeout);

#endif
