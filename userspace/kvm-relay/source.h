/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The capture device as all clients see it: opened again when it comes back,
 * one snapshot for everybody, and asked for pictures only while somebody waits.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_SOURCE_H
#define RELAY_SOURCE_H

#include <kvmcap.h>

#include "loop.h"
#include "placard.h"

/* Milliseconds between attempts to open a device that is not there. */
#define RETRY_FIRST_MS	250
#define RETRY_LAST_MS	4000

/* New snapshots taken for one rectangle whose bytes were overwritten meanwhile. */
#define SOURCE_TRIES	16

#define NEVER		UINT64_MAX

/**
 * struct source - the capture device
 * @watch: its descriptor
 * @loop: the loop
 * @path: of the device, or of the recording that stands for one
 * @replay: how that is played; NULL if it is a device
 * @open: how to open it; tests have one of their own
 * @capture: NULL while there is none
 * @snapshot: the newest; its tile_count is 0 while there is no picture
 * @placard: what to show instead of a picture
 * @epoch: counts openings: generations and sequences start anew with each
 * @changes: counts snapshots and placards
 * @acked: what the device was last told
 * @armed: what the device was last told
 * @retry_at: time in ms of the next attempt to open
 * @retry_ms: how long to wait after that
 * @error: of the last attempt, to say each only once
 */
struct source {
	struct watch watch;
	struct loop *loop;
	const char *path;
	const struct kvmcap_replay_options *replay;
	int (*open)(struct kvmcap_source **capture, const char *path);
	struct kvmcap_source *capture;
	struct kvmcap_snapshot snapshot;
	enum placard placard;
	uint32_t epoch;
	uint64_t changes;
	uint64_t acked;
	bool armed;
	uint64_t retry_at;
	unsigned int retry_ms;
	int error;
};

void source_init(struct source *source, struct loop *loop, const char *path);
void source_close(struct source *source);

/* Open the device if it is not and it is time to try. */
void source_try(struct source *source, uint64_t now);

/* When source_try() has something to do, NEVER while the device is open. */
uint64_t source_retry_at(const struct source *source);

/* Try at once: somebody wants to see it. */
void source_hurry(struct source *source);

/* Take a new snapshot. Return: whether there is one. */
bool source_refresh(struct source *source);

/* Tell the device what has been seen, and whether somebody waits for more. */
void source_demand(struct source *source, bool wanted);

#endif
