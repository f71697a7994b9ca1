// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ASPEED video engine: what it is made to do. Captures are in aspeed_capture.c
 * and, in differential mode, in aspeed_differ.c.
 *
 * The core's thread calls all operations. What runs beside them is the interrupt
 * handler, which notes what came and wakes the thread.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "aspeed_engine.h"
#include "aspeed_platform.h"
#include "geometry.h"

/* How long the engine may take to find a mode; it is several frames. */
#define DETECT_TIMEOUT_MS	500

/* A signal that is not stable is given this much time, this often. */
#define DETECT_RETRY_MS		250
#define DETECT_RETRIES		2

/* VR058: packets are (4 << 3), of (1024 << 6) bytes. */
#define COMPRESS_SIZE		(FIELD_PREP(VE_COMPRESS_SIZE_PACKETS, 3) | \
				 FIELD_PREP(VE_COMPRESS_SIZE_PACKET, 6))
static_assert((4 << 3) * (1024 << 6) == KVMCAP_ASPEED_COMPRESSED_SIZE);

static struct kvmcap_aspeed *aspeed_of(struct kvmcap_engine *engine)
{
	return container_of(engine, struct kvmcap_aspeed, engine);
}

static int aspeed_power(struct kvmcap_engine *engine, bool on)
{
	if (on)
		return kvmcap_aspeed_power_on(aspeed_of(engine));
	kvmcap_aspeed_power_off(aspeed_of(engine));
	return 0;
}

/* One pass of the detection. 0, or -ENOLINK. */
static int aspeed_find_mode(struct kvmcap_aspeed *aspeed)
{
	kvmcap_aspeed_enable(aspeed, 0, VE_INTERRUPT_MODE_FOUND);
	aspeed_update(aspeed, VE_SEQ, VE_SEQ_TRIGGER_DETECT, 0);
	aspeed_update(aspeed, VE_SEQ, 0, VE_SEQ_TRIGGER_DETECT);
	if (!kvmcap_aspeed_wait(aspeed, VE_INTERRUPT_MODE_FOUND, DETECT_TIMEOUT_MS))
		return -ENOLINK;
	kvmcap_aspeed_enable(aspeed, VE_INTERRUPT_MODE_FOUND, 0);
	return 0;
}

static u32 aspeed_polarity(struct kvmcap_aspeed *aspeed)
{
	u32 mode[KVMCAP_ASPEED_POLARITY_LOOKS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mode); i++)
		mode[i] = aspeed_read(aspeed, VE_MODE);
	return kvmcap_aspeed_polarity(mode);
}

/*
 * The first pass is for the polarities, without which the second one cannot tell
 * the edges. The watchdog runs during the second one already: a mode that
 * changes behind its back would go unnoticed.
 */
static int aspeed_try_detect(struct kvmcap_aspeed *aspeed)
{
	const u32 polarity = VE_CTRL_HSYNC_NEGATIVE | VE_CTRL_VSYNC_NEGATIVE;
	int err;

	kvmcap_aspeed_enable(aspeed, KVMCAP_ASPEED_SIGNAL_EVENTS, 0);
	aspeed_update(aspeed, VE_SEQ, VE_SEQ_WATCHDOG, 0);
	aspeed_update(aspeed, VE_CTRL, polarity, 0);
	err = aspeed_find_mode(aspeed);
	if (err)
		return err;
	if (!kvmcap_aspeed_is_stable(aspeed_read(aspeed, VE_MODE)))
		return -EAGAIN;

	aspeed_update(aspeed, VE_CTRL, polarity, aspeed_polarity(aspeed));
	kvmcap_aspeed_enable(aspeed, 0, VE_INTERRUPT_MODE_LOST);
	aspeed_update(aspeed, VE_SEQ, 0, VE_SEQ_WATCHDOG);
	err = aspeed_find_mode(aspeed);
	if (err)
		return err;

	err = kvmcap_aspeed_measure(&aspeed->picture,
				    aspeed_read(aspeed, VE_EDGE_H),
				    aspeed_read(aspeed, VE_EDGE_V));
	if (aspeed_events(aspeed) & VE_INTERRUPT_MODE_LOST)
		return -EAGAIN;
	return err;
}

static void aspeed_set_mode(struct kvmcap_aspeed *aspeed, struct kvmcap_mode *mode)
{
	unsigned int mcu = mode->subsampling == KVMCAP_SUBSAMPLING_420 ? 16 : 8;

	mode->width = aspeed->picture.width;
	mode->height = aspeed->picture.height;
	mode->tile_width = kvmcap_geometry_tile_width(mode->width, mcu);
	mode->tile_height = mcu;
	mode->columns = DIV_ROUND_UP(mode->width, mode->tile_width);
	mode->rows = DIV_ROUND_UP(mode->height, mode->tile_height);
	mode->codec = KVMCAP_CODEC_JPEG;
}

/* From now on a change of the signal is for the detection, or for the core. */
static void aspeed_set_detecting(struct kvmcap_aspeed *aspeed, bool detecting,
				 u32 missed)
{
	unsigned long flags;

	spin_lock_irqsave(&aspeed->lock, flags);
	aspeed->detecting = detecting;
	missed &= aspeed->events;
	spin_unlock_irqrestore(&aspeed->lock, flags);
	if (missed)
		kvmcap_core_signal_changed(&aspeed->engine);
}

/*
 * Without a signal the detection stays triggered: the interrupt comes when the
 * signal does. It may do so between the end of the wait and that of this.
 */
static int aspeed_detect(struct kvmcap_engine *engine, struct kvmcap_mode *mode)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);
	unsigned int try;
	int err;

	aspeed_set_detecting(aspeed, true, 0);
	for (try = 0; try <= DETECT_RETRIES; try++) {
		if (try)
			msleep(DETECT_RETRY_MS);
		err = aspeed_try_detect(aspeed);
		if (err != -EAGAIN)
			break;
	}
	aspeed_set_detecting(aspeed, false,
			     err ? KVMCAP_ASPEED_SIGNAL_EVENTS : VE_INTERRUPT_MODE_LOST);
	if (err == -EAGAIN)
		return -ENOLINK;
	if (!err)
		aspeed_set_mode(aspeed, mode);
	return err;
}

static void aspeed_set_window(struct kvmcap_aspeed *aspeed)
{
	struct kvmcap_aspeed_window window;

	kvmcap_aspeed_window(&window, &aspeed->picture);
	aspeed_write(aspeed, VE_CAPTURE_WINDOW, window.capture);
	aspeed_write(aspeed, VE_COMPRESS_WINDOW, window.compress);
	aspeed_write(aspeed, VE_SOURCE_STRIDE, window.stride);
	if (!window.direct) {
		aspeed_write(aspeed, VE_TGS0, window.tgs0);
		aspeed_write(aspeed, VE_TGS1, window.tgs1);
	}
	aspeed_update(aspeed, VE_CTRL,
		      VE_CTRL_INTERNAL_DE | VE_CTRL_DIRECT_FETCH |
		      VE_CTRL_FRAME_RATE,
		      window.direct ? VE_CTRL_DIRECT_FETCH : VE_CTRL_INTERNAL_DE);
}

static void aspeed_set_memory(struct kvmcap_aspeed *aspeed)
{
	aspeed_write(aspeed, VE_SOURCE0_ADDR, aspeed->source[0].dma);
	aspeed_write(aspeed, VE_SOURCE1_ADDR, aspeed->source[1].dma);
	aspeed_write(aspeed, VE_COMPRESS_ADDR, aspeed->compressed.dma);
	aspeed_write(aspeed, VE_COMPRESS_SIZE, COMPRESS_SIZE);
	aspeed_write(aspeed, VE_HEADER_ADDR, aspeed->headers.dma);
}

void kvmcap_aspeed_set_capture(struct kvmcap_aspeed *aspeed)
{
	bool halved = aspeed->mode.subsampling == KVMCAP_SUBSAMPLING_420;
	bool whole = aspeed->capture == KVMCAP_CAPTURE_WHOLE;

	aspeed_write(aspeed, VE_BCD_ADDR, aspeed->bcd.dma);
	/* A threshold of 0, and no averaging or copying. */
	aspeed_write(aspeed, VE_BCD_CTRL, whole ? 0 : VE_BCD_CTRL_ENABLE);
	aspeed_update(aspeed, VE_SEQ,
		      KVMCAP_ASPEED_TRIGGERS | VE_SEQ_FORMAT | aspeed->soc->jpeg_mode,
		      VE_SEQ_AUTO_COMPRESS | (whole ? aspeed->soc->jpeg_mode : 0) |
		      (halved ? VE_SEQ_YUV420 : 0));
	kvmcap_aspeed_set_quality(aspeed, aspeed->selector);
}

/*
 * What was found out of the engine's streams holds as long as all is as it was
 * then, clocks and signal aside.
 */
static void aspeed_choose_capture(struct kvmcap_aspeed *aspeed,
				  const struct kvmcap_mode *mode,
				  const struct kvmcap_params *params)
{
	unsigned int wanted = params->capture == KVMCAP_CAPTURE_AUTO ?
			      aspeed->auto_capture : params->capture;
	unsigned int selector = kvmcap_aspeed_selector(params->quality);

	if (aspeed->capture != KVMCAP_CAPTURE_AUTO &&
	    wanted == aspeed->wanted_capture && selector == aspeed->selector &&
	    !memcmp(mode, &aspeed->mode, sizeof(*mode)))
		return;
	aspeed->wanted_capture = wanted;
	aspeed->selector = selector;
	aspeed->mode = *mode;
	aspeed->capture = wanted == KVMCAP_CAPTURE_WHOLE ? KVMCAP_CAPTURE_WHOLE :
							   KVMCAP_CAPTURE_CHANGES;
}

static int aspeed_start(struct kvmcap_engine *engine,
			const struct kvmcap_mode *mode,
			const struct kvmcap_params *params)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);
	bool halved = mode->subsampling == KVMCAP_SUBSAMPLING_420;

	aspeed_choose_capture(aspeed, mode, params);
	if (aspeed->headers_halved != halved) {
		kvmcap_aspeed_header_table(halved, aspeed->headers.virt);
		aspeed->headers_halved = halved;
	}

	aspeed_set_memory(aspeed);
	aspeed_set_window(aspeed);
	kvmcap_aspeed_set_capture(aspeed);
	return kvmcap_aspeed_differ_start(aspeed);
}

static void aspeed_stop(struct kvmcap_engine *engine)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);

	kvmcap_aspeed_enable(aspeed, VE_INTERRUPT_COMPRESSED, 0);
	kvmcap_aspeed_idle(aspeed);
	synchronize_irq(aspeed->irq);
}

static int aspeed_capture(struct kvmcap_engine *engine, struct kvmcap_frame *frame,
			  bool full)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);

	if (aspeed->capture == KVMCAP_CAPTURE_WHOLE)
		return kvmcap_aspeed_whole(aspeed, frame);
	return kvmcap_aspeed_differ(aspeed, frame, full);
}

static unsigned int aspeed_quality(struct kvmcap_engine *engine,
				   unsigned int quality)
{
	return kvmcap_aspeed_quality(kvmcap_aspeed_selector(quality));
}

const struct kvmcap_engine_ops kvmcap_aspeed_ops = {
	.power = aspeed_power,
	.detect = aspeed_detect,
	.start = aspeed_start,
	.stop = aspeed_stop,
	.capture = aspeed_capture,
	.quality = aspeed_quality,
};
