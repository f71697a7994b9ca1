/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the ASPEED video engine's measurements of a signal mean.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_DETECT_H
#define KVMCAP_ASPEED_DETECT_H

#include "pure.h"

/* Smallest picture that is taken for one, pixels and lines. */
#define KVMCAP_ASPEED_SIZE_MIN	64

/* Looks at the sync lines, to tell their polarities. */
#define KVMCAP_ASPEED_POLARITY_LOOKS	10

/**
 * struct kvmcap_aspeed_picture - where the picture is in the signal
 * @left: its first pixel after the rising edge of hsync
 * @top: its first line after the rising edge of vsync
 * @width: pixels
 * @height: lines
 */
struct kvmcap_aspeed_picture {
	u16 left;
	u16 top;
	u16 width;
	u16 height;
};

/**
 * kvmcap_aspeed_is_stable() - whether VR098 tells of a signal of the VGA's
 * @mode: VR098
 *
 * Return: whether both syncs are stable, and not those of another source.
 */
bool kvmcap_aspeed_is_stable(u32 mode);

/**
 * kvmcap_aspeed_polarity() - the polarities of the sync lines
 * @mode: VR098, read again and again: the lines are mostly inactive
 *
 * Return: VE_CTRL_HSYNC_NEGATIVE and VE_CTRL_VSYNC_NEGATIVE as they apply.
 */
u32 kvmcap_aspeed_polarity(const u32 mode[KVMCAP_ASPEED_POLARITY_LOOKS]);

/**
 * kvmcap_aspeed_measure() - the picture, from its edges
 * @picture: filled in
 * @edge_h: VR090
 * @edge_v: VR094
 *
 * Return: 0; -EAGAIN if the edges make no sense, which another detection may;
 * -ERANGE if they do, but the picture is one that cannot be captured.
 */
int kvmcap_aspeed_measure(struct kvmcap_aspeed_picture *picture, u32 edge_h,
			  u32 edge_v);

/**
 * struct kvmcap_aspeed_window - how to capture a picture
 * @direct: fetch it from the VGA's memory, rather than from its output
 * @capture: VR030
 * @compress: VR034
 * @stride: VR048
 * @tgs0: VR00C, for !@direct
 * @tgs1: VR010, for !@direct
 */
struct kvmcap_aspeed_window {
	bool direct;
	u32 capture;
	u32 compress;
	u32 stride;
	u32 tgs0;
	u32 tgs1;
};

/**
 * kvmcap_aspeed_window() - how to capture a picture
 * @window: filled in
 * @picture: from kvmcap_aspeed_measure()
 */
void kvmcap_aspeed_window(struct kvmcap_aspeed_window *window,
			  const struct kvmcap_aspeed_picture *picture);

#endif
