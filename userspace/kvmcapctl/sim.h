/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sim commands share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_SIM_H
#define KVMCAPCTL_SIM_H

#include <linux/kvmcap-sim.h>

#include "kvmcapctl.h"

#define SIM_SIDE_MIN	64	/* pixels, see struct kvmcap_sim_mode */

bool sim_size_possible(unsigned int width, unsigned int height);

/* Return: enum status, having complained unless it is STATUS_OK. */
int sim_set_mode(const struct options *options, int fd, struct kvmcap_sim_mode *mode);

#endif
