// SPDX-License-Identifier: Apache-2.0
/*
 * The model of the ASPEED video engine, register by register.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "../../../drivers/media/kvmcap-sim/aspeed_ve_model.h"
#include "../../../drivers/media/kvmcap-sim/jpeg_reference.h"
#include "aspeed_tables.h"
#include "tap.h"

/* The machine: some memory, where everything has its place. */
#define BUS		0x80000000U
#define MEMORY		(16U << 20)
#define SOURCE		(BUS + 0x100000)
#define COMPRESSED	(BUS + 0xc00000)
#define HEADERS		(BUS + 0xf00000)
#define NOWHERE		0x10000000U

/* Steps that anything may take, at most. */
#define STEPS_MAX	1000

#define WIDTH		96
#define HEIGHT		72
#define SELECTOR	6
#define IMAGE_MAX	(8U << 20)

/* VR058: the smallest buffer, 4 KiB, and 4 MiB. */
#define SIZE_4K		0
#define SIZE_4M		(3 << 3 | 7)

struct machine {
	struct aspeed_ve ve;
	u8 *memory;
	bool line;
	unsigned int raised;
	u32 *pixels;
};

static struct machine m;
static u8 reference[IMAGE_MAX];

static u8 *memory(void *context, u32 address, size_t length)
{
	struct machine *machine = context;

	if (address < BUS || length > MEMORY || address - BUS > MEMORY - length)
		return NULL;
	return machine->memory + (address - BUS);
}

static void interrupt(void *context, bool level)
{
	struct machine *machine = context;

	machine->line = level;
	machine->raised += level;
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

static void set(u32 offset, u32 bits)
{
	wr(offset, rd(offset) | bits);
}

static void clear(u32 offset, u32 bits)
{
	wr(offset, rd(offset) & ~bits);
}

static bool run(void)
{
	unsigned int i;

	for (i = 0; i < STEPS_MAX; i++)
		if (!aspeed_ve_step(&m.ve))
			return true;
	return false;
}

static void signal_on(unsigned int width, unsigned int height)
{
	const struct aspeed_ve_signal signal = { true, width, height, m.pixels };

	aspeed_ve_signal(&m.ve, &signal);
}

static void signal_off(void)
{
	const struct aspeed_ve_signal signal = { false, WIDTH, HEIGHT, m.pixels };

	aspeed_ve_signal(&m.ve, &signal);
}

static void paint(unsigned int width, unsigned int height, u32 seed)
{
	size_t i;

	for (i = 0; i < (size_t)width * height; i++) {
		seed = seed * 1664525 + 1013904223;
		m.pixels[i] = seed >> 8 & 0x3f3f3f;
	}
}

/* Clocks on, unlocked, a signal. */
static void power_on(unsigned int soc)
{
	aspeed_ve_init(&m.ve, soc, &ops, &m);
	memset(m.memory, 0, MEMORY);
	m.line = false;
	m.raised = 0;
	aspeed_ve_clock(&m.ve, true);
	wr(VE_KEY, VE_KEY_UNLOCK);
	signal_on(WIDTH, HEIGHT);
}

static u32 jpeg_bit(unsigned int soc)
{
	return soc == ASPEED_VE_AST2400 ? VE_SEQ_JPEG_AST2400 : VE_SEQ_JPEG_AST2500;
}

static u32 size_register(unsigned int soc)
{
	return soc == ASPEED_VE_AST2600 ? VE_COMPRESSED_AST2600 : VE_COMPRESSED_AST2400;
}

static u32 window(u32 width, u32 height)
{
	return FIELD_PREP(VE_WINDOW_WIDTH, width) | FIELD_PREP(VE_WINDOW_HEIGHT, height);
}

/* Everything that a capture needs, as a driver programs it. */
static void prepare(unsigned int soc, unsigned int width, unsigned int height, bool halved,
		    u32 ctrl)
{
	paint(width, height, width);
	signal_on(width, height);
	kvmcap_aspeed_header_table(halved, memory(&m, HEADERS, KVMCAP_ASPEED_HEADER_TABLE_SIZE));
	wr(VE_CTRL, ctrl | FIELD_PREP(VE_CTRL_COLOUR, VE_CTRL_COLOUR_FULL));
	wr(VE_CAPTURE_WINDOW, window(DIV_ROUND_UP(width, 64) * 64, height));
	wr(VE_COMPRESS_WINDOW, window(width, height));
	wr(VE_SOURCE_STRIDE, width * 4);
	wr(VE_SOURCE0_ADDR, SOURCE);
	wr(VE_COMPRESS_ADDR, COMPRESSED);
	wr(VE_COMPRESS_SIZE, SIZE_4M);
	wr(VE_HEADER_ADDR, HEADERS);
	wr(VE_COMPRESS_CTRL, FIELD_PREP(VE_COMPRESS_CTRL_LUMA, SELECTOR) |
	   FIELD_PREP(VE_COMPRESS_CTRL_CHROMA, SELECTOR | VE_COMPRESS_CTRL_CHROMA_TABLE));
	wr(VE_SEQ, jpeg_bit(soc) | VE_SEQ_AUTO_COMPRESS | (halved ? VE_SEQ_YUV420 : 0));
	wr(VE_INTERRUPT_ENABLE, VE_INTERRUPT_COMPRESSED);
}

static void trigger(void)
{
	set(VE_SEQ, VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS);
}

static bool is_reference(unsigned int soc, unsigned int width, unsigned int height, bool halved)
{
	size_t length = kvmcap_sim_reference_jpeg(m.pixels, width, height, SELECTOR, halved,
						  reference, sizeof(reference));

	return length && rd(size_register(soc)) == length &&
	       !memcmp(memory(&m, COMPRESSED, length), reference, length);
}

static void test_key(void)
{
	aspeed_ve_init(&m.ve, ASPEED_VE_AST2600, &ops, &m);
	tap_ok(rd(VE_KEY) == ~0U, "without clocks registers read as all ones");
	wr(VE_KEY, VE_KEY_UNLOCK);
	aspeed_ve_clock(&m.ve, true);
	tap_ok(rd(VE_KEY) == 0, "without clocks the key is not heard");
	wr(VE_SCALING, 0x1234);
	tap_ok(rd(VE_SCALING) == 0, "locked registers cannot be written");
	wr(VE_KEY, VE_KEY_UNLOCK + 1);
	tap_ok(rd(VE_KEY) == 0, "a wrong key does not unlock");
	wr(VE_KEY, VE_KEY_UNLOCK);
	wr(VE_SCALING, 0x1234);
	tap_ok(rd(VE_KEY) == 1 && rd(VE_SCALING) == 0x1234, "the key does");
	aspeed_ve_clock(&m.ve, false);
	wr(VE_SCALING, 0x5678);
	aspeed_ve_clock(&m.ve, true);
	tap_ok(rd(VE_SCALING) == 0x1234 && rd(VE_KEY) == 0,
	       "after a pause of the clocks values are there, and locked");
}

static void test_read_only(void)
{
	power_on(ASPEED_VE_AST2600);
	wr(VE_EDGE_H, 1);
	wr(VE_MODE, 1);
	wr(VE_COMPRESSED_AST2600, 1);
	wr(VE_COMPRESSED_AST2400, 1);
	tap_ok(!rd(VE_EDGE_H) && !(rd(VE_MODE) & 1) && !rd(VE_COMPRESSED_AST2600),
	       "what the engine tells cannot be written");
	tap_ok(rd(VE_COMPRESSED_AST2400) == 1, "another SoC's register is not special");
	tap_ok((rd(VE_SEQ) & (VE_SEQ_CAPTURE_IDLE | VE_SEQ_COMPRESS_IDLE)) ==
	       (VE_SEQ_CAPTURE_IDLE | VE_SEQ_COMPRESS_IDLE), "both parts are idle");
}

static void detect(void)
{
	clear(VE_SEQ, VE_SEQ_TRIGGER_DETECT);
	set(VE_SEQ, VE_SEQ_TRIGGER_DETECT);
	run();
}

static u32 left(void)
{
	return FIELD_GET(VE_EDGE_H_LEFT, rd(VE_EDGE_H));
}

static u32 right(void)
{
	return FIELD_GET(VE_EDGE_H_RIGHT, rd(VE_EDGE_H));
}

static u32 top(void)
{
	return FIELD_GET(VE_EDGE_V_TOP, rd(VE_EDGE_V));
}

static u32 bottom(void)
{
	return FIELD_GET(VE_EDGE_V_BOTTOM, rd(VE_EDGE_V));
}

static void test_detect_positive(void)
{
	power_on(ASPEED_VE_AST2600);
	signal_on(800, 600);
	wr(VE_INTERRUPT_ENABLE, VE_INTERRUPT_MODE_FOUND);
	tap_ok(!m.line && !rd(VE_INTERRUPT_STATUS), "nothing is detected unasked");
	detect();
	tap_ok(m.line && rd(VE_INTERRUPT_STATUS) == VE_INTERRUPT_MODE_FOUND, "a mode is found");
	tap_ok(left() == 216 && right() == 1015 && top() == 27 && bottom() == 626,
	       "800x600, positive: the edges are those of DMT");
	tap_ok(FIELD_GET(VE_SYNC_HSYNC, rd(VE_SYNC)) == 128 &&
	       FIELD_GET(VE_SYNC_VSYNC, rd(VE_SYNC)) == 4 && rd(VE_H_TOTAL) == 1056 &&
	       FIELD_GET(VE_MODE_V_LINES, rd(VE_MODE)) == 628, "and so is the rest");
	wr(VE_INTERRUPT_STATUS, VE_INTERRUPT_MODE_LOST);
	tap_ok(m.line, "a 0 written does not clear");
	wr(VE_INTERRUPT_STATUS, VE_INTERRUPT_MODE_FOUND);
	tap_ok(!m.line && !rd(VE_INTERRUPT_STATUS), "a 1 written does");
	set(VE_SEQ, VE_SEQ_TRIGGER_DETECT);
	run();
	tap_ok(!m.line, "a trigger that was there already does not trigger");
}

static void test_detect_negative(void)
{
	unsigned int i, h = 0, v = 0;

	power_on(ASPEED_VE_AST2600);
	signal_on(640, 480);
	detect();
	tap_ok(left() > right() && top() > bottom(),
	       "640x480, negative: no edges before the polarity is set");
	for (i = 0; i < 10; i++) {
		u32 mode = rd(VE_MODE);

		h += !!(mode & VE_MODE_HSYNC);
		v += !!(mode & VE_MODE_VSYNC);
	}
	tap_ok(h > 5 && h < 10 && v > 5 && v < 10, "the lines are mostly, not always, high");
	set(VE_CTRL, VE_CTRL_HSYNC_NEGATIVE | VE_CTRL_VSYNC_NEGATIVE);
	detect();
	tap_ok(right() - left() == 639 && bottom() - top() == 479, "the second pass sees them");
	tap_ok(FIELD_GET(VE_SYNC_HSYNC, rd(VE_SYNC)) > 640 &&
	       FIELD_GET(VE_SYNC_VSYNC, rd(VE_SYNC)) > 480,
	       "from the rising to the falling edge is all but the pulse");
}

static void test_no_signal(void)
{
	power_on(ASPEED_VE_AST2600);
	signal_off();
	wr(VE_INTERRUPT_ENABLE, VE_INTERRUPT_MODE_FOUND);
	detect();
	tap_ok(!m.line, "without a signal nothing is found");
	signal_on(WIDTH, HEIGHT);
	run();
	tap_ok(m.line, "when it comes it is found, late");
}

static void test_watchdog(void)
{
	power_on(ASPEED_VE_AST2600);
	detect();
	wr(VE_INTERRUPT_STATUS, ~0U);
	signal_on(128, 128);
	tap_ok(!rd(VE_INTERRUPT_STATUS), "without the watchdog nobody is told of a change");
	set(VE_SEQ, VE_SEQ_WATCHDOG);
	detect();
	wr(VE_INTERRUPT_STATUS, ~0U);
	signal_on(128, 128);
	tap_ok(!rd(VE_INTERRUPT_STATUS), "the same mode is no change");
	signal_off();
	tap_ok(rd(VE_INTERRUPT_STATUS) == VE_INTERRUPT_MODE_LOST, "a loss is told");
	tap_ok(!m.line, "but not interrupted for, as it was not enabled");
	wr(VE_INTERRUPT_ENABLE, VE_INTERRUPT_MODE_LOST);
	tap_ok(m.line, "until it is");
	wr(VE_INTERRUPT_STATUS, ~0U);
	signal_on(128, 128);
	tap_ok(!rd(VE_INTERRUPT_STATUS), "a mode that was not found cannot be lost");
}

static void test_capture(unsigned int soc, unsigned int width, unsigned int height, bool halved,
			 u32 ctrl)
{
	power_on(soc);
	prepare(soc, width, height, halved, ctrl);
	trigger();
	tap_ok(!(rd(VE_SEQ) & VE_SEQ_CAPTURE_IDLE) && (rd(VE_SEQ) & VE_SEQ_COMPRESS_IDLE) &&
	       run() && m.line &&
	       rd(VE_INTERRUPT_STATUS) == (VE_INTERRUPT_COMPRESSED | VE_INTERRUPT_CAPTURED) &&
	       is_reference(soc, width, height, halved),
	       "ast2%u00, %ux%u, %s: captured and compressed", 4 + soc, width, height,
	       halved ? "4:2:0" : "4:4:4");
	wr(VE_INTERRUPT_STATUS, ~0U);
	set(VE_SEQ, 0);
	run();
	tap_ok(!rd(VE_INTERRUPT_STATUS), "once for each trigger");
}

static void test_captures(void)
{
	unsigned int soc, halved;

	for (soc = 0; soc < ASPEED_VE_SOCS; soc++) {
		for (halved = 0; halved < 2; halved++) {
			test_capture(soc, WIDTH, HEIGHT, halved, 0);
			test_capture(soc, 1366, 768, halved, VE_CTRL_DIRECT_FETCH);
			test_capture(soc, 67, 65, halved, 0);
		}
	}
	test_capture(ASPEED_VE_AST2600, 1920, 1200, true, VE_CTRL_DIRECT_FETCH);
}

/* VR00C and VR010 say where the picture is. */
static void test_sync_window(void)
{
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, VE_CTRL_INTERNAL_DE);
	wr(VE_TGS0, window(m.ve.timing.left - 1U, m.ve.timing.left + WIDTH - 1U));
	wr(VE_TGS1, window(m.ve.timing.top, m.ve.timing.top + (u32)HEIGHT));
	trigger();
	run();
	tap_ok(is_reference(ASPEED_VE_AST2600, WIDTH, HEIGHT, true), "sync mode, in its place");
	clear(VE_SEQ, VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS);
	wr(VE_TGS0, window(m.ve.timing.left, m.ve.timing.left + WIDTH - 1U));
	trigger();
	run();
	tap_ok(!is_reference(ASPEED_VE_AST2600, WIDTH, HEIGHT, true), "sync mode, one pixel off");
	clear(VE_SEQ, VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS);
	wr(VE_TGS0, 0);
	wr(VE_TGS1, 0);
	trigger();
	tap_ok(run() && rd(VE_COMPRESSED_AST2600) > KVMCAP_ASPEED_HEADER_LENGTH,
	       "sync mode, somewhere else: black");
}

static void test_silent(void)
{
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, VE_CTRL_DIRECT_FETCH);
	trigger();
	tap_ok(run() && !rd(VE_INTERRUPT_STATUS), "direct fetch of small pictures is silent");
	power_on(ASPEED_VE_AST2500);
	prepare(ASPEED_VE_AST2500, WIDTH, HEIGHT, true, 0);
	wr(VE_CAPTURE_WINDOW, window(WIDTH, HEIGHT));
	trigger();
	tap_ok(run() && !rd(VE_INTERRUPT_STATUS), "AST2500: captures are a multiple of 64 wide");
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	wr(VE_SEQ, VE_SEQ_AUTO_COMPRESS);
	trigger();
	tap_ok(run() && !is_reference(ASPEED_VE_AST2600, WIDTH, HEIGHT, true),
	       "without JPEG mode there is no image");
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	clear(VE_SEQ, VE_SEQ_AUTO_COMPRESS);
	trigger();
	run();
	tap_ok(rd(VE_INTERRUPT_STATUS) == VE_INTERRUPT_CAPTURED,
	       "without automatic compression it takes a trigger of its own");
	clear(VE_SEQ, VE_SEQ_TRIGGER_COMPRESS);
	set(VE_SEQ, VE_SEQ_TRIGGER_COMPRESS);
	run();
	tap_ok(is_reference(ASPEED_VE_AST2600, WIDTH, HEIGHT, true), "which does it");
}

static void test_small_buffer(void)
{
	size_t length;

	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, 640, 480, false, 0);
	memset(memory(&m, COMPRESSED + 4096, 4096), 0x5a, 4096);
	wr(VE_COMPRESS_SIZE, SIZE_4K);
	trigger();
	run();
	length = kvmcap_sim_reference_jpeg(m.pixels, 640, 480, SELECTOR, false, reference,
					   sizeof(reference));
	tap_ok(length > 4096 && m.line && rd(VE_COMPRESSED_AST2600) == 4096 &&
	       !memcmp(memory(&m, COMPRESSED, 4096), reference, 4096) &&
	       *memory(&m, COMPRESSED + 4096, 1) == 0x5a,
	       "a small buffer holds the image's beginning, and nothing behind it is touched");
}

static void test_bad_addresses(void)
{
	static const u32 registers[] = { VE_SOURCE0_ADDR, VE_COMPRESS_ADDR, VE_HEADER_ADDR };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		power_on(ASPEED_VE_AST2600);
		prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
		wr(registers[i], i % 2 ? NOWHERE : BUS + MEMORY - 64);
		trigger();
		tap_ok(run() && m.ve.bad_addresses == 1 && !m.line &&
		       (rd(VE_SEQ) & VE_SEQ_CAPTURE_IDLE), "VR%03X leads nowhere: it gives up",
		       registers[i]);
	}
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	wr(VE_CAPTURE_WINDOW, ~0U);
	trigger();
	tap_ok(run() && !rd(VE_INTERRUPT_STATUS), "a window beyond its limits captures nothing");
}

static bool is_untouched(void)
{
	const u8 *bytes = memory(&m, SOURCE, 0);
	size_t i;

	for (i = 0; i < COMPRESSED - SOURCE; i++)
		if (bytes[i])
			return false;
	return true;
}

static void test_leaving_off(void)
{
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	trigger();
	aspeed_ve_clock(&m.ve, false);
	run();
	aspeed_ve_clock(&m.ve, true);
	run();
	tap_ok(is_untouched() && !m.line, "without clocks memory is left alone, and later, too");

	wr(VE_KEY, VE_KEY_UNLOCK);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	trigger();
	set(VE_SEQ, VE_SEQ_FORCE_IDLE);
	run();
	tap_ok(is_untouched() && (rd(VE_SEQ) & VE_SEQ_CAPTURE_IDLE), "forced idle, likewise");

	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	trigger();
	signal_off();
	run();
	tap_ok(is_untouched() && !m.line, "a capture is lost with its signal");
}

static u32 capture_with(u32 faults)
{
	power_on(ASPEED_VE_AST2600);
	prepare(ASPEED_VE_AST2600, WIDTH, HEIGHT, true, 0);
	m.ve.faults = faults;
	trigger();
	run();
	return rd(VE_COMPRESSED_AST2600);
}

static void test_faults(void)
{
	u32 whole = capture_with(0);

	capture_with(ASPEED_VE_FAULT_SILENT);
	tap_ok(!m.line && !rd(VE_INTERRUPT_STATUS), "fault: silent");
	capture_with(ASPEED_VE_FAULT_SPURIOUS);
	tap_ok(rd(VE_INTERRUPT_STATUS) & VE_INTERRUPT_FRAME, "fault: spurious");
	tap_ok(capture_with(ASPEED_VE_FAULT_TRUNCATED) == whole / 2, "fault: truncated");
	tap_ok(capture_with(ASPEED_VE_FAULT_GARBLED) == whole &&
	       !is_reference(ASPEED_VE_AST2600, WIDTH, HEIGHT, true), "fault: garbled");
	tap_ok(capture_with(ASPEED_VE_FAULT_SIZE) > 4U << 20, "fault: size");
	power_on(ASPEED_VE_AST2600);
	m.ve.faults = ASPEED_VE_FAULT_UNSTABLE;
	detect();
	tap_ok(!(rd(VE_MODE) & VE_MODE_H_STABLE), "fault: unstable");
}

/* Whatever is written wherever: bounded work, and memory's bounds are kept. */
static void test_random(void)
{
	u32 state = 1, i, unended = 0;

	power_on(ASPEED_VE_AST2600);
	for (i = 0; i < 20000; i++) {
		static const u32 addresses[] = { SOURCE, COMPRESSED, HEADERS, NOWHERE, ~0U, 0 };
		u32 offset, value;

		state = state * 1664525 + 1013904223;
		offset = (state >> 8) % 0x120 * 4;
		value = state ^ state >> 13;
		if (offset >= VE_HEADER_ADDR && offset <= VE_COMPRESS_ADDR && value & 1)
			value = addresses[value >> 4 & 3];
		if (offset == VE_CAPTURE_WINDOW || offset == VE_COMPRESS_WINDOW)
			value &= 0x00ff00ff;
		if (offset != VE_KEY)
			wr(offset, value);
		if (i % 64 == 0)
			signal_on(64 + state % 100, 64 + (state >> 8) % 100);
		if (i % 8 == 0)
			unended += !run();
	}
	tap_ok(!unended, "20000 random writes: all work ends, where it may");
}

int main(void)
{
	m.memory = malloc(MEMORY);
	m.pixels = malloc((size_t)VE_WIDTH_MAX * VE_HEIGHT_MAX * sizeof(u32));
	if (!m.memory || !m.pixels)
		return 1;
	paint(WIDTH, HEIGHT, 1);
	test_key();
	test_read_only();
	test_detect_positive();
	test_detect_negative();
	test_no_signal();
	test_watchdog();
	test_captures();
	test_sync_window();
	test_silent();
	test_small_buffer();
	test_bad_addresses();
	test_leaving_off();
	test_faults();
	test_random();
	free(m.memory);
	free(m.pixels);
	return tap_end();
}
