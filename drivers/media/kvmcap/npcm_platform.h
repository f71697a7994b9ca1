/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a Nuvoton video engine is described where there is no device tree.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_PLATFORM_H
#define KVMCAP_NPCM_PLATFORM_H

#include <linux/sizes.h>
#include <linux/types.h>

#include "npcm_regs.h"

/*
 * Memory of an engine, taken once for the largest mode: the frame buffer, of the
 * longest lines, and what the ECE makes of a row of tiles: no subrectangle of
 * Hextile takes more than 1 + 2 + 1 + 255 * 4 bytes.
 */
#define KVMCAP_NPCM_FRAME_SIZE		0x500000
#define KVMCAP_NPCM_OUTPUT_SIZE		0x20000
#define KVMCAP_NPCM_MEMORY_SIZE		\
	(KVMCAP_NPCM_FRAME_SIZE + KVMCAP_NPCM_OUTPUT_SIZE)

/**
 * enum kvmcap_npcm_unit - what has a reset of its own
 * @KVMCAP_NPCM_VCD: video capture and differentiation
 * @KVMCAP_NPCM_ECE: encoding compression
 */
enum kvmcap_npcm_unit {
	KVMCAP_NPCM_VCD,
	KVMCAP_NPCM_ECE,
};

/*
 * Names of the parent's regmaps, as in regmap_config.name: offsets are those of
 * npcm_regs.h, and what is read or written beyond what is there is nobody's.
 */
#define KVMCAP_NPCM_REGS_VCD	"vcd"
#define KVMCAP_NPCM_REGS_ECE	"ece"
#define KVMCAP_NPCM_REGS_GCR	"gcr"
#define KVMCAP_NPCM_REGS_GFXI	"gfxi"

/**
 * struct kvmcap_npcm_platform - platform data of a simulated engine
 * @memory: KVMCAP_NPCM_MEMORY_SIZE bytes that the engine and the processor see
 * @address: @memory's bus address
 * @reset: asserts or deasserts a unit's reset
 * @context: for @reset
 *
 * The engine's registers are the four regmaps of the device's parent, by the
 * names above; its interrupt is the device's only one. No clocks.
 */
struct kvmcap_npcm_platform {
	void *memory;
	dma_addr_t address;
	void (*reset)(void *context, enum kvmcap_npcm_unit unit, bool asserted);
	void *context;
};

/* Names of the platform devices, by SoC. */
#define KVMCAP_NPCM_NPCM750	"kvmcap-npcm750"
#define KVMCAP_NPCM_NPCM845	"kvmcap-npcm845"

#endif
