// SPDX-License-Identifier: Apache-2.0
/*
 * The model of the Nuvoton encoding compression engine, register by register, and
 * its Hextile.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "../../../drivers/media/kvmcap-sim/npcm_ece_model.h"
#include "../e2e/hextile.h"
#include "tap.h"

/* The machine: some memory, with a frame buffer and what is made of it. */
#define BUS		0x20000000U
#define MEMORY		(8U << 20)
#define FRAME		(BUS + 0x100000)
#define OUTPUT		(BUS + 0x600000)
#define NOWHERE		0x10000000U
#define FILLER		0xa5

#define STEPS_MAX	1000
#define GAP		12
#define ENDED		(ECE_STATUS_READY | ECE_STATUS_ALL_READY)

#define RANDOM_TILES	20000

struct machine {
	struct npcm_ece ece;
	u8 *memory;
};

static struct machine m;
static u16 seen[NPCM_WIDTH_MAX * NPCM_HEIGHT_MAX];
static struct hextile_counts counts;

static u8 *memory(void *context, u32 address, size_t length)
{
	struct machine *machine = context;

	if (address < BUS || length > MEMORY || address - BUS > MEMORY - length)
		return NULL;
	return machine->memory + (address - BUS);
}

static const struct npcm_machine ops = { .memory = memory };

static u32 rd(u32 offset)
{
	return npcm_ece_read(&m.ece, offset);
}

static void wr(u32 offset, u32 value)
{
	npcm_ece_write(&m.ece, offset, value);
}

static void run(void)
{
	unsigned int i;

	for (i = 0; i < STEPS_MAX && npcm_ece_has_work(&m.ece); i++)
		npcm_ece_step(&m.ece);
}

static u32 random_number(void)
{
	static u32 seed = 1;

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static u8 *pixel(unsigned int x, unsigned int y, u32 pitch)
{
	return memory(&m, FRAME + y * pitch + 2 * x, 2);
}

/* @colours of them; runs, so that there are rectangles to find. */
static void paint(unsigned int width, unsigned int height, u32 pitch, unsigned int colours)
{
	unsigned int x, y;
	u32 colour = 0;

	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++) {
			if (random_number() % 4 == 0)
				colour = random_number() % colours * 2749;
			pixel(x, y, pitch)[0] = colour & 0xff;
			pixel(x, y, pitch)[1] = colour >> 8 & 0xff;
		}
	}
}

static void power_on(void)
{
	npcm_ece_init(&m.ece, &ops, &m);
	memset(m.memory, FILLER, MEMORY);
	memset(&counts, 0, sizeof(counts));
	npcm_ece_reset(&m.ece, false);
	wr(ECE_CTRL, ECE_CTRL_ENABLE);
	wr(ECE_FRAME_ADDR, FRAME);
	wr(ECE_OUTPUT_ADDR, OUTPUT);
	wr(ECE_PITCH, ECE_PITCH_4096);
}

static void start(unsigned int x, unsigned int y, unsigned int width, unsigned int height,
		  u32 pitch)
{
	wr(ECE_STATUS, ENDED);
	wr(ECE_RECT_START, y * pitch + 2 * x);
	wr(ECE_RECT_SIZE, FIELD_PREP(ECE_RECT_SIZE_COLUMNS, (width - 1) / NPCM_BLOCK) |
	   FIELD_PREP(ECE_RECT_SIZE_LAST_COLUMN, (width - 1) % NPCM_BLOCK) |
	   FIELD_PREP(ECE_RECT_SIZE_ROWS, (height - 1) / NPCM_BLOCK) |
	   FIELD_PREP(ECE_RECT_SIZE_LAST_ROW, (height - 1) % NPCM_BLOCK));
}

static u32 size_at(u32 offset)
{
	const u8 *bytes = memory(&m, OUTPUT + offset, 4);

	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (u32)bytes[3] << 24;
}

/* What was made of the rectangle is the rectangle. */
static bool is_rectangle(u32 offset, unsigned int x, unsigned int y, unsigned int width,
			 unsigned int height, u32 pitch)
{
	size_t length = size_at(offset), used = length;
	unsigned int i, j;
	const char *problem;

	if (!memory(&m, OUTPUT + offset + GAP, length))
		return false;
	problem = hextile_decode(memory(&m, OUTPUT + offset + GAP, length), &used, seen,
				 width, width, height, &counts);
	if (problem || used != length) {
		tap_diag("%s, %zu of %zu bytes", problem ? problem : "", used, length);
		return false;
	}
	for (j = 0; j < height; j++) {
		for (i = 0; i < width; i++) {
			const u8 *p = pixel(x + i, y + j, pitch);

			if (seen[j * width + i] != (p[0] | p[1] << 8))
				return false;
		}
	}
	return true;
}

static void test_reset(void)
{
	npcm_ece_init(&m.ece, &ops, &m);
	tap_ok(rd(ECE_HEXTILE) == ~0U, "in reset registers read as all ones");
	wr(ECE_PITCH, ECE_PITCH_1024);
	npcm_ece_reset(&m.ece, false);
	tap_ok(!rd(ECE_PITCH), "and cannot be written");
	tap_ok(FIELD_GET(ECE_HEXTILE_GAP, rd(ECE_HEXTILE)) == GAP,
	       "after it the gap is that of a rectangle's header");
	wr(ECE_OFFSET, ~0U);
	tap_ok(rd(ECE_OFFSET) == ECE_OFFSET_MASK, "offsets have 23 bits");
	wr(ECE_STATUS, ~0U);
	tap_ok(!rd(ECE_STATUS), "the status cannot be set");
}

static void test_rectangle(unsigned int x, unsigned int y, unsigned int width,
			   unsigned int height, u32 code, u32 pitch)
{
	power_on();
	wr(ECE_PITCH, code);
	paint(x + width, y + height, pitch, 3);
	start(x, y, width, height, pitch);
	tap_ok(!rd(ECE_STATUS) && !rd(ECE_OFFSET), "%ux%u: it takes its time", width, height);
	run();
	tap_ok(rd(ECE_STATUS) == ENDED && rd(ECE_OFFSET) == GAP + size_at(0) &&
	       is_rectangle(0, x, y, width, height, pitch),
	       "%ux%u at %u,%u, pitch %u: it is the rectangle", width, height, x, y, pitch);
	tap_ok(*memory(&m, OUTPUT + rd(ECE_OFFSET), 1) == FILLER && !m.ece.bad_addresses,
	       "%ux%u: and nothing behind it is written", width, height);
}

static void test_several(void)
{
	u32 second, end;

	power_on();
	paint(300, 100, 4096, 5);
	start(0, 0, 300, 100, 4096);
	run();
	second = rd(ECE_OFFSET);
	wr(ECE_CTRL, 0);
	wr(ECE_CTRL, ECE_CTRL_ENABLE);
	start(16, 32, 64, 16, 4096);
	run();
	end = rd(ECE_OFFSET);
	tap_ok(is_rectangle(0, 0, 0, 300, 100, 4096) &&
	       is_rectangle(second, 16, 32, 64, 16, 4096) &&
	       end == second + GAP + size_at(second),
	       "the next rectangle comes behind, and says its colours anew");
	wr(ECE_OFFSET, 0);
	start(16, 32, 64, 16, 4096);
	run();
	tap_ok(rd(ECE_OFFSET) == end - second && is_rectangle(0, 16, 32, 64, 16, 4096),
	       "unless the offset is cleared");
}

static void test_refused(void)
{
	static const struct {
		const char *what;
		u32 offset;
		u32 value;
	} cases[] = {
		{ "being enabled", ECE_CTRL, 0 },
		{ "Hextile", ECE_HEXTILE, ECE_HEXTILE_OFF },
		{ "a pitch that there is", ECE_PITCH, 5 },
		{ "a pitch that is enough", ECE_PITCH, ECE_PITCH_512 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		power_on();
		wr(cases[i].offset, cases[i].value);
		start(0, 0, 300, 16, 4096);
		run();
		tap_ok(!rd(ECE_STATUS) && *memory(&m, OUTPUT, 1) == FILLER,
		       "nothing comes without %s", cases[i].what);
	}
}

static void test_no_memory(void)
{
	power_on();
	wr(ECE_FRAME_ADDR, NOWHERE);
	start(0, 0, 64, 64, 4096);
	run();
	tap_ok(!rd(ECE_STATUS) && m.ece.bad_addresses == 1, "nor from where there is no memory");
	power_on();
	wr(ECE_OUTPUT_ADDR, BUS + MEMORY - 16);
	start(0, 0, 64, 64, 4096);
	run();
	tap_ok(!rd(ECE_STATUS) && m.ece.bad_addresses == 1, "nor beyond its end");
}

static void test_stopped(void)
{
	power_on();
	paint(64, 64, 4096, 2);
	start(0, 0, 64, 64, 4096);
	npcm_ece_step(&m.ece);
	wr(ECE_CTRL, 0);
	run();
	tap_ok(!rd(ECE_STATUS) && !npcm_ece_has_work(&m.ece), "disabled, it leaves off");
	wr(ECE_CTRL, ECE_CTRL_ENABLE);
	run();
	tap_ok(!rd(ECE_STATUS), "and does not go on by itself");
	start(0, 0, 64, 64, 4096);
	run();
	tap_ok(rd(ECE_STATUS) == ENDED && is_rectangle(0, 0, 0, 64, 64, 4096),
	       "but begins anew when told to");
}

static void test_faults(void)
{
	power_on();
	paint(64, 64, 4096, 9);
	m.ece.faults = NPCM_FAULT_STUCK;
	start(0, 0, 64, 64, 4096);
	run();
	tap_ok(!rd(ECE_STATUS), "fault: it never gets ready");
	m.ece.faults = NPCM_FAULT_SIZE;
	run();
	tap_ok(rd(ECE_STATUS) == ENDED && size_at(0) > MEMORY, "fault: the size is beyond all");
	m.ece.faults = NPCM_FAULT_GARBLED;
	wr(ECE_OFFSET, 0);
	start(0, 0, 64, 64, 4096);
	run();
	tap_ok(rd(ECE_STATUS) == ENDED && !is_rectangle(0, 0, 0, 64, 64, 4096),
	       "fault: bytes are others");
}

/* One subrectangle, whatever is in it, against the decoder. */
static bool try_tile(struct npcm_hextile *hextile, unsigned int colours, u8 *stream,
		     size_t *length)
{
	u16 pixels[NPCM_HEXTILE_PIXELS], colour = 0;
	unsigned int run = 1 + random_number() % 4;
	size_t used, i;

	for (i = 0; i < NPCM_HEXTILE_PIXELS; i++) {
		if (random_number() % run == 0)
			colour = (u16)(random_number() % colours * 40503);
		pixels[i] = colour;
	}
	memcpy(seen + NPCM_HEXTILE_PIXELS, pixels, sizeof(pixels));
	used = npcm_hextile_encode(hextile, pixels, 16, 16, stream + *length);
	*length += used;
	return used && used <= NPCM_HEXTILE_MAX;
}

static void test_random_tiles(void)
{
	static const unsigned int colours[] = { 1, 2, 2, 3, 8, 9, 256, 65536 };
	static u8 stream[4 * NPCM_HEXTILE_MAX];
	unsigned int i, j, good = 0;

	memset(&counts, 0, sizeof(counts));
	for (i = 0; i < RANDOM_TILES; i++) {
		struct npcm_hextile hextile = { 0 };
		u16 wanted[4][NPCM_HEXTILE_PIXELS];
		size_t length = 0, used;
		bool ok = true;

		for (j = 0; j < 4; j++) {
			ok &= try_tile(&hextile, colours[random_number() % ARRAY_SIZE(colours)],
				       stream, &length);
			memcpy(wanted[j], seen + NPCM_HEXTILE_PIXELS, sizeof(wanted[j]));
		}
		used = length;
		ok &= !hextile_decode(stream, &used, seen, 16, 16, 64, &counts);
		good += ok && used == length && !memcmp(seen, wanted, sizeof(wanted));
	}
	tap_ok(good == RANDOM_TILES, "random subrectangles come back as they were");
	tap_diag("%u raw, %u of one colour, %u of two, %u of more, %u with inherited ones",
		 counts.raw, counts.flat, counts.two, counts.many, counts.inherited);
	tap_ok(counts.raw && counts.flat && counts.two && counts.many && counts.inherited,
	       "they are of all kinds");
}

/* The way in which these are told is fixed: bytes that were worked out by hand. */
static void test_bytes(void)
{
	static const u8 flat[] = { 0x02, 0x34, 0x12 };
	static const u8 same[] = { 0x00 };
	static const u8 two[] = { 0x0c, 0x78, 0x56, 2, 0x00, 0x10, 0x22, 0x01 };
	static const u8 more[] = { 0x18, 2, 0xbc, 0x9a, 0x00, 0x00, 0x78, 0x56, 0x10, 0x00 };
	struct npcm_hextile hextile = { 0 };
	u8 out[NPCM_HEXTILE_MAX];
	u16 pixels[16];
	size_t i;

	for (i = 0; i < 16; i++)
		pixels[i] = 0x1234;
	tap_ok(npcm_hextile_encode(&hextile, pixels, 4, 4, out) == sizeof(flat) &&
	       !memcmp(out, flat, sizeof(flat)), "one colour is a background");
	tap_ok(npcm_hextile_encode(&hextile, pixels, 4, 4, out) == sizeof(same) &&
	       !memcmp(out, same, sizeof(same)), "the same again is nothing");
	pixels[0] = 0x5678;
	pixels[1] = 0x5678;
	pixels[10] = 0x5678;
	pixels[14] = 0x5678;
	tap_ok(npcm_hextile_encode(&hextile, pixels, 4, 4, out) == sizeof(two) &&
	       !memcmp(out, two, sizeof(two)), "two colours are rectangles of a foreground");
	for (i = 0; i < 16; i++)
		pixels[i] = 0x1234;
	pixels[0] = 0x9abc;
	pixels[1] = 0x5678;
	tap_ok(npcm_hextile_encode(&hextile, pixels, 4, 4, out) == sizeof(more) &&
	       !memcmp(out, more, sizeof(more)), "more are rectangles with their colours");
}

int main(void)
{
	m.memory = malloc(MEMORY);
	if (!m.memory)
		return 1;

	test_reset();
	test_rectangle(0, 0, 256, 16, ECE_PITCH_512, 512);
	test_rectangle(16, 5, 100, 75, ECE_PITCH_1024, 1024);
	test_rectangle(1, 0, 1, 1, ECE_PITCH_2048, 2048);
	test_rectangle(0, 0, 1280, 720, ECE_PITCH_2560, 2560);
	test_rectangle(0, 0, 1366, 768, ECE_PITCH_4096, 4096);
	test_rectangle(0, 0, 1920, 1050, ECE_PITCH_4096, 4096);
	test_several();
	test_refused();
	test_no_memory();
	test_stopped();
	test_faults();
	test_bytes();
	test_random_tiles();
	free(m.memory);
	return tap_end();
}
