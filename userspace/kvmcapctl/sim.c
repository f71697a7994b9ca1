// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl sim: the screen of a host that does not exist.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"

static const char *device_name(const struct options *options)
{
	return options->device ? options->device : SIM_DEVICE_DEFAULT;
}

int sim_set_mode(const struct options *options, int fd, struct kvmcap_sim_mode *mode)
{
	struct kvmcap_sim_mode set = *mode;

	set.vram_size = 0;
	if (!ioctl(fd, KVMCAP_SIM_IOC_SET_MODE, &set))
		return STATUS_OK;
	return complain(STATUS_FAILED, "%s: cannot set the mode %ux%u: %s", device_name(options),
			mode->width, mode->height, strerror(errno));
}

bool sim_size_possible(unsigned int width, unsigned int height)
{
	return width >= SIM_SIDE_MIN && width <= KVMCAP_SIM_WIDTH_MAX &&
	       height >= SIM_SIDE_MIN && height <= KVMCAP_SIM_HEIGHT_MAX;
}

/* "1024x768" and nothing else. */
static bool parse_size(const char *text, unsigned int *width, unsigned int *height)
{
	int used = 0;

	if (strspn(text, "0123456789x") != strlen(text))
		return false;
	if (sscanf(text, "%4ux%4u%n", width, height, &used) != 2 || text[used])
		return false;
	return sim_size_possible(*width, *height);
}

int command_sim_mode(const struct options *options, const char *argument)
{
	struct kvmcap_sim_mode mode;
	unsigned int width = 0, height = 0;
	int fd, status;

	if (argument && !parse_size(argument, &width, &height))
		return complain(STATUS_USAGE, "%s: a size is WIDTHxHEIGHT, from %ux%u to %ux%u",
				argument, SIM_SIDE_MIN, SIM_SIDE_MIN, KVMCAP_SIM_WIDTH_MAX,
				KVMCAP_SIM_HEIGHT_MAX);
	status = open_sim(options, &fd, &mode);
	if (status)
		return status;
	if (argument) {
		mode.width = width;
		mode.height = height;
		status = sim_set_mode(options, fd, &mode);
	} else {
		printf("%ux%u, signal %s\n", mode.width, mode.height, mode.signal ? "on" : "off");
	}
	close(fd);
	return status;
}

int command_sim_signal(const struct options *options, const char *argument)
{
	struct kvmcap_sim_mode mode;
	bool on = !strcmp(argument, "on");
	int fd, status;

	if (!on && strcmp(argument, "off"))
		return complain(STATUS_USAGE, "%s: the signal is on or off", argument);
	status = open_sim(options, &fd, &mode);
	if (status)
		return status;
	mode.signal = on;
	status = sim_set_mode(options, fd, &mode);
	close(fd);
	return status;
}
