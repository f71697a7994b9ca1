// SPDX-License-Identifier: Apache-2.0
/*
 * What readers of /dev/kvmcapN live through: pictures, quiet, modes, losses,
 * others that read, and the device's end.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "clock.h"
#include "device.h"

#define LOOK_MS		20	/* between looks at what cannot be waited for */
#define QUIET_MS	500	/* long against the pace of captures */
#define QUIET_CAPTURES	5
#define LAPS_MAX	300	/* frames of noise that overwrite any log */
#define TEST_SECONDS	100	/* the harness ends a test after this */

FIXTURE(life)
{
	struct device device;
};

FIXTURE_SETUP(life)
{
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	screen_reset(&self->device);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
	ASSERT_TRUE(device_picture(&self->device));
}

FIXTURE_TEARDOWN(life)
{
	if (self->device.fd >= 0) {
		screen_reset(&self->device);
		device_close(&self->device);
	}
}

static size_t tiles_of(const struct kvmcap_header *header)
{
	return (size_t)header->mode.columns * header->mode.rows;
}

/* --- the picture ------------------------------------------------------------- */

TEST_F(life, mode_is_sound)
{
	struct kvmcap_mode mode = device_header(&self->device).mode;
	struct kvmcap_query query;

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_QUERY, &query));
	EXPECT_EQ(640, mode.width);
	EXPECT_EQ(480, mode.height);
	ASSERT_NE(0, mode.tile_width);
	ASSERT_NE(0, mode.tile_height);
	EXPECT_EQ((mode.width + mode.tile_width - 1) / mode.tile_width, mode.columns);
	EXPECT_EQ((mode.height + mode.tile_height - 1) / mode.tile_height, mode.rows);
	EXPECT_NE(0, query.codecs & 1u << mode.codec);
	EXPECT_EQ(0, mode.reserved[0] | mode.reserved[1]);
}

TEST_F(life, index_points_into_the_log)
{
	struct kvmcap_header header = device_header(&self->device);
	struct kvmcap_tile *index = calloc(header.index_capacity, sizeof(*index));
	size_t i;

	ASSERT_NE(NULL, index);
	header = device_index(&self->device, index, header.index_capacity);
	for (i = 0; i < header.index_capacity; i++) {
		if (i >= tiles_of(&header)) {
			ASSERT_EQ(0, index[i].sequence);
			ASSERT_EQ(0, index[i].length);
			continue;
		}
		ASSERT_GE(index[i].sequence, header.began);
		ASSERT_LE(index[i].sequence, header.committed);
		ASSERT_GE(index[i].position, header.tail);
		ASSERT_LT(index[i].position, header.head);
		ASSERT_LE((uint64_t)index[i].offset + index[i].length, header.log_size);
		ASSERT_NE(0, index[i].length);
		ASSERT_EQ(header.mode.codec, index[i].codec);
		ASSERT_EQ(header.tables, index[i].tables);
	}
	EXPECT_EQ(header.mode.codec == KVMCAP_CODEC_JPEG, header.tables != 0);
	if (header.tables) {
		EXPECT_GE(header.tables_position, header.tail);
		EXPECT_LT(header.tables_position, header.head);
	}
	free(index);
}

/* --- poll, demand and quiet --------------------------------------------------- */

TEST_F(life, new_descriptor_has_seen_nothing)
{
	struct device other;

	ASSERT_TRUE(device_open(&other, O_RDONLY));
	EXPECT_EQ(POLLIN | POLLPRI, device_poll(&other, POLLIN | POLLPRI));
	device_close(&other);
}

TEST_F(life, acknowledged_is_not_readable)
{
	struct pollfd pollfd = { .fd = self->device.fd, .events = POLLIN | POLLPRI };
	uint64_t committed = device_header(&self->device).committed;

	ASSERT_EQ(0, device_ack(&self->device, committed, 0));
	EXPECT_EQ(0, poll(&pollfd, 1, 0));
	ASSERT_EQ(0, device_ack(&self->device, committed - 1, 0));
	EXPECT_EQ(1, poll(&pollfd, 1, 0));
	EXPECT_EQ(POLLIN, pollfd.revents);
	ASSERT_EQ(0, device_ack(&self->device, 0, 0));
	EXPECT_EQ(1, poll(&pollfd, 1, 0));
	EXPECT_EQ(POLLIN | POLLPRI, pollfd.revents);
}

TEST_F(life, future_cannot_be_acknowledged)
{
	uint64_t committed = device_header(&self->device).committed;

	EXPECT_EQ(-1, device_ack(&self->device, committed + 1, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, device_ack(&self->device, committed, 0));
}

TEST_F(life, unchanged_publishes_nothing)
{
	struct kvmcap_header before, after;
	struct kvmcap_stats stats, later;

	ASSERT_TRUE(device_captures(&self->device, QUIET_CAPTURES));
	before = device_header(&self->device);
	stats = device_stats(&self->device);
	ASSERT_TRUE(device_captures(&self->device, QUIET_CAPTURES));
	after = device_header(&self->device);
	later = device_stats(&self->device);
	EXPECT_EQ(before.committed, after.committed);
	EXPECT_EQ(before.head, after.head);
	EXPECT_EQ(before.update, after.update);
	EXPECT_GE(later.unchanged, stats.unchanged + QUIET_CAPTURES);
	EXPECT_EQ(stats.frames, later.frames);
	EXPECT_EQ(stats.bytes, later.bytes);
}

/* A frame that nobody acknowledges ends the demand: at once, not some time. */
TEST_F(life, unseen_frame_stops_captures)
{
	uint64_t committed = device_header(&self->device).committed;
	uint64_t captures;

	ASSERT_EQ(0, device_ack(&self->device, committed, KVMCAP_ACK_ARM));
	screen_change(&self->device);
	ASSERT_EQ(POLLIN, device_poll(&self->device, POLLIN));
	captures = device_stats(&self->device).captures;
	screen_change(&self->device);
	usleep(QUIET_MS * 1000);
	EXPECT_EQ(captures, device_stats(&self->device).captures);
	EXPECT_EQ(committed + 1, device_header(&self->device).committed);
}

/* Captures up to this one may be under way; after the next frame there are none. */
static void disarm(struct device *device)
{
	uint64_t committed = device_header(device).committed;
	uint64_t captures;

	device_ack(device, committed, 0);
	do {
		captures = device_stats(device).captures;
		usleep(QUIET_MS * 1000);
	} while (captures != device_stats(device).captures);
}

TEST_F(life, nobody_armed_nothing_captured)
{
	struct kvmcap_stats before, after;
	struct device other;

	disarm(&self->device);
	before = device_stats(&self->device);
	ASSERT_TRUE(device_open(&other, O_RDONLY));
	screen_change(&self->device);
	usleep(QUIET_MS * 1000);
	after = device_stats(&self->device);
	EXPECT_EQ(before.captures, after.captures);

	/* One who arms is enough, and he takes it with him when he goes. */
	ASSERT_TRUE(device_captures(&other, 1));
	device_close(&other);
	disarm(&self->device);
	before = device_stats(&self->device);
	usleep(QUIET_MS * 1000);
	after = device_stats(&self->device);
	EXPECT_EQ(before.captures, after.captures);
}

TEST_F(life, refresh_publishes_everything)
{
	struct kvmcap_refresh refresh = { 0 };
	struct kvmcap_header before, after;
	struct kvmcap_stats stats;
	struct kvmcap_tile *index;
	size_t i;

	ASSERT_TRUE(device_captures(&self->device, 2));
	before = device_header(&self->device);
	stats = device_stats(&self->device);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_REFRESH, &refresh));
	ASSERT_TRUE(device_until(&self->device, has_committed, before.committed + 1));
	index = calloc(tiles_of(&before), sizeof(*index));
	ASSERT_NE(NULL, index);
	after = device_index(&self->device, index, tiles_of(&before));
	EXPECT_EQ(before.changed, after.changed);
	EXPECT_EQ(before.began, after.began);
	EXPECT_EQ(stats.tiles + tiles_of(&before), device_stats(&self->device).tiles);
	for (i = 0; i < tiles_of(&before); i++)
		ASSERT_EQ(before.committed + 1, index[i].sequence);
	free(index);
}

/* --- modes and signals -------------------------------------------------------- */

TEST_F(life, mode_change_begins_a_picture)
{
	struct kvmcap_header before = device_header(&self->device);
	struct kvmcap_header after;

	ASSERT_EQ(0, device_ack(&self->device, before.committed, KVMCAP_ACK_ARM));
	screen_mode(&self->device, 800, 600);
	ASSERT_NE(0, device_poll(&self->device, POLLPRI) & POLLPRI);
	ASSERT_TRUE(device_until(&self->device, has_width, 800));
	after = device_header(&self->device);
	EXPECT_EQ(600, after.mode.height);
	EXPECT_GT(after.changed, before.changed);
	EXPECT_GT(after.began, before.committed);

	/* And back, with fewer tiles. */
	screen_mode(&self->device, 640, 480);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
}

TEST_F(life, signal_goes_and_returns)
{
	struct kvmcap_header before = device_header(&self->device);
	uint64_t losses = device_stats(&self->device).losses;
	struct kvmcap_header after;

	ASSERT_EQ(0, device_ack(&self->device, before.committed, KVMCAP_ACK_ARM));
	screen_signal(&self->device, false);
	ASSERT_NE(0, device_poll(&self->device, POLLPRI) & POLLPRI);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_NONE));
	after = device_header(&self->device);
	EXPECT_GT(after.changed, before.committed);
	EXPECT_EQ(0, memcmp(&before.mode, &after.mode, sizeof(before.mode)));
	EXPECT_EQ(losses + 1, device_stats(&self->device).losses);

	screen_signal(&self->device, true);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
}

/* The host goes, and is back with another picture; all that is one signal. */
TEST_F(life, host_is_switched_off_and_on)
{
	struct kvmcap_header before = device_header(&self->device);
	struct kvmcap_header after;

	ASSERT_EQ(0, device_ack(&self->device, before.committed, KVMCAP_ACK_ARM));
	screen_signal(&self->device, false);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_NONE));
	/* Firmware's mode first, for as long as it takes to be seen, then another. */
	screen_mode(&self->device, 800, 600);
	screen_signal(&self->device, true);
	ASSERT_TRUE(device_until(&self->device, has_width, 800));
	screen_mode(&self->device, 1920, 1080);
	ASSERT_TRUE(device_until(&self->device, has_width, 1920));
	ASSERT_TRUE(device_picture(&self->device));
	after = device_header(&self->device);
	EXPECT_EQ(1080, after.mode.height);
	EXPECT_LT(before.committed, after.began);
	screen_mode(&self->device, 640, 480);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
}

/* --- parameters ---------------------------------------------------------------- */

static bool has_quality(const struct kvmcap_header *header, uint64_t quality)
{
	return header->quality == quality;
}

static bool has_subsampling(const struct kvmcap_header *header, uint64_t subsampling)
{
	return header->mode.subsampling == subsampling;
}

TEST_F(life, quality_makes_new_tables)
{
	struct kvmcap_header before = device_header(&self->device);
	struct kvmcap_params params, old;
	struct kvmcap_header after;

	if (before.mode.codec != KVMCAP_CODEC_JPEG)
		SKIP(return, "the engine has one quality only");
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	params = old;
	params.quality = old.quality < 50 ? 100 : 1;
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
	/* What the engine makes of it. */
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &params));
	EXPECT_NE(old.quality, params.quality);
	ASSERT_TRUE(device_until(&self->device, has_quality, params.quality));
	after = device_header(&self->device);
	EXPECT_NE(before.tables, after.tables);
	EXPECT_GT(after.changed, before.committed);
	EXPECT_EQ(before.began, after.began);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
	ASSERT_TRUE(device_until(&self->device, has_quality, old.quality));
}

TEST_F(life, subsampling_begins_a_picture)
{
	struct kvmcap_header before = device_header(&self->device);
	struct kvmcap_params params, old;
	struct kvmcap_header after;
	struct kvmcap_query query;

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_QUERY, &query));
	if (query.subsamplings != 3)
		SKIP(return, "the engine has one subsampling only");
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	params = old;
	params.subsampling = !old.subsampling;
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
	ASSERT_TRUE(device_until(&self->device, has_subsampling, params.subsampling));
	after = device_header(&self->device);
	EXPECT_GT(after.began, before.committed);
	EXPECT_EQ(params.subsampling == KVMCAP_SUBSAMPLING_444 ? 8 : 16,
		  after.mode.tile_height);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
	ASSERT_TRUE(device_until(&self->device, has_subsampling, old.subsampling));
}

static bool has_codec(const struct kvmcap_header *header, uint64_t codec)
{
	return header->signal == KVMCAP_SIGNAL_OK && header->mode.codec == codec;
}

TEST_F(life, codec_begins_a_picture)
{
	struct kvmcap_params params, old;
	struct kvmcap_header before, after;
	struct kvmcap_query query;
	struct kvmcap_tile *index;
	uint32_t codec, chosen;
	size_t i;

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_QUERY, &query));
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	EXPECT_EQ(KVMCAP_CODEC_NONE, old.codec);
	before = device_header(&self->device);
	chosen = before.mode.codec;
	index = calloc(before.index_capacity, sizeof(*index));
	ASSERT_NE(NULL, index);
	for (codec = KVMCAP_CODEC_JPEG; codec <= KVMCAP_CODEC_RAW; codec++) {
		if (!(query.codecs & 1u << codec))
			continue;
		params = old;
		params.codec = codec;
		before = device_header(&self->device);
		ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
		ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &params));
		EXPECT_EQ(codec, params.codec);
		ASSERT_TRUE(device_until(&self->device, has_codec, codec));
		after = device_index(&self->device, index, before.index_capacity);
		if (before.mode.codec != codec)
			EXPECT_GT(after.began, before.committed);
		EXPECT_EQ(codec == KVMCAP_CODEC_JPEG, after.tables != 0);
		EXPECT_EQ(codec == KVMCAP_CODEC_JPEG, after.quality != 0);
		for (i = 0; i < tiles_of(&after); i++) {
			ASSERT_EQ(codec, index[i].codec);
			ASSERT_EQ(after.tables, index[i].tables);
		}
	}
	free(index);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
	ASSERT_TRUE(device_until(&self->device, has_codec, chosen));
}

TEST_F(life, capture_is_what_was_asked_for)
{
	struct kvmcap_stats before, after;
	struct kvmcap_params params, old;
	struct kvmcap_header header;
	struct kvmcap_query query;
	uint32_t capture;

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_QUERY, &query));
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	for (capture = KVMCAP_CAPTURE_AUTO; capture <= KVMCAP_CAPTURE_CHANGES; capture++) {
		params = old;
		params.capture = capture;
		if (!(query.captures & 1u << capture)) {
			EXPECT_EQ(-1, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
			EXPECT_EQ(EOPNOTSUPP, errno);
			continue;
		}
		ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
		ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &params));
		EXPECT_EQ(capture, params.capture);
		/* The first one may have been under way. */
		ASSERT_TRUE(device_captures(&self->device, 2));
		before = device_stats(&self->device);
		ASSERT_TRUE(device_picture(&self->device));
		after = device_stats(&self->device);
		header = device_header(&self->device);
		EXPECT_NE(KVMCAP_CAPTURE_AUTO, header.capture);
		if (capture == KVMCAP_CAPTURE_AUTO)
			continue;
		EXPECT_EQ(capture, header.capture);
		EXPECT_EQ(capture == KVMCAP_CAPTURE_WHOLE ? after.captures - before.captures : 0,
			  after.whole - before.whole);
	}
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
}

TEST_F(life, rate_alone_restarts_nothing)
{
	struct kvmcap_header before;
	struct kvmcap_params params, old;

	ASSERT_TRUE(device_captures(&self->device, 2));
	before = device_header(&self->device);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	params = old;
	params.max_rate = 60000;
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
	ASSERT_TRUE(device_captures(&self->device, 2));
	EXPECT_EQ(before.committed, device_header(&self->device).committed);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
}

/* --- pacing ---------------------------------------------------------------------- */

#define RATE		10	/* captures a second */
#define RATE_CAPTURES	12

static int64_t now_ns(void)
{
	return (int64_t)kvmcap_now_ns();
}

/*
 * However fast the machine is, so many captures take that long. The first one may
 * come at once, and so may the second one, if the first was under way when the
 * rate was set.
 */
TEST_F(life, rate_is_capped)
{
	struct kvmcap_params params, old;
	int64_t began;

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	params = old;
	params.max_rate = RATE * 1000;
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
	ASSERT_TRUE(device_captures(&self->device, 1));
	began = now_ns();
	ASSERT_TRUE(device_captures(&self->device, RATE_CAPTURES));
	EXPECT_GE(now_ns() - began, (RATE_CAPTURES - 2) * (1000000000ll / RATE));
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
}

/* --- power ----------------------------------------------------------------------- */

static bool until_runtime_status(const char *wanted)
{
	char status[16];
	FILE *file;
	int tries;

	for (tries = 0; tries < DEVICE_WAIT_MS / LOOK_MS; tries++) {
		file = fopen(DEVICE_SYSFS "/power/runtime_status", "re");
		if (!file || fscanf(file, "%15s", status) != 1)
			return false;
		fclose(file);
		if (!strcmp(status, wanted))
			return true;
		usleep(LOOK_MS * 1000);
	}
	return false;
}

TEST_F(life, runtime_status_is_the_engines)
{
	uint64_t committed = device_header(&self->device).committed;

	if (access(DEVICE_SYSFS "/power/runtime_status", F_OK))
		SKIP(return, "a kernel without runtime power management");
	ASSERT_TRUE(device_captures(&self->device, 1));
	EXPECT_TRUE(until_runtime_status("active"));
	ASSERT_EQ(0, device_ack(&self->device, committed, 0));
	EXPECT_TRUE(until_runtime_status("suspended"));
	ASSERT_TRUE(device_captures(&self->device, 1));
	EXPECT_TRUE(until_runtime_status("active"));
	EXPECT_EQ(committed, device_header(&self->device).committed);
	/* The last one leaves. */
	device_close(&self->device);
	EXPECT_TRUE(until_runtime_status("suspended"));
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
}

TEST_F(life, readers_are_counted)
{
	uint64_t readers = device_stats(&self->device).readers;
	struct device other;

	EXPECT_LE(1, readers);
	ASSERT_TRUE(device_open(&other, O_RDONLY));
	EXPECT_EQ(readers + 1, device_stats(&self->device).readers);
	EXPECT_EQ(readers + 1, device_stats(&other).readers);
	device_close(&other);
	EXPECT_EQ(readers, device_stats(&self->device).readers);
}

/* --- debugfs and tracepoints ----------------------------------------------------- */

#define DEBUGFS		"/sys/kernel/debug/kvmcap/kvmcap0/"

static const char *const codec_names[] = {
	[KVMCAP_CODEC_JPEG] = "jpeg",
	[KVMCAP_CODEC_HEXTILE] = "hextile",
	[KVMCAP_CODEC_RAW] = "raw",
};

/* The value that a line of a file in debugfs has; false if there is none. */
static bool debugfs_get(const char *file, const char *name, char value[64])
{
	char path[64], line[128];
	size_t length = strlen(name);
	bool found = false;
	FILE *stream;

	snprintf(path, sizeof(path), DEBUGFS "%s", file);
	stream = fopen(path, "re");
	while (stream && !found && fgets(line, sizeof(line), stream)) {
		found = !strncmp(line, name, length) && line[length] == ':';
		if (found)
			snprintf(value, 64, "%.*s", (int)strcspn(line + length + 2, "\n"),
				 line + length + 2);
	}
	if (stream)
		fclose(stream);
	return found;
}

TEST_F(life, debugfs_says_what_the_device_does)
{
	struct kvmcap_stats stats;
	char value[64];

	if (access(DEBUGFS, F_OK))
		SKIP(return, "debugfs is not mounted");
	ASSERT_TRUE(device_captures(&self->device, 1));
	ASSERT_TRUE(debugfs_get("state", "mode", value));
	EXPECT_STREQ("640x480", value);
	ASSERT_TRUE(debugfs_get("state", "signal", value));
	EXPECT_STREQ("ok", value);
	ASSERT_TRUE(debugfs_get("state", "codec", value));
	EXPECT_STREQ(codec_names[device_header(&self->device).mode.codec], value);
	ASSERT_TRUE(debugfs_get("state", "stage", value));
	EXPECT_STREQ("started", value);
	ASSERT_TRUE(debugfs_get("state", "readers", value));
	EXPECT_EQ(device_stats(&self->device).readers, strtoull(value, NULL, 10));

	disarm(&self->device);
	stats = device_stats(&self->device);
	ASSERT_TRUE(debugfs_get("stats", "captures", value));
	EXPECT_EQ(stats.captures, strtoull(value, NULL, 10));
	ASSERT_TRUE(debugfs_get("stats", "bytes", value));
	EXPECT_EQ(stats.bytes, strtoull(value, NULL, 10));
	ASSERT_TRUE(debugfs_get("stats", "fallbacks", value));
	EXPECT_EQ(stats.fallbacks, strtoull(value, NULL, 10));

	/* It goes with the device. */
	ASSERT_TRUE(engine_unbind());
	EXPECT_EQ(-1, access(DEBUGFS, F_OK));
	ASSERT_TRUE(engine_bind());
	EXPECT_EQ(0, access(DEBUGFS "stats", F_OK));
}

TEST_F(life, tracepoints_tell_what_happens)
{
	struct kvmcap_header header;
	char frame[96], coded[64];
	char *trace;

	if (!trace_start())
		SKIP(return, "tracefs is not mounted");
	screen_mode(&self->device, 800, 600);
	ASSERT_TRUE(device_until(&self->device, has_width, 800));
	header = device_header(&self->device);
	screen_signal(&self->device, false);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_NONE));
	trace = trace_stop();
	ASSERT_NE(NULL, trace);
	EXPECT_NE(NULL, strstr(trace, "kvmcap_capture_begin: kvmcap0: full=1 anew=0"));
	EXPECT_NE(NULL, strstr(trace, "kvmcap_capture_end: kvmcap0: result=0 capture="));
	EXPECT_NE(NULL, strstr(trace, "kvmcap_mode: kvmcap0: 800x600 tiles="));
	snprintf(coded, sizeof(coded), " codec=%s subsampling=%s",
		 codec_names[header.mode.codec],
		 header.mode.subsampling == KVMCAP_SUBSAMPLING_420 ? "4:2:0" : "4:4:4");
	EXPECT_NE(NULL, strstr(trace, coded));
	EXPECT_NE(NULL, strstr(trace, "kvmcap_signal: kvmcap0: none"));
	snprintf(frame, sizeof(frame), "kvmcap_frame: kvmcap0: sequence=%llu tiles=%u bytes=",
		 (unsigned long long)header.began, (unsigned int)tiles_of(&header));
	EXPECT_NE(NULL, strstr(trace, frame));
	free(trace);
	screen_signal(&self->device, true);
	screen_mode(&self->device, 640, 480);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
}

/* --- two readers ----------------------------------------------------------------- */

/* Copies a payload by the protocol; false if it was overtaken meanwhile. */
static bool copy_payload(const struct device *device, const struct kvmcap_tile *tile,
			 uint8_t *payload)
{
	struct kvmcap_header header = device_header(device);

	memcpy(payload, device->map + header.log_offset + tile->offset, tile->length);
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return tile->position >= device_header(device).tail;
}

struct picture {
	struct kvmcap_header header;
	struct kvmcap_tile *index;
	uint8_t **payload;
};

/* The state as a reader gets it who knows nothing, payloads and all. */
static bool picture_take(const struct device *device, struct picture *picture)
{
	struct kvmcap_header header = device_header(device);
	size_t tiles = tiles_of(&header);
	unsigned int tries;
	size_t i;

	picture->index = calloc(header.index_capacity, sizeof(*picture->index));
	picture->payload = calloc(tiles, sizeof(*picture->payload));
	for (tries = 0; tries < LAPS_MAX; tries++) {
		picture->header = device_index(device, picture->index, tiles);
		for (i = 0; i < tiles; i++) {
			free(picture->payload[i]);
			picture->payload[i] = malloc(picture->index[i].length + 1);
			if (!copy_payload(device, &picture->index[i], picture->payload[i]))
				break;
		}
		if (i == tiles)
			return true;
	}
	return false;
}

static void picture_drop(struct picture *picture)
{
	size_t i;

	for (i = 0; i < tiles_of(&picture->header); i++)
		free(picture->payload[i]);
	free(picture->payload);
	free(picture->index);
}

static bool tile_take(struct picture *picture, const struct kvmcap_record_tile *tile)
{
	size_t number = (size_t)tile->row * picture->header.mode.columns + tile->column;

	if (number >= tiles_of(&picture->header))
		return false;
	free(picture->payload[number]);
	picture->payload[number] = malloc(tile->length + 1);
	memcpy(picture->payload[number], tile + 1, tile->length);
	picture->index[number].sequence = tile->record.sequence;
	picture->index[number].length = tile->length;
	return true;
}

/* Follows the records up to the newest frame; false when it was overtaken. */
static bool picture_follow(const struct device *device, struct picture *picture)
{
	struct kvmcap_header now = device_header(device);
	uint64_t at = picture->header.head;
	const struct kvmcap_record *record;

	while (at < now.head) {
		if (at < device_header(device).tail)
			return false;
		record = (const void *)(device->map + now.log_offset + at % now.log_size);
		if (record->type == KVMCAP_RECORD_TILE &&
		    !(record->flags & KVMCAP_RECORD_RELOCATED) &&
		    !tile_take(picture, (const void *)record))
			return false;
		if (record->type == KVMCAP_RECORD_FRAME &&
		    record->sequence != ++picture->header.committed)
			return false;
		at += record->size;
	}
	picture->header.head = at;
	return at - device_header(device).tail <= now.log_size;
}

static bool pictures_equal(const struct picture *a, const struct picture *b)
{
	size_t i;

	for (i = 0; i < tiles_of(&a->header); i++) {
		if (a->index[i].sequence != b->index[i].sequence ||
		    a->index[i].length != b->index[i].length ||
		    memcmp(a->payload[i], b->payload[i], a->index[i].length))
			return false;
	}
	return a->header.committed == b->header.committed;
}

TEST_F_TIMEOUT(life, lapped_reader_catches_up, TEST_SECONDS)
{
	struct picture follower, sleeper, fresh;
	struct device other;
	unsigned int frames;

	if (self->device.fake)
		fake_set("tile_bytes", 4096);
	ASSERT_TRUE(device_picture(&self->device));
	ASSERT_TRUE(device_open(&other, O_RDONLY));
	ASSERT_TRUE(picture_take(&other, &sleeper));
	ASSERT_TRUE(picture_take(&self->device, &follower));
	for (frames = 0; frames < LAPS_MAX; frames++) {
		if (device_header(&other).tail > sleeper.header.head)
			break;
		ASSERT_TRUE(device_picture(&self->device));
		ASSERT_TRUE(picture_follow(&self->device, &follower));
	}
	ASSERT_LT(frames, LAPS_MAX);

	/* Who slept cannot follow, but the index is as good to him. */
	EXPECT_FALSE(picture_follow(&other, &sleeper));
	ASSERT_TRUE(picture_take(&other, &fresh));
	EXPECT_TRUE(pictures_equal(&follower, &fresh));
	picture_drop(&follower);
	picture_drop(&sleeper);
	picture_drop(&fresh);
	device_close(&other);
}

/* --- the end -------------------------------------------------------------------- */

static int unload(const char *module)
{
	return (int)syscall(SYS_delete_module, module, O_NONBLOCK);
}

TEST_F(life, module_in_use_stays)
{
	EXPECT_EQ(-1, unload("kvmcap"));
	EXPECT_EQ(EWOULDBLOCK, errno);
	/* A mapping alone is use enough. */
	ASSERT_TRUE(engine_unbind());
	close(self->device.fd);
	self->device.fd = -1;
	EXPECT_EQ(-1, unload("kvmcap"));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_EQ(KVMCAP_SIGNAL_GONE, device_header(&self->device).signal);
	munmap(self->device.map, self->device.size);
	self->device.map = NULL;
	ASSERT_TRUE(engine_bind());
}

struct poller {
	pthread_t thread;
	struct device *device;
	short revents;
};

static void *poller_run(void *data)
{
	struct poller *poller = data;
	short revents = 0;

	/* Streams, until there is no device any more. */
	while (!(revents & POLLHUP)) {
		device_ack(poller->device, device_header(poller->device).committed,
			   KVMCAP_ACK_ARM);
		revents = device_poll(poller->device, POLLIN | POLLPRI);
		if (!revents)
			break;
	}
	poller->revents = revents;
	return NULL;
}

TEST_F(life, unbinding_tells_everybody)
{
	struct poller poller = { .device = &self->device };
	struct kvmcap_header before, after;
	struct kvmcap_stats stats;
	struct device other;
	int fd;

	if (self->device.fake)
		fake_set("changes", 20);
	ASSERT_TRUE(device_open(&other, O_RDWR));
	ASSERT_EQ(0, pthread_create(&poller.thread, NULL, poller_run, &poller));
	ASSERT_TRUE(device_captures(&other, 2));
	before = device_header(&other);
	ASSERT_TRUE(engine_unbind());
	pthread_join(poller.thread, NULL);
	EXPECT_EQ(POLLERR | POLLHUP, poller.revents & (POLLERR | POLLHUP));

	/* The mapping is as it was but for its last word. */
	after = device_header(&other);
	EXPECT_EQ(KVMCAP_SIGNAL_GONE, after.signal);
	EXPECT_EQ(after.committed, after.changed);
	EXPECT_EQ(0, memcmp(&before.mode, &after.mode, sizeof(before.mode)));
	EXPECT_EQ(-1, ioctl(other.fd, KVMCAP_IOC_STATS, &stats));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, device_ack(&other, 0, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, other.size, PROT_READ, MAP_SHARED, other.fd, 0));
	EXPECT_EQ(ENODEV, errno);
	fd = open(DEVICE, O_RDWR);
	EXPECT_EQ(-1, fd);

	/* A new device has nothing to do with the old one. */
	ASSERT_TRUE(engine_bind());
	device_close(&self->device);
	EXPECT_EQ(KVMCAP_SIGNAL_GONE, device_header(&other).signal);
	device_close(&other);
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	EXPECT_EQ(0, device_header(&self->device).committed);
	EXPECT_EQ(KVMCAP_SIGNAL_UNKNOWN, device_header(&self->device).signal);
	ASSERT_TRUE(device_picture(&self->device));
}

TEST_HARNESS_MAIN
