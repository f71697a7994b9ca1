/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a recording goes: one file, or a ring of files of bounded size.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_STORAGE_H
#define KVMCAPCTL_STORAGE_H

#include "recording.h"

/* The kernel has up to this long to write what was recorded; a power loss costs it. */
#define STORAGE_SYNC_NS		(5 * 1000000000ULL)

/* Files of a ring: its size is divided into so many, and so is its time. */
#define STORAGE_RING_PARTS	8

/* Files of a ring, at most: recorders that end early leave small ones. */
#define STORAGE_FILES_MAX	128

/* Disks give space in units of this; files are counted in them. */
#define STORAGE_BLOCK		4096

/**
 * struct storage_file - a finished file of a ring
 * @number: of it
 * @bytes: on disk
 * @span_ns: from its first frame to its end
 */
struct storage_file {
	uint64_t number;
	uint64_t bytes;
	uint64_t span_ns;
};

/**
 * struct storage - where a recording goes
 * @directory: the ring, -1 if it is one file
 * @bound: bytes that the ring may take on disk
 * @keep_ns: time that the ring is to keep, 0: all that @bound permits
 * @header: of the files
 * @fd: the file that is being written, -1 if there is none
 * @writer: writes it
 * @number: of it
 * @first_ns: timestamp of its first chunk
 * @first_bytes: of it, up to the end of that chunk
 * @files: finished ones, oldest first
 * @file_count: how many
 * @file_bytes: of them
 * @synced_ns: everything that was written before is safe
 * @dirty: something was written after
 * @dropped: files deleted, a counter
 */
struct storage {
	int directory;
	uint64_t bound;
	uint64_t keep_ns;
	struct kvmcap_recording_header header;
	int fd;
	struct kvmcap_recording_writer writer;
	uint64_t number;
	uint64_t first_ns;
	uint64_t first_bytes;
	struct storage_file files[STORAGE_FILES_MAX];
	unsigned int file_count;
	uint64_t file_bytes;
	uint64_t synced_ns;
	bool dirty;
	uint64_t dropped;
};

/* Begin a file, which must not exist; "-" is standard output. Return: 0 or -errno. */
int storage_open_file(struct storage *storage, const char *path,
		      const struct kvmcap_recording_header *header);

/**
 * storage_open_ring() - go on with a ring, or begin one
 * @storage: filled in
 * @path: a directory; made if there is none
 * @bound: bytes on disk
 * @keep_ns: see struct storage
 * @header: of the files
 *
 * Return: 0; -EWOULDBLOCK another recorder has it; a negative errno.
 */
int storage_open_ring(struct storage *storage, const char *path, uint64_t bound,
		      uint64_t keep_ns, const struct kvmcap_recording_header *header);

/* Whether the next chunk must be a snapshot, with which a file begins. */
bool storage_is_full(const struct storage *storage);

/**
 * storage_put() - append a chunk
 * @storage: the storage
 * @chunk: as kvmcap_recording_append() takes it
 * @payload: ...
 *
 * In a ring, old files are deleted first, so that it never takes more than its
 * bound, with what kvmcap_recording_finish() will add.
 *
 * Return: 0; -ENOSPC it does not fit even so: storage_is_full() now; -errno.
 */
int storage_put(struct storage *storage, const struct kvmcap_recording_chunk *chunk,
		const void *payload);

/* Bytes on disk, at most. */
uint64_t storage_bytes(const struct storage *storage);

/* When storage_sync() has to be called, UINT64_MAX if never. */
uint64_t storage_sync_at(const struct storage *storage);
int storage_sync(struct storage *storage, uint64_t now_ns);

/* Finish the file. Return: 0 or a negative errno. */
int storage_close(struct storage *storage, uint64_t now_ns);

#endif
