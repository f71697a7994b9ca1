// SPDX-License-Identifier: Apache-2.0
/*
 * A host whose screen changes at random, an engine that delivers the changes, or
 * fails to, a loop that has to get along with that, and the log that it writes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "ajpg_world.h"
#include "random.h"

#define MCUS_X		24	/* of the largest screen */
#define MCUS_Y		12
#define MCUS_MAX	(MCUS_X * MCUS_Y)
#define STREAM_MAX	(ENCODER_HEADERS_MAX + MCUS_MAX * SCREEN_MCU_BYTES)
#define PAYLOAD_MAX	12000	/* no tile of these takes more */
#define FRAME_BYTES	40000	/* what the largest pictures come to, mostly */
#define FAILURES_FOR_WHOLE	2

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static u32 pick(struct world *w, u32 n)
{
	return random_below(&w->random, n);
}

u64 world_hash(const void *data, size_t length)
{
	const u8 *bytes = data;
	u64 hash = 0xcbf29ce484222325 ^ length, word;

	for (; length; length -= length < 8 ? length : 8) {
		word = 0;
		memcpy(&word, bytes, length < 8 ? length : 8);
		hash = (hash ^ word) * 0x9fb21c651e98df25;
		hash ^= hash >> 29;
		bytes += 8;
	}
	return hash ? hash : 1;
}

u64 truth_hash(const struct truth *truth)
{
	const u32 sides[] = { truth->width, truth->height, truth->tiles };

	return world_hash(truth->tile, truth->tiles * sizeof(*truth->tile)) +
	       3 * world_hash(&truth->tables, sizeof(truth->tables)) +
	       5 * world_hash(sides, sizeof(sides));
}

static void wrong(struct world *w, const char *what)
{
	if (!w->wrong)
		w->wrong = what;
}

/* --- the host --------------------------------------------------------------------- */

static void paint(struct world *w, unsigned int mcu)
{
	u32 state = (u32)random_next(&w->random) | 1;

	screen_paint_mcu(&w->screen, mcu, &state);
}

static void host_draw(struct world *w)
{
	struct screen *s = &w->screen;
	unsigned int i, mcus = screen_mcus(s), from = pick(w, mcus);

	switch (pick(w, 16)) {
	case 0: case 1: case 2:
		break;
	case 3:		/* everything */
		for (i = 0; i < mcus; i++)
			paint(w, i);
		break;
	case 4:		/* a row goes up, as text does */
		if (s->mcus_y > 1)
			memmove(s->coefs, screen_mcu(s, s->mcus_x),
				(mcus - s->mcus_x) * screen_mcu_size(s));
		break;
	case 5:		/* a bar across the screen */
		for (i = from; i < mcus && i < from + s->mcus_x; i++)
			paint(w, i);
		break;
	case 6:		/* the same again, elsewhere */
		memcpy(screen_mcu(s, from), screen_mcu(s, pick(w, mcus) / 2),
		       from == mcus / 2 ? 0 : screen_mcu_size(s));
		break;
	default:
		for (i = 1 + pick(w, 5); i; i--)
			paint(w, (from + pick(w, 12)) % mcus);
	}
}

static struct kvmcap_mode mode_of(const struct screen *s)
{
	unsigned int side = s->yuv420 ? 16 : 8;

	return (struct kvmcap_mode){
		.width = s->width,
		.height = s->height,
		.tile_width = s->tile_mcus * side,
		.tile_height = side,
		.columns = s->columns,
		.rows = s->mcus_y,
		.codec = KVMCAP_CODEC_JPEG,
		.subsampling = s->yuv420 ? KVMCAP_SUBSAMPLING_420 :
					   KVMCAP_SUBSAMPLING_444,
	};
}

/* Another mode, or the same one again, and an engine that is started for it. */
static void host_set_mode(struct world *w)
{
	bool yuv420 = pick(w, 2);
	unsigned int side = yuv420 ? 16 : 8, i;
	unsigned int tile = yuv420 ? 2 + pick(w, 7) : 3 + pick(w, 9);
	struct kvmcap_ajpg_picture picture;
	s16 *coefs[] = { w->screen.coefs, w->captured.coefs, w->coded.coefs,
			 w->expected.coefs };

	screen_init(&w->screen, 1 + pick(w, MCUS_X * side),
		    1 + pick(w, MCUS_Y * side), yuv420, tile);
	if (w->screen.columns * w->screen.mcus_y > WORLD_TILES_MAX)
		abort();
	w->captured = w->screen;
	w->coded = w->screen;
	w->expected = w->screen;
	w->screen.coefs = coefs[0];
	w->captured.coefs = coefs[1];
	w->coded.coefs = coefs[2];
	w->expected.coefs = coefs[3];
	for (i = 0; i < screen_mcus(&w->screen); i++)
		paint(w, i);
	w->mode = mode_of(&w->screen);
	w->stale = true;
	w->full = true;
	w->counts.modes++;

	picture = (struct kvmcap_ajpg_picture){
		.width = w->screen.width,
		.height = w->screen.height,
		.subsampling = yuv420 ? KVMCAP_JPEG_420 : KVMCAP_JPEG_444,
		.tile_mcus = tile,
	};
	if (kvmcap_ajpg_set_picture(&w->ajpg, &picture) ||
	    kvmcap_ajpg_set_picture(&w->second, &picture))
		abort();
}

/* --- the engine ------------------------------------------------------------------- */

/* Compares, swaps its source buffers and compresses. */
static void engine_capture(struct world *w, bool full)
{
	unsigned int i, j, mcus = screen_mcus(&w->screen);
	size_t size = screen_mcu_size(&w->screen);
	unsigned int divisor = 1 + w->coarse;

	/* An engine that leaves something out of a full picture. */
	if (full && w->fault == FAULT_PART)
		full = false;
	for (i = 0; i < mcus; i++) {
		const s16 *now = screen_mcu(&w->screen, i);
		s16 *coded = screen_mcu(&w->coded, i);

		w->changed[i] = full || memcmp(now, screen_mcu(&w->captured, i), size);
		memcpy(screen_mcu(&w->captured, i), now, size);
		for (j = 0; j < size / sizeof(*now); j++)
			coded[j] = now[j] / (int)divisor;
	}
	w->out = (struct encoder){ .out = w->out.out };
	if (w->whole)
		screen_encode_image(&w->out, &w->coded, w->coarse);
	else
		screen_encode_stream(&w->out, &w->coded, w->changed, pick(w, 2));
}

/* What becomes of a stream on its way; what passes for another picture does not. */
static void engine_damage(struct world *w)
{
	u32 *words = (u32 *)(void *)w->out.out;
	size_t count = w->out.length / 4;
	unsigned int i, flips = 1 + pick(w, 8);
	size_t bit[8];

	switch (w->fault) {
	case FAULT_CUT:
		w->out.length = (size_t)4 * pick(w, count);
		break;
	case FAULT_CODE:
		words[0] = (words[0] & 0x0fffffff) | (1 + pick(w, 7)) << 28;
		break;
	case FAULT_FLIP:
		for (i = 0; i < flips; i++) {
			bit[i] = pick(w, 32 * count);
			words[bit[i] / 32] ^= 1U << bit[i] % 32;
		}
		if (kvmcap_ajpg_parse(&w->second, &w->transcoder, words,
				      w->out.length))
			break;
		for (i = 0; i < flips; i++)
			words[bit[i] / 32] ^= 1U << bit[i] % 32;
		w->fault = FAULT_NONE;
		break;
	default:
		break;
	}
}

/* --- the engine's driver ------------------------------------------------------------ */

static u8 *sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct world *w = (struct world *)((u8 *)sink - offsetof(struct world, sink));

	return kvmcap_log_tile_begin(&w->log, room);
}

static int sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
		    unsigned int row, size_t length)
{
	struct world *w = (struct world *)((u8 *)sink - offsetof(struct world, sink));

	return kvmcap_log_tile_end(&w->log, column, row, KVMCAP_CODEC_JPEG, length);
}

static const u8 *shown_payload(struct kvmcap_ajpg_shown *shown,
			       unsigned int column, unsigned int row,
			       size_t *length)
{
	struct world *w = (struct world *)((u8 *)shown - offsetof(struct world, shown));
	unsigned int tile = row * w->screen.columns + column;
	const u8 *payload = kvmcap_log_shown(&w->log, column, row, length);

	if (w->fault == FAULT_OLD)
		return NULL;
	if (w->sabotage == SABOTAGE_MOVED) {
		if (w->log.frame.reserved)
			return w->remembered[tile];
		w->remembered[tile] = payload;
	}
	return payload;
}

/* Headers that the tables are taken from; 0, 1 for new ones, or -errno. */
static int driver_tables(struct world *w)
{
	static u8 headers[ENCODER_HEADERS_MAX + 16];
	u8 tables[KVMCAP_TABLES_MAX];
	struct encoder e = { .out = headers };
	struct screen none = w->screen;
	struct kvmcap_jpeg_image image;
	unsigned int coarse = w->coarse;
	int length;

	if (w->sabotage == SABOTAGE_TABLES)
		coarse = 1;
	none.mcus_y = 0;
	screen_encode_image(&e, &none, coarse);
	if (kvmcap_jpeg_parse(&image, headers, e.length) ||
	    kvmcap_jpeg_tables_set(&w->transcoder, &image))
		abort();
	length = kvmcap_jpeg_spans_copy(&image, tables, sizeof(tables));
	return kvmcap_log_tables(&w->log, tables, length, 90 - coarse);
}

/* What is free is nobody's business: it may hold anything. */
static void scribble(struct world *w)
{
	const struct kvmcap_log *log = &w->log;
	const u64 end = log->header->tail + log->size;
	const u64 position = log->frame.cursor.position;
	u32 left = log->size - log->frame.cursor.offset;
	u32 free = (u32)(end - position);

	memset(log->ring + log->frame.cursor.offset, 0xa5,
	       free < left ? free : left);
	if (free > left)
		memset(log->ring, 0xa5, free - left);
}

static int driver_splice(struct world *w, bool full)
{
	bool granted, spliced;
	size_t bound;
	int err;

	/* What is looked at is of just that size, so that reading on is found. */
	u8 *stream = must(malloc(w->out.length + 1));

	memcpy(stream, w->out.out, w->out.length);
	err = kvmcap_ajpg_parse(&w->ajpg, &w->transcoder, stream, w->out.length);
	free(stream);
	if (err) {
		w->counts.unparsed++;
		return err;
	}
	if (w->fault == FAULT_CUT || w->fault == FAULT_CODE ||
	    w->fault == FAULT_FLIP)
		wrong(w, "a damaged stream was accepted");
	if (full && !w->ajpg.complete && w->sabotage != SABOTAGE_NOT_COMPLETE) {
		w->counts.incomplete++;
		return -EBADMSG;
	}

	bound = kvmcap_ajpg_bound(&w->ajpg, &w->shown);
	/* More than needed now and then, so that more is moved. */
	if (!pick(w, 8))
		bound *= 8;
	err = kvmcap_log_reserve(&w->log, bound);
	if (err)
		return err;
	scribble(w);
	granted = w->log.frame.budget == bound;
	spliced = w->ajpg.spliced;
	err = kvmcap_ajpg_splice(&w->ajpg, &w->transcoder, &w->shown, &w->sink);
	w->counts.unspliced += err == -EBADMSG;
	w->counts.spliced += !err && spliced;
	if (err == -EBADMSG && w->fault != FAULT_OLD)
		wrong(w, "a payload that is shown cannot be spliced");
	if (err == -ENOSPC && granted)
		wrong(w, "the bound was too small");
	if (!err && spliced && w->fault == FAULT_OLD)
		wrong(w, "a tile was made of nothing");
	w->counts.differential++;
	return err;
}

static int driver_cut(struct world *w)
{
	struct kvmcap_jpeg_image image;
	unsigned int tiles;
	int err;

	if (kvmcap_jpeg_parse(&image, w->out.out, w->out.length))
		abort();
	tiles = kvmcap_jpeg_tiles_count(&image, w->screen.tile_mcus);
	err = kvmcap_log_reserve(&w->log, kvmcap_jpeg_tiles_bound(image.scan_length,
								  tiles));
	if (err)
		return err;
	w->counts.whole++;
	return kvmcap_jpeg_tiles(&w->transcoder, &image, w->screen.tile_mcus,
				 &w->sink);
}

static int driver_capture(struct world *w, bool full)
{
	int err;

	if (w->fault == FAULT_TIMEOUT) {
		/* It may have come as far as to swap its buffers. */
		if (pick(w, 2))
			engine_capture(w, full);
		w->counts.timeouts++;
		return -ETIMEDOUT;
	}
	engine_capture(w, full);
	err = driver_tables(w);
	if (err < 0)
		return err;
	if (w->whole)
		return driver_cut(w);

	engine_damage(w);
	err = driver_splice(w, full);
	w->unparsed = err == -EBADMSG ? w->unparsed + 1 : 0;
	if (w->automatic && w->unparsed == FAILURES_FOR_WHOLE) {
		w->whole = true;
		w->counts.fallbacks++;
	}
	return err;
}

/* --- the loop ----------------------------------------------------------------------- */

static bool mcus_differ(const struct world *w, unsigned int tile)
{
	const struct screen *s = &w->coded;
	unsigned int x = tile % s->columns * s->tile_mcus;
	unsigned int mcu = tile / s->columns * s->mcus_x + x;
	unsigned int width = s->tile_mcus < s->mcus_x - x ? s->tile_mcus :
							    s->mcus_x - x;

	return memcmp(screen_mcu(s, mcu), screen_mcu(&w->expected, mcu),
		      width * screen_mcu_size(s)) != 0;
}

/* What the log has to show from now on: what was captured. */
static void set_truth(struct world *w)
{
	static u8 payload[SCREEN_TILE_BYTES];
	struct truth *truth = &w->truth;
	unsigned int i;

	truth->width = w->screen.width;
	truth->height = w->screen.height;
	truth->tiles = w->screen.columns * w->screen.mcus_y;
	w->coded_coarse = w->coarse;
	truth->tables = world_hash(&w->coarse, sizeof(w->coarse));
	for (i = 0; i < truth->tiles; i++) {
		struct encoder e = { .out = payload };

		if (w->stale || mcus_differ(w, i)) {
			screen_encode_tile(&e, &w->coded, i % w->coded.columns,
					   i / w->coded.columns);
			w->expected_hash[i] = world_hash(payload, e.length);
		}
		truth->tile[i] = w->expected_hash[i];
	}
	memcpy(w->expected.coefs, w->coded.coefs,
	       screen_mcus(&w->coded) * screen_mcu_size(&w->coded));
	w->stale = false;
}

static void note_frame(struct world *w)
{
	u64 sequence = w->log.header->committed;

	if (sequence >= WORLD_FRAMES_MAX)
		abort();
	w->history[sequence] = truth_hash(&w->truth);
	w->counts.frames++;
}

/* As kvmcap_core_commit(). */
static void loop_commit_other(struct world *w)
{
	if (kvmcap_log_reserve(&w->log, 0) || kvmcap_log_commit(&w->log, 1))
		wrong(w, "a frame without tiles has no room");
	note_frame(w);
}

static void loop_signal(struct world *w, u32 signal)
{
	if (w->log.header->signal == signal)
		return;
	kvmcap_log_begin(&w->log, false);
	kvmcap_log_signal(&w->log, signal);
	loop_commit_other(w);
}

static void loop_make_room(struct world *w, bool would_fit)
{
	unsigned int i;

	w->counts.dropped++;
	if (!would_fit)
		return;
	kvmcap_log_begin(&w->log, false);
	kvmcap_log_blank(&w->log);
	for (i = 0; i < WORLD_TILES_MAX; i++)
		w->truth.tile[i] = 0;
	loop_commit_other(w);
	w->counts.blanked++;
}

static int loop_commit(struct world *w)
{
	int err;

	if (!kvmcap_log_changed(&w->log)) {
		kvmcap_log_abort(&w->log);
		w->counts.unchanged++;
		set_truth(w);
		return 0;
	}
	err = kvmcap_log_commit(&w->log, 1);
	if (err)
		return err;
	set_truth(w);
	note_frame(w);
	return 0;
}

static void loop_capture(struct world *w, bool refresh)
{
	struct kvmcap_log *log = &w->log;
	int err = 0;

	w->counts.captures++;
	kvmcap_log_begin(log, refresh);
	if (log->header->signal != KVMCAP_SIGNAL_OK)
		kvmcap_log_signal(log, KVMCAP_SIGNAL_OK);
	if (memcmp(&log->header->mode, &w->mode, sizeof(w->mode)))
		err = kvmcap_log_mode(log, &w->mode);
	if (!err)
		err = driver_capture(w, w->full || refresh);
	if (!err)
		err = loop_commit(w);
	if (!err) {
		w->full = false;
		return;
	}
	if (w->sabotage != SABOTAGE_NOT_FULL)
		w->full = true;
	if (err == -ENOSPC) {
		loop_make_room(w, log->frame.would_fit);
		return;
	}
	kvmcap_log_abort(log);
	if (err != -EBADMSG && err != -ETIMEDOUT && err != -EPROTO)
		wrong(w, "an error that nobody ought to return");
}

/* Another quality, or the engine started anew with it. */
static void loop_restart(struct world *w)
{
	if (pick(w, 2)) {
		w->coarse = pick(w, 4);
		w->counts.qualities++;
	}
	w->automatic = pick(w, 4);
	w->whole = !w->automatic && pick(w, 2);
	w->unparsed = 0;
	if (w->sabotage != SABOTAGE_TABLES)
		w->full = true;
}

void world_step(struct world *w)
{
	bool refresh = !pick(w, 200);

	if (!pick(w, 300))
		host_set_mode(w);
	else
		host_draw(w);
	if (!pick(w, 100))
		loop_restart(w);
	if (!pick(w, 400)) {
		loop_signal(w, KVMCAP_SIGNAL_NONE);
		w->full = true;
	}
	w->fault = pick(w, 10) ? FAULT_NONE : (enum fault)pick(w, FAULTS);
	loop_capture(w, refresh);
}

bool world_image(struct world *w)
{
	if (w->stale || !w->truth.tile[0])
		return false;
	w->out = (struct encoder){ .out = w->out.out };
	screen_encode_image(&w->out, &w->expected, w->coded_coarse);
	return true;
}

/* --- beginning and end -------------------------------------------------------------- */

static s16 *coefs_alloc(void)
{
	return must(calloc(MCUS_MAX, SCREEN_BLOCKS_MAX * 64 * sizeof(s16)));
}

void world_init(struct world *w, u64 seed, unsigned int percent,
		enum sabotage sabotage)
{
	size_t size = kvmcap_ajpg_memory_size(MCUS_MAX, STREAM_MAX);

	*w = (struct world){
		.random = seed,
		.sabotage = sabotage,
		.automatic = true,
		.sink = { sink_begin, sink_end },
		.shown = { shown_payload },
	};
	w->map_size = kvmcap_log_map_size(WORLD_TILES_MAX, PAYLOAD_MAX,
					  (size_t)FRAME_BYTES * percent / 100);
	w->map_size = (w->map_size + 4095) / 4096 * 4096;
	w->memory = must(aligned_alloc(4096, w->map_size));
	memset(w->memory, 0, w->map_size);
	if (kvmcap_log_init(&w->log, w->memory, w->map_size, WORLD_TILES_MAX,
			    PAYLOAD_MAX))
		abort();
	w->screen.coefs = coefs_alloc();
	w->captured.coefs = coefs_alloc();
	w->coded.coefs = coefs_alloc();
	w->expected.coefs = coefs_alloc();
	w->changed = must(calloc(MCUS_MAX, sizeof(bool)));
	w->out.out = must(malloc((size_t)2 * STREAM_MAX));
	w->history = must(calloc(WORLD_FRAMES_MAX, sizeof(*w->history)));
	w->ajpg_memory = must(malloc(size));
	w->second_memory = must(malloc(size));
	kvmcap_ajpg_init(&w->ajpg, w->ajpg_memory, MCUS_MAX, STREAM_MAX);
	kvmcap_ajpg_init(&w->second, w->second_memory, MCUS_MAX, STREAM_MAX);
	w->history[0] = truth_hash(&w->truth);
	host_set_mode(w);
}

void world_free(struct world *w)
{
	free(w->second_memory);
	free(w->ajpg_memory);
	free(w->history);
	free(w->out.out);
	free(w->changed);
	free(w->expected.coefs);
	free(w->coded.coefs);
	free(w->captured.coefs);
	free(w->screen.coefs);
	free(w->memory);
}
