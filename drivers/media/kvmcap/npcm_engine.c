// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Nuvoton VCD: what it is made to do.
 *
 * The VCD captures the host's picture into the frame buffer (CAPTURE), or only
 * what differs from what is there already, and notes in its difference table
 * which blocks of 16x16 pixels those are (COMPARE). Tiles are made from the frame
 * buffer while the VCD rests.
 *
 * No stale tile can stay. After a COMPARE, the table tells tiles that differ from
 * what the frame buffer held, which is what is published only if every change of
 * all captures before has been published. So whenever one may not have been, a
 * CAPTURE follows, of which every tile is delivered: the first after a start; one
 * after any capture that failed, wherever it did, as the core asks for a full
 * one until one has been committed; and here, when the VCD's FIFO ran over, upon
 * which the table is of no more use than the buffer.
 *
 * That leaves what nobody can notice: a difference that the VCD takes for none, a
 * byte of the ECE's that is wrong and still Hextile. Therefore a screen that has
 * come to rest is captured in full once more, as is, now and then, one that does
 * not rest. Tiles that are right already are not published again by that.
 *
 * The core's thread calls all operations. What runs beside them is the interrupt
 * handler, which notes what came and wakes the thread.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "geometry.h"
#include "npcm_engine.h"

/* A picture is there once it looks the same so often in a row, ... */
#define DETECT_STABLE		3
#define DETECT_PAUSE_MS		20

/* ... and it is looked so often, at most. */
#define DETECT_LOOKS		50

/* How long the VCD may take for a picture: some frames of 24 Hz. */
#define CAPTURE_TIMEOUT_MS	500

/* ... to become ready for one. */
#define READY_TIMEOUT_US	300000
#define READY_POLL_US		1000

/* Captures that the FIFO spoilt are taken again, so often. */
#define OVERRUNS_MAX		3

/* A screen rests when so many captures in a row have found no change. */
#define RESTING_CAPTURES	64

/* One that does not rest is checked after so many. */
#define RESTLESS_CAPTURES	1024

/* Waits that mainline knows of: after a reset, and of the state machines. */
#define RESET_WAIT_US		10
#define STATE_WAIT_US		800

#define CHANGES		(VCD_STATUS_VERTICAL_CHANGED | VCD_STATUS_LINE_CHANGED)
#define OVERRUNS	(VCD_STATUS_FIFO_THRESHOLD | VCD_STATUS_FIFO_OVERRUN)
#define ENDS		(VCD_STATUS_DONE | OVERRUNS)

#define MODE		(VCD_MODE_ENABLE | VCD_MODE_RGB565 | VCD_MODE_IDBC | \
			 VCD_MODE_BANDWIDTH)

static_assert(NPCM_PITCH_MAX * NPCM_HEIGHT_MAX <= KVMCAP_NPCM_FRAME_SIZE);
static_assert(DIV_ROUND_UP(NPCM_WIDTH_MAX, KVMCAP_TILE_WIDTH_MIN) <=
	      KVMCAP_NPCM_COLUMNS_MAX);

static struct kvmcap_npcm *npcm_of(struct kvmcap_engine *engine)
{
	return container_of(engine, struct kvmcap_npcm, engine);
}

/*
 * The timing's changes are reported once: the status may show them for as long
 * as the new timing is not the one that it is compared with.
 */
irqreturn_t kvmcap_npcm_interrupt(int irq, void *data)
{
	struct kvmcap_npcm *npcm = data;
	unsigned long flags;
	u32 status = 0, wanted;

	spin_lock_irqsave(&npcm->lock, flags);
	if (npcm->enabled) {
		status = kvmcap_npcm_read(npcm->vcd, VCD_STATUS) &
			 VCD_STATUS_CLEAR;
		regmap_write(npcm->vcd, VCD_STATUS, status);
	}
	wanted = status & npcm->enabled;
	npcm->events |= wanted;
	if (wanted & CHANGES) {
		npcm->enabled &= ~CHANGES;
		regmap_write(npcm->vcd, VCD_INTERRUPT_ENABLE, npcm->enabled);
	}
	spin_unlock_irqrestore(&npcm->lock, flags);

	if (!status)
		return IRQ_NONE;
	if (wanted & CHANGES)
		kvmcap_core_signal_changed(&npcm->engine);
	wake_up(&npcm->wait);
	return IRQ_HANDLED;
}

/* What is neither wanted before nor any more is forgotten. */
static void npcm_enable(struct kvmcap_npcm *npcm, u32 disable, u32 enable)
{
	unsigned long flags;

	spin_lock_irqsave(&npcm->lock, flags);
	npcm->enabled = (npcm->enabled & ~disable) | enable;
	npcm->events &= ~(disable | enable);
	regmap_write(npcm->vcd, VCD_STATUS, (disable | enable) & VCD_STATUS_CLEAR);
	regmap_write(npcm->vcd, VCD_INTERRUPT_ENABLE, npcm->enabled);
	spin_unlock_irqrestore(&npcm->lock, flags);
}

static u32 npcm_events(struct kvmcap_npcm *npcm)
{
	return READ_ONCE(npcm->events);
}

static void npcm_set_reset(struct kvmcap_npcm *npcm, enum kvmcap_npcm_unit unit,
			   bool asserted)
{
	struct reset_control *reset = unit == KVMCAP_NPCM_VCD ?
				      npcm->vcd_reset : npcm->ece_reset;

	if (npcm->platform)
		npcm->platform->reset(npcm->platform->context, unit, asserted);
	else if (asserted)
		reset_control_assert(reset);
	else
		reset_control_deassert(reset);
}

void kvmcap_npcm_reset(struct kvmcap_npcm *npcm, enum kvmcap_npcm_unit unit)
{
	npcm_set_reset(npcm, unit, true);
	usleep_range(RESET_WAIT_US, 2 * RESET_WAIT_US);
	npcm_set_reset(npcm, unit, false);
	usleep_range(RESET_WAIT_US, 2 * RESET_WAIT_US);
}

void kvmcap_npcm_hold(struct kvmcap_npcm *npcm)
{
	npcm_set_reset(npcm, KVMCAP_NPCM_VCD, true);
	if (npcm->ece)
		npcm_set_reset(npcm, KVMCAP_NPCM_ECE, true);
}

/*
 * The VCD's state machines and FIFOs, which ends a capture that goes on. What had
 * been reported and not been seen is gone.
 */
static void npcm_reset_states(struct kvmcap_npcm *npcm)
{
	kvmcap_npcm_update(npcm->vcd, VCD_MODE, VCD_MODE_ENABLE | VCD_MODE_IDBC, 0);
	regmap_write(npcm->vcd, VCD_COMMAND, VCD_COMMAND_RESET);
	usleep_range(STATE_WAIT_US, STATE_WAIT_US + STATE_WAIT_US / 4);
	regmap_write(npcm->vcd, VCD_COMMAND, 0);
	regmap_write(npcm->vcd, VCD_STATUS, VCD_STATUS_CLEAR);
	kvmcap_npcm_update(npcm->vcd, VCD_MODE, 0, VCD_MODE_ENABLE | VCD_MODE_IDBC);
}

/* ... and the path from the graphics core with them. */
static void npcm_reset_path(struct kvmcap_npcm *npcm)
{
	kvmcap_npcm_update(npcm->gcr, GCR_INTCR2, 0, GCR_INTCR2_GFX_RESET);
	npcm_reset_states(npcm);
	kvmcap_npcm_update(npcm->gcr, GCR_INTCR2, GCR_INTCR2_GFX_RESET, 0);
}

static int npcm_power_on(struct kvmcap_npcm *npcm)
{
	kvmcap_npcm_update(npcm->gcr, GCR_INTCR,
			   GCR_INTCR_HSYNC | GCR_INTCR_GFX_OFF, 0);
	kvmcap_npcm_update(npcm->gcr, GCR_INTCR2, 0,
			   GCR_INTCR2_LINE_RESET | GCR_INTCR2_VERTICAL_RESET);
	kvmcap_npcm_reset(npcm, KVMCAP_NPCM_VCD);
	npcm_reset_path(npcm);
	regmap_write(npcm->vcd, VCD_INTERRUPT_ENABLE, 0);
	regmap_write(npcm->vcd, VCD_FIFO, VCD_FIFO_THRESHOLDS);
	regmap_write(npcm->vcd, VCD_CHANGE,
		     FIELD_PREP(VCD_CHANGE_PRESCALER, 0xf) |
		     FIELD_PREP(VCD_CHANGE_IGNORED, 0x3));
	regmap_write(npcm->vcd, VCD_MODE, MODE);
	if ((kvmcap_npcm_read(npcm->vcd, VCD_MODE) & MODE) == MODE)
		return 0;

	kvmcap_npcm_hold(npcm);
	return -EIO;
}

static void npcm_power_off(struct kvmcap_npcm *npcm)
{
	npcm_enable(npcm, ~0U, 0);
	synchronize_irq(npcm->irq);
	regmap_write(npcm->vcd, VCD_MODE, 0);
	regmap_write(npcm->vcd, VCD_CHANGE, 0);
	kvmcap_npcm_hold(npcm);
}

/*
 * Neither unit has a clock that could be switched: they are held in reset, where
 * they raise no interrupt, and where nobody touches their registers.
 */
static int npcm_power(struct kvmcap_engine *engine, bool on)
{
	if (on)
		return npcm_power_on(npcm_of(engine));
	npcm_power_off(npcm_of(engine));
	return 0;
}

static int npcm_measure(struct kvmcap_npcm *npcm,
			struct kvmcap_npcm_picture *picture)
{
	struct kvmcap_npcm_gfxi gfxi = {
		.display = kvmcap_npcm_read(npcm->gfxi, GFXI_DISPLAY),
		.width_low = kvmcap_npcm_read(npcm->gfxi, GFXI_WIDTH_LOW),
		.width_high = kvmcap_npcm_read(npcm->gfxi, GFXI_WIDTH_HIGH),
		.height_low = kvmcap_npcm_read(npcm->gfxi, GFXI_HEIGHT_LOW),
		.height_high = kvmcap_npcm_read(npcm->gfxi, GFXI_HEIGHT_HIGH),
		.pll = kvmcap_npcm_read(npcm->gfxi, GFXI_PLL),
		.pll_input = kvmcap_npcm_read(npcm->gfxi, GFXI_PLL_INPUT),
		.pll_feedback = kvmcap_npcm_read(npcm->gfxi, GFXI_PLL_FEEDBACK),
	};

	return kvmcap_npcm_measure(picture, &gfxi);
}

/*
 * From now on changes of the timing, as it is now, are reported. Done for each
 * capture, as mainline does: whether a reset of the state machines spares what
 * the timing is compared with is not known. A change that is missed by that is
 * found by npcm_check_picture(): its cause is in the host's registers earlier.
 */
static void npcm_watch(struct kvmcap_npcm *npcm)
{
	kvmcap_npcm_update(npcm->vcd, VCD_LINE_LAST, VCD_LINE,
			   FIELD_GET(VCD_LINE,
				     kvmcap_npcm_read(npcm->vcd, VCD_LINE_TIME)));
	kvmcap_npcm_update(npcm->vcd, VCD_VERTICAL_LAST, VCD_VERTICAL,
			   FIELD_GET(VCD_VERTICAL,
				     kvmcap_npcm_read(npcm->vcd,
						      VCD_VERTICAL_TIME)));
	npcm_enable(npcm, 0, CHANGES);
}

static bool npcm_is_same(const struct kvmcap_npcm_picture *a,
			 const struct kvmcap_npcm_picture *b)
{
	return a->width == b->width && a->height == b->height &&
	       a->pitch == b->pitch && a->more_bandwidth == b->more_bandwidth;
}

/* The registers belong to the host, who changes them one by one. */
static int npcm_find_picture(struct kvmcap_npcm *npcm)
{
	struct kvmcap_npcm_picture picture;
	unsigned int look, same = 0;
	int before = 0, err = 0;

	npcm_watch(npcm);
	for (look = 0; look < DETECT_LOOKS; look++) {
		err = npcm_measure(npcm, &picture);
		if (look && err == before && npcm_is_same(&picture, &npcm->picture))
			same++;
		else
			same = 1;
		before = err;
		npcm->picture = picture;
		if (same == DETECT_STABLE)
			return err;
		msleep(DETECT_PAUSE_MS);
	}
	return -ENOLINK;
}

static int npcm_detect(struct kvmcap_engine *engine, struct kvmcap_mode *mode)
{
	struct kvmcap_npcm *npcm = npcm_of(engine);
	int err;

	err = npcm_find_picture(npcm);
	if (err)
		return err;

	mode->width = npcm->picture.width;
	mode->height = npcm->picture.height;
	mode->tile_width = kvmcap_geometry_tile_width(mode->width, NPCM_BLOCK);
	mode->tile_height = NPCM_BLOCK;
	mode->columns = DIV_ROUND_UP(mode->width, mode->tile_width);
	mode->rows = DIV_ROUND_UP(mode->height, mode->tile_height);
	if (mode->codec == KVMCAP_CODEC_NONE)
		mode->codec = npcm->ece ? KVMCAP_CODEC_HEXTILE : KVMCAP_CODEC_RAW;
	return 0;
}

/* Writes what must be there afterwards: a register may have fewer bits. */
static int npcm_set(struct kvmcap_npcm *npcm, u32 offset, u32 value)
{
	regmap_write(npcm->vcd, offset, value);
	return kvmcap_npcm_read(npcm->vcd, offset) == value ? 0 : -EIO;
}

static int npcm_set_picture(struct kvmcap_npcm *npcm)
{
	const struct kvmcap_npcm_picture *picture = &npcm->picture;
	int err;

	err = npcm_set(npcm, VCD_RESOLUTION,
		       FIELD_PREP(VCD_RESOLUTION_WIDTH, picture->width) |
		       FIELD_PREP(VCD_RESOLUTION_HEIGHT, picture->height));
	if (!err)
		err = npcm_set(npcm, VCD_PITCH,
			       FIELD_PREP(VCD_PITCH_FBA, picture->pitch) |
			       FIELD_PREP(VCD_PITCH_FBB, picture->pitch));
	if (err)
		return err;

	/* One buffer for both: what comes is compared with what came before. */
	regmap_write(npcm->vcd, VCD_FBA_ADDR, npcm->frame.dma);
	regmap_write(npcm->vcd, VCD_FBB_ADDR, npcm->frame.dma);
	kvmcap_npcm_update(npcm->vcd, VCD_MODE, VCD_MODE_BANDWIDTH,
			   picture->more_bandwidth ? VCD_MODE_BANDWIDTH : 0);
	return 0;
}

static int npcm_start(struct kvmcap_engine *engine,
		      const struct kvmcap_mode *mode,
		      const struct kvmcap_params *params)
{
	struct kvmcap_npcm *npcm = npcm_of(engine);
	int err;

	npcm->mode = *mode;
	npcm->whole = params->capture == KVMCAP_CAPTURE_WHOLE;
	npcm->unchecked = false;
	npcm->since = 0;
	npcm->quiet = 0;
	err = npcm_set_picture(npcm);
	if (err)
		return err;
	npcm_reset_path(npcm);
	if (mode->codec == KVMCAP_CODEC_HEXTILE)
		kvmcap_npcm_ece_start(npcm);
	return 0;
}

static void npcm_stop(struct kvmcap_engine *engine)
{
	struct kvmcap_npcm *npcm = npcm_of(engine);

	npcm_enable(npcm, ENDS, 0);
	npcm_reset_states(npcm);
	if (npcm->mode.codec == KVMCAP_CODEC_HEXTILE)
		kvmcap_npcm_ece_stop(npcm);
	synchronize_irq(npcm->irq);
}

/* 0; -ENOLINK if the host's picture is not the one that it was started for. */
static int npcm_check_picture(struct kvmcap_npcm *npcm)
{
	struct kvmcap_npcm_picture now;

	if (npcm_events(npcm) & CHANGES || npcm_measure(npcm, &now) ||
	    !npcm_is_same(&now, &npcm->picture))
		return -ENOLINK;
	return 0;
}

/*
 * One operation of the VCD. 0; -EAGAIN if its FIFO ran over; -ENOLINK;
 * -ETIMEDOUT.
 */
static int npcm_operate(struct kvmcap_npcm *npcm, u32 operation)
{
	unsigned int value;
	u32 events;
	int err;

	err = regmap_read_poll_timeout(npcm->vcd, VCD_STATUS, value,
				       !(value & VCD_STATUS_BUSY), READY_POLL_US,
				       READY_TIMEOUT_US);
	if (err)
		return err;
	npcm_reset_states(npcm);
	npcm_watch(npcm);
	npcm_enable(npcm, 0, ENDS);
	operation = FIELD_PREP(VCD_COMMAND_OPERATION, operation);
	regmap_write(npcm->vcd, VCD_COMMAND, operation);
	regmap_write(npcm->vcd, VCD_COMMAND, operation | VCD_COMMAND_GO);

	wait_event_timeout(npcm->wait, npcm_events(npcm) & (ENDS | CHANGES),
			   msecs_to_jiffies(CAPTURE_TIMEOUT_MS));
	events = npcm_events(npcm);
	npcm_enable(npcm, ENDS, 0);

	/* A picture that changed its size meanwhile is neither one nor the other. */
	err = npcm_check_picture(npcm);
	if (err)
		return err;
	if (events & OVERRUNS)
		return -EAGAIN;
	return events & VCD_STATUS_DONE ? 0 : -ETIMEDOUT;
}

/* A picture in the frame buffer; @full: not only its changes. */
static int npcm_capture_picture(struct kvmcap_npcm *npcm, bool *full)
{
	unsigned int overruns;
	int err = -EAGAIN;

	for (overruns = 0; err == -EAGAIN && overruns <= OVERRUNS_MAX; overruns++) {
		if (overruns)
			*full = true;
		err = npcm_operate(npcm, *full ? VCD_OPERATION_CAPTURE :
						 VCD_OPERATION_COMPARE);
	}
	/* As good as one that never ends. */
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

/* Tiles of a row that are to be delivered, bit n: the one in column n. */
static u32 npcm_row(struct kvmcap_npcm *npcm, unsigned int row, bool full)
{
	const struct kvmcap_mode *mode = &npcm->mode;
	u32 words[KVMCAP_NPCM_ROW_WORDS] = { 0 };
	unsigned int i;

	if (full)
		return GENMASK(mode->columns - 1, 0);
	for (i = 0; i < DIV_ROUND_UP(mode->width, 32 * NPCM_BLOCK); i++)
		words[i] = kvmcap_npcm_read(npcm->vcd, VCD_DIFF_TABLE +
					    row * VCD_DIFF_TABLE_STRIDE + i * 4);
	return kvmcap_npcm_changed(words, mode->width, mode->tile_width);
}

static size_t npcm_bound(struct kvmcap_npcm *npcm,
			 const struct kvmcap_tile_run *run)
{
	if (npcm->mode.codec == KVMCAP_CODEC_HEXTILE)
		return kvmcap_hextile_bound(run->width);
	return kvmcap_npcm_raw_bound(run);
}

static int npcm_tiles(struct kvmcap_npcm *npcm, const struct kvmcap_tile_run *run,
		      struct kvmcap_tile_sink *sink)
{
	if (npcm->mode.codec == KVMCAP_CODEC_HEXTILE)
		return kvmcap_npcm_ece_tiles(npcm, run, sink);
	return kvmcap_npcm_raw_tiles(run, npcm->frame.virt, KVMCAP_NPCM_FRAME_SIZE,
				     npcm->picture.pitch, sink);
}

static void npcm_run_in(struct kvmcap_npcm *npcm, struct kvmcap_tile_run *run,
			unsigned int row)
{
	run->row = row;
	run->tile_width = npcm->mode.tile_width;
	run->height = min_t(unsigned int, NPCM_BLOCK,
			    npcm->mode.height - row * NPCM_BLOCK);
}

/* What the tiles in @rows can come to. */
static size_t npcm_bound_all(struct kvmcap_npcm *npcm, const u32 *rows)
{
	struct kvmcap_tile_run run;
	unsigned int row;
	size_t bytes = 0;

	for (row = 0; row < npcm->mode.rows; row++) {
		u32 tiles = rows[row];

		npcm_run_in(npcm, &run, row);
		while (kvmcap_npcm_run(&run, &tiles, npcm->mode.width))
			bytes += npcm_bound(npcm, &run);
	}
	return bytes;
}

static int npcm_deliver(struct kvmcap_npcm *npcm, struct kvmcap_frame *frame,
			const u32 *rows)
{
	struct kvmcap_tile_run run;
	unsigned int row;
	int err;

	err = kvmcap_frame_reserve(frame, npcm_bound_all(npcm, rows));
	kvmcap_npcm_ece_begin(npcm);
	for (row = 0; !err && row < npcm->mode.rows; row++) {
		u32 tiles = rows[row];

		npcm_run_in(npcm, &run, row);
		while (!err && kvmcap_npcm_run(&run, &tiles, npcm->mode.width))
			err = npcm_tiles(npcm, &run, &frame->sink);
	}
	return err;
}

static bool npcm_is_check_due(const struct kvmcap_npcm *npcm)
{
	return npcm->unchecked && (npcm->quiet >= RESTING_CAPTURES ||
				   npcm->since >= RESTLESS_CAPTURES);
}

static void npcm_count(struct kvmcap_npcm *npcm, bool changed, bool checked)
{
	if (checked) {
		npcm->unchecked = false;
		npcm->quiet = 0;
		return;
	}
	npcm->quiet = changed ? 0 : npcm->quiet + 1;
	npcm->since++;
	if (changed && !npcm->unchecked) {
		npcm->unchecked = true;
		npcm->since = 0;
	}
}

/* 1 if there was anything to deliver, 0 if not, or a negative errno. */
static int npcm_capture_tiles(struct kvmcap_npcm *npcm, struct kvmcap_frame *frame,
			      bool full)
{
	u32 rows[DIV_ROUND_UP(NPCM_HEIGHT_MAX, NPCM_BLOCK)], any = 0;
	unsigned int row;
	int err;

	err = npcm_capture_picture(npcm, &full);
	if (err)
		return err;
	frame->capture = full ? KVMCAP_CAPTURE_WHOLE : KVMCAP_CAPTURE_CHANGES;
	/* Pairs with the VCD's DONE: memory comes first. */
	dma_rmb();
	for (row = 0; row < npcm->mode.rows; row++) {
		rows[row] = npcm_row(npcm, row, full);
		any |= rows[row];
	}
	if (!any)
		return 0;
	err = npcm_deliver(npcm, frame, rows);
	return err ? err : 1;
}

static int npcm_capture(struct kvmcap_engine *engine, struct kvmcap_frame *frame,
			bool full)
{
	struct kvmcap_npcm *npcm = npcm_of(engine);
	bool check = !full && npcm_is_check_due(npcm);
	int ret;

	ret = npcm_capture_tiles(npcm, frame, full || check || npcm->whole);
	if (ret < 0)
		return ret;
	npcm_count(npcm, ret, check);
	return 0;
}

/* Neither Hextile nor RAW leaves anything out. */
static unsigned int npcm_quality(struct kvmcap_engine *engine,
				 unsigned int quality)
{
	return 100;
}

const struct kvmcap_engine_ops kvmcap_npcm_ops = {
	.power = npcm_power,
	.detect = npcm_detect,
	.start = npcm_start,
	.stop = npcm_stop,
	.capture = npcm_capture,
	.quality = npcm_quality,
};
