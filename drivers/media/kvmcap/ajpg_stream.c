// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Reads the ASPEED engine's differential streams.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * The stream is copied, a few kilobytes at a time and just ahead of the place
 * where it is being read, into memory of the processor's own. Everything else,
 * the splicer's work included, is done there: the engine's memory is not cached,
 * so that a second look at it would cost more than the copy, and it could show
 * something else than the first. The copy is no longer than the engine's buffer.
 */
#include "ajpg_walk.h"

/* Codes before a macroblock; others are for what is not enabled. */
#define CODE_BITS	4
#define CODE_NEXT	0x0
#define CODE_AT		0x8
#define CODE_END	0x9
#define PLACE_BITS	8	/* of each coordinate, behind CODE_AT */

#define WORD		4	/* bytes of one of the stream's */

/* Words that are copied together. */
#define CHUNK		1024

/* What has to be in the copy before a macroblock is looked at, codes included. */
#define AHEAD		(KVMCAP_JPEG_MCU_MAX + 2 * WORD)

/* Bytes that are 0xff in the output and end in the same word of the stream. */
#define FF_IN_WORD	4

/*
 * Bytes that three DC codes of 27 bits can add to a payload, and the padding, and
 * the bytes that all these begin, end or lie in if they become 0xff.
 */
#define DC_CODES	32

/**
 * struct reader - a stream being read
 * @a: where to
 * @data: the word that comes next
 * @left: words from there on
 * @last: the word before
 * @fill: bytes of the copy, margin included
 * @refill_at: above this byte there may be less than AHEAD in the copy
 * @ones: words that end a run of 8 one bits
 */
struct reader {
	struct kvmcap_ajpg *a;
	const u32 *data;
	size_t left;
	u32 last;
	size_t fill;
	const u8 *refill_at;
	size_t ones;
};

size_t kvmcap_ajpg_memory_size(unsigned int mcus_max, size_t stream_max)
{
	return ((size_t)mcus_max + KVMCAP_AJPG_TILE_MCUS_MAX) *
		       sizeof(struct kvmcap_ajpg_mcu) +
	       stream_max + AHEAD + 2 * KVMCAP_JPEG_MARGIN +
	       KVMCAP_AJPG_OLD_MAX + AHEAD + 2 * KVMCAP_JPEG_MARGIN;
}

void kvmcap_ajpg_init(struct kvmcap_ajpg *a, void *memory,
		      unsigned int mcus_max, size_t stream_max)
{
	struct kvmcap_ajpg_mcu *mcus = memory;

	*a = (struct kvmcap_ajpg){
		.mcus = mcus,
		.mcus_max = mcus_max,
		.stream = (u8 *)(mcus + mcus_max + KVMCAP_AJPG_TILE_MCUS_MAX),
		.stream_max = stream_max,
	};
	a->old = a->stream + stream_max + AHEAD + 2 * KVMCAP_JPEG_MARGIN;
}

int kvmcap_ajpg_set_picture(struct kvmcap_ajpg *a,
			    const struct kvmcap_ajpg_picture *picture)
{
	unsigned int side = picture->subsampling == KVMCAP_JPEG_420 ? 16 : 8;
	unsigned int x = DIV_ROUND_UP(picture->width, side);
	unsigned int y = DIV_ROUND_UP(picture->height, side);

	a->mcus_x = 0;
	a->changed = 0;
	if (!x || x > KVMCAP_AJPG_SIDE_MAX || !y || y > KVMCAP_AJPG_SIDE_MAX ||
	    x * y > a->mcus_max || !picture->tile_mcus ||
	    picture->tile_mcus > KVMCAP_TILE_WIDTH_MAX / side)
		return -EINVAL;

	a->luma = side == 16 ? 4 : 1;
	a->tile_mcus = picture->tile_mcus;
	a->mcus_x = x;
	a->mcus_y = y;
	return 0;
}

/* Whether a run of 8 one bits ends in @word, which follows @last. */
static bool ends_ones(u32 last, u32 word)
{
	u64 run = (u64)last << 32 | word;

	run &= run << 1;
	run &= run << 2;
	run &= run << 4;
	return (u32)(run >> 7);
}

/* Copies some more of the stream; behind its end come zeroes. */
static void reader_fill(struct reader *r)
{
	u8 *out = r->a->stream + r->fill;
	size_t i, words = r->left < CHUNK ? r->left : CHUNK;

	for (i = 0; i < words; i++) {
		u32 word = READ_ONCE(r->data[i]);
		u32 bytes = __builtin_bswap32(word);

		memcpy(out + WORD * i, &bytes, WORD);
		r->ones += ends_ones(r->last, word);
		r->last = word;
	}
	r->data += words;
	r->left -= words;
	r->fill += WORD * words;
	r->refill_at = r->a->stream + r->fill;
	if (r->left)
		r->refill_at -= AHEAD;
	else
		memset(r->a->stream + r->fill, 0, AHEAD + KVMCAP_JPEG_MARGIN);
}

/* Makes sure of AHEAD bytes, or all that is left; false beyond the end. */
static bool reader_advance(struct reader *r, struct kvmcap_bits *bits)
{
	const u8 *base = r->a->stream;
	size_t at = kvmcap_bits_tell(bits, base);

	if (!r->left)
		return at <= 8 * r->fill;
	reader_fill(r);
	*bits = kvmcap_bits_seek(base, at);
	return true;
}

/* The end-of-frame code has been read. */
static int reader_end(struct reader *r, const struct kvmcap_bits *bits)
{
	size_t bytes = (kvmcap_bits_tell(bits, r->a->stream) + 7) / 8;
	size_t used = bytes - KVMCAP_JPEG_MARGIN;
	size_t behind = WORD * r->left + r->fill - bytes;

	if (behind >= KVMCAP_AJPG_TRAILER_MAX + WORD)
		return -EBADMSG;
	r->a->bound = used + FF_IN_WORD * r->ones;
	return 0;
}

/*
 * Where the next macroblock is; @mcu has the place behind the one before it.
 * Unless it is one of the picture, in ascending order, false.
 */
static bool read_place(const struct kvmcap_ajpg *a, u32 code,
		       struct kvmcap_bits *bits, unsigned int *x,
		       unsigned int *y)
{
	unsigned int to_x, to_y;

	if (*x == a->mcus_x) {
		*x = 0;
		++*y;
	}
	if (code == CODE_AT) {
		to_x = kvmcap_bits_peek(bits, PLACE_BITS);
		kvmcap_bits_take(bits, PLACE_BITS);
		to_y = kvmcap_bits_peek(bits, PLACE_BITS);
		kvmcap_bits_take(bits, PLACE_BITS);
		if (to_y < *y || (to_y == *y && to_x < *x))
			return false;
		*x = to_x;
		*y = to_y;
	} else if (code != CODE_NEXT) {
		return false;
	}
	return *x < a->mcus_x && *y < a->mcus_y;
}

/* Reads macroblocks up to the end of the frame. */
static int read_mcus(struct reader *r, const struct kvmcap_jpeg_transcoder *t)
{
	struct kvmcap_ajpg *a = r->a;
	struct kvmcap_bits bits = { .next = a->stream + KVMCAP_JPEG_MARGIN };
	s32 dc[KVMCAP_JPEG_COMPONENTS] = { 0 };
	struct kvmcap_ajpg_mcu *mcu;
	unsigned int x = 0, y = 0;
	u32 code;

	for (mcu = a->mcus;; mcu++) {
		if (bits.next >= r->refill_at && !reader_advance(r, &bits))
			return -EBADMSG;
		kvmcap_bits_refill(&bits);
		code = kvmcap_bits_peek(&bits, CODE_BITS);
		kvmcap_bits_take(&bits, CODE_BITS);
		if (code == CODE_END)
			break;
		if (!read_place(a, code, &bits, &x, &y) ||
		    !kvmcap_ajpg_walk(t, a->stream, a->luma, &bits, dc, mcu))
			return -EBADMSG;
		mcu->x = x++;
		mcu->y = y;
	}
	a->changed = mcu - a->mcus;
	return reader_end(r, &bits);
}

/*
 * What macroblocks make of the tiles that they are in. Any of them that is in a
 * tile with others may need DC codes of its own and leave the one behind it with
 * such a need; in a tile that is all there, only the first one does. Where two
 * macroblocks meet that did not in the stream, a byte may become 0xff.
 */
static void count_tiles(struct kvmcap_ajpg *a)
{
	struct kvmcap_ajpg_tile tile;
	unsigned int i;

	for (i = 0; i < a->changed; i += tile.count) {
		tile = kvmcap_ajpg_tile_at(a, i);
		a->tiles++;
		if (tile.count == tile.width) {
			a->bound += DC_CODES + tile.count;
		} else {
			a->spliced++;
			a->bound += 2 * DC_CODES * tile.count;
		}
	}
	a->complete = a->changed == (unsigned int)a->mcus_x * a->mcus_y;
}

int kvmcap_ajpg_parse(struct kvmcap_ajpg *a,
		      const struct kvmcap_jpeg_transcoder *t,
		      const void *data, size_t length)
{
	struct reader r = {
		.a = a,
		.data = data,
		.left = length / WORD,
		.fill = KVMCAP_JPEG_MARGIN,
		.refill_at = a->stream,
	};
	int ret;

	a->changed = 0;
	a->tiles = 0;
	a->spliced = 0;
	a->complete = false;
	a->bound = 0;
	if (!a->mcus_x || !t->ready)
		return -EINVAL;
	if (!r.left || WORD * r.left > a->stream_max)
		return -EBADMSG;

	ret = read_mcus(&r, t);
	if (ret) {
		a->changed = 0;
		a->bound = 0;
		return ret;
	}
	count_tiles(a);
	return 0;
}
