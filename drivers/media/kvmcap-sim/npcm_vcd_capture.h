/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the modelled VCD does with pixels; between its own files.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_VCD_CAPTURE_H
#define KVMCAP_NPCM_VCD_CAPTURE_H

#include "npcm_vcd_model.h"

/**
 * npcm_vcd_raise() - set bits of the status
 * @vcd: the engine
 * @status: VCD_STATUS_*
 */
void npcm_vcd_raise(struct npcm_vcd *vcd, u32 status);

/**
 * npcm_vcd_watch() - tell if the signal's timing is not what it was
 * @vcd: the engine
 */
void npcm_vcd_watch(struct npcm_vcd *vcd);

/**
 * npcm_vcd_can_keep_up() - whether the FIFO does not overrun
 * @vcd: the engine
 *
 * Return: whether the memory's bandwidth is enough for the signal.
 */
bool npcm_vcd_can_keep_up(const struct npcm_vcd *vcd);

/**
 * npcm_vcd_capture_begin() - an operation was started
 * @vcd: the engine; nothing happens unless it is idle and can do it
 */
void npcm_vcd_capture_begin(struct npcm_vcd *vcd);

/**
 * npcm_vcd_capture_step() - capture or compare a row of blocks
 * @vcd: the engine, busy
 */
void npcm_vcd_capture_step(struct npcm_vcd *vcd);

#endif
