// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Nuvoton ECE: Hextile of the frame buffer's rectangles.
 *
 * A rectangle is a run of tiles in one row, so that no Hextile of one, however
 * bad, goes beyond the buffer. The engine puts a word with its size in bytes at
 * the offset that it is at, a gap, and then the Hextile. All of it is copied in
 * one go before it is looked at: the buffer is uncached memory, slow byte by byte,
 * and an engine that has run wild must not change what has been checked.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "npcm_engine.h"

/* For one rectangle. */
#define READY_TIMEOUT_US	300000
#define READY_POLL_US		20

/* In one capture, so often may it be reset and asked again, ... */
#define FAILURES_MAX		3

/* ... and so long may all of its rectangles take, the last one not counted. */
#define CAPTURE_TIMEOUT_MS	2000

/* The widest gap, and the narrowest: that of the word before the data. */
#define GAP_MAX			31
#define GAP_MIN			4

/* No rectangle is of that size. It is put where the size will be. */
#define NO_SIZE			0xffffffffU

static_assert(GAP_MAX + NPCM_WIDTH_MAX / NPCM_BLOCK * KVMCAP_HEXTILE_BYTES_MAX <=
	      KVMCAP_NPCM_OUTPUT_SIZE);

/*
 * Switched off and on with its encoder off, as mainline does it. The offset is
 * that of the next rectangle's output.
 */
static void ece_rewind(struct regmap *ece)
{
	kvmcap_npcm_update(ece, ECE_CTRL, ECE_CTRL_ENABLE, 0);
	kvmcap_npcm_update(ece, ECE_HEXTILE, 0, ECE_HEXTILE_OFF);
	kvmcap_npcm_update(ece, ECE_CTRL, 0, ECE_CTRL_ENABLE);
	kvmcap_npcm_update(ece, ECE_HEXTILE, ECE_HEXTILE_OFF, 0);
	regmap_write(ece, ECE_OFFSET, 0);
}

void kvmcap_npcm_ece_start(struct kvmcap_npcm *npcm)
{
	int pitch = kvmcap_npcm_ece_pitch(npcm->picture.pitch);

	kvmcap_npcm_reset(npcm, KVMCAP_NPCM_ECE);
	ece_rewind(npcm->ece);
	regmap_write(npcm->ece, ECE_FRAME_ADDR, npcm->frame.dma);
	regmap_write(npcm->ece, ECE_OUTPUT_ADDR, npcm->output.dma);
	/* All that kvmcap_npcm_measure() chooses can be had. */
	regmap_write(npcm->ece, ECE_PITCH, pitch);
}

void kvmcap_npcm_ece_stop(struct kvmcap_npcm *npcm)
{
	kvmcap_npcm_update(npcm->ece, ECE_CTRL,
			   ECE_CTRL_ENABLE | ECE_CTRL_INTERRUPT, 0);
	kvmcap_npcm_update(npcm->ece, ECE_HEXTILE, 0, ECE_HEXTILE_OFF);
	regmap_write(npcm->ece, ECE_OFFSET, 0);
}

void kvmcap_npcm_ece_begin(struct kvmcap_npcm *npcm)
{
	npcm->ece_failures = 0;
	npcm->ece_started = jiffies;
}

/* Less one, blocks and the pixels of the last one. */
static u32 ece_size(const struct kvmcap_tile_run *run)
{
	return FIELD_PREP(ECE_RECT_SIZE_COLUMNS, (run->width - 1) / NPCM_BLOCK) |
	       FIELD_PREP(ECE_RECT_SIZE_LAST_COLUMN, (run->width - 1) % NPCM_BLOCK) |
	       FIELD_PREP(ECE_RECT_SIZE_ROWS, 0) |
	       FIELD_PREP(ECE_RECT_SIZE_LAST_ROW, run->height - 1);
}

/* One rectangle. 0, or -ETIMEDOUT. */
static int ece_compress(struct kvmcap_npcm *npcm,
			const struct kvmcap_tile_run *run)
{
	u32 start = run->row * NPCM_BLOCK * npcm->picture.pitch +
		    run->column * run->tile_width * KVMCAP_HEXTILE_PIXEL;
	unsigned int value;

	WRITE_ONCE(*(u32 *)npcm->output.virt, NO_SIZE);
	/* The engine must not be before this. */
	dma_wmb();
	regmap_write(npcm->ece, ECE_OFFSET, 0);
	kvmcap_npcm_update(npcm->ece, ECE_CTRL, ECE_CTRL_ENABLE, 0);
	kvmcap_npcm_update(npcm->ece, ECE_CTRL, 0, ECE_CTRL_ENABLE);
	regmap_write(npcm->ece, ECE_STATUS,
		     ECE_STATUS_READY | ECE_STATUS_ALL_READY);
	regmap_write(npcm->ece, ECE_RECT_START, start);
	regmap_write(npcm->ece, ECE_RECT_SIZE, ece_size(run));
	return regmap_read_poll_timeout(npcm->ece, ECE_STATUS, value,
					value & ECE_STATUS_READY, READY_POLL_US,
					READY_TIMEOUT_US);
}

/* What the engine has put into memory. Bytes of Hextile in @copy, or -EBADMSG. */
static int ece_fetch(struct kvmcap_npcm *npcm, const struct kvmcap_tile_run *run)
{
	size_t most = DIV_ROUND_UP(run->width, NPCM_BLOCK) *
		      KVMCAP_HEXTILE_BYTES_MAX;
	u32 gap = FIELD_GET(ECE_HEXTILE_GAP,
			    kvmcap_npcm_read(npcm->ece, ECE_HEXTILE));
	u32 size;

	/* Pairs with the engine's READY: memory comes first. */
	dma_rmb();
	size = le32_to_cpu(READ_ONCE(*(__le32 *)npcm->output.virt));
	if (!size || size > most || gap < GAP_MIN)
		return -EBADMSG;
	memcpy(npcm->copy, (u8 *)npcm->output.virt + gap, size);
	return size;
}

/*
 * What it fails at it is asked for again, as the frame buffer is still the same;
 * not for ever.
 */
static int ece_run(struct kvmcap_npcm *npcm, const struct kvmcap_tile_run *run)
{
	int ret;

	for (;;) {
		if (time_after(jiffies, npcm->ece_started +
			       msecs_to_jiffies(CAPTURE_TIMEOUT_MS)))
			return -ETIMEDOUT;
		ret = ece_compress(npcm, run);
		if (!ret)
			ret = ece_fetch(npcm, run);
		if (ret >= 0 || npcm->ece_failures >= FAILURES_MAX)
			return ret;
		npcm->ece_failures++;
		kvmcap_npcm_ece_start(npcm);
	}
}

int kvmcap_npcm_ece_tiles(struct kvmcap_npcm *npcm,
			  const struct kvmcap_tile_run *run,
			  struct kvmcap_tile_sink *sink)
{
	int ret;

	ret = ece_run(npcm, run);
	if (ret < 0)
		return ret;
	/* Tiles that the sink has taken cannot be taken back: no second try. */
	return kvmcap_hextile_tiles(run, npcm->copy, ret, sink);
}
