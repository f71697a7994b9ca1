// SPDX-License-Identifier: Apache-2.0
/*
 * The model of the ASPEED video engine in differential mode.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "../../../drivers/media/kvmcap-sim/aspeed_ve_model.h"
#include "../../../drivers/media/kvmcap-sim/jpeg_reference.h"
#include "ajpg_decode.h"
#include "aspeed_tables.h"
#include "tap.h"

/* The machine: some memory, where everything has its place. */
#define BUS		0x80000000U
#define MEMORY		(32U << 20)
#define SOURCE(i)	(BUS + 0x100000 + (i) * 0xa00000)
#define BCD		(BUS + 0x1600000)
#define BCD_SIZE	0x9000
#define COMPRESSED	(BUS + 0x1800000)
#define NOWHERE		0x10000000U

#define STEPS_MAX	1000	/* that anything may take */
#define SELECTOR	6
#define IMAGE_MAX	(8U << 20)
#define EMPTY		12	/* bytes of a stream without a change */

/* VR058: 4 KiB, and 4 MiB. */
#define SIZE_4K		0
#define SIZE_4M		(3 << 3 | 7)

static struct {
	struct aspeed_ve ve;
	u8 *memory;
	u32 *pixels;
	unsigned int width;
	unsigned int height;
	bool halved;
	unsigned int current;
	unsigned int mcus;
	struct coefficients shown;
	struct coefficients wanted;
} m;

static u8 reference[IMAGE_MAX];

static u8 *memory(void *context, u32 address, size_t length)
{
	(void)context;
	if (address < BUS || length > MEMORY || address - BUS > MEMORY - length)
		return NULL;
	return m.memory + (address - BUS);
}

static void interrupt(void *context, bool level)
{
	(void)context;
	(void)level;
}

static const struct aspeed_ve_machine ops = { memory, interrupt };

static u32 rd(u32 offset)
{
	return aspeed_ve_read(&m.ve, offset);
}

static void wr(u32 offset, u32 value)
{
	aspeed_ve_write(&m.ve, offset, value);
}

static u32 window(u32 width, u32 height)
{
	return FIELD_PREP(VE_WINDOW_WIDTH, width) | FIELD_PREP(VE_WINDOW_HEIGHT, height);
}

static u32 size_register(void)
{
	return m.ve.soc == ASPEED_VE_AST2600 ? VE_COMPRESSED_AST2600 : VE_COMPRESSED_AST2400;
}

/* As mainline's driver does after each frame. */
static void swap(void)
{
	m.current = !m.current;
	wr(VE_SOURCE0_ADDR, SOURCE(m.current));
	wr(VE_SOURCE1_ADDR, SOURCE(!m.current));
}

static void forget(void)
{
	memset(memory(NULL, BCD, BCD_SIZE), 0, BCD_SIZE);
}

static void paint(u32 seed)
{
	size_t i;

	for (i = 0; i < (size_t)m.width * m.height; i++) {
		seed = seed * 1664525 + 1013904223;
		m.pixels[i] = seed >> 8 & 0x3f3f3f;
	}
}

static void power_on(unsigned int soc)
{
	const struct aspeed_ve_signal signal = { true, m.width, m.height, m.pixels };

	aspeed_ve_init(&m.ve, soc, &ops, NULL);
	aspeed_ve_clock(&m.ve, true);
	wr(VE_KEY, VE_KEY_UNLOCK);
	aspeed_ve_signal(&m.ve, &signal);
}

static void start(unsigned int soc, unsigned int width, unsigned int height, bool halved)
{
	m.width = width;
	m.height = height;
	m.halved = halved;
	m.current = 1;
	memset(m.memory, 0, MEMORY);
	paint(width);
	power_on(soc);
	swap();
	wr(VE_CTRL, FIELD_PREP(VE_CTRL_COLOUR, VE_CTRL_COLOUR_FULL));
	wr(VE_CAPTURE_WINDOW, window(DIV_ROUND_UP(width, 64) * 64, height));
	wr(VE_COMPRESS_WINDOW, window(width, height));
	wr(VE_SOURCE_STRIDE, width * 4);
	wr(VE_BCD_ADDR, BCD);
	wr(VE_BCD_CTRL, VE_BCD_CTRL_ENABLE);
	wr(VE_COMPRESS_ADDR, COMPRESSED);
	wr(VE_COMPRESS_SIZE, SIZE_4M);
	wr(VE_COMPRESS_CTRL, FIELD_PREP(VE_COMPRESS_CTRL_LUMA, SELECTOR) |
	   FIELD_PREP(VE_COMPRESS_CTRL_CHROMA, SELECTOR | VE_COMPRESS_CTRL_CHROMA_TABLE));
	if (!coefficients_init(&m.shown, width, height, halved) ||
	    !coefficients_init(&m.wanted, width, height, halved))
		exit(1);
}

/* One frame; the size of its stream. */
static u32 capture(void)
{
	unsigned int i;

	wr(VE_SEQ, VE_SEQ_AUTO_COMPRESS | (m.halved ? VE_SEQ_YUV420 : 0));
	wr(VE_SEQ, rd(VE_SEQ) | VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS);
	for (i = 0; i < STEPS_MAX; i++)
		if (!aspeed_ve_step(&m.ve))
			break;
	return rd(size_register());
}

/* A frame, decoded. */
static const char *decode(void)
{
	u32 size = capture();

	return ajpg_decode(&m.shown, memory(NULL, COMPRESSED, size), size, &m.mcus);
}

/* Whether what has been decoded so far is the whole picture that is shown. */
static bool is_shown(void)
{
	size_t length = kvmcap_sim_reference_jpeg(m.pixels, m.width, m.height, SELECTOR, m.halved,
						  reference, sizeof(reference));

	return !coefficients_of_jpeg(&m.wanted, reference, length) &&
	       coefficients_known(&m.shown) == m.wanted.mcus_x * m.wanted.mcus_y &&
	       !coefficients_differing(&m.shown, &m.wanted);
}

static unsigned int all(void)
{
	return m.shown.mcus_x * m.shown.mcus_y;
}

static void change_pixel(unsigned int x, unsigned int y)
{
	m.pixels[y * m.width + x] ^= 0x808080;
}

static void test_sequence(unsigned int soc, unsigned int width, unsigned int height, bool halved)
{
	const char *problem;

	start(soc, width, height, halved);
	problem = decode();
	tap_ok(!problem && m.mcus == all() && is_shown(),
	       "ast2%u00, %ux%u, %s: at first, all of it%s%s", 4 + soc, width, height,
	       halved ? "4:2:0" : "4:4:4", problem ? ": " : "", problem ? problem : "");
	swap();
	tap_ok(capture() == EMPTY, "then nothing, in 12 bytes");
	swap();
	change_pixel(width - 1, height - 1);
	change_pixel(0, 0);
	change_pixel(width / 2, height / 2);
	tap_ok(!decode() && m.mcus == 3 && is_shown(), "three pixels: three macroblocks");
	swap();
	paint(height);
	tap_ok(!decode() && m.mcus == all() && is_shown(), "another picture: all of it");
	swap();
	tap_ok(capture() == EMPTY, "and nothing again");
	swap();
	forget();
	tap_ok(!decode() && m.mcus == all() && is_shown(),
	       "the BCD buffer cleared: all of what has not changed");
	swap();
	tap_ok(capture() == EMPTY, "once");
}

/* What is compared is what was captured into the other buffer, whenever it was. */
static void test_without_swap(void)
{
	start(ASPEED_VE_AST2600, 96, 72, true);
	decode();
	tap_ok(!decode() && m.mcus == all(), "not swapped: compared with an empty buffer");
	swap();
	capture();
	change_pixel(40, 40);
	tap_ok(!decode() && m.mcus == 1 && !decode() && m.mcus == 1,
	       "not swapped: the same change is sent again and again");
	change_pixel(40, 40);
	tap_ok(capture() == EMPTY && !is_shown(), "not swapped: its end is not sent at all");
	wr(VE_SOURCE1_ADDR, rd(VE_SOURCE0_ADDR));
	paint(7);
	tap_ok(capture() == EMPTY, "compared with itself a picture never changes");
}

static void test_control(void)
{
	u32 size;

	start(ASPEED_VE_AST2600, 96, 72, false);
	capture();
	swap();
	wr(VE_BCD_CTRL, 0);
	tap_ok(!decode() && m.mcus == all() && is_shown(), "detection switched off: all of it");
	wr(VE_BCD_ADDR, NOWHERE);
	tap_ok(!decode() && !m.ve.bad_addresses, "without a look at its buffer");
	wr(VE_BCD_ADDR, BCD);
	wr(VE_BCD_CTRL, VE_BCD_CTRL_ENABLE | FIELD_PREP(VE_BCD_CTRL_THRESHOLD, 16));
	capture();
	swap();
	m.pixels[0] = 0x404040;
	capture();
	swap();
	m.pixels[0] = 0x505050;
	tap_ok(capture() == EMPTY, "a difference up to the threshold is none");
	swap();
	m.pixels[0] = 0x616161;
	tap_ok(!decode() && m.mcus == 1, "a larger one is");
	swap();
	forget();
	paint(5);
	wr(VE_COMPRESS_SIZE, SIZE_4K);
	memset(memory(NULL, COMPRESSED, 8192), 0x5a, 8192);
	size = capture();
	tap_ok(size == 4096 && *memory(NULL, COMPRESSED + 4096, 1) == 0x5a &&
	       ajpg_decode(&m.shown, memory(NULL, COMPRESSED, size), size, &m.mcus),
	       "a small buffer holds the stream's beginning, and nothing behind it is touched");
}

static void test_bad_addresses(void)
{
	static const u32 registers[] = {
		VE_SOURCE0_ADDR, VE_SOURCE1_ADDR, VE_BCD_ADDR, VE_COMPRESS_ADDR,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		start(ASPEED_VE_AST2600, 96, 72, true);
		wr(registers[i], i % 2 ? NOWHERE : BUS + MEMORY - 4);
		capture();
		tap_ok(m.ve.bad_addresses == 1 &&
		       !(rd(VE_INTERRUPT_STATUS) & VE_INTERRUPT_COMPRESSED),
		       "VR%03X leads nowhere: it gives up", registers[i]);
	}
}

static void test_faults(void)
{
	start(ASPEED_VE_AST2600, 96, 72, true);
	m.ve.faults = ASPEED_VE_FAULT_STREAM_ONCE;
	tap_ok(decode() && !m.ve.faults, "fault: a stream that is none");
	swap();
	tap_ok(!decode() && !m.mcus, "... and then good ones");
	m.ve.faults = ASPEED_VE_FAULT_STREAM;
	tap_ok(decode(), "fault: none of them is");
	tap_ok(decode() && m.ve.faults, "... not once");
	start(ASPEED_VE_AST2600, 96, 72, true);
	m.ve.faults = ASPEED_VE_FAULT_MISSING;
	tap_ok(!decode() && m.mcus == all() - 1, "fault: a macroblock is missing");
	start(ASPEED_VE_AST2600, 96, 72, true);
	m.ve.faults = ASPEED_VE_FAULT_STREAM_CHANGES;
	tap_ok(!decode() && m.mcus == all(), "fault: only full pictures are good");
	swap();
	tap_ok(decode(), "... but no changes, even if there are none");
	forget();
	tap_ok(!decode() && m.mcus == all(), "... and again");
}

/* Changes at random, the source buffers swapped: never a stale macroblock. */
static void test_random(bool halved)
{
	u32 state = 1, i, bad = 0;

	start(ASPEED_VE_AST2500, 131, 77, halved);
	for (i = 0; i < 300; i++) {
		unsigned int changes;

		state = state * 1664525 + 1013904223;
		for (changes = state >> 28; changes; changes--) {
			state = state * 1664525 + 1013904223;
			change_pixel((state >> 8) % m.width, (state >> 18) % m.height);
		}
		if (i % 50 == 0)
			forget();
		bad += decode() || !is_shown();
		swap();
	}
	tap_ok(!bad, "300 random changes in %s: each frame is the picture",
	       halved ? "4:2:0" : "4:4:4");
}

int main(void)
{
	unsigned int soc, halved;

	m.memory = malloc(MEMORY);
	m.pixels = malloc((size_t)VE_WIDTH_MAX * VE_HEIGHT_MAX * sizeof(u32));
	if (!m.memory || !m.pixels)
		return 1;
	for (soc = 0; soc < ASPEED_VE_SOCS; soc++) {
		for (halved = 0; halved < 2; halved++) {
			test_sequence(soc, 96, 72, halved);
			test_sequence(soc, 67, 65, halved);
		}
	}
	test_sequence(ASPEED_VE_AST2600, 1920, 1200, true);
	test_sequence(ASPEED_VE_AST2600, 1920, 1200, false);
	test_without_swap();
	test_control();
	test_bad_addresses();
	test_faults();
	test_random(false);
	test_random(true);
	coefficients_free(&m.shown);
	coefficients_free(&m.wanted);
	free(m.memory);
	free(m.pixels);
	return tap_end();
}
