// SPDX-License-Identifier: Apache-2.0
/*
 * What VNC clients show of an engine that delivers pixels, Nuvoton's, is what was
 * put on the simulated screen, but for the bits that 16-bit pixels have no room for:
 * after every frame, in every size, with each codec of the engine.
 *
 * pixels [OPTION]... HOST PORT
 *
 * connects one client of each kind to a relay, see enum viewer_kind. The one that
 * takes JPEG sees as much as JPEG of good quality shows.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <getopt.h>
#include <kvmcap.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "screen.h"
#include "viewer.h"

#define PATIENCE_MS	30000	/* without any message, before a client is held to be done */
#define SETTLE_MS	3000	/* the same once all others are right */
#define UPDATES_MAX	400	/* messages to one client for one frame */
#define FAILURES_MAX	3	/* pictures that are waited for in vain */
#define FIRST_SEED	1

/* Of a JPEG picture: levels that channels are off, by no more on average, and ever. */
#define JPEG_MEAN_MAX	6
#define JPEG_EVER_MAX	96

static const struct { unsigned int width, height; } sizes[] = {
	{ 640, 480 }, { 720, 400 }, { 1366, 768 }, { 1920, 1200 },
	{ 803, 601 },	/* no size that a host has, but one that leaves remainders */
};

#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

static const enum viewer_kind kinds[] = {
	VIEWER_RAW, VIEWER_RAW16, VIEWER_HEXTILE, VIEWER_PLAIN,
};

#define KINDS		(sizeof(kinds) / sizeof(kinds[0]))
#define HEXTILE_KIND	2	/* where in kinds[] */

/**
 * struct pixel_test - the test
 * @device: the capture device
 * @screen_path: the simulated screen
 * @only: the only size to be shown, "WIDTHxHEIGHT"; NULL for all
 * @source: the capture device, open for setting parameters
 * @screen: the simulated screen, open
 * @viewers: one of each of kinds[]
 * @frames: shown so far
 * @wrong: by kind: pictures of the present size that were not right
 * @failures: pictures that were not right, in all
 */
struct pixel_test {
	const char *device;
	const char *screen_path;
	const char *only;
	struct kvmcap_source *source;
	struct screen screen;
	struct viewer viewers[KINDS];
	unsigned int frames;
	unsigned int wrong[KINDS];
	unsigned int failures;
};

static uint32_t to_565(uint32_t rgb)
{
	return (rgb >> 19 & 31) << 11 | (rgb >> 10 & 63) << 5 | (rgb >> 3 & 31);
}

static uint32_t nearest(uint32_t value, uint32_t max)
{
	return (2 * value * 255 + max) / (2 * max);
}

/* What a client of 32-bit pixels is to see of one of 16. */
static uint32_t to_888(uint32_t p)
{
	return nearest(p >> 11, 31) << 16 | nearest(p >> 5 & 63, 63) << 8 | nearest(p & 31, 31);
}

static bool has_size(const struct viewer *viewer, const struct screen *screen)
{
	return (unsigned int)viewer->client->width == screen->width &&
	       (unsigned int)viewer->client->height == screen->height;
}

/* Pixels that differ, and the first of them. */
static size_t differences(const struct viewer *viewer, const struct screen *screen, size_t *first)
{
	size_t count = 0, total = (size_t)screen->width * screen->height;

	for (size_t i = 0; i < total; i++) {
		uint32_t wanted = to_565(screen->pixels[i]);
		uint32_t got = viewer_pixel(viewer, (unsigned int)(i % screen->width),
					    (unsigned int)(i / screen->width));

		if (viewer->kind == VIEWER_RAW)
			wanted = to_888(wanted);
		if (got != wanted && !count++)
			*first = i;
	}
	return count;
}

/* Levels that a JPEG picture is off: on average, times 1000, and ever. */
static void distance(const struct viewer *viewer, const struct screen *screen,
		     unsigned long *mean, unsigned int *ever)
{
	size_t total = (size_t)screen->width * screen->height;
	unsigned long long sum = 0;

	*ever = 0;
	for (size_t i = 0; i < total; i++) {
		uint32_t wanted = to_888(to_565(screen->pixels[i]));
		uint32_t got = viewer_pixel(viewer, (unsigned int)(i % screen->width),
					    (unsigned int)(i / screen->width));

		for (unsigned int shift = 0; shift < 24; shift += 8) {
			int off = (int)(got >> shift & 255) - (int)(wanted >> shift & 255);

			sum += (unsigned int)abs(off);
			if ((unsigned int)abs(off) > *ever)
				*ever = (unsigned int)abs(off);
		}
	}
	*mean = total ? (unsigned long)(sum * 1000 / (total * 3)) : 0;
}

static bool is_right(const struct viewer *viewer, const struct screen *screen)
{
	unsigned long mean;
	unsigned int ever;
	size_t first;

	if (!has_size(viewer, screen))
		return false;
	if (viewer->kind != VIEWER_PLAIN)
		return !differences(viewer, screen, &first);
	distance(viewer, screen, &mean, &ever);
	return mean <= JPEG_MEAN_MAX * 1000 && ever <= JPEG_EVER_MAX;
}

static void explain(const struct pixel_test *test, const struct viewer *viewer,
		    enum frame_kind kind)
{
	const struct screen *screen = &test->screen;
	unsigned long mean;
	unsigned int ever;
	size_t first = 0, count;

	tap_diag("frame %u (%s, %ux%u), %s: the picture is wrong after %lu updates", test->frames,
		 frame_name(kind), screen->width, screen->height, viewer_name(viewer->kind),
		 viewer->updates);
	if (!has_size(viewer, screen)) {
		tap_diag("the client has %dx%d", viewer->client->width, viewer->client->height);
		return;
	}
	if (viewer->kind == VIEWER_PLAIN) {
		distance(viewer, screen, &mean, &ever);
		tap_diag("off by %lu.%03lu levels on average, by %u at most", mean / 1000,
			 mean % 1000, ever);
		return;
	}
	count = differences(viewer, screen, &first);
	tap_diag("%zu pixels differ, first at %zu,%zu: %06x; the screen has %06x", count,
		 first % screen->width, first / screen->width,
		 viewer_pixel(viewer, (unsigned int)(first % screen->width),
			      (unsigned int)(first / screen->width)),
		 screen->pixels[first] & 0xffffff);
}

/* Waits until all clients show the frame. False: a connection ended. */
static bool wait_for_frame(struct pixel_test *test, bool *right)
{
	unsigned long before[KINDS], looked_at[KINDS];
	unsigned int missing;
	int ready;

	for (unsigned int i = 0; i < KINDS; i++) {
		before[i] = test->viewers[i].updates;
		looked_at[i] = before[i] - 1;
		right[i] = false;
	}
	for (;;) {
		missing = 0;
		for (unsigned int i = 0; i < KINDS; i++) {
			const struct viewer *viewer = &test->viewers[i];

			if (looked_at[i] != viewer->updates)
				right[i] = is_right(viewer, &test->screen);
			looked_at[i] = viewer->updates;
			missing += !right[i];
			if (viewer->updates - before[i] > UPDATES_MAX)
				return true;
		}
		if (!missing)
			return true;
		ready = viewer_serve(test->viewers, KINDS,
				     missing == KINDS ? PATIENCE_MS : SETTLE_MS);
		if (ready <= 0)
			return !ready;
	}
}

static bool show_frame(struct pixel_test *test, size_t size, enum frame_kind kind)
{
	bool right[KINDS];
	const char *problem;

	test->frames++;
	problem = screen_put(&test->screen, sizes[size].width, sizes[size].height, kind,
			     FIRST_SEED + test->frames);
	if (problem) {
		tap_diag("frame %u: %s", test->frames, problem);
		return false;
	}
	if (!wait_for_frame(test, right))
		return false;
	for (unsigned int i = 0; i < KINDS; i++) {
		if (right[i])
			continue;
		test->wrong[i]++;
		if (test->failures++ < FAILURES_MAX)
			explain(test, &test->viewers[i], kind);
	}
	return test->failures < FAILURES_MAX;
}

/* All frames of one size, and a line for each client. False: no use in going on. */
static bool test_size(struct pixel_test *test, const char *codec, size_t size)
{
	unsigned int kind;
	bool on = true;

	memset(test->wrong, 0, sizeof(test->wrong));
	for (kind = 0; kind < FRAME_KINDS && on; kind++)
		on = show_frame(test, size, kind);
	for (unsigned int i = 0; i < KINDS; i++)
		tap_ok(!test->wrong[i] && kind == FRAME_KINDS,
		       "%ux%u %s, %s: the picture after each of %d frames", sizes[size].width,
		       sizes[size].height, codec, viewer_name(kinds[i]), FRAME_KINDS);
	return on;
}

static bool is_wanted(const struct pixel_test *test, size_t size)
{
	char name[32];

	snprintf(name, sizeof(name), "%ux%u", sizes[size].width, sizes[size].height);
	return !test->only || !strcmp(test->only, name);
}

/* Whether tiles are of that codec now. */
static bool is_codec(struct pixel_test *test, enum kvmcap_codec codec)
{
	struct kvmcap_snapshot snapshot;

	return !kvmcap_snapshot(test->source, &snapshot) && snapshot.tile_count &&
	       snapshot.header.mode.codec == codec && snapshot.tiles[0].codec == codec;
}

static bool test_codec(struct pixel_test *test, const char *name, enum kvmcap_codec codec)
{
	struct kvmcap_params params;
	int err = kvmcap_get_params(test->source, &params);
	unsigned long fills;
	size_t first = 0;

	params.codec = codec;
	if (!err)
		err = kvmcap_set_params(test->source, &params);
	if (!tap_ok(!err, "the engine takes %s%s%s", name, err ? ": " : "",
		    err ? strerror(-err) : ""))
		return false;
	/* A picture with the codec before may still be on its way. */
	while (first < SIZES && !is_wanted(test, first))
		first++;
	if (first == SIZES || !show_frame(test, first, FRAME_FLAT))
		return false;
	fills = test->viewers[HEXTILE_KIND].fills;
	for (size_t size = first; size < SIZES; size++)
		if (is_wanted(test, size) && !test_size(test, name, size))
			return false;
	tap_ok(is_codec(test, codec), "that is what tiles are");
	tap_ok((test->viewers[HEXTILE_KIND].fills > fills) == (codec == KVMCAP_CODEC_HEXTILE),
	       "%s: Hextile comes from Hextile, and from nothing else", name);
	return true;
}

static bool setup(struct pixel_test *test, const char *host, int port)
{
	const char *problem = screen_open(&test->screen, test->screen_path);
	int err;

	if (problem) {
		tap_diag("%s: %s", test->screen_path, problem);
		return false;
	}
	err = kvmcap_open(&test->source, test->device, true);
	if (err) {
		tap_diag("%s: %s", test->device, strerror(-err));
		return false;
	}
	for (unsigned int i = 0; i < KINDS; i++) {
		if (!viewer_connect(&test->viewers[i], kinds[i], host, port)) {
			tap_diag("cannot connect to %s port %d", host, port);
			return false;
		}
	}
	return true;
}

static void teardown(struct pixel_test *test)
{
	for (unsigned int i = 0; i < KINDS; i++) {
		if (test->viewers[i].client)
			tap_diag("%s: %lu updates, %lu areas of one colour",
				 viewer_name(kinds[i]), test->viewers[i].updates,
				 test->viewers[i].fills);
		viewer_close(&test->viewers[i]);
	}
	screen_close(&test->screen);
	kvmcap_close(test->source);
}

int main(int argc, char **argv)
{
	struct pixel_test test = {
		.device = KVMCAP_DEVICE_DEFAULT,
		.screen_path = "/dev/kvmcap-sim0",
	};
	bool good;
	int code;

	while ((code = getopt(argc, argv, "d:s:n:")) != -1) {
		if (code == 'd')
			test.device = optarg;
		else if (code == 's')
			test.screen_path = optarg;
		else if (code == 'n')
			test.only = optarg;
		else
			return 2;
	}
	if (argc - optind != 2) {
		fputs("usage: pixels [-d DEVICE] [-s SCREEN] [-n SIZE] HOST PORT\n", stderr);
		return 2;
	}
	good = tap_ok(setup(&test, argv[optind], atoi(argv[optind + 1])), "the clients connect") &&
	       test_codec(&test, "HEXTILE", KVMCAP_CODEC_HEXTILE) &&
	       test_codec(&test, "RAW", KVMCAP_CODEC_RAW);
	tap_ok(good, "%u different frames were shown", test.frames);
	teardown(&test);
	return tap_end();
}
