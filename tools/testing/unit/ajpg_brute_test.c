// SPDX-License-Identifier: Apache-2.0
/*
 * Differential capture, the log and its readers, by brute force: whatever changes
 * and whatever fails, nobody ever sees a tile that is stale or mixed:
 * ajpg_brute_test [SEED]
 *
 * One reader looks at the log by libkvmcap, takes his time between finding out
 * what has changed and copying it, and leaves out as many frames as it takes. The
 * other follows the records, frame by frame, and falls behind, too. What they end
 * up with is compared with what the coefficients say, at each frame that they see.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "ajpg_world.h"
#include "jpeg_oracle.h"
#include "kvmcap.h"
#include "random.h"
#include "source_memory.h"
#include "tap.h"

#define SEED		20260204
#define CAPTURES	12000	/* in a log of one size */
#define SABOTAGED	20000	/* until it must have been noticed */
#define DECODED		400	/* one capture in so many is decoded */
#define PATIENCE_MAX	40	/* captures that readers sleep through */

/* Of the payload of DQT: the first quantiser, which is 1 and what was added. */
#define FIRST_QUANTISER	5

/* Where a reader stands: what he believes to be on the screen. */
struct picture {
	struct truth shows;
	u64 sequence;
	u64 began;
};

/**
 * struct readers - two of them
 * @source: of the first
 * @snapshot: that he is at
 * @wanted: hash of what he ought to see
 * @copied: tiles that he has looked at; all of them: none
 * @first: what he saw last
 * @next: with what he is at
 * @sleep: captures that he sleeps through
 * @at: position of the other one
 * @second: what that one saw last
 * @pending: with the records since
 * @second_sleep: captures that he sleeps through
 */
struct readers {
	struct kvmcap_source *source;
	struct kvmcap_snapshot snapshot;
	u64 wanted;
	unsigned int copied;
	struct picture first;
	struct picture next;
	unsigned int sleep;
	u64 at;
	struct picture second;
	struct picture pending;
	unsigned int second_sleep;
	unsigned int looks;
	unsigned int torn;
	unsigned int frames;
	unsigned int lapped;
	unsigned int decoded;
	const char *wrong;
};

static void wrong(struct readers *r, const char *what)
{
	if (!r->wrong)
		r->wrong = what;
}

static u64 tables_of(const u8 *tables)
{
	u32 coarse = tables[FIRST_QUANTISER] - 1U;

	return world_hash(&coarse, sizeof(coarse));
}

static void set_mode(struct picture *picture, const struct kvmcap_mode *mode)
{
	picture->shows.width = mode->width;
	picture->shows.height = mode->height;
	picture->shows.tiles = (u32)mode->columns * mode->rows;
	memset(picture->shows.tile, 0, sizeof(picture->shows.tile));
}

/* --- the reader that looks now and then ------------------------------------------- */

static void first_begin(struct readers *r, const struct world *w)
{
	const struct kvmcap_header *header;

	if (kvmcap_snapshot(r->source, &r->snapshot)) {
		wrong(r, "no snapshot");
		return;
	}
	header = &r->snapshot.header;
	r->wanted = w->history[header->committed];
	r->copied = 0;
	r->next = r->first;
	if (header->began != r->first.began)
		set_mode(&r->next, &header->mode);
	r->next.began = header->began;
	r->next.sequence = header->committed;
	if (!header->tables)
		return;
	r->next.shows.tables = tables_of(kvmcap_tables(r->source, &r->snapshot));
	/* The writer has not run since. */
	if (!kvmcap_intact(r->source, header->tables_position))
		wrong(r, "tables that are not there");
}

/* Copies the next @count tiles that he lacks; false if one has been overtaken. */
static bool first_copy(struct readers *r, unsigned int count)
{
	const struct kvmcap_snapshot *snapshot = &r->snapshot;
	static u8 copy[SCREEN_TILE_BYTES];

	for (; r->copied < snapshot->tile_count && count; r->copied++, count--) {
		const struct kvmcap_tile *tile = snapshot->tiles + r->copied;
		const u8 *payload;

		if (tile->sequence <= r->first.sequence)
			continue;
		payload = kvmcap_payload(r->source, tile);
		if (!payload || tile->length > sizeof(copy)) {
			wrong(r, "a tile outside of the log");
			return false;
		}
		memcpy(copy, payload, tile->length);
		if (!kvmcap_intact(r->source, tile->position))
			return false;
		r->next.shows.tile[r->copied] = world_hash(copy, tile->length);
	}
	return true;
}

static void first_look(struct readers *r, struct world *w)
{
	if (r->sleep) {
		r->sleep--;
		return;
	}
	r->sleep = random_below(&w->random, 4) ? 0 :
		   random_below(&w->random, PATIENCE_MAX);
	if (r->copied == ~0U)
		first_begin(r, w);
	if (!first_copy(r, 1 + random_below(&w->random, 40))) {
		/* What has been copied so far is thrown away, too. */
		r->torn++;
		r->copied = ~0U;
		return;
	}
	if (r->copied < r->snapshot.tile_count)
		return;
	r->copied = ~0U;
	r->first = r->next;
	r->looks++;
	if (truth_hash(&r->first.shows) != r->wanted)
		wrong(r, "a late reader sees another picture");
}

/* --- the reader that follows the records ------------------------------------------- */

/* Overtaken, or new: he takes what the index says. */
static void second_catch_up(struct readers *r, const struct world *w)
{
	const struct kvmcap_header *header = w->log.header;
	const struct kvmcap_tile *index = w->log.index;
	struct picture *picture = &r->second;
	unsigned int i;

	r->lapped++;
	set_mode(picture, &header->mode);
	for (i = 0; i < picture->shows.tiles; i++)
		if (index[i].sequence)
			picture->shows.tile[i] = world_hash(w->log.ring + index[i].offset,
							    index[i].length);
	if (header->tables)
		picture->shows.tables = tables_of(w->log.ring + header->tables_offset);
	picture->sequence = header->committed;
	r->pending = *picture;
	r->at = header->head;
	if (truth_hash(&picture->shows) != w->history[header->committed])
		wrong(r, "the index shows another picture");
}

static void second_frame(struct readers *r, const struct world *w, u64 sequence)
{
	if (sequence != r->second.sequence + 1)
		wrong(r, "a frame is missing");
	r->pending.sequence = sequence;
	r->second = r->pending;
	r->frames++;
	if (truth_hash(&r->second.shows) != w->history[sequence])
		wrong(r, "who follows the records sees another picture");
}

static void second_record(struct readers *r, const struct world *w,
			  const struct kvmcap_record *record)
{
	const struct kvmcap_record_tile *tile = (const void *)record;
	const struct kvmcap_record_mode *mode = (const void *)record;
	struct truth *shows = &r->pending.shows;

	if (record->flags & KVMCAP_RECORD_RELOCATED)
		return;
	switch (record->type) {
	case KVMCAP_RECORD_MODE:
		set_mode(&r->pending, &mode->mode);
		break;
	case KVMCAP_RECORD_TABLES:
		shows->tables = tables_of((const u8 *)record +
					  sizeof(struct kvmcap_record_tables));
		break;
	case KVMCAP_RECORD_TILE:
		shows->tile[tile->row * w->log.header->mode.columns +
			    tile->column] = world_hash(tile + 1, tile->length);
		break;
	case KVMCAP_RECORD_FRAME:
		second_frame(r, w, record->sequence);
		break;
	default:
		break;
	}
}

static void second_look(struct readers *r, struct world *w)
{
	const struct kvmcap_header *header = w->log.header;
	u64 began = header->began;

	if (r->second_sleep) {
		r->second_sleep--;
		return;
	}
	r->second_sleep = random_below(&w->random, 8) ? 0 :
			  random_below(&w->random, PATIENCE_MAX);
	/* Columns are those of the present mode: older records are not for him. */
	if (r->at < header->tail || r->second.began != began) {
		second_catch_up(r, w);
		r->second.began = began;
		r->pending.began = began;
		return;
	}
	while (r->at < header->head) {
		u64 offset = (header->head_offset + header->log_size -
			      (header->head - r->at) % header->log_size) %
			     header->log_size;
		const struct kvmcap_record *record =
			(const void *)(w->log.ring + offset);

		second_record(r, w, record);
		r->at += record->size;
	}
}

/* --- somebody with a decoder -------------------------------------------------------- */

static void decode(struct readers *r, struct world *w)
{
	struct kvmcap_snapshot snapshot;
	struct blob whole = { 0 }, part = { 0 };
	u8 *image = NULL;
	long length;

	if (r->copied != ~0U || !world_image(w))
		return;
	if (kvmcap_snapshot(r->source, &snapshot)) {
		wrong(r, "no snapshot");
		return;
	}
	length = kvmcap_jpeg_picture(r->source, &snapshot, &image);
	if (length < 0) {
		wrong(r, "no image");
		return;
	}
	blob_append(&whole, w->out.out, w->out.length);
	blob_append(&part, image, (size_t)length);
	if (!oracle_same_coefficients(&whole, &part, 0, 0))
		wrong(r, "the image has other coefficients");
	r->decoded++;
	blob_free(&whole);
	blob_free(&part);
	free(image);
}

/* --- runs --------------------------------------------------------------------------- */

static const char *step(struct world *w, struct readers *r)
{
	world_step(w);
	first_look(r, w);
	second_look(r, w);
	return w->wrong ? w->wrong : r->wrong;
}

static void readers_init(struct readers *r, const struct world *w)
{
	*r = (struct readers){ .copied = ~0U };
	if (kvmcap_open_memory(&r->source, w->memory, w->map_size, -1))
		abort();
}

static void report(const struct world *w, const struct readers *r)
{
	tap_diag("%u captures: %u frames, %u unchanged; %u differential, %u of them spliced; %u whole",
		 w->counts.captures, w->counts.frames, w->counts.unchanged,
		 w->counts.differential, w->counts.spliced, w->counts.whole);
	tap_diag("%u did not parse, %u could not be spliced, %u were to be full and were not, %u timed out",
		 w->counts.unparsed, w->counts.unspliced, w->counts.incomplete,
		 w->counts.timeouts);
	tap_diag("%u dropped for want of room, %u blanked, %u fallbacks, %u modes, %u qualities",
		 w->counts.dropped, w->counts.blanked, w->counts.fallbacks,
		 w->counts.modes, w->counts.qualities);
	tap_diag("readers: %u looks, %u overtaken; %u frames followed, %u lapped; %u decoded; %llu records relocated",
		 r->looks, r->torn, r->frames, r->lapped, r->decoded,
		 (unsigned long long)w->log.relocated);
}

/* Whether a run has had all that it is for. */
static bool was_worth_it(const struct world *w, const struct readers *r,
			 bool is_small)
{
	return w->counts.spliced > CAPTURES / 4 && w->counts.unparsed > 100 &&
	       w->counts.unspliced > 10 && w->counts.timeouts > 10 &&
	       w->counts.incomplete > 1 && w->counts.fallbacks > 5 &&
	       w->counts.whole > 100 && w->counts.modes > 20 &&
	       w->counts.qualities > 20 && w->log.relocated > 50 &&
	       r->looks > 500 && r->frames > 1000 && r->decoded > 5 &&
	       (!is_small || (w->counts.dropped > 5 && w->counts.blanked > 2 &&
			      r->torn > 10 && r->lapped > 20));
}

static void test_log(u64 seed, unsigned int percent, bool is_small)
{
	const char *problem = NULL;
	struct readers r;
	struct world w;
	unsigned int i;

	world_init(&w, seed, percent, SABOTAGE_NONE);
	readers_init(&r, &w);
	for (i = 1; i <= CAPTURES && !problem; i++) {
		problem = step(&w, &r);
		if (i % DECODED == 0 || i == CAPTURES)
			decode(&r, &w);
	}
	tap_ok(!problem && !r.wrong, "a log of %u %%: everybody sees what there is",
	       percent);
	if (problem || r.wrong)
		tap_diag("seed %llu, capture %u: %s", (unsigned long long)seed, i,
			 problem ? problem : r.wrong);
	report(&w, &r);
	tap_ok(was_worth_it(&w, &r, is_small), "... after all that can happen");
	kvmcap_close(r.source);
	world_free(&w);
}

static void test_sabotage(u64 seed, enum sabotage sabotage, const char *name)
{
	const char *problem = NULL;
	struct readers r;
	struct world w;
	unsigned int i;

	world_init(&w, seed, 30, sabotage);
	readers_init(&r, &w);
	for (i = 0; i < SABOTAGED && !problem; i++)
		problem = step(&w, &r);
	tap_ok(problem, "it would be noticed: %s", name);
	if (problem)
		tap_diag("capture %u: %s", i, problem);
	kvmcap_close(r.source);
	world_free(&w);
}

int main(int argc, char **argv)
{
	u64 seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;

	tap_diag("seed %llu", (unsigned long long)seed);
	test_log(seed, 25, true);
	test_log(seed + 1, 50, false);
	test_log(seed + 2, 150, false);
	test_sabotage(seed + 3, SABOTAGE_NOT_FULL,
		      "no full picture after a failure");
	test_sabotage(seed + 4, SABOTAGE_NOT_COMPLETE,
		      "a full picture that is none");
	test_sabotage(seed + 5, SABOTAGE_TABLES, "another quality, untold");
	test_sabotage(seed + 6, SABOTAGE_MOVED, "payloads that have moved");
	return tap_end();
}
