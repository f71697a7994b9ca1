// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Cuts the scan of a baseline JPEG image into tiles that stand alone.
 *
 * The scan passes through a window, where it lies without its stuffing. There
 * the Huffman codes are walked, many at a time and without regard to the values
 * of AC coefficients; what a tile keeps of them is copied in bulk to its payload,
 * shifted by as many bits as its new DC codes are longer than the old ones.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_bits.h"
#include "jpeg_payload.h"
#include "jpeg_tiles.h"
#include "jpeg_walk.h"

#define MARKER_EOI	0xd9

/**
 * struct walk - one image being cut
 * @t: its tables and window
 * @blocks: blocks of each component in an MCU
 * @source: what follows the window
 * @fill: bytes in the window, margin included
 * @at: bit of the window that comes next
 * @copied: bit of the window up to which the tile's payload is complete; ahead of
 *	@at while that is at a DC code that has been written anew
 * @refill_at: an MCU that begins above this byte needs window_advance()
 * @dc: DC predictions
 * @payload: of the current tile
 */
struct walk {
	struct kvmcap_jpeg_transcoder *t;
	u8 blocks[KVMCAP_JPEG_COMPONENTS];
	struct kvmcap_stuffed source;
	unsigned int fill;
	unsigned int at;
	unsigned int copied;
	const u8 *refill_at;
	s32 dc[KVMCAP_JPEG_COMPONENTS];
	struct kvmcap_payload payload;
};

/* What a scan that stops too early is called: cut off, or interrupted. */
static int cut_short(const struct walk *w)
{
	const u8 *at = w->source.at;
	size_t left = w->source.left;

	while (left && *at == 0xff) {
		at++;
		left--;
	}
	return left && *at != MARKER_EOI ? -EBADMSG : -ENODATA;
}

/*
 * Makes sure that the window holds a whole MCU from @w->at on, or all that is
 * left. Behind the latter come zeroes, for codes that are not there.
 */
static int window_advance(struct walk *w)
{
	u8 *window = w->t->window;
	unsigned int start = w->at / 8;

	if (w->source.ended)
		return w->at > 8 * w->fill ? cut_short(w) : 0;

	if (w->copied < w->at) {
		kvmcap_payload_copy(&w->payload, window, w->copied, w->at);
		w->copied = w->at;
	}
	start -= KVMCAP_JPEG_MARGIN;
	memmove(window + KVMCAP_JPEG_MARGIN,
		window + KVMCAP_JPEG_MARGIN + start,
		w->fill - KVMCAP_JPEG_MARGIN - start);
	w->fill -= start;
	w->at -= 8 * start;
	w->copied -= 8 * start;

	w->fill += kvmcap_unstuff(&w->source, window + w->fill,
				  KVMCAP_JPEG_MARGIN + KVMCAP_JPEG_WINDOW -
				  w->fill);
	w->refill_at = window + w->fill;
	if (w->source.ended)
		memset(window + w->fill, 0,
		       KVMCAP_JPEG_MCU_MAX + KVMCAP_JPEG_MARGIN);
	else
		w->refill_at -= KVMCAP_JPEG_MCU_MAX;
	return 0;
}

/* What a code is called that cannot be: cut off if the scan ends within it. */
static int bad_code(const struct walk *w, unsigned int at)
{
	if (w->source.ended && at + KVMCAP_HUFFMAN_LENGTHS > 8 * w->fill)
		return cut_short(w);
	return -EBADMSG;
}

/* Walks components @first..@last of so many MCUs. */
static int walk_blocks(struct walk *w, unsigned int mcus, unsigned int first,
		       unsigned int last)
{
	const u8 *window = w->t->window;
	struct kvmcap_bits bits = kvmcap_bits_seek(window, w->at);
	unsigned int component, blocks;
	int ret;

	for (; mcus; mcus--) {
		if (bits.next > w->refill_at) {
			w->at = kvmcap_bits_tell(&bits, window);
			ret = window_advance(w);
			if (ret)
				return ret;
			bits = kvmcap_bits_seek(window, w->at);
		}
		for (component = first; component <= last; component++) {
			for (blocks = w->blocks[component]; blocks; blocks--)
				if (!kvmcap_walk_block(w->t, window, component,
						       &bits,
						       &w->dc[component]))
					return bad_code(w,
						kvmcap_bits_tell(&bits, window));
		}
	}
	w->at = kvmcap_bits_tell(&bits, window);
	return 0;
}

/* Puts a new code in the place of the DC code that comes next. */
static int rebase(struct walk *w, unsigned int component)
{
	struct kvmcap_code code;
	int ret;

	if (w->t->window + w->at / 8 > w->refill_at) {
		ret = window_advance(w);
		if (ret)
			return ret;
	}
	code = kvmcap_walk_dc_code(w->t, w->t->window, component, w->at);
	if (!code.at)
		return bad_code(w, w->at);
	kvmcap_payload_copy(&w->payload, w->t->window, w->copied, w->at);
	if (!kvmcap_payload_put_dc(&w->payload, w->t->codes[component],
				   w->dc[component] + code.value))
		return code.at > 8 * w->fill ? cut_short(w) : -EBADMSG;
	w->copied = code.at;
	return 0;
}

static int walk_tile(struct walk *w, unsigned int mcus)
{
	unsigned int i;
	int ret;

	for (i = 0; i < KVMCAP_JPEG_COMPONENTS; i++) {
		ret = rebase(w, i);
		if (!ret)
			ret = walk_blocks(w, 1, i, i);
		if (ret)
			return ret;
	}
	ret = walk_blocks(w, mcus - 1, 0, KVMCAP_JPEG_COMPONENTS - 1);
	if (ret)
		return ret;
	if (w->source.ended && w->at > 8 * w->fill)
		return cut_short(w);

	kvmcap_payload_copy(&w->payload, w->t->window, w->copied, w->at);
	w->copied = w->at;
	return kvmcap_payload_end(&w->payload);
}

/* What follows the last MCU: padding to a byte, EOI, zero bytes. */
static int check_end(struct walk *w)
{
	struct kvmcap_stuffed *source = &w->source;

	window_advance(w);
	if (!source->ended || w->at + 8 <= 8 * w->fill)
		return -EBADMSG;

	while (source->left && *source->at == 0xff) {
		source->at++;
		source->left--;
	}
	if (!source->left)
		return -ENODATA;
	if (*source->at != MARKER_EOI)
		return -EBADMSG;
	while (--source->left)
		if (*++source->at)
			return -EBADMSG;
	return 0;
}

int kvmcap_jpeg_tiles(struct kvmcap_jpeg_transcoder *t,
		      const struct kvmcap_jpeg_image *image,
		      unsigned int tile_mcus, struct kvmcap_tile_sink *sink)
{
	struct walk w = {
		.t = t,
		.blocks = { image->subsampling == KVMCAP_JPEG_420 ? 4 : 1, 1, 1 },
		.source = { .at = image->scan, .left = image->scan_length },
		.fill = KVMCAP_JPEG_MARGIN,
		.at = 8 * KVMCAP_JPEG_MARGIN,
		.copied = 8 * KVMCAP_JPEG_MARGIN,
		.refill_at = t->window,
	};
	unsigned int row, column, left, mcus;
	size_t room = 0;
	u8 *out;
	int ret;

	if (!t->ready || !tile_mcus)
		return -EINVAL;

	for (row = 0; row < image->mcus_y; row++) {
		for (column = 0, left = image->mcus_x; left; left -= mcus) {
			mcus = left < tile_mcus ? left : tile_mcus;
			out = sink->begin(sink, &room);
			if (!out)
				return -ENOSPC;
			kvmcap_payload_begin(&w.payload, out, room);
			ret = walk_tile(&w, mcus);
			if (ret < 0)
				return ret;
			ret = sink->end(sink, column++, row, ret);
			if (ret < 0)
				return ret;
		}
	}
	return check_end(&w);
}

static bool has_tables(const struct kvmcap_jpeg_transcoder *t,
		       const struct kvmcap_jpeg_image *image)
{
	const struct kvmcap_jpeg_span *span;
	const struct kvmcap_huffman *table;
	unsigned int i;

	for (i = 0; i < 2 * KVMCAP_JPEG_COMPONENTS; i++) {
		const struct kvmcap_jpeg_component *component =
			&image->components[i / 2];
		unsigned int index = i % 2 ? component->ac : component->dc;

		if (index != (i % 2 ? t->ac[i / 2] : t->dc[i / 2]))
			return false;
		span = &image->huffman[i % 2][index];
		table = &t->huffman[i % 2][index];
		if (span->length != table->length ||
		    memcmp(span->data, table->dht, span->length) != 0)
			return false;
	}
	return true;
}

static int component_set(struct kvmcap_jpeg_transcoder *t,
			 const struct kvmcap_jpeg_image *image, unsigned int i)
{
	const u8 index[2] = { image->components[i].dc, image->components[i].ac };
	unsigned int kind, category;
	u32 code = 0;

	for (kind = 0; kind < 2; kind++) {
		const struct kvmcap_jpeg_span *span =
			&image->huffman[kind][index[kind]];
		int ret = kvmcap_huffman_set(&t->huffman[kind][index[kind]],
					     kind, span->data, span->length);

		if (ret)
			return ret;
	}

	t->dc[i] = index[0];
	t->ac[i] = index[1];
	for (category = 0; category < KVMCAP_HUFFMAN_CATEGORIES; category++) {
		t->codes[i][category].length =
			kvmcap_huffman_encode(&t->huffman[0][t->dc[i]],
					      category, &code);
		t->codes[i][category].code = code;
	}

	/* Mostly Cb and Cr share their tables. */
	t->block[i] = i;
	if (i && t->dc[i - 1] == t->dc[i] && t->ac[i - 1] == t->ac[i]) {
		t->block[i] = t->block[i - 1];
		return 0;
	}
	kvmcap_lookup_ac_make(t->ac_lookup[t->ac[i]],
			      &t->huffman[1][t->ac[i]]);
	kvmcap_lookup_block_make(t->block_lookup[i],
				 &t->huffman[0][t->dc[i]],
				 &t->huffman[1][t->ac[i]]);
	return 0;
}

int kvmcap_jpeg_tables_set(struct kvmcap_jpeg_transcoder *t,
			   const struct kvmcap_jpeg_image *image)
{
	unsigned int i;
	int ret;

	if (t->ready && has_tables(t, image))
		return 0;

	t->ready = false;
	for (i = 0; i < KVMCAP_JPEG_COMPONENTS; i++) {
		ret = component_set(t, image, i);
		if (ret)
			return ret;
	}
	t->ready = true;
	return 0;
}

unsigned int kvmcap_jpeg_tiles_count(const struct kvmcap_jpeg_image *image,
				     unsigned int tile_mcus)
{
	return DIV_ROUND_UP(image->mcus_x, tile_mcus) * image->mcus_y;
}

/*
 * A byte of the output is 0xff, and takes two, where eight 1 bits follow each
 * other. Of each run of 1 bits the new alignment can make at most one byte more
 * to be 0xff than the old one did, and between two runs there is a 0 bit: at
 * most every second byte, then, is a new 0xff. To that each tile adds at most
 * three DC codes of 27 bits and its padding, which is 11 bytes, and 0xff in the
 * bytes that these begin, end or lie in, which are fewer than 21.
 */
size_t kvmcap_jpeg_tiles_bound(size_t scan_length, unsigned int tiles)
{
	return scan_length + scan_length / 2 + 32 * (size_t)tiles;
}
