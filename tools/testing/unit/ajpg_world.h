/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose screen changes at random, an engine that delivers the changes, or
 * fails to, a loop that has to get along with that, and the log that it writes.
 *
 * The loop keeps to the rules of loop.c and the engine's driver to those of
 * aspeed_engine.c; log, splicer and transcoder are the driver's own. What the
 * log ought to show is known from the coefficients, by way of another encoder.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef AJPG_WORLD_H
#define AJPG_WORLD_H

#include "ajpg_screen.h"
#include "ajpg_stream.h"
#include "log.h"

#define WORLD_TILES_MAX		144
#define WORLD_FRAMES_MAX	100000

/**
 * enum sabotage - rules that are broken on purpose, to see that it is noticed
 * @SABOTAGE_NONE: none
 * @SABOTAGE_NOT_FULL: after a failure no full picture is asked for
 * @SABOTAGE_NOT_COMPLETE: a picture that was to be full is taken without a look
 * @SABOTAGE_TABLES: other quantisation tables are not told
 * @SABOTAGE_MOVED: payloads are remembered across kvmcap_log_reserve()
 */
enum sabotage {
	SABOTAGE_NONE,
	SABOTAGE_NOT_FULL,
	SABOTAGE_NOT_COMPLETE,
	SABOTAGE_TABLES,
	SABOTAGE_MOVED,
	SABOTAGES
};

/* Faults of one capture. */
enum fault {
	FAULT_NONE,
	FAULT_TIMEOUT,	/* the engine does not finish; it may have captured */
	FAULT_CUT,	/* the stream is cut off */
	FAULT_CODE,	/* an impossible code before a macroblock */
	FAULT_FLIP,	/* bits are wrong */
	FAULT_OLD,	/* an old payload is not to be had */
	FAULT_PART,	/* not all that was asked for */
	FAULTS
};

/**
 * struct truth - what a frame has to show
 * @tile: hash of each payload; 0 for none
 * @tables: hash of the quantisation and Huffman tables
 * @tiles: how many there are
 * @width: pixels
 * @height: pixels
 */
struct truth {
	u64 tile[WORLD_TILES_MAX];
	u64 tables;
	u32 tiles;
	u32 width;
	u32 height;
};

/**
 * struct world - all of it
 * @random: see random.h
 * @sabotage: what is broken
 * @memory: the log's mapping
 * @screen: what the host shows, in coefficients of the finest quality
 * @captured: what the engine compares with
 * @coded: @captured, quantised
 * @expected: @coded when @truth was made
 * @expected_hash: of each tile's payload
 * @coarse: how coarsely it is quantised: coefficients divided by 1 more
 * @coded_coarse: @coarse when @truth was made
 * @whole: whole pictures are captured
 * @automatic: unless that is forced
 * @unparsed: captures in a row that were not understood
 * @full: the next capture has to be a full one
 * @stale: @expected does not hold for the new geometry
 * @fault: of this capture
 * @remembered: see SABOTAGE_MOVED
 * @history: hash of what each frame has to show
 * @counts: what came to pass
 * @wrong: what was not as it ought to be, a sentence
 */
struct world {
	u64 random;
	enum sabotage sabotage;
	void *memory;
	size_t map_size;
	struct kvmcap_log log;
	struct screen screen;
	struct screen captured;
	struct screen coded;
	struct screen expected;
	bool *changed;
	u64 expected_hash[WORLD_TILES_MAX];
	unsigned int coarse;
	unsigned int coded_coarse;
	bool whole;
	bool automatic;
	unsigned int unparsed;
	bool full;
	bool stale;
	enum fault fault;
	struct kvmcap_mode mode;
	struct kvmcap_ajpg ajpg;
	void *ajpg_memory;
	struct kvmcap_ajpg second;
	void *second_memory;
	struct kvmcap_jpeg_transcoder transcoder;
	struct kvmcap_tile_sink sink;
	struct kvmcap_ajpg_shown shown;
	const u8 *remembered[WORLD_TILES_MAX];
	struct encoder out;
	struct truth truth;
	u64 *history;
	struct {
		unsigned int captures;
		unsigned int frames;
		unsigned int unchanged;
		unsigned int differential;
		unsigned int spliced;
		unsigned int unparsed;
		unsigned int unspliced;
		unsigned int incomplete;
		unsigned int timeouts;
		unsigned int dropped;
		unsigned int blanked;
		unsigned int fallbacks;
		unsigned int whole;
		unsigned int modes;
		unsigned int qualities;
	} counts;
	const char *wrong;
};

/* @percent: the log's size, in what the largest picture takes twice. */
void world_init(struct world *w, u64 seed, unsigned int percent,
		enum sabotage sabotage);
void world_free(struct world *w);

/* Something happens on the host or to the engine, then a capture. */
void world_step(struct world *w);

/* What is shown as an image, in @w->out until the next step; false: there is none. */
bool world_image(struct world *w);

/* A number for some bytes, never 0. */
u64 world_hash(const void *data, size_t length);

/* A number for all of it. */
u64 truth_hash(const struct truth *truth);

#endif
