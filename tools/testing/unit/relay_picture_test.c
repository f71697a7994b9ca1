// SPDX-License-Identifier: Apache-2.0
/*
 * What clients of every kind are sent of a picture: exactly that picture, as
 * little of it as has changed, only when asked, in what they have offered.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "relay_rig.h"
#include "rfb.h"
#include "tap.h"

/* Encodings by bit, as struct viewer has them. */
#define BIT_RAW		(1u << RFB_ENCODING_RAW)
#define BIT_HEXTILE	(1u << RFB_ENCODING_HEXTILE)
#define BIT_TIGHT	(1u << RFB_ENCODING_TIGHT)
#define BIT_JPEG	(1u << RFB_ENCODING_JPEG)

#define ENCODINGS_MAX	8

/* More bytes than the log holds. */
#define SLOW_FRAMES	14

/* Channels that went through JPEG of the best quality are wrong by less. */
#define TOLERANCE	8

/* What the screen is made of. */
static enum kvmcap_codec screen_codec = KVMCAP_CODEC_JPEG;
static bool screen_mixed;

/* A kind of client: what it offers, and what it may be sent for it. */
struct kind {
	const char *what;
	int32_t offers[ENCODINGS_MAX];
	unsigned int count;
	struct pixel_format format;
	uint32_t sent;
	unsigned int tolerance;
};

#define FORMAT_32	{ 32, 24, false, true, { 255, 255, 255 }, { 16, 8, 0 } }
#define FORMAT_32_BE	{ 32, 24, true, true, { 255, 255, 255 }, { 0, 8, 16 } }
#define FORMAT_16	{ 16, 16, false, true, { 31, 63, 31 }, { 11, 5, 0 } }
#define FORMAT_16_BE	{ 16, 15, true, true, { 31, 31, 31 }, { 10, 5, 0 } }
#define FORMAT_8	{ 8, 8, false, true, { 7, 7, 3 }, { 0, 3, 6 } }

static const struct kind kinds[] = {
	{ "Raw", { 0 }, 1, FORMAT_32, BIT_RAW, 0 },
	{ "nothing at all", { 0 }, 0, FORMAT_32, BIT_RAW, 0 },
	{ "Raw, 32 bits, big endian", { 0 }, 1, FORMAT_32_BE, BIT_RAW, 0 },
	{ "Raw, 16 bits", { 0 }, 1, FORMAT_16, BIT_RAW, 0 },
	{ "Raw, 16 bits, big endian", { 0 }, 1, FORMAT_16_BE, BIT_RAW, 0 },
	{ "Raw, 8 bits", { 0 }, 1, FORMAT_8, BIT_RAW, 0 },
	{ "Tight with a quality level", { 7, -26, -224 }, 3, FORMAT_32, BIT_TIGHT, 0 },
	{ "Tight with a fine quality level", { 7, -430, -224 }, 3, FORMAT_16, BIT_TIGHT, 0 },
	{ "Tight with a quality level, no LastRect", { 7, -26 }, 2, FORMAT_32, BIT_TIGHT, 0 },
	{ "Tight without a quality level", { 7, -224 }, 2, FORMAT_32, BIT_RAW, 0 },
	{ "Tight with a quality level, 8 bits", { 7, -26, -224 }, 3, FORMAT_8, BIT_RAW, 0 },
	{ "a quality level without Tight", { 0, -26 }, 2, FORMAT_32, BIT_RAW, 0 },
	{ "JPEG (21)", { 21, -224 }, 2, FORMAT_32, BIT_JPEG, 0 },
	{ "JPEG (21), no LastRect", { 21 }, 1, FORMAT_32, BIT_JPEG, 0 },
	{ "JPEG (21) and Tight", { 7, 21, -26, -224 }, 4, FORMAT_32, BIT_JPEG, 0 },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* Of screens that are not all JPEG; a client that JPEG is made for sees all but that. */
static const struct kind pixel_kinds[] = {
	{ "Hextile, 16 bits", { 5, -224 }, 2, FORMAT_16, BIT_HEXTILE, 0 },
	{ "Hextile, 16 bits, no LastRect", { 5 }, 1, FORMAT_16, BIT_HEXTILE, 0 },
	{ "Hextile, 16 bits, big endian", { 5 }, 1, FORMAT_16_BE, BIT_RAW, 0 },
	{ "Hextile, 32 bits", { 5 }, 1, FORMAT_32, BIT_RAW, 0 },
	{ "Raw, 16 bits", { 0 }, 1, FORMAT_16, BIT_RAW, 0 },
	{ "Tight, no LastRect", { 7, -412 }, 2, FORMAT_32, BIT_TIGHT, TOLERANCE },
	{ "Tight", { 7, -23, -224 }, 3, FORMAT_32, BIT_TIGHT, TOLERANCE },
	{ "JPEG (21)", { 21, -23 }, 2, FORMAT_32, BIT_JPEG, TOLERANCE },
	{ "JPEG (21) and Tight", { 21, 7, -23 }, 3, FORMAT_32, BIT_JPEG | BIT_TIGHT, TOLERANCE },
	{ "Tight and Hextile, 16 bits", { 7, 5, -23, -224 }, 4, FORMAT_16,
	  BIT_TIGHT | BIT_HEXTILE, TOLERANCE },
};

#define PIXEL_KINDS	(sizeof(pixel_kinds) / sizeof(pixel_kinds[0]))

static void start(struct rig *rig)
{
	rig_init(rig);
	rig->codec = screen_codec;
	rig->mixed = screen_mixed;
}

static bool connect_kind(struct viewer *viewer, struct rig *rig, const struct kind *kind)
{
	if (!viewer_connect(viewer, rig))
		return false;
	viewer->tolerance = kind->tolerance;
	viewer_set_format(viewer, &kind->format);
	viewer_offer(viewer, kind->offers, kind->count);
	return true;
}

/*
 * Ask until nothing more comes: a client without LastRect may be sent less at a
 * time. One request stays open.
 */
static bool catch_up(struct viewer *viewer, bool incremental)
{
	viewer_request_all(viewer, incremental);
	while (!viewer_is_quiet(viewer)) {
		if (!viewer_update(viewer))
			return false;
		viewer_request_all(viewer, true);
	}
	return true;
}

/* Ask once for everything; no request stays open. */
static bool get_all(struct viewer *viewer)
{
	viewer_request_all(viewer, false);
	return viewer_update(viewer);
}

static const char *problem(const struct viewer *viewer)
{
	return viewer->problem ? viewer->problem : "no update, or the connection ended";
}

static const struct { unsigned int width, height; enum kvmcap_jpeg_subsampling subsampling; }
screens[] = {
	{ 640, 480, KVMCAP_JPEG_420 },
	{ 721, 401, KVMCAP_JPEG_420 },
	{ 1366, 768, KVMCAP_JPEG_444 },
	{ 1920, 1200, KVMCAP_JPEG_420 },
};

#define SCREENS		(sizeof(screens) / sizeof(screens[0]))
#define SMALL_SCREENS	2

/* @screen_count: the first so many of the screens. */
static void test_kind(const struct kind *kind, unsigned int screen_count)
{
	struct viewer viewer = { .socket = -1 };
	struct rig rig;
	bool good = true;

	start(&rig);
	for (unsigned int i = 0; good && i < screen_count; i++) {
		good = rig_show(&rig, screens[i].width, screens[i].height,
				screens[i].subsampling, PATTERN_MIXED, i + 1) &&
		       connect_kind(&viewer, &rig, kind);
		for (unsigned int pattern = 0; good && pattern < PATTERNS; pattern++) {
			good = catch_up(&viewer, pattern) && viewer_is_right(&viewer) &&
			       viewer.encodings && !(viewer.encodings & ~kind->sent) &&
			       rig_show(&rig, screens[i].width, screens[i].height,
					screens[i].subsampling, (enum pattern)pattern, i + 7);
		}
		if (!good)
			tap_diag("%ux%u: %s", screens[i].width, screens[i].height,
				 problem(&viewer));
		viewer_close(&viewer);
	}
	tap_ok(good, "%s: every picture, and nothing that was not offered", kind->what);
	rig_free(&rig);
}

static void test_damage(const struct kind *kind)
{
	struct viewer viewer;
	struct rig rig;
	unsigned long tile;
	bool good;

	start(&rig);
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_FLAT, 1);
	good = connect_kind(&viewer, &rig, kind);
	tap_ok(good && viewer_is_quiet(&viewer), "%s: nothing unasked", kind->what);
	viewer_request_all(&viewer, false);
	good = viewer_update(&viewer);
	tap_ok(good && viewer.area == 1024ul * 768, "%s: all of it when asked", kind->what);
	tap_ok(viewer_is_quiet(&viewer) && !rig_is_armed(&rig),
	       "%s: once asked, once told, and no picture is captured for nobody", kind->what);

	viewer_request_all(&viewer, true);
	tap_ok(viewer_is_quiet(&viewer) && rig_is_armed(&rig),
	       "%s: nothing while nothing changes, but it is looked for", kind->what);
	good = rig_change_tile(&rig, 500, 300, 5) && viewer_update(&viewer);
	tile = (unsigned long)rig.mapping.log.header->mode.tile_width * 16;
	tap_ok(good && viewer.rectangles == 1 && viewer.area == tile && viewer_is_right(&viewer),
	       "%s: one tile when one has changed", kind->what);
	tap_ok(viewer_is_quiet(&viewer) && !rig_is_armed(&rig), "%s: and no more", kind->what);

	rig_change_tile(&rig, 0, 0, 6);
	rig_change_tile(&rig, 1023, 767, 7);
	rig_change_tile(&rig, 0, 0, 8);
	tap_ok(viewer_is_quiet(&viewer), "%s: nothing unasked after changes", kind->what);
	viewer_request_all(&viewer, true);
	good = viewer_update(&viewer);
	tap_ok(good && viewer.rectangles == 2 && viewer.area == 2 * tile &&
	       viewer_is_right(&viewer), "%s: changes add up, each tile comes once", kind->what);
	viewer_close(&viewer);
	tap_ok(!rig_is_armed(&rig) && !rig.server.connected, "%s: it goes", kind->what);
	rig_free(&rig);
}

/* Areas: only what was asked for, and what was not is not forgotten. */
static void test_areas(const struct kind *kind)
{
	struct viewer viewer;
	struct rig rig;
	unsigned int tile_width;
	bool good;

	start(&rig);
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_NOISE, 1);
	good = connect_kind(&viewer, &rig, kind) && get_all(&viewer);
	tile_width = rig.mapping.log.header->mode.tile_width;
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_NOISE, 2);
	viewer_request(&viewer, true, tile_width, 16, tile_width, 32);
	good = good && viewer_update(&viewer);
	tap_ok(good && viewer.area == 32ul * tile_width, "%s: the asked area", kind->what);
	viewer_request(&viewer, true, tile_width, 16, tile_width, 32);
	tap_ok(viewer_is_quiet(&viewer), "%s: ... once", kind->what);
	viewer_request(&viewer, false, tile_width + 1, 17, 1, 1);
	good = viewer_update(&viewer);
	tap_ok(good && viewer.area == 16ul * tile_width, "%s: ... again if not incremental",
	       kind->what);
	viewer_request_all(&viewer, true);
	good = viewer_update(&viewer);
	tap_ok(good && viewer_is_right(&viewer), "%s: the rest later", kind->what);
	viewer_request(&viewer, false, 65535, 65535, 65535, 65535);
	viewer_request(&viewer, false, 3, 3, 0, 0);
	viewer_request(&viewer, true, 1024, 0, 10, 10);
	tap_ok(viewer_is_quiet(&viewer), "%s: areas without pixels", kind->what);
	viewer_request(&viewer, false, 1000, 700, 65535, 65535);
	good = viewer_update(&viewer);
	tap_ok(good && viewer_is_right(&viewer), "%s: areas beyond the edge", kind->what);
	viewer_close(&viewer);
	rig_free(&rig);
}

static void test_resize(const struct kind *kind, int32_t size_encoding)
{
	int32_t offers[ENCODINGS_MAX + 1];
	struct viewer viewer;
	struct rig rig;
	bool good;

	memcpy(offers, kind->offers, sizeof(kind->offers));
	offers[kind->count] = size_encoding;
	start(&rig);
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	good = viewer_connect(&viewer, &rig);
	viewer.tolerance = kind->tolerance;
	viewer_set_format(&viewer, &kind->format);
	viewer_offer(&viewer, offers, kind->count + 1);
	good = good && catch_up(&viewer, false);
	rig_show(&rig, 640, 480, KVMCAP_JPEG_420, PATTERN_MIXED, 2);
	/* catch_up() has asked already. */
	good = good && viewer_update(&viewer) && viewer.resized && !viewer.rectangles &&
	       viewer.width == 640 && viewer.height == 480;
	tap_ok(good && viewer_is_quiet(&viewer), "%s, %d: a new size comes alone", kind->what,
	       size_encoding);
	good = good && catch_up(&viewer, true) && viewer_is_right(&viewer);
	tap_ok(good, "%s, %d: then all of the picture", kind->what, size_encoding);
	rig_show(&rig, 1920, 1080, KVMCAP_JPEG_420, PATTERN_TEXT, 3);
	good = good && viewer_update(&viewer) && viewer.resized && catch_up(&viewer, false) &&
	       viewer_is_right(&viewer);
	tap_ok(good, "%s, %d: a larger one", kind->what, size_encoding);
	viewer_close(&viewer);
	rig_free(&rig);
}

/* A client that knows no resizing keeps its framebuffer. */
static void test_fixed_size(const struct kind *kind)
{
	struct viewer viewer;
	struct rig rig;
	bool good;

	start(&rig);
	rig_show(&rig, 800, 600, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	good = connect_kind(&viewer, &rig, kind) && catch_up(&viewer, false);
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_MIXED, 2);
	good = good && viewer_update(&viewer) && viewer.width == 800;
	good = good && catch_up(&viewer, true) && viewer_is_right(&viewer);
	tap_ok(good, "%s: a larger picture is clipped", kind->what);
	good = good && rig_change_tile(&rig, 790, 595, 3) && viewer_update(&viewer) &&
	       viewer_is_right(&viewer);
	tap_ok(good, "%s: ... and goes on", kind->what);
	viewer_request_all(&viewer, true);
	rig_show(&rig, 640, 480, KVMCAP_JPEG_420, PATTERN_MIXED, 3);
	good = good && viewer_update(&viewer) && catch_up(&viewer, true) &&
	       viewer_is_right(&viewer);
	tap_ok(good, "%s: a smaller picture is padded", kind->what);
	rig_show(&rig, 800, 600, KVMCAP_JPEG_420, PATTERN_MIXED, 4);
	good = good && viewer_update(&viewer) && catch_up(&viewer, true) &&
	       viewer_is_right(&viewer) && !(viewer.encodings & ~kind->sent);
	tap_ok(good, "%s: the old size is served as before", kind->what);
	viewer_close(&viewer);
	rig_free(&rig);
}

static bool shows_placard(const struct viewer *viewer, enum placard placard)
{
	struct pixel_translation translation;
	unsigned int text = 0;

	pixel_translation_init(&translation, &viewer->format);
	for (unsigned int y = 0; y < viewer->height; y++) {
		for (unsigned int x = 0; x < viewer->width; x++) {
			uint8_t bytes[4];
			uint32_t rgb, pixel = 0;

			placard_row(placard, viewer->width, viewer->height, x, y, 1, &rgb);
			text += rgb == PLACARD_TEXT;
			pixels_translate(&translation, &rgb, 1, bytes);
			for (unsigned int i = 0; i < translation.bytes; i++)
				pixel |= (uint32_t)bytes[i] << 8 * (translation.big_endian ?
								     translation.bytes - 1 - i : i);
			if (viewer->pixels[(size_t)y * viewer->width + x] != pixel)
				return false;
		}
	}
	return text > 0;
}

static void test_placard(const struct kind *kind)
{
	static const struct { enum kvmcap_signal signal; enum placard placard; } losses[] = {
		{ KVMCAP_SIGNAL_NONE, PLACARD_NO_SIGNAL },
		{ KVMCAP_SIGNAL_OUT_OF_RANGE, PLACARD_OUT_OF_RANGE },
		{ KVMCAP_SIGNAL_FAULT, PLACARD_FAULT },
		{ KVMCAP_SIGNAL_GONE, PLACARD_GONE },
	};
	struct viewer viewer;
	struct rig rig;
	bool good;

	start(&rig);
	rig_show(&rig, 800, 600, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	good = connect_kind(&viewer, &rig, kind) && catch_up(&viewer, false);
	for (unsigned int i = 0; good && i < sizeof(losses) / sizeof(losses[0]); i++)
		good = rig_signal(&rig, losses[i].signal) && viewer_update(&viewer) &&
		       shows_placard(&viewer, losses[i].placard) &&
		       (viewer_request_all(&viewer, true), viewer_is_quiet(&viewer)) &&
		       rig_is_armed(&rig);
	tap_ok(good, "%s: placards", kind->what);
	rig_signal(&rig, KVMCAP_SIGNAL_OK);
	good = good && viewer_update(&viewer);
	viewer_request_all(&viewer, true);
	while (good && !viewer_is_quiet(&viewer))
		good = viewer_update(&viewer);
	tap_ok(good && viewer_is_right(&viewer), "%s: the picture comes back by itself",
	       kind->what);
	viewer_close(&viewer);
	rig_free(&rig);
}

/* While one client reads nothing at all, others get everything. */
static void test_slow(const struct kind *kind)
{
	struct viewer slow, fast;
	struct rig rig;
	bool good;

	start(&rig);
	rig_show(&rig, 1920, 1080, KVMCAP_JPEG_420, PATTERN_NOISE, 1);
	good = connect_kind(&slow, &rig, kind) && connect_kind(&fast, &rig, kind);
	viewer_request_all(&slow, false);
	viewer_request_all(&fast, false);
	for (u32 i = 2; good && i < SLOW_FRAMES; i++) {
		good = viewer_update(&fast);
		viewer_request_all(&fast, true);
		while (good && !viewer_is_quiet(&fast)) {
			good = viewer_update(&fast);
			viewer_request_all(&fast, true);
		}
		good = good && viewer_is_right(&fast) &&
		       rig_show(&rig, 1920, 1080, KVMCAP_JPEG_420, PATTERN_NOISE, i);
	}
	tap_ok(good, "%s: a client that reads nothing holds up nobody%s%s", kind->what,
	       good ? "" : ": ", good ? "" : problem(&fast));
	tap_ok(rig.mapping.log.header->tail > 0, "%s: ... the log has gone round", kind->what);
	good = viewer_update(&slow) && catch_up(&slow, true);
	tap_ok(good && viewer_is_right(&slow), "%s: it then gets the newest picture", kind->what);
	viewer_close(&slow);
	viewer_close(&fast);
	rig_free(&rig);
}

/* The mode changes while an update is on its way. */
static void test_change_on_the_way(const struct kind *kind)
{
	struct viewer viewer;
	struct rig rig;
	bool good;

	start(&rig);
	rig_show(&rig, 1920, 1200, KVMCAP_JPEG_444, PATTERN_NOISE, 1);
	good = connect_kind(&viewer, &rig, kind);
	viewer_request_all(&viewer, false);
	rig_settle(&rig);
	rig_show(&rig, 640, 480, KVMCAP_JPEG_420, PATTERN_MIXED, 2);
	good = good && viewer_update(&viewer) && catch_up(&viewer, true);
	tap_ok(good && viewer_is_right(&viewer), "%s: a new mode during an update%s%s", kind->what,
	       good ? "" : ": ", good ? "" : problem(&viewer));
	viewer_close(&viewer);
	rig_free(&rig);
}

/* JPEG (21) leaves out tables that the connection has been sent; new ones it sends. */
static void test_tables(void)
{
	static const int32_t offers[] = { 21, -224 };
	struct viewer viewer;
	struct rig rig;
	unsigned int bare;
	bool good;

	start(&rig);
	rig_show(&rig, 640, 480, KVMCAP_JPEG_420, PATTERN_FLAT, 1);
	good = viewer_connect(&viewer, &rig);
	viewer_offer(&viewer, offers, 2);
	good = good && catch_up(&viewer, false);
	tap_ok(good && !viewer.bare_jpegs, "the first JPEG brings its tables");
	good = rig_change_tile(&rig, 0, 0, 3) && viewer_update(&viewer);
	tap_ok(good && viewer.bare_jpegs == 1 && viewer_is_right(&viewer),
	       "the next one is shorter by them");
	bare = viewer.bare_jpegs;
	viewer_request_all(&viewer, true);
	/* Another device: its generations begin anew. */
	source_close(&rig.server.source);
	rig.server.source.retry_at = 0;
	good = viewer_update(&viewer) && viewer_is_right(&viewer);
	tap_ok(good && viewer.bare_jpegs == bare, "a device that came back brings them again");
	viewer_close(&viewer);
	rig_free(&rig);
}

/* Pixels are decoded once for everybody, and not at all when nobody needs them. */
static void test_decoding(void)
{
	struct viewer a, b, jpeg;
	struct rig rig;
	uint64_t tiles;
	bool good;

	start(&rig);
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_FLAT, 1);
	tiles = (uint64_t)rig.mapping.log.header->mode.columns *
		rig.mapping.log.header->mode.rows;
	good = connect_kind(&jpeg, &rig, &kinds[12]) && catch_up(&jpeg, false);
	tap_ok(good && !rig.server.frame.tiles_decoded && !rig.server.frame.pixels,
	       "nothing is decoded for clients that take JPEG");
	good = connect_kind(&a, &rig, &kinds[0]) && connect_kind(&b, &rig, &kinds[3]);
	good = good && catch_up(&a, false) && catch_up(&b, false);
	tap_ok(good && rig.server.frame.tiles_decoded == tiles,
	       "each tile is decoded once for two that do not");
	good = rig_change_tile(&rig, 9, 9, 9) && viewer_update(&a) && viewer_update(&b);
	tap_ok(good && rig.server.frame.tiles_decoded == tiles + 1, "... and once when it changes");
	viewer_close(&a);
	viewer_close(&b);
	tap_ok(!rig.server.frame.pixels, "the pixels go with the last of them");
	viewer_close(&jpeg);
	rig_free(&rig);
}

/* The same for screens whose tiles are not, or not all, JPEG. */
static void test_codec(const char *name, enum kvmcap_codec codec, bool mixed)
{
	struct kind kind;
	char what[128];

	screen_codec = codec;
	screen_mixed = mixed;
	for (unsigned int i = 0; i < PIXEL_KINDS; i++) {
		kind = pixel_kinds[i];
		snprintf(what, sizeof(what), "%s: %s", name, kind.what);
		kind.what = what;
		/* Who takes Hextile gets what is none as others do. */
		if (kind.sent & BIT_HEXTILE && (codec != KVMCAP_CODEC_HEXTILE || mixed))
			kind.sent |= kind.tolerance ? BIT_TIGHT : BIT_RAW;
		test_kind(&kind, i || mixed ? SMALL_SCREENS : SCREENS);
		/* How the rest comes about does not depend on how it is coded. */
		if (i % 3 || codec == KVMCAP_CODEC_RAW || mixed)
			continue;
		test_change_on_the_way(&kind);
		test_areas(&kind);
		test_fixed_size(&kind);
		test_damage(&kind);
		test_resize(&kind, RFB_ENCODING_DESKTOP_SIZE);
	}
	screen_codec = KVMCAP_CODEC_JPEG;
	screen_mixed = false;
}

/* Hextile that could be passed on is; nobody decodes it. */
static void test_untouched(void)
{
	struct viewer viewer;
	struct rig rig;
	bool good;

	screen_codec = KVMCAP_CODEC_HEXTILE;
	start(&rig);
	rig_show(&rig, 1920, 1200, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	good = connect_kind(&viewer, &rig, &pixel_kinds[0]) && catch_up(&viewer, false);
	tap_ok(good && viewer_is_right(&viewer) && !rig.server.frame.tiles_decoded &&
	       !rig.server.frame.pixels, "HEXTILE: nothing is decoded for clients that take it");
	viewer_close(&viewer);
	rig_free(&rig);
	test_slow(&pixel_kinds[0]);
	test_slow(&pixel_kinds[6]);
	screen_codec = KVMCAP_CODEC_JPEG;
}

int main(void)
{
	for (unsigned int i = 0; i < KINDS; i++)
		test_kind(&kinds[i], i % 4 ? SMALL_SCREENS : SCREENS);
	for (unsigned int i = 0; i < KINDS; i += 6) {
		test_damage(&kinds[i]);
		test_areas(&kinds[i]);
		test_resize(&kinds[i], RFB_ENCODING_DESKTOP_SIZE);
		test_resize(&kinds[i], RFB_ENCODING_EXTENDED_DESKTOP_SIZE);
	}
	for (unsigned int i = 0; i < KINDS; i++) {
		test_fixed_size(&kinds[i]);
		test_placard(&kinds[i]);
		test_change_on_the_way(&kinds[i]);
	}
	for (unsigned int i = 0; i < KINDS; i += 6)
		test_slow(&kinds[i]);
	test_slow(&kinds[8]);
	test_tables();
	test_decoding();
	test_codec("HEXTILE", KVMCAP_CODEC_HEXTILE, false);
	test_codec("RAW", KVMCAP_CODEC_RAW, false);
	test_codec("HEXTILE and RAW", KVMCAP_CODEC_HEXTILE, true);
	test_codec("PALETTE and JPEG", KVMCAP_CODEC_PALETTE, false);
	test_untouched();
	return tap_end();
}
