// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvmcap-sim: hosts that do not exist, and the video engines that look at them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/err.h>
#include <linux/module.h>

#include "sim.h"

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "Number of hosts, 1 to 8 (default 1, or as many as soc= has)");

static char *soc[KVMCAP_SIM_DEVICES_MAX] = { "ast2600" };
static unsigned int soc_count = 1;
module_param_array(soc, charp, &soc_count, 0444);
MODULE_PARM_DESC(soc, "Whose engine, of each host, the last one of all further ones: ast2400, ast2500, ast2600 (default), npcm750 or npcm845");

static unsigned long mmio;
module_param(mmio, ulong, 0444);
MODULE_PARM_DESC(mmio, "Address of the engine in the device tree, which then has its device too (UML only; cannot be unloaded)");

unsigned int kvmcap_sim_refresh = 60;
module_param_named(refresh, kvmcap_sim_refresh, uint, 0444);
MODULE_PARM_DESC(refresh, "Refresh rate of the screens, 1 to 240 Hz (default 60)");

static struct kvmcap_sim *sims[KVMCAP_SIM_DEVICES_MAX];

static void destroy_all(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sims); i++)
		if (sims[i])
			kvmcap_sim_destroy(sims[i]);
}

static unsigned int host_count(void)
{
	return max(devices, soc_count);
}

static int check_parameters(void)
{
	if (!devices || devices > KVMCAP_SIM_DEVICES_MAX) {
		pr_err("kvmcap-sim: devices is %u, not 1 to %u\n", devices,
		       KVMCAP_SIM_DEVICES_MAX);
		return -EINVAL;
	}
	if (mmio && host_count() > 1) {
		pr_err("kvmcap-sim: with mmio there is one host only\n");
		return -EINVAL;
	}
	if (!kvmcap_sim_refresh || kvmcap_sim_refresh > KVMCAP_SIM_REFRESH_MAX) {
		pr_err("kvmcap-sim: refresh is %u, not 1 to %u\n",
		       kvmcap_sim_refresh, KVMCAP_SIM_REFRESH_MAX);
		return -EINVAL;
	}
	return 0;
}

static const struct kvmcap_sim_model *
find_in(const struct kvmcap_sim_model *models, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(models[i].name, name))
			return &models[i];
	return NULL;
}

/* The model for host @index. */
static const struct kvmcap_sim_model *find_model(unsigned int index)
{
	const char *name = soc[min(index, soc_count - 1)];
	const struct kvmcap_sim_model *model;

	model = find_in(kvmcap_sim_aspeed, ARRAY_SIZE(kvmcap_sim_aspeed), name);
	if (!model)
		model = find_in(kvmcap_sim_npcm, ARRAY_SIZE(kvmcap_sim_npcm), name);
	if (!model)
		pr_err("kvmcap-sim: there is no %s\n", name);
	return model;
}

static int create(unsigned int index)
{
	const struct kvmcap_sim_model *model = find_model(index);
	struct kvmcap_sim *sim;

	if (!model)
		return -EINVAL;
	sim = kvmcap_sim_create(index, model, mmio);
	if (IS_ERR(sim)) {
		pr_err("kvmcap-sim: host %u cannot be made: %pe\n", index, sim);
		return PTR_ERR(sim);
	}
	sims[index] = sim;
	return 0;
}

static int publish_all(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < host_count(); i++) {
		err = kvmcap_sim_screen_publish(sims[i]);
		if (err) {
			pr_err("kvmcap-sim: screen %u cannot be had: %d\n", i, err);
			goto unpublish;
		}
	}
	return 0;

unpublish:
	while (i--)
		kvmcap_sim_screen_unpublish(sims[i]);
	return err;
}

static void unpublish_all(void)
{
	unsigned int i;

	for (i = 0; i < host_count(); i++)
		kvmcap_sim_screen_unpublish(sims[i]);
}

/* With mmio there is one host only. */
static int open_window(void)
{
	int err;

	if (!mmio)
		return 0;
	err = kvmcap_sim_window_init(sims[0]);
	if (err)
		pr_err("kvmcap-sim: no window at 0x%lx: %d\n", mmio, err);
	return err;
}

/*
 * The screens can be opened last, when nothing else can fail: one that has been
 * opened keeps a module from being unloaded, but not a load from failing. Nor does
 * the window of memory, which cannot be closed again.
 */
static int __init kvmcap_sim_init(void)
{
	unsigned int i;
	int err;

	err = check_parameters();
	if (err)
		return err;
	for (i = 0; i < host_count(); i++) {
		err = create(i);
		if (err)
			goto destroy;
	}
	err = publish_all();
	if (err)
		goto destroy;
	err = open_window();
	if (err)
		goto unpublish;
	kvmcap_sim_screens_ready();
	return 0;

unpublish:
	unpublish_all();
destroy:
	destroy_all();
	return err;
}
module_init(kvmcap_sim_init);

static void __exit kvmcap_sim_exit(void)
{
	unpublish_all();
	destroy_all();
}
module_exit(kvmcap_sim_exit);

MODULE_DESCRIPTION("Models of BMCs' video engines, and screens for them");
MODULE_AUTHOR("The kvmcap authors");
MODULE_LICENSE("GPL");
