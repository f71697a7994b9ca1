// SPDX-License-Identifier: Apache-2.0
/*
 * aspeed_engine, changes: captures of what has changed, what becomes of them when
 * the engine's streams are none, and what they cost when nothing changes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/random.h"
#include "../unit/tap.h"
#include "aspeed_engine.h"

#define WIDTH		800
#define HEIGHT		600

/* As in drivers/media/kvmcap/aspeed_differ.c: captures until the screen rests. */
#define RESTING_CAPTURES	64

/* Captures of a screen that rests, to be looked at. */
#define IDLE_CAPTURES	100

#define ROUNDS		24	/* of pictures that follow each other */
#define TYPED		70	/* changes that are waited for, ... */
#define PHASES_MS	35	/* ... so far into a capture */

/* Captures that a change may take: one that had begun before it, and one more. */
#define CAPTURES_MAX	2

/* Pictures that are waited for, of so many accidents each. */
#define ACCIDENT_ROUNDS		40
#define ACCIDENTS		12

/* Healed by a look in full at a screen that rests is not healed. */
#define HEALED_CAPTURES		(RESTING_CAPTURES / 2)

#define MESSAGE		"changes cannot be understood"

/* How often the driver has said so, by the kernel's log. */
static unsigned int messages(void)
{
	unsigned int found = 0;
	char record[2048];
	ssize_t length;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return ~0U;
	while ((length = read(fd, record, sizeof(record) - 1)) > 0) {
		record[length] = 0;
		found += !!strstr(record, MESSAGE);
	}
	close(fd);
	return found;
}

/* The same picture, and when @more a bit more of it. */
static const char *show_console(struct test *test, bool more)
{
	return screen_show(&test->screen, WIDTH, HEIGHT,
			   more ? FRAME_CONSOLE_MORE : FRAME_CONSOLE, 1);
}

/* A picture, and then a change of it, that has to come as one. */
static const char *expect_change(struct test *test)
{
	const char *problem = show_console(test, false);

	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show_console(test, true);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && test->snapshot.header.capture != KVMCAP_CAPTURE_CHANGES)
		problem = "it comes with a whole picture";
	return problem;
}

/* With another quality at first: what was found out before is forgotten. */
static const char *start(struct test *test, uint32_t capture)
{
	const char *problem;

	test->capture = capture;
	problem = set_params(test, 0, 1, true);
	if (!problem)
		problem = show_console(test, true);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = set_params(test, 5, 80, true);
	return problem;
}

/* Lets so many captures go by. */
static const char *wait_for_captures(struct test *test, uint64_t number)
{
	uint64_t wanted = count(test, CAPTURES) + number;
	long long end = now_ms() + WAIT_MS;
	const char *problem = NULL;

	while (!problem && count(test, CAPTURES) < wanted)
		problem = now_ms() < end ? look(test) : "the engine does not look";
	return problem;
}

static void test_sequence(struct test *test)
{
	static const enum frame_kind kinds[] = {
		FRAME_DESKTOP, FRAME_DESKTOP_MOVED, FRAME_CONSOLE, FRAME_CONSOLE_MORE,
		FRAME_FLAT, FRAME_EDGES, FRAME_LINES, FRAME_LINES_SHIFTED,
	};
	const char *problem = start(test, KVMCAP_CAPTURE_AUTO);
	unsigned int i;

	for (i = 0; !problem && i < ROUNDS; i++) {
		problem = screen_show(&test->screen, WIDTH, HEIGHT,
				      kinds[i % (sizeof(kinds) / sizeof(kinds[0]))], i / 8);
		if (!problem)
			problem = expect_picture(test);
	}
	report(problem, "pictures that follow each other");
	report(expect_change(test), "what is typed comes as a change");
}

static void test_bad_once(struct test *test)
{
	const char *problem = start(test, KVMCAP_CAPTURE_AUTO);
	uint64_t malformed, fallbacks = count(test, FALLBACKS);

	if (!problem)
		problem = expect_change(test);
	malformed = count(test, MALFORMED);
	if (!problem)
		problem = put(FAULTS, FAULT_STREAM_ONCE);
	if (!problem)
		problem = show_console(test, false);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && test->snapshot.header.capture != KVMCAP_CAPTURE_WHOLE)
		problem = "what follows is not a full picture";
	if (!problem && count(test, MALFORMED) != malformed + 1)
		problem = "it is not counted";
	if (!problem && count(test, FALLBACKS) != fallbacks)
		problem = "one is enough to fall back";
	report(problem, "a stream that is none: a full picture");
	report(expect_change(test), "... and changes again");
}

/*
 * Bad streams may each be followed by a full picture that is good, which is the one
 * that is shown: it takes some looks.
 */
static const char *expect_fall_back(struct test *test, uint64_t before)
{
	long long end = now_ms() + WAIT_MS;
	const char *problem = NULL;

	while (!problem && count(test, FALLBACKS) == before)
		problem = now_ms() < end ? look(test) : "it is not counted as a fallback";
	return problem;
}

/* With @fault each stream is none, but each whole picture is one. */
static void test_fall_back(struct test *test, unsigned int fault, const char *what)
{
	const char *problem = start(test, KVMCAP_CAPTURE_AUTO);
	uint64_t fallbacks = count(test, FALLBACKS), whole;
	unsigned int said = messages();

	if (!problem)
		problem = expect_change(test);
	/* For those streams that are bad only when they are full ones. */
	if (!problem)
		problem = put(FAULTS, fault);
	if (!problem && kvmcap_refresh(test->source))
		problem = "no refresh";
	if (!problem)
		problem = show_console(test, false);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = expect_fall_back(test, fallbacks);
	if (!problem && messages() != said + 1)
		problem = "not one line in the kernel's log";
	report(problem, what);

	problem = put(FAULTS, FAULT_NONE);
	if (!problem)
		problem = show_console(test, true);
	whole = count(test, WHOLE);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && (count(test, WHOLE) == whole || count(test, FALLBACKS) != fallbacks + 1 ||
			 test->snapshot.header.capture != KVMCAP_CAPTURE_WHOLE))
		problem = "it is tried again all the same";
	report(problem, "... for good");
	problem = start(test, KVMCAP_CAPTURE_AUTO);
	if (!problem)
		problem = expect_change(test);
	report(problem, "... until there are other parameters");
}

static void test_forced(struct test *test)
{
	const char *problem = start(test, KVMCAP_CAPTURE_CHANGES);
	uint64_t fallbacks = count(test, FALLBACKS);

	if (!problem)
		problem = expect_change(test);
	if (!problem)
		problem = put(FAULTS, FAULT_STREAM);
	if (!problem)
		problem = show_anew(test);
	if (!problem)
		problem = expect_signal(test, KVMCAP_SIGNAL_FAULT);
	if (!problem && count(test, FALLBACKS) != fallbacks)
		problem = "it falls back";
	report(problem, "changes that were asked for are not given up");
	report(recover(test), "... and then it works again");
	report(expect_change(test), "... with changes");
}

static void test_whole(struct test *test)
{
	const char *problem = start(test, KVMCAP_CAPTURE_WHOLE);
	uint64_t whole, captures;

	if (!problem)
		problem = show_console(test, false);
	if (!problem)
		problem = expect_picture(test);
	whole = count(test, WHOLE);
	captures = count(test, CAPTURES);
	if (!problem)
		problem = show_console(test, true);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && count(test, WHOLE) - whole != count(test, CAPTURES) - captures)
		problem = "not all captures are";
	report(problem, "whole pictures, if they are asked for");
}

/* The screen rests: one capture in full, and from then on next to nothing. */
static void test_rest(struct test *test)
{
	const char *problem = start(test, KVMCAP_CAPTURE_AUTO);
	uint64_t whole, captures, unchanged, head;
	unsigned long before;

	if (!problem)
		problem = expect_change(test);
	whole = count(test, WHOLE);
	head = test->snapshot.header.head;
	if (!problem)
		problem = wait_for_captures(test, 2 * RESTING_CAPTURES);
	if (!problem && count(test, WHOLE) != whole + 1)
		problem = "it is not captured in full once";
	report(problem, "a screen that has come to rest is looked at in full, once");

	captures = count(test, CAPTURES);
	unchanged = count(test, UNCHANGED);
	before = interrupt_count();
	if (!problem)
		problem = wait_for_captures(test, IDLE_CAPTURES);
	captures = count(test, CAPTURES) - captures;
	/* One more may be on its way, at either end. */
	if (!problem && interrupt_count() - before > captures + 1)
		problem = "a capture has more than one interrupt";
	if (!problem && (count(test, UNCHANGED) - unchanged < IDLE_CAPTURES ||
			 count(test, WHOLE) != whole + 1))
		problem = "captures find changes, or are full ones";
	if (!problem && test->snapshot.header.head != head)
		problem = "something is published";
	report(problem, "... and then costs an interrupt a capture, and no record");
}

/*
 * How many captures end between a change of the screen, and the record of it? The
 * engine looks for as long as nothing is found, and not once more.
 */
static const char *measure(struct test *test, unsigned int phase_ms, unsigned int *captures)
{
	struct pollfd pollfd = { .fd = kvmcap_fd(test->source), .events = POLLIN };
	static uint32_t shade;
	long long end = now_ms() + WAIT_MS;
	uint64_t before;
	uint32_t pixel;

	if (kvmcap_snapshot(test->source, &test->snapshot) ||
	    kvmcap_ack(test->source, test->snapshot.header.committed, true))
		return "frames cannot be acknowledged";
	before = count(test, CAPTURES);
	while (count(test, CAPTURES) < before + 2) {
		if (poll(&pollfd, 1, 1))
			return "something changes by itself";
		if (now_ms() > end)
			return "the engine does not look";
	}
	/* Changes come at any moment. */
	poll(NULL, 0, (int)phase_ms);
	shade += 0x30;
	pixel = shade % 0x100 << 8;
	if (pwrite(test->screen.fd, &pixel, sizeof(pixel), 0) != sizeof(pixel))
		return "the screen takes no pixel";
	before = count(test, CAPTURES);
	if (poll(&pollfd, 1, WAIT_MS) != 1)
		return "the change is not published";
	*captures = (unsigned int)(count(test, CAPTURES) - before);
	return NULL;
}

void test_delay(struct test *test)
{
	unsigned int i, captures = 0, of[CAPTURES_MAX + 1] = { 0 };
	const char *problem = start(test, KVMCAP_CAPTURE_AUTO);

	if (!problem)
		problem = expect_change(test);
	for (i = 0; !problem && i < TYPED; i++) {
		problem = measure(test, i % PHASES_MS, &captures);
		if (!problem && captures > CAPTURES_MAX)
			problem = "it takes more";
		else if (!problem)
			of[captures]++;
	}
	report(problem, "a change is published with the capture that is under way, or the next");
	tap_diag("%u of %u changes with the first capture that ended after them, %u with the second",
		 of[0] + of[1], TYPED, of[2]);
}

/* Some pixels of some lines, at random, in the picture and on the screen. */
static const char *scribble(struct test *test, uint64_t *state)
{
	struct screen *s = &test->screen;
	unsigned int width = 1 + random_below(state, 40), x = random_below(state, s->width - width);
	unsigned int y = random_below(state, s->height - 8), end = y + 1 + random_below(state, 8);
	uint32_t colour = (uint32_t)random_next(state) & 0xffffff;
	unsigned int i;

	for (; y < end; y++) {
		size_t at = (size_t)y * s->width + x, size = width * sizeof(*s->pixels);

		for (i = 0; i < width; i++)
			s->pixels[at + i] = colour;
		if (pwrite(s->fd, s->pixels + at, size, (off_t)(at * sizeof(*s->pixels))) !=
		    (ssize_t)size)
			return "the screen takes no pixels";
	}
	return NULL;
}

/* Something that may happen, or go wrong. */
static const char *have_accident(struct test *test, uint64_t *state)
{
	static const unsigned int faults[] = {
		FAULT_STREAM_ONCE, FAULT_TRUNCATED, FAULT_SIZE, FAULT_MISSING, FAULT_SPURIOUS,
	};

	switch (random_below(state, 12)) {
	case 0:
		return put(FAULTS, faults[random_below(state, sizeof(faults) / sizeof(faults[0]))]);
	case 1:
	case 2:
		return put(FAULTS, FAULT_NONE);
	case 3:
		return kvmcap_refresh(test->source) ? "no refresh" : NULL;
	case 4:
		test->capture = random_below(state, 3);
		return set_params(test, 5, 80, random_below(state, 2));
	case 5:
	case 6:
	case 7:
		return look(test);
	default:
		return scribble(test, state);
	}
}

static const char *expect_healed(struct test *test)
{
	uint64_t captures;
	const char *problem = put(FAULTS, FAULT_NONE);

	/* Of what the picture has become, and of the parameters. */
	test->screen.selector = ~0U;
	if (!problem)
		problem = screen_expect(&test->screen, 5);
	captures = count(test, CAPTURES);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && count(test, CAPTURES) - captures > HEALED_CAPTURES)
		problem = "a tile was left behind for a while";
	return problem;
}

/* Bad streams, quality, changes and waits in any order: never a stale tile. */
static void test_accidents(struct test *test)
{
	const char *problem = start(test, KVMCAP_CAPTURE_AUTO);
	uint64_t state = 4711;
	unsigned int i, j;

	for (i = 0; !problem && i < ACCIDENT_ROUNDS; i++) {
		for (j = 0; !problem && j < ACCIDENTS; j++)
			problem = have_accident(test, &state);
		if (!problem)
			problem = expect_healed(test);
	}
	report(problem, "whatever happens, the picture");
	if (problem)
		tap_diag("in round %u", i);
	put(FAULTS, FAULT_NONE);
}

void test_changes(struct test *test)
{
	test_sequence(test);
	test_bad_once(test);
	test_fall_back(test, FAULT_STREAM, "streams that are none: whole pictures");
	test_fall_back(test, FAULT_STREAM_CHANGES, "none of the changes, but all full pictures");
	test_fall_back(test, FAULT_MISSING, "full pictures that lack something: likewise");
	test_forced(test);
	test_whole(test);
	test_rest(test);
	test_delay(test);
	test_accidents(test);
	report(start(test, KVMCAP_CAPTURE_AUTO), "the driver's choice from here on");
}
