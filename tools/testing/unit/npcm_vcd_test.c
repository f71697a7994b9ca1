// SPDX-License-Identifier: Apache-2.0
/*
 * The model of the Nuvoton video capture engine, register by register.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "../../../drivers/media/kvmcap-sim/npcm_vcd_model.h"
#include "tap.h"

/* The machine: some memory, where the frame buffers are. */
#define BUS		0x20000000U
#define MEMORY		(16U << 20)
#define FRAME_A		(BUS + 0x100000)
#define FRAME_B		(BUS + 0x800000)
#define NOWHERE		0x10000000U
#define FILLER		0xa5

#define STEPS_MAX	1000

#define WIDTH		200
#define HEIGHT		72
#define PITCH		512

struct machine {
	struct npcm_vcd vcd;
	u8 *memory;
	u32 *pixels;
	bool line;
	unsigned int raised;
};

static struct machine m;

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

static const struct npcm_machine ops = { memory, interrupt };

static u32 rd(u32 offset)
{
	return npcm_vcd_read(&m.vcd, offset);
}

static void wr(u32 offset, u32 value)
{
	npcm_vcd_write(&m.vcd, offset, value);
}

static void run(void)
{
	unsigned int i;

	for (i = 0; i < STEPS_MAX && npcm_vcd_has_work(&m.vcd); i++)
		npcm_vcd_step(&m.vcd);
}

static void signal_set(bool present, unsigned int width, unsigned int height)
{
	const struct npcm_vcd_signal signal = { present, (u16)width, (u16)height, m.pixels };

	npcm_vcd_signal(&m.vcd, &signal);
}

static void paint(unsigned int width, unsigned int height, u32 seed)
{
	size_t i;

	for (i = 0; i < (size_t)width * height; i++) {
		seed = seed * 1664525 + 1013904223;
		m.pixels[i] = seed >> 8;
	}
}

static u16 wanted(unsigned int x, unsigned int y, unsigned int width)
{
	u32 p = m.pixels[y * width + x];

	return (u16)((p >> 19 & 0x1f) << 11 | (p >> 10 & 0x3f) << 5 | (p >> 3 & 0x1f));
}

static u16 pixel_at(u32 base, unsigned int x, unsigned int y, u32 pitch)
{
	const u8 *bytes = memory(&m, base + y * pitch + 2 * x, 2);

	return (u16)(bytes[0] | bytes[1] << 8);
}

static bool is_picture(u32 base, unsigned int width, unsigned int height, u32 pitch)
{
	unsigned int x, y;

	for (y = 0; y < height; y++)
		for (x = 0; x < width; x++)
			if (pixel_at(base, x, y, pitch) != wanted(x, y, width))
				return false;
	return true;
}

/* What is behind the lines, and behind the last one, is not the engine's. */
static bool is_spared(u32 base, unsigned int width, unsigned int height, u32 pitch)
{
	unsigned int y, i;

	for (y = 0; y < height; y++)
		for (i = 2 * width; i < pitch; i++)
			if (*memory(&m, base + y * pitch + i, 1) != FILLER)
				return false;
	return *memory(&m, base + height * pitch, 1) == FILLER;
}

/* As the drivers do it: out of reset, the picture let through. */
static void power_on(void)
{
	npcm_vcd_init(&m.vcd, &ops, &m);
	memset(m.memory, FILLER, MEMORY);
	m.line = false;
	m.raised = 0;
	npcm_vcd_reset(&m.vcd, false);
	npcm_gcr_write(&m.vcd, GCR_INTCR, 0);
	npcm_gcr_write(&m.vcd, GCR_INTCR2, GCR_INTCR2_LINE_RESET | GCR_INTCR2_VERTICAL_RESET);
	wr(VCD_MODE, VCD_MODE_ENABLE | VCD_MODE_RGB565 | VCD_MODE_IDBC | VCD_MODE_BANDWIDTH);
	wr(VCD_CHANGE, FIELD_PREP(VCD_CHANGE_IGNORED, 3));
}

static void prepare(unsigned int width, unsigned int height, u32 pitch)
{
	power_on();
	paint(width, height, width);
	signal_set(true, width, height);
	wr(VCD_FBA_ADDR, FRAME_A);
	wr(VCD_FBB_ADDR, FRAME_A);
	wr(VCD_PITCH, FIELD_PREP(VCD_PITCH_FBA, pitch) | FIELD_PREP(VCD_PITCH_FBB, pitch));
	wr(VCD_RESOLUTION, FIELD_PREP(VCD_RESOLUTION_WIDTH, width) |
	   FIELD_PREP(VCD_RESOLUTION_HEIGHT, height));
	wr(VCD_LINE_LAST, rd(VCD_LINE_TIME));
	wr(VCD_VERTICAL_LAST, rd(VCD_VERTICAL_TIME));
	wr(VCD_STATUS, VCD_STATUS_CLEAR);
	wr(VCD_INTERRUPT_ENABLE, VCD_STATUS_DONE);
}

static void go(u32 operation)
{
	wr(VCD_STATUS, VCD_STATUS_CLEAR);
	wr(VCD_COMMAND, FIELD_PREP(VCD_COMMAND_OPERATION, operation) | VCD_COMMAND_GO);
}

static bool is_done(void)
{
	return rd(VCD_STATUS) == VCD_STATUS_DONE;
}

static void test_reset(void)
{
	npcm_vcd_init(&m.vcd, &ops, &m);
	tap_ok(rd(VCD_MODE) == ~0U && rd(VCD_DIFF_TABLE) == ~0U,
	       "in reset registers read as all ones");
	wr(VCD_FIFO, VCD_FIFO_THRESHOLDS);
	npcm_vcd_reset(&m.vcd, false);
	tap_ok(!rd(VCD_FIFO), "and cannot be written");
	wr(VCD_FIFO, VCD_FIFO_THRESHOLDS);
	tap_ok(rd(VCD_FIFO) == VCD_FIFO_THRESHOLDS, "out of it they can");
	npcm_vcd_reset(&m.vcd, true);
	npcm_vcd_reset(&m.vcd, false);
	tap_ok(!rd(VCD_FIFO), "a reset clears them");
	wr(VCD_DIFF_TABLE, 1);
	wr(VCD_LINE_TIME, 1);
	wr(VCD_STATUS, VCD_STATUS_BUSY);
	tap_ok(!rd(VCD_DIFF_TABLE) && !rd(VCD_LINE_TIME) && !rd(VCD_STATUS),
	       "what the engine tells cannot be written");
	tap_ok(!rd(VCD_FBA_ADDR - 4), "behind the table there is nothing");
}

static void test_capture(unsigned int width, unsigned int height, u32 pitch)
{
	prepare(width, height, pitch);
	go(VCD_OPERATION_CAPTURE);
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_BUSY && !m.line &&
	       !(rd(VCD_COMMAND) & VCD_COMMAND_GO), "%ux%u: a capture goes on", width, height);
	run();
	tap_ok(is_done() && m.line, "%ux%u: and ends", width, height);
	tap_ok(is_picture(FRAME_A, width, height, pitch) &&
	       is_spared(FRAME_A, width, height, pitch),
	       "%ux%u: with the picture, pitch %u, and nothing else", width, height, pitch);
	wr(VCD_STATUS, VCD_STATUS_CLEAR);
	tap_ok(!m.line && !rd(VCD_STATUS), "%ux%u: ones written clear it", width, height);
}

static unsigned int count_bits(void)
{
	unsigned int bits = 0;
	u32 offset;

	for (offset = 0; offset < NPCM_DIFF_WORDS * 4; offset += 4)
		bits += (unsigned int)__builtin_popcount(rd(offset));
	return bits;
}

static bool is_marked(unsigned int x, unsigned int y)
{
	u32 row = y / NPCM_BLOCK * VCD_DIFF_TABLE_STRIDE;

	return rd(row + x / NPCM_BLOCK / 32 * 4) >> (x / NPCM_BLOCK % 32) & 1;
}

static void compare(void)
{
	go(VCD_OPERATION_COMPARE);
	run();
}

static void test_compare(void)
{
	unsigned int width = 1366, height = 768, pitch = 4096;
	unsigned int blocks = DIV_ROUND_UP(width, NPCM_BLOCK) * (height / NPCM_BLOCK);

	prepare(width, height, pitch);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(!count_bits(), "a capture leaves the table alone");
	compare();
	tap_ok(is_done() && !count_bits(), "the same picture has no differences");
	m.pixels[0] ^= 0x80;
	m.pixels[700 * width + 1365] ^= 0x8000;
	m.pixels[767 * width + 515] ^= 0x800000;
	compare();
	tap_ok(is_done() && count_bits() == 3 && is_marked(0, 0) && is_marked(1365, 700) &&
	       is_marked(515, 767), "three pixels are three blocks");
	tap_ok(is_picture(FRAME_A, width, height, pitch), "which get into the frame buffer");
	m.pixels[12345] ^= 0x7;
	compare();
	tap_ok(is_done() && !count_bits(), "what RGB565 does not show is no difference");
	paint(width, height, 5);
	compare();
	tap_ok(count_bits() == blocks && is_picture(FRAME_A, width, height, pitch),
	       "another picture differs everywhere");
}

static void test_two_buffers(void)
{
	prepare(WIDTH, HEIGHT, PITCH);
	go(VCD_OPERATION_CAPTURE);
	run();
	wr(VCD_FBB_ADDR, FRAME_B);
	compare();
	tap_ok(count_bits() == 13 * 5 && is_picture(FRAME_A, WIDTH, HEIGHT, PITCH) &&
	       *memory(&m, FRAME_B, 1) == FILLER,
	       "it is compared with buffer B, and written to buffer A");
}

static void test_no_table(void)
{
	prepare(WIDTH, HEIGHT, PITCH);
	wr(VCD_MODE, rd(VCD_MODE) & ~(u32)VCD_MODE_IDBC);
	compare();
	tap_ok(is_done() && !count_bits() && is_picture(FRAME_A, WIDTH, HEIGHT, PITCH),
	       "without IDBC differences are not told");
}

/* Each of these is something without which there is no capture. */
static void test_refused(void)
{
	static const struct {
		const char *what;
		u32 offset;
		u32 value;
	} cases[] = {
		{ "being enabled", VCD_MODE, VCD_MODE_RGB565 },
		{ "RGB565", VCD_MODE, VCD_MODE_ENABLE },
		{ "a resolution", VCD_RESOLUTION, 0 },
		{ "a pitch that there is", VCD_PITCH, 1536 << 16 | 1536 },
		{ "a pitch for the second buffer", VCD_PITCH, 512 },
		{ "a pitch that is enough", VCD_RESOLUTION, 257 << 16 | 16 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		prepare(WIDTH, HEIGHT, PITCH);
		wr(cases[i].offset, cases[i].value);
		go(VCD_OPERATION_CAPTURE);
		run();
		tap_ok(!rd(VCD_STATUS) && *memory(&m, FRAME_A, 1) == FILLER,
		       "no capture without %s", cases[i].what);
	}
	prepare(WIDTH, HEIGHT, PITCH);
	go(1);
	tap_ok(!rd(VCD_STATUS), "no operation that nobody knows");
}

static void test_no_memory(void)
{
	prepare(WIDTH, HEIGHT, PITCH);
	wr(VCD_FBA_ADDR, NOWHERE);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_BUSY && m.vcd.bad_addresses == 1,
	       "a capture to where there is no memory never ends");
	wr(VCD_COMMAND, VCD_COMMAND_RESET);
	tap_ok(!rd(VCD_STATUS) && !rd(VCD_COMMAND), "unless it is reset");
	wr(VCD_FBA_ADDR, FRAME_A);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(is_done() && is_picture(FRAME_A, WIDTH, HEIGHT, PITCH), "after that it works again");
}

static void test_operation_stays(void)
{
	prepare(WIDTH, HEIGHT, PITCH);
	compare();
	wr(VCD_COMMAND, rd(VCD_COMMAND) | VCD_COMMAND_RESET);
	tap_ok(FIELD_GET(VCD_COMMAND_OPERATION, rd(VCD_COMMAND)) == VCD_OPERATION_COMPARE,
	       "a reset of the state machines leaves the operation");
	m.pixels[0] ^= 0x80;
	wr(VCD_COMMAND, rd(VCD_COMMAND) | VCD_COMMAND_GO);
	run();
	tap_ok(count_bits() == 1, "so that it is a comparison still");
}

static void test_paths(void)
{
	static const struct {
		const char *what;
		u32 intcr;
		u32 intcr2;
	} cases[] = {
		{ "the graphics core is switched off", GCR_INTCR_GFX_OFF, 0 },
		{ "lines are taken by HSYNC", GCR_INTCR_HSYNC, 0 },
		{ "the graphics core is in reset", 0, GCR_INTCR2_GFX_RESET },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		prepare(WIDTH, HEIGHT, PITCH);
		npcm_gcr_write(&m.vcd, GCR_INTCR, cases[i].intcr);
		npcm_gcr_write(&m.vcd, GCR_INTCR2, cases[i].intcr2);
		go(VCD_OPERATION_CAPTURE);
		run();
		tap_ok(rd(VCD_STATUS) == VCD_STATUS_BUSY && !rd(VCD_LINE_TIME) &&
		       npcm_gcr_read(&m.vcd, GCR_INTCR) == cases[i].intcr,
		       "no picture comes while %s", cases[i].what);
		npcm_gcr_write(&m.vcd, GCR_INTCR, 0);
		npcm_gcr_write(&m.vcd, GCR_INTCR2, 0);
		run();
		tap_ok(is_done(), "but when that is over");
	}
}

static u32 width_told(void)
{
	return (npcm_gfxi_read(&m.vcd, GFXI_WIDTH_HIGH) << 8 |
		npcm_gfxi_read(&m.vcd, GFXI_WIDTH_LOW)) + 1;
}

static u32 height_told(void)
{
	return npcm_gfxi_read(&m.vcd, GFXI_HEIGHT_HIGH) << 8 |
	       npcm_gfxi_read(&m.vcd, GFXI_HEIGHT_LOW);
}

/* As mainline calculates it, Hz. */
static u32 clock_told(void)
{
	u32 pll = npcm_gfxi_read(&m.vcd, GFXI_PLL);
	u32 input = npcm_gfxi_read(&m.vcd, GFXI_PLL_INPUT);
	u32 feedback = 512 * FIELD_GET(GFXI_PLL_FEEDBACK109, pll) +
		       (input & GFXI_PLL_INPUT_FEEDBACK8 ? 256 : 0) +
		       npcm_gfxi_read(&m.vcd, GFXI_PLL_FEEDBACK);

	return feedback * 25000 / (FIELD_GET(GFXI_PLL_INPUT_DIVIDER, input) *
	       FIELD_GET(GFXI_PLL_OUTPUT1, pll) * FIELD_GET(GFXI_PLL_OUTPUT2, pll)) * 1000;
}

static void test_graphics(void)
{
	power_on();
	tap_ok(npcm_gfxi_read(&m.vcd, GFXI_DISPLAY) == GFXI_DISPLAY_OFF && !height_told(),
	       "without a signal the display is off, and has no lines");
	signal_set(true, 1920, 1200);
	tap_ok(width_told() == 1920 && height_told() == 1200 &&
	       npcm_gfxi_read(&m.vcd, GFXI_DISPLAY) == GFXI_DISPLAY_MGA,
	       "1920x1200 is told, and is no VGA mode");
	tap_ok(clock_told() / 1000000 == 153, "its pixel clock is that of its blanking");
	signal_set(true, 720, 400);
	tap_ok(width_told() == 720 && height_told() == 400 &&
	       !npcm_gfxi_read(&m.vcd, GFXI_DISPLAY) && clock_told() / 1000000 == 22,
	       "720x400 is one");
	npcm_gcr_write(&m.vcd, GCR_INTCR2, 0);
	tap_ok(width_told() == 1 && !height_told(), "counters that are held do not count");
	tap_ok(!npcm_gfxi_read(&m.vcd, 4), "what is not known reads as 0");
}

static void test_bandwidth(void)
{
	u32 wanted_bit = VCD_MODE_BANDWIDTH;

	prepare(1920, 1080, 4096);
	wr(VCD_MODE, rd(VCD_MODE) & ~wanted_bit);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_FIFO_OVERRUN,
	       "1920x1080 overruns the FIFO without more bandwidth");
	prepare(1024, 768, 2048);
	wr(VCD_MODE, rd(VCD_MODE) & ~wanted_bit);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(is_done(), "1024x768 does not");
	prepare(640, 480, 2048);
	wr(VCD_MODE, rd(VCD_MODE) & ~wanted_bit);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_FIFO_OVERRUN, "VGA modes do");
}

static void test_changes(void)
{
	u32 both = VCD_STATUS_LINE_CHANGED | VCD_STATUS_VERTICAL_CHANGED;

	prepare(WIDTH, HEIGHT, PITCH);
	signal_set(true, WIDTH, HEIGHT);
	tap_ok(!rd(VCD_STATUS), "the same signal is no change");
	signal_set(true, WIDTH, HEIGHT + 1);
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_VERTICAL_CHANGED && !m.line,
	       "a line more is one, of the frame only, and no interrupt unless enabled");
	wr(VCD_INTERRUPT_ENABLE, both);
	tap_ok(m.line, "which it is now");
	wr(VCD_STATUS, VCD_STATUS_CLEAR);
	signal_set(true, WIDTH + 3, HEIGHT);
	tap_ok(!(rd(VCD_STATUS) & VCD_STATUS_LINE_CHANGED), "as much as is ignored is ignored");
	signal_set(true, WIDTH + 4, HEIGHT);
	tap_ok(rd(VCD_STATUS) == both, "more is not");
	wr(VCD_STATUS, VCD_STATUS_CLEAR);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == (both | VCD_STATUS_DONE),
	       "a capture tells of it until it has been taken for good");
	wr(VCD_LINE_LAST, rd(VCD_LINE_TIME));
	wr(VCD_VERTICAL_LAST, rd(VCD_VERTICAL_TIME));
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(is_done(), "and no longer");
	wr(VCD_STATUS, VCD_STATUS_CLEAR);
	signal_set(false, WIDTH, HEIGHT);
	tap_ok(rd(VCD_STATUS) == both, "the loss of the signal is a change");
}

static void test_lost(void)
{
	prepare(WIDTH, HEIGHT, PITCH);
	go(VCD_OPERATION_CAPTURE);
	npcm_vcd_step(&m.vcd);
	signal_set(true, WIDTH + 8, HEIGHT);
	run();
	tap_ok(rd(VCD_STATUS) & VCD_STATUS_BUSY && !(rd(VCD_STATUS) & VCD_STATUS_DONE),
	       "a capture does not outlast its signal");
	npcm_vcd_reset(&m.vcd, true);
	tap_ok(!m.line && !npcm_vcd_has_work(&m.vcd), "a reset ends it");

	prepare(WIDTH, HEIGHT, PITCH);
	signal_set(false, WIDTH, HEIGHT);
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_BUSY, "without a signal a capture waits for one");
	signal_set(true, WIDTH, HEIGHT);
	run();
	tap_ok(rd(VCD_STATUS) & VCD_STATUS_DONE, "and ends when it comes");
}

static void test_cropped(void)
{
	prepare(WIDTH, HEIGHT, PITCH);
	wr(VCD_RESOLUTION, FIELD_PREP(VCD_RESOLUTION_WIDTH, WIDTH + 20) |
	   FIELD_PREP(VCD_RESOLUTION_HEIGHT, HEIGHT + 20));
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(is_done() && is_picture(FRAME_A, WIDTH, HEIGHT, PITCH) &&
	       !pixel_at(FRAME_A, WIDTH, 0, PITCH) && !pixel_at(FRAME_A, 0, HEIGHT, PITCH),
	       "beyond the picture it is black");
}

static void test_faults(void)
{
	u32 unknown = BIT(1) | BIT(4) | BIT(6) | BIT(7);

	prepare(WIDTH, HEIGHT, PITCH);
	m.vcd.faults = NPCM_FAULT_SILENT;
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_BUSY && !m.line, "fault: it never ends");
	prepare(WIDTH, HEIGHT, PITCH);
	wr(VCD_INTERRUPT_ENABLE, 0);
	m.vcd.faults = NPCM_FAULT_SPURIOUS;
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == (VCD_STATUS_DONE | unknown) && m.line,
	       "fault: interrupts that nobody enabled");
	prepare(WIDTH, HEIGHT, PITCH);
	m.vcd.faults = NPCM_FAULT_OVERRUN;
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == VCD_STATUS_FIFO_OVERRUN, "fault: the FIFO overruns");
	prepare(WIDTH, HEIGHT, PITCH);
	m.vcd.faults = NPCM_FAULT_UNSTABLE;
	wr(VCD_VERTICAL_LAST, rd(VCD_VERTICAL_TIME));
	go(VCD_OPERATION_CAPTURE);
	run();
	tap_ok(rd(VCD_STATUS) == (VCD_STATUS_BUSY | VCD_STATUS_VERTICAL_CHANGED),
	       "fault: the timing changes with each capture");
}

int main(void)
{
	m.memory = malloc(MEMORY);
	m.pixels = calloc((size_t)NPCM_WIDTH_MAX * NPCM_HEIGHT_MAX, sizeof(*m.pixels));
	if (!m.memory || !m.pixels)
		return 1;

	test_reset();
	test_capture(WIDTH, HEIGHT, 512);
	test_capture(400, 300, 1024);
	test_capture(1024, 768, 2048);
	test_capture(1280, 720, 2560);
	test_capture(1920, 1200, 4096);
	test_compare();
	test_two_buffers();
	test_no_table();
	test_refused();
	test_no_memory();
	test_operation_stays();
	test_paths();
	test_graphics();
	test_bandwidth();
	test_changes();
	test_lost();
	test_cropped();
	test_faults();
	free(m.memory);
	free(m.pixels);
	return tap_end();
}
