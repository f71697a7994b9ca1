// SPDX-License-Identifier: Apache-2.0
/*
 * What kvmcap does when there is no memory: each allocation of binding, opening,
 * mapping and the ioctls fails in turn, and all of the thread's that captures
 * fail together. Needs a kernel with CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC and
 * CONFIG_FAULT_INJECTION_DEBUG_FS.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "device.h"

#define DEBUGFS		"/sys/kernel/debug/"
#define FAULTS_MAX	20000	/* far more than any of this allocates */
#define TIMES		1000000000	/* faults that may still come */
#define FAULT_SECONDS	300	/* the harness ends a test after this */

FIXTURE(faults)
{
	struct device device;
	int nth;
};

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
}

static long get(const char *path)
{
	FILE *file = fopen(path, "re");
	long value;

	if (!file || fscanf(file, "%ld", &value) != 1) {
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
		exit(1);
	}
	fclose(file);
	return value;
}

/* Both kinds of allocations, also those that may wait for memory. */
static void set_both(const char *name, const char *value)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s/%s", kinds[i], name);
		put(path, value);
	}
}

static void faults_off(void)
{
	set_both("probability", "0");
	set_both("task-filter", "N");
	set_both("times", "1");
}

FIXTURE_SETUP(faults)
{
	faults_off();
	set_both("ignore-gfp-wait", "N");
	set_both("verbose", "0");
	put(DEBUGFS "fail_page_alloc/min-order", "0");
	self->nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->nth);
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	screen_reset(&self->device);
}

FIXTURE_TEARDOWN(faults)
{
	faults_off();
	device_close(&self->device);
	close(self->nth);
}

/* The n-th allocation from now on fails, this thread's alone; 0: none does. */
static void fail_nth(int fd, unsigned int n)
{
	char text[16];
	ssize_t length = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fd, text, (size_t)length, 0) != length)
		exit(1);
}

/* Has it come to that? Nothing fails from now on. */
static bool has_failed(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		exit(1);
	fail_nth(fd, 0);
	return strtol(text, NULL, 10) == 0;
}

/*
 * One thing that allocates; 0 or the error that it ended with. What it has made
 * is taken away by @undo, where no allocation fails.
 */
struct deed {
	struct device *device;
	int fd;
	void *map;
	unsigned long command;
	uint8_t argument[256];
};

/*
 * Does @deed with its first allocation failing, its second, and so on until none
 * fails. The number of allocations; -1 after an error that is none of memory.
 */
static int try_each(int nth, struct deed *deed, int (*act)(struct deed *deed),
		    void (*undo)(struct deed *deed))
{
	int n, error;
	bool failed;

	for (n = 1; n < FAULTS_MAX; n++) {
		fail_nth(nth, (unsigned int)n);
		error = act(deed);
		failed = has_failed(nth);
		if (!error)
			undo(deed);
		if (error && (!failed || error != ENOMEM)) {
			fprintf(stderr, "# allocation %d: %s\n", n, strerror(error));
			return -1;
		}
		if (!failed)
			return n - 1;
	}
	return -1;
}

static int deed_open(struct deed *deed)
{
	deed->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	return deed->fd < 0 ? errno : 0;
}

static void undo_open(struct deed *deed)
{
	close(deed->fd);
}

TEST_F(faults, of_opening)
{
	struct deed deed = { 0 };
	int allocations = try_each(self->nth, &deed, deed_open, undo_open);

	EXPECT_LE(1, allocations);
	/* Nothing of those that failed is left. */
	EXPECT_EQ(1, device_stats(&self->device).readers);
}

static int deed_map(struct deed *deed)
{
	deed->map = mmap(NULL, deed->device->size, PROT_READ, MAP_SHARED,
			 deed->device->fd, 0);
	return deed->map == MAP_FAILED ? errno : 0;
}

static void undo_map(struct deed *deed)
{
	munmap(deed->map, deed->device->size);
}

TEST_F(faults, of_mapping)
{
	struct deed deed = { .device = &self->device };
	int allocations = try_each(self->nth, &deed, deed_map, undo_map);

	EXPECT_LE(1, allocations);
	EXPECT_EQ(KVMCAP_MAGIC, device_header(&self->device).magic);
}

static int deed_ioctl(struct deed *deed)
{
	return ioctl(deed->device->fd, deed->command, deed->argument) ? errno : 0;
}

static void undo_ioctl(struct deed *deed)
{
	(void)deed;
}

/* None of them allocates anything, so none can fail for that. */
TEST_F(faults, of_ioctls)
{
	static const unsigned long commands[] = {
		KVMCAP_IOC_QUERY, KVMCAP_IOC_STATS, KVMCAP_IOC_GET_PARAMS,
		KVMCAP_IOC_SET_PARAMS, KVMCAP_IOC_ACK, KVMCAP_IOC_REFRESH,
	};
	struct deed deed = { .device = &self->device };
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		deed.command = commands[i];
		/* What SET_PARAMS takes is what GET_PARAMS has left. */
		if (commands[i] == KVMCAP_IOC_ACK)
			memset(deed.argument, 0, sizeof(deed.argument));
		EXPECT_EQ(0, try_each(self->nth, &deed, deed_ioctl, undo_ioctl));
	}
}

TEST_F(faults, of_polling)
{
	struct pollfd pollfd = { .fd = self->device.fd, .events = POLLIN };
	unsigned int n;
	int ret;

	for (n = 1; n < FAULTS_MAX; n++) {
		fail_nth(self->nth, n);
		ret = poll(&pollfd, 1, 0);
		if (!has_failed(self->nth))
			break;
		ASSERT_LE(-1, ret);
	}
	ASSERT_LE(0, ret);
}

static int deed_bind(struct deed *deed)
{
	return write(deed->fd, engine_bound_name(), strlen(engine_bound_name())) < 0 ?
	       errno : 0;
}

/* It may have come up without something that it can do without. */
static void undo_bind(struct deed *deed)
{
	struct device device;

	(void)deed;
	if (!device_open(&device, O_RDWR) || !device_picture(&device)) {
		fprintf(stderr, "# a device that is bound does not work\n");
		exit(1);
	}
	device_close(&device);
	if (!engine_unbind())
		exit(1);
}

TEST_F_TIMEOUT(faults, of_binding, FAULT_SECONDS)
{
	struct deed deed = { 0 };
	int allocations;

	device_close(&self->device);
	ASSERT_TRUE(engine_unbind());
	deed.fd = open(engine_bind_path(), O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, deed.fd);
	allocations = try_each(self->nth, &deed, deed_bind, undo_bind);
	TH_LOG("binding allocates %d times", allocations);
	EXPECT_LE(10, allocations);
	close(deed.fd);
	ASSERT_TRUE(engine_bind());
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	ASSERT_TRUE(device_picture(&self->device));
}

/* The thread that captures for DEVICE; 0 if there is none. */
static long find_thread(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[300], name[32];
	long found = 0;
	FILE *file;

	while (!found && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strcmp(name, "kvmcap0\n"))
			found = strtol(entry->d_name, NULL, 10);
		fclose(file);
	}
	closedir(proc);
	return found;
}

/* From now on every allocation of process @pid fails, and is counted. */
static void fail_all(long pid)
{
	char path[64];
	char text[16];

	snprintf(path, sizeof(path), "/proc/%ld/make-it-fail", pid);
	put(path, "1");
	snprintf(text, sizeof(text), "%d", TIMES);
	set_both("times", text);
	set_both("task-filter", "Y");
	set_both("interval", "1");
	set_both("space", "0");
	set_both("probability", "100");
}

static long faults_so_far(void)
{
	return 2l * TIMES - get(DEBUGFS "failslab/times") -
	       get(DEBUGFS "fail_page_alloc/times");
}

/* That fail_all() does what it says: the next test relies on it. */
TEST_F(faults, are_made)
{
	long malformed = (long)device_stats(&self->device).malformed;

	if (!self->device.fake)
		SKIP(return, "the engine is not kvmcap_fake's");
	ASSERT_TRUE(device_picture(&self->device));
	fail_all(find_thread());
	fake_set("allocate", 1);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_FAULT));
	faults_off();
	EXPECT_LT(malformed, (long)device_stats(&self->device).malformed);
	ASSERT_TRUE(device_picture(&self->device));
}

static bool has_quality(const struct kvmcap_header *header, uint64_t quality)
{
	return header->quality == quality;
}

static bool has_codec(const struct kvmcap_header *header, uint64_t codec)
{
	return header->signal == KVMCAP_SIGNAL_OK && header->mode.codec == codec;
}

static bool set_params(struct device *device, struct kvmcap_params *params)
{
	return !ioctl(device->fd, KVMCAP_IOC_SET_PARAMS, params) &&
	       !ioctl(device->fd, KVMCAP_IOC_GET_PARAMS, params);
}

/* Every codec that there is, and then as it was. */
static bool try_codecs(struct device *device, uint32_t codecs)
{
	struct kvmcap_params params, old;
	uint32_t codec;

	if (ioctl(device->fd, KVMCAP_IOC_GET_PARAMS, &old))
		return false;
	params = old;
	for (codec = KVMCAP_CODEC_JPEG; codec <= KVMCAP_CODEC_RAW; codec++) {
		if (!(codecs & 1u << codec))
			continue;
		params.codec = codec;
		if (!set_params(device, &params) || !device_until(device, has_codec, codec) ||
		    !device_picture(device))
			return false;
	}
	return set_params(device, &old);
}

/* Another quality and subsampling, where the engine has tables, and back. */
static bool try_quality(struct device *device, uint32_t codecs)
{
	struct kvmcap_params params, old;

	if (!(codecs & 1u << KVMCAP_CODEC_JPEG))
		return true;
	if (ioctl(device->fd, KVMCAP_IOC_GET_PARAMS, &old))
		return false;
	params = old;
	params.quality = old.quality < 50 ? 100 : 1;
	params.subsampling = !old.subsampling;
	return set_params(device, &params) &&
	       device_until(device, has_quality, params.quality) &&
	       set_params(device, &old) && device_until(device, has_quality, old.quality);
}

/* Everything that may happen to a picture, with no memory to be had. */
TEST_F_TIMEOUT(faults, of_capturing, FAULT_SECONDS)
{
	struct kvmcap_refresh refresh = { 0 };
	struct kvmcap_query query;
	long thread = find_thread();

	ASSERT_NE(0, thread);
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_QUERY, &query));
	fail_all(thread);
	ASSERT_TRUE(device_until(&self->device, has_width, 640));
	ASSERT_TRUE(device_picture(&self->device));
	screen_mode(&self->device, 1920, 1200);
	ASSERT_TRUE(device_until(&self->device, has_width, 1920));
	ASSERT_TRUE(device_picture(&self->device));
	screen_mode(&self->device, 800, 600);
	ASSERT_TRUE(device_until(&self->device, has_width, 800));
	screen_signal(&self->device, false);
	ASSERT_TRUE(device_until(&self->device, has_signal, KVMCAP_SIGNAL_NONE));
	screen_signal(&self->device, true);
	ASSERT_TRUE(device_until(&self->device, has_width, 800));

	ASSERT_TRUE(try_codecs(&self->device, query.codecs));
	ASSERT_TRUE(try_quality(&self->device, query.codecs));
	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_REFRESH, &refresh));
	ASSERT_TRUE(device_captures(&self->device, 2));
	ASSERT_TRUE(device_picture(&self->device));

	/* It did not even try. */
	EXPECT_EQ(0, faults_so_far());
}

TEST_HARNESS_MAIN
