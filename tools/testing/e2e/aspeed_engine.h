/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aspeed_engine: what its parts share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_ASPEED_ENGINE_H
#define E2E_ASPEED_ENGINE_H

#include <kvmcap.h>

#include "screen.h"

/* For a frame, a change of the signal, or a counter; the driver's waits add up. */
#define WAIT_MS		30000

#define FAULTS		"/sys/kernel/debug/kvmcap-sim0/faults"

/* As in drivers/media/kvmcap-sim/aspeed_ve_model.h. */
enum fault {
	FAULT_NONE = 0,
	FAULT_SILENT = 1,
	FAULT_SPURIOUS = 2,
	FAULT_TRUNCATED = 4,
	FAULT_GARBLED = 8,
	FAULT_SIZE = 16,
	FAULT_UNSTABLE = 32,
	FAULT_STREAM = 64,
	FAULT_STREAM_ONCE = 128,
	FAULT_MISSING = 256,
	FAULT_STREAM_CHANGES = 512,
};

/* Of the device's statistics. */
enum counter { MALFORMED, TIMEOUTS, CAPTURES, UNCHANGED, WHOLE, FALLBACKS };

/**
 * struct test - where the test is
 * @source: the device
 * @snapshot: what was last seen of it
 * @screen: the simulated screen
 * @seed: of the last picture
 * @capture: enum kvmcap_capture that is asked for
 */
struct test {
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	struct screen screen;
	uint64_t seed;
	uint32_t capture;
};

long long now_ms(void);

/* Interrupts of the model. */
unsigned long interrupt_count(void);

uint64_t count(struct test *test, enum counter counter);

/* From here on: NULL, or what is wrong. */

/* Writes a number to a file of the model. */
const char *put(const char *path, unsigned int value);

/* Wants what is newer than what the snapshot shows, for some time. */
const char *look(struct test *test);

/* Waits until what is published is what the screen shows. */
const char *expect_picture(struct test *test);
const char *expect_signal(struct test *test, unsigned int signal);

/* Waits until a capture has failed; no picture must have been published. */
const char *expect_failure(struct test *test, enum counter counter, uint64_t before);

/* Puts a picture on the screen; a new one each time. */
const char *show(struct test *test, unsigned int width, unsigned int height,
		 enum frame_kind kind);
const char *show_anew(struct test *test);

/* Quality, which comes to @selector, and 4:2:0 or 4:4:4; and @test->capture. */
const char *set_params(struct test *test, unsigned int selector, unsigned int quality,
		       bool halved);

/* No faults any more: this picture is published, and another one. */
const char *recover(struct test *test);

void report(const char *problem, const char *what);

/* Changes instead of whole pictures: leaves the engine with the default. */
void test_changes(struct test *test);

/* How long a change takes. */
void test_delay(struct test *test);

#endif
