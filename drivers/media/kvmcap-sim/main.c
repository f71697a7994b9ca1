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
MODULE_PARM_DESC(devices, "Number of hosts, 1 to 8 (default 1)");

static char *soc = "ast2600";
module_param(soc, charp, 0444);
MODULE_PARM_DESC(soc, "Whose engine: ast2400, ast2500 or ast2600 (default)");

static unsigned long mmio;
module_param(mmio, ulong, 0444);
MODULE_PARM_DESC(mmio, "Address of the engine in the device tree, which then has its device too (UML only; cannot be unloaded)");

unsigned int kvmcap_sim_refresh = 60;
module_param_named(refresh, kvmcap_sim_refresh, uint, 0444);
MODULE_PARM_DESC(refresh, "Refresh rate of the screens, 1 to 240 Hz (default 60)");

static const char * const soc_names[ASPEED_VE_SOCS] = {
	[ASPEED_VE_AST2400] = "ast2400",
	[ASPEED_VE_AST2500] = "ast2500",
	[ASPEED_VE_AST2600] = "ast2600",
};

static struct kvmcap_sim *sims[KVMCAP_SIM_DEVICES_MAX];

static void destroy_all(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sims); i++)
		if (sims[i])
			kvmcap_sim_destroy(sims[i]);
}

static int check_parameters(void)
{
	if (!devices || devices > KVMCAP_SIM_DEVICES_MAX) {
		pr_err("kvmcap-sim: devices is %u, not 1 to %u\n", devices,
		       KVMCAP_SIM_DEVICES_MAX);
		return -EINVAL;
	}
	if (mmio && devices > 1) {
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

static int __init kvmcap_sim_init(void)
{
	unsigned int i;
	int which, err;

	err = check_parameters();
	if (err)
		return err;
	which = match_string(soc_names, ARRAY_SIZE(soc_names), soc);
	if (which < 0) {
		pr_err("kvmcap-sim: there is no %s\n", soc);
		return -EINVAL;
	}

	for (i = 0; i < devices; i++) {
		struct kvmcap_sim *sim;

		sim = kvmcap_sim_create(i, which, mmio);
		if (IS_ERR(sim)) {
			pr_err("kvmcap-sim: host %u cannot be made: %pe\n", i, sim);
			destroy_all();
			return PTR_ERR(sim);
		}
		sims[i] = sim;
	}
	return 0;
}
module_init(kvmcap_sim_init);

static void __exit kvmcap_sim_exit(void)
{
	destroy_all();
}
module_exit(kvmcap_sim_exit);

MODULE_DESCRIPTION("Models of BMCs' video engines, and screens for them");
MODULE_AUTHOR("The kvmcap authors");
MODULE_LICENSE("GPL");
