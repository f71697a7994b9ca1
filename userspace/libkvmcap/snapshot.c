// SPDX-License-Identifier: Apache-2.0
/*
 * Reading the mapping while the driver writes to it, as <linux/kvmcap.h> says
 * under READING THE STATE and READING A PAYLOAD.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "replay.h"
#include "source.h"

/* Times that the processor is given up before the driver is taken for dead. */
#define YIELDS_MAX	4096

/*
 * The reader's half of the sequence count. The loop that uses it is
 *
 *	do {
 *		begin(); copy
 *	} while (!end());
 *
 * with @looks counting all turns together, so that it ends.
 */
struct reading {
	const struct kvmcap_source *source;
	uint32_t update;
	unsigned int looks;
};

/* Pairs with the driver's store_release of an even update. False: it took too long. */
static bool reading_begin(struct reading *reading)
{
	const uint32_t *update = &reading->source->map->update;

	while (reading->looks < YIELDS_MAX * KVMCAP_UPDATE_RETRIES) {
		if (reading->looks++ % KVMCAP_UPDATE_RETRIES == KVMCAP_UPDATE_RETRIES - 1)
			sched_yield();
		reading->update = __atomic_load_n(update, __ATOMIC_ACQUIRE);
		if (!(reading->update & 1))
			return true;
	}
	return false;
}

/* Pairs with the driver's smp_wmb() behind an odd update. True: nothing has changed. */
static bool reading_end(const struct reading *reading)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&reading->source->map->update, __ATOMIC_RELAXED) == reading->update;
}

long kvmcap_mode_tiles(const struct kvmcap_mode *mode, size_t capacity)
{
	size_t tiles = (size_t)mode->columns * mode->rows;

	if (!mode->width)
		return tiles || mode->height ? -EPROTO : 0;
	if (!mode->height || !mode->tile_width || !mode->tile_height)
		return -EPROTO;
	if (mode->columns != (mode->width + mode->tile_width - 1) / mode->tile_width ||
	    mode->rows != (mode->height + mode->tile_height - 1) / mode->tile_height)
		return -EPROTO;
	if (mode->codec > KVMCAP_CODEC_RAW || mode->subsampling > KVMCAP_SUBSAMPLING_420)
		return -EPROTO;
	if (mode->codec == KVMCAP_CODEC_JPEG &&
	    (mode->tile_height != kvmcap_mode_unit(mode) ||
	     mode->tile_width % kvmcap_mode_unit(mode)))
		return -EPROTO;
	return tiles <= capacity ? (long)tiles : -EPROTO;
}

/* Whether the log can hold @length bytes at @offset, of a record at @position. */
static bool in_log(const struct kvmcap_header *header, size_t log_size, uint64_t position,
		   uint32_t offset, uint32_t length)
{
	return length && offset <= log_size && length <= log_size - offset &&
	       position >= header->tail && position < header->head &&
	       length < header->head - position;
}

static bool header_possible(const struct kvmcap_header *header, size_t log_size)
{
	uint64_t held = header->head - header->tail;

	if (header->signal > KVMCAP_SIGNAL_GONE)
		return false;
	if (header->changed > header->committed || header->began > header->committed)
		return false;
	if (header->head < header->tail || held > log_size ||
	    header->head_offset >= log_size || header->tail_offset >= log_size)
		return false;
	/* From tail to head, once around or not: the offsets agree with the positions. */
	if ((header->tail_offset + held) % log_size != header->head_offset)
		return false;
	return !header->tables || in_log(header, log_size, header->tables_position,
					 header->tables_offset, header->tables_length);
}

static bool tile_possible(const struct kvmcap_tile *tile, const struct kvmcap_header *header,
			  size_t log_size)
{
	if (tile->sequence > header->committed || tile->codec > KVMCAP_CODEC_RAW)
		return false;
	if (tile->codec == KVMCAP_CODEC_NONE)
		return true;
	if (tile->codec == KVMCAP_CODEC_JPEG && (!tile->tables || tile->tables != header->tables))
		return false;
	return tile->sequence &&
	       in_log(header, log_size, tile->position, tile->offset, tile->length);
}

/*
 * Payloads of one snapshot do not overlap: no two entries name the same record, so all
 * are of records between tail and head. Hence sums of lengths are below what is mapped,
 * and those who add them up need not look for one that wraps.
 */
static bool tiles_possible(const struct kvmcap_tile *tiles, size_t count,
			   const struct kvmcap_header *header, size_t log_size)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!tile_possible(&tiles[i], header, log_size))
			return false;
		if (tiles[i].codec != KVMCAP_CODEC_NONE)
			bytes += tiles[i].length;
	}
	return bytes <= header->head - header->tail;
}

static void copy_index(struct kvmcap_source *source, size_t count)
{
	const struct kvmcap_layout *layout = &source->layout;
	size_t i;

	if (layout->stride == sizeof(*source->tiles)) {
		memcpy(source->tiles, layout->index, count * sizeof(*source->tiles));
		return;
	}
	for (i = 0; i < count; i++)
		memcpy(&source->tiles[i], layout->index + i * layout->stride,
		       sizeof(*source->tiles));
}

int kvmcap_snapshot(struct kvmcap_source *source, struct kvmcap_snapshot *snapshot)
{
	struct reading reading = { .source = source };
	struct kvmcap_header header;
	long count;

	if (source->replay) {
		int err = kvmcap_replay_advance(source->replay);

		if (err)
			return err;
	}
	do {
		if (!reading_begin(&reading))
			return -EAGAIN;
		memcpy(&header, source->map, sizeof(header));
		count = kvmcap_mode_tiles(&header.mode, source->layout.capacity);
		if (count > 0)
			copy_index(source, (size_t)count);
	} while (!reading_end(&reading));

	if (count < 0 || !header_possible(&header, source->layout.log_size) ||
	    !tiles_possible(source->tiles, (size_t)count, &header, source->layout.log_size))
		return -EPROTO;
	/* Only now: a snapshot that fails leaves one that agrees with itself. */
	snapshot->header = header;
	snapshot->tiles = source->tiles;
	snapshot->tile_count = (size_t)count;
	return 0;
}

static const uint8_t *log_bytes(const struct kvmcap_source *source, uint32_t offset,
				uint32_t length)
{
	size_t size = source->layout.log_size;

	if (offset > size || length > size - offset)
		return NULL;
	return source->layout.log + offset;
}

const uint8_t *kvmcap_payload(const struct kvmcap_source *source, const struct kvmcap_tile *tile)
{
	return log_bytes(source, tile->offset, tile->length);
}

const uint8_t *kvmcap_tables(const struct kvmcap_source *source,
			     const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_header *header = &snapshot->header;

	if (!header->tables)
		return NULL;
	return log_bytes(source, header->tables_offset, header->tables_length);
}

bool kvmcap_intact(const struct kvmcap_source *source, uint64_t position)
{
	struct reading reading = { .source = source };
	uint64_t tail;

	/* What was read of the log was read before: pairs with the driver's smp_mb(). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	do {
		if (!reading_begin(&reading))
			return false;
		memcpy(&tail, &source->map->tail, sizeof(tail));
	} while (!reading_end(&reading));
	return position >= tail;
}
