// SPDX-License-Identifier: Apache-2.0
/*
 * The ring of a black box: it never takes more than its bound, goes on after a
 * kill at any moment, and what is left of it plays.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <kvmcap.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "random.h"
#include "recorded.h"
#include "replay_write.h"
#include "source_memory.h"
#include "storage.h"
#include "tap.h"

#define SEED		11
#define BOUND		(256U << 10)
#define PAYLOAD		400
#define LOG_BYTES	(64U << 10)
#define FRAMES		1500
#define KILLS		25
#define KILL_FRAMES	400	/* those that a killed recorder may get to */
#define KEEP_FRAMES	100
#define FULL_ROUNDS	100	/* times that the disk is full */
#define FULL_FRAMES	10	/* frames before each */
#define LARGE_PICTURE	(60U << 10)	/* bytes: a share of the ring is 32 KiB */
#define LARGE_FRAME	(1U << 10)
#define LARGE_FRAMES	300
#define MANY_FILES	(2 * STORAGE_FILES_MAX + 50)
#define MANY_ORDERS	10

/* A directory of our own, and what is recorded into it. */
struct box {
	char path[64];
	struct recorded recorded;
	struct storage storage;
	struct recorded_picture *pictures;	/* after each frame, if wanted */
	bool adrift;
};

static void box_make(struct box *box)
{
	memset(box, 0, sizeof(*box));
	strcpy(box->path, "/tmp/storage_test.XXXXXX");
	if (!mkdtemp(box->path))
		abort();
}

/* Bytes on disk; the files are deleted if wanted. */
static uint64_t box_bytes(const struct box *box, bool delete)
{
	DIR *directory = opendir(box->path);
	struct dirent *entry;
	struct stat st;
	uint64_t bytes = 0;

	if (!directory)
		abort();
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.' || fstatat(dirfd(directory), entry->d_name, &st, 0))
			continue;
		bytes += ((uint64_t)st.st_size + STORAGE_BLOCK - 1) / STORAGE_BLOCK * STORAGE_BLOCK;
		if (delete)
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	closedir(directory);
	return bytes;
}

static void box_free(struct box *box)
{
	box_bytes(box, true);
	rmdir(box->path);
	free(box->pictures);
}

/* Starts to record the same screen as ever. */
static int box_open(struct box *box, uint64_t keep_ns)
{
	static const struct kvmcap_recording_header header = {
		.log_size = 1U << 20,
		.index_capacity = 4096,
		.engine = "fake",
	};
	int fd = memfd_create("unused", MFD_CLOEXEC);

	if (fd < 0 || !recorded_begin(&box->recorded, fd, LOG_BYTES, PAYLOAD, SEED))
		abort();
	close(fd);
	box->adrift = true;
	return storage_open_ring(&box->storage, box->path, BOUND, keep_ns, &header);
}

static int box_close(struct box *box)
{
	recorded_end(&box->recorded);
	return storage_close(&box->storage, 0);
}

static int put(struct box *box, unsigned int type)
{
	const struct kvmcap_follower *follower = &box->recorded.follower;
	struct kvmcap_recording_chunk chunk = {
		.type = (uint16_t)type,
		.length = (uint32_t)follower->length,
		.sequence = follower->records.frame->record.sequence,
		/* On the clock that files are begun by. */
		.timestamp_ns = UINT64_MAX / 4 + follower->records.frame->timestamp_ns,
	};

	return storage_put(&box->storage, &chunk, follower->data);
}

/* One more frame, as kvmcapctl record would take it. */
static int box_frame(struct box *box)
{
	struct recorded *r = &box->recorded;
	struct kvmcap_snapshot now;
	int err = 0;

	if (!recorded_change(r) || kvmcap_snapshot(r->source, &now))
		abort();
	if (!box->adrift) {
		if (kvmcap_follow_next(&r->follower, r->source, &now) != 1)
			abort();
		err = put(box, KVMCAP_CHUNK_FRAME);
	}
	if (!err && (box->adrift || storage_is_full(&box->storage))) {
		if (kvmcap_follow_screen(&r->follower, r->source, &now))
			abort();
		err = put(box, KVMCAP_CHUNK_SNAPSHOT);
		kvmcap_follow_from(&r->follower, &now);
		box->adrift = false;
	}
	return err;
}

/* What the screen shows after each frame. */
static void box_foresee(struct box *box, unsigned int frames)
{
	struct recorded recorded;
	unsigned int i;
	int fd = memfd_create("unused", MFD_CLOEXEC);

	box->pictures = calloc(frames, sizeof(*box->pictures));
	if (!box->pictures || !recorded_begin(&recorded, fd, LOG_BYTES, PAYLOAD, SEED))
		abort();
	for (i = 0; i < frames; i++) {
		if (!recorded_change(&recorded) ||
		    !recorded_look(recorded.source, &box->pictures[i]))
			abort();
	}
	recorded_end(&recorded);
	close(fd);
}

/* Frames that the ring shows, each of them right; -1 if one is not. */
static int box_play(const struct box *box, uint64_t *last)
{
	struct kvmcap_recording *recording;
	struct kvmcap_recording_step step;
	struct recorded_picture picture;
	struct kvmcap_source *source;
	struct mapping mapping;
	int frames = 0, ret = kvmcap_recording_open(&recording, box->path);

	*last = 0;
	if (ret)
		return ret == -EINVAL ? 0 : -1;
	mapping_init(&mapping, LOG_BYTES);
	if (kvmcap_open_memory(&source, mapping.memory, mapping.size, -1))
		abort();
	while ((ret = kvmcap_recording_next(recording, &step)) > 0) {
		if (kvmcap_replay_write(&mapping.log, step.data, step.length, &step.records, 1) ||
		    !recorded_look(source, &picture) ||
		    memcmp(&picture, &box->pictures[step.sequence - 1], sizeof(picture)))
			break;
		*last = step.sequence;
		frames++;
	}
	kvmcap_close(source);
	mapping_free(&mapping);
	kvmcap_recording_close(recording);
	return ret ? -1 : frames;
}

static void test_bound(void)
{
	unsigned int i, over = 0, wrong = 0;
	uint64_t bytes, most = 0, last = 0;
	struct box box;
	int frames;

	box_make(&box);
	box_foresee(&box, FRAMES);
	tap_ok(!box_open(&box, 0), "a ring begins");
	for (i = 0; i < FRAMES; i++) {
		wrong += box_frame(&box) != 0;
		bytes = box_bytes(&box, false);
		over += bytes > BOUND || bytes > storage_bytes(&box.storage);
		most = bytes > most ? bytes : most;
	}
	tap_ok(!wrong, "%u frames go into it", FRAMES);
	tap_ok(box.storage.dropped > STORAGE_RING_PARTS, "old files are deleted");
	tap_ok(!box_close(&box), "it ends");
	bytes = box_bytes(&box, false);
	tap_ok(!over && bytes <= BOUND, "it has never taken more than its %u bytes", BOUND);
	tap_ok(most > BOUND / 4 * 3, "... but most of them: %llu", (unsigned long long)most);
	frames = box_play(&box, &last);
	tap_ok(frames > FRAMES / 20 && last == FRAMES, "what is left plays to the end: %d frames",
	       frames);
	box_free(&box);
}

/* Records until it is killed. */
static _Noreturn void record_until_killed(struct box *box)
{
	unsigned int i;

	if (box_open(box, 0))
		_exit(1);
	for (i = 0; i < KILL_FRAMES; i++) {
		if (box_frame(box))
			_exit(1);
	}
	for (;;)
		pause();
}

static void test_killed(void)
{
	unsigned int i, wrong = 0, over = 0;
	uint64_t random = SEED, last = 0, most = 0;
	struct box box;
	int status;
	pid_t child;

	box_make(&box);
	box_foresee(&box, KILL_FRAMES);
	for (i = 0; i < KILLS; i++) {
		child = fork();
		if (!child)
			record_until_killed(&box);
		usleep(random_below(&random, 60000));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		wrong += !WIFSIGNALED(status) || box_play(&box, &last) < 0;
		over += box_bytes(&box, false) > BOUND;
		most = last > most ? last : most;
	}
	tap_ok(!wrong, "killed %u times, what is there plays each time", KILLS);
	tap_ok(most > 0, "... and there was something, up to frame %llu",
	       (unsigned long long)most);
	tap_ok(!over, "... and never too much");
	box_free(&box);
}

static void test_keep(void)
{
	struct kvmcap_recording *recording;
	unsigned int i, wrong = 0;
	uint64_t duration;
	struct box box;

	box_make(&box);
	box_open(&box, KEEP_FRAMES * RECORDED_FRAME_NS);
	for (i = 0; i < KEEP_FRAMES * 5; i++)
		wrong += box_frame(&box) != 0;
	box_close(&box);
	if (kvmcap_recording_open(&recording, box.path))
		abort();
	duration = kvmcap_recording_info(recording)->duration_ns / RECORDED_FRAME_NS;
	kvmcap_recording_close(recording);
	tap_ok(!wrong && duration >= KEEP_FRAMES / 2 && duration < KEEP_FRAMES * 3 / 2,
	       "what is older than it is to keep is deleted: %llu frames are left",
	       (unsigned long long)duration);
	box_free(&box);
}

static void test_others(void)
{
	static const char *const names[] = { "notes.txt", "0000000007.kvmrec.bak", "7.kvmrec" };
	struct storage second;
	struct box box;
	char path[128];
	unsigned int i, kept = 0;
	struct stat st;
	int fd;

	box_make(&box);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", box.path, names[i]);
		fd = open(path, O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || ftruncate(fd, BOUND * 2))
			abort();
		close(fd);
	}
	tap_ok(!box_open(&box, 0) && !box_frame(&box), "a ring begins beside other files");
	tap_ok(storage_open_ring(&second, box.path, BOUND, 0, &box.storage.header) == -EWOULDBLOCK,
	       "a second recorder is refused");
	close(second.directory);
	box_close(&box);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", box.path, names[i]);
		kept += !stat(path, &st) && st.st_size == BOUND * 2;
	}
	tap_ok(kept == 3, "other files are left alone");
	box_free(&box);
}

/* What is written from now on meets a full disk; the file itself stays there. */
static void fill_disk(struct box *box)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	if (full < 0 || dup2(full, box->storage.fd) < 0)
		abort();
	close(full);
}

static void test_full_disk(void)
{
	unsigned int i, round, wrong = 0, unknown = 0, over = 0;
	struct box box;

	box_make(&box);
	box_open(&box, 0);
	for (round = 0; round < FULL_ROUNDS; round++) {
		for (i = 0; i < FULL_FRAMES; i++)
			wrong += box_frame(&box) != 0;
		fill_disk(&box);
		wrong += box_frame(&box) != -ENOSPC || !storage_is_full(&box.storage);
		box.adrift = true;
		unknown += box_bytes(&box, false) > storage_bytes(&box.storage);
		over += box_bytes(&box, false) > BOUND;
	}
	tap_ok(!wrong, "%u times the disk is full, and the ring goes on", FULL_ROUNDS);
	tap_ok(!unknown, "... it knows of each file that it has left behind");
	tap_ok(!over, "... and deletes them before they are too many");
	box_close(&box);
	box_free(&box);
}

static int put_bytes(struct storage *storage, unsigned int type, const void *data, size_t length)
{
	const struct kvmcap_recording_chunk chunk = {
		.type = (uint16_t)type,
		.length = (uint32_t)length,
	};

	return storage_put(storage, &chunk, data);
}

/* A picture that takes more than a file's share does not make a file of each frame. */
static void test_large_pictures(void)
{
	static const uint8_t data[LARGE_PICTURE];
	unsigned int i, wrong = 0, over = 0, pictures = 0;
	struct box box;

	box_make(&box);
	box_open(&box, 0);
	for (i = 0; i < LARGE_FRAMES; i++) {
		if (storage_is_full(&box.storage)) {
			wrong += put_bytes(&box.storage, KVMCAP_CHUNK_SNAPSHOT, data,
					   LARGE_PICTURE) != 0;
			pictures++;
		}
		wrong += put_bytes(&box.storage, KVMCAP_CHUNK_FRAME, data, LARGE_FRAME) != 0;
		over += box_bytes(&box, false) > BOUND;
	}
	tap_ok(!wrong && !over, "%u frames beside large pictures go into a ring", LARGE_FRAMES);
	tap_ok(pictures > 1 && pictures <= LARGE_FRAMES / (LARGE_PICTURE / LARGE_FRAME / 2) + 1,
	       "... with a picture only now and then: %u", pictures);
	box_close(&box);
	box_free(&box);
}

static void make_empty(const struct box *box, unsigned int number)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%010u" KVMCAP_RECORDING_SUFFIX, box->path, number);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		abort();
	close(fd);
}

static bool is_there(const struct box *box, unsigned int number)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%010u" KVMCAP_RECORDING_SUFFIX, box->path, number);
	return !access(path, F_OK);
}

/* Whether of more files than a ring has, numbered from @first, the newest are left. */
static bool newest_stay(unsigned int first)
{
	unsigned int i, wrong = 0;
	struct box box;

	box_make(&box);
	for (i = 0; i < MANY_FILES; i++)
		make_empty(&box, first + i);
	box_open(&box, 0);
	for (i = 0; i < MANY_FILES; i++)
		wrong += is_there(&box, first + i) != (i >= MANY_FILES - STORAGE_FILES_MAX);
	wrong += box.storage.file_count != STORAGE_FILES_MAX;
	box_close(&box);
	box_free(&box);
	return !wrong;
}

/* A directory gives them in an order of its own, so other names, another order. */
static void test_many_files(void)
{
	unsigned int i, right = 0;

	for (i = 0; i < MANY_ORDERS; i++)
		right += newest_stay(1 + i * MANY_FILES);
	tap_ok(right == MANY_ORDERS, "of %u files the newest %u stay, %u times", MANY_FILES,
	       STORAGE_FILES_MAX, right);
}

int main(void)
{
	test_bound();
	test_killed();
	test_keep();
	test_others();
	test_full_disk();
	test_large_pictures();
	test_many_files();
	return tap_end();
}
