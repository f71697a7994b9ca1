// SPDX-License-Identifier: Apache-2.0
/*
 * A JPEG image of a rectangle of tiles, by concatenation: SOI, the tables, SOF0
 * with the rectangle's size, DRI with a tile's MCUs unless there is only one
 * tile, SOS, the payloads with RSTn between them, EOI (ITU T.81, B.2). There is
 * neither APP0 nor APP14: for components 1, 2 and 3 decoders take YCbCr then,
 * which it is, and tables may be missing too when the receiver has them (B.5).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <string.h>

#include "jpeg.h"
#include "source.h"

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
	size_t size = SOI_LENGTH + SOF_LENGTH + SOS_LENGTH + EOI_LENGTH;

	if (!is_image(snapshot, rectangle))
		return 0;
	if (total > 1)
		size += DRI_LENGTH;
	if (!(flags & KVMCAP_JPEG_WITHOUT_TABLES))
		size += snapshot->header.tables_length;
	for (i = 0; i < total; i++)
		size += tile_at(snapshot, rectangle, i)->length;
	return size + (total - 1) * RST_LENGTH;
}

uint8_t *kvmcap_jpeg_put_frame(uint8_t *out, const struct kvmcap_mode *mode,
			       const struct kvmcap_pixels *size, unsigned int interval)
{
	uint8_t sampling = mode->subsampling == KVMCAP_SUBSAMPLING_420 ? 0x22 : 0x11;
	const uint8_t sof[SOF_LENGTH] = {
		0xff, 0xc0, 0, SOF_LENGTH - 2, 8,
		(uint8_t)(size->height >> 8), (uint8_t)size->height,
		(uint8_t)(size->width >> 8), (uint8_t)size->width, 3,
		1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1,
	};
	const uint8_t dri[DRI_LENGTH] = {
		0xff, 0xdd, 0, DRI_LENGTH - 2, (uint8_t)(interval >> 8), (uint8_t)interval,
	};
	const uint8_t sos[SOS_LENGTH] = {
		0xff, 0xda, 0, SOS_LENGTH - 2, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0,
	};

	memcpy(out, sof, sizeof(sof));
	out += sizeof(sof);
	if (interval) {
		memcpy(out, dri, sizeof(dri));
		out += sizeof(dri);
	}
	memcpy(out, sos, sizeof(sos));
	return out + sizeof(sos);
}

/* MCUs between restart markers in an image of @rectangle, 0 if there are none. */
static unsigned int restart_interval(const struct kvmcap_mode *mode,
				     const struct kvmcap_rectangle *rectangle)
{
	if (tile_total(rectangle) == 1)
		return 0;
	return kvmcap_mode_units(mode, rectangle->column);
}

uint8_t *kvmcap_jpeg_put_marker(uint8_t *out, unsigned int marker)
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
	struct kvmcap_pixels pixels = kvmcap_rectangle_pixels(&snapshot->header.mode, rectangle);
	size_t i, total = tile_total(rectangle);
	const struct kvmcap_tile *tile;
	const uint8_t *from;
	uint8_t *at = out;

	if (!need)
		return -EINVAL;
	if (need > size)
		return -ENOSPC;
	at = kvmcap_jpeg_put_marker(at, SOI);
	if (!(flags & KVMCAP_JPEG_WITHOUT_TABLES)) {
		from = kvmcap_tables(source, snapshot);
		if (!from)
			return -EINVAL;
		memcpy(at, from, snapshot->header.tables_length);
		at += snapshot->header.tables_length;
	}
	at = kvmcap_jpeg_put_frame(at, &snapshot->header.mode, &pixels,
				   restart_interval(&snapshot->header.mode, rectangle));
	for (i = 0; i < total; i++) {
		tile = tile_at(snapshot, rectangle, i);
		from = kvmcap_payload(source, tile);
		if (!from)
			return -EINVAL;
		if (i)
			at = kvmcap_jpeg_put_marker(at, RST0 + (i - 1) % 8);
		memcpy(at, from, tile->length);
		at += tile->length;
	}
	at = kvmcap_jpeg_put_marker(at, EOI);
	if (!kvmcap_intact(source, oldest(snapshot, rectangle, flags)))
		return -EAGAIN;
	return at - out;
}
