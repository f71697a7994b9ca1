/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A screen that changes at random, what it showed after each frame, and a
 * recording of it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef TEST_RECORDED_H
#define TEST_RECORDED_H

#include <kvmcap.h>

#include "follow.h"
#include "mapping.h"
#include "recording.h"

#define RECORDED_TILES_MAX	40	/* of a picture */
#define RECORDED_FRAME_NS	10000000ULL

/**
 * struct recorded_picture - what a screen shows
 * @signal: enum kvmcap_signal
 * @mode: the geometry
 * @quality: of the tables, 0 for none
 * @length: bytes of each tile's payload, 0 for none
 * @sum: of each tile's payload
 */
struct recorded_picture {
	uint32_t signal;
	struct kvmcap_mode mode;
	uint32_t quality;
	uint32_t length[RECORDED_TILES_MAX];
	uint32_t sum[RECORDED_TILES_MAX];
};

/**
 * struct recorded - a screen that is recorded
 * @mapping: what an engine has written
 * @source: who reads it
 * @follower: ... frame by frame
 * @random: state of the random numbers
 * @payload_max: bytes of a tile
 * @writer: the recording
 */
struct recorded {
	struct mapping mapping;
	struct kvmcap_source *source;
	struct kvmcap_follower follower;
	uint64_t random;
	size_t payload_max;
	struct kvmcap_recording_writer writer;
};

/* A log for pictures of about @log_bytes, and @fd to record to. False: no memory. */
bool recorded_begin(struct recorded *recorded, int fd, size_t log_bytes, size_t payload_max,
		    uint64_t seed);
void recorded_end(struct recorded *recorded);

/* Commit a frame: tiles, now and then a mode, tables or a signal. */
bool recorded_change(struct recorded *recorded);

/* Append what has been committed, and with @snapshot the whole screen behind it. */
bool recorded_append(struct recorded *recorded, bool snapshot);

/* What @source shows. False: it cannot be read. */
bool recorded_look(struct kvmcap_source *source, struct recorded_picture *picture);

#endif
