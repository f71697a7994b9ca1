// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * A simple-minded model of the tile log.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "log_model.h"

/* What the ring has to have spare, from the description in log.c. */
#define MODEL_SPARE_RECORDS	3
#define MODEL_RECORD_MAX	((u32)ALIGN16(sizeof(struct kvmcap_record_tables) + \
				      KVMCAP_TABLES_MAX))
#define MODEL_CONTROL_MAX	(4 * 32 + KVMCAP_TABLES_MAX)
#define ALIGN16(n)	(((n) + 15) & ~15U)

/* Notes where, once, and leaves the function with false. */
#define MUST(model, condition)						\
	do {								\
		if (!(condition)) {					\
			if (!(model)->line)				\
				(model)->line = __LINE__;		\
			return false;					\
		}							\
	} while (0)

/* splitmix64 */
static u64 next_random(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static u32 below(struct log_model *model, u32 n)
{
	return (u32)(((next_random(&model->random) >> 32) * n) >> 32);
}

static bool percent(struct log_model *model, u32 n)
{
	return below(model, 100) < n;
}

static u8 payload_byte(u64 seed, u32 i)
{
	return (u8)((seed >> (8 * (i % 8))) + 37 * i);
}

static void payload_fill(u8 *payload, u64 seed, u32 length)
{
	u32 i;

	for (i = 0; i < length; i++)
		payload[i] = payload_byte(seed, i);
}

static bool payload_is(const u8 *payload, u64 seed, u32 length)
{
	u32 i;

	for (i = 0; i < length; i++) {
		if (payload[i] != payload_byte(seed, i))
			return false;
	}
	return true;
}

static u32 model_tiles(const struct kvmcap_mode *mode)
{
	return (u32)mode->columns * mode->rows;
}

static u32 offset_of(const struct log_model *model, u64 position)
{
	return (u32)(position % model->log.size);
}

/* --- what readers see --------------------------------------------------- */

static bool check_entry(struct log_model *model, u32 number)
{
	const struct kvmcap_header *header = model->log.header;
	const struct kvmcap_tile *entry = &model->log.index[number];
	const struct log_model_tile *truth = &model->truth.tile[number];
	const struct kvmcap_record_tile *record;

	if (!truth->sequence) {
		static const struct kvmcap_tile none;

		MUST(model, !memcmp(entry, &none, sizeof(none)));
		return true;
	}

	MUST(model, entry->sequence == truth->sequence);
	MUST(model, entry->sequence >= header->began);
	MUST(model, entry->codec == truth->codec);
	MUST(model, entry->length == truth->length);
	MUST(model, entry->tables == truth->tables);
	MUST(model, entry->position >= header->tail);
	MUST(model, entry->position < header->head);
	MUST(model, entry->offset ==
		    offset_of(model, entry->position) + sizeof(*record));
	MUST(model, entry->offset + entry->length <= model->log.size);

	record = (const void *)(model->log.ring + entry->offset - sizeof(*record));
	MUST(model, record->record.type == KVMCAP_RECORD_TILE);
	MUST(model, record->record.sequence == entry->sequence);
	MUST(model, record->length == entry->length);
	MUST(model, record->codec == entry->codec);
	MUST(model, record->tables == entry->tables);
	MUST(model, number == (u32)record->row * header->mode.columns +
			      record->column);
	MUST(model, payload_is(model->log.ring + entry->offset, truth->seed,
			       truth->length));

	return true;
}

static bool check_tables(struct log_model *model)
{
	const struct kvmcap_header *header = model->log.header;
	const struct log_model_picture *truth = &model->truth;

	MUST(model, header->tables == truth->tables);
	if (!header->tables)
		return true;

	MUST(model, header->tables_length == truth->tables_length);
	MUST(model, header->quality == truth->quality);
	MUST(model, header->tables_position >= header->tail);
	MUST(model, header->tables_position < header->head);
	MUST(model, header->tables_offset ==
		    offset_of(model, header->tables_position) +
		    sizeof(struct kvmcap_record_tables));
	MUST(model, payload_is(model->log.ring + header->tables_offset,
			       truth->tables_seed, truth->tables_length));

	return true;
}

/* The bytes from tail to head are whole records and go in one piece each. */
static bool check_ring(struct log_model *model)
{
	const struct kvmcap_header *header = model->log.header;
	u64 at = header->tail;
	u64 live = 0;
	u32 i;

	MUST(model, header->head - header->tail <= model->log.size);
	MUST(model, header->head_offset == offset_of(model, header->head));
	MUST(model, header->tail_offset == offset_of(model, header->tail));
	while (at < header->head) {
		const struct kvmcap_record *record =
			(const void *)(model->log.ring + offset_of(model, at));

		MUST(model, record->size >= sizeof(*record));
		MUST(model, record->size % KVMCAP_RECORD_ALIGN == 0);
		MUST(model, record->size <= model->log.size - offset_of(model, at));
		MUST(model, record->type <= KVMCAP_RECORD_FRAME);
		at += record->size;
	}
	MUST(model, at == header->head);

	for (i = 0; i < LOG_MODEL_TILES; i++) {
		if (model->log.index[i].sequence)
			live += ALIGN16(sizeof(struct kvmcap_record_tile) +
					model->log.index[i].length);
	}
	if (header->tables)
		live += ALIGN16(sizeof(struct kvmcap_record_tables) +
				header->tables_length);
	MUST(model, live == model->log.live);

	return true;
}

static bool check_state(struct log_model *model)
{
	const struct kvmcap_header *header = model->log.header;
	const struct log_model_picture *truth = &model->truth;
	u32 i;

	MUST(model, header->update % 2 == 0);
	MUST(model, header->committed == truth->committed);
	MUST(model, header->changed == truth->changed);
	MUST(model, header->began == truth->began);
	MUST(model, header->signal == truth->signal);
	MUST(model, !memcmp(&header->mode, &truth->mode, sizeof(truth->mode)));
	for (i = 0; i < LOG_MODEL_TILES; i++) {
		if (!check_entry(model, i))
			return false;
	}

	return check_tables(model) && check_ring(model);
}

/* --- readers that follow the records ------------------------------------ */

/* The seed of a payload that the model made, from its first bytes. */
static u64 payload_seed(const u8 *payload, u32 length)
{
	u64 seed = 0;
	u32 i;

	for (i = 0; i < 8 && i < length; i++)
		seed |= (u64)(u8)(payload[i] - 37 * i) << (8 * i);
	return seed;
}

static bool reader_tile(struct log_model *model, struct log_model_reader *reader,
			const struct kvmcap_record_tile *record)
{
	struct log_model_picture *next = &reader->next;
	struct log_model_tile *tile;

	MUST(model, record->column < next->mode.columns);
	MUST(model, record->row < next->mode.rows);
	tile = &next->tile[record->row * next->mode.columns + record->column];
	*tile = (struct log_model_tile) {
		.sequence = record->record.sequence,
		.seed = payload_seed((const u8 *)(record + 1), record->length),
		.length = record->length,
		.tables = record->tables,
		.codec = record->codec,
	};
	MUST(model, payload_is((const u8 *)(record + 1), tile->seed,
			       tile->length));
	reader->tiles++;
	reader->bytes += record->length;

	return true;
}

static bool reader_frame(struct log_model *model,
			 struct log_model_reader *reader,
			 const struct kvmcap_record_frame *record)
{
	MUST(model, record->record.sequence == reader->shown.committed + 1);
	MUST(model, record->tiles == reader->tiles);
	MUST(model, record->bytes == reader->bytes);
	reader->next.committed = record->record.sequence;
	reader->shown = reader->next;
	reader->tiles = 0;
	reader->bytes = 0;
	reader->last_type = 0;

	return true;
}

static void reader_mode(struct log_model_reader *reader,
			const struct kvmcap_record_mode *record)
{
	reader->next.mode = record->mode;
	reader->next.began = record->record.sequence;
	if (record->mode.codec != KVMCAP_CODEC_JPEG)
		reader->next.tables = 0;
	memset(reader->next.tile, 0, sizeof(reader->next.tile));
}

static bool reader_record(struct log_model *model,
			  struct log_model_reader *reader,
			  const struct kvmcap_record *record)
{
	struct log_model_picture *next = &reader->next;
	const struct kvmcap_record_tables *tables;

	if (record->type == KVMCAP_RECORD_PAD ||
	    record->flags & KVMCAP_RECORD_RELOCATED)
		return true;

	MUST(model, record->sequence == reader->shown.committed + 1);
	MUST(model, record->type >= reader->last_type);
	reader->last_type = record->type;
	if (record->type < KVMCAP_RECORD_TILE)
		next->changed = record->sequence;
	switch (record->type) {
	case KVMCAP_RECORD_SIGNAL:
		next->signal = ((const struct kvmcap_record_signal *)record)->signal;
		return true;
	case KVMCAP_RECORD_MODE:
		reader_mode(reader, (const void *)record);
		return true;
	case KVMCAP_RECORD_TABLES:
		tables = (const void *)record;
		next->tables = tables->tables;
		next->tables_length = tables->length;
		next->quality = tables->quality;
		next->tables_seed = payload_seed((const u8 *)(tables + 1),
						 tables->length);
		return true;
	case KVMCAP_RECORD_TILE:
		return reader_tile(model, reader, (const void *)record);
	default:
		return reader_frame(model, reader, (const void *)record);
	}
}

static bool check_reader(struct log_model *model,
			 struct log_model_reader *reader)
{
	const struct kvmcap_header *header = model->log.header;
	const struct log_model_picture *truth = &model->truth;
	u32 i;

	for (i = 0; i < LOG_MODEL_TILES; i++) {
		const struct log_model_tile *tile = &truth->tile[i];
		const struct log_model_tile *shown = &reader->shown.tile[i];

		MUST(model, shown->sequence == tile->sequence);
		MUST(model, shown->length == tile->length);
		MUST(model, shown->tables == tile->tables);
		MUST(model, shown->codec == tile->codec);
		MUST(model, !tile->sequence || shown->seed ==
			    payload_seed(model->log.ring +
					 model->log.index[i].offset,
					 tile->length));
	}
	MUST(model, reader->shown.committed == truth->committed);
	MUST(model, reader->shown.changed == truth->changed);
	MUST(model, reader->shown.began == truth->began);
	MUST(model, reader->shown.signal == truth->signal);
	MUST(model, reader->shown.tables == truth->tables);
	MUST(model, !memcmp(&reader->shown.mode, &header->mode,
			    sizeof(header->mode)));

	return true;
}

/* Through the index, whose contents check_state() has compared with the truth. */
static void reader_snapshot(struct log_model *model,
			    struct log_model_reader *reader)
{
	u32 i;

	reader->shown = model->truth;
	for (i = 0; i < LOG_MODEL_TILES; i++) {
		const struct kvmcap_tile *entry = &model->log.index[i];

		if (entry->sequence)
			reader->shown.tile[i].seed =
				payload_seed(model->log.ring + entry->offset,
					     entry->length);
	}
	reader->next = reader->shown;
	reader->at = model->log.header->head;
	reader->tiles = 0;
	reader->bytes = 0;
	reader->last_type = 0;
}

static bool reader_look(struct log_model *model,
			struct log_model_reader *reader)
{
	const struct kvmcap_header *header = model->log.header;

	if (reader->at < header->tail) {
		reader->lapped++;
		reader_snapshot(model, reader);
		return true;
	}
	while (reader->at < header->head) {
		const struct kvmcap_record *record =
			(const void *)(model->log.ring +
				       offset_of(model, reader->at));

		if (!reader_record(model, reader, record))
			return false;
		reader->at += record->size;
	}

	return check_reader(model, reader);
}

/* --- random frames ------------------------------------------------------ */

static void random_mode(struct log_model *model, struct kvmcap_mode *mode)
{
	*mode = (struct kvmcap_mode) {
		.width = (u16)(1 + below(model, 1200)),
		.height = (u16)(1 + below(model, 80)),
		.tile_width = 128,
		.tile_height = 16,
		.codec = percent(model, 80) ? KVMCAP_CODEC_JPEG :
					      KVMCAP_CODEC_HEXTILE,
	};
	mode->columns = (u16)((mode->width + 127) / 128);
	mode->rows = (u16)((mode->height + 15) / 16);
}

static bool stage_tables(struct log_model *model)
{
	struct log_model_picture *pending = &model->pending;
	u8 tables[KVMCAP_TABLES_MAX] = { 0 };
	bool is_new;
	int ret;

	is_new = !pending->tables || percent(model, 1);
	if (is_new) {
		pending->tables_seed = next_random(&model->random);
		pending->tables_length = 8 + below(model, sizeof(tables) - 7);
		pending->quality = 1 + below(model, 100);
	}
	payload_fill(tables, pending->tables_seed, pending->tables_length);
	ret = kvmcap_log_tables(&model->log, tables, pending->tables_length,
				pending->quality);
	MUST(model, ret == (is_new ? 1 : 0));
	if (is_new) {
		pending->tables = model->log.frame.tables;
		pending->changed = pending->committed;
		MUST(model, pending->tables != model->truth.tables);
	}

	return true;
}

/* What comes before the tiles. */
static bool stage_control(struct log_model *model)
{
	struct log_model_picture *pending = &model->pending;
	struct kvmcap_log *log = &model->log;

	if (percent(model, 5)) {
		pending->signal = below(model, KVMCAP_SIGNAL_GONE);
		pending->changed = pending->committed;
		kvmcap_log_signal(log, pending->signal);
	}
	if (!pending->mode.width || percent(model, 1)) {
		random_mode(model, &pending->mode);
		MUST(model, !kvmcap_log_mode(log, &pending->mode));
		if (pending->mode.codec != KVMCAP_CODEC_JPEG)
			pending->tables = 0;
		pending->began = pending->committed;
		pending->changed = pending->committed;
		memset(pending->tile, 0, sizeof(pending->tile));
	}
	if (pending->mode.codec == KVMCAP_CODEC_JPEG)
		return stage_tables(model);

	return true;
}

/* May the log turn the frame down? By the rule in log.c, computed anew. */
static bool model_fits(struct log_model *model, size_t payload_bytes)
{
	const struct kvmcap_log_frame *frame = &model->log.frame;
	size_t size = model->log.live + 32 + MODEL_SPARE_RECORDS * MODEL_RECORD_MAX;

	if (frame->has_signal)
		size += 32;
	if (frame->has_mode)
		size += 32;
	if (frame->has_tables)
		size += ALIGN16(32 + frame->tables_length);
	if (payload_bytes)
		size += payload_bytes + MODEL_CONTROL_MAX +
			model_tiles(&frame->mode) * (32 + 15);

	return size < model->log.size || (payload_bytes && size == model->log.size);
}

/*
 * One tile, changed or not; its truth is pending from now on. @fits: it had room,
 * as it must if the frame was given all that it asked for.
 */
static bool put_tile(struct log_model *model, u32 number, bool change,
		     bool *fits)
{
	struct log_model_picture *pending = &model->pending;
	struct log_model_tile *tile = &pending->tile[number];
	const struct log_model_tile old = *tile;
	u32 column = number % pending->mode.columns;
	u32 row = number / pending->mode.columns;
	u32 before = model->log.frame.tiles;
	size_t room;
	u8 *payload;

	if (change || !old.sequence) {
		tile->seed = next_random(&model->random);
		tile->length = 8 + below(model, LOG_MODEL_TILE_BYTES - 7);
		tile->codec = percent(model, 90) ? pending->mode.codec :
						   KVMCAP_CODEC_PALETTE;
	}
	tile->tables = tile->codec == KVMCAP_CODEC_JPEG ? pending->tables : 0;
	payload = kvmcap_log_tile_begin(&model->log, &room);
	*fits = payload && room >= tile->length;
	if (!*fits)
		return true;
	MUST(model, payload == kvmcap_log_tile_begin(&model->log, &room));
	payload_fill(payload, tile->seed, tile->length);

	MUST(model, kvmcap_log_tile_end(&model->log, pending->mode.columns, row,
					tile->codec, tile->length) == -EINVAL);
	MUST(model, kvmcap_log_tile_end(&model->log, column, row, tile->codec,
					room + 1) == -EINVAL);
	MUST(model, !kvmcap_log_tile_end(&model->log, column, row, tile->codec,
					 tile->length));
	if (model->log.frame.anew || model->log.frame.has_tables ||
	    !old.sequence || tile->seed != old.seed ||
	    tile->length != old.length || tile->tables != old.tables ||
	    tile->codec != old.codec) {
		tile->sequence = pending->committed;
		before++;
	}
	MUST(model, model->log.frame.tiles == before);
	/* The same one twice is out of order. */
	if (kvmcap_log_tile_begin(&model->log, &room))
		MUST(model, kvmcap_log_tile_end(&model->log, column, row,
						tile->codec, 8) == -EINVAL);

	return true;
}

/*
 * Some tiles, or all; @stop: leaves the rest out after so many. @fits: there was
 * room for them.
 */
static bool put_tiles(struct log_model *model, u32 stop, bool *fits)
{
	const struct kvmcap_log_frame *frame = &model->log.frame;
	bool whole = frame->has_mode || frame->has_tables || frame->anew ||
		     percent(model, 10);
	u32 chance = percent(model, 70) ? 5 : 60;
	u32 i;

	*fits = true;
	for (i = 0; i < model_tiles(&frame->mode) && i < stop && *fits; i++) {
		if (!whole && percent(model, 50))
			continue;
		if (!put_tile(model, i, percent(model, chance), fits))
			return false;
	}

	return true;
}

static bool commit_frame(struct log_model *model)
{
	u64 before = model->log.header->head;

	if (!kvmcap_log_changed(&model->log)) {
		kvmcap_log_abort(&model->log);
		model->aborts++;
		return true;
	}
	MUST(model, !kvmcap_log_commit(&model->log, model->steps));
	MUST(model, model->log.header->timestamp_ns == model->steps);
	model->truth = model->pending;
	model->commits++;
	if (offset_of(model, model->log.header->head) < offset_of(model, before))
		model->wraps++;

	return true;
}

/* The old picture goes, so that the next one fits; rarely, and for no reason. */
static bool blank_frame(struct log_model *model)
{
	struct log_model_picture *pending = &model->pending;

	kvmcap_log_begin(&model->log, false);
	kvmcap_log_blank(&model->log);
	MUST(model, !kvmcap_log_reserve(&model->log, 0));
	*pending = model->truth;
	pending->committed++;
	pending->changed = pending->committed;
	pending->began = pending->committed;
	memset(pending->tile, 0, sizeof(pending->tile));

	return commit_frame(model);
}

/* The frame did not fit; if it is said that a blank one helps, it must. */
static bool refused_frame(struct log_model *model, size_t payload_bytes)
{
	const struct kvmcap_mode mode = model->log.frame.mode;
	const bool has_mode = model->log.frame.has_mode;

	if (model->log.frame.would_fit) {
		if (!blank_frame(model))
			return false;
		kvmcap_log_begin(&model->log, false);
		/* Of a picture with as many tiles: they count, too. */
		if (has_mode)
			MUST(model, !kvmcap_log_mode(&model->log, &mode));
		MUST(model, model_fits(model, payload_bytes));
		MUST(model, !kvmcap_log_reserve(&model->log, payload_bytes));
	}
	kvmcap_log_abort(&model->log);

	return true;
}

static bool random_frame(struct log_model *model)
{
	struct log_model_picture *pending = &model->pending;
	struct kvmcap_log *log = &model->log;
	const u64 head = log->header->head;
	const u64 tail = log->header->tail;
	size_t payload_bytes;
	bool aborts, fits;
	int err;

	*pending = model->truth;
	pending->committed++;
	kvmcap_log_begin(log, percent(model, 1));
	if (!stage_control(model))
		return false;

	payload_bytes = model_tiles(&pending->mode) * LOG_MODEL_TILE_BYTES;
	if (percent(model, 3))
		payload_bytes += below(model, 2 * log->size);
	fits = model_fits(model, payload_bytes);
	err = kvmcap_log_reserve(log, payload_bytes);
	if (err) {
		MUST(model, err == -ENOSPC && !fits);
		MUST(model, log->header->head == head);
		MUST(model, log->header->tail == tail);
		model->refusals++;
		return refused_frame(model, payload_bytes);
	}
	MUST(model, fits == (log->frame.budget == payload_bytes));
	MUST(model, kvmcap_log_reserve(log, 0) == -EINVAL);

	aborts = percent(model, 10);
	if (!put_tiles(model, aborts ? below(model, LOG_MODEL_TILES) :
				       LOG_MODEL_TILES, &fits))
		return false;
	if (!fits) {
		MUST(model, !model_fits(model, payload_bytes));
		model->short_of_room++;
		return refused_frame(model, payload_bytes);
	}
	if (aborts) {
		/* A new picture that lacks tiles cannot be committed anyway. */
		if ((log->frame.has_mode || log->frame.has_tables) &&
		    log->frame.tiles < model_tiles(&log->frame.mode))
			MUST(model, kvmcap_log_commit(log, 0) == -EPROTO);
		kvmcap_log_abort(log);
		model->aborts++;
		return true;
	}

	return commit_frame(model);
}

/* --- from outside ------------------------------------------------------- */

size_t log_model_map_size(unsigned int percent_of_need)
{
	size_t ring = 2 * (LOG_MODEL_TILES *
			   (LOG_MODEL_TILE_BYTES + 32 + 15) + MODEL_CONTROL_MAX) +
		      MODEL_SPARE_RECORDS * MODEL_RECORD_MAX;

	return 4096 + LOG_MODEL_TILES * sizeof(struct kvmcap_tile) + 64 +
	       ring * percent_of_need / 100;
}

int log_model_init(struct log_model *model, u8 *memory, size_t map_size,
		   u64 seed)
{
	u32 i;

	memset(model, 0, sizeof(*model));
	model->memory = memory;
	model->random = seed;
	for (i = 0; i < LOG_MODEL_READERS; i++)
		model->readers[i].patience = i ? 1 << (3 * i) : 1;

	return kvmcap_log_init(&model->log, memory, map_size, LOG_MODEL_TILES,
			       LOG_MODEL_TILE_BYTES);
}

bool log_model_step(struct log_model *model)
{
	u32 i;

	model->steps++;
	if (!below(model, 300) && model->truth.mode.width) {
		if (!blank_frame(model))
			return false;
	} else if (!random_frame(model)) {
		return false;
	}
	if (!check_state(model))
		return false;

	for (i = 0; i < LOG_MODEL_READERS; i++) {
		struct log_model_reader *reader = &model->readers[i];

		if (!below(model, reader->patience) &&
		    !reader_look(model, reader))
			return false;
	}

	return true;
}
