// SPDX-License-Identifier: Apache-2.0
/*
 * One client's way to the host's keyboard and pointer.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "input.h"
#include "log.h"
#include "source.h"

static int open_device(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void input_port_init(struct input_port *port, const char *path)
{
	*port = (struct input_port){ .path = path, .open = open_device };
}

void input_close(struct input *input)
{
	loop_close(input->loop, &input->watch);
	input->count = 0;
	input->stalls_at = NEVER;
	keyboard_released(&input->keyboard);
	keyboard_leds(&input->keyboard, 0, false);
}

unsigned int input_room(const struct input *input)
{
	return INPUT_QUEUE - input->count;
}

static void lost(struct input *input)
{
	log_warning("%s is gone, waiting for it to come back", input->port->path);
	input_close(input);
	input->retry_ms = RETRY_FIRST_MS;
	input->retry_at = loop_now() + input->retry_ms;
}

static void drop(struct input *input, unsigned int count)
{
	input->first = (input->first + count) % INPUT_QUEUE;
	input->count -= count;
}

/* Write up to @count events that lie side by side in the ring. Return: how many or -errno. */
static int write_some(struct input *input, unsigned int count)
{
	ssize_t written;

	if (count > INPUT_QUEUE - input->first)
		count = INPUT_QUEUE - input->first;
	if (count > KVMHID_WRITE_MAX)
		count = KVMHID_WRITE_MAX;
	/* All or none of them are taken: with little room there, try fewer. */
	for (; count; count /= 2) {
		written = write(input->watch.fd, input->queue + input->first,
				count * sizeof(input->queue[0]));
		if (written >= 0)
			return (int)count;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

static void write_failed(struct input *input, int error)
{
	switch (error) {
	case -ENOTCONN:
		/* No host: a key that nobody saw go down need not be remembered. */
		input->port->unconnected += input->count;
		drop(input, input->count);
		break;
	case -EINVAL:
	case -EMSGSIZE:
		log_error("%s does not take what it is sent: %s", input->port->path,
			  strerror(-error));
		drop(input, input->count);
		break;
	default:
		lost(input);
		break;
	}
}

static void flush(struct input *input)
{
	bool progress = false;
	int written = 0;

	while (input->count && written >= 0 && input->watch.fd >= 0) {
		written = write_some(input, input->count);
		if (written > 0) {
			drop(input, (unsigned int)written);
			progress = true;
		} else if (written != -EAGAIN) {
			write_failed(input, written);
		}
	}
	if (!input->count)
		input->stalls_at = NEVER;
	else if (progress || input->stalls_at == NEVER)
		input->stalls_at = loop_now() + INPUT_STALL_MS;
	loop_change(input->loop, &input->watch, EPOLLIN | (input->count ? EPOLLOUT : 0u));
}

static void read_state(struct input *input)
{
	struct kvmhid_state state = { 0 };
	ssize_t length = read(input->watch.fd, &state, sizeof(state));

	if (length == (ssize_t)sizeof(state))
		keyboard_leds(&input->keyboard, state.leds,
			      state.flags & KVMHID_STATE_LEDS_KNOWN);
	else if (length >= 0 || (errno != EAGAIN && errno != EINTR))
		lost(input);
}

static void ready(struct watch *watch, uint32_t events)
{
	struct input *input = container_of(watch, struct input, watch);

	if (events & (EPOLLERR | EPOLLHUP)) {
		lost(input);
		return;
	}
	if (events & EPOLLIN)
		read_state(input);
	if (events & EPOLLOUT && input->watch.fd >= 0)
		flush(input);
}

void input_init(struct input *input, struct loop *loop, struct input_port *port)
{
	*input = (struct input){
		.watch = { .fd = -1, .ready = ready },
		.loop = loop,
		.port = port,
		.stalls_at = NEVER,
		.retry_ms = RETRY_FIRST_MS,
	};
}

void input_put(struct input *input, const struct kvmhid_event *events, size_t count)
{
	if (input->watch.fd < 0) {
		keyboard_released(&input->keyboard);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		input->queue[(input->first + input->count) % INPUT_QUEUE] = events[i];
		input->count++;
	}
	flush(input);
}

static void try_open(struct input *input, uint64_t now)
{
	struct input_port *port = input->port;
	int fd = port->open(port->path);

	if (fd >= 0)
		fd = loop_watch(input->loop, &input->watch, fd, EPOLLIN);
	if (fd < 0) {
		if (port->error != fd)
			log_warning("cannot open %s: %s; there is no keyboard and mouse until usb_f_kvmhid is loaded and its gadget bound, or --hid names another",
				    port->path, strerror(-fd));
		port->error = fd;
		input->retry_at = now + input->retry_ms;
		if (input->retry_ms < RETRY_LAST_MS)
			input->retry_ms *= 2;
		return;
	}
	port->error = 0;
	input->retry_ms = RETRY_FIRST_MS;
	/* The first read returns at once: LEDs are known before the first key. */
	read_state(input);
}

/* The host takes nothing. Nothing must stay down when it wakes up again. */
static void give_up(struct input *input)
{
	input->port->stalled += input->count;
	log_warning("the host takes no input, %u events are dropped", input->count);
	input->queue[input->first] =
		(struct kvmhid_event){ .type = KVMHID_EVENT_RELEASE_ALL };
	input->count = 1;
	keyboard_released(&input->keyboard);
	flush(input);
}

void input_tick(struct input *input, uint64_t now)
{
	if (input->port->path && input->watch.fd < 0 && now >= input->retry_at)
		try_open(input, now);
	else if (input->watch.fd >= 0 && now >= input->stalls_at && input->count > 1)
		give_up(input);
}

uint64_t input_deadline(const struct input *input)
{
	if (input->watch.fd < 0)
		return input->port->path ? input->retry_at : NEVER;
	return input->count > 1 ? input->stalls_at : NEVER;
}
