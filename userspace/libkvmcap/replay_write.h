/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records to a log; not for libkvmcap's users. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_REPLAY_WRITE_H
#define LIBKVMCAP_REPLAY_WRITE_H

#include "log.h"
#include "records.h"

/**
 * kvmcap_replay_write() - write a frame's records to a log
 * @log: the log
 * @data: the records
 * @length: bytes of them
 * @records: what kvmcap_records_check() has found
 * @timestamp_ns: when the frame is committed
 *
 * Only what differs from what the log shows becomes a frame there; one that does
 * not fit beside the picture that it replaces becomes two.
 *
 * Return: 0; -EBADMSG the records do not go with the picture; -ENOSPC the picture
 * is too large for the log.
 */
int kvmcap_replay_write(struct kvmcap_log *log, const void *data, size_t length,
			const struct kvmcap_records *records, u64 timestamp_ns);

#endif
