// SPDX-License-Identifier: Apache-2.0
/*
 * npcm_engine
 *
 * Our driver on the models of Nuvoton's engines, /dev/kvmcap0 on
 * /dev/kvmcap-sim0: codecs, modes, changes of all sizes, a signal that comes and
 * goes, and engines that do not do what they should. Whatever happens, what is
 * published is either the picture, exactly, or the one before, and the picture
 * again once all is well.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <fcntl.h>
#include <kvmcap.h>
#include <linux/kvmcap-sim.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../unit/random.h"
#include "../unit/tap.h"
#include "clock.h"
#include "frames.h"
#include "hextile_codec.h"

/* For a frame, a change of the signal, or a counter; the driver's waits add up. */
#define WAIT_MS		60000
#define POLL_MS		20

#define PIXELS_MAX	((size_t)KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX)

#define FAULTS		"/sys/kernel/debug/kvmcap-sim0/faults"
#define DELAY		"/sys/kernel/debug/kvmcap-sim0/delay_ms"
#define BAD_ADDRESSES	"/sys/kernel/debug/kvmcap-sim0/bad_addresses"

/* As in drivers/media/kvmcap-sim/npcm_machine.h. */
enum fault {
	FAULT_NONE = 0,
	FAULT_SILENT = 1,
	FAULT_SPURIOUS = 2,
	FAULT_GARBLED = 8,
	FAULT_SIZE = 16,
	FAULT_UNSTABLE = 32,
	FAULT_OVERRUN = 0x10000,
	FAULT_STUCK = 0x20000,
};

/* Changes of a random kind, and how many of them come with a fault. */
#define CHANGES		150
#define FAULTS_EVERY	6

/* Captures of a screen that does not change. */
#define QUIET_CAPTURES	5

/* More of them than the driver lets pass before it makes sure. */
#define RESTING_CAPTURES	80

struct test {
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	int screen;
	unsigned int width;
	unsigned int height;
	uint32_t *pixels;	/* what is shown, X8 R8 G8 B8 */
	uint16_t *decoded;
	uint64_t seed;
};

static long long now_ms(void)
{
	return kvmcap_now_ms();
}

static const char *put(const char *path, unsigned int value)
{
	FILE *file = fopen(path, "w");
	bool good = file && fprintf(file, "%u\n", value) > 0;

	if (file && fclose(file))
		good = false;
	return good ? NULL : "the engine's faults cannot be set";
}

static unsigned long get(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned long value = 0;

	if (!file || fscanf(file, "%lu", &value) != 1)
		value = ~0UL;
	if (file)
		fclose(file);
	return value;
}

/* Wants what is newer than what the snapshot shows, for some time. */
static const char *look(struct test *test)
{
	struct pollfd pollfd = { .fd = kvmcap_fd(test->source), .events = POLLIN };

	if (kvmcap_ack(test->source, test->snapshot.header.committed, true))
		return "frames cannot be acknowledged";
	if (poll(&pollfd, 1, POLL_MS) < 0)
		return "frames cannot be waited for";
	if (kvmcap_snapshot(test->source, &test->snapshot))
		return "there is no snapshot";
	return NULL;
}

static unsigned int tile_width(const struct kvmcap_mode *mode, unsigned int column)
{
	unsigned int left = mode->width - column * mode->tile_width;

	return left < mode->tile_width ? left : mode->tile_width;
}

static unsigned int tile_height(const struct kvmcap_mode *mode, unsigned int row)
{
	unsigned int left = mode->height - row * mode->tile_height;

	return left < mode->tile_height ? left : mode->tile_height;
}

static bool decode_raw(const uint8_t *data, size_t length, uint16_t *out, unsigned int stride,
		       unsigned int width, unsigned int height)
{
	unsigned int i;

	if (length != 2 * (size_t)width * height)
		return false;
	for (i = 0; i < width * height; i++)
		out[i / width * stride + i % width] =
			(uint16_t)(data[2 * i] | data[2 * i + 1] << 8);
	return true;
}

static bool decode_tile(struct test *test, unsigned int index)
{
	const struct kvmcap_mode *mode = &test->snapshot.header.mode;
	const struct kvmcap_tile *tile = &test->snapshot.tiles[index];
	unsigned int column = index % mode->columns, row = index / mode->columns;
	unsigned int width = tile_width(mode, column), height = tile_height(mode, row);
	const uint8_t *data = kvmcap_payload(test->source, tile);
	uint16_t *out = test->decoded + (size_t)row * mode->tile_height * mode->width +
			(size_t)column * mode->tile_width;

	if (!data || tile->codec != mode->codec)
		return false;
	if (tile->codec == KVMCAP_CODEC_HEXTILE)
		return hextile_decode(data, tile->length, out, mode->width, width, height);
	if (tile->codec == KVMCAP_CODEC_RAW)
		return decode_raw(data, tile->length, out, mode->width, width, height);
	return false;
}

/* Pixels that are not what the screen shows; all of them if one tile is bad. */
static size_t differences(struct test *test)
{
	size_t i, count = 0, all = (size_t)test->width * test->height;

	for (i = 0; i < test->snapshot.tile_count; i++)
		if (!decode_tile(test, (unsigned int)i))
			return all;
	for (i = 0; i < all; i++) {
		uint32_t p = test->pixels[i];

		count += test->decoded[i] !=
			 ((p >> 8 & 0xf800) | (p >> 5 & 0x07e0) | (p >> 3 & 0x001f));
	}
	return count;
}

static bool shows(struct test *test)
{
	const struct kvmcap_header *header = &test->snapshot.header;

	return header->signal == KVMCAP_SIGNAL_OK && test->snapshot.tile_count &&
	       header->mode.width == test->width && header->mode.height == test->height &&
	       !differences(test);
}

/* Waits until what is published is what the screen shows. */
static const char *expect_picture(struct test *test)
{
	long long end = now_ms() + WAIT_MS;
	uint64_t seen = 0;
	const char *problem;
	bool same;

	do {
		problem = look(test);
		if (problem)
			return problem;
		if (test->snapshot.header.committed == seen)
			continue;
		same = shows(test);
		/* What was overtaken meanwhile says nothing, and there may be no newer frame. */
		if (!kvmcap_intact(test->source, test->snapshot.header.tail))
			continue;
		if (same)
			return NULL;
		seen = test->snapshot.header.committed;
	} while (now_ms() < end);
	tap_diag("signal %u, %ux%u, %zu of %u pixels differ", test->snapshot.header.signal,
		 test->snapshot.header.mode.width, test->snapshot.header.mode.height,
		 test->snapshot.header.mode.width == test->width ? differences(test) : 0,
		 test->width * test->height);
	return "the picture is not published";
}

static const char *expect_signal(struct test *test, unsigned int signal)
{
	long long end = now_ms() + WAIT_MS;
	const char *problem;

	do {
		problem = look(test);
		if (problem)
			return problem;
		if (test->snapshot.header.signal == signal)
			return NULL;
	} while (now_ms() < end);
	return "the signal is not what it should be";
}

enum counter { MALFORMED, TIMEOUTS, UNCHANGED, TILES, WHOLE };

static uint64_t count(struct test *test, enum counter counter)
{
	struct kvmcap_stats stats = { 0 };

	kvmcap_stats(test->source, &stats);
	switch (counter) {
	case MALFORMED:
		return stats.malformed;
	case TIMEOUTS:
		return stats.timeouts;
	case UNCHANGED:
		return stats.unchanged;
	case TILES:
		return stats.tiles;
	case WHOLE:
		return stats.whole;
	}
	return 0;
}

/* Waits until @counter is above @before. */
static const char *expect_count(struct test *test, enum counter counter, uint64_t before)
{
	long long end = now_ms() + WAIT_MS;
	const char *problem;

	do {
		problem = look(test);
		if (problem || count(test, counter) > before)
			return problem;
	} while (now_ms() < end);
	return "it is not counted";
}

static const char *set_mode(struct test *test, unsigned int width, unsigned int height,
			    bool signal)
{
	struct kvmcap_sim_mode mode = { .width = width, .height = height, .signal = signal };

	if (ioctl(test->screen, KVMCAP_SIM_IOC_SET_MODE, &mode))
		return "the screen's mode cannot be set";
	test->width = width;
	test->height = height;
	return NULL;
}

/* Shows @pixels, in one write. */
static const char *write_screen(struct test *test)
{
	size_t size = (size_t)test->width * test->height * sizeof(*test->pixels);

	return pwrite(test->screen, test->pixels, size, 0) == (ssize_t)size ?
	       NULL : "the screen does not take the picture in one write";
}

static const char *show(struct test *test, unsigned int width, unsigned int height,
			enum frame_kind kind)
{
	const char *problem = NULL;

	if (test->width != width || test->height != height)
		problem = set_mode(test, width, height, true);
	if (problem)
		return problem;
	frame_paint(test->pixels, width, height, kind, ++test->seed);
	return write_screen(test);
}

static const char *show_anew(struct test *test)
{
	const char *problem = show(test, 640, 480, FRAME_DESKTOP);

	return problem ? problem : expect_picture(test);
}

static const char *set_params(struct test *test, unsigned int codec, unsigned int capture,
			      unsigned int max_rate)
{
	struct kvmcap_params params;

	if (kvmcap_get_params(test->source, &params))
		return "there are no parameters";
	params.codec = codec;
	params.capture = capture;
	params.max_rate = max_rate;
	return kvmcap_set_params(test->source, &params) ? "the parameters cannot be set" : NULL;
}

static void report(const char *problem, const char *what)
{
	tap_ok(!problem, "%s%s%s", what, problem ? ": " : "", problem ? problem : "");
}

static void test_codecs(struct test *test)
{
	static const struct {
		unsigned int wanted;
		unsigned int codec;
		const char *name;
	} codecs[] = {
		{ KVMCAP_CODEC_NONE, KVMCAP_CODEC_HEXTILE, "automatic" },
		{ KVMCAP_CODEC_RAW, KVMCAP_CODEC_RAW, "RAW" },
		{ KVMCAP_CODEC_HEXTILE, KVMCAP_CODEC_HEXTILE, "HEXTILE" },
	};
	unsigned int kind;
	const char *problem;
	size_t i;
	char what[64];

	for (i = 0; i < ARRAY_SIZE(codecs); i++) {
		for (kind = 0; kind < FRAME_KINDS; kind++) {
			problem = set_params(test, codecs[i].wanted, KVMCAP_CAPTURE_AUTO, 60000);
			if (!problem)
				problem = show(test, 800, 600, kind);
			if (!problem)
				problem = expect_picture(test);
			if (!problem && test->snapshot.header.mode.codec != codecs[i].codec)
				problem = "in another codec";
			snprintf(what, sizeof(what), "%s, %s", codecs[i].name, frame_name(kind));
			report(problem, what);
		}
	}
	report(set_params(test, KVMCAP_CODEC_JPEG, KVMCAP_CAPTURE_AUTO, 60000) ?
	       NULL : "it is", "JPEG cannot be had");
}

static void test_modes(struct test *test, unsigned int codec)
{
	static const struct {
		unsigned int width;
		unsigned int height;
	} modes[] = {
		{ 640, 480 }, { 1366, 768 }, { 66, 100 }, { 720, 400 }, { 1920, 1200 },
		{ 1023, 767 }, { 256, 1200 }, { 1024, 768 }, { 1680, 1050 }, { 1919, 101 },
		{ 848, 480 }, { 1280, 1024 },
	};
	const char *problem = set_params(test, codec, KVMCAP_CAPTURE_AUTO, 60000);
	size_t i;
	char what[64];

	report(problem, codec == KVMCAP_CODEC_RAW ? "RAW" : "HEXTILE");
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		problem = show(test, modes[i].width, modes[i].height,
			       i % 2 ? FRAME_NOISE : FRAME_DESKTOP);
		if (!problem)
			problem = expect_picture(test);
		snprintf(what, sizeof(what), "%ux%u", modes[i].width, modes[i].height);
		report(problem, what);
	}
}

/* Modes change faster than they can be detected; the last one counts. */
static void test_flapping(struct test *test)
{
	const char *problem = NULL;
	unsigned int i;

	for (i = 0; !problem && i < 40; i++) {
		problem = show(test, 640 + i % 3 * 160, 480 + i % 5 * 64, FRAME_CONSOLE);
		if (!problem)
			problem = look(test);
	}
	if (!problem)
		problem = expect_picture(test);
	report(problem, "40 mode changes as fast as can be");
}

static void test_signal(struct test *test)
{
	const char *problem = show_anew(test);
	unsigned int i;

	for (i = 0; !problem && i < 3; i++) {
		problem = set_mode(test, 640, 480, false);
		if (!problem)
			problem = expect_signal(test, KVMCAP_SIGNAL_NONE);
		if (!problem)
			problem = set_mode(test, 640, 480, true);
		if (!problem)
			problem = show_anew(test);
	}
	report(problem, "the signal goes and comes");
	for (i = 0; !problem && i < 20; i++)
		problem = set_mode(test, 640, 480, i % 2);
	if (!problem)
		problem = expect_picture(test);
	report(problem, "the signal flaps");
}

/* A rectangle of some colours somewhere, from one pixel to all of them. */
static const char *change_something(struct test *test)
{
	unsigned int width = 1 + random_below(&test->seed, test->width);
	unsigned int height = 1 + random_below(&test->seed, test->height);
	unsigned int left, top, x, y;
	uint32_t colours;

	if (random_below(&test->seed, 4)) {
		width = 1 + width % 40;
		height = 1 + height % 40;
	}
	left = random_below(&test->seed, test->width - width + 1);
	top = random_below(&test->seed, test->height - height + 1);
	colours = 1 + random_below(&test->seed, 5);
	for (y = top; y < top + height; y++)
		for (x = left; x < left + width; x++)
			test->pixels[(size_t)y * test->width + x] =
				0x123456 * random_below(&test->seed, colours + 1) & 0xffffff;
	return write_screen(test);
}

static unsigned int random_fault(struct test *test)
{
	static const enum fault faults[] = {
		FAULT_SILENT, FAULT_SPURIOUS, FAULT_SIZE, FAULT_UNSTABLE, FAULT_OVERRUN,
		FAULT_STUCK,
	};

	return faults[random_below(&test->seed, ARRAY_SIZE(faults))];
}

/*
 * Changes upon changes, of which this reader sees now one, now several at once,
 * and captures that fail in between: no tile may stay behind.
 */
static void test_changes(struct test *test, unsigned int codec, unsigned int capture,
			 const char *what)
{
	const char *problem = set_params(test, codec, capture, 60000);
	uint64_t before = count(test, TIMEOUTS) + count(test, MALFORMED), failures;
	unsigned int i, checked = 0;

	if (!problem)
		problem = show(test, 1000, 300, FRAME_DESKTOP);
	if (!problem)
		problem = expect_picture(test);
	for (i = 0; !problem && i < CHANGES; i++) {
		bool fault = !random_below(&test->seed, FAULTS_EVERY);

		if (fault)
			problem = put(FAULTS, random_fault(test));
		if (!problem)
			problem = change_something(test);
		if (!problem && (fault || random_below(&test->seed, 2)))
			problem = look(test);
		if (!problem && fault)
			problem = put(FAULTS, FAULT_NONE);
		if (problem || random_below(&test->seed, 3))
			continue;
		problem = expect_picture(test);
		checked++;
	}
	if (!problem)
		problem = expect_picture(test);
	failures = count(test, TIMEOUTS) + count(test, MALFORMED) - before;
	if (!problem && !failures)
		problem = "no capture has failed";
	report(problem, what);
	tap_diag("%u changes, looked at after %u of them, %u captures failed", i, checked,
		 (unsigned int)failures);
}

/* Nothing is published of a screen that stays as it is. */
static void test_quiet(struct test *test, unsigned int codec, unsigned int capture,
		       const char *what)
{
	const char *problem = set_params(test, codec, capture, 60000);
	uint64_t before, frame, tiles;

	if (!problem)
		problem = show_anew(test);
	/* The one that is under way may be of the picture before. */
	if (!problem)
		problem = expect_count(test, UNCHANGED, count(test, UNCHANGED));
	frame = test->snapshot.header.committed;
	before = count(test, UNCHANGED);
	tiles = count(test, TILES);
	if (!problem)
		problem = expect_count(test, UNCHANGED, before + QUIET_CAPTURES);
	if (!problem && test->snapshot.header.committed != frame)
		problem = "a frame is published";
	report(problem, what);

	/* One pixel, in the last tile. */
	test->pixels[(size_t)test->width * test->height - 1] ^= 0xf0f0f0;
	problem = write_screen(test);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && count(test, TILES) != tiles + 1)
		problem = "in more than one tile";
	report(problem, "... and of one pixel, its tile");
}

/* A copy of all payloads, one after the other. */
static uint8_t *payloads(struct test *test, size_t *length)
{
	uint8_t *copy = NULL;
	size_t i, used = 0;

	*length = 0;
	for (i = 0; i < test->snapshot.tile_count; i++)
		*length += test->snapshot.tiles[i].length;
	copy = malloc(*length + 1);
	for (i = 0; copy && i < test->snapshot.tile_count; i++) {
		const struct kvmcap_tile *tile = &test->snapshot.tiles[i];
		const uint8_t *data = kvmcap_payload(test->source, tile);

		if (data)
			memcpy(copy + used, data, tile->length);
		used += tile->length;
	}
	return copy;
}

/* Tiles that came one by one are, byte for byte, those of a whole picture. */
static void test_equal_bytes(struct test *test)
{
	const char *problem = set_params(test, KVMCAP_CODEC_HEXTILE, KVMCAP_CAPTURE_CHANGES, 60000);
	size_t length[2] = { 0 };
	uint8_t *bytes[2] = { NULL };
	uint64_t frame;
	unsigned int i;

	if (!problem)
		problem = show(test, 1000, 300, FRAME_CONSOLE);
	for (i = 0; !problem && i < 40; i++) {
		problem = expect_picture(test);
		if (!problem)
			problem = change_something(test);
	}
	if (!problem)
		problem = expect_picture(test);
	bytes[0] = payloads(test, &length[0]);
	frame = test->snapshot.header.committed;
	if (!problem && kvmcap_refresh(test->source))
		problem = "it cannot be refreshed";
	while (!problem && test->snapshot.header.committed == frame)
		problem = look(test);
	if (!problem)
		problem = expect_picture(test);
	bytes[1] = payloads(test, &length[1]);
	if (!problem && (!bytes[0] || !bytes[1] || length[0] != length[1] ||
			 memcmp(bytes[0], bytes[1], length[0])))
		problem = "the bytes are others";
	report(problem, "equal pixels are equal bytes, however they came");
	free(bytes[0]);
	free(bytes[1]);
}

static void test_captures(struct test *test)
{
	const char *problem = set_params(test, KVMCAP_CODEC_NONE, KVMCAP_CAPTURE_WHOLE, 60000);
	uint64_t before = count(test, WHOLE);

	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_count(test, WHOLE, before + QUIET_CAPTURES);
	if (!problem && test->snapshot.header.capture != KVMCAP_CAPTURE_WHOLE)
		problem = "the header says something else";
	report(problem, "whole pictures, when they are asked for");

	problem = set_params(test, KVMCAP_CODEC_NONE, KVMCAP_CAPTURE_AUTO, 60000);
	if (!problem)
		problem = show(test, 640, 400, FRAME_CONSOLE);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = expect_count(test, UNCHANGED, count(test, UNCHANGED));
	before = count(test, WHOLE);
	if (!problem)
		problem = change_something(test);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && (count(test, WHOLE) != before ||
			 test->snapshot.header.capture != KVMCAP_CAPTURE_CHANGES))
		problem = "a whole picture came";
	report(problem, "changes, when nothing is said");
}

/* A screen that rests is captured whole once more, and then no more. */
static void test_check(struct test *test)
{
	const char *problem = set_params(test, KVMCAP_CODEC_NONE, KVMCAP_CAPTURE_CHANGES, 60000);
	uint64_t whole = 0, frame = 0;

	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_count(test, UNCHANGED, count(test, UNCHANGED) + RESTING_CAPTURES);
	if (!problem)
		problem = change_something(test);
	if (!problem)
		problem = expect_picture(test);
	whole = count(test, WHOLE);
	frame = test->snapshot.header.committed;
	if (!problem)
		problem = expect_count(test, UNCHANGED, count(test, UNCHANGED) + RESTING_CAPTURES);
	if (!problem && count(test, WHOLE) != whole + 1)
		problem = "there is no whole picture, or more than one";
	if (!problem)
		problem = expect_count(test, UNCHANGED, count(test, UNCHANGED) + RESTING_CAPTURES);
	if (!problem && count(test, WHOLE) != whole + 1)
		problem = "whole pictures go on";
	if (!problem && test->snapshot.header.committed != frame)
		problem = "a frame is published";
	report(problem, "a screen that comes to rest is checked, once");
}

/* Parameters change while pictures do. */
static void test_run_time(struct test *test)
{
	static const unsigned int codecs[] = {
		KVMCAP_CODEC_RAW, KVMCAP_CODEC_HEXTILE, KVMCAP_CODEC_NONE,
	};
	static const unsigned int rates[] = { 60000, 5000, 30000, 60000 };
	const char *problem = show_anew(test);
	unsigned int i;

	for (i = 0; !problem && i < 24; i++) {
		problem = set_params(test, codecs[i % 3], i % 2 ? KVMCAP_CAPTURE_AUTO :
				     KVMCAP_CAPTURE_WHOLE, rates[i % 4]);
		if (!problem)
			problem = change_something(test);
		if (!problem && i % 5)
			problem = look(test);
		else if (!problem)
			problem = expect_picture(test);
	}
	if (!problem)
		problem = expect_picture(test);
	report(problem, "codec, capture and rate change while the picture does");
	problem = set_params(test, KVMCAP_CODEC_NONE, KVMCAP_CAPTURE_AUTO, 60000);
	if (!problem)
		problem = show_anew(test);
	report(problem, "... and back");
}

static const char *recover(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_NONE);

	if (!problem)
		problem = put(DELAY, 0);
	if (!problem)
		problem = expect_picture(test);
	return problem ? problem : show_anew(test);
}

/* A picture that cannot be captured: it is counted, and the old one stays. */
static void test_fault(struct test *test, unsigned int fault, enum counter counter,
		       const char *what)
{
	const char *problem = show_anew(test);
	uint64_t before;

	if (!problem)
		problem = put(FAULTS, fault);
	before = count(test, counter);
	if (!problem)
		problem = show(test, 640, 480, FRAME_CONSOLE);
	if (!problem)
		problem = expect_count(test, counter, before);
	if (!problem && fault != FAULT_GARBLED && shows(test))
		problem = "the picture is published all the same";
	report(problem, what);
	report(recover(test), "... and then it works again");
}

/* The failures go on until the engine is switched off and on, and longer. */
static void test_dead(struct test *test, unsigned int fault, const char *what)
{
	const char *problem = put(FAULTS, fault);

	if (!problem)
		problem = show(test, 640, 480, FRAME_NOISE);
	if (!problem)
		problem = expect_signal(test, KVMCAP_SIGNAL_FAULT);
	report(problem, what);
	report(recover(test), "... and then it works again");
}

/* The timing is measured to be another one, again and again. */
static void test_unstable(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_UNSTABLE);

	if (!problem)
		problem = show(test, 640, 480, FRAME_NOISE);
	if (!problem)
		problem = expect_signal(test, KVMCAP_SIGNAL_NONE);
	if (!problem && shows(test))
		problem = "there is a picture of it";
	report(problem, "a signal that is not stable is none");
	report(recover(test), "... and then it works again");
}

static void test_spurious(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_SPURIOUS);
	unsigned int i;

	for (i = 0; !problem && i < 5; i++)
		problem = show_anew(test);
	report(problem, "interrupts that nobody enabled do no harm");
	report(recover(test), "... and then it works again");
}

static void test_late(struct test *test)
{
	const char *problem = put(DELAY, 100);
	uint64_t before;

	if (!problem)
		problem = show_anew(test);
	report(problem, "an engine that takes its time is waited for");

	before = count(test, TIMEOUTS);
	problem = put(DELAY, 4000);
	if (!problem)
		problem = expect_count(test, TIMEOUTS, before);
	report(problem, "one that takes too long is not");
	report(recover(test), "... and then it works again");
}

static void test_faults(struct test *test)
{
	test_fault(test, FAULT_SILENT, TIMEOUTS, "a capture that does not end is given up");
	test_fault(test, FAULT_OVERRUN, TIMEOUTS, "and one that overruns the FIFO each time");
	test_fault(test, FAULT_STUCK, TIMEOUTS, "and an ECE that does not answer");
	test_fault(test, FAULT_SIZE, MALFORMED, "a size beyond everything is no Hextile");
	test_fault(test, FAULT_GARBLED, MALFORMED, "nor is what is garbled");
	test_dead(test, FAULT_SILENT, "an engine that never answers is called faulty");
	test_dead(test, FAULT_STUCK, "so is an ECE");
	test_unstable(test);
	test_spurious(test);
	test_late(test);
}

static const char *set_up(struct test *test)
{
	test->pixels = calloc(PIXELS_MAX, sizeof(*test->pixels));
	test->decoded = calloc(PIXELS_MAX, sizeof(*test->decoded));
	if (!test->pixels || !test->decoded)
		return "no memory";
	test->screen = open("/dev/kvmcap-sim0", O_RDWR | O_CLOEXEC);
	if (test->screen < 0)
		return "the screen cannot be opened";
	if (kvmcap_open(&test->source, "/dev/kvmcap0", true))
		return "the device cannot be opened";
	return kvmcap_snapshot(test->source, &test->snapshot) ? "there is no snapshot" : NULL;
}

static void test_all(struct test *test)
{
	test_codecs(test);
	test_modes(test, KVMCAP_CODEC_HEXTILE);
	test_modes(test, KVMCAP_CODEC_RAW);
	report(set_params(test, KVMCAP_CODEC_NONE, KVMCAP_CAPTURE_AUTO, 60000), "automatic");
	test_flapping(test);
	test_signal(test);
	test_captures(test);
	test_quiet(test, KVMCAP_CODEC_HEXTILE, KVMCAP_CAPTURE_CHANGES, "nothing of no changes");
	test_quiet(test, KVMCAP_CODEC_RAW, KVMCAP_CAPTURE_CHANGES, "nor in RAW");
	test_quiet(test, KVMCAP_CODEC_HEXTILE, KVMCAP_CAPTURE_WHOLE, "nor of the same picture");
	test_equal_bytes(test);
	test_check(test);
	test_run_time(test);
	test_changes(test, KVMCAP_CODEC_HEXTILE, KVMCAP_CAPTURE_AUTO, "HEXTILE of changes");
	test_changes(test, KVMCAP_CODEC_RAW, KVMCAP_CAPTURE_AUTO, "RAW of changes");
	test_changes(test, KVMCAP_CODEC_HEXTILE, KVMCAP_CAPTURE_WHOLE, "HEXTILE of pictures");
	report(set_params(test, KVMCAP_CODEC_NONE, KVMCAP_CAPTURE_AUTO, 60000), "automatic");
	test_faults(test);
	report(get(BAD_ADDRESSES) ? "some" : NULL, "no access where there is no memory");
}

int main(void)
{
	struct test test = { .seed = 1, .screen = -1 };
	const char *problem = set_up(&test);

	report(problem, "there are a screen and a device");
	if (!problem)
		test_all(&test);

	kvmcap_close(test.source);
	if (test.screen >= 0)
		close(test.screen);
	free(test.pixels);
	free(test.decoded);
	return tap_end();
}
