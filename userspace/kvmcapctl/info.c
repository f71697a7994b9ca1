// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl info and play: what a recording is, and showing it to VNC clients.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "device.h"
#include "printer.h"
#include "recording.h"

#define RELAY		"kvm-relay"
#define RELAY_OPTIONS	10	/* ours; those of the command line come behind */

static int open_recording(const char *path, struct kvmcap_recording **recording)
{
	char text[PATH_MAX + 256];
	int err = kvmcap_recording_open(recording, path);

	if (!err)
		return STATUS_OK;
	if (err == -ENOENT)
		return complain(STATUS_DEVICE, "%s: no such recording", path);
	kvmcap_explain(path, err, text, sizeof(text));
	return complain(error_status(err), "%s", text);
}

static void print_begin(struct printer *printer, uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_SECOND);
	struct tm broken;
	char text[64];

	if (gmtime_r(&seconds, &broken) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &broken))
		print_text(printer, "begun", text);
}

/* Reads all of it, to know what is damaged and what sizes there are. */
static int look_through(struct kvmcap_recording *recording, uint64_t *modes)
{
	struct kvmcap_recording_step step;
	struct kvmcap_mode mode = { 0 };
	int ret;

	*modes = 0;
	while ((ret = kvmcap_recording_next(recording, &step)) > 0) {
		if (!step.records.mode ||
		    !memcmp(&mode, &step.records.mode->mode, sizeof(mode)))
			continue;
		mode = step.records.mode->mode;
		(*modes)++;
	}
	return ret;
}

int command_info(const struct options *options, const char *argument)
{
	struct printer printer = { .json = options->json };
	const struct kvmcap_recording_info *info;
	struct kvmcap_recording *recording;
	int status = open_recording(argument, &recording), err;
	uint64_t modes;

	if (status)
		return status;
	info = kvmcap_recording_info(recording);
	err = look_through(recording, &modes);
	if (err) {
		status = complain(STATUS_FAILED, "%s: cannot read it: %s", argument,
				  strerror(-err));
	} else {
		print_text(&printer, "engine", info->engine);
		print_begin(&printer, info->realtime_ns);
		print_number(&printer, "duration_ms", info->duration_ns / NS_PER_MS);
		print_number(&printer, "frames", info->frames);
		print_number(&printer, "modes", modes);
		print_number(&printer, "snapshots", info->snapshots);
		print_number(&printer, "files", info->segments);
		print_number(&printer, "files_cut_off", info->cut);
		print_number(&printer, "chunks_damaged", info->damaged);
		print_number(&printer, "bytes", info->bytes);
		print_end(&printer);
	}
	kvmcap_recording_close(recording);
	return status;
}

/* The relay that was built or installed beside this program, if there is one. */
static void exec_sibling(char **arguments)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
	char *name;

	if (length <= 0 || length == sizeof(path))
		return;
	path[length] = '\0';
	name = strrchr(path, '/') + 1;
	if ((size_t)(path + sizeof(path) - name) < sizeof(RELAY))
		return;
	memcpy(name, RELAY, sizeof(RELAY));
	execv(path, arguments);
}

static int exec_relay(const struct options *options, const char *path)
{
	char from[32], speed[32], **arguments;
	unsigned int count = 0, i;
	int err;

	arguments = calloc(RELAY_OPTIONS + options->rest_count + 1, sizeof(*arguments));
	if (!arguments)
		return complain(STATUS_FAILED, "no memory");
	snprintf(from, sizeof(from), "--from=%" PRIu64 "ms",
		 (uint64_t)(options->replay.from_ns / NS_PER_MS));
	snprintf(speed, sizeof(speed), "--speed=%u.%03u", options->replay.speed / 1000,
		 options->replay.speed % 1000);
	arguments[count++] = (char *)RELAY;
	arguments[count++] = (char *)"--source";
	arguments[count++] = (char *)path;
	arguments[count++] = from;
	if (options->replay.speed)
		arguments[count++] = speed;
	if (options->replay.paused)
		arguments[count++] = (char *)"--paused";
	if (options->replay.loop)
		arguments[count++] = (char *)"--loop";
	for (i = 0; i < options->rest_count; i++)
		arguments[count++] = options->rest[i];
	exec_sibling(arguments);
	execvp(RELAY, arguments);
	err = errno;
	free(arguments);
	return complain(STATUS_FAILED, RELAY ": cannot start it: %s: it is installed with kvmcapctl",
			strerror(err));
}

int command_play(const struct options *options, const char *argument)
{
	struct kvmcap_recording *recording;
	int status = open_recording(argument, &recording);

	if (status)
		return status;
	kvmcap_recording_close(recording);
	return exec_relay(options, argument);
}
