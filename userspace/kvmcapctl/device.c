// SPDX-License-Identifier: Apache-2.0
/*
 * Opening the devices, with a sentence about what went wrong.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A path and a sentence fit. */
#define EXPLANATION_SIZE	(4096 + 256)

int error_status(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
	case -EACCES:
	case -EPERM:
	case -ENOTTY:
	case -EINVAL:
	case -EPROTO:
		return STATUS_DEVICE;
	default:
		return STATUS_FAILED;
	}
}

int open_capture(const struct options *options, struct kvmcap_source **source)
{
	char text[EXPLANATION_SIZE];
	int err = kvmcap_open(source, options->device, false);

	if (!err)
		return STATUS_OK;
	kvmcap_explain(options->device, err, text, sizeof(text));
	return complain(error_status(err), "%s", text);
}

static int explain_sim(const char *path, int error)
{
	switch (error) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		return complain(STATUS_DEVICE, "%s: no such device: is kvmcap-sim.ko loaded?",
				path);
	case -EACCES:
	case -EPERM:
		return complain(STATUS_DEVICE, "%s: permission denied: run as root, or as a member of the device's group",
				path);
	case -ENOTTY:
	case -EINVAL:
	case -EISDIR:
		return complain(STATUS_DEVICE, "%s: not a simulated screen of kvmcap-sim", path);
	default:
		return complain(STATUS_FAILED, "%s: %s", path, strerror(-error));
	}
}

int open_sim(const struct options *options, int *fd, struct kvmcap_sim_mode *mode)
{
	const char *path = options->device ? options->device : SIM_DEVICE_DEFAULT;
	int err;

	*fd = open(path, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return explain_sim(path, -errno);
	memset(mode, 0, sizeof(*mode));
	if (!ioctl(*fd, KVMCAP_SIM_IOC_GET_MODE, mode))
		return STATUS_OK;
	err = -errno;
	close(*fd);
	return explain_sim(path, err);
}
