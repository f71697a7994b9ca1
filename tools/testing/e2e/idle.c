// SPDX-License-Identifier: Apache-2.0
/*
 * A screen that does not change costs nothing: no byte from the relay, no record
 * in the log, for ten seconds, while clients are waiting for an update.
 *
 * idle [-d DEVICE] [-s SCREEN] HOST PORT
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <getopt.h>
#include <kvmcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../unit/tap.h"
#include "screen.h"
#include "viewer.h"

#define IDLE_MS		10000	/* of silence */
#define CALM_MS		1500	/* without a message: what had to be sent has been */
#define FIRST_MS	30000	/* for the first update */
#define MESSAGES_MAX	200	/* before it must have become calm */

/* Takes what comes until nothing does. False: it does not end, or a connection did. */
static bool become_calm(struct viewer *viewers)
{
	unsigned int messages, i;
	int ready = 1;

	for (messages = 0; messages < MESSAGES_MAX && ready > 0; messages++)
		ready = viewer_serve(viewers, VIEWER_KINDS, messages ? CALM_MS : FIRST_MS);
	for (i = 0; i < VIEWER_KINDS; i++) {
		if (!viewers[i].updates)
			return false;
	}
	return ready == 0;
}

/* Bytes that have come to all clients and were not taken. */
static size_t bytes_waiting(const struct viewer *viewers)
{
	size_t bytes = 0;
	unsigned int i;
	int count;

	for (i = 0; i < VIEWER_KINDS; i++) {
		count = 0;
		if (!ioctl(viewers[i].client->sock, FIONREAD, &count))
			bytes += (size_t)count;
		bytes += viewers[i].client->buffered;
	}
	return bytes;
}

static void test_silence(struct kvmcap_source *source, struct viewer *viewers)
{
	struct kvmcap_snapshot before, after;
	struct kvmcap_stats first = { 0 }, last = { 0 };
	size_t bytes;
	bool good;

	good = !kvmcap_snapshot(source, &before) && !kvmcap_stats(source, &first);
	poll(NULL, 0, IDLE_MS);
	bytes = bytes_waiting(viewers);
	good = good && !kvmcap_snapshot(source, &after) && !kvmcap_stats(source, &last);
	tap_ok(good && before.header.signal == KVMCAP_SIGNAL_OK && before.tile_count,
	       "there is a picture");
	tap_ok(!bytes, "the relay sends nothing for %d s", IDLE_MS / 1000);
	if (bytes)
		tap_diag("%zu bytes came", bytes);
	tap_ok(good && last.captures > first.captures, "meanwhile the engine is looking");
	tap_diag("%llu captures, %llu of them without a change",
		 (unsigned long long)(last.captures - first.captures),
		 (unsigned long long)(last.unchanged - first.unchanged));
	tap_ok(good && before.header.head == after.header.head &&
	       before.header.update == after.header.update &&
	       before.header.committed == after.header.committed,
	       "... and publishes no record");
}

/* The silence was not that of the dead: a change still comes through. */
static void test_alive(struct screen *screen, struct viewer *viewers)
{
	unsigned long before = viewers[0].updates;
	const char *problem = screen_show(screen, 800, 600, FRAME_DESKTOP_MOVED, 1);
	bool calm = !problem && become_calm(viewers);

	tap_ok(calm && viewers[0].updates > before, "a change is sent again");
}

static void test(const char *device, const char *path, const char *host, int port)
{
	struct viewer viewers[VIEWER_KINDS] = { 0 };
	struct kvmcap_source *source = NULL;
	struct screen screen = { .fd = -1 };
	const char *problem = screen_open(&screen, path);
	bool good = !problem;
	unsigned int i;

	if (good)
		good = !screen_show(&screen, 800, 600, FRAME_DESKTOP, 1) &&
		       !kvmcap_open(&source, device, false);
	for (i = 0; i < VIEWER_KINDS && good; i++)
		good = viewer_connect(&viewers[i], i, host, port);
	tap_ok(good, "screen, device and clients are there");
	if (good && tap_ok(become_calm(viewers), "all clients get updates, and these end")) {
		test_silence(source, viewers);
		test_alive(&screen, viewers);
	}
	for (i = 0; i < VIEWER_KINDS; i++)
		viewer_close(&viewers[i]);
	screen_close(&screen);
	kvmcap_close(source);
}

int main(int argc, char **argv)
{
	const char *device = KVMCAP_DEVICE_DEFAULT, *path = "/dev/kvmcap-sim0";
	int code;

	while ((code = getopt(argc, argv, "d:s:")) != -1) {
		if (code == 'd')
			device = optarg;
		else if (code == 's')
			path = optarg;
		else
			return 2;
	}
	if (argc - optind != 2) {
		fputs("usage: idle [-d DEVICE] [-s SCREEN] HOST PORT\n", stderr);
		return 2;
	}
	test(device, path, argv[optind], atoi(argv[optind + 1]));
	return tap_end();
}
