// SPDX-License-Identifier: Apache-2.0
/*
 * /dev/kvmcap0 and the screen behind it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvmcap-sim.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "device.h"

#define SIM		"/dev/kvmcap-sim0"
#define FAKE		"/sys/module/kvmcap_fake/parameters/"
#define TRACEFS		"/sys/kernel/tracing/"
#define TRACE_BYTES	(1 << 20)
#define LOOK_MS		10	/* between looks at what cannot be waited for */

/* A helper of the tests cannot go on. */
static void die(const char *what)
{
	fprintf(stderr, "# %s: %s\n", what, strerror(errno));
	exit(1);
}

static long now_ms(void)
{
	return (long)kvmcap_now_ms();
}

bool device_open(struct device *device, int flags)
{
	struct kvmcap_query query;

	memset(device, 0, sizeof(*device));
	device->fd = open(DEVICE, flags | O_CLOEXEC);
	if (device->fd < 0)
		return false;
	if (ioctl(device->fd, KVMCAP_IOC_QUERY, &query)) {
		close(device->fd);
		return false;
	}
	device->fake = !strcmp((const char *)query.engine, "fake");
	device->size = query.map_size;
	device->map = mmap(NULL, device->size, PROT_READ, MAP_SHARED, device->fd, 0);
	if (device->map == MAP_FAILED) {
		close(device->fd);
		return false;
	}
	return true;
}

void device_close(struct device *device)
{
	if (device->map)
		munmap(device->map, device->size);
	if (device->fd >= 0)
		close(device->fd);
	device->map = NULL;
	device->fd = -1;
}

struct kvmcap_header device_index(const struct device *device,
				  struct kvmcap_tile *index, size_t count)
{
	const struct kvmcap_header *header = (const void *)device->map;
	struct kvmcap_header copy;
	unsigned int tries = 0;
	uint32_t update;

	for (;;) {
		update = __atomic_load_n(&header->update, __ATOMIC_ACQUIRE);
		if (!(update & 1)) {
			memcpy(&copy, header, sizeof(copy));
			memcpy(index, device->map + header->index_offset,
			       count * sizeof(*index));
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			if (__atomic_load_n(&header->update, __ATOMIC_RELAXED) == update)
				return copy;
		}
		if (++tries % KVMCAP_UPDATE_RETRIES == 0)
			usleep(1000);
	}
}

struct kvmcap_header device_header(const struct device *device)
{
	struct kvmcap_tile none;

	return device_index(device, &none, 0);
}

struct kvmcap_stats device_stats(const struct device *device)
{
	struct kvmcap_stats stats;

	if (ioctl(device->fd, KVMCAP_IOC_STATS, &stats))
		die("KVMCAP_IOC_STATS");
	return stats;
}

int device_ack(const struct device *device, uint64_t sequence, uint32_t flags)
{
	struct kvmcap_ack ack = { .sequence = sequence, .flags = flags };

	return ioctl(device->fd, KVMCAP_IOC_ACK, &ack);
}

short device_poll(const struct device *device, short events)
{
	struct pollfd pollfd = { .fd = device->fd, .events = events };

	if (poll(&pollfd, 1, DEVICE_WAIT_MS) < 0)
		die("poll");
	return pollfd.revents;
}

bool has_signal(const struct kvmcap_header *header, uint64_t signal)
{
	return header->signal == signal;
}

bool has_width(const struct kvmcap_header *header, uint64_t width)
{
	return header->signal == KVMCAP_SIGNAL_OK && header->mode.width == width;
}

bool has_committed(const struct kvmcap_header *header, uint64_t sequence)
{
	return header->committed >= sequence;
}

bool device_until(const struct device *device,
		  bool (*arrived)(const struct kvmcap_header *header, uint64_t value),
		  uint64_t value)
{
	struct pollfd pollfd = { .fd = device->fd, .events = POLLIN };
	long end = now_ms() + DEVICE_WAIT_MS;
	struct kvmcap_header header;

	while (now_ms() < end) {
		header = device_header(device);
		if (arrived(&header, value))
			return true;
		if (device_ack(device, header.committed, KVMCAP_ACK_ARM) && errno != EINVAL)
			die("KVMCAP_IOC_ACK");
		poll(&pollfd, 1, (int)(end - now_ms()));
	}
	return false;
}

bool device_picture(const struct device *device)
{
	uint64_t committed = device_header(device).committed;

	screen_change(device);
	return device_until(device, has_committed, committed + 1) &&
	       device_until(device, has_signal, KVMCAP_SIGNAL_OK);
}

bool device_captures(const struct device *device, unsigned int count)
{
	uint64_t wanted = device_stats(device).captures + count;
	long end = now_ms() + DEVICE_WAIT_MS;

	while (now_ms() < end) {
		if (device_stats(device).captures >= wanted)
			return true;
		if (device_ack(device, device_header(device).committed, KVMCAP_ACK_ARM))
			die("KVMCAP_IOC_ACK");
		usleep(LOOK_MS * 1000);
	}
	return false;
}

/* --- the screen ---------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(path);
	close(fd);
}

void fake_set(const char *name, long value)
{
	char path[128];
	char text[32];

	snprintf(path, sizeof(path), FAKE "%s", name);
	snprintf(text, sizeof(text), "%ld", value);
	write_file(path, text);
}

long fake_get(const char *name)
{
	char path[128];
	long value;
	FILE *file;

	snprintf(path, sizeof(path), FAKE "%s", name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%ld", &value) != 1)
		die(path);
	fclose(file);
	return value;
}

static void sim_set(unsigned int width, unsigned int height, bool signal)
{
	struct kvmcap_sim_mode mode = {
		.width = width,
		.height = height,
		.signal = signal,
	};
	int fd = open(SIM, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, KVMCAP_SIM_IOC_SET_MODE, &mode))
		die(SIM);
	close(fd);
}

static struct kvmcap_sim_mode sim_get(void)
{
	struct kvmcap_sim_mode mode;
	int fd = open(SIM, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, KVMCAP_SIM_IOC_GET_MODE, &mode))
		die(SIM);
	close(fd);
	return mode;
}

/* Noise, another one each time. */
static void sim_noise(void)
{
	static uint32_t state;
	struct kvmcap_sim_mode mode = sim_get();
	size_t pixels = (size_t)mode.width * mode.height;
	uint32_t *noise = malloc(pixels * sizeof(*noise));
	int fd = open(SIM, O_RDWR | O_CLOEXEC);
	size_t i;

	if (!noise || fd < 0)
		die(SIM);
	if (!state)
		state = (uint32_t)now_ms() | 1;
	for (i = 0; i < pixels; i++) {
		state = state * 1664525 + 1013904223;
		noise[i] = state >> 8;
	}
	if (pwrite(fd, noise, pixels * sizeof(*noise), 0) != (ssize_t)(pixels * sizeof(*noise)))
		die(SIM);
	close(fd);
	free(noise);
}

void screen_reset(const struct device *device)
{
	static const struct {
		const char *name;
		long value;
	} defaults[] = {
		{ "width", 640 }, { "height", 480 }, { "detect_error", 0 },
		{ "restless", 0 },
		{ "power_error", 0 }, { "start_error", 0 },
		{ "capture_error", 0 }, { "capture_stop", 0 }, { "answers", 1 },
		{ "late_ms", 0 }, { "changes", 0 }, { "still", 0 },
		{ "reserve", 1 }, { "fall_back", 0 }, { "allocate", 0 }, { "tile_bytes", 512 },
	};
	size_t i;

	if (!device->fake) {
		sim_set(640, 480, true);
		return;
	}
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		fake_set(defaults[i].name, defaults[i].value);
}

void screen_mode(const struct device *device, unsigned int width, unsigned int height)
{
	if (!device->fake) {
		sim_set(width, height, true);
		return;
	}
	fake_set("width", width);
	fake_set("height", height);
	fake_set("signal_changed", 1);
}

void screen_signal(const struct device *device, bool on)
{
	struct kvmcap_sim_mode mode;

	if (device->fake) {
		fake_set("detect_error", on ? 0 : -ENOLINK);
		fake_set("signal_changed", 1);
		return;
	}
	mode = sim_get();
	sim_set(mode.width, mode.height, on);
}

void screen_change(const struct device *device)
{
	if (device->fake)
		fake_set("refill", 1);
	else
		sim_noise();
}

/* --- tracing ---------------------------------------------------------------- */

bool trace_start(void)
{
	int fd;

	if (access(TRACEFS "events/kvmcap", F_OK))
		return false;
	fd = open(TRACEFS "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	write_file(TRACEFS "events/kvmcap/enable", "1");
	return true;
}

static char *read_trace_file(const char *path)
{
	char *text = calloc(1, TRACE_BYTES);
	FILE *file = fopen(path, "re");

	if (!text || !file || !fread(text, 1, TRACE_BYTES - 1, file)) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

char *trace_format(const char *event)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), TRACEFS "events/kvmcap/%s/format", event);
	return read_trace_file(path);
}

char *trace_stop(void)
{
	write_file(TRACEFS "events/kvmcap/enable", "0");
	return read_trace_file(TRACEFS "trace");
}

/* --- the engine's driver -------------------------------------------------- */

/* Kept from the unbinding: where to bind again, and what. */
static char driver_path[PATH_MAX];
static char engine_name[NAME_MAX + 1];

bool engine_unbind(void)
{
	char device_path[PATH_MAX];
	char path[PATH_MAX + 16];

	if (!realpath(DEVICE_SYSFS, device_path) ||
	    !realpath(DEVICE_SYSFS "/driver", driver_path))
		return false;
	snprintf(engine_name, sizeof(engine_name), "%s", strrchr(device_path, '/') + 1);
	snprintf(path, sizeof(path), "%s/unbind", driver_path);
	write_file(path, engine_name);
	return true;
}

const char *engine_bound_name(void)
{
	return engine_name;
}

const char *engine_bind_path(void)
{
	static char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/bind", driver_path);
	return path;
}

bool engine_bind(void)
{
	write_file(engine_bind_path(), engine_name);
	return access(DEVICE, F_OK) == 0;
}
