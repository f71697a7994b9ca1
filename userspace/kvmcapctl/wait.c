// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl wait: for scripts, until the screen is as they want it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "device.h"
#include "names.h"

/*
 * Captures to wait for before the picture is known to be newer than the command:
 * the first may have been under way, that the third is counted tells that the
 * second one is committed.
 */
#define CAPTURES_FRESH	3

/* Captures without a change that stillness takes at least. */
#define CAPTURES_STILL	2

#define POLL_MS		20	/* a capture that changes nothing wakes nobody */

/**
 * struct waiter - who waits
 * @options: the command line
 * @source: the device
 * @snapshot: the newest
 * @captures: counted by the device, newest
 * @began_captures: ... when the waiting began
 * @based: there was a picture to compare with
 * @since: frame that the picture is compared with
 * @still_ns: when it last changed, as far as we saw
 * @still_captures: captures then
 * @width: that is waited for
 * @height: ...
 */
struct waiter {
	const struct options *options;
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	uint64_t captures;
	uint64_t began_captures;
	bool based;
	uint64_t since;
	uint64_t still_ns;
	uint64_t still_captures;
	unsigned int width;
	unsigned int height;
};

/* Whether what is waited for has come. */
typedef bool wait_fn(struct waiter *waiter);

static bool has_picture(const struct waiter *w)
{
	return w->snapshot.header.signal == KVMCAP_SIGNAL_OK && w->snapshot.tile_count;
}

static bool is_signal(struct waiter *w)
{
	return w->snapshot.header.signal == KVMCAP_SIGNAL_OK;
}

static bool is_nosignal(struct waiter *w)
{
	return w->snapshot.header.signal == KVMCAP_SIGNAL_NONE;
}

static bool is_mode(struct waiter *w)
{
	const struct kvmcap_mode *mode = &w->snapshot.header.mode;

	return has_picture(w) && mode->width == w->width && mode->height == w->height;
}

/* Whether tile @number shows a part of the region. */
static bool in_region(const struct waiter *w, size_t number)
{
	const struct kvmcap_mode *mode = &w->snapshot.header.mode;
	const struct kvmcap_pixels *region = &w->options->region;
	const struct kvmcap_rectangle one = {
		.column = (uint16_t)(number % mode->columns),
		.row = (uint16_t)(number / mode->columns),
		.columns = 1,
		.rows = 1,
	};
	struct kvmcap_pixels tile;

	if (!region->width)
		return true;
	tile = kvmcap_rectangle_pixels(mode, &one);
	return tile.x < region->x + region->width && region->x < tile.x + tile.width &&
	       tile.y < region->y + region->height && region->y < tile.y + tile.height;
}

static bool has_changed(const struct waiter *w)
{
	size_t i;

	for (i = 0; i < w->snapshot.tile_count; i++) {
		if (w->snapshot.tiles[i].sequence > w->since && in_region(w, i))
			return true;
	}
	return false;
}

/* A picture that was captured after the command began is what others are compared with. */
static bool has_base(struct waiter *w)
{
	if (!w->based && has_picture(w) &&
	    w->captures - w->began_captures >= CAPTURES_FRESH) {
		w->based = true;
		w->since = w->snapshot.header.committed;
		w->still_ns = kvmcap_now_ns();
		w->still_captures = w->captures;
	}
	return w->based;
}

static bool is_change(struct waiter *w)
{
	return has_base(w) && has_picture(w) && has_changed(w);
}

static bool is_stable(struct waiter *w)
{
	if (!has_base(w))
		return false;
	if (!has_picture(w) || has_changed(w)) {
		w->since = w->snapshot.header.committed;
		w->still_ns = kvmcap_now_ns();
		w->still_captures = w->captures;
		return false;
	}
	return kvmcap_now_ns() - w->still_ns >= w->options->for_ns &&
	       w->captures - w->still_captures >= CAPTURES_STILL;
}

static int look(struct waiter *w)
{
	struct kvmcap_stats stats;
	int err = kvmcap_stats(w->source, &stats);

	if (!err)
		err = kvmcap_snapshot(w->source, &w->snapshot);
	w->captures = stats.captures;
	return err;
}

/* 0 it has come; 1 it has not in time; -errno. */
static int wait_for(struct waiter *w, wait_fn *come)
{
	struct pollfd wait = { .fd = kvmcap_fd(w->source), .events = POLLIN | POLLPRI };
	int64_t deadline = kvmcap_now_ms() + (int64_t)w->options->timeout * 1000;
	int err = look(w);

	w->began_captures = w->captures;
	while (!err) {
		if (come(w))
			return 0;
		if (kvmcap_now_ms() >= deadline ||
		    w->snapshot.header.signal == KVMCAP_SIGNAL_GONE)
			return 1;
		err = kvmcap_ack(w->source, w->snapshot.header.committed, true);
		if (!err) {
			poll(&wait, 1, POLL_MS);
			err = look(w);
		}
	}
	return err;
}

static int run(struct waiter *w, wait_fn *come, const char *what)
{
	const struct options *options = w->options;
	const char *path = options->device ? options->device : KVMCAP_DEVICE_DEFAULT;
	int status = open_capture(options, &w->source), err;

	if (status)
		return status;
	err = wait_for(w, come);
	if (err > 0)
		status = complain(STATUS_NO_PICTURE, "%s: %s in %u s: the signal is %s, the picture %ux%u",
				  path, what, options->timeout,
				  signal_name(w->snapshot.header.signal),
				  w->snapshot.header.mode.width, w->snapshot.header.mode.height);
	else if (err)
		status = complain(error_status(err), "%s: cannot wait: %s", path, strerror(-err));
	kvmcap_close(w->source);
	return status;
}

int command_wait_signal(const struct options *options, const char *argument)
{
	struct waiter waiter = { .options = options };

	(void)argument;
	return run(&waiter, is_signal, "no signal");
}

int command_wait_nosignal(const struct options *options, const char *argument)
{
	struct waiter waiter = { .options = options };

	(void)argument;
	return run(&waiter, is_nosignal, "no loss of signal");
}

int command_wait_mode(const struct options *options, const char *argument)
{
	struct waiter waiter = { .options = options };
	int used = 0;

	if (strspn(argument, "0123456789x") != strlen(argument) ||
	    sscanf(argument, "%5ux%5u%n", &waiter.width, &waiter.height, &used) != 2 ||
	    argument[used])
		return complain(STATUS_USAGE, "%s: a mode is WIDTHxHEIGHT", argument);
	return run(&waiter, is_mode, "no such mode");
}

int command_wait_change(const struct options *options, const char *argument)
{
	struct waiter waiter = { .options = options };

	(void)argument;
	return run(&waiter, is_change, "no change");
}

int command_wait_stable(const struct options *options, const char *argument)
{
	struct waiter waiter = { .options = options };

	(void)argument;
	if (options->for_ns / NS_PER_SECOND >= options->timeout)
		return complain(STATUS_USAGE, "--for: it takes less than --timeout, which is %u seconds",
				options->timeout);
	return run(&waiter, is_stable, "no rest");
}
