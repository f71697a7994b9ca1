// SPDX-License-Identifier: Apache-2.0
/*
 * What VNC clients show is what was put on the simulated screen: after every
 * frame, in every size, in every encoding, to the last sample.
 *
 * picture [OPTION]... HOST PORT
 *
 * connects one client of each kind to a relay. Clients that get JPEG are compared
 * with the engine's own image of the whole frame, plane by plane; clients that
 * get pixels, with what libjpeg makes of that image. See struct viewer_kind.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <getopt.h>
#include <kvmcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "aspeed_tables.h"
#include "screen.h"
#include "viewer.h"

#define PATIENCE_MS	30000	/* without any message, before a client is held to be done */
#define SETTLE_MS	3000	/* the same once all others are right */
#define UPDATES_MAX	200	/* messages to one client for one frame */
#define FAILURES_MAX	3	/* pictures that are written, and waited for */
#define FIRST_SEED	1
#define TABLES_MAX	4096	/* bytes; the driver's are 600 */

static const struct { unsigned int width, height; } sizes[] = {
	{ 640, 480 }, { 720, 400 }, { 800, 600 }, { 1024, 768 }, { 1280, 1024 },
	{ 1366, 768 }, { 1600, 900 }, { 1680, 1050 }, { 1920, 1080 }, { 1920, 1200 },
	{ 803, 601 },	/* no size that a host has, but one that leaves remainders */
};

#define SIZES	(sizeof(sizes) / sizeof(sizes[0]))

/**
 * struct picture_test - the test
 * @device: the capture device
 * @screen_path: the simulated screen
 * @output: directory for pictures that are wrong
 * @only: the only size to be shown, "WIDTHxHEIGHT"; NULL for all
 * @whole: the engine delivers whole pictures, rather than changes
 * @source: the capture device, open for setting parameters
 * @screen: the simulated screen, open
 * @viewers: one of each kind
 * @frames: shown so far
 * @wrong: by kind: pictures of the present size that were not right
 * @failures: pictures that were not right, in all
 */
struct picture_test {
	const char *device;
	const char *screen_path;
	const char *output;
	const char *only;
	bool whole;
	struct kvmcap_source *source;
	struct screen screen;
	struct viewer viewers[VIEWER_KINDS];
	unsigned int frames;
	unsigned int wrong[VIEWER_KINDS];
	unsigned int failures;
};

/* Where a picture of pixels differs. */
struct place {
	unsigned int x;
	unsigned int y;
	uint32_t got;
	uint32_t wanted;
	size_t pixels;
};

/*
 * Interpolation reaches over the edges of rectangles, behind which the client
 * has nothing to interpolate with: next to edges of tiles, pixels may differ.
 */
static bool at_edge(unsigned int x, unsigned int y, const struct kvmcap_mode *mode)
{
	return x % mode->tile_width == 0 || (x + 1) % mode->tile_width == 0 ||
	       y % mode->tile_height == 0 || (y + 1) % mode->tile_height == 0;
}

static bool pixels_equal(const struct viewer *viewer, const struct screen *screen,
			 const struct kvmcap_mode *mode, struct place *place)
{
	bool smooth = viewer->kind == VIEWER_PLAIN;
	const uint32_t *wanted = smooth ? screen->smooth : screen->sharp;
	unsigned int x, y;

	memset(place, 0, sizeof(*place));
	if ((unsigned int)viewer->client->width != screen->width ||
	    (unsigned int)viewer->client->height != screen->height) {
		place->pixels = 1;
		return false;
	}
	for (y = 0; y < screen->height; y++) {
		for (x = 0; x < screen->width; x++, wanted++) {
			uint32_t got = viewer_pixel(viewer, x, y);

			if (got == *wanted || (smooth && screen->halved && at_edge(x, y, mode)))
				continue;
			if (!place->pixels++) {
				place->x = x;
				place->y = y;
				place->got = got;
				place->wanted = *wanted;
			}
		}
	}
	return !place->pixels;
}

static bool keeps_planes(const struct viewer *viewer)
{
	return viewer->kind == VIEWER_TIGHT || viewer->kind == VIEWER_JPEG;
}

/* The quality that the published tables are of, or the one expected so far. */
static unsigned int published_selector(struct picture_test *test,
				       const struct kvmcap_snapshot *snapshot)
{
	const uint8_t *tables = kvmcap_tables(test->source, snapshot);
	uint8_t copy[TABLES_MAX], luma[KVMCAP_ZIGZAG_LENGTH];
	size_t length = snapshot->header.tables_length;
	unsigned int selector;

	if (!tables || length > sizeof(copy))
		return test->screen.selector;
	memcpy(copy, tables, length);
	if (!kvmcap_intact(test->source, snapshot->header.tables_position))
		return test->screen.selector;
	for (selector = 0; selector < KVMCAP_ASPEED_SELECTORS; selector++) {
		kvmcap_aspeed_quantiser(selector, false, luma);
		if (memmem(copy, length, luma, sizeof(luma)))
			return selector;
	}
	return test->screen.selector;
}

/*
 * The mode that the driver publishes, for the edges of tiles; none if there is no
 * picture. What is expected follows the tables that the driver publishes: where
 * a picture does not fit the engine's buffer, the driver takes a coarser quality.
 */
static struct kvmcap_mode follow_driver(struct picture_test *test)
{
	struct kvmcap_snapshot snapshot;
	struct kvmcap_mode none = { .tile_width = 1, .tile_height = 1 };
	const char *problem;

	if (kvmcap_snapshot(test->source, &snapshot) || !snapshot.tile_count)
		return none;
	problem = screen_expect(&test->screen, published_selector(test, &snapshot));
	if (problem)
		tap_diag("%s", problem);
	return snapshot.header.mode;
}

static bool is_right(struct picture_test *test, const struct viewer *viewer)
{
	struct kvmcap_mode mode = follow_driver(test);
	struct planes_difference difference;
	struct place place;

	if (keeps_planes(viewer))
		return planes_equal(&viewer->planes, &test->screen.planes, &difference);
	return pixels_equal(viewer, &test->screen, &mode, &place);
}

static void write_pair(struct picture_test *test, const struct viewer *viewer)
{
	const struct screen *screen = &test->screen;
	rfbClient *client = viewer->client;
	size_t count = (size_t)client->width * (size_t)client->height, i;
	uint32_t *pixels = calloc(count ? count : 1, sizeof(*pixels));
	char got[512], wanted[512];
	bool good;

	snprintf(got, sizeof(got), "%s/frame-%u-%d-got.ppm", test->output, test->frames,
		 viewer->kind);
	snprintf(wanted, sizeof(wanted), "%s/frame-%u-%d-wanted.ppm", test->output, test->frames,
		 viewer->kind);
	mkdir(test->output, 0777);
	if (keeps_planes(viewer)) {
		good = planes_write_ppm(&viewer->planes, got) &&
		       planes_write_ppm(&screen->planes, wanted);
	} else {
		for (i = 0; pixels && i < count; i++)
			pixels[i] = viewer_pixel(viewer, (unsigned int)(i % (size_t)client->width),
						 (unsigned int)(i / (size_t)client->width));
		good = pixels && pixels_write_ppm(pixels, (unsigned int)client->width,
						  (unsigned int)client->height, got) &&
		       pixels_write_ppm(viewer->kind == VIEWER_PLAIN ? screen->smooth :
					screen->sharp, screen->width, screen->height, wanted);
	}
	tap_diag(good ? "see %s and %s" : "cannot write %s and %s", got, wanted);
	free(pixels);
}

static void explain(struct picture_test *test, const struct viewer *viewer, enum frame_kind kind)
{
	static const char *const components[] = { "Y", "Cb", "Cr" };
	struct kvmcap_mode mode = follow_driver(test);
	struct planes_difference d;
	struct place p;

	tap_diag("frame %u (%s, %ux%u, 4:%s, selector %u), %s: the picture is wrong",
		 test->frames, frame_name(kind), test->screen.width, test->screen.height,
		 test->screen.halved ? "2:0" : "4:4", test->screen.selector,
		 viewer_name(viewer->kind));
	tap_diag("the client has %dx%d, after %lu updates and %lu JPEG rectangles",
		 viewer->client->width, viewer->client->height, viewer->updates, viewer->jpegs);
	if (!keeps_planes(viewer) && !pixels_equal(viewer, &test->screen, &mode, &p))
		tap_diag("%zu pixels differ, first at %u,%u in tile column %u row %u: %06x, not %06x",
			 p.pixels, p.x, p.y, p.x / mode.tile_width, p.y / mode.tile_height,
			 p.got, p.wanted);
	if (keeps_planes(viewer) &&
	    !planes_equal(&viewer->planes, &test->screen.planes, &d) && d.component < 3)
		tap_diag("%zu samples differ, first %s at %u,%u in tile column %u row %u: %u, not %u",
			 d.samples, components[d.component], d.x, d.y, d.x / mode.tile_width,
			 d.y / mode.tile_height, d.got, d.wanted);
	write_pair(test, viewer);
}

/*
 * Waits until all clients show the frame. A client is done when it does; it is
 * wrong when it does not, although nothing more comes. False: a connection ended.
 */
static bool wait_for_frame(struct picture_test *test, bool *right)
{
	unsigned long before[VIEWER_KINDS], looked_at[VIEWER_KINDS];
	unsigned int i, missing;
	int ready;

	for (i = 0; i < VIEWER_KINDS; i++) {
		before[i] = test->viewers[i].updates;
		looked_at[i] = before[i] - 1;
		right[i] = false;
	}
	for (;;) {
		missing = 0;
		for (i = 0; i < VIEWER_KINDS; i++) {
			struct viewer *viewer = &test->viewers[i];

			if (looked_at[i] != viewer->updates)
				right[i] = is_right(test, viewer);
			looked_at[i] = viewer->updates;
			missing += !right[i];
			if (viewer->updates - before[i] > UPDATES_MAX)
				return true;
		}
		if (!missing)
			return true;
		ready = viewer_serve(test->viewers, VIEWER_KINDS,
				     missing == VIEWER_KINDS ? PATIENCE_MS : SETTLE_MS);
		if (ready <= 0)
			return !ready;
	}
}

static bool show_frame(struct picture_test *test, size_t size, enum frame_kind kind)
{
	bool right[VIEWER_KINDS];
	const char *problem;
	unsigned int i;

	test->frames++;
	problem = screen_show(&test->screen, sizes[size].width, sizes[size].height, kind,
			      FIRST_SEED + test->frames);
	if (problem) {
		tap_diag("frame %u: %s", test->frames, problem);
		return false;
	}
	if (!wait_for_frame(test, right))
		return false;
	for (i = 0; i < VIEWER_KINDS; i++) {
		if (right[i])
			continue;
		test->wrong[i]++;
		if (test->failures++ < FAILURES_MAX)
			explain(test, &test->viewers[i], kind);
	}
	return test->failures < FAILURES_MAX;
}

/* All frames of one size, and a line for each encoding. False: no use in going on. */
static bool test_size(struct picture_test *test, size_t size)
{
	unsigned int i, kind;
	bool on = true;

	memset(test->wrong, 0, sizeof(test->wrong));
	for (kind = 0; kind < FRAME_KINDS && on; kind++)
		on = show_frame(test, size, kind);
	for (i = 0; i < VIEWER_KINDS; i++)
		tap_ok(!test->wrong[i] && kind == FRAME_KINDS,
		       "%ux%u 4:%s, %s: the picture after each of %d frames",
		       sizes[size].width, sizes[size].height,
		       test->screen.halved ? "2:0" : "4:4", viewer_name(i), FRAME_KINDS);
	return on;
}

/* False, having said why, if the engine does not take the subsampling. */
static bool set_subsampling(struct picture_test *test, enum kvmcap_subsampling subsampling)
{
	struct kvmcap_params params;
	int err = kvmcap_get_params(test->source, &params);

	params.subsampling = subsampling;
	params.capture = test->whole ? KVMCAP_CAPTURE_WHOLE : KVMCAP_CAPTURE_AUTO;
	if (!err)
		err = kvmcap_set_params(test->source, &params);
	if (!err)
		err = kvmcap_get_params(test->source, &params);
	if (err) {
		tap_diag("cannot set the subsampling: %s", strerror(-err));
		return false;
	}
	test->screen.halved = subsampling == KVMCAP_SUBSAMPLING_420;
	test->screen.selector = kvmcap_aspeed_selector(params.quality);
	return true;
}

static bool is_wanted(const struct picture_test *test, size_t size)
{
	char name[32];

	snprintf(name, sizeof(name), "%ux%u", sizes[size].width, sizes[size].height);
	return !test->only || !strcmp(test->only, name);
}

static bool test_all(struct picture_test *test)
{
	static const enum kvmcap_subsampling subsamplings[] = {
		KVMCAP_SUBSAMPLING_420, KVMCAP_SUBSAMPLING_444,
	};
	size_t size;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (!set_subsampling(test, subsamplings[i]))
			return false;
		for (size = 0; size < SIZES; size++) {
			if (is_wanted(test, size) && !test_size(test, size))
				return false;
		}
	}
	return test->frames > 0;
}

/* Has the engine delivered what it was to deliver? */
static bool is_as_wanted(struct picture_test *test)
{
	struct kvmcap_stats stats;

	if (kvmcap_stats(test->source, &stats))
		return false;
	tap_diag("%llu captures, %llu of them whole, %llu malformed, %llu dropped",
		 (unsigned long long)stats.captures, (unsigned long long)stats.whole,
		 (unsigned long long)stats.malformed, (unsigned long long)stats.dropped);
	if (stats.fallbacks || stats.malformed)
		return false;
	return test->whole ? stats.whole == stats.captures : stats.whole < stats.captures;
}

static bool setup(struct picture_test *test, const char *host, int port)
{
	const char *problem = screen_open(&test->screen, test->screen_path);
	unsigned int i;
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
	for (i = 0; i < VIEWER_KINDS; i++) {
		if (!viewer_connect(&test->viewers[i], i, host, port)) {
			tap_diag("cannot connect to %s port %d", host, port);
			return false;
		}
	}
	return true;
}

static void teardown(struct picture_test *test)
{
	unsigned int i;

	for (i = 0; i < VIEWER_KINDS; i++) {
		if (test->viewers[i].client)
			tap_diag("%s: %lu updates, %lu JPEG rectangles of %llu bytes",
				 viewer_name(i), test->viewers[i].updates, test->viewers[i].jpegs,
				 test->viewers[i].jpeg_bytes);
		viewer_close(&test->viewers[i]);
	}
	screen_close(&test->screen);
	kvmcap_close(test->source);
}

int main(int argc, char **argv)
{
	struct picture_test test = {
		.device = KVMCAP_DEVICE_DEFAULT,
		.screen_path = "/dev/kvmcap-sim0",
		.output = "build/check/picture",
	};
	bool good;
	int code;

	while ((code = getopt(argc, argv, "d:s:o:n:w")) != -1) {
		if (code == 'd')
			test.device = optarg;
		else if (code == 's')
			test.screen_path = optarg;
		else if (code == 'o')
			test.output = optarg;
		else if (code == 'n')
			test.only = optarg;
		else if (code == 'w')
			test.whole = true;
		else
			return 2;
	}
	if (argc - optind != 2) {
		fputs("usage: picture [-d DEVICE] [-s SCREEN] [-o DIRECTORY] [-n SIZE] [-w] HOST PORT\n",
		      stderr);
		return 2;
	}
	good = tap_ok(setup(&test, argv[optind], atoi(argv[optind + 1])), "the clients connect");
	if (good)
		good = test_all(&test);
	tap_ok(good, "%u different frames were shown", test.frames);
	if (good)
		tap_ok(is_as_wanted(&test), "the engine has delivered %s",
		       test.whole ? "whole pictures" : "changes");
	teardown(&test);
	return tap_end();
}
