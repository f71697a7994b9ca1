/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands of kvmcapctl share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_H
#define KVMCAPCTL_H

#include <stdbool.h>

#define KVMCAPCTL_VERSION	"0.1.0"

#define SIM_DEVICE_DEFAULT	"/dev/kvmcap-sim0"

/* Exit statuses, as in Documentation/admin-guide/kvmcapctl.rst. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,	/* anything that has no status of its own */
	STATUS_USAGE = 2,	/* the command line was wrong */
	STATUS_DEVICE = 3,	/* the device is missing, closed to us, or another */
	STATUS_NO_PICTURE = 4,	/* there was no picture in time */
	STATUS_INPUT = 5,	/* what came in on standard input was malformed */
};

/**
 * struct options - the command line
 * @device: --device, NULL if not given
 * @json: --json
 * @loop: --loop
 * @fps: --fps, images in a second
 * @timeout: --timeout, seconds
 */
struct options {
	const char *device;
	bool json;
	bool loop;
	unsigned int fps;
	unsigned int timeout;
};

/**
 * typedef command_fn - run a command
 * @options: the command line's options
 * @argument: what follows the command's name, NULL if nothing does
 *
 * Return: enum status.
 */
typedef int command_fn(const struct options *options, const char *argument);

command_fn command_state;
command_fn command_screenshot;
command_fn command_sim_mode;
command_fn command_sim_signal;
command_fn command_sim_play;

/* Say "kvmcapctl: ..." on standard error. Return: @status. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
