/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a log record by record, as <linux/kvmcap.h> says under READING IN
 * SEQUENCE; not for libkvmcap's users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_FOLLOW_H
#define LIBKVMCAP_FOLLOW_H

#include "records.h"

/**
 * struct kvmcap_follower - a place in a log, and a frame; begin with all zeroes
 * @position: of the next record
 * @offset: ... in the log
 * @data: the records of the frame that came last, aligned to 16
 * @length: bytes of them
 * @room: bytes that @data has room for
 * @records: what they say
 */
struct kvmcap_follower {
	uint64_t position;
	uint32_t offset;
	uint8_t *data;
	size_t length;
	size_t room;
	struct kvmcap_records records;
};

void kvmcap_follow_free(struct kvmcap_follower *follower);

/* Go on with what comes after @snapshot. */
void kvmcap_follow_from(struct kvmcap_follower *follower, const struct kvmcap_snapshot *snapshot);

/**
 * kvmcap_follow_next() - take the next frame
 * @follower: where, and the frame
 * @source: the log
 * @snapshot: of it; frames up to its head are taken
 *
 * Records that are there only for the log's sake, and copies, are left out.
 *
 * Return: 1; 0 there is none; -EOVERFLOW the log has moved on beyond the place, or
 * what is there is no frame: use kvmcap_follow_from(); -ENOMEM.
 */
int kvmcap_follow_next(struct kvmcap_follower *follower, const struct kvmcap_source *source,
		       const struct kvmcap_snapshot *snapshot);

/**
 * kvmcap_follow_screen() - make a frame of all that @snapshot shows
 * @follower: gets the frame; its place stays
 * @source: the source
 * @snapshot: of it
 *
 * Return: 0; -EAGAIN the log moved on, take a new snapshot; -EBADMSG; -ENOMEM.
 */
int kvmcap_follow_screen(struct kvmcap_follower *follower, const struct kvmcap_source *source,
			 const struct kvmcap_snapshot *snapshot);

#endif
