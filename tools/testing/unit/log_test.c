// SPDX-License-Identifier: Apache-2.0
/*
 * The tile log against its model, with random frames: log_test [SEED]
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/testing/kunit/log_model.h"
#include "tap.h"

#define STEPS	12000

/* How much of what is recommended the ring has: tight, exact, ample. */
static const unsigned int sizes[] = { 40, 60, 80, 100, 250 };

static void run(unsigned int percent, uint64_t seed)
{
	size_t map_size = log_model_map_size(percent);
	struct log_model *model = calloc(1, sizeof(*model));
	uint8_t *memory = calloc(1, map_size);
	bool good = model && memory;

	good = good && !log_model_init(model, memory, map_size, seed);
	while (good && model->steps < STEPS)
		good = log_model_step(model);
	if (model) {
		tap_diag("%u frames committed, %u dropped, %u + %u without room, in %llu laps",
			 model->commits, model->aborts, model->refusals, model->short_of_room,
			 (unsigned long long)model->wraps);
		tap_diag("%llu records relocated; readers lapped %u, %u and %u times",
			 (unsigned long long)model->log.relocated,
			 model->readers[0].lapped, model->readers[1].lapped,
			 model->readers[2].lapped);
		if (!good)
			tap_diag("seed %llu, step %u: log_model.c:%d",
				 (unsigned long long)seed, model->steps,
				 model->line);
		/* A run that never met what it is to test proves nothing. */
		good = good && model->log.relocated && model->wraps > 10 &&
		       model->readers[2].lapped && model->aborts &&
		       (model->refusals || percent > sizes[0]) &&
		       model->commits > STEPS / 4;
	}
	tap_ok(good, "%u random frames, ring at %u %%", STEPS, percent);
	free(memory);
	free(model);
}

static void test_init(void)
{
	struct kvmcap_log log;
	uint8_t *memory = calloc(1, 65536);

	if (!memory)
		abort();
	tap_ok(kvmcap_log_init(&log, memory, 4096, 10, 400) == -EINVAL,
	       "a mapping that is too small is refused");
	tap_ok(kvmcap_log_init(&log, memory, 65536, 3000, 400) == -EINVAL,
	       "one that the index fills up, too");
	tap_ok(!kvmcap_log_init(&log, memory, 65536, 10, 400) &&
	       log.header->log_offset + log.header->log_size <= 65536,
	       "one that suffices is laid out within its bounds");
	free(memory);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) :
				   (uint64_t)time(NULL);
	size_t i;

	tap_diag("seed %llu", (unsigned long long)seed);
	test_init();
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		run(sizes[i], seed + i);

	return tap_end();
}
