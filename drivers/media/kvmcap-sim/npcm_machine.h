/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the models of Nuvoton's engines are built into, and what goes wrong.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_MACHINE_H
#define KVMCAP_NPCM_MACHINE_H

#include "pure.h"
#include "npcm_regs.h"

/**
 * struct npcm_machine - what the models are built into
 * @memory: where @length bytes at bus address @address are; NULL if there is no
 *	memory. What it returns is used until the model's function returns.
 * @interrupt: the VCD's interrupt line changed to @level
 */
struct npcm_machine {
	u8 *(*memory)(void *context, u32 address, size_t length);
	void (*interrupt)(void *context, bool level);
};

/* What goes wrong, bits. They mean the same as those of aspeed_ve_model.h. */
#define NPCM_FAULT_SILENT	(1 << 0) /* a capture never ends */
#define NPCM_FAULT_SPURIOUS	(1 << 1) /* raises interrupts not enabled */
#define NPCM_FAULT_GARBLED	(1 << 3) /* bytes of the Hextile are others */
#define NPCM_FAULT_SIZE		(1 << 4) /* the size is beyond everything */
#define NPCM_FAULT_UNSTABLE	(1 << 5) /* the timing changes on and on */
#define NPCM_FAULT_OVERRUN	(1 << 16) /* each capture overruns the FIFO */
#define NPCM_FAULT_STUCK	(1 << 17) /* the ECE never gets ready */
#define NPCM_FAULTS_ALL		0x3003b

/* What registers of a unit read as that is in reset. */
#define NPCM_DEAD	0xffffffff

#endif
