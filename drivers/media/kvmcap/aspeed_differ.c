// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ASPEED video engine in differential mode: what has changed since the last
 * capture, spliced into the tiles that are shown.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * Why no tile can be left behind. The engine compares what it captures into one
 * source buffer with what is in the other one, so all depends on that being the
 * picture that the tiles show:
 *
 * - The buffers change places with each capture, whatever comes of it. So the
 *   other one has what the last capture found.
 * - What the last capture found has been published, or the next capture is a
 *   full one, for which the BCD buffer is cleared: a full one is not compared
 *   with anything, and is no picture unless it has all macroblocks. That is so
 *   after kvmcap_aspeed_start() (other parameters, another mode, clocks that were
 *   off), after a capture that failed in whatever way (@synced below, which is
 *   true only between two captures of which the first one has been delivered),
 *   and whenever the core asks for it. The core does so when the frame was
 *   delivered, but then dropped: for want of room, or because it could not be
 *   committed.
 * - What is spliced in is spliced into what the log shows at that moment, coded
 *   with the same tables, or not at all: kvmcap_frame_shown(). A stream of which
 *   a single bit does not parse is not used at all.
 *
 * That leaves the comparison itself. Its threshold is 0, so that every difference
 * should be one; but nobody says so of the silicon. Therefore a picture that has
 * changed is captured once in full when it has come to rest, or after some time
 * if it does not. That costs a screen that rests one such capture, and if there
 * was nothing to correct the log drops all of it.
 */
#include <linux/string.h>

#include "aspeed_engine.h"
#include "aspeed_platform.h"

/* A screen rests when so many captures in a row have found no change. */
#define RESTING_CAPTURES	64

/*
 * A screen that does not rest is captured in full after so many captures; if it
 * is shown coarser than it should be, sooner.
 */
#define RESTLESS_CAPTURES	1024
#define COARSE_CAPTURES		32

/*
 * Streams in a row that do not parse, before nobody expects any that does. A full
 * one that parses in between says nothing about changes.
 */
#define BAD_STREAMS_MAX		2

/* From captures to what the splicer wants to know of the tiles. */
struct shown {
	struct kvmcap_ajpg_shown ajpg;
	struct kvmcap_frame *frame;
};

static const u8 *shown_payload(struct kvmcap_ajpg_shown *ajpg,
			       unsigned int column, unsigned int row,
			       size_t *length)
{
	struct shown *shown = container_of(ajpg, struct shown, ajpg);

	return kvmcap_frame_shown(shown->frame, column, row, length);
}

/* Tables of a quality, from the headers that a whole image would have. */
static int differ_set_tables(struct kvmcap_aspeed *aspeed, unsigned int selector)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;
	struct kvmcap_jpeg_image image;
	int ret;

	kvmcap_aspeed_header(selector,
			     aspeed->mode.subsampling == KVMCAP_SUBSAMPLING_420,
			     d->header);
	d->header[KVMCAP_ASPEED_HEADER_HEIGHT + 1] = 1;
	d->header[KVMCAP_ASPEED_HEADER_HEIGHT + 3] = 1;
	ret = kvmcap_jpeg_parse(&image, d->header, sizeof(d->header));
	if (ret)
		return ret;
	ret = kvmcap_jpeg_tables_set(&aspeed->transcoder, &image);
	if (ret)
		return ret;
	ret = kvmcap_jpeg_spans_copy(&image, aspeed->tables,
				     sizeof(aspeed->tables));
	if (ret < 0)
		return ret;
	d->tables_length = ret;
	d->selector = selector;
	return 0;
}

int kvmcap_aspeed_differ_start(struct kvmcap_aspeed *aspeed)
{
	const struct kvmcap_mode *mode = &aspeed->mode;
	bool halved = mode->subsampling == KVMCAP_SUBSAMPLING_420;
	const struct kvmcap_ajpg_picture picture = {
		.width = mode->width,
		.height = mode->height,
		.subsampling = halved ? KVMCAP_JPEG_420 : KVMCAP_JPEG_444,
		.tile_mcus = mode->tile_width / (halved ? 16 : 8),
	};
	struct kvmcap_aspeed_differ *d = &aspeed->differ;

	d->synced = false;
	d->bad = 0;
	return kvmcap_ajpg_set_picture(&d->ajpg, &picture);
}

/* From here on, until the engine is started otherwise, pictures come whole. */
static void differ_fall_back(struct kvmcap_aspeed *aspeed)
{
	aspeed->capture = KVMCAP_CAPTURE_WHOLE;
	kvmcap_aspeed_set_capture(aspeed);
	aspeed->engine.fallbacks++;
}

/* A stream came to nothing. Always -EBADMSG. */
static int differ_bad(struct kvmcap_aspeed *aspeed)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;

	if (++d->bad >= BAD_STREAMS_MAX &&
	    aspeed->wanted_capture != KVMCAP_CAPTURE_CHANGES)
		differ_fall_back(aspeed);
	return -EBADMSG;
}

static bool differ_is_check_due(const struct kvmcap_aspeed *aspeed)
{
	const struct kvmcap_aspeed_differ *d = &aspeed->differ;
	unsigned int most = d->selector == aspeed->selector ? RESTLESS_CAPTURES :
							      COARSE_CAPTURES;

	return d->changed && (d->quiet >= RESTING_CAPTURES || d->since >= most);
}

/* @changed: something has; @full: it was compared with nothing. */
static void differ_count(struct kvmcap_aspeed_differ *d, bool changed, bool full)
{
	if (full) {
		d->changed = false;
		d->since = 0;
		d->quiet = 0;
		return;
	}
	d->since++;
	d->quiet = changed ? 0 : d->quiet + 1;
	if (changed && !d->changed) {
		d->changed = true;
		d->since = 0;
	}
}

static int differ_capture_once(struct kvmcap_aspeed *aspeed, bool full, u32 *size)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;
	int err;

	/* It may still be at the last one, which was given up: not in here. */
	err = kvmcap_aspeed_idle(aspeed);
	if (err)
		return err;
	d->newest = !d->newest;
	aspeed_write(aspeed, VE_SOURCE0_ADDR, aspeed->source[d->newest].dma);
	aspeed_write(aspeed, VE_SOURCE1_ADDR, aspeed->source[!d->newest].dma);
	if (full)
		memset(aspeed->bcd.virt, 0, KVMCAP_ASPEED_BCD_SIZE);
	return kvmcap_aspeed_capture_image(aspeed, size);
}

/*
 * A stream that fits its buffer: what does not is captured in full and coarser,
 * because tiles of two qualities do not go together.
 */
static int differ_capture_fitting(struct kvmcap_aspeed *aspeed, bool *full,
				  u32 *size)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;
	unsigned int selector = *full ? aspeed->selector : d->selector;
	int err;

	for (;;) {
		kvmcap_aspeed_set_quality(aspeed, selector);
		err = differ_capture_once(aspeed, *full, size);
		if (err || *size != KVMCAP_ASPEED_COMPRESSED_SIZE || !selector)
			break;
		selector = kvmcap_aspeed_coarser(selector);
		*full = true;
	}
	if (err || (selector == d->selector && !*full))
		return err;
	return differ_set_tables(aspeed, selector);
}

static int differ_parse(struct kvmcap_aspeed *aspeed, bool full, u32 size)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;
	int err;

	if (size > KVMCAP_ASPEED_COMPRESSED_SIZE)
		return differ_bad(aspeed);
	kvmcap_aspeed_see(aspeed, size);
	err = kvmcap_ajpg_parse(&d->ajpg, &aspeed->transcoder,
				aspeed->compressed.virt, size);
	if (err == -EBADMSG || (!err && full && !d->ajpg.complete))
		return differ_bad(aspeed);
	if (!err && !full && d->ajpg.changed)
		d->bad = 0;
	return err;
}

static int differ_deliver(struct kvmcap_aspeed *aspeed, struct kvmcap_frame *frame)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;
	struct shown shown = {
		.ajpg.payload = shown_payload,
		.frame = frame,
	};
	int err;

	err = kvmcap_frame_tables(frame, aspeed->tables, d->tables_length,
				  kvmcap_aspeed_quality(d->selector));
	if (err < 0)
		return err;
	if (!d->ajpg.changed)
		return 0;
	err = kvmcap_frame_reserve(frame, kvmcap_ajpg_bound(&d->ajpg, &shown.ajpg));
	if (err)
		return err;
	return kvmcap_ajpg_splice(&d->ajpg, &aspeed->transcoder, &shown.ajpg,
				  &frame->sink);
}

int kvmcap_aspeed_differ(struct kvmcap_aspeed *aspeed, struct kvmcap_frame *frame,
			 bool full)
{
	struct kvmcap_aspeed_differ *d = &aspeed->differ;
	u32 size;
	int err;

	full |= !d->synced || differ_is_check_due(aspeed);
	d->synced = false;
	err = differ_capture_fitting(aspeed, &full, &size);
	frame->capture = full ? KVMCAP_CAPTURE_WHOLE : KVMCAP_CAPTURE_CHANGES;
	if (!err)
		err = differ_parse(aspeed, full, size);
	if (!err)
		err = differ_deliver(aspeed, frame);
	if (err)
		return err;
	differ_count(d, d->ajpg.changed, full);
	d->synced = true;
	return 0;
}
