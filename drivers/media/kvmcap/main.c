// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvmcap: a BMC's view of its host's screen, as tiles in memory.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/init.h>
#include <linux/module.h>

#include "aspeed.h"
#include "core.h"
#include "npcm.h"

static int __init kvmcap_init(void)
{
	int err;

	err = kvmcap_core_init();
	if (err)
		return err;

	err = kvmcap_aspeed_register();
	if (err)
		goto exit_core;

	err = kvmcap_npcm_register();
	if (err)
		goto exit_aspeed;

	return 0;

exit_aspeed:
	kvmcap_aspeed_unregister();
exit_core:
	kvmcap_core_exit();
	return err;
}
module_init(kvmcap_init);

static void __exit kvmcap_exit(void)
{
	kvmcap_npcm_unregister();
	kvmcap_aspeed_unregister();
	kvmcap_core_exit();
}
module_exit(kvmcap_exit);

MODULE_DESCRIPTION("Capture of a host's screen as compressed tiles");
MODULE_AUTHOR("The kvmcap authors");
MODULE_LICENSE("GPL");
