// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ASPEED video engine captures: one image or stream into its buffer, and, in
 * standard JPEG mode, from there into tiles.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/dma-mapping.h>

#include "aspeed_engine.h"
#include "aspeed_platform.h"

/*
 * How long the engine may take to capture and compress a picture: some frames of
 * 24 Hz; and as often again as it says that it is at it.
 */
#define CAPTURE_TIMEOUT_MS	500
#define CAPTURE_PATIENCE	6

/* A picture too large for its buffer is captured again, so much coarser. */
#define SELECTOR_STEP		3

unsigned int kvmcap_aspeed_coarser(unsigned int selector)
{
	return selector - min_t(unsigned int, selector, SELECTOR_STEP);
}

void kvmcap_aspeed_set_quality(struct kvmcap_aspeed *aspeed, unsigned int selector)
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

/* How a capture ended, VE_INTERRUPT_*; 0 if it did not. */
static u32 aspeed_wait_for_capture(struct kvmcap_aspeed *aspeed)
{
	const u32 ends = VE_INTERRUPT_COMPRESSED | VE_INTERRUPT_MODE_LOST;
	unsigned int try;
	u32 events = 0;

	for (try = 0; !events && try < CAPTURE_PATIENCE; try++) {
		/* Before the wait: what ends meanwhile still gets its interrupt. */
		bool idle = try && kvmcap_aspeed_is_idle(aspeed);

		events = kvmcap_aspeed_wait(aspeed, ends, CAPTURE_TIMEOUT_MS);
		if (idle)
			break;
	}
	return events;
}

/*
 * What the processor has of the buffer in its caches is what it read of it the
 * last time, or, at first, the zeroes that were written when it was allocated.
 */
static void aspeed_hand_over(struct kvmcap_aspeed *aspeed)
{
	if (aspeed->seen)
		dma_sync_single_for_device(aspeed->dev, aspeed->compressed.dma,
					   aspeed->seen, DMA_FROM_DEVICE);
	aspeed->seen = 0;
}

void kvmcap_aspeed_see(struct kvmcap_aspeed *aspeed, u32 size)
{
	/* Pairs with the engine's raising of the interrupt: memory comes first. */
	dma_rmb();
	if (!aspeed->cached || !size)
		return;
	dma_sync_single_for_cpu(aspeed->dev, aspeed->compressed.dma, size,
				DMA_FROM_DEVICE);
	aspeed->seen = size;
}

int kvmcap_aspeed_capture_image(struct kvmcap_aspeed *aspeed, u32 *size)
{
	u32 events;
	int err;

	err = kvmcap_aspeed_idle(aspeed);
	if (err)
		return err;
	aspeed_hand_over(aspeed);
	kvmcap_aspeed_enable(aspeed, 0, VE_INTERRUPT_COMPRESSED);
	aspeed_write(aspeed, VE_COMPRESS_READ_OFFSET, 0);
	aspeed_write(aspeed, VE_COMPRESS_OFFSET, 0);
	aspeed_update(aspeed, VE_SEQ, 0,
		      VE_SEQ_TRIGGER_CAPTURE | VE_SEQ_TRIGGER_COMPRESS);

	events = aspeed_wait_for_capture(aspeed);
	*size = aspeed_read(aspeed, aspeed->soc->compressed_size);
	aspeed_update(aspeed, VE_SEQ, KVMCAP_ASPEED_TRIGGERS, 0);
	kvmcap_aspeed_enable(aspeed, VE_INTERRUPT_COMPRESSED, 0);

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

	err = kvmcap_aspeed_capture_image(aspeed, size);
	while (!err && *size == KVMCAP_ASPEED_COMPRESSED_SIZE && selector) {
		selector = kvmcap_aspeed_coarser(selector);
		kvmcap_aspeed_set_quality(aspeed, selector);
		err = kvmcap_aspeed_capture_image(aspeed, size);
	}
	if (selector != aspeed->selector)
		kvmcap_aspeed_set_quality(aspeed, aspeed->selector);
	*quality = kvmcap_aspeed_quality(selector);
	return err;
}

static int aspeed_parse(struct kvmcap_aspeed *aspeed,
			struct kvmcap_jpeg_image *image, u32 size)
{
	u8 subsampling = aspeed->mode.subsampling == KVMCAP_SUBSAMPLING_420 ?
			 KVMCAP_JPEG_420 : KVMCAP_JPEG_444;

	if (size > KVMCAP_ASPEED_COMPRESSED_SIZE)
		return -EBADMSG;
	kvmcap_aspeed_see(aspeed, size);
	if (kvmcap_jpeg_parse(image, aspeed->compressed.virt, size))
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

int kvmcap_aspeed_whole(struct kvmcap_aspeed *aspeed, struct kvmcap_frame *frame)
{
	struct kvmcap_jpeg_image image;
	unsigned int quality;
	u32 size;
	int err;

	frame->capture = KVMCAP_CAPTURE_WHOLE;
	err = aspeed_capture_fitting(aspeed, &size, &quality);
	if (err)
		return err;
	err = aspeed_parse(aspeed, &image, size);
	if (err)
		return err;
	return aspeed_deliver(aspeed, &image, quality, frame);
}
