// SPDX-License-Identifier: Apache-2.0
/*
 * A recording as a source.
 *
 * There is no thread here: what is due is written when the source is looked at,
 * and a timer says when to look. The timer stands for the device's poll(): it is
 * readable while there is a frame above what was acknowledged, or one is due.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "recording.h"
#include "replay_write.h"

/* Frames that one look writes, at most; the rest is due at the next. */
#define FRAMES_AT_ONCE	256

/* Nobody has asked for more for so long: the clock stands still. */
#define PATIENCE_NS	NS_PER_SECOND

/* Less than this is not worth being played again and again. */
#define LOOP_LEAST_NS	(100 * NS_PER_MS)

/* The timer looks this far ahead, at most; what is due later is looked for again then. */
#define DUE_MAX_NS	(86400 * NS_PER_SECOND)

#define PAGE		4096

/**
 * struct kvmcap_replay - a recording that is being played
 * @recording: the recording
 * @options: how
 * @map: header, index and log
 * @map_size: bytes of it
 * @log: writes there
 * @timer: tells when there is something to look at
 * @next: what comes next, if @more
 * @more: something does
 * @acked: frame of the log that has been acknowledged
 * @armed: more is wanted
 * @quiet_ns: when it was last not, on the machine's clock
 * @real_ns: a moment on the machine's clock
 * @media_ns: what the recording's clock shows at that moment
 * @stats: counters
 */
struct kvmcap_replay {
	struct kvmcap_recording *recording;
	struct kvmcap_replay_options options;
	void *map;
	size_t map_size;
	struct kvmcap_log log;
	int timer;
	struct kvmcap_recording_step next;
	bool more;
	uint64_t acked;
	bool armed;
	uint64_t quiet_ns;
	uint64_t real_ns;
	uint64_t media_ns;
	struct kvmcap_stats stats;
};

/* What the recording's clock shows. */
static uint64_t media_now(const struct kvmcap_replay *replay)
{
	uint64_t now = kvmcap_now_ns(), passed;

	if (replay->options.paused)
		return replay->media_ns;
	if (!replay->armed && now > replay->quiet_ns + PATIENCE_NS)
		now = replay->quiet_ns + PATIENCE_NS;
	passed = now > replay->real_ns ? now - replay->real_ns : 0;
	/* At the highest speed it wraps after 213 days, and nothing is due any more. */
	return replay->media_ns + passed / KVMCAP_SPEED_REAL * replay->options.speed +
	       passed % KVMCAP_SPEED_REAL * replay->options.speed / KVMCAP_SPEED_REAL;
}

static int set_timer(const struct kvmcap_replay *replay, uint64_t at_ns)
{
	/* All zeroes would switch it off. */
	struct itimerspec when = {
		.it_value.tv_sec = (time_t)(at_ns / NS_PER_SECOND),
		.it_value.tv_nsec = at_ns ? (long)(at_ns % NS_PER_SECOND) : 1,
	};

	return timerfd_settime(replay->timer, TFD_TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

static int stop_timer(const struct kvmcap_replay *replay)
{
	const struct itimerspec never = { 0 };

	return timerfd_settime(replay->timer, 0, &never, NULL) ? -errno : 0;
}

/* Where the recording begins anew, on its own clock; 0 if it does not. */
static uint64_t loop_ns(const struct kvmcap_replay *replay)
{
	uint64_t end = kvmcap_recording_info(replay->recording)->duration_ns;

	if (!replay->options.loop || end < replay->options.from_ns + LOOP_LEAST_NS)
		return 0;
	return end;
}

/* When the recording's clock shows @media_ns, on the machine's clock; or in a day. */
static uint64_t due_ns(const struct kvmcap_replay *replay, uint64_t media_ns)
{
	uint64_t left = media_ns > replay->media_ns ? media_ns - replay->media_ns : 0;
	uint64_t latest = kvmcap_now_ns() + DUE_MAX_NS;

	/* Years, played slowly, would wrap. */
	if (left / replay->options.speed >= (latest - replay->real_ns) / KVMCAP_SPEED_REAL)
		return latest;
	left = left / replay->options.speed * KVMCAP_SPEED_REAL +
	       left % replay->options.speed * KVMCAP_SPEED_REAL / replay->options.speed;
	/* Rounded up: what the timer tells has come. */
	return replay->real_ns + left + 1;
}

static int schedule(const struct kvmcap_replay *replay)
{
	uint64_t media_ns = replay->more ? replay->next.time_ns : loop_ns(replay);

	if (replay->acked < replay->log.header->committed)
		return set_timer(replay, 0);
	if (replay->armed && !replay->options.paused && (replay->more || media_ns))
		return set_timer(replay, due_ns(replay, media_ns));
	return stop_timer(replay);
}

static int read_next(struct kvmcap_replay *replay)
{
	int ret = kvmcap_recording_next(replay->recording, &replay->next);

	replay->more = ret > 0;
	return ret < 0 ? ret : 0;
}

static int write_next(struct kvmcap_replay *replay)
{
	const struct kvmcap_header *header = replay->log.header;
	uint64_t frame = header->committed;
	int err = kvmcap_replay_write(&replay->log, replay->next.data, replay->next.length,
				      &replay->next.records, kvmcap_now_ns());

	if (err) {
		/* Not what its checksum says it was meant to be: on with what stands alone. */
		replay->stats.malformed++;
		kvmcap_recording_resync(replay->recording);
	} else if (header->committed != frame) {
		replay->stats.frames++;
		replay->stats.tiles += replay->next.records.tiles;
		replay->stats.bytes += replay->next.records.bytes;
		replay->stats.modes += header->began > frame;
	}
	return read_next(replay);
}

/* Writes what is due at @media_ns, at most @max frames. */
static int write_until(struct kvmcap_replay *replay, uint64_t media_ns, unsigned int max)
{
	int err = 0;

	while (!err && max-- && replay->more && replay->next.time_ns <= media_ns)
		err = write_next(replay);
	return err;
}

/* The picture at the beginning, whatever has been shown before. */
static int rewind_to_start(struct kvmcap_replay *replay)
{
	int err;

	kvmcap_recording_seek(replay->recording, replay->options.from_ns);
	err = read_next(replay);
	/* Beginning later than the first picture is no reason to show none. */
	if (!err && replay->more && replay->next.time_ns > replay->options.from_ns)
		replay->options.from_ns = replay->next.time_ns;
	replay->media_ns = replay->options.from_ns;
	replay->real_ns = kvmcap_now_ns();
	if (!err)
		err = write_until(replay, replay->media_ns, UINT32_MAX);
	return err;
}

int kvmcap_replay_advance(struct kvmcap_replay *replay)
{
	uint64_t frame = replay->log.header->committed, end = loop_ns(replay);
	int err = write_until(replay, media_now(replay), FRAMES_AT_ONCE);

	replay->stats.captures++;
	if (replay->log.header->committed == frame)
		replay->stats.unchanged++;
	if (!err && end && !replay->more && media_now(replay) >= end)
		err = rewind_to_start(replay);
	/* What was due may have changed nothing: the timer must not go on telling. */
	return err ? err : schedule(replay);
}

int kvmcap_replay_step(struct kvmcap_replay *replay, uint64_t until_ns)
{
	int err;

	if (!replay->more || replay->next.time_ns > until_ns)
		return 0;
	err = write_next(replay);
	return err ? err : 1;
}

uint64_t kvmcap_replay_duration_ns(const struct kvmcap_replay *replay)
{
	return kvmcap_recording_info(replay->recording)->duration_ns;
}

int kvmcap_replay_ack(struct kvmcap_replay *replay, uint64_t sequence, bool arm)
{
	uint64_t now = kvmcap_now_ns();

	if (sequence > replay->log.header->committed)
		return -EINVAL;
	if (arm && !replay->armed && now > replay->quiet_ns + PATIENCE_NS)
		replay->real_ns += now - replay->quiet_ns - PATIENCE_NS;
	if (!arm && replay->armed)
		replay->quiet_ns = now;
	replay->acked = sequence;
	replay->armed = arm;
	return schedule(replay);
}

void kvmcap_replay_query(const struct kvmcap_replay *replay, struct kvmcap_query *query)
{
	const struct kvmcap_recording_info *info = kvmcap_recording_info(replay->recording);
	const struct kvmcap_mode *mode = &replay->log.header->mode;

	*query = (struct kvmcap_query){
		.map_size = replay->map_size,
		.width_max = mode->width,
		.height_max = mode->height,
		.codecs = 1U << mode->codec,
		.subsamplings = 1U << mode->subsampling,
	};
	memcpy(query->engine, info->engine, sizeof(query->engine) - 1);
}

void kvmcap_replay_params(const struct kvmcap_replay *replay, struct kvmcap_params *params)
{
	const struct kvmcap_header *header = replay->log.header;

	*params = (struct kvmcap_params){
		.codec = header->mode.codec,
		.subsampling = header->mode.subsampling,
		.quality = header->quality,
	};
}

void kvmcap_replay_stats(const struct kvmcap_replay *replay, struct kvmcap_stats *stats)
{
	*stats = replay->stats;
	stats->relocated = replay->log.relocated;
	stats->relocated_bytes = replay->log.relocated_bytes;
}

static int make_log(struct kvmcap_replay *replay)
{
	const struct kvmcap_recording_info *info = kvmcap_recording_info(replay->recording);
	size_t size = kvmcap_log_map_size(info->index_capacity, KVMCAP_RECORDS_TILE_MAX,
					  (size_t)info->log_size / 2);

	replay->map_size = (size + PAGE - 1) / PAGE * PAGE;
	replay->map = mmap(NULL, replay->map_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (replay->map == MAP_FAILED) {
		replay->map = NULL;
		return -errno;
	}
	return kvmcap_log_init(&replay->log, replay->map, replay->map_size,
			       info->index_capacity, KVMCAP_RECORDS_TILE_MAX);
}

int kvmcap_replay_open(struct kvmcap_replay **replay, const char *path,
		       const struct kvmcap_replay_options *options, int *fd, const void **map,
		       size_t *map_size)
{
	struct kvmcap_replay *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->options = *options;
	if (!r->options.speed)
		r->options.speed = KVMCAP_SPEED_REAL;
	r->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	err = r->timer < 0 ? -errno : kvmcap_recording_open(&r->recording, path);
	if (!err)
		err = make_log(r);
	if (!err)
		err = rewind_to_start(r);
	/* It starts to run when somebody wants more. */
	r->quiet_ns = r->real_ns - PATIENCE_NS;
	if (!err && !r->log.header->committed)
		err = -ENODATA;
	if (!err)
		err = schedule(r);
	if (err) {
		kvmcap_replay_close(r);
		return err;
	}
	*fd = r->timer;
	*map = r->map;
	*map_size = r->map_size;
	*replay = r;
	return 0;
}

void kvmcap_replay_close(struct kvmcap_replay *replay)
{
	if (!replay)
		return;
	if (replay->timer >= 0)
		close(replay->timer);
	if (replay->map)
		munmap(replay->map, replay->map_size);
	kvmcap_recording_close(replay->recording);
	free(replay);
}
