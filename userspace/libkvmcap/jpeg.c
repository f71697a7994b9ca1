// SPDX-License-Identifier: Apache-2.0
/*
 * A JPEG image of a rectangle of tiles, by concatenation: SOI, the tables, SOF0
 * with the rectangle's size, DRI with a tile's MCUs, SOS, the payloads with RSTn
 * between them, EOI (ITU T.81, B.2). There is neither APP0 nor APP14: for
 * components 1, 2 and 3 decoders take YCbCr then, which it is, and tables may
 * be missing too when the receiver has them (B.5).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <string.h>

#include "source.h"

#define SOI_LENGTH	2
#define SOF_LENGTH	19
#define DRI_LENGTH	6
#define SOS_LENGTH	14
#define RST_LENGTH	2
#define EOI_LENGTH	2

#define RST0		0xd0	/* to RST7, 0xd7 */

static const struct kvmcap_tile *tile_at(const struct kvmcap_snapshot *snapshot,
					 const struct kvmcap_rectangle *rectangle, size_t i)
{
	size_t row = rectangle->row + i / rectangle->columns;
	size_t column = rectangle->column + i % rectangle->columns;

	return &snapshot->tiles[row * snapshot->header.mode.columns + column];
}

static size_t tile_total(const struct kvmcap_rectangle *rectangle)
{
	return (size_t)rectangle->columns * rectangle->rows;
}

/* Whether @rectangle can be one image: in the picture, tiles of equally many MCUs, all JPEG. */
static bool is_image(const struct kvmcap_snapshot *snapshot,
		     const struct kvmcap_rectangle *rectangle)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	size_t i, total = tile_total(rectangle);

	if (!snapshot->tile_count || !snapshot->header.tables || !total)
		return false;
	if (rectangle->column + rectangle->columns > mode->columns ||
	    rectangle->row + rectangle->rows > mode->rows)
		return false;
	if (rectangle->columns > 1 && kvmcap_mode_narrow(mode) &&
	    rectangle->column + rectangle->columns == mode->columns)
		return false;
	for (i = 0; i < total; i++) {
		const struct kvmcap_tile *tile = tile_at(snapshot, rectangle, i);

		if (tile->codec != KVMCAP_CODEC_JPEG || tile->tables != snapshot->header.tables)
			return false;
	}
	return true;
}

size_t kvmcap_jpeg_rectangle_size(const struct kvmcap_snapshot *snapshot,
				  const struct kvmcap_rectangle *rectangle, unsigned int flags)
{
	size_t i, total = tile_total(rectangle);
	size_t size = SOI_LENGTH + SOF_LENGTH + DRI_LENGTH + SOS_LENGTH + EOI_LENGTH;

	if (!is_image(snapshot, rectangle))
		return 0;
	if (!(flags & KVMCAP_JPEG_WITHOUT_TABLES))
		size += snapshot->header.tables_length;
	for (i = 0; i < total; i++)
		size += tile_at(snapshot, rectangle, i)->length;
	return size + (total - 1) * RST_LENGTH;
}

/* SOF0, DRI and SOS; the tables' numbers are those of struct kvmcap_record_tables. */
static uint8_t *put_frame(uint8_t *out, const struct kvmcap_mode *mode,
			  const struct kvmcap_rectangle *rectangle)
{
	struct kvmcap_pixels p = kvmcap_rectangle_pixels(mode, rectangle);
	unsigned int width = p.width < mode->tile_width ? p.width : mode->tile_width;
	unsigned int mcus = (width + kvmcap_mode_unit(mode) - 1) / kvmcap_mode_unit(mode);
	uint8_t sampling = mode->subsampling == KVMCAP_SUBSAMPLING_420 ? 0x22 : 0x11;
	const uint8_t frame[SOF_LENGTH + DRI_LENGTH + SOS_LENGTH] = {
		0xff, 0xc0, 0, SOF_LENGTH - 2, 8,
		(uint8_t)(p.height >> 8), (uint8_t)p.height,
		(uint8_t)(p.width >> 8), (uint8_t)p.width, 3,
		1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1,
		0xff, 0xdd, 0, DRI_LENGTH - 2, (uint8_t)(mcus >> 8), (uint8_t)mcus,
		0xff, 0xda, 0, SOS_LENGTH - 2, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0,
	};

	memcpy(out, frame, sizeof(frame));
	return out + sizeof(frame);
}

static uint8_t *put_marker(uint8_t *out, unsigned int marker)
{
	out[0] = 0xff;
	out[1] = (uint8_t)marker;
	return out + 2;
}

/* The oldest position among what @rectangle is made of. */
static uint64_t oldest(const struct kvmcap_snapshot *snapshot,
		       const struct kvmcap_rectangle *rectangle, unsigned int flags)
{
	size_t i, total = tile_total(rectangle);
	uint64_t position = UINT64_MAX;

	if (!(flags & KVMCAP_JPEG_WITHOUT_TABLES))
		position = snapshot->header.tables_position;
	for (i = 0; i < total; i++) {
		const struct kvmcap_tile *tile = tile_at(snapshot, rectangle, i);

		if (tile->position < position)
			position = tile->position;
	}
	return position;
}

long kvmcap_jpeg_rectangle(const struct kvmcap_source *source,
			   const struct kvmcap_snapshot *snapshot,
			   const struct kvmcap_rectangle *rectangle, unsigned int flags,
			   uint8_t *out, size_t size)
{
	size_t need = kvmcap_jpeg_rectangle_size(snapshot, rectangle, flags);
	size_t i, total = tile_total(rectangle);
	const struct kvmcap_tile *tile;
	const uint8_t *from;
	uint8_t *at = out;

	if (!need)
		return -EINVAL;
	if (need > size)
		return -ENOSPC;
	at = put_marker(at, 0xd8);
	if (!(flags & KVMCAP_JPEG_WITHOUT_TABLES)) {
		from = kvmcap_tables(source, snapshot);
		if (!from)
			return -EINVAL;
		memcpy(at, from, snapshot->header.tables_length);
		at += snapshot->header.tables_length;
	}
	at = put_frame(at, &snapshot->header.mode, rectangle);
	for (i = 0; i < total; i++) {
		tile = tile_at(snapshot, rectangle, i);
		from = kvmcap_payload(source, tile);
		if (!from)
			return -EINVAL;
		if (i)
			at = put_marker(at, RST0 + (i - 1) % 8);
		memcpy(at, from, tile->length);
		at += tile->length;
	}
	at = put_marker(at, 0xd9);
	if (!kvmcap_intact(source, oldest(snapshot, rectangle, flags)))
		return -EAGAIN;
	return at - out;
}
