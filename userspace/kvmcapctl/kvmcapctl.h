/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands of kvmcapctl share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_H
#define KVMCAPCTL_H

#include <kvmcap.h>
#include <stdbool.h>
#include <stdint.h>

#define KVMCAPCTL_VERSION	"0.1.0"

#define SIM_DEVICE_DEFAULT	"/dev/kvmcap-sim0"

/* Exit statuses, as in Documentation/admin-guide/kvmcapctl.rst. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,	/* anything that has no status of its own */
	STATUS_USAGE = 2,	/* the command line was wrong */
	STATUS_DEVICE = 3,	/* the device is missing, closed to us, or another */
	STATUS_NO_PICTURE = 4,	/* it, or what else was waited for, was not there in time */
	STATUS_INPUT = 5,	/* what came in on standard input was malformed */
};

/**
 * struct options - the command line
 * @device: --device, NULL if not given
 * @json: --json
 * @png: --png
 * @loop: --loop, of sim play
 * @once: --once
 * @fps: --fps, images in a second, 0 if not given
 * @timeout: --timeout, seconds
 * @frames: --frames, 0 if not given
 * @interval_ns: --interval
 * @duration_ns: --duration, 0 if not given
 * @for_ns: --for
 * @ring: --ring, bytes, 0 if not given
 * @keep_ns: --keep-last, 0 if not given
 * @region: --region, of no width if not given
 * @replay: --from, --speed, --paused, --loop
 * @rest: words behind the command and its argument
 * @rest_count: how many
 */
struct options {
	const char *device;
	bool json;
	bool png;
	bool loop;
	bool once;
	unsigned int fps;
	unsigned int timeout;
	unsigned int frames;
	uint64_t interval_ns;
	uint64_t duration_ns;
	uint64_t for_ns;
	uint64_t ring;
	uint64_t keep_ns;
	struct kvmcap_pixels region;
	struct kvmcap_replay_options replay;
	char **rest;
	unsigned int rest_count;
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
command_fn command_top;
command_fn command_screenshot;
command_fn command_wait_signal;
command_fn command_wait_nosignal;
command_fn command_wait_mode;
command_fn command_wait_change;
command_fn command_wait_stable;
command_fn command_record;
command_fn command_info;
command_fn command_play;
command_fn command_export;
command_fn command_sim_mode;
command_fn command_sim_signal;
command_fn command_sim_play;

/* Say "kvmcapctl: ..." on standard error. Return: @status. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
