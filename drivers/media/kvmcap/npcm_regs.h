/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Registers of the Nuvoton NPCM7xx/8xx video capture and differentiation engine
 * (VCD), of the encoding compression engine (ECE), and of the two system units
 * (GCR, GFXI) that they depend on, as far as mainline's npcm-video driver uses
 * them. Offsets are from the start of each window.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_NPCM_REGS_H
#define KVMCAP_NPCM_REGS_H

#ifdef __KERNEL__
#include <linux/bitfield.h>
#include <linux/bits.h>
#else
#include "pure.h"
#ifndef GENMASK
#define GENMASK(high, low)	\
	((~0U << (low)) & (~0U >> (31 - (high))))
#define FIELD_SHIFT(mask)	((mask) & ~((mask) << 1))
#define FIELD_PREP(mask, value)	(((u32)(value) * FIELD_SHIFT(mask)) & (mask))
#define FIELD_GET(mask, value)	(((value) & (mask)) / FIELD_SHIFT(mask))
#endif
#endif

#define NPCM_WIDTH_MAX			1920	/* pixels */
#define NPCM_HEIGHT_MAX			1200
#define NPCM_PITCH_MIN			512	/* bytes of a line in memory */
#define NPCM_PITCH_MAX			4096
#define NPCM_BLOCK			16	/* pixels, both ways */

/* Video capture and differentiation. */
#define VCD_WINDOW			0x8060	/* bytes of registers */

#define VCD_DIFF_TABLE			0x0000	/* a bit for each block, LSB first */
#define VCD_DIFF_TABLE_STRIDE		64	/* bytes of a row of blocks */

#define VCD_FBA_ADDR			0x8000	/* frame buffers */
#define VCD_FBB_ADDR			0x8004

#define VCD_PITCH			0x8008	/* bytes */
#define  VCD_PITCH_FBA			GENMASK(15, 0)
#define  VCD_PITCH_FBB			GENMASK(31, 16)

#define VCD_RESOLUTION			0x800c
#define  VCD_RESOLUTION_HEIGHT		GENMASK(10, 0)
#define  VCD_RESOLUTION_WIDTH		GENMASK(26, 16)

#define VCD_MODE			0x8014
#define  VCD_MODE_ENABLE		BIT(0)
#define  VCD_MODE_RGB565		BIT(1)
#define  VCD_MODE_IDBC			BIT(3)
#define  VCD_MODE_BANDWIDTH		BIT(16)	/* more of the memory's */

#define VCD_COMMAND			0x8018
#define  VCD_COMMAND_GO			BIT(0)
#define  VCD_COMMAND_RESET		BIT(1)	/* state machines and FIFOs */
#define  VCD_COMMAND_OPERATION		GENMASK(6, 4)
#define   VCD_OPERATION_CAPTURE		0
#define   VCD_OPERATION_COMPARE		2

#define VCD_STATUS			0x801c	/* cleared by writing ones */
#define VCD_INTERRUPT_ENABLE		0x8020	/* the same bits */
#define  VCD_STATUS_DONE		BIT(0)
#define  VCD_STATUS_FIFO_THRESHOLD	BIT(2)
#define  VCD_STATUS_FIFO_OVERRUN	BIT(3)
#define  VCD_STATUS_VERTICAL_CHANGED	BIT(5)
#define  VCD_STATUS_LINE_CHANGED	BIT(8)
#define  VCD_STATUS_BUSY		BIT(30)
#define  VCD_STATUS_CLEAR		GENMASK(13, 0)

#define VCD_CHANGE			0x8028
#define  VCD_CHANGE_IGNORED		GENMASK(2, 0)
#define  VCD_CHANGE_PRESCALER		GENMASK(12, 9)

#define VCD_VERTICAL_TIME		0x8044	/* measured now */
#define VCD_VERTICAL_LAST		0x8048	/* what it is compared with */
#define  VCD_VERTICAL			GENMASK(23, 0)

#define VCD_LINE_TIME			0x804c
#define VCD_LINE_LAST			0x8050
#define  VCD_LINE			GENMASK(13, 0)

#define VCD_FIFO			0x805c
#define  VCD_FIFO_THRESHOLDS		0x100350ff

/* Encoding compression. */
#define ECE_WINDOW			0x004c

#define ECE_CTRL			0x0000
#define  ECE_CTRL_ENABLE		BIT(0)
#define  ECE_CTRL_INTERRUPT		BIT(8)

#define ECE_STATUS			0x0004	/* cleared by writing ones */
#define  ECE_STATUS_READY		BIT(8)	/* a rectangle is in memory */
#define  ECE_STATUS_ALL_READY		BIT(10)

#define ECE_FRAME_ADDR			0x0008
#define ECE_OUTPUT_ADDR			0x000c
#define ECE_RECT_START			0x0010	/* bytes into the frame buffer */

#define ECE_RECT_SIZE			0x0014	/* starts; all are less one */
#define  ECE_RECT_SIZE_COLUMNS		GENMASK(10, 0)	/* blocks */
#define  ECE_RECT_SIZE_LAST_COLUMN	GENMASK(14, 11)	/* pixels */
#define  ECE_RECT_SIZE_ROWS		GENMASK(26, 16)
#define  ECE_RECT_SIZE_LAST_ROW		GENMASK(30, 27)

#define ECE_PITCH			0x001c
#define  ECE_PITCH_512			0
#define  ECE_PITCH_1024			1
#define  ECE_PITCH_2048			2
#define  ECE_PITCH_2560			3
#define  ECE_PITCH_4096			4

#define ECE_HEXTILE			0x0040
#define  ECE_HEXTILE_OFF		BIT(0)
#define  ECE_HEXTILE_GAP		GENMASK(12, 8)	/* bytes before the data */

#define ECE_OFFSET			0x0048	/* of the next rectangle's output */
#define  ECE_OFFSET_MASK		GENMASK(22, 0)

/* Global control registers of the SoC. */
#define GCR_INTCR			0x003c
#define  GCR_INTCR_GFX_OFF		GENMASK(9, 8)
#define  GCR_INTCR_HSYNC		BIT(27)	/* lines by HSYNC, not data enable */

#define GCR_INTCR2			0x0060
#define  GCR_INTCR2_GFX_RESET		BIT(2)
#define  GCR_INTCR2_LINE_RESET		BIT(5)
#define  GCR_INTCR2_VERTICAL_RESET	BIT(6)

/* Graphics core information: what the host's graphics core puts out. */
#define GFXI_WINDOW			0x004c

#define GFXI_DISPLAY			0x0000
#define  GFXI_DISPLAY_OFF		BIT(1)
#define  GFXI_DISPLAY_MGA		BIT(7)	/* not a VGA mode */

#define GFXI_WIDTH_LOW			0x0010	/* pixels less one */
#define  GFXI_WIDTH_LOW_MASK		GENMASK(7, 0)
#define GFXI_WIDTH_HIGH			0x0014
#define  GFXI_WIDTH_HIGH_MASK		GENMASK(2, 0)

#define GFXI_HEIGHT_LOW			0x0020	/* lines */
#define  GFXI_HEIGHT_LOW_MASK		GENMASK(7, 0)
#define GFXI_HEIGHT_HIGH		0x0024
#define  GFXI_HEIGHT_HIGH_MASK		GENMASK(2, 0)

#define GFXI_PLL_INPUT			0x0040
#define  GFXI_PLL_INPUT_DIVIDER		GENMASK(5, 0)
#define  GFXI_PLL_INPUT_FEEDBACK8	BIT(7)

#define GFXI_PLL_FEEDBACK		0x0044
#define  GFXI_PLL_FEEDBACK_MASK		GENMASK(7, 0)

#define GFXI_PLL			0x0048
#define  GFXI_PLL_OUTPUT1		GENMASK(2, 0)
#define  GFXI_PLL_OUTPUT2		GENMASK(5, 3)
#define  GFXI_PLL_FEEDBACK109		GENMASK(7, 6)

#endif
