// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl record: the frames of a device into a file, or into a ring of files.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "device.h"
#include "follow.h"
#include "storage.h"

/* A snapshot is due after so long, unless what has come since is little beside it. */
#define SNAPSHOT_NS		(10 * NS_PER_SECOND)
#define SNAPSHOT_SHARE		2	/* half of a snapshot is not little */

/* Tries at a picture that the log overtakes; each takes a newer one. */
#define SCREEN_TRIES		16

#define PROGRESS_NS		NS_PER_SECOND

/* Frames a second that a ring asks for: it runs for years, and the engine with it. */
#define RING_FPS		5

/* When a picture could not be written, and no newer one comes. */
#define RETRY_NS		(200 * NS_PER_MS)

/**
 * struct recorder - a recording
 * @options: the command line
 * @path: where it goes
 * @source: where from
 * @signals: SIGINT and SIGTERM
 * @storage: where to
 * @follower: what is being written
 * @snapshot: how far the log has been looked at
 * @adrift: nothing can be written but a snapshot
 * @gap: frames were lost before that
 * @gaps: times that frames were lost
 * @frames: written
 * @bytes: of chunks written
 * @begun_ns: when it began
 * @snapshot_ns: timestamp of the last snapshot
 * @snapshot_bytes: of it
 * @since_snapshot: bytes of frames behind it
 * @progress_ns: when progress was told
 * @pace_ns: from asking for a frame to asking for the next; 0: at once
 * @ask_ns: when the next one is asked for
 * @storage_err: why nothing can be stored any more, 0 while it can
 */
struct recorder {
	const struct options *options;
	const char *path;
	struct kvmcap_source *source;
	int signals;
	struct storage storage;
	struct kvmcap_follower follower;
	struct kvmcap_snapshot snapshot;
	bool adrift;
	bool gap;
	unsigned long gaps;
	uint64_t frames;
	uint64_t bytes;
	uint64_t begun_ns;
	uint64_t snapshot_ns;
	uint64_t snapshot_bytes;
	uint64_t since_snapshot;
	uint64_t progress_ns;
	uint64_t pace_ns;
	uint64_t ask_ns;
	int storage_err;
};

/* A full ring makes room in time; whatever else is wrong with storage ends it. */
static int stored(struct recorder *r, int err)
{
	r->storage_err = err == -ENOSPC && r->options->ring ? 0 : err;
	return err;
}

static int put(struct recorder *r, unsigned int type)
{
	struct kvmcap_recording_chunk chunk = {
		.type = (uint16_t)type,
		.flags = r->gap ? KVMCAP_CHUNK_GAP : 0,
		.length = (uint32_t)r->follower.length,
		.sequence = r->follower.records.frame->record.sequence,
		.timestamp_ns = r->follower.records.frame->timestamp_ns,
	};
	int err = stored(r, storage_put(&r->storage, &chunk, r->follower.data));

	if (!err)
		r->bytes += chunk.length;
	return err;
}

/* What came is lost; the ring is as it should be, and the next snapshot begins a file. */
static void lose(struct recorder *r)
{
	r->adrift = true;
	r->gap = true;
	r->gaps++;
}

/* The whole screen, as of the snapshot that was taken last or, with luck, a newer one. */
static int record_screen(struct recorder *r)
{
	unsigned int tries;
	int err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries < SCREEN_TRIES; tries++) {
		err = tries ? kvmcap_snapshot(r->source, &r->snapshot) : 0;
		if (!err)
			err = kvmcap_follow_screen(&r->follower, r->source, &r->snapshot);
		/* A newer picture than the frames lead to. */
		r->gap = r->gap || tries;
	}
	if (!err)
		err = put(r, KVMCAP_CHUNK_SNAPSHOT);
	if (err == -ENOSPC && r->options->ring) {
		/* There is no file that a frame could go into. */
		if (!r->adrift)
			lose(r);
		return 0;
	}
	if (err)
		return err == -EAGAIN ? 0 : err;
	kvmcap_follow_from(&r->follower, &r->snapshot);
	r->adrift = false;
	r->gap = false;
	r->snapshot_ns = r->snapshot.header.timestamp_ns;
	r->snapshot_bytes = r->follower.length;
	r->since_snapshot = 0;
	return 0;
}

static bool enough(const struct recorder *r)
{
	return r->options->frames && r->frames >= r->options->frames;
}

/* Frames up to the snapshot. */
static int record_frames(struct recorder *r)
{
	int ret;

	while (!r->adrift && !enough(r)) {
		ret = kvmcap_follow_next(&r->follower, r->source, &r->snapshot);
		if (ret == -EOVERFLOW) {
			lose(r);
			return 0;
		}
		if (ret <= 0)
			return ret;
		ret = put(r, KVMCAP_CHUNK_FRAME);
		if (ret == -ENOSPC && r->options->ring) {
			lose(r);
			return 0;
		}
		if (ret)
			return ret;
		r->frames++;
		r->since_snapshot += r->follower.length;
	}
	return 0;
}

static bool snapshot_due(const struct recorder *r)
{
	if (r->adrift || storage_is_full(&r->storage))
		return true;
	return r->snapshot.header.timestamp_ns >= r->snapshot_ns + SNAPSHOT_NS &&
	       r->since_snapshot >= r->snapshot_bytes / SNAPSHOT_SHARE;
}

/* All that has come. */
static int record_news(struct recorder *r)
{
	int err = kvmcap_snapshot(r->source, &r->snapshot);

	if (err == -EAGAIN)
		return 0;
	if (!err)
		err = record_frames(r);
	/* Before the first frame there is nothing to begin with. */
	if (!err && !enough(r) && r->snapshot.header.committed && snapshot_due(r))
		err = record_screen(r);
	return err;
}

static void tell(const struct recorder *r, const char *end)
{
	uint64_t seconds = (kvmcap_now_ns() - r->begun_ns) / NS_PER_SECOND;

	fprintf(stderr, "kvmcapctl: %s: %" PRIu64 " s, %" PRIu64 " frames, %" PRIu64 " KiB%s",
		r->path, seconds, r->frames, r->bytes / 1024, end);
}

/* When to look up at the latest, in nanoseconds from now. */
static uint64_t patience(const struct recorder *r, uint64_t now)
{
	uint64_t at = storage_sync_at(&r->storage), end;

	if (r->options->duration_ns) {
		end = r->begun_ns + r->options->duration_ns;
		at = end < at ? end : at;
	}
	if (r->ask_ns > now && r->ask_ns < at)
		at = r->ask_ns;
	if (r->progress_ns && r->progress_ns + PROGRESS_NS < at)
		at = r->progress_ns + PROGRESS_NS;
	if (r->adrift && r->snapshot.header.committed && now + RETRY_NS < at)
		at = now + RETRY_NS;
	return at > now ? at - now : 0;
}

/* 1: something is there to be looked at; 0: not; -ENODEV, -ECANCELED a signal. */
static int wait_news(struct recorder *r)
{
	struct pollfd wait[] = {
		{ .fd = kvmcap_fd(r->source), .events = POLLIN },
		{ .fd = r->signals, .events = POLLIN },
	};
	uint64_t now = kvmcap_now_ns(), left = patience(r, now);
	struct timespec timeout = {
		.tv_sec = (time_t)(left / NS_PER_SECOND),
		.tv_nsec = (long)(left % NS_PER_SECOND),
	};
	int err = kvmcap_ack(r->source, r->snapshot.header.committed, now >= r->ask_ns);

	if (err)
		return err;
	/* There is always something to look up for within years. */
	if (ppoll(wait, 2, left == UINT64_MAX ? NULL : &timeout, NULL) < 0)
		return errno == EINTR ? 0 : -errno;
	if (wait[1].revents)
		return -ECANCELED;
	if (wait[0].revents & (POLLERR | POLLHUP))
		return -ENODEV;
	return !!wait[0].revents;
}

static int tend(struct recorder *r)
{
	uint64_t now = kvmcap_now_ns();

	if (r->progress_ns && now >= r->progress_ns + PROGRESS_NS) {
		tell(r, "   \r");
		r->progress_ns = now;
	}
	if (now >= storage_sync_at(&r->storage))
		return stored(r, storage_sync(&r->storage, now));
	return 0;
}

/* 0 when it has ended as it should. */
static int record(struct recorder *r)
{
	uint64_t duration = r->options->duration_ns;
	int ret = record_news(r);

	while (!ret && !enough(r) && !(duration && kvmcap_now_ns() >= r->begun_ns + duration)) {
		ret = wait_news(r);
		if (ret > 0 || (!ret && r->adrift)) {
			r->ask_ns = kvmcap_now_ns() + r->pace_ns;
			ret = record_news(r);
		}
		if (!ret)
			ret = tend(r);
	}
	/* What came with the last signal of the device, or before ours. */
	if (ret == -ENODEV || ret == -ECANCELED)
		record_news(r);
	return ret == -ECANCELED ? 0 : ret;
}

static int signals_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int fill_header(struct recorder *r, struct kvmcap_recording_header *header)
{
	struct kvmcap_query query;
	int err = kvmcap_query(r->source, &query);

	if (!err)
		err = kvmcap_snapshot(r->source, &r->snapshot);
	if (err)
		return err;
	*header = (struct kvmcap_recording_header){
		.log_size = r->snapshot.header.log_size,
		.index_capacity = r->snapshot.header.index_capacity,
	};
	memcpy(header->engine, query.engine, sizeof(header->engine));
	return 0;
}

static int explain_storage(const struct recorder *r, int err)
{
	if (err == -EEXIST)
		return complain(STATUS_FAILED, "%s: it exists: remove it, or record to another file",
				r->path);
	if (err == -EWOULDBLOCK)
		return complain(STATUS_FAILED, "%s: another recorder is writing there", r->path);
	return complain(STATUS_FAILED, "%s: cannot record there: %s", r->path, strerror(-err));
}

static int open_storage(struct recorder *r)
{
	struct kvmcap_recording_header header;
	int err = fill_header(r, &header);

	if (err)
		return complain(error_status(err), "cannot read the device's state: %s",
				strerror(-err));
	if (r->options->ring && r->options->ring < header.log_size)
		return complain(STATUS_USAGE, "--ring: a screen may take as much as the log, so it takes at least %lluK",
				(unsigned long long)(header.log_size + 1023) / 1024);
	if (r->options->ring)
		err = storage_open_ring(&r->storage, r->path, r->options->ring,
					r->options->keep_ns, &header);
	else
		err = storage_open_file(&r->storage, r->path, &header);
	return err ? explain_storage(r, err) : STATUS_OK;
}

static int run(struct recorder *r)
{
	int status = open_storage(r), err, closed;

	if (status)
		return status;
	r->adrift = true;
	r->begun_ns = kvmcap_now_ns();
	if (r->options->fps || r->options->ring)
		r->pace_ns = NS_PER_SECOND / (r->options->fps ? r->options->fps : RING_FPS);
	r->progress_ns = isatty(STDERR_FILENO) ? r->begun_ns : 0;
	err = record(r);
	closed = storage_close(&r->storage, kvmcap_now_ns());
	tell(r, "\n");
	if (r->gaps)
		complain(STATUS_OK, "%s: frames were lost %lu times: storage is too slow",
			 r->path, r->gaps);
	if (err == -ENODEV)
		return complain(STATUS_DEVICE, "the device is gone; what it had shown is recorded");
	if (err && !r->storage_err)
		return complain(error_status(err), "cannot read the device's state: %s",
				strerror(-err));
	return err || closed ? explain_storage(r, err ? err : closed) : STATUS_OK;
}

int command_record(const struct options *options, const char *argument)
{
	struct recorder recorder = { .options = options, .path = argument, .storage.fd = -1 };
	int status;

	if (options->keep_ns && !options->ring)
		return complain(STATUS_USAGE, "--keep-last: only with --ring, see kvmcapctl --help");
	status = open_capture(options, &recorder.source);
	if (status)
		return status;
	recorder.signals = signals_open();
	if (recorder.signals < 0)
		status = complain(STATUS_FAILED, "cannot wait for signals: %s", strerror(errno));
	else
		status = run(&recorder);
	kvmcap_follow_free(&recorder.follower);
	kvmcap_close(recorder.source);
	return status;
}
