// SPDX-License-Identifier: Apache-2.0
/*
 * aspeed_engine [delay]
 *
 * Our driver on the model of its engine, /dev/kvmcap0 on /dev/kvmcap-sim0: modes
 * and qualities, a signal that comes and goes, and an engine that does not do
 * what it should. Whatever happens, what is published is either the picture or
 * the one before, and the picture again once all is well.
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

#include "../unit/tap.h"
#include "aspeed_engine.h"
#include "clock.h"

#define POLL_MS		20

#define DELAY		"/sys/kernel/debug/kvmcap-sim0/delay_ms"
#define BAD_ADDRESSES	"/sys/kernel/debug/kvmcap-sim0/bad_addresses"

/* Interrupts for some frames; an active line that nobody calms has many more. */
#define INTERRUPTS_MAX	1000

long long now_ms(void)
{
	return kvmcap_now_ms();
}

const char *put(const char *path, unsigned int value)
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

/* Interrupts of the model, by what /proc/interrupts says of its chip. */
unsigned long interrupt_count(void)
{
	FILE *file = fopen("/proc/interrupts", "r");
	char line[1024], *word;
	unsigned long sum = 0;

	while (file && fgets(line, sizeof(line), file)) {
		if (!strstr(line, " kvmcap-sim "))
			continue;
		for (word = strtok(line, " "); word; word = strtok(NULL, " "))
			if (word[strlen(word) - 1] != ':' && strcmp(word, "kvmcap-sim"))
				sum += strtoul(word, NULL, 10);
	}
	if (file)
		fclose(file);
	return sum;
}

/* Wants what is newer than what the snapshot shows, for some time. */
const char *look(struct test *test)
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

static bool shows(struct test *test)
{
	const struct screen *s = &test->screen;
	struct planes planes = { 0 };
	uint8_t *image = NULL;
	bool same = false;
	long length;

	if (test->snapshot.header.signal != KVMCAP_SIGNAL_OK ||
	    test->snapshot.header.mode.width != s->width ||
	    test->snapshot.header.mode.height != s->height)
		return false;
	length = kvmcap_jpeg_picture(test->source, &test->snapshot, &image);
	if (length <= 0)
		return false;
	planes_init(&planes, s->width, s->height, s->halved);
	if (!planes_decode(&planes, &test->screen.decoder, image, (size_t)length, 0, 0, s->width,
			   s->height)) {
		struct planes_difference difference;

		same = planes_equal(&planes, &s->planes, &difference);
	}
	planes_free(&planes);
	free(image);
	return same;
}

/* Waits until what is published is what the screen shows. */
const char *expect_picture(struct test *test)
{
	long long end = now_ms() + WAIT_MS;
	uint64_t seen = 0;
	const char *problem;

	do {
		problem = look(test);
		if (problem)
			return problem;
		if (test->snapshot.header.committed != seen && shows(test))
			return NULL;
		/* What was overtaken meanwhile says nothing, and there may be no newer frame. */
		if (kvmcap_intact(test->source, test->snapshot.header.tail))
			seen = test->snapshot.header.committed;
	} while (now_ms() < end);
	return "the picture is not published";
}

const char *expect_signal(struct test *test, unsigned int signal)
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

uint64_t count(struct test *test, enum counter counter)
{
	struct kvmcap_stats stats = { 0 };

	kvmcap_stats(test->source, &stats);
	switch (counter) {
	case MALFORMED:
		return stats.malformed;
	case TIMEOUTS:
		return stats.timeouts;
	case CAPTURES:
		return stats.captures;
	case UNCHANGED:
		return stats.unchanged;
	case WHOLE:
		return stats.whole;
	default:
		return stats.fallbacks;
	}
}

/* Waits until a capture has failed; no picture must have been published. */
const char *expect_failure(struct test *test, enum counter counter, uint64_t before)
{
	long long end = now_ms() + WAIT_MS;
	uint32_t position = test->snapshot.header.tables;
	const char *problem;

	do {
		problem = look(test);
		if (problem)
			return problem;
		if (test->snapshot.header.signal == KVMCAP_SIGNAL_OK && shows(test))
			return "the picture is published all the same";
		if (count(test, counter) > before)
			return position == test->snapshot.header.tables ? NULL :
			       "tables are published that no picture came with";
	} while (now_ms() < end);
	return "the failure is not counted";
}

const char *show(struct test *test, unsigned int width, unsigned int height,
		 enum frame_kind kind)
{
	return screen_show(&test->screen, width, height, kind, ++test->seed);
}

const char *show_anew(struct test *test)
{
	return show(test, 640, 480, FRAME_NOISE);
}

/* The device takes the nearest selector; what it says then is the reference. */
const char *set_params(struct test *test, unsigned int selector, unsigned int quality,
		       bool halved)
{
	struct kvmcap_params params;

	if (kvmcap_get_params(test->source, &params))
		return "there are no parameters";
	params.capture = test->capture;
	params.quality = quality;
	params.subsampling = halved ? KVMCAP_SUBSAMPLING_420 : KVMCAP_SUBSAMPLING_444;
	if (kvmcap_set_params(test->source, &params))
		return "the parameters cannot be set";
	test->screen.selector = selector;
	test->screen.halved = halved;
	return NULL;
}

void report(const char *problem, const char *what)
{
	tap_ok(!problem, "%s%s%s", what, problem ? ": " : "", problem ? problem : "");
}

static void test_formats(struct test *test)
{
	static const struct {
		unsigned int selector;
		unsigned int quality;
	} qualities[] = { { 0, 1 }, { 2, 55 }, { 5, 80 }, { 8, 94 }, { 11, 100 } };
	unsigned int i, halved;
	const char *problem;

	for (halved = 0; halved < 2; halved++) {
		for (i = 0; i < sizeof(qualities) / sizeof(qualities[0]); i++) {
			problem = set_params(test, qualities[i].selector, qualities[i].quality,
					     halved);
			if (!problem)
				problem = show(test, 800, 600, FRAME_DESKTOP);
			if (!problem)
				problem = expect_picture(test);
			report(problem, halved ? "quality in 4:2:0" : "quality in 4:4:4");
		}
	}
	report(set_params(test, 5, 80, true), "quality 80 from here on");
}

static void test_modes(struct test *test)
{
	static const struct {
		unsigned int width;
		unsigned int height;
	} modes[] = {
		{ 640, 480 }, { 1366, 768 }, { 66, 64 }, { 720, 400 }, { 1920, 1200 },
		{ 1023, 767 }, { 64, 1200 }, { 1024, 768 }, { 1680, 1050 }, { 1919, 65 },
	};
	const char *problem;
	size_t i;
	char what[64];

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		problem = show(test, modes[i].width, modes[i].height, FRAME_DESKTOP);
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

static const char *switch_signal(struct test *test, bool on)
{
	struct kvmcap_sim_mode mode = {
		.width = test->screen.width,
		.height = test->screen.height,
		.signal = on,
	};

	return ioctl(test->screen.fd, KVMCAP_SIM_IOC_SET_MODE, &mode) ?
	       "the signal cannot be switched" : NULL;
}

static void test_signal(struct test *test)
{
	const char *problem = show_anew(test);
	unsigned int i;

	if (!problem)
		problem = expect_picture(test);
	for (i = 0; !problem && i < 3; i++) {
		problem = switch_signal(test, false);
		if (!problem)
			problem = expect_signal(test, KVMCAP_SIGNAL_NONE);
		if (!problem)
			problem = switch_signal(test, true);
		if (!problem)
			problem = show_anew(test);
		if (!problem)
			problem = expect_picture(test);
	}
	report(problem, "the signal goes and comes");
	for (i = 0; !problem && i < 20; i++)
		problem = switch_signal(test, i % 2);
	if (!problem)
		problem = expect_picture(test);
	report(problem, "the signal flaps");
}

const char *recover(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_NONE);

	if (!problem)
		problem = put(DELAY, 0);
	if (!problem)
		problem = expect_picture(test);
	if (problem)
		return problem;
	problem = show_anew(test);
	return problem ? problem : expect_picture(test);
}

static void test_fault(struct test *test, unsigned int fault, enum counter counter,
		       const char *what)
{
	const char *problem = show_anew(test);
	uint64_t before;

	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = put(FAULTS, fault);
	before = count(test, counter);
	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_failure(test, counter, before);
	report(problem, what);
	report(recover(test), "... and then it works again");
}

/* Whatever the engine delivers. */
static void test_bad_data(struct test *test, uint32_t capture, const char *name)
{
	test->capture = capture;
	report(set_params(test, 5, 80, true), name);
	test_fault(test, FAULT_TRUNCATED, MALFORMED, "half an image is no picture");
	test_fault(test, FAULT_GARBLED, MALFORMED, "nor is a garbled one");
	test_fault(test, FAULT_SIZE, MALFORMED, "nor one larger than the buffer");
}

/* The failures go on until the engine is switched off and on, and longer. */
static void test_dead(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_SILENT);

	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_signal(test, KVMCAP_SIGNAL_FAULT);
	if (!problem)
		problem = expect_signal(test, KVMCAP_SIGNAL_NONE);
	report(problem, "an engine that never answers is called faulty, and then blind");
	report(recover(test), "... and then it works again");
}

static void test_unstable(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_UNSTABLE);

	if (!problem)
		problem = show(test, 800, 600, FRAME_CONSOLE);
	if (!problem)
		problem = expect_signal(test, KVMCAP_SIGNAL_NONE);
	report(problem, "a signal that is not stable is none");
	report(recover(test), "... and then it works again");
}

static void test_spurious(struct test *test)
{
	const char *problem = put(FAULTS, FAULT_SPURIOUS);
	unsigned long before = interrupt_count();
	unsigned int i;

	for (i = 0; !problem && i < 5; i++) {
		problem = show_anew(test);
		if (!problem)
			problem = expect_picture(test);
	}
	if (!problem && (!before || interrupt_count() - before > INTERRUPTS_MAX))
		problem = "the line is never calmed";
	report(problem, "interrupts that nobody enabled do no harm");
	report(recover(test), "... and then it works again");
}

static void test_late(struct test *test)
{
	const char *problem = put(DELAY, 100);
	long long end = now_ms() + WAIT_MS;
	uint64_t before;

	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_picture(test);
	report(problem, "an engine that takes its time is waited for");

	/* A capture that was under way is not late; the next one is. */
	problem = put(DELAY, 4000);
	before = count(test, TIMEOUTS);
	while (!problem && count(test, TIMEOUTS) == before)
		problem = now_ms() < end ? look(test) : "captures go on";
	before = count(test, TIMEOUTS);
	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_failure(test, TIMEOUTS, before);
	report(problem, "one that takes too long is not");
	report(recover(test), "... and then it works again");
}

/* Noise at the best quality is more than the buffer can take. */
static void test_too_large(struct test *test)
{
	const char *problem = set_params(test, 11, 100, false);
	long long end = now_ms() + WAIT_MS;

	if (!problem)
		problem = show(test, 1024, 768, FRAME_NOISE);
	while (!problem && test->snapshot.header.mode.width != 1024) {
		problem = look(test);
		if (!problem && now_ms() > end)
			problem = "nothing of it is published";
	}
	report(problem, "a picture that is too large comes coarser");
	if (!problem && test->snapshot.header.quality >= 100)
		problem = "it claims the quality that was asked for";
	report(problem, "... and says how coarse");
	problem = set_params(test, 5, 80, true);
	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_picture(test);
	report(problem, "... and the next one as it should be");
}

static void test_all(struct test *test)
{
	/* First, as long as the driver may write all that it has to say. */
	test_changes(test);
	test_formats(test);
	test_modes(test);
	test_flapping(test);
	test_signal(test);
	test_bad_data(test, KVMCAP_CAPTURE_WHOLE, "whole pictures");
	test_bad_data(test, KVMCAP_CAPTURE_CHANGES, "changes");
	test_fault(test, FAULT_SILENT, TIMEOUTS, "a capture that does not end is given up");
	test_dead(test);
	test_unstable(test);
	test_spurious(test);
	test_late(test);
	test_too_large(test);
	report(get(BAD_ADDRESSES) ? "some" : NULL, "no access where there is no memory");
}

int main(int argc, char **argv)
{
	struct test test = { .seed = 1 };
	const char *problem;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "delay") != 0)) {
		fprintf(stderr, "usage: aspeed_engine [delay]\n");
		return 2;
	}
	problem = screen_open(&test.screen, "/dev/kvmcap-sim0");
	if (!problem && kvmcap_open(&test.source, "/dev/kvmcap0", true))
		problem = "the device cannot be opened";
	if (!problem && kvmcap_snapshot(test.source, &test.snapshot))
		problem = "there is no snapshot";
	report(problem, "there are a screen and a device");
	if (problem)
		return tap_end();

	if (argc == 2)
		test_delay(&test);
	else
		test_all(&test);
	kvmcap_close(test.source);
	screen_close(&test.screen);
	return tap_end();
}
