// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs, kvmcap-simN/: how to make the engine fail, for tests.
 *
 *	faults		what goes wrong, the model's bits
 *	delay_ms	how much later all of its work is done
 *	bad_addresses	how often it was sent where there is no memory
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/debugfs.h>
#include <linux/fs.h>

#include "sim.h"

static int faults_get(void *data, u64 *value)
{
	*value = kvmcap_sim_faults(data);
	return 0;
}

static int faults_set(void *data, u64 value)
{
	struct kvmcap_sim *sim = data;

	if (value & ~(u64)sim->model->faults_all)
		return -EINVAL;
	kvmcap_sim_set_faults(sim, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(faults_fops, faults_get, faults_set, "0x%llx\n");

static int delay_get(void *data, u64 *value)
{
	struct kvmcap_sim *sim = data;

	*value = READ_ONCE(sim->delay_ms);
	return 0;
}

static int delay_set(void *data, u64 value)
{
	struct kvmcap_sim *sim = data;

	if (value > KVMCAP_SIM_DELAY_MAX_MS)
		return -EINVAL;
	WRITE_ONCE(sim->delay_ms, value);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(delay_fops, delay_get, delay_set, "%llu\n");

void kvmcap_sim_debug_init(struct kvmcap_sim *sim)
{
	sim->debug = debugfs_create_dir(sim->name, NULL);
	debugfs_create_file_unsafe("faults", 0600, sim->debug, sim, &faults_fops);
	debugfs_create_file_unsafe("delay_ms", 0600, sim->debug, sim, &delay_fops);
	debugfs_create_u32("bad_addresses", 0400, sim->debug,
			   &sim->bad_addresses);
}

void kvmcap_sim_debug_exit(struct kvmcap_sim *sim)
{
	debugfs_remove_recursive(sim->debug);
}
