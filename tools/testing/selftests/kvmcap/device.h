/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /dev/kvmcap0 as the selftests use it, and the screen behind it: that of
 * kvmcap-sim, or the engine of kvmcap_fake.ko.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef SELFTEST_DEVICE_H
#define SELFTEST_DEVICE_H

#include <linux/kvmcap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEVICE		"/dev/kvmcap0"
#define DEVICE_SYSFS	"/sys/class/kvmcap/kvmcap0/device"

/* No wait for the driver takes longer; none is expected to come near it. */
#define DEVICE_WAIT_MS	20000

/**
 * struct device - a descriptor and its mapping
 * @fd: of the device
 * @map: all of it, or NULL
 * @size: bytes of @map
 * @fake: the engine is kvmcap_fake's
 */
struct device {
	int fd;
	uint8_t *map;
	size_t size;
	bool fake;
};

/* Opens and maps; false when that fails. @flags: O_RDONLY, O_RDWR. */
bool device_open(struct device *device, int flags);
void device_close(struct device *device);

/* The header as of one moment, by the protocol in <linux/kvmcap.h>. */
struct kvmcap_header device_header(const struct device *device);

/* The header and @count entries of the index as of one moment. */
struct kvmcap_header device_index(const struct device *device,
				  struct kvmcap_tile *index, size_t count);

struct kvmcap_stats device_stats(const struct device *device);
int device_ack(const struct device *device, uint64_t sequence, uint32_t flags);

/* Waits for any of @events; what there is of them, 0 after DEVICE_WAIT_MS. */
short device_poll(const struct device *device, short events);

/*
 * Acknowledges what there is and arms, until @arrived says so of the header;
 * false after DEVICE_WAIT_MS.
 */
bool device_until(const struct device *device,
		  bool (*arrived)(const struct kvmcap_header *header, uint64_t value),
		  uint64_t value);

/* Conditions for device_until(). */
bool has_signal(const struct kvmcap_header *header, uint64_t signal);
bool has_width(const struct kvmcap_header *header, uint64_t width);
bool has_committed(const struct kvmcap_header *header, uint64_t sequence);

/* A picture, tiles and all. */
bool device_picture(const struct device *device);

/* Armed, with nothing new to be seen, until @count more captures were made. */
bool device_captures(const struct device *device, unsigned int count);

/* As it is after loading: 640x480, a signal, nothing that changes. */
void screen_reset(const struct device *device);
void screen_mode(const struct device *device, unsigned int width, unsigned int height);
void screen_signal(const struct device *device, bool on);

/* All of the picture is another at the next capture. */
void screen_change(const struct device *device);

/* kvmcap_fake's parameters. */
void fake_set(const char *name, long value);
long fake_get(const char *name);

/* Unbinds or binds the engine's driver; false when that fails. */
bool engine_unbind(void);
bool engine_bind(void);

/* Traces what kvmcap does; false if the kernel cannot. */
bool trace_start(void);

/* How an event of kvmcap is shown, to be freed; NULL if that cannot be had. */
char *trace_format(const char *event);

/* What it did, as text, to be freed; NULL if that cannot be had. */
char *trace_stop(void);

/* What engine_bind() writes, and where. */
const char *engine_bound_name(void);
const char *engine_bind_path(void);

#endif
