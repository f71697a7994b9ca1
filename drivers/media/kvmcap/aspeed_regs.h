/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Registers of the ASPEED AST2400/2500/2600 video engine, as far as mainline's
 * aspeed-video driver uses them. Offsets are from the start of its window; the
 * manuals call them VR000, VR004 and so on.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_REGS_H
#define KVMCAP_ASPEED_REGS_H

#ifdef __KERNEL__
#include <linux/bitfield.h>
#include <linux/bits.h>
#else
#include "pure.h"
#define GENMASK(high, low)	\
	((~0U << (low)) & (~0U >> (31 - (high))))
#define FIELD_SHIFT(mask)	((mask) & ~((mask) << 1))
#define FIELD_PREP(mask, value)	(((u32)(value) * FIELD_SHIFT(mask)) & (mask))
#define FIELD_GET(mask, value)	(((value) & (mask)) / FIELD_SHIFT(mask))
#endif

#define VE_WINDOW			0x1000	/* bytes of registers */

#define VE_KEY				0x000
#define  VE_KEY_UNLOCK			0x1a038aa8

#define VE_SEQ				0x004
#define  VE_SEQ_TRIGGER_DETECT		BIT(0)	/* acts when it goes from 0 to 1 */
#define  VE_SEQ_TRIGGER_CAPTURE		BIT(1)	/* likewise */
#define  VE_SEQ_FORCE_IDLE		BIT(2)
#define  VE_SEQ_TRIGGER_COMPRESS	BIT(4)	/* likewise */
#define  VE_SEQ_AUTO_COMPRESS		BIT(5)	/* compress what was captured */
#define  VE_SEQ_WATCHDOG		BIT(7)
#define  VE_SEQ_JPEG_AST2400		BIT(8)	/* standard JPEG mode */
#define  VE_SEQ_YUV420			BIT(10)
#define  VE_SEQ_FORMAT			GENMASK(11, 10)
#define  VE_SEQ_JPEG_AST2500		BIT(13)	/* and AST2600 */
#define  VE_SEQ_CAPTURE_IDLE		BIT(16)	/* called busy, but 1 when idle */
#define  VE_SEQ_COMPRESS_IDLE		BIT(18)	/* likewise */

#define VE_CTRL				0x008
#define  VE_CTRL_HSYNC_NEGATIVE		BIT(0)
#define  VE_CTRL_VSYNC_NEGATIVE		BIT(1)
#define  VE_CTRL_EXTERNAL		BIT(2)	/* source is not the VGA */
#define  VE_CTRL_INTERNAL_DE		BIT(4)	/* VE_TGS* say where the picture is */
#define  VE_CTRL_DIRECT_FETCH		BIT(5)	/* from the VGA's memory, not its output */
#define  VE_CTRL_COLOUR			GENMASK(7, 6)
#define   VE_CTRL_COLOUR_STUDIO		0	/* Y 16..235 */
#define   VE_CTRL_COLOUR_FULL		1	/* Y 0..255 */
#define   VE_CTRL_COLOUR_RGB		2
#define   VE_CTRL_COLOUR_GRAY		3
#define  VE_CTRL_NO_CURSOR		BIT(8)	/* leave out the hardware cursor */
#define  VE_CTRL_FRAME_RATE		GENMASK(23, 16)	/* Hz, 0 is no limit */

#define VE_TGS0				0x00c	/* pixels */
#define VE_TGS1				0x010	/* lines */
#define  VE_TGS_FIRST			GENMASK(28, 16)
#define  VE_TGS_LAST			GENMASK(12, 0)

#define VE_SCALING			0x014
#define  VE_SCALING_NONE		0x10001000
#define VE_SCALING_FILTER0		0x018
#define VE_SCALING_FILTER1		0x01c
#define VE_SCALING_FILTER2		0x020
#define VE_SCALING_FILTER3		0x024
#define  VE_SCALING_FILTER_NONE		0x00200000

#define VE_BCD_CTRL			0x02c
#define  VE_BCD_CTRL_ENABLE		BIT(0)
#define  VE_BCD_CTRL_THRESHOLD		GENMASK(23, 16)

#define VE_CAPTURE_WINDOW		0x030
#define VE_COMPRESS_WINDOW		0x034
#define  VE_WINDOW_WIDTH		GENMASK(28, 16)
#define  VE_WINDOW_HEIGHT		GENMASK(12, 0)

#define VE_COMPRESS_READ_OFFSET		0x038
#define VE_COMPRESS_OFFSET		0x03c
#define VE_HEADER_ADDR			0x040
#define VE_SOURCE0_ADDR			0x044
#define VE_SOURCE_STRIDE		0x048	/* bytes from line to line */
#define VE_SOURCE1_ADDR			0x04c
#define VE_BCD_ADDR			0x050
#define VE_COMPRESS_ADDR		0x054

/* Bytes for compressed data: (4 << packets) * (1024 << size). */
#define VE_COMPRESS_SIZE		0x058
#define  VE_COMPRESS_SIZE_PACKETS	GENMASK(5, 3)	/* 0..5 */
#define  VE_COMPRESS_SIZE_PACKET	GENMASK(2, 0)

#define VE_COMPRESS_CTRL		0x060
#define  VE_COMPRESS_CTRL_VQ_DCT_ONLY	BIT(0)
#define  VE_COMPRESS_CTRL_VQ_4_COLOUR	BIT(1)
#define  VE_COMPRESS_CTRL_CHROMA	GENMASK(10, 6)	/* selector */
#define   VE_COMPRESS_CTRL_CHROMA_TABLE	0x10		/* of Cb and Cr */
#define  VE_COMPRESS_CTRL_LUMA		GENMASK(15, 11)	/* selector */
#define  VE_COMPRESS_CTRL_HQ		BIT(16)
#define  VE_COMPRESS_CTRL_RESERVED	BIT(19)		/* to be 1 */
#define  VE_COMPRESS_CTRL_HQ_CHROMA	GENMASK(26, 22)
#define  VE_COMPRESS_CTRL_HQ_LUMA	GENMASK(31, 27)

#define VE_COMPRESSED_AST2400		0x078	/* and AST2500: bytes */
#define VE_COMPRESSED_AST2600		0x084

#define VE_EDGE_H			0x090	/* pixels from the rising edge of hsync */
#define  VE_EDGE_H_LEFT			GENMASK(11, 0)
#define  VE_EDGE_H_NO_VSYNC		BIT(12)
#define  VE_EDGE_H_NO_HSYNC		BIT(13)
#define  VE_EDGE_H_NO_DISPLAY		BIT(14)
#define  VE_EDGE_H_NO_CLOCK		BIT(15)
#define  VE_EDGE_H_RIGHT		GENMASK(27, 16)
#define  VE_EDGE_H_INTERLACED		BIT(31)

#define VE_EDGE_V			0x094	/* lines from the rising edge of vsync */
#define  VE_EDGE_V_TOP			GENMASK(12, 0)
#define  VE_EDGE_V_BOTTOM		GENMASK(28, 16)

#define VE_MODE				0x098
#define  VE_MODE_H_PERIOD		GENMASK(11, 0)
#define  VE_MODE_EXTERNAL		BIT(12)
#define  VE_MODE_H_STABLE		BIT(13)
#define  VE_MODE_V_STABLE		BIT(14)
#define  VE_MODE_V_LINES		GENMASK(27, 16)
#define  VE_MODE_VSYNC			BIT(28)	/* level, at the moment of reading */
#define  VE_MODE_HSYNC			BIT(29)	/* likewise */
#define  VE_MODE_VSYNC_READY		BIT(30)
#define  VE_MODE_HSYNC_READY		BIT(31)

#define VE_SYNC				0x09c	/* from rising to falling edge */
#define  VE_SYNC_HSYNC			GENMASK(11, 0)	/* pixels */
#define  VE_SYNC_VSYNC			GENMASK(27, 16)	/* lines */

#define VE_H_TOTAL			0x0a0	/* pixels */

#define VE_INTERRUPT_ENABLE		0x304
#define VE_INTERRUPT_STATUS		0x308	/* written 1s clear */
#define  VE_INTERRUPT_MODE_LOST		BIT(0)	/* the watchdog: went or changed */
#define  VE_INTERRUPT_CAPTURED		BIT(1)
#define  VE_INTERRUPT_COMPRESS_READY	BIT(2)
#define  VE_INTERRUPT_COMPRESSED	BIT(3)
#define  VE_INTERRUPT_MODE_FOUND	BIT(4)
#define  VE_INTERRUPT_FRAME		BIT(5)

#define VE_DETECT			0x30c
#define  VE_DETECT_H_TOLERANCE		GENMASK(31, 28)
#define  VE_DETECT_V_TOLERANCE		GENMASK(27, 24)
#define  VE_DETECT_H_STABLE		GENMASK(23, 20)
#define  VE_DETECT_V_STABLE		GENMASK(19, 16)
#define  VE_DETECT_EDGE_THRESHOLD	GENMASK(15, 8)

/* Below this many captured pixels direct fetch raises no interrupts. */
#define VE_DIRECT_FETCH_PIXELS		(1024 * 768)

/* AST2500 A1 and A2 may not end captures of other widths than multiples of it. */
#define VE_CAPTURE_ALIGN		64

#define VE_WIDTH_MAX			1920
#define VE_HEIGHT_MAX			1200

#endif
