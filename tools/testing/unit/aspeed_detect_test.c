// SPDX-License-Identifier: Apache-2.0
/*
 * What the ASPEED engine's measurements of a signal mean.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "aspeed_detect.h"
#include "aspeed_regs.h"
#include "tap.h"

#define LOOKS	KVMCAP_ASPEED_POLARITY_LOOKS

static u32 polarity(unsigned int h_high, unsigned int v_high)
{
	u32 mode[LOOKS];
	unsigned int i;

	for (i = 0; i < LOOKS; i++)
		mode[i] = (i < h_high ? VE_MODE_HSYNC : 0) |
			  (i >= LOOKS - v_high ? VE_MODE_VSYNC : 0);
	return kvmcap_aspeed_polarity(mode);
}

static void test_polarity(void)
{
	tap_ok(polarity(0, 0) == 0, "lines that are never high are positive");
	tap_ok(polarity(LOOKS, LOOKS) == (VE_CTRL_HSYNC_NEGATIVE | VE_CTRL_VSYNC_NEGATIVE),
	       "lines that are always high are negative");
	tap_ok(polarity(LOOKS - 2, 1) == VE_CTRL_HSYNC_NEGATIVE,
	       "a few looks at the pulse do not matter: hsync");
	tap_ok(polarity(2, LOOKS - 1) == VE_CTRL_VSYNC_NEGATIVE,
	       "a few looks at the pulse do not matter: vsync");
	tap_ok(polarity(LOOKS / 2, LOOKS / 2) == 0, "in doubt it is positive");
}

static void test_stable(void)
{
	const u32 both = VE_MODE_H_STABLE | VE_MODE_V_STABLE;

	tap_ok(kvmcap_aspeed_is_stable(both), "both stable");
	tap_ok(!kvmcap_aspeed_is_stable(VE_MODE_H_STABLE), "vsync not stable");
	tap_ok(!kvmcap_aspeed_is_stable(VE_MODE_V_STABLE), "hsync not stable");
	tap_ok(!kvmcap_aspeed_is_stable(both | VE_MODE_EXTERNAL), "another source");
}

static int measure(struct kvmcap_aspeed_picture *picture, u32 left, u32 right, u32 top,
		   u32 bottom)
{
	return kvmcap_aspeed_measure(picture,
				     FIELD_PREP(VE_EDGE_H_LEFT, left) |
				     FIELD_PREP(VE_EDGE_H_RIGHT, right) | VE_EDGE_H_INTERLACED,
				     FIELD_PREP(VE_EDGE_V_TOP, top) |
				     FIELD_PREP(VE_EDGE_V_BOTTOM, bottom));
}

static void test_measure(void)
{
	struct kvmcap_aspeed_picture p;

	tap_ok(!measure(&p, 192, 192 + 1919, 41, 41 + 1199) && p.left == 192 && p.top == 41 &&
	       p.width == 1920 && p.height == 1200, "the largest picture");
	tap_ok(!measure(&p, 0, 63, 0, 63) && p.width == 64 && p.height == 64,
	       "the smallest picture");
	tap_ok(measure(&p, 192, 192 + 1920, 41, 1000) == -ERANGE, "too wide");
	tap_ok(measure(&p, 192, 1000, 41, 41 + 1200) == -ERANGE, "too high");
	tap_ok(measure(&p, 192, 192 + 62, 41, 1000) == -ERANGE, "too narrow");
	tap_ok(measure(&p, 192, 1000, 41, 41 + 62) == -ERANGE, "too low");
	tap_ok(measure(&p, 1000, 192, 41, 1000) == -EAGAIN, "right is left of left");
	tap_ok(measure(&p, 192, 1000, 1000, 41) == -EAGAIN, "the bottom is above the top");
	tap_ok(kvmcap_aspeed_measure(&p, 0, 0) == -ERANGE, "registers that are zero");
	tap_ok(kvmcap_aspeed_measure(&p, ~0U, ~0U) == -ERANGE, "registers that are dead");
}

static u32 size(u32 width, u32 height)
{
	return width << 16 | height;
}

static void test_window(void)
{
	const struct kvmcap_aspeed_picture xga = { 296, 35, 1024, 768 };
	const struct kvmcap_aspeed_picture svga = { 216, 27, 800, 600 };
	const struct kvmcap_aspeed_picture wide = { 213, 27, 1366, 768 };
	const struct kvmcap_aspeed_picture below = { 100, 20, 1024, 760 };
	const struct kvmcap_aspeed_picture corner = { 0, 0, 64, 64 };
	struct kvmcap_aspeed_window w;

	kvmcap_aspeed_window(&w, &xga);
	tap_ok(w.direct && w.capture == size(1024, 768) && w.compress == size(1024, 768) &&
	       w.stride == 4096, "1024x768 is fetched directly");
	kvmcap_aspeed_window(&w, &wide);
	tap_ok(w.direct && w.capture == size(1408, 768) && w.compress == size(1366, 768) &&
	       w.stride == 4 * 1366, "1366 pixels are captured as 1408");
	kvmcap_aspeed_window(&w, &below);
	tap_ok(!w.direct, "1024x760 is below the threshold");
	kvmcap_aspeed_window(&w, &svga);
	tap_ok(!w.direct && w.capture == size(832, 600) && w.compress == size(800, 600) &&
	       w.tgs0 == size(215, 1015) && w.tgs1 == size(27, 627),
	       "800x600 is taken from the VGA's output");
	kvmcap_aspeed_window(&w, &corner);
	tap_ok(w.tgs0 == size(0, 63), "nothing comes before the first pixel");
}

int main(void)
{
	test_polarity();
	test_stable();
	test_measure();
	test_window();
	return tap_end();
}
