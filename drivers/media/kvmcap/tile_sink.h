/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Where tables and the payloads of tiles go: the log in the kernel, an array in
 * tests.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_TILE_SINK_H
#define KVMCAP_TILE_SINK_H

#include "pure.h"

/* Bytes of JPEG tables, at most: two DQT and four DHT segments are about 600. */
#define KVMCAP_TABLES_MAX	1024

/**
 * struct kvmcap_tile_sink - receiver of one frame's tiles, in raster order
 * @begin: room for the payload of the next tile. Stores the number of bytes
 *	that may be written in @room; NULL when the frame has no room left, on
 *	which the producer gives up with -ENOSPC. Calling it again before @end
 *	returns the same room.
 * @end: the payload of the tile at (@column, @row) is complete in the room that
 *	@begin gave, @length bytes of it. The sink keeps it, or drops it when it
 *	equals what the tile already shows. 0, or a negative errno on which the
 *	producer gives up with the same.
 *
 * A producer that gives up leaves no trace: the sink's owner drops the frame.
 */
struct kvmcap_tile_sink {
	u8 *(*begin)(struct kvmcap_tile_sink *sink, size_t *room);
	int (*end)(struct kvmcap_tile_sink *sink, unsigned int column,
		   unsigned int row, size_t length);
};

#endif
