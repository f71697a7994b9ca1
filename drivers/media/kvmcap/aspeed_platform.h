/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How an ASPEED video engine is described where there is no device tree.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_PLATFORM_H
#define KVMCAP_ASPEED_PLATFORM_H

#include <linux/align.h>
#include <linux/types.h>

#include "aspeed_regs.h"
#include "aspeed_tables.h"

/*
 * Memory of an engine, taken once for the largest mode: two source buffers of
 * four bytes a pixel, compressed data, a byte for each block of 8x8 pixels (block
 * change detection), and the table of JPEG headers. Noise at
 * 1920x1200 and quality 80 comes to 1.5 MB in 4:2:0; in 4:4:4, to 2.9 MB, it is
 * captured with a lower quality.
 */
#define KVMCAP_ASPEED_SOURCE_SIZE	\
	(ALIGN(VE_WIDTH_MAX, VE_CAPTURE_ALIGN) * ALIGN(VE_HEIGHT_MAX, 8) * 4)
#define KVMCAP_ASPEED_COMPRESSED_SIZE	0x200000
#define KVMCAP_ASPEED_BCD_SIZE		\
	ALIGN(VE_WIDTH_MAX / 8 * (VE_HEIGHT_MAX / 8), 0x1000)
#define KVMCAP_ASPEED_MEMORY_SIZE	\
	(2 * KVMCAP_ASPEED_SOURCE_SIZE + KVMCAP_ASPEED_COMPRESSED_SIZE + \
	 KVMCAP_ASPEED_BCD_SIZE + KVMCAP_ASPEED_HEADER_TABLE_SIZE)

/**
 * struct kvmcap_aspeed_platform - platform data of a simulated engine
 * @memory: KVMCAP_ASPEED_MEMORY_SIZE bytes that the engine and the processor see
 * @address: @memory's bus address
 *
 * The engine's registers are the regmap of the device's parent.
 */
struct kvmcap_aspeed_platform {
	void *memory;
	dma_addr_t address;
};

/* Names of the platform devices, by SoC. */
#define KVMCAP_ASPEED_AST2400	"kvmcap-ast2400"
#define KVMCAP_ASPEED_AST2500	"kvmcap-ast2500"
#define KVMCAP_ASPEED_AST2600	"kvmcap-ast2600"

#endif
