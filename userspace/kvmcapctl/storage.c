// SPDX-License-Identifier: Apache-2.0
/*
 * Where a recording goes.
 *
 * What is in a ring after a crash is what was written: a file is only ever
 * appended to, the last chunk of one may be cut off, and no file refers to
 * another.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define NAME_SIZE	40
#define NAME_DIGITS	10	/* as many files are not written in a lifetime */

static void file_name(char name[NAME_SIZE], uint64_t number)
{
	snprintf(name, NAME_SIZE, "%0*" PRIu64 KVMCAP_RECORDING_SUFFIX, NAME_DIGITS, number);
}

/* The number in a name that file_name() has made, 0 for other names. */
static uint64_t name_number(const char *name)
{
	char same[NAME_SIZE];
	uint64_t number;

	if (strspn(name, "0123456789") != NAME_DIGITS)
		return 0;
	number = strtoull(name, NULL, 10);
	file_name(same, number);
	return strcmp(name, same) ? 0 : number;
}

static uint64_t on_disk(uint64_t bytes)
{
	return (bytes + STORAGE_BLOCK - 1) / STORAGE_BLOCK * STORAGE_BLOCK;
}

static void storage_init(struct storage *storage, const struct kvmcap_recording_header *header)
{
	memset(storage, 0, sizeof(*storage));
	storage->directory = -1;
	storage->fd = -1;
	storage->header = *header;
	storage->synced_ns = kvmcap_now_ns();
	if (getrandom(&storage->header.run, sizeof(storage->header.run), 0) < 0)
		storage->header.run = (uint32_t)storage->synced_ns;
}

/* @owned: nothing of anybody else's is in the file. */
static int begin_file(struct storage *storage, bool owned)
{
	storage->header.number = storage->number;
	storage->header.monotonic_ns = kvmcap_now_ns();
	storage->header.realtime_ns = kvmcap_clock_ns(CLOCK_REALTIME);
	storage->first_ns = 0;
	storage->first_bytes = 0;
	return kvmcap_recording_create(&storage->writer, storage->fd, owned, &storage->header);
}

int storage_open_file(struct storage *storage, const char *path,
		      const struct kvmcap_recording_header *header)
{
	bool owned = strcmp(path, "-") != 0;

	storage_init(storage, header);
	if (owned)
		storage->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	else
		storage->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	return storage->fd < 0 ? -errno : begin_file(storage, owned);
}

static void forget_oldest(struct storage *storage)
{
	storage->file_bytes -= storage->files[0].bytes;
	storage->file_count--;
	memmove(&storage->files[0], &storage->files[1],
		storage->file_count * sizeof(storage->files[0]));
}

static int drop_file(struct storage *storage, uint64_t number)
{
	char name[NAME_SIZE];

	file_name(name, number);
	if (unlinkat(storage->directory, name, 0) && errno != ENOENT)
		return -errno;
	storage->dropped++;
	return 0;
}

static int drop_oldest(struct storage *storage)
{
	int err = drop_file(storage, storage->files[0].number);

	if (!err)
		forget_oldest(storage);
	return err;
}

static int add_file(struct storage *storage, const struct storage_file *file)
{
	unsigned int at = storage->file_count;
	int err = 0;

	if (at == STORAGE_FILES_MAX) {
		/* Files are found in no order: this one may be the oldest. */
		if (file->number < storage->files[0].number)
			return drop_file(storage, file->number);
		err = drop_oldest(storage);
		at--;
	}
	if (err)
		return err;
	while (at && storage->files[at - 1].number > file->number) {
		storage->files[at] = storage->files[at - 1];
		at--;
	}
	storage->files[at] = *file;
	storage->file_count++;
	storage->file_bytes += file->bytes;
	return 0;
}

/* A file of an earlier run: what is cut off, or was never begun, takes space, too. */
static int find_file(struct storage *storage, const char *name)
{
	struct storage_file file = { .number = name_number(name) };
	struct kvmcap_recording *recording;
	struct stat st;
	int fd;

	if (!file.number || fstatat(storage->directory, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode))
		return 0;
	file.bytes = on_disk((uint64_t)st.st_size);
	fd = openat(storage->directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && !kvmcap_recording_open_fd(&recording, fd)) {
		file.span_ns = kvmcap_recording_info(recording)->duration_ns;
		kvmcap_recording_close(recording);
	}
	if (storage->number < file.number)
		storage->number = file.number;
	return add_file(storage, &file);
}

static int find_files(struct storage *storage)
{
	int fd = openat(storage->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int err = 0;

	if (!directory) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (entry = readdir(directory)) != NULL)
		err = find_file(storage, entry->d_name);
	closedir(directory);
	while (!err && storage->file_count && storage->file_bytes > storage->bound)
		err = drop_oldest(storage);
	return err;
}

/* A new directory must be found after a power loss, too. */
static int sync_parent(const char *path)
{
	char *copy = strdup(path);
	int fd, err = 0;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	/* Who may not look at it can still make something there. */
	if (fd < 0)
		return errno == EACCES ? 0 : -errno;
	if (fsync(fd) && errno != EINVAL && errno != EROFS)
		err = -errno;
	close(fd);
	return err;
}

/* A directory for a ring, made if there is none. */
static int make_directory(const char *path)
{
	if (!mkdir(path, 0700))
		return sync_parent(path);
	return errno == EEXIST ? 0 : -errno;
}

int storage_open_ring(struct storage *storage, const char *path, uint64_t bound,
		      uint64_t keep_ns, const struct kvmcap_recording_header *header)
{
	int err = make_directory(path);

	storage_init(storage, header);
	storage->bound = bound;
	storage->keep_ns = keep_ns;
	if (err)
		return err;
	storage->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (storage->directory < 0 || flock(storage->directory, LOCK_EX | LOCK_NB))
		return -errno;
	return find_files(storage);
}

static uint64_t span_ns(const struct storage *storage)
{
	return storage->first_ns ? storage->writer.last_ns - storage->first_ns : 0;
}

/*
 * A share of the ring, and, where a picture takes more than that, at least half as
 * much in frames: otherwise each frame would be a picture, and a file.
 */
static bool has_share(const struct storage *storage)
{
	return storage->writer.size >= storage->bound / STORAGE_RING_PARTS &&
	       storage->writer.size - storage->first_bytes >= storage->first_bytes / 2;
}

bool storage_is_full(const struct storage *storage)
{
	if (storage->fd < 0)
		return true;
	if (storage->directory < 0)
		return false;
	return has_share(storage) ||
	       (storage->keep_ns && span_ns(storage) >= storage->keep_ns / STORAGE_RING_PARTS);
}

uint64_t storage_bytes(const struct storage *storage)
{
	uint64_t bytes = storage->file_bytes;

	if (storage->fd >= 0)
		bytes += on_disk(storage->writer.size +
				 kvmcap_recording_finish_size(&storage->writer, 0));
	return bytes;
}

/* Deletes what there is no room for, or no need of. */
static int make_room(struct storage *storage, size_t length)
{
	uint64_t wanted = on_disk(storage->writer.size + length +
				  sizeof(struct kvmcap_recording_chunk) +
				  kvmcap_recording_finish_size(&storage->writer, 1));
	uint64_t newer_ns = span_ns(storage);
	unsigned int i;
	int err = 0;

	while (!err && storage->file_count && storage->file_bytes + wanted > storage->bound)
		err = drop_oldest(storage);
	if (!err && storage->file_bytes + wanted > storage->bound)
		return -ENOSPC;
	for (i = 1; i < storage->file_count; i++)
		newer_ns += storage->files[i].span_ns;
	while (!err && storage->keep_ns && storage->file_count && newer_ns >= storage->keep_ns) {
		err = drop_oldest(storage);
		newer_ns -= storage->file_count ? storage->files[0].span_ns : 0;
	}
	return err;
}

/*
 * Ends the file, which becomes one of the old ones, even if that fails: it is there,
 * takes space, and has to be deleted one day.
 */
static int end_file(struct storage *storage, uint64_t now_ns)
{
	struct storage_file file = { .number = storage->number };
	int err, closed, added = 0;

	if (storage->fd < 0)
		return 0;
	err = kvmcap_recording_finish(&storage->writer, now_ns);
	/* A pipe cannot be synced, and need not. */
	if (!err && fdatasync(storage->fd) && errno != EINVAL && errno != EROFS)
		err = -errno;
	closed = close(storage->fd) ? -errno : 0;
	storage->fd = -1;
	storage->dirty = false;
	file.bytes = on_disk(storage->writer.size);
	file.span_ns = span_ns(storage);
	kvmcap_recording_release(&storage->writer);
	memset(&storage->writer, 0, sizeof(storage->writer));
	storage->first_ns = 0;
	if (storage->directory >= 0)
		added = add_file(storage, &file);
	if (!err)
		err = closed;
	return err ? err : added;
}

/* The file itself must be found after a power loss, so its name is synced, too. */
static int next_file(struct storage *storage, size_t length)
{
	char name[NAME_SIZE];
	int err = end_file(storage, storage->writer.last_ns);

	if (!err)
		err = make_room(storage, sizeof(struct kvmcap_recording_header) + length);
	if (err)
		return err;
	storage->number++;
	file_name(name, storage->number);
	storage->fd = openat(storage->directory, name,
			     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (storage->fd < 0)
		return -errno;
	err = begin_file(storage, true);
	return err || !fsync(storage->directory) ? err : -errno;
}

int storage_put(struct storage *storage, const struct kvmcap_recording_chunk *chunk,
		const void *payload)
{
	int err = 0;

	if (chunk->type == KVMCAP_CHUNK_SNAPSHOT && storage_is_full(storage))
		err = storage->directory < 0 ? -EBADF : next_file(storage, chunk->length);
	else if (storage->fd < 0)
		return -EBADF;
	else if (storage->directory >= 0)
		err = make_room(storage, chunk->length);
	if (!err)
		err = kvmcap_recording_append(&storage->writer, chunk, payload);
	if (err == -ENOSPC && storage->directory >= 0) {
		/* What is full may be the disk: the file makes way, and is the next to go. */
		end_file(storage, storage->writer.last_ns);
		if (storage->file_count)
			drop_oldest(storage);
	}
	if (err)
		return err;
	if (!storage->first_ns) {
		storage->first_ns = storage->writer.last_ns;
		storage->first_bytes = storage->writer.size;
	}
	storage->dirty = true;
	return 0;
}

uint64_t storage_sync_at(const struct storage *storage)
{
	return storage->dirty ? storage->synced_ns + STORAGE_SYNC_NS : UINT64_MAX;
}

int storage_sync(struct storage *storage, uint64_t now_ns)
{
	int err = 0;

	if (storage->fd >= 0 && storage->dirty && fdatasync(storage->fd) && errno != EINVAL &&
	    errno != EROFS)
		err = -errno;
	storage->dirty = false;
	storage->synced_ns = now_ns;
	return err;
}

int storage_close(struct storage *storage, uint64_t now_ns)
{
	int err = end_file(storage, now_ns);

	if (storage->directory >= 0)
		close(storage->directory);
	storage->directory = -1;
	return err;
}
