// SPDX-License-Identifier: Apache-2.0
/*
 * Recordings: what was recorded is what is played, from any place on; whatever is
 * cut off or damaged, what is played was recorded.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <kvmcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "random.h"
#include "recorded.h"
#include "recording.h"
#include "replay_write.h"
#include "source_memory.h"
#include "tap.h"

#define SEED		5
#define LONG_FRAMES	2000
#define LONG_PAYLOAD	1500
#define SHORT_FRAMES	12
#define SHORT_PAYLOAD	24
#define LOG_BYTES	(128U << 10)
#define SNAPSHOT_EVERY	50
#define SHORT_SNAPSHOT	5
#define FOREIGN		100	/* bytes of another's */
#define POLL_MS		10000	/* a bound, not a measure */

/**
 * struct film - a recording and what it must show
 * @fd: the file
 * @size: bytes of it
 * @frames: recorded
 * @pictures: after each
 */
struct film {
	int fd;
	size_t size;
	unsigned int frames;
	struct recorded_picture *pictures;
};

static int memory_file(void)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	return fd;
}

/* Each frame has a chunk of its own, the first one's is a snapshot. */
static bool film_make(struct film *film, unsigned int frames, size_t payload_max,
		      unsigned int snapshot_every, bool finish)
{
	struct recorded recorded;
	unsigned int i;
	bool good;

	film->frames = frames;
	film->fd = memory_file();
	film->pictures = calloc(frames, sizeof(*film->pictures));
	if (!film->pictures)
		abort();
	good = recorded_begin(&recorded, film->fd, LOG_BYTES, payload_max, SEED);
	for (i = 0; good && i < frames; i++) {
		good = recorded_change(&recorded) &&
		       recorded_look(recorded.source, &film->pictures[i]) &&
		       recorded_append(&recorded, i % snapshot_every == 0);
	}
	if (good && finish)
		good = !kvmcap_recording_finish(&recorded.writer, recorded.writer.last_ns);
	film->size = recorded.writer.size;
	recorded_end(&recorded);
	return good;
}

static void film_free(struct film *film)
{
	close(film->fd);
	free(film->pictures);
}

/* What plays a recording, step by step. */
struct player {
	struct mapping mapping;
	struct kvmcap_source *source;
	struct kvmcap_recording *recording;
	struct kvmcap_recording_step step;
};

/* The log that one has written another can go on with. */
static int player_load(struct player *player, int fd)
{
	kvmcap_recording_close(player->recording);
	player->recording = NULL;
	return kvmcap_recording_open_fd(&player->recording, dup(fd));
}

static void player_begin(struct player *player)
{
	memset(player, 0, sizeof(*player));
	mapping_init(&player->mapping, LOG_BYTES);
	if (kvmcap_open_memory(&player->source, player->mapping.memory, player->mapping.size, -1))
		abort();
}

static void player_close(struct player *player)
{
	kvmcap_recording_close(player->recording);
	kvmcap_close(player->source);
	mapping_free(&player->mapping);
}

/* 1 and the picture of the next step; 0 at the end; negative if it went wrong. */
static int player_next(struct player *player, struct recorded_picture *picture)
{
	int ret = kvmcap_recording_next(player->recording, &player->step);

	if (ret <= 0)
		return ret;
	ret = kvmcap_replay_write(&player->mapping.log, player->step.data, player->step.length,
				  &player->step.records, player->step.timestamp_ns);
	if (ret)
		return ret;
	return recorded_look(player->source, picture) ? 1 : -EIO;
}

static bool shows(const struct film *film, const struct player *player,
		  const struct recorded_picture *picture)
{
	uint64_t frame = player->step.sequence;

	return frame >= 1 && frame <= film->frames &&
	       !memcmp(picture, &film->pictures[frame - 1], sizeof(*picture)) &&
	       player->step.time_ns == (frame - 1) * RECORDED_FRAME_NS;
}

static void test_whole(void)
{
	const struct kvmcap_recording_info *info;
	struct recorded_picture picture;
	struct player player;
	struct film film;
	unsigned int right = 0;
	int ret;

	tap_ok(film_make(&film, LONG_FRAMES, LONG_PAYLOAD, SNAPSHOT_EVERY, true),
	       "%u frames are recorded", LONG_FRAMES);
	player_begin(&player);
	tap_ok(!player_load(&player, film.fd), "the recording opens");
	while ((ret = player_next(&player, &picture)) > 0) {
		if (shows(&film, &player, &picture) && player.step.sequence == right + 1)
			right++;
	}
	tap_ok(!ret && right == film.frames, "after each frame the picture is that recorded: %u",
	       right);
	tap_ok(player.mapping.log.header->head > 2 * player.mapping.log.header->log_size,
	       "the log has gone around meanwhile");
	info = kvmcap_recording_info(player.recording);
	tap_ok(info->duration_ns == (film.frames - 1) * RECORDED_FRAME_NS, "its duration is told");
	tap_ok(info->snapshots == film.frames / SNAPSHOT_EVERY, "its snapshots are told");
	/* The first one was in no log that was followed. */
	tap_ok(info->frames == film.frames, "its frames are told");
	tap_ok(!info->cut && !info->damaged && !strcmp(info->engine, "fake"), "it is whole");
	player_close(&player);
	film_free(&film);
}

/* A seek gives the last snapshot before; what follows is right again. */
static bool seek_right(struct player *player, const struct film *film, uint64_t frame)
{
	struct recorded_picture picture;
	uint64_t first = frame / SNAPSHOT_EVERY * SNAPSHOT_EVERY + 1;

	kvmcap_recording_seek(player->recording, frame * RECORDED_FRAME_NS);
	do {
		if (player_next(player, &picture) <= 0 || !shows(film, player, &picture) ||
		    player->step.sequence != first)
			return false;
		if (player->step.snapshot != ((first - 1) % SNAPSHOT_EVERY == 0 &&
					      first <= frame + 1 &&
					      first == frame / SNAPSHOT_EVERY * SNAPSHOT_EVERY + 1))
			return false;
	} while (first++ <= frame);
	return true;
}

static void test_seek(void)
{
	uint64_t random = SEED;
	struct player player;
	struct film film;
	unsigned int i, right = 0;

	film_make(&film, LONG_FRAMES, LONG_PAYLOAD, SNAPSHOT_EVERY, false);
	player_begin(&player);
	if (player_load(&player, film.fd))
		abort();
	for (i = 0; i < 200; i++)
		right += seek_right(&player, &film, random_below(&random, LONG_FRAMES));
	tap_ok(right == 200, "200 seeks show the right pictures: %u", right);
	tap_ok(kvmcap_recording_info(player.recording)->cut == 1,
	       "a recording without an end is known as such");
	kvmcap_recording_seek(player.recording, UINT64_MAX);
	tap_ok(kvmcap_recording_next(player.recording, &player.step) == 1 &&
	       player.step.sequence == LONG_FRAMES - SNAPSHOT_EVERY + 1,
	       "a seek beyond the end gives the last snapshot");
	player_close(&player);
	film_free(&film);
}

/* Where each chunk of @film ends. */
static unsigned int chunk_ends(const struct film *film, size_t *ends, unsigned int max)
{
	struct kvmcap_recording_chunk chunk;
	size_t at = sizeof(struct kvmcap_recording_header);
	unsigned int count = 0;

	while (count < max && pread(film->fd, &chunk, sizeof(chunk), (off_t)at) == sizeof(chunk)) {
		at += sizeof(chunk) + chunk.length;
		ends[count++] = at;
	}
	return count;
}

/* Frames that @fd shows, each right and in order; -1 if one is not. -errno - 1 of open. */
static int play_all(const struct film *film, struct player *player, int fd)
{
	struct recorded_picture picture;
	unsigned int frames = 0;
	int ret = player_load(player, fd);

	if (ret)
		return ret - 1;
	while ((ret = player_next(player, &picture)) > 0) {
		if (!shows(film, player, &picture) || player->step.sequence <= frames)
			break;
		frames = (unsigned int)player->step.sequence;
	}
	return ret ? -1 : (int)frames;
}

/* Cut at every byte: what was complete before the cut plays, and nothing else. */
static void test_cut(void)
{
	size_t ends[2 * SHORT_FRAMES + 4] = { 0 }, cut;
	unsigned int count, i, wrong = 0;
	struct player player;
	struct film film;
	int fd, got, wanted;

	player_begin(&player);
	film_make(&film, SHORT_FRAMES, SHORT_PAYLOAD, SHORT_SNAPSHOT, true);
	count = chunk_ends(&film, ends, sizeof(ends) / sizeof(ends[0]));
	fd = memory_file();
	for (cut = 0; cut <= film.size; cut++) {
		off_t from = 0;

		if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) ||
		    copy_file_range(film.fd, &from, fd, NULL, cut, 0) != (ssize_t)cut)
			abort();
		/* FRAME 1, SNAPSHOT 1, FRAME 2 .. 6, SNAPSHOT 6, ... INDEX, END */
		wanted = cut < sizeof(struct kvmcap_recording_header) ? -EINVAL - 1 : -ENODATA - 1;
		for (i = 0; i < count - 2 && ends[i] <= cut; i++) {
			if (i % (SHORT_SNAPSHOT + 1) == 1)
				wanted = (int)(i / (SHORT_SNAPSHOT + 1)) * SHORT_SNAPSHOT + 1;
			else if (i)
				wanted++;
		}
		got = play_all(&film, &player, fd);
		if (got != wanted && !wrong++)
			tap_diag("cut to %zu bytes: %d, not %d", cut, got, wanted);
	}
	tap_ok(!wrong, "cut off at each of %zu bytes, all before it plays", film.size);
	close(fd);
	player_close(&player);
	film_free(&film);
}

/* Each byte damaged: what plays was recorded; what stands behind the next snapshot plays. */
static void test_damage(void)
{
	unsigned int wrong = 0, lost = 0, refused = 0;
	struct player player;
	struct film film;
	uint8_t byte;
	size_t at;
	int got;

	player_begin(&player);
	film_make(&film, SHORT_FRAMES, SHORT_PAYLOAD, SHORT_SNAPSHOT, true);
	for (at = 0; at < film.size; at++) {
		if (pread(film.fd, &byte, 1, (off_t)at) != 1)
			abort();
		byte ^= (uint8_t)(1U << at % 8);
		if (pwrite(film.fd, &byte, 1, (off_t)at) != 1)
			abort();
		got = play_all(&film, &player, film.fd);
		wrong += got == -1;
		lost += got >= 0 && got < SHORT_FRAMES;
		refused += got < -1;
		byte ^= (uint8_t)(1U << at % 8);
		if (pwrite(film.fd, &byte, 1, (off_t)at) != 1)
			abort();
	}
	tap_ok(!wrong, "one bit changed in each of %zu bytes, nothing wrong is shown", film.size);
	tap_ok(refused == sizeof(struct kvmcap_recording_header),
	       "only a damaged header is beyond help: %u", refused);
	tap_ok(lost < film.size / 2, "what stands behind the damage is shown mostly");
	player_close(&player);
	film_free(&film);
}

static void test_overtaken(void)
{
	struct recorded recorded;
	unsigned int i;
	struct kvmcap_snapshot now;
	int fd = memory_file();
	bool good = recorded_begin(&recorded, fd, LOG_BYTES, LONG_PAYLOAD, SEED);

	good = good && recorded_change(&recorded) && recorded_append(&recorded, true);
	for (i = 0; good && i < LONG_FRAMES; i++)
		good = recorded_change(&recorded);
	good = good && !kvmcap_snapshot(recorded.source, &now);
	tap_ok(good && kvmcap_follow_next(&recorded.follower, recorded.source, &now) == -EOVERFLOW,
	       "who has fallen behind is told");
	kvmcap_follow_from(&recorded.follower, &now);
	tap_ok(!kvmcap_follow_next(&recorded.follower, recorded.source, &now),
	       "... and can go on from a snapshot");
	tap_ok(recorded_change(&recorded) && !kvmcap_snapshot(recorded.source, &now) &&
	       kvmcap_follow_next(&recorded.follower, recorded.source, &now) == 1 &&
	       recorded.follower.records.frame->record.sequence == now.header.committed,
	       "... with the next frame");
	recorded_end(&recorded);
	close(fd);
}

/* The path of an open file. */
static const char *path_of(int fd, char *text, size_t size)
{
	snprintf(text, size, "/proc/self/fd/%d", fd);
	return text;
}

/* Waits by poll(), as a client does, for frame @last. */
static bool watch(struct kvmcap_source *source, uint64_t last)
{
	struct pollfd wait = { .fd = kvmcap_fd(source), .events = POLLIN };
	struct kvmcap_snapshot snapshot;
	uint64_t committed = 0;

	while (committed < last) {
		if (kvmcap_ack(source, committed, true) || poll(&wait, 1, POLL_MS) != 1 ||
		    kvmcap_snapshot(source, &snapshot))
			return false;
		committed = snapshot.header.committed;
	}
	return true;
}

static bool readable(struct kvmcap_source *source)
{
	struct pollfd wait = { .fd = kvmcap_fd(source), .events = POLLIN };

	return poll(&wait, 1, 0) == 1;
}

static void test_source(void)
{
	struct kvmcap_replay_options options = { .speed = KVMCAP_SPEED_MAX };
	struct recorded_picture picture;
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	bool good, ended;
	struct film film;
	char path[64];

	film_make(&film, LONG_FRAMES, LONG_PAYLOAD, SNAPSHOT_EVERY, true);
	path_of(film.fd, path, sizeof(path));
	tap_ok(!kvmcap_open_recording(&source, path, &options), "a recording opens as a source");
	tap_ok(readable(source), "there is a picture to look at");
	tap_ok(recorded_look(source, &picture) &&
	       !memcmp(&picture, &film.pictures[0], sizeof(picture)), "it is the first one");
	kvmcap_snapshot(source, &snapshot);
	tap_ok(!kvmcap_ack(source, snapshot.header.committed, false) && !readable(source),
	       "nothing comes while nothing is wanted");
	tap_ok(kvmcap_ack(source, snapshot.header.committed + 1, false) == -EINVAL,
	       "what has not been seen cannot be acknowledged");
	tap_ok(watch(source, snapshot.header.committed + 1), "something comes when it is");
	do {
		good = !kvmcap_snapshot(source, &snapshot) && recorded_look(source, &picture);
		ended = good && !memcmp(&picture, &film.pictures[LONG_FRAMES - 1],
					sizeof(picture));
	} while (good && !ended && watch(source, snapshot.header.committed + 1));
	tap_ok(ended, "played to the end, it shows the last picture");
	kvmcap_snapshot(source, &snapshot);
	tap_ok(!kvmcap_ack(source, snapshot.header.committed, true) && !readable(source),
	       "... and stands still there");
	kvmcap_close(source);
	film_free(&film);
}

static void test_options(void)
{
	struct kvmcap_replay_options options = {
		.from_ns = 123 * RECORDED_FRAME_NS,
		.paused = true,
	};
	struct recorded_picture picture;
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	struct kvmcap_params params = { 0 };
	struct film film;
	uint64_t committed;
	char path[64];

	film_make(&film, LONG_FRAMES, LONG_PAYLOAD, SNAPSHOT_EVERY, true);
	path_of(film.fd, path, sizeof(path));
	if (kvmcap_open_recording(&source, path, &options))
		abort();
	tap_ok(recorded_look(source, &picture) &&
	       !memcmp(&picture, &film.pictures[123], sizeof(picture)), "paused, it shows where");
	kvmcap_snapshot(source, &snapshot);
	kvmcap_ack(source, snapshot.header.committed, true);
	tap_ok(!readable(source), "... and nothing else");
	tap_ok(kvmcap_set_params(source, &params) == -EOPNOTSUPP &&
	       kvmcap_refresh(source) == -EOPNOTSUPP, "a recording takes no orders");
	kvmcap_close(source);

	options = (struct kvmcap_replay_options){
		.from_ns = (LONG_FRAMES - 20) * RECORDED_FRAME_NS,
		.speed = KVMCAP_SPEED_MAX,
		.loop = true,
	};
	if (kvmcap_open_recording(&source, path, &options) || kvmcap_snapshot(source, &snapshot))
		abort();
	committed = snapshot.header.committed;
	watch(source, committed + 200);
	kvmcap_snapshot(source, &snapshot);
	tap_ok(snapshot.header.committed >= committed + 200, "looped, it does not end");
	kvmcap_close(source);
	film_free(&film);
}

/* A frame that is due and changes nothing: once it has been looked at, all is told. */
static void test_nothing_new(void)
{
	struct kvmcap_recording_chunk chunk = {
		.type = KVMCAP_CHUNK_SNAPSHOT,
		.flags = KVMCAP_CHUNK_GAP,
	};
	struct pollfd wait = { .events = POLLIN };
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	struct recorded recorded;
	int fd = memory_file();
	uint64_t committed;
	char path[64];
	bool good = recorded_begin(&recorded, fd, LOG_BYTES, SHORT_PAYLOAD, SEED) &&
		    recorded_change(&recorded) && recorded_append(&recorded, true);

	/* The follower still has the screen: the same again, a frame later. */
	chunk.length = (uint32_t)recorded.follower.length;
	chunk.sequence = 2;
	chunk.timestamp_ns = recorded.writer.last_ns + RECORDED_FRAME_NS;
	good = good && !kvmcap_recording_append(&recorded.writer, &chunk, recorded.follower.data);
	recorded_end(&recorded);
	if (!good || kvmcap_open_recording(&source, path_of(fd, path, sizeof(path)), NULL) ||
	    kvmcap_snapshot(source, &snapshot))
		abort();
	committed = snapshot.header.committed;
	kvmcap_ack(source, committed, true);
	wait.fd = kvmcap_fd(source);
	tap_ok(poll(&wait, 1, POLL_MS) == 1 && !kvmcap_snapshot(source, &snapshot) &&
	       snapshot.header.committed == committed && !readable(source),
	       "what is due and changes nothing is told once");
	kvmcap_close(source);
	close(fd);
}

/* Years between two frames, played slowly: the second is not due at once. */
static void test_slow(void)
{
	struct kvmcap_recording_chunk chunk = {
		.type = KVMCAP_CHUNK_SNAPSHOT,
		.flags = KVMCAP_CHUNK_GAP,
		.sequence = 2,
	};
	const struct kvmcap_replay_options options = { .speed = 1 };
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	struct recorded recorded;
	int fd = memory_file();
	char path[64];
	bool good = recorded_begin(&recorded, fd, LOG_BYTES, SHORT_PAYLOAD, SEED) &&
		    recorded_change(&recorded) && recorded_append(&recorded, true);

	/* In real time, at a thousandth, just more than 64 bits of nanoseconds. */
	chunk.length = (uint32_t)recorded.follower.length;
	chunk.timestamp_ns = recorded.writer.last_ns + UINT64_MAX / KVMCAP_SPEED_REAL + 1;
	good = good && !kvmcap_recording_append(&recorded.writer, &chunk, recorded.follower.data);
	recorded_end(&recorded);
	if (!good || kvmcap_open_recording(&source, path_of(fd, path, sizeof(path)), &options) ||
	    kvmcap_snapshot(source, &snapshot) ||
	    kvmcap_ack(source, snapshot.header.committed, true))
		abort();
	tap_ok(!readable(source), "what is due in centuries is not due now");
	kvmcap_close(source);
	close(fd);
}

/* What stands in a file that we were given is not ours to cut off. */
static void test_foreign_file(void)
{
	static const struct kvmcap_recording_header header = { .run = 1 };
	struct kvmcap_recording_writer writer;
	int fd = memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, FOREIGN) || lseek(fd, 0, SEEK_END) != FOREIGN ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW))
		abort();
	tap_ok(kvmcap_recording_create(&writer, fd, false, &header) == -EPERM &&
	       lseek(fd, 0, SEEK_END) == FOREIGN, "what another has written stays when we fail");
	kvmcap_recording_release(&writer);
	close(fd);
}

/* Of 32 x 16 pixels, two subrectangles of 16 x 16. */
static const struct hextile {
	const char *what;
	const char *data;
	size_t length;
	bool good;
} hextiles[] = {
	{ "two backgrounds", "\x02\1\2\x02\3\4", 6, true },
	{ "one background", "\x02\1\2\0", 4, true },
	{ "one more byte", "\x02\1\2\0\0", 5, false },
	{ "one subrectangle", "\x02\1\2", 3, false },
	{ "half a pixel", "\x02\1\2\x02\3", 5, false },
	{ "a background that nobody stated", "\0\0", 2, false },
	{ "flags that there are not", "\x02\1\2\x40", 4, false },
	{ "smaller ones that are not there", "\x02\1\2\x0c\5\6\xff\0\0", 9, false },
	{ "one smaller that sticks out", "\x02\1\2\x0c\5\6\1\x80\x80", 9, false },
};

/* A recording's frame with one tile, written into the log of another. */
static int play_hextile(const struct hextile *tile, unsigned int tile_height)
{
	const struct kvmcap_mode mode = {
		.width = 32,
		.height = (u16)tile_height,
		.tile_width = 32,
		.tile_height = (u16)tile_height,
		.columns = 1,
		.rows = 1,
		.codec = KVMCAP_CODEC_HEXTILE,
		.subsampling = KVMCAP_SUBSAMPLING_444,
	};
	struct recorded recorded;
	struct kvmcap_snapshot now;
	struct player player;
	struct kvmcap_log *log = &recorded.mapping.log;
	size_t room, length = 0;
	int err, fd = memory_file();
	u8 *out;

	if (!recorded_begin(&recorded, fd, LOG_BYTES, SHORT_PAYLOAD, SEED))
		abort();
	player_begin(&player);
	kvmcap_log_begin(log, false);
	if (kvmcap_log_mode(log, &mode) || kvmcap_log_reserve(log, tile->length))
		abort();
	out = kvmcap_log_tile_begin(log, &room);
	memcpy(out, tile->data, tile->length);
	if (kvmcap_log_tile_end(log, 0, 0, KVMCAP_CODEC_HEXTILE, tile->length) ||
	    kvmcap_log_commit(log, 1) || kvmcap_snapshot(recorded.source, &now) ||
	    kvmcap_follow_screen(&recorded.follower, recorded.source, &now))
		abort();
	err = kvmcap_replay_write(&player.mapping.log, recorded.follower.data,
				  recorded.follower.length, &recorded.follower.records, 1);
	if (!err && !kvmcap_snapshot(player.source, &now)) {
		length = now.tiles[0].length;
		if (length != tile->length ||
		    memcmp(kvmcap_payload(player.source, &now.tiles[0]), tile->data, length))
			err = -EILSEQ;
	}
	player_close(&player);
	recorded_end(&recorded);
	close(fd);
	return err;
}

static void test_hextile(void)
{
	size_t i;

	for (i = 0; i < sizeof(hextiles) / sizeof(hextiles[0]); i++)
		tap_ok(play_hextile(&hextiles[i], 16) == (hextiles[i].good ? 0 : -EBADMSG),
		       "Hextile of %s is %s", hextiles[i].what,
		       hextiles[i].good ? "played" : "refused");
	tap_ok(play_hextile(&hextiles[0], 15) == -EBADMSG, "Hextile of lower tiles is refused");
}

/* A picture of hardly any tiles, but of gigabytes of pixels. */
static void test_pixels(void)
{
	struct {
		struct kvmcap_record_mode mode;
		struct kvmcap_record_frame frame;
	} data = {
		.mode = {
			.record.size = sizeof(data.mode),
			.record.type = KVMCAP_RECORD_MODE,
			.mode = {
				.tile_width = UINT16_MAX,
				.tile_height = UINT16_MAX,
				.columns = 1,
				.rows = 1,
				.codec = KVMCAP_CODEC_RAW,
			},
		},
		.frame.record.size = sizeof(data.frame),
		.frame.record.type = KVMCAP_RECORD_FRAME,
	};
	struct kvmcap_records records;

	data.mode.mode.width = 3840;
	data.mode.mode.height = 2160;
	tap_ok(!kvmcap_records_check(&data, sizeof(data), &records), "a large picture is taken");
	data.mode.mode.width = UINT16_MAX;
	data.mode.mode.height = UINT16_MAX;
	tap_ok(kvmcap_records_check(&data, sizeof(data), &records) == -EBADMSG,
	       "one that is too large is not");
}

int main(void)
{
	test_whole();
	test_seek();
	test_cut();
	test_damage();
	test_overtaken();
	test_source();
	test_options();
	test_nothing_new();
	test_slow();
	test_foreign_file();
	test_hextile();
	test_pixels();
	return tap_end();
}
