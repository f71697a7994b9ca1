/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening the devices, with a sentence about what went wrong.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_DEVICE_H
#define KVMCAPCTL_DEVICE_H

#include <kvmcap.h>
#include <linux/kvmcap-sim.h>

#include "kvmcapctl.h"

/* Return: enum status, having complained unless it is STATUS_OK. */
int open_capture(const struct options *options, struct kvmcap_source **source);

/* As above; the simulated screen's descriptor goes to @fd, its mode to @mode. */
int open_sim(const struct options *options, int *fd, struct kvmcap_sim_mode *mode);

/* Return: STATUS_DEVICE where @error is about the device itself, or STATUS_FAILED. */
int error_status(int error);

#endif
