/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A simple-minded model of the tile log, against which the real one is run with
 * random frames: in KUnit and, for longer, in a unit test.
 *
 * The model knows what each tile of the picture ought to be, and nothing of
 * rings. After each step all that readers can see is compared with it, as are
 * the pictures of readers that follow the records with various delays.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LOG_MODEL_H
#define LOG_MODEL_H

#include "log.h"

#define LOG_MODEL_TILES		60	/* entries of the index */
#define LOG_MODEL_TILE_BYTES	400	/* of a payload, at most */
#define LOG_MODEL_READERS	3

/* What a tile shows: its bytes follow from the seed. */
struct log_model_tile {
	u64 sequence;
	u64 seed;
	u32 length;
	u32 tables;
	u8 codec;
};

/* What somebody believes to be on the screen. */
struct log_model_picture {
	u64 committed;
	u64 changed;
	u64 began;
	u32 signal;
	u32 tables;
	u64 tables_seed;
	u32 tables_length;
	u32 quality;
	struct kvmcap_mode mode;
	struct log_model_tile tile[LOG_MODEL_TILES];
};

/**
 * struct log_model_reader - one that walks the records
 * @at: the next one that it will look at
 * @patience: it looks once in so many steps
 * @lapped: times that it was overtaken
 * @last_type: of the record before, to check their order
 * @tiles: TILE records since the last FRAME
 * @bytes: of their payloads
 * @shown: as of the last FRAME
 * @next: with what came after it
 */
struct log_model_reader {
	u64 at;
	u32 patience;
	u32 lapped;
	u16 last_type;
	u32 tiles;
	u32 bytes;
	struct log_model_picture shown;
	struct log_model_picture next;
};

/**
 * struct log_model - log and model side by side
 * @log: the log
 * @memory: its mapping
 * @random: state of the random numbers
 * @steps: done so far
 * @commits: frames committed
 * @aborts: frames dropped
 * @refusals: frames that did not fit
 * @short_of_room: frames that had to be given up half-way
 * @wraps: times that the head began a new lap
 * @truth: what is committed
 * @pending: what will be, if the frame that is being made is committed
 * @readers: who look on
 * @line: of log_model.c, where something was not as it ought to be; or 0
 */
struct log_model {
	struct kvmcap_log log;
	u8 *memory;
	u64 random;
	u32 steps;
	u32 commits;
	u32 aborts;
	u32 refusals;
	u32 short_of_room;
	u64 wraps;
	struct log_model_picture truth;
	struct log_model_picture pending;
	struct log_model_reader readers[LOG_MODEL_READERS];
	int line;
};

/* Bytes of a mapping whose ring is @percent of what any frame twice needs. */
size_t log_model_map_size(unsigned int percent);

/* @memory: @map_size zero bytes, aligned to 16. 0, or a negative errno. */
int log_model_init(struct log_model *model, u8 *memory, size_t map_size,
		   u64 seed);

/* One random frame, committed or not, and all checks. False: see @line. */
bool log_model_step(struct log_model *model);

#endif
