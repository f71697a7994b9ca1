// SPDX-License-Identifier: Apache-2.0
/*
 * What readers live through when the whole machine sleeps. Needs CAP_SYS_ADMIN,
 * and either a kernel with CONFIG_PM_DEBUG, where the sleep ends when everything
 * has been frozen, or somebody who wakes the machine as soon as the file named
 * by $KVMCAP_ASLEEP is there.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "device.h"

#define PM_TEST		"/sys/power/pm_test"
#define SLEEPS_MAX	20	/* attempts: a wake-up may come too early */
#define TEST_SECONDS	120	/* the harness ends a test after this */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	bool done = fd >= 0 && write(fd, text, strlen(text)) >= 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool is_test(void)
{
	return access(PM_TEST, F_OK) == 0;
}

/* Returns when the machine is awake again; false if it has not slept. */
static bool machine_sleep(void)
{
	const char *asleep = getenv("KVMCAP_ASLEEP");
	unsigned int tries;
	bool slept = false;

	if (is_test())
		return put(PM_TEST, "freezer") && put("/sys/power/state", "freeze") &&
		       put(PM_TEST, "none");
	for (tries = 0; !slept && tries < SLEEPS_MAX; tries++) {
		if (!put(asleep, "asleep\n"))
			break;
		slept = put("/sys/power/state", "mem");
	}
	unlink(asleep);
	return slept;
}

FIXTURE(suspend)
{
	struct device device;
	struct kvmcap_header before;
	struct kvmcap_stats stats;
	long detects;
};

FIXTURE_SETUP(suspend)
{
	if (!is_test() && !getenv("KVMCAP_ASLEEP"))
		SKIP(return, "nobody wakes this machine");
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	screen_reset(&self->device);
	screen_mode(&self->device, 640, 480);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
	ASSERT_TRUE(device_picture(&self->device));
	self->before = device_header(&self->device);
	self->stats = device_stats(&self->device);
	if (self->device.fake)
		self->detects = fake_get("detects");
}

FIXTURE_TEARDOWN(suspend)
{
	screen_reset(&self->device);
	device_close(&self->device);
}

/* The engine was off while the devices slept; nothing was taken for a failure. */
#define EXPECT_PEACE(self)								\
	do {										\
		struct kvmcap_stats now = device_stats(&(self)->device);		\
		EXPECT_EQ((self)->stats.timeouts, now.timeouts);			\
		EXPECT_EQ((self)->stats.malformed, now.malformed);			\
		EXPECT_EQ((self)->stats.losses, now.losses);				\
		EXPECT_EQ((self)->stats.dropped, now.dropped);				\
		if ((self)->device.fake && !is_test())					\
			EXPECT_EQ(0, fake_get("asleep"));				\
	} while (0)

struct reader {
	struct device *device;
	atomic_bool stop;
	pthread_t thread;
};

/* Acknowledges whatever comes. */
static void *reader_run(void *data)
{
	struct reader *reader = data;
	struct pollfd pollfd = { .fd = reader->device->fd, .events = POLLIN };

	while (!atomic_load(&reader->stop)) {
		device_ack(reader->device, device_header(reader->device).committed,
			   KVMCAP_ACK_ARM);
		poll(&pollfd, 1, 100);
	}
	return NULL;
}

TEST_F_TIMEOUT(suspend, picture_goes_on, TEST_SECONDS)
{
	struct reader reader = { .device = &self->device };
	struct kvmcap_header after;

	if (self->device.fake)
		fake_set("changes", 5);
	ASSERT_EQ(0, pthread_create(&reader.thread, NULL, reader_run, &reader));
	ASSERT_TRUE(machine_sleep());
	atomic_store(&reader.stop, true);
	pthread_join(reader.thread, NULL);

	ASSERT_TRUE(device_picture(&self->device));
	after = device_header(&self->device);
	EXPECT_EQ(KVMCAP_SIGNAL_OK, after.signal);
	EXPECT_EQ(self->before.began, after.began);
	EXPECT_EQ(self->before.changed, after.changed);
	EXPECT_PEACE(self);
	if (self->device.fake)
		EXPECT_LT(self->detects, fake_get("detects"));
}

/* Nobody said that it has changed: who could have. */
TEST_F_TIMEOUT(suspend, another_mode_is_found_afterwards, TEST_SECONDS)
{
	struct kvmcap_header after;

	if (!self->device.fake)
		SKIP(return, "the engine is not kvmcap_fake's");
	ASSERT_EQ(0, device_ack(&self->device, self->before.committed, KVMCAP_ACK_ARM));
	fake_set("width", 800);
	fake_set("height", 600);
	ASSERT_TRUE(machine_sleep());
	ASSERT_TRUE(device_until(&self->device, has_width, 800));
	after = device_header(&self->device);
	EXPECT_LT(self->before.committed, after.began);
	EXPECT_PEACE(self);
}

TEST_F_TIMEOUT(suspend, nobody_armed_nothing_captured, TEST_SECONDS)
{
	ASSERT_EQ(0, device_ack(&self->device, self->before.committed, 0));
	ASSERT_TRUE(machine_sleep());
	EXPECT_EQ(self->before.committed, device_header(&self->device).committed);
	EXPECT_PEACE(self);
	if (self->device.fake && !is_test())
		EXPECT_EQ(0, fake_get("powered"));
	ASSERT_TRUE(device_picture(&self->device));
}

TEST_HARNESS_MAIN
