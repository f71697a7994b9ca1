/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One client's way to the host's keyboard and pointer: a descriptor of
 * /dev/kvmhidN of its own, so that closing it lets go of what the client held.
 *
 * What the device has no room for waits in a bounded queue; while that is full
 * nothing more is read from the client.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_INPUT_H
#define RELAY_INPUT_H

#include <linux/kvmhid.h>
#include <stdbool.h>

#include "keyboard.h"
#include "loop.h"

/* Events that wait for the device. */
#define INPUT_QUEUE		256

/* Room that one message of a client may need. */
#define INPUT_ROOM_MIN		KEYBOARD_EVENTS_MAX

/* A host that takes nothing for so long does not get what has waited for it. */
#define INPUT_STALL_MS		5000

/**
 * struct input_port - the device, as all clients see it
 * @path: of the device; NULL if there is to be none
 * @open: how to open it; tests have one of their own
 * @error: of the last attempt, to say each only once
 * @unconnected: events dropped because no host was there, a counter
 * @stalled: events dropped because the host took none, a counter
 */
struct input_port {
	const char *path;
	int (*open)(const char *path);
	int error;
	uint64_t unconnected;
	uint64_t stalled;
};

/**
 * struct input - a client's descriptor of it
 * @watch: the descriptor
 * @loop: the loop
 * @port: the device
 * @keyboard: the client's keyboard, which learns of LEDs here
 * @queue: ring of events that wait
 * @first: the oldest of them
 * @count: how many
 * @stalls_at: time in ms when they have waited too long, NEVER if none wait
 * @retry_at: time in ms of the next attempt to open
 * @retry_ms: how long to wait after that
 */
struct input {
	struct watch watch;
	struct loop *loop;
	struct input_port *port;
	struct keyboard keyboard;
	struct kvmhid_event queue[INPUT_QUEUE];
	unsigned int first;
	unsigned int count;
	uint64_t stalls_at;
	uint64_t retry_at;
	unsigned int retry_ms;
};

void input_port_init(struct input_port *port, const char *path);

void input_init(struct input *input, struct loop *loop, struct input_port *port);

/* Let go of everything that the client holds. */
void input_close(struct input *input);

/* Events that there is room for. */
unsigned int input_room(const struct input *input);

/* Queue events, of which there must be no more than input_room(), and write. */
void input_put(struct input *input, const struct kvmhid_event *events, size_t count);

/* Open the device, or give up on a stalled host, if it is time to. */
void input_tick(struct input *input, uint64_t now);

/* When input_tick() has something to do. */
uint64_t input_deadline(const struct input *input);

#endif
