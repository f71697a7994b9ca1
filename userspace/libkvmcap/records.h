/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of one frame, in memory; not for libkvmcap's users. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_RECORDS_H
#define LIBKVMCAP_RECORDS_H

#include "kvmcap.h"

/* Bytes of a tile's payload: no codec needs as many. */
#define KVMCAP_RECORDS_TILE_MAX	(64U << 10)

/* Tiles of a picture. */
#define KVMCAP_RECORDS_TILES_MAX	(1U << 16)

/* Pixels of a picture: those of 3840x2160 and some more. */
#define KVMCAP_RECORDS_PIXELS_MAX	(1U << 23)

/**
 * struct kvmcap_records - what a frame's records say
 * @signal: its SIGNAL, NULL if there is none
 * @mode: its MODE, NULL if there is none
 * @tables: its TABLES, with the payload behind it, NULL if there are none
 * @frame: its FRAME
 * @first_tile: where its first TILE begins, in bytes from the first record
 * @tiles: TILE records
 * @bytes: of their payloads
 */
struct kvmcap_records {
	const struct kvmcap_record_signal *signal;
	const struct kvmcap_record_mode *mode;
	const struct kvmcap_record_tables *tables;
	const struct kvmcap_record_frame *frame;
	size_t first_tile;
	uint32_t tiles;
	uint64_t bytes;
};

/**
 * kvmcap_records_check() - whether bytes are the records of one frame
 * @data: the bytes, aligned to 8
 * @length: how many
 * @records: filled in, pointing into @data
 *
 * They must come in the order of enum kvmcap_record_type, each at most once but
 * for tiles, which come in raster order, and end with the FRAME, whose numbers
 * must be right. Types that are not known are skipped. Modes are sound as
 * kvmcap_mode_tiles() says and not too large, JPEG payloads contain no marker, and tables are
 * segments of tables. Whether tiles are within the picture is not known here.
 *
 * Return: 0 or -EBADMSG.
 */
int kvmcap_records_check(const void *data, size_t length, struct kvmcap_records *records);

/**
 * kvmcap_records_tile() - go through the tiles of checked records
 * @data: that kvmcap_records_check() liked
 * @length: bytes of it
 * @offset: kvmcap_records.first_tile to begin with; moved on
 *
 * Return: the next TILE, its payload behind it, or NULL.
 */
const struct kvmcap_record_tile *kvmcap_records_tile(const void *data, size_t length,
						     size_t *offset);

/* Bytes of a record with @header bytes before @payload bytes. */
static inline size_t kvmcap_record_size(size_t header, size_t payload)
{
	return (header + payload + KVMCAP_RECORD_ALIGN - 1) & ~(size_t)(KVMCAP_RECORD_ALIGN - 1);
}

#endif
