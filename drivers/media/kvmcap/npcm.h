/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Nuvoton engine as part of the module.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_H
#define KVMCAP_NPCM_H

/**
 * kvmcap_npcm_register() - look for Nuvoton video engines from now on
 *
 * Return: 0 or a negative errno.
 */
int kvmcap_npcm_register(void);

/**
 * kvmcap_npcm_unregister() - let go of all of them
 */
void kvmcap_npcm_unregister(void);

#endif
