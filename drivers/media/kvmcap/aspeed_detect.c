// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What the ASPEED video engine's measurements of a signal mean.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "aspeed_detect.h"
#include "aspeed_regs.h"

bool kvmcap_aspeed_is_stable(u32 mode)
{
	return (mode & VE_MODE_H_STABLE) && (mode & VE_MODE_V_STABLE) &&
	       !(mode & VE_MODE_EXTERNAL);
}

u32 kvmcap_aspeed_polarity(const u32 mode[KVMCAP_ASPEED_POLARITY_LOOKS])
{
	unsigned int i, h = 0, v = 0;
	u32 polarity = 0;

	for (i = 0; i < KVMCAP_ASPEED_POLARITY_LOOKS; i++) {
		h += !!(mode[i] & VE_MODE_HSYNC);
		v += !!(mode[i] & VE_MODE_VSYNC);
	}
	if (2 * h > KVMCAP_ASPEED_POLARITY_LOOKS)
		polarity |= VE_CTRL_HSYNC_NEGATIVE;
	if (2 * v > KVMCAP_ASPEED_POLARITY_LOOKS)
		polarity |= VE_CTRL_VSYNC_NEGATIVE;
	return polarity;
}

int kvmcap_aspeed_measure(struct kvmcap_aspeed_picture *picture, u32 edge_h,
			  u32 edge_v)
{
	u32 left = FIELD_GET(VE_EDGE_H_LEFT, edge_h);
	u32 right = FIELD_GET(VE_EDGE_H_RIGHT, edge_h);
	u32 top = FIELD_GET(VE_EDGE_V_TOP, edge_v);
	u32 bottom = FIELD_GET(VE_EDGE_V_BOTTOM, edge_v);
	u32 width = right - left + 1, height = bottom - top + 1;

	if (left > right || top > bottom)
		return -EAGAIN;
	if (width < KVMCAP_ASPEED_SIZE_MIN || width > VE_WIDTH_MAX ||
	    height < KVMCAP_ASPEED_SIZE_MIN || height > VE_HEIGHT_MAX)
		return -ERANGE;

	picture->left = left;
	picture->top = top;
	picture->width = width;
	picture->height = height;
	return 0;
}

static u32 align(u32 value, u32 to)
{
	return DIV_ROUND_UP(value, to) * to;
}

static u32 size(u32 width, u32 height)
{
	return FIELD_PREP(VE_WINDOW_WIDTH, width) |
	       FIELD_PREP(VE_WINDOW_HEIGHT, height);
}

static u32 range(u32 first, u32 last)
{
	return FIELD_PREP(VE_TGS_FIRST, first) | FIELD_PREP(VE_TGS_LAST, last);
}

/*
 * The capture window, but not the compression window, is a multiple of 64 pixels
 * wide, whose excess each line's successor overwrites. Small pictures are taken
 * from the VGA's output, where the engine has to be told where they are: from
 * the pixel before the first one to the last one, and from the first line to
 * the one after the last.
 */
void kvmcap_aspeed_window(struct kvmcap_aspeed_window *window,
			  const struct kvmcap_aspeed_picture *picture)
{
	u32 width = align(picture->width, VE_CAPTURE_ALIGN);
	u32 left = picture->left;

	window->direct = width * align(picture->height, 8) >=
			 VE_DIRECT_FETCH_PIXELS;
	window->capture = size(width, picture->height);
	window->compress = size(picture->width, picture->height);
	window->stride = picture->width * 4;
	window->tgs0 = range(left ? left - 1 : 0, left + picture->width - 1);
	window->tgs1 = range(picture->top, picture->top + picture->height);
}
