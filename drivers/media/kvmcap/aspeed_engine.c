// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ASPEED video engine in standard JPEG mode: what it is made to do.
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

/*
 * ... to capture and compress a picture: some frames of 24 Hz; and as often again
 * as it says that it is at it.
 */
#define CAPTURE_TIMEOUT_MS	500
#define CAPTURE_PATIENCE	6

/* ... to leave off when told to. */
#define IDLE_TIMEOUT_US		10000
#define IDLE_POLL_US		50

/* A picture too large for its buffer is captured again, so much coarser. */
#define SELECTOR_STEP		3

/* VR058: packets are (4 << 3), of (1024 << 6) bytes. */
#define COMPRESS_SIZE		(FIELD_PREP(VE_COMPRESS_SIZE_PACKETS, 3) | \
				 FIELD_PREP(VE_COMPRESS_SIZE_PACKET, 6))
static_assert((4 << 3) * (1024 << 6) == KVMCAP_ASPEED_COMPRESSED_SIZE);

/* VR30C: tolerances and frames that a signal has to be stable for. */
#define DETECT_SETTINGS		(FIELD_PREP(VE_DETECT_H_TOLERANCE, 2) | \
				 FIELD_PREP(VE_DETECT_V_TOLERANCE, 2) | \
				 FIELD_PREP(VE_DETECT_H_STABLE, 6) | \
				 FIELD_PREP(VE_DETECT_V_STABLE, 6) | \
				 FIELD_PREP(VE_DETECT_EDGE_THRESHOLD, 0x65))

#define TRIGGERS		(VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS | \
				 VE_SEQ_FORCE_IDLE)
#define IDLE			(VE_SEQ_CAPTURE_IDLE | VE_SEQ_COMPRESS_IDLE)
#define SIGNAL_EVENTS		(VE_INTERRUPT_MODE_LOST | VE_INTERRUPT_MODE_FOUND)

static struct kvmcap_aspeed *aspeed_of(struct kvmcap_engine *engine)
{
	return container_of(engine, struct kvmcap_aspeed, engine);
}

/* Neither MMIO nor the model's registers can fail. */
static u32 aspeed_read(struct kvmcap_aspeed *aspeed, u32 offset)
{
	unsigned int value = 0;

	regmap_read(aspeed->regs, offset, &value);
	return value;
}

static void aspeed_write(struct kvmcap_aspeed *aspeed, u32 offset, u32 value)
{
	regmap_write(aspeed->regs, offset, value);
}

static void aspeed_update(struct kvmcap_aspeed *aspeed, u32 offset, u32 clear,
			  u32 set)
{
	aspeed_write(aspeed, offset, (aspeed_read(aspeed, offset) & ~clear) | set);
}

/*
 * The engine shows interrupts that were not enabled, too. They are acknowledged
 * with the others, lest they keep the line active, and forgotten.
 */
irqreturn_t kvmcap_aspeed_interrupt(int irq, void *data)
{
	struct kvmcap_aspeed *aspeed = data;
	unsigned long flags;
	bool tell;
	u32 status = 0;

	spin_lock_irqsave(&aspeed->lock, flags);
	if (aspeed->enabled) {
		status = aspeed_read(aspeed, VE_INTERRUPT_STATUS);
		aspeed_write(aspeed, VE_INTERRUPT_STATUS, status);
	}
	aspeed->events |= status & aspeed->enabled;
	tell = !aspeed->detecting && (status & aspeed->enabled & SIGNAL_EVENTS);
	spin_unlock_irqrestore(&aspeed->lock, flags);

	if (!status)
		return IRQ_NONE;
	if (tell)
		kvmcap_core_signal_changed(&aspeed->engine);
	wake_up(&aspeed->wait);
	return IRQ_HANDLED;
}

/* What is neither wanted before nor any more is forgotten. */
static void aspeed_enable(struct kvmcap_aspeed *aspeed, u32 disable, u32 enable)
{
	unsigned long flags;

	spin_lock_irqsave(&aspeed->lock, flags);
	aspeed->enabled = (aspeed->enabled & ~disable) | enable;
	aspeed->events &= ~(disable | enable);
	aspeed_write(aspeed, VE_INTERRUPT_STATUS, disable | enable);
	aspeed_write(aspeed, VE_INTERRUPT_ENABLE, aspeed->enabled);
	spin_unlock_irqrestore(&aspeed->lock, flags);
}

static u32 aspeed_events(struct kvmcap_aspeed *aspeed)
{
	return READ_ONCE(aspeed->events);
}

/* Which of @events have come within @timeout_ms; 0 if none has. */
static u32 aspeed_wait(struct kvmcap_aspeed *aspeed, u32 events,
		       unsigned int timeout_ms)
{
	wait_event_timeout(aspeed->wait, aspeed_events(aspeed) & events,
			   msecs_to_jiffies(timeout_ms));
	return aspeed_events(aspeed) & events;
}

static void aspeed_init_registers(struct kvmcap_aspeed *aspeed)
{
	const struct reg_sequence sequence[] = {
		{ VE_KEY, VE_KEY_UNLOCK },
		{ VE_INTERRUPT_ENABLE, 0 },
		{ VE_INTERRUPT_STATUS, 0xffffffff },
		{ VE_SEQ, 0 },
		{ VE_CTRL, VE_CTRL_NO_CURSOR |
			   FIELD_PREP(VE_CTRL_COLOUR, VE_CTRL_COLOUR_FULL) },
		{ VE_COMPRESS_CTRL, VE_COMPRESS_CTRL_RESERVED },
		{ VE_SCALING, VE_SCALING_NONE },
		{ VE_SCALING_FILTER0, VE_SCALING_FILTER_NONE },
		{ VE_SCALING_FILTER1, VE_SCALING_FILTER_NONE },
		{ VE_SCALING_FILTER2, VE_SCALING_FILTER_NONE },
		{ VE_SCALING_FILTER3, VE_SCALING_FILTER_NONE },
		{ VE_DETECT, DETECT_SETTINGS },
		{ VE_BCD_CTRL, 0 },
	};

	regmap_multi_reg_write(aspeed->regs, sequence, ARRAY_SIZE(sequence));
}

static int aspeed_power_on(struct kvmcap_aspeed *aspeed)
{
	int err;

	err = clk_bulk_prepare_enable(ARRAY_SIZE(aspeed->clocks), aspeed->clocks);
	if (err)
		return err;
	aspeed_init_registers(aspeed);
	if (aspeed_read(aspeed, VE_SCALING) == VE_SCALING_NONE)
		return 0;

	clk_bulk_disable_unprepare(ARRAY_SIZE(aspeed->clocks), aspeed->clocks);
	return -EIO;
}

static void aspeed_power_off(struct kvmcap_aspeed *aspeed)
{
	aspeed_enable(aspeed, ~0U, 0);
	synchronize_irq(aspeed->irq);
	clk_bulk_disable_unprepare(ARRAY_SIZE(aspeed->clocks), aspeed->clocks);
}

static int aspeed_power(struct kvmcap_engine *engine, bool on)
{
	if (on)
		return aspeed_power_on(aspeed_of(engine));
	aspeed_power_off(aspeed_of(engine));
	return 0;
}

/* One pass of the detection. 0, or -ENOLINK. */
static int aspeed_find_mode(struct kvmcap_aspeed *aspeed)
{
	aspeed_enable(aspeed, 0, VE_INTERRUPT_MODE_FOUND);
	aspeed_update(aspeed, VE_SEQ, VE_SEQ_TRIGGER_DETECT, 0);
	aspeed_update(aspeed, VE_SEQ, 0, VE_SEQ_TRIGGER_DETECT);
	if (!aspeed_wait(aspeed, VE_INTERRUPT_MODE_FOUND, DETECT_TIMEOUT_MS))
		return -ENOLINK;
	aspeed_enable(aspeed, VE_INTERRUPT_MODE_FOUND, 0);
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

	aspeed_enable(aspeed, SIGNAL_EVENTS, 0);
	aspeed_update(aspeed, VE_SEQ, VE_SEQ_WATCHDOG, 0);
	aspeed_update(aspeed, VE_CTRL, polarity, 0);
	err = aspeed_find_mode(aspeed);
	if (err)
		return err;
	if (!kvmcap_aspeed_is_stable(aspeed_read(aspeed, VE_MODE)))
		return -EAGAIN;

	aspeed_update(aspeed, VE_CTRL, polarity, aspeed_polarity(aspeed));
	aspeed_enable(aspeed, 0, VE_INTERRUPT_MODE_LOST);
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
			     err ? SIGNAL_EVENTS : VE_INTERRUPT_MODE_LOST);
	if (err == -EAGAIN)
		return -ENOLINK;
	if (!err)
		aspeed_set_mode(aspeed, mode);
	return err;
}

static void aspeed_set_quality(struct kvmcap_aspeed *aspeed, unsigned int selector)
{
	aspeed_update(aspeed, VE_COMPRESS_CTRL,
		      VE_COMPRESS_CTRL_LUMA | VE_COMPRESS_CTRL_CHROMA |
		      VE_COMPRESS_CTRL_HQ | VE_COMPRESS_CTRL_HQ_LUMA |
		      VE_COMPRESS_CTRL_HQ_CHROMA | VE_COMPRESS_CTRL_VQ_4_COLOUR |
		      VE_COMPRESS_CTRL_VQ_DCT_ONLY,
		      FIELD_PREP(VE_COMPRESS_CTRL_LUMA, selector) |
		      FIELD_PREP(VE_COMPRESS_CTRL_CHROMA,
				 selector | VE_COMPRESS_CTRL_CHROMA_TABLE));
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

static int aspeed_start(struct kvmcap_engine *engine,
			const struct kvmcap_mode *mode,
			const struct kvmcap_params *params)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);
	bool halved = mode->subsampling == KVMCAP_SUBSAMPLING_420;

	aspeed->mode = *mode;
	aspeed->selector = kvmcap_aspeed_selector(params->quality);
	if (aspeed->headers_halved != halved) {
		kvmcap_aspeed_header_table(halved, aspeed->headers.virt);
		aspeed->headers_halved = halved;
	}

	aspeed_set_memory(aspeed);
	aspeed_set_window(aspeed);
	aspeed_set_quality(aspeed, aspeed->selector);
	aspeed_update(aspeed, VE_SEQ,
		      TRIGGERS | VE_SEQ_FORMAT | aspeed->soc->jpeg_mode,
		      VE_SEQ_AUTO_COMPRESS | aspeed->soc->jpeg_mode |
		      (halved ? VE_SEQ_YUV420 : 0));
	return 0;
}

static bool aspeed_is_idle(struct kvmcap_aspeed *aspeed)
{
	return (aspeed_read(aspeed, VE_SEQ) & IDLE) == IDLE;
}

/* Makes the engine leave off. 0, or -ETIMEDOUT. */
static int aspeed_idle(struct kvmcap_aspeed *aspeed)
{
	unsigned int value;
	int err;

	if (aspeed_is_idle(aspeed))
		return 0;
	aspeed_update(aspeed, VE_SEQ, TRIGGERS, VE_SEQ_FORCE_IDLE);
	err = regmap_read_poll_timeout(aspeed->regs, VE_SEQ, value,
				       (value & IDLE) == IDLE, IDLE_POLL_US,
				       IDLE_TIMEOUT_US);
	aspeed_update(aspeed, VE_SEQ, TRIGGERS, 0);
	return err;
}

static void aspeed_stop(struct kvmcap_engine *engine)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);

	aspeed_enable(aspeed, VE_INTERRUPT_COMPRESSED, 0);
	aspeed_idle(aspeed);
	synchronize_irq(aspeed->irq);
}

/* How a capture ended, VE_INTERRUPT_*; 0 if it did not. */
static u32 aspeed_wait_for_capture(struct kvmcap_aspeed *aspeed)
{
	const u32 ends = VE_INTERRUPT_COMPRESSED | VE_INTERRUPT_MODE_LOST;
	unsigned int try;
	u32 events = 0;

	for (try = 0; !events && try < CAPTURE_PATIENCE; try++) {
		/* Before the wait: what ends meanwhile still gets its interrupt. */
		bool idle = try && aspeed_is_idle(aspeed);

		events = aspeed_wait(aspeed, ends, CAPTURE_TIMEOUT_MS);
		if (idle)
			break;
	}
	return events;
}

/* One picture into the buffer for compressed data; @size: how much there is. */
static int aspeed_capture_image(struct kvmcap_aspeed *aspeed, u32 *size)
{
	u32 events;
	int err;

	err = aspeed_idle(aspeed);
	if (err)
		return err;
	aspeed_enable(aspeed, 0, VE_INTERRUPT_COMPRESSED);
	aspeed_write(aspeed, VE_COMPRESS_READ_OFFSET, 0);
	aspeed_write(aspeed, VE_COMPRESS_OFFSET, 0);
	aspeed_update(aspeed, VE_SEQ, 0,
		      VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS);

	events = aspeed_wait_for_capture(aspeed);
	*size = aspeed_read(aspeed, aspeed->soc->compressed_size);
	aspeed_update(aspeed, VE_SEQ, TRIGGERS, 0);
	aspeed_enable(aspeed, VE_INTERRUPT_COMPRESSED, 0);

	if (events & VE_INTERRUPT_MODE_LOST)
		return -ENOLINK;
	return events ? 0 : -ETIMEDOUT;
}

/* A picture that fits the buffer, if need be a coarser one: its @quality. */
static int aspeed_capture_fitting(struct kvmcap_aspeed *aspeed, u32 *size,
				  unsigned int *quality)
{
	unsigned int selector = aspeed->selector;
	int err;

	err = aspeed_capture_image(aspeed, size);
	while (!err && *size == KVMCAP_ASPEED_COMPRESSED_SIZE && selector) {
		selector -= min_t(unsigned int, selector, SELECTOR_STEP);
		aspeed_set_quality(aspeed, selector);
		err = aspeed_capture_image(aspeed, size);
	}
	if (selector != aspeed->selector)
		aspeed_set_quality(aspeed, aspeed->selector);
	*quality = kvmcap_aspeed_quality(selector);
	return err;
}

static int aspeed_parse(struct kvmcap_aspeed *aspeed,
			struct kvmcap_jpeg_image *image, u32 size)
{
	u8 subsampling = aspeed->mode.subsampling == KVMCAP_SUBSAMPLING_420 ?
			 KVMCAP_JPEG_420 : KVMCAP_JPEG_444;

	if (size > KVMCAP_ASPEED_COMPRESSED_SIZE ||
	    kvmcap_jpeg_parse(image, aspeed->compressed.virt, size))
		return -EBADMSG;
	if (image->width != aspeed->mode.width ||
	    image->height != aspeed->mode.height ||
	    image->subsampling != subsampling)
		return -EBADMSG;
	return 0;
}

static int aspeed_deliver(struct kvmcap_aspeed *aspeed,
			  const struct kvmcap_jpeg_image *image,
			  unsigned int quality, struct kvmcap_frame *frame)
{
	unsigned int mcus = aspeed->mode.tile_width / image->mcu_width;
	unsigned int tiles = kvmcap_jpeg_tiles_count(image, mcus);
	int err;

	err = kvmcap_jpeg_spans_copy(image, aspeed->tables,
				     sizeof(aspeed->tables));
	if (err < 0)
		return -EBADMSG;
	err = kvmcap_frame_tables(frame, aspeed->tables, err, quality);
	if (err < 0)
		return err;
	err = kvmcap_jpeg_tables_set(&aspeed->transcoder, image);
	if (err)
		return err;
	err = kvmcap_frame_reserve(frame,
				   kvmcap_jpeg_tiles_bound(image->scan_length,
							   tiles));
	if (err)
		return err;
	err = kvmcap_jpeg_tiles(&aspeed->transcoder, image, mcus, &frame->sink);
	/* A scan that ends too early is no picture, either. */
	return err == -ENODATA ? -EBADMSG : err;
}

/* In standard JPEG mode each picture is a full one. */
static int aspeed_capture(struct kvmcap_engine *engine, struct kvmcap_frame *frame,
			  bool full)
{
	struct kvmcap_aspeed *aspeed = aspeed_of(engine);
	struct kvmcap_jpeg_image image;
	unsigned int quality;
	u32 size;
	int err;

	frame->capture = KVMCAP_CAPTURE_WHOLE;
	err = aspeed_capture_fitting(aspeed, &size, &quality);
	if (err)
		return err;
	/* Pairs with the engine's raising of the interrupt: memory comes first. */
	dma_rmb();
	err = aspeed_parse(aspeed, &image, size);
	if (err)
		return err;
	return aspeed_deliver(aspeed, &image, quality, frame);
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
