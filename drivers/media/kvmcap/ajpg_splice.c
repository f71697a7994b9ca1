// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Makes tiles of what a differential stream says has changed.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * A tile's payload is its macroblocks' bits, one after the other. What they are
 * depends on the neighbours in one thing only: the first DC code of each
 * component is a difference from the macroblock before. So a changed macroblock
 * is put in the place of the old one bit by bit, and where a macroblock follows
 * upon another DC value than it did where it comes from, up to three DC codes are
 * written anew. There is one code for each difference: however a tile came to show
 * what it shows, its payload is the same bytes.
 *
 * Why nobody can ever see a tile that is stale, or a mixture of two:
 *
 *  - The log has no differences in it. Each TILE record is a whole tile, made here
 *    in full, under the sequence of its frame. A reader that is late, by however
 *    many frames, takes the newest record of each tile that he lacks; he never has
 *    to apply one to another. That is as with whole pictures, and so is all that
 *    log.c does with records.
 *  - A tile is completed from the log's newest record of it, that which the index
 *    points at, found after room was made for the frame. A record that has been
 *    relocated is found in its new place, and the same bytes are there. Nothing
 *    moves while a frame is being made, and the frame's own records do not show
 *    until it is committed.
 *  - Of what the stream says, the log is right about everything else only if it
 *    shows the picture that the engine compared with. It does after a commit, and
 *    after a frame in which nothing had changed. After anything else, which is a
 *    frame that was dropped for want of room, one that did not parse, here or in
 *    ajpg_stream.c, one that timed out, or a tile that has nothing to be completed
 *    from, the core asks for a full picture, and asks again until one is committed.
 *    A full picture has all macroblocks (the engine's driver looks at @complete),
 *    so that nothing is taken from the log. Neither kind of failure leaves anything
 *    in the log: it is before kvmcap_frame_reserve(), or the frame is dropped.
 *  - A stream that is wrong but parses cannot be told from one of another picture.
 *    What it did goes with the next full picture, at the latest.
 *  - Coefficients mean something only together with the quantisation tables. A
 *    frame with other tables, or of another mode or codec, has no old payloads:
 *    kvmcap_frame_shown() gives NULL, which is -EBADMSG here unless the tile has
 *    all of its macroblocks, and the log refuses to commit such a frame unless all
 *    of its tiles are there.
 *
 * tools/testing/unit/ajpg_brute_test.c tries all that.
 */
#include "ajpg_walk.h"

/**
 * struct splicer - a tile being made
 * @t: tables
 * @dc: DC values that the next macroblock's are differences from
 * @payload: what there is
 */
struct splicer {
	const struct kvmcap_jpeg_transcoder *t;
	s16 dc[KVMCAP_JPEG_COMPONENTS];
	struct kvmcap_payload payload;
};

/* What the first macroblock of a stream and of a tile are differences from. */
static const s16 no_dc[KVMCAP_JPEG_COMPONENTS];

size_t kvmcap_ajpg_bound(const struct kvmcap_ajpg *a,
			 struct kvmcap_ajpg_shown *shown)
{
	struct kvmcap_ajpg_tile tile;
	size_t length, bound = a->changed ? a->bound : 0;
	unsigned int i;

	/* For the half that is added see kvmcap_jpeg_tiles_bound(). */
	for (i = 0; a->spliced && i < a->changed; i += tile.count) {
		tile = kvmcap_ajpg_tile_at(a, i);
		if (tile.count < tile.width &&
		    shown->payload(shown, tile.column, tile.row, &length))
			bound += length + length / 2;
	}
	return bound;
}

/*
 * Appends the macroblocks @first..@last, between which there is nothing else at
 * @base, where the one before @first had the DC values @before. False if there is
 * no code for a difference.
 */
static bool put_mcus(struct splicer *s, const u8 *base,
		     const struct kvmcap_ajpg_mcu *first,
		     const struct kvmcap_ajpg_mcu *last, const s16 *before)
{
	unsigned int i, at = first->from, copied = at;
	bool same = !memcmp(s->dc, before, sizeof(s->dc));
	struct kvmcap_code code;

	for (i = 0; !same && i < KVMCAP_JPEG_COMPONENTS; i++) {
		if (s->dc[i] != before[i]) {
			code = kvmcap_walk_dc_code(s->t, base, i, at);
			kvmcap_payload_copy(&s->payload, base, copied, at);
			if (!kvmcap_payload_put_dc(&s->payload, s->t->codes[i],
						   before[i] + code.value -
						   s->dc[i]))
				return false;
			copied = code.at;
		}
		at = first->from + first->part[i];
	}
	memcpy(s->dc, last->dc, sizeof(s->dc));
	kvmcap_payload_copy(&s->payload, base, copied,
			    last->from + last->part[KVMCAP_JPEG_COMPONENTS - 1]);
	return true;
}

/* Appends macroblocks of the stream, which are next to each other in the tile. */
static bool put_changed(struct splicer *s, const struct kvmcap_ajpg *a,
			unsigned int first, unsigned int count)
{
	const struct kvmcap_ajpg_mcu *mcu = a->mcus + first;
	const s16 *before = first ? mcu[-1].dc : no_dc;

	for (; count; count--, before = mcu++->dc)
		if (!put_mcus(s, a->stream, mcu, mcu, before))
			return false;
	return true;
}

/* Finds the macroblocks of an old payload; they go behind those of the stream. */
static bool read_old(const struct kvmcap_ajpg *a,
		     const struct kvmcap_jpeg_transcoder *t,
		     struct kvmcap_ajpg_shown *shown,
		     const struct kvmcap_ajpg_tile *tile)
{
	struct kvmcap_ajpg_mcu *mcu = a->mcus + a->mcus_max;
	struct kvmcap_bits bits = { .next = a->old + KVMCAP_JPEG_MARGIN };
	s32 dc[KVMCAP_JPEG_COMPONENTS] = { 0 };
	struct kvmcap_stuffed from = { 0 };
	unsigned int i;
	size_t end, at;

	from.at = shown->payload(shown, tile->column, tile->row, &from.left);
	if (!from.at)
		return false;
	end = KVMCAP_JPEG_MARGIN +
	      kvmcap_unstuff(&from, a->old + KVMCAP_JPEG_MARGIN,
			     KVMCAP_AJPG_OLD_MAX + KVMCAP_WORD_BYTES);
	if (!from.ended || from.left)
		return false;
	memset(a->old + end, 0, KVMCAP_JPEG_MCU_MAX + KVMCAP_JPEG_MARGIN);

	for (i = 0; i < tile->width; i++)
		if (kvmcap_bits_tell(&bits, a->old) > 8 * end ||
		    !kvmcap_ajpg_walk(t, a->old, a->luma, &bits, dc, mcu + i))
			return false;
	at = kvmcap_bits_tell(&bits, a->old);
	return at <= 8 * end && 8 * end - at < 8;
}

static bool put_spliced(struct splicer *s, const struct kvmcap_ajpg *a,
			const struct kvmcap_ajpg_tile *tile)
{
	const struct kvmcap_ajpg_mcu *old = a->mcus + a->mcus_max;
	unsigned int x0 = tile->column * a->tile_mcus;
	unsigned int first, changed = tile->first, x = 0;

	while (x < tile->width) {
		first = x;
		while (changed < tile->first + tile->count &&
		       a->mcus[changed].x == x0 + x) {
			changed++;
			x++;
		}
		if (x > first &&
		    !put_changed(s, a, changed - (x - first), x - first))
			return false;
		first = x;
		x = changed < tile->first + tile->count ?
			    a->mcus[changed].x - x0 : tile->width;
		if (x > first && !put_mcus(s, a->old, old + first, old + x - 1,
					   first ? old[first - 1].dc : no_dc))
			return false;
	}
	return true;
}

/* Bytes of the payload, or a negative errno. */
static int make_tile(struct splicer *s, const struct kvmcap_ajpg *a,
		     struct kvmcap_ajpg_shown *shown,
		     const struct kvmcap_ajpg_tile *tile)
{
	bool ok;

	memset(s->dc, 0, sizeof(s->dc));
	if (tile->count == tile->width)
		ok = put_changed(s, a, tile->first, tile->count);
	else
		ok = read_old(a, s->t, shown, tile) && put_spliced(s, a, tile);
	return ok ? kvmcap_payload_end(&s->payload) : -EBADMSG;
}

int kvmcap_ajpg_splice(struct kvmcap_ajpg *a,
		       const struct kvmcap_jpeg_transcoder *t,
		       struct kvmcap_ajpg_shown *shown,
		       struct kvmcap_tile_sink *sink)
{
	struct splicer s = { .t = t };
	struct kvmcap_ajpg_tile tile;
	unsigned int i;
	size_t room = 0;
	u8 *out;
	int ret;

	if (!t->ready)
		return -EINVAL;
	for (i = 0; i < a->changed; i += tile.count) {
		tile = kvmcap_ajpg_tile_at(a, i);
		out = sink->begin(sink, &room);
		if (!out)
			return -ENOSPC;
		kvmcap_payload_begin(&s.payload, out, room);
		ret = make_tile(&s, a, shown, &tile);
		if (ret < 0)
			return ret;
		ret = sink->end(sink, tile.column, tile.row, ret);
		if (ret < 0)
			return ret;
	}
	return 0;
}
