/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recording as a source: its records are written to a log again, by the code
 * that the driver has for that. Not for libkvmcap's users, who have
 * kvmcap_open_recording().
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_REPLAY_H
#define LIBKVMCAP_REPLAY_H

#include "kvmcap.h"

struct kvmcap_replay;

/**
 * kvmcap_replay_open() - open a recording, and show its first picture
 * @replay: where it goes
 * @path: of the recording
 * @options: how it is to be played
 * @fd: set to what is readable when there is something to look at
 * @map: set to the mapping
 * @map_size: set to bytes of it
 *
 * Return: 0 or as kvmcap_open_recording().
 */
int kvmcap_replay_open(struct kvmcap_replay **replay, const char *path,
		       const struct kvmcap_replay_options *options, int *fd, const void **map,
		       size_t *map_size);
void kvmcap_replay_close(struct kvmcap_replay *replay);

/* Write the frames that are due. Return: 0 or a negative errno. */
int kvmcap_replay_advance(struct kvmcap_replay *replay);

/**
 * kvmcap_replay_step() - write the next frame, due or not
 * @replay: the recording, paused
 * @until_ns: unless it comes after that in the recording
 *
 * Return: 1; 0 there is none; a negative errno.
 */
int kvmcap_replay_step(struct kvmcap_replay *replay, uint64_t until_ns);

/* The recording's duration. */
uint64_t kvmcap_replay_duration_ns(const struct kvmcap_replay *replay);

/* As KVMCAP_IOC_ACK, KVMCAP_IOC_QUERY, KVMCAP_IOC_GET_PARAMS, KVMCAP_IOC_STATS. */
int kvmcap_replay_ack(struct kvmcap_replay *replay, uint64_t sequence, bool arm);
void kvmcap_replay_query(const struct kvmcap_replay *replay, struct kvmcap_query *query);
void kvmcap_replay_params(const struct kvmcap_replay *replay, struct kvmcap_params *params);
void kvmcap_replay_stats(const struct kvmcap_replay *replay, struct kvmcap_stats *stats);

#endif
