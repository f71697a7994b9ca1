// SPDX-License-Identifier: Apache-2.0
/*
 * What the core makes of an engine that is late, dead, malformed or without a
 * signal. Needs kvmcap_fake.ko.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "device.h"

#define LOOK_MS		20
#define QUIET_MS	300
#define MANY		1000000
#define CALLS		200
#define QUIET_SPELLS	4
#define FRAMES		10

/* Detections that come to nothing before there is said to be no signal, and more. */
#define DETECTS_MIN	3
#define DETECTS_MAX	20

FIXTURE(engine)
{
	struct device device;
	struct kvmcap_stats stats;
	struct kvmcap_header header;
};

FIXTURE_SETUP(engine)
{
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	ASSERT_TRUE(self->device.fake) TH_LOG("the engine is not kvmcap_fake's");
	screen_reset(&self->device);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
	ASSERT_TRUE(device_picture(&self->device));
	self->stats = device_stats(&self->device);
	self->header = device_header(&self->device);
}

FIXTURE_TEARDOWN(engine)
{
	screen_reset(&self->device);
	device_close(&self->device);
}

/* Armed and up to date, until a counter has grown to what is wanted. */
static bool until_count(const struct device *device, size_t counter, uint64_t wanted)
{
	union {
		struct kvmcap_stats stats;
		uint64_t counts[sizeof(struct kvmcap_stats) / sizeof(uint64_t)];
	} now;
	int i;

	for (i = 0; i < DEVICE_WAIT_MS / LOOK_MS; i++) {
		now.stats = device_stats(device);
		if (now.counts[counter / sizeof(uint64_t)] >= wanted)
			return true;
		device_ack(device, device_header(device).committed, KVMCAP_ACK_ARM);
		usleep(LOOK_MS * 1000);
	}
	return false;
}

#define UNTIL(self, counter, more)							\
	until_count(&(self)->device, offsetof(struct kvmcap_stats, counter),		\
		    (self)->stats.counter + (more))

/* Nothing that readers see has changed but, perhaps, relocation. */
#define EXPECT_UNTOUCHED(self)								\
	do {										\
		struct kvmcap_header now = device_header(&(self)->device);		\
		EXPECT_EQ((self)->header.committed, now.committed);			\
		EXPECT_EQ((self)->header.head, now.head);				\
	} while (0)

/* After any trouble: the signal is back, and a new picture comes. */
#define EXPECT_RECOVERY(self)								\
	do {										\
		screen_reset(&(self)->device);						\
		EXPECT_TRUE(device_until(&(self)->device, has_width, 640));		\
		EXPECT_TRUE(device_picture(&(self)->device));				\
	} while (0)

TEST_F(engine, that_never_answers_is_faulty)
{
	fake_set("answers", 0);
	ASSERT_TRUE(UNTIL(self, timeouts, 1));
	EXPECT_UNTOUCHED(self);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_FAULT));
	/* It is tried again, whether or not anybody believes in it. */
	self->stats = device_stats(&self->device);
	ASSERT_TRUE(UNTIL(self, timeouts, 2));
	EXPECT_EQ(KVMCAP_SIGNAL_FAULT, device_header(&self->device).signal);
	EXPECT_RECOVERY(self);
}

TEST_F(engine, that_answers_once_late_is_forgiven)
{
	fake_set("answers", 0);
	ASSERT_TRUE(UNTIL(self, timeouts, 1));
	fake_set("answers", 1);
	ASSERT_TRUE(device_captures(&self->device, 2));
	EXPECT_UNTOUCHED(self);
	EXPECT_EQ(1, fake_get("started"));
}

TEST_F(engine, that_is_slow_is_waited_for)
{
	fake_set("late_ms", QUIET_MS);
	ASSERT_TRUE(device_picture(&self->device));
	EXPECT_EQ(self->stats.timeouts, device_stats(&self->device).timeouts);
}

TEST_F(engine, malformed_picture_is_dropped)
{
	fake_set("capture_error", -EBADMSG);
	fake_set("refill", 1);
	ASSERT_TRUE(UNTIL(self, malformed, 1));
	EXPECT_UNTOUCHED(self);
	EXPECT_RECOVERY(self);
}

/* The tiles that came before the error must not be seen. */
TEST_F(engine, half_a_picture_is_dropped)
{
	struct kvmcap_tile before, after;

	device_index(&self->device, &before, 1);
	fake_set("capture_stop", 7);
	fake_set("capture_error", -EBADMSG);
	fake_set("refill", 1);
	ASSERT_TRUE(UNTIL(self, malformed, 2));
	EXPECT_UNTOUCHED(self);
	device_index(&self->device, &after, 1);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_RECOVERY(self);
}

TEST_F(engine, that_stays_malformed_is_faulty)
{
	fake_set("capture_error", -EBADMSG);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_FAULT));
	EXPECT_EQ(640, device_header(&self->device).mode.width);
	EXPECT_RECOVERY(self);
}

TEST_F(engine, signal_that_flaps_is_paused_for)
{
	long detects = fake_get("detects");

	fake_set("capture_error", -ENOLINK);
	ASSERT_EQ(0, device_ack(&self->device, self->header.committed, KVMCAP_ACK_ARM));
	usleep(QUIET_MS * 1000);
	/* Without pauses there would be thousands. */
	EXPECT_LE(fake_get("detects") - detects, 5);
	EXPECT_UNTOUCHED(self);
	EXPECT_RECOVERY(self);
}

/* Whatever is trusted for a moment: with pauses, and not for long. */
#define EXPECT_NO_SIGNAL(self)								\
	do {										\
		long detects = fake_get("detects");					\
		struct kvmcap_header now;						\
		ASSERT_TRUE(device_until(&(self)->device, has_signal,			\
					 KVMCAP_SIGNAL_NONE));				\
		detects = fake_get("detects") - detects;				\
		EXPECT_GE(detects, DETECTS_MIN);					\
		/* Without pauses there would be thousands. */				\
		EXPECT_LE(detects, DETECTS_MAX);					\
		now = device_header(&(self)->device);					\
		EXPECT_EQ(640, now.mode.width);						\
		EXPECT_EQ((self)->stats.losses + 1,					\
			  device_stats(&(self)->device).losses);			\
	} while (0)

TEST_F(engine, signal_that_flaps_on_is_none)
{
	fake_set("capture_error", -ENOLINK);
	EXPECT_NO_SIGNAL(self);
	EXPECT_RECOVERY(self);
}

TEST_F(engine, signal_that_changes_on_and_on_is_none)
{
	fake_set("restless", 1);
	fake_set("signal_changed", 1);
	EXPECT_NO_SIGNAL(self);
	EXPECT_EQ(self->stats.captures, device_stats(&self->device).captures);
	EXPECT_RECOVERY(self);
}

TEST_F(engine, out_of_range_is_said)
{
	fake_set("detect_error", -ERANGE);
	fake_set("signal_changed", 1);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_OUT_OF_RANGE));
	EXPECT_RECOVERY(self);
}

TEST_F(engine, mode_beyond_its_own_limits_is_out_of_range)
{
	screen_mode(&self->device, 1921, 1080);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_OUT_OF_RANGE));
	EXPECT_EQ(640, device_header(&self->device).mode.width);
	EXPECT_RECOVERY(self);
}

TEST_F(engine, that_does_not_detect_is_faulty)
{
	fake_set("detect_error", -EIO);
	fake_set("signal_changed", 1);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_FAULT));
	EXPECT_RECOVERY(self);
}

TEST_F(engine, that_does_not_start_is_faulty)
{
	fake_set("start_error", -EIO);
	fake_set("signal_changed", 1);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_FAULT));
	EXPECT_RECOVERY(self);
}

/* It calls and calls, and still there is a picture. */
TEST_F(engine, that_calls_without_end_is_listened_to)
{
	int i;

	ASSERT_EQ(0, device_ack(&self->device, self->header.committed, KVMCAP_ACK_ARM));
	for (i = 0; i < CALLS; i++)
		fake_set("signal_changed", 1);
	ASSERT_TRUE(device_picture(&self->device));
	EXPECT_EQ(self->header.changed, device_header(&self->device).changed);
	EXPECT_EQ(self->stats.losses, device_stats(&self->device).losses);
	/* A call that comes while one is heard is the same call. */
	EXPECT_LE(fake_get("started"), 1);
}

static bool until_powered(long wanted)
{
	int i;

	for (i = 0; i < DEVICE_WAIT_MS / LOOK_MS; i++) {
		if (fake_get("powered") == wanted)
			return true;
		usleep(LOOK_MS * 1000);
	}
	return false;
}

TEST_F(engine, that_nobody_wants_is_switched_off)
{
	ASSERT_EQ(1, fake_get("powered"));
	ASSERT_EQ(0, device_ack(&self->device, self->header.committed, 0));
	ASSERT_TRUE(until_powered(0));
	EXPECT_EQ(0, fake_get("started"));
	EXPECT_UNTOUCHED(self);

	/* And on again, with the same picture. */
	ASSERT_TRUE(device_captures(&self->device, 1));
	EXPECT_EQ(1, fake_get("powered"));
	EXPECT_UNTOUCHED(self);
}

/* An interrupt that nobody enabled is no reason to get up. */
TEST_F(engine, that_calls_though_it_is_off_stays_off)
{
	long detects;
	int i;

	ASSERT_EQ(0, device_ack(&self->device, self->header.committed, 0));
	ASSERT_TRUE(until_powered(0));
	detects = fake_get("detects");
	for (i = 0; i < CALLS; i++)
		fake_set("signal_changed", 1);
	usleep(QUIET_MS * 1000);
	EXPECT_EQ(0, fake_get("powered"));
	EXPECT_EQ(detects, fake_get("detects"));
	EXPECT_RECOVERY(self);
}

/* After a quiet spell, however long, the very next capture has the change. */
TEST_F(engine, first_change_is_seen_by_the_next_capture)
{
	long captures;
	int quiet;

	for (quiet = 1; quiet <= QUIET_SPELLS; quiet++) {
		ASSERT_TRUE(device_captures(&self->device, 5 * quiet));
		ASSERT_TRUE(device_picture(&self->device));
		EXPECT_EQ(1, fake_get("waited"));
	}

	/* The engine was switched off meanwhile. */
	ASSERT_EQ(0, device_ack(&self->device, device_header(&self->device).committed, 0));
	ASSERT_TRUE(until_powered(0));
	captures = fake_get("captures");
	ASSERT_TRUE(device_picture(&self->device));
	EXPECT_EQ(1, fake_get("waited"));
	/* It was seen at once; more of them can only have come after it. */
	EXPECT_LT(captures, fake_get("captures"));
}

/* No capture without demand: a frame costs one, seen or not. */
TEST_F(engine, captures_are_as_many_as_are_asked_for)
{
	struct kvmcap_header header;
	long captures;
	int frame;

	fake_set("changes", 3);
	ASSERT_TRUE(device_picture(&self->device));
	header = device_header(&self->device);
	captures = fake_get("captures");
	for (frame = 1; frame <= FRAMES; frame++) {
		ASSERT_EQ(0, device_ack(&self->device, header.committed, KVMCAP_ACK_ARM));
		ASSERT_NE(0, device_poll(&self->device, POLLIN) & POLLIN);
		usleep(LOOK_MS * 1000);
		header = device_header(&self->device);
		EXPECT_EQ(captures + frame, fake_get("captures"));
	}
}

TEST_F(engine, that_gets_no_power_is_faulty)
{
	ASSERT_EQ(0, device_ack(&self->device, self->header.committed, 0));
	ASSERT_TRUE(until_powered(0));
	fake_set("power_error", -EIO);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_FAULT));
	EXPECT_EQ(0, fake_get("powered"));
	EXPECT_RECOVERY(self);
}

/* What does not fit even alone leaves the old picture where it is. */
TEST_F(engine, picture_larger_than_the_log_is_dropped)
{
	fake_set("tile_bytes", 30 * 1024);
	fake_set("refill", 1);
	ASSERT_TRUE(UNTIL(self, dropped, 2));
	EXPECT_EQ(self->header.committed, device_header(&self->device).committed);
	EXPECT_RECOVERY(self);
}

/* An engine may ask for far more than it needs. */
TEST_F(engine, that_asks_for_too_much_gets_what_there_is)
{
	fake_set("reserve", MANY);
	ASSERT_TRUE(device_picture(&self->device));
	EXPECT_EQ(self->stats.dropped, device_stats(&self->device).dropped);
}

/* There is no room for all of it twice, but so little changes. */
TEST_F(engine, picture_that_needs_all_the_log_can_change_a_little)
{
	struct kvmcap_header before, after;

	fake_set("tile_bytes", 15 * 1024);
	ASSERT_TRUE(device_picture(&self->device));
	before = device_header(&self->device);
	self->stats = device_stats(&self->device);
	fake_set("changes", 3);
	ASSERT_TRUE(device_until(&self->device, has_committed, before.committed + 200));
	after = device_header(&self->device);
	EXPECT_EQ(before.began, after.began);
	EXPECT_EQ(self->stats.dropped, device_stats(&self->device).dropped);
	EXPECT_GT(device_stats(&self->device).relocated, self->stats.relocated);
	EXPECT_RECOVERY(self);
}

/* Neither picture is too large by itself, but both together are. */
TEST_F(engine, picture_that_needs_all_the_log_replaces_the_old_one)
{
	struct kvmcap_header before, after;
	struct kvmcap_tile tile;

	fake_set("tile_bytes", 15 * 1024);
	ASSERT_TRUE(device_picture(&self->device));
	before = device_header(&self->device);
	fake_set("refill", 1);
	ASSERT_TRUE(UNTIL(self, dropped, 1));
	ASSERT_TRUE(device_until(&self->device, has_committed, before.committed + 2));
	after = device_index(&self->device, &tile, 1);
	EXPECT_EQ(before.committed + 1, after.began);
	EXPECT_EQ(before.committed + 2, tile.sequence);
	EXPECT_EQ(15 * 1024, tile.length);
	EXPECT_RECOVERY(self);
}

/* Whole pictures took over: readers see it, and the same picture. */
TEST_F(engine, that_falls_back_is_counted)
{
	struct kvmcap_params params;
	char *trace;

	ASSERT_TRUE(device_captures(&self->device, 2));
	EXPECT_EQ(KVMCAP_CAPTURE_CHANGES, device_header(&self->device).capture);
	EXPECT_EQ(self->stats.whole, device_stats(&self->device).whole);
	ASSERT_TRUE(trace_start());
	fake_set("fall_back", 1);
	ASSERT_TRUE(UNTIL(self, whole, 2));
	trace = trace_stop();
	ASSERT_NE(NULL, trace);
	EXPECT_NE(NULL, strstr(trace, "kvmcap_fallback: kvmcap0: fallbacks="));
	EXPECT_NE(NULL, strstr(trace, "kvmcap_capture_end: kvmcap0: result=0 capture=whole"));
	free(trace);
	EXPECT_UNTOUCHED(self);
	EXPECT_EQ(self->stats.fallbacks + 1, device_stats(&self->device).fallbacks);
	ASSERT_TRUE(device_picture(&self->device));
	EXPECT_EQ(KVMCAP_CAPTURE_WHOLE, device_header(&self->device).capture);

	/* Who insists is not fallen back on. */
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &params));
	params.capture = KVMCAP_CAPTURE_CHANGES;
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
	ASSERT_TRUE(device_captures(&self->device, 2));
	ASSERT_TRUE(device_picture(&self->device));
	EXPECT_EQ(KVMCAP_CAPTURE_CHANGES, device_header(&self->device).capture);
	EXPECT_EQ(self->stats.fallbacks + 1, device_stats(&self->device).fallbacks);
	params.capture = KVMCAP_CAPTURE_AUTO;
	EXPECT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
}

/* Records that stay while others come and go are carried on, and stay whole. */
TEST_F(engine, tiles_that_stay_are_relocated)
{
	struct kvmcap_header before, after;
	struct kvmcap_tile first, later;
	uint8_t payload[8192];
	char *trace;

	fake_set("tile_bytes", sizeof(payload));
	ASSERT_TRUE(device_picture(&self->device));
	before = device_index(&self->device, &first, 1);
	ASSERT_EQ(sizeof(payload), first.length);
	memcpy(payload, self->device.map + before.log_offset + first.offset, sizeof(payload));
	fake_set("still", 100);
	fake_set("changes", 40);
	ASSERT_TRUE(trace_start());
	ASSERT_TRUE(UNTIL(self, relocated, 200));
	trace = trace_stop();
	ASSERT_NE(NULL, trace);
	EXPECT_NE(NULL, strstr(trace, "kvmcap_relocate: kvmcap0: records="));
	free(trace);
	fake_set("changes", 0);
	ASSERT_TRUE(device_captures(&self->device, 2));
	after = device_index(&self->device, &later, 1);
	EXPECT_GT(later.position, before.head);
	EXPECT_GE(later.position, after.tail);
	EXPECT_EQ(first.sequence, later.sequence);
	EXPECT_EQ(0, memcmp(payload, self->device.map + after.log_offset + later.offset,
			    sizeof(payload)));
	EXPECT_GE(device_stats(&self->device).relocated_bytes, 200 * sizeof(payload));
}

/* Tools that make text of what they recorded have nothing but the formats. */
TEST_F(engine, events_are_described_in_numbers)
{
	static const char *const events[] = {
		"kvmcap_capture_begin", "kvmcap_capture_end", "kvmcap_frame",
		"kvmcap_relocate", "kvmcap_mode", "kvmcap_signal", "kvmcap_fallback",
	};
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		char *format = trace_format(events[i]);

		ASSERT_NE(NULL, format) TH_LOG("%s", events[i]);
		EXPECT_NE(NULL, strstr(format, "print fmt:")) TH_LOG("%s", events[i]);
		EXPECT_EQ(NULL, strstr(format, "KVMCAP_")) TH_LOG("%s", format);
		free(format);
	}
}

TEST_F(engine, quality_is_what_it_can_do)
{
	struct kvmcap_params params, old;

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &old));
	params = old;
	params.quality = 43;
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &params));
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &params));
	EXPECT_EQ(40, params.quality);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_SET_PARAMS, &old));
}

TEST_HARNESS_MAIN
