/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ASPEED engine as part of the module.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_H
#define KVMCAP_ASPEED_H

/**
 * kvmcap_aspeed_register() - look for ASPEED video engines from now on
 *
 * Return: 0 or a negative errno.
 */
int kvmcap_aspeed_register(void);

/**
 * kvmcap_aspeed_unregister() - let go of all of them
 */
void kvmcap_aspeed_unregister(void);

#endif
