// SPDX-License-Identifier: Apache-2.0
/*
 * mainline_aspeed, AJPG: what the engine's streams of changes come to, decoded by
 * a decoder that knows nothing of our driver's, has to be the coefficients of the
 * model's encoder: all of them, after every frame.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>

#include "../unit/tap.h"
#include "mainline_aspeed.h"

/* Mainline's driver clears the BCD buffer after so many frames. */
#define FULL_EVERY	8

/* Frames to look at while nothing happens. */
#define IDLE_FRAMES	24

/* Bytes of a stream without a change. */
#define EMPTY		12

static unsigned int all(const struct test *test)
{
	return test->shown.mcus_x * test->shown.mcus_y;
}

static const char *set_wanted(struct test *test)
{
	const struct screen *s = &test->screen;

	if (!coefficients_init(&test->wanted, s->width, s->height, s->halved))
		return "no memory";
	return coefficients_of_jpeg(&test->wanted, s->jpeg, s->jpeg_length);
}

const char *changes_begin(struct test *test)
{
	const struct screen *s = &test->screen;

	test->complete = false;
	if (!coefficients_init(&test->shown, s->width, s->height, s->halved) ||
	    !coefficients_init(&test->before, s->width, s->height, s->halved))
		return "no memory";
	return set_wanted(test);
}

const char *changes_shown(struct test *test)
{
	coefficients_free(&test->before);
	test->before = test->wanted;
	test->wanted = (struct coefficients){ 0 };
	return set_wanted(test);
}

void changes_free(struct test *test)
{
	coefficients_free(&test->shown);
	coefficients_free(&test->wanted);
	coefficients_free(&test->before);
}

static const char *decode(struct test *test, const struct video_frame *frame, unsigned int *mcus)
{
	if (frame->failed)
		return "a frame has failed";
	return ajpg_decode(&test->shown, frame->data, frame->length, mcus);
}

const char *judge_changes(struct test *test, const struct video_frame *frame, bool *done)
{
	unsigned int mcus, wrong, old;
	const char *problem = decode(test, frame, &mcus);

	if (problem)
		return problem;
	if (coefficients_known(&test->shown) < all(test))
		return NULL;
	wrong = coefficients_differing(&test->shown, &test->wanted);
	old = coefficients_differing(&test->shown, &test->before);
	*done = !wrong;
	if (wrong && old && test->complete) {
		tap_diag("%u macroblocks are not those of the picture, %u not of the old one",
			 wrong, old);
		return "a frame is neither the picture nor the one before";
	}
	test->complete = *done || !old;
	return NULL;
}

/* Mainline counts frames from the start of the stream. */
static const char *judge_idleness(struct test *test, const struct video_frame *frame)
{
	bool full = frame->sequence % FULL_EVERY == 0;
	unsigned int mcus;
	const char *problem = decode(test, frame, &mcus);

	if (problem)
		return problem;
	if (coefficients_differing(&test->shown, &test->wanted))
		return "something changes by itself";
	if (full && mcus != all(test))
		return "the BCD buffer is cleared, but not all comes";
	if (!full && frame->length != EMPTY) {
		tap_diag("frame %u: %zu bytes, %u macroblocks", frame->sequence, frame->length,
			 mcus);
		return "nothing has changed, but the stream says so in more than 12 bytes";
	}
	return NULL;
}

const char *expect_idleness(struct test *test)
{
	struct video_frame frame;
	const char *problem = NULL, *put;
	unsigned int i;

	for (i = 0; !problem && i < IDLE_FRAMES; i++) {
		problem = video_get(&test->video, &frame);
		if (problem)
			break;
		problem = judge_idleness(test, &frame);
		put = video_put(&test->video, &frame);
		if (!problem)
			problem = put;
	}
	return problem;
}

const char *judge_cut(struct test *test, const struct video_frame *frame, bool *done)
{
	unsigned int mcus;

	*done = true;
	if (frame->failed || frame->length != test->video.size)
		return "it is not as much as the buffer holds";
	return decode(test, frame, &mcus) ? NULL : "it has an end all the same";
}
