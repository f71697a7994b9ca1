/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mainline_aspeed: what its parts share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_MAINLINE_ASPEED_H
#define E2E_MAINLINE_ASPEED_H

#include "../unit/ajpg_decode.h"
#include "screen.h"
#include "video.h"

/**
 * struct test - where the test is
 * @video: the driver
 * @screen: what it should see
 * @old: the image of what was on the screen before
 * @old_length: bytes of that
 * @differential: the driver is asked for AJPG rather than JPEG
 * @shown: what its streams have come to
 * @wanted: the coefficients of what is on the screen
 * @before: those of what was there before
 * @complete: all of @shown is known; from then on it is never a mixture
 */
struct test {
	struct video video;
	struct screen screen;
	uint8_t *old;
	size_t old_length;
	bool differential;
	struct coefficients shown;
	struct coefficients wanted;
	struct coefficients before;
	bool complete;
};

/**
 * typedef judge_fn - looks at a frame
 * @test: the test
 * @frame: the frame
 * @done: set if it is the one that is waited for
 *
 * Return: NULL, or what is wrong with it.
 */
typedef const char *judge_fn(struct test *test, const struct video_frame *frame, bool *done);

/* Takes frames until one is what @judge waits for; NULL, or what is wrong. */
const char *take_frames(struct test *test, judge_fn *judge, const char *never);

/* For streams of changes: the screen as it is; before that, as it was. */
judge_fn judge_changes;

/* ... the beginning of one that its buffer is too small for. */
judge_fn judge_cut;

/* A stream begins: what it is about. NULL, or what is wrong. */
const char *changes_begin(struct test *test);

/* Another picture has been put on the screen. */
const char *changes_shown(struct test *test);

void changes_free(struct test *test);

/* Without changes: an empty stream, but for a full one every eighth time. */
const char *expect_idleness(struct test *test);

#endif
