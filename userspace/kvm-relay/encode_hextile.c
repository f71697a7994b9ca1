// SPDX-License-Identifier: Apache-2.0
/*
 * An engine's Hextile for clients that want pixels as the engine has them: the
 * payloads of a rectangle's tiles, one behind the other. Each states its colours
 * anew, and is one row of subrectangles high, so that is the rectangle's Hextile.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "encode.h"

bool encode_hextile_possible(const struct update *update)
{
	return update->offer.hextile && update->translation.engine;
}

static size_t tile_at(const struct kvmcap_snapshot *snapshot,
		      const struct kvmcap_rectangle *tiles, size_t i)
{
	return (tiles->row + i / tiles->columns) * snapshot->header.mode.columns +
	       tiles->column + i % tiles->columns;
}

/* Bytes of all payloads, or 0 if they are not all Hextile. */
static size_t total_length(const struct kvmcap_snapshot *snapshot,
			   const struct kvmcap_rectangle *tiles)
{
	size_t count = (size_t)tiles->columns * tiles->rows, length = 0;

	for (size_t i = 0; i < count; i++) {
		const struct kvmcap_tile *tile =
			&snapshot->tiles[tile_at(snapshot, tiles, i)];

		if (tile->codec != KVMCAP_CODEC_HEXTILE)
			return 0;
		length += tile->length;
	}
	return length;
}

enum encode_result encode_hextile(const struct update *update, const struct source *source,
				  const struct kvmcap_rectangle *tiles, struct output *output)
{
	const struct kvmcap_snapshot *snapshot = &source->snapshot;
	struct kvmcap_pixels at = kvmcap_rectangle_pixels(&snapshot->header.mode, tiles);
	size_t count = (size_t)tiles->columns * tiles->rows;
	size_t length = total_length(snapshot, tiles);
	uint64_t oldest = UINT64_MAX;
	uint8_t *out = output_at(output);

	if (!length || !encode_hextile_possible(update))
		return ENCODE_IMPOSSIBLE;
	if (output_room(output) < RECTANGLE_HEADER_LENGTH + length)
		return ENCODE_FULL;
	out = put_rectangle_header(out, at.x, at.y, at.width, at.height, RFB_ENCODING_HEXTILE);
	for (size_t i = 0; i < count; i++) {
		const struct kvmcap_tile *tile =
			&snapshot->tiles[tile_at(snapshot, tiles, i)];
		const uint8_t *payload = kvmcap_payload(source->capture, tile);

		if (!payload)
			return ENCODE_IMPOSSIBLE;
		memcpy(out, payload, tile->length);
		out += tile->length;
		if (tile->position < oldest)
			oldest = tile->position;
	}
	if (!kvmcap_intact(source->capture, oldest))
		return ENCODE_TORN;
	output_commit(output, RECTANGLE_HEADER_LENGTH + length);
	return ENCODE_DONE;
}
