// SPDX-License-Identifier: GPL-2.0-only
/*
 * ASPEED video engines as devices: found, given what they need, let go of.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/vmalloc.h>

#include "aspeed.h"
#include "aspeed_engine.h"
#include "aspeed_platform.h"

/*
 * Of tiles in a frame, what the log is made for. With this the mapping takes just
 * below 4 MiB, beside 20 MiB of the engine's own buffers; larger frames, of up to
 * KVMCAP_ASPEED_COMPRESSED_SIZE, take the place of the picture before them.
 */
#define FRAME_BYTES_MAX		(1832 * 1024)

static unsigned int auto_capture;
module_param_named(aspeed_capture, auto_capture, uint, 0444);
MODULE_PARM_DESC(aspeed_capture,
		 "ASPEED: unless users choose, 1: whole pictures; 2: changes; 0: these, and whole pictures once they cannot be understood (default)");

static const struct kvmcap_aspeed_soc ast2400 = {
	.name = "aspeed-ast2400",
	.jpeg_mode = VE_SEQ_JPEG_AST2400,
	.compressed_size = VE_COMPRESSED_AST2400,
};

static const struct kvmcap_aspeed_soc ast2500 = {
	.name = "aspeed-ast2500",
	.jpeg_mode = VE_SEQ_JPEG_AST2500,
	.compressed_size = VE_COMPRESSED_AST2400,
};

static const struct kvmcap_aspeed_soc ast2600 = {
	.name = "aspeed-ast2600",
	.jpeg_mode = VE_SEQ_JPEG_AST2500,
	.compressed_size = VE_COMPRESSED_AST2600,
};

static const struct regmap_config mmio_config = {
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = VE_WINDOW - 4,
	.fast_io = true,
};

/* A window of memory, or what the simulation's parent device has instead. */
static int aspeed_get_registers(struct kvmcap_aspeed *aspeed,
				struct platform_device *pdev)
{
	void __iomem *base;

	if (dev_get_platdata(&pdev->dev)) {
		aspeed->regs = dev_get_regmap(pdev->dev.parent, NULL);
		return aspeed->regs ? 0 : -ENODEV;
	}

	base = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(base))
		return PTR_ERR(base);
	aspeed->regs = devm_regmap_init_mmio(&pdev->dev, base, &mmio_config);
	return PTR_ERR_OR_ZERO(aspeed->regs);
}

static int aspeed_get_clocks(struct kvmcap_aspeed *aspeed)
{
	int err;

	aspeed->clocks[0].id = "vclk";
	aspeed->clocks[1].id = "eclk";
	err = devm_clk_bulk_get(aspeed->dev, ARRAY_SIZE(aspeed->clocks),
				aspeed->clocks);
	if (err)
		return dev_err_probe(aspeed->dev, err, "no clocks vclk and eclk\n");
	return 0;
}

static void release_reserved(void *dev)
{
	of_reserved_mem_device_release(dev);
}

static int aspeed_alloc(struct kvmcap_aspeed *aspeed,
			struct kvmcap_aspeed_buffer *buffer, size_t size)
{
	buffer->virt = dmam_alloc_coherent(aspeed->dev, size, &buffer->dma,
					   GFP_KERNEL);
	return buffer->virt ? 0 : -ENOMEM;
}

static void free_compressed(void *data)
{
	struct kvmcap_aspeed *aspeed = data;

	dma_free_noncoherent(aspeed->dev, KVMCAP_ASPEED_COMPRESSED_SIZE,
			     aspeed->compressed.virt, aspeed->compressed.dma,
			     DMA_FROM_DEVICE);
}

/*
 * Compressed data is read through the caches: uncached, a word takes as long as a
 * line. Memory that is reserved and has no mapping but an uncached one cannot be
 * read so; what comes instead is as good, as long as there is some.
 */
static int aspeed_alloc_compressed(struct kvmcap_aspeed *aspeed)
{
	struct kvmcap_aspeed_buffer *buffer = &aspeed->compressed;
	const size_t size = KVMCAP_ASPEED_COMPRESSED_SIZE;

	buffer->virt = dma_alloc_noncoherent(aspeed->dev, size, &buffer->dma,
					     DMA_FROM_DEVICE,
					     GFP_KERNEL | __GFP_NOWARN);
	if (!buffer->virt)
		return aspeed_alloc(aspeed, buffer, size);
	aspeed->cached = true;
	aspeed->seen = size;
	return devm_add_action_or_reset(aspeed->dev, free_compressed, aspeed);
}

/* From the device's reserved memory, if it has any, or from wherever there is. */
static int aspeed_alloc_all(struct kvmcap_aspeed *aspeed)
{
	int err;

	err = dma_set_mask_and_coherent(aspeed->dev, DMA_BIT_MASK(32));
	if (err)
		return err;
	if (!of_reserved_mem_device_init(aspeed->dev)) {
		err = devm_add_action_or_reset(aspeed->dev, release_reserved,
					       aspeed->dev);
		if (err)
			return err;
	}

	err = aspeed_alloc(aspeed, &aspeed->source[0], KVMCAP_ASPEED_SOURCE_SIZE);
	if (!err)
		err = aspeed_alloc(aspeed, &aspeed->source[1],
				   KVMCAP_ASPEED_SOURCE_SIZE);
	if (!err)
		err = aspeed_alloc_compressed(aspeed);
	if (!err)
		err = aspeed_alloc(aspeed, &aspeed->bcd, KVMCAP_ASPEED_BCD_SIZE);
	if (!err)
		err = aspeed_alloc(aspeed, &aspeed->headers,
				   KVMCAP_ASPEED_HEADER_TABLE_SIZE);
	return err;
}

static void aspeed_carve(struct kvmcap_aspeed_buffer *buffer,
			 struct kvmcap_aspeed_platform *left, size_t size)
{
	buffer->virt = left->memory;
	buffer->dma = left->address;
	left->memory = (u8 *)left->memory + size;
	left->address += size;
}

/* A simulated engine brings its memory. */
static void aspeed_carve_all(struct kvmcap_aspeed *aspeed,
			     const struct kvmcap_aspeed_platform *platform)
{
	struct kvmcap_aspeed_platform left = *platform;

	aspeed_carve(&aspeed->source[0], &left, KVMCAP_ASPEED_SOURCE_SIZE);
	aspeed_carve(&aspeed->source[1], &left, KVMCAP_ASPEED_SOURCE_SIZE);
	aspeed_carve(&aspeed->compressed, &left, KVMCAP_ASPEED_COMPRESSED_SIZE);
	aspeed_carve(&aspeed->bcd, &left, KVMCAP_ASPEED_BCD_SIZE);
	aspeed_carve(&aspeed->headers, &left, KVMCAP_ASPEED_HEADER_TABLE_SIZE);
}

static int aspeed_get_memory(struct kvmcap_aspeed *aspeed)
{
	const struct kvmcap_aspeed_platform *platform;
	int err;

	platform = dev_get_platdata(aspeed->dev);
	if (platform) {
		aspeed_carve_all(aspeed, platform);
	} else {
		err = aspeed_alloc_all(aspeed);
		if (err)
			return dev_err_probe(aspeed->dev, err,
					     "no memory for %u bytes of buffers\n",
					     KVMCAP_ASPEED_MEMORY_SIZE);
	}
	kvmcap_aspeed_header_table(false, aspeed->headers.virt);
	return 0;
}

static void free_parser(void *memory)
{
	vfree(memory);
}

/* For the largest picture, of 4:4:4; of a mode nothing is allocated. */
static int aspeed_make_parser(struct kvmcap_aspeed *aspeed)
{
	const unsigned int mcus = VE_WIDTH_MAX / 8 * (VE_HEIGHT_MAX / 8);
	const size_t most = KVMCAP_ASPEED_COMPRESSED_SIZE;
	void *memory = vmalloc(kvmcap_ajpg_memory_size(mcus, most));

	if (!memory)
		return -ENOMEM;
	kvmcap_ajpg_init(&aspeed->differ.ajpg, memory, mcus, most);
	return devm_add_action_or_reset(aspeed->dev, free_parser, memory);
}

static void unregister(void *engine)
{
	kvmcap_core_unregister(engine);
}

static int aspeed_register(struct kvmcap_aspeed *aspeed)
{
	struct kvmcap_engine *engine = &aspeed->engine;
	int err;

	engine->ops = &kvmcap_aspeed_ops;
	engine->dev = aspeed->dev;
	engine->name = aspeed->soc->name;
	engine->width_max = VE_WIDTH_MAX;
	engine->height_max = VE_HEIGHT_MAX;
	engine->codecs = BIT(KVMCAP_CODEC_JPEG);
	engine->subsamplings = BIT(KVMCAP_SUBSAMPLING_444) |
			       BIT(KVMCAP_SUBSAMPLING_420);
	engine->captures = BIT(KVMCAP_CAPTURE_WHOLE) | BIT(KVMCAP_CAPTURE_CHANGES);
	engine->frame_bytes_max = FRAME_BYTES_MAX;
	err = kvmcap_core_register(engine);
	if (err)
		return err;
	return devm_add_action_or_reset(aspeed->dev, unregister, engine);
}

static const struct kvmcap_aspeed_soc *aspeed_soc(struct platform_device *pdev)
{
	const struct platform_device_id *id = platform_get_device_id(pdev);

	if (id)
		return (const void *)id->driver_data;
	return device_get_match_data(&pdev->dev);
}

/* All of it is undone in reverse order when the device is unbound. */
static int aspeed_probe(struct platform_device *pdev)
{
	struct kvmcap_aspeed *aspeed;
	int err;

	aspeed = devm_kzalloc(&pdev->dev, sizeof(*aspeed), GFP_KERNEL);
	if (!aspeed)
		return -ENOMEM;
	aspeed->dev = &pdev->dev;
	if (auto_capture > KVMCAP_CAPTURE_CHANGES)
		return dev_err_probe(&pdev->dev, -EINVAL,
				     "aspeed_capture is not 0, 1 or 2\n");
	aspeed->auto_capture = auto_capture;
	spin_lock_init(&aspeed->lock);
	init_waitqueue_head(&aspeed->wait);
	aspeed->soc = aspeed_soc(pdev);
	if (!aspeed->soc)
		return -ENODEV;

	err = aspeed_get_registers(aspeed, pdev);
	if (err)
		return dev_err_probe(&pdev->dev, err, "no registers\n");
	err = aspeed_get_clocks(aspeed);
	if (err)
		return err;
	err = aspeed_get_memory(aspeed);
	if (err)
		return err;
	err = aspeed_make_parser(aspeed);
	if (err)
		return err;
	aspeed->irq = platform_get_irq(pdev, 0);
	if (aspeed->irq < 0)
		return aspeed->irq;
	err = devm_request_irq(&pdev->dev, aspeed->irq, kvmcap_aspeed_interrupt, 0,
			       dev_name(&pdev->dev), aspeed);
	if (err)
		return dev_err_probe(&pdev->dev, err, "no interrupt\n");
	return aspeed_register(aspeed);
}

static const struct of_device_id aspeed_of_match[] = {
	{ .compatible = "aspeed,ast2400-video-engine", .data = &ast2400 },
	{ .compatible = "aspeed,ast2500-video-engine", .data = &ast2500 },
	{ .compatible = "aspeed,ast2600-video-engine", .data = &ast2600 },
	{ }
};
MODULE_DEVICE_TABLE(of, aspeed_of_match);

static const struct platform_device_id aspeed_ids[] = {
	{ KVMCAP_ASPEED_AST2400, (kernel_ulong_t)&ast2400 },
	{ KVMCAP_ASPEED_AST2500, (kernel_ulong_t)&ast2500 },
	{ KVMCAP_ASPEED_AST2600, (kernel_ulong_t)&ast2600 },
	{ }
};
MODULE_DEVICE_TABLE(platform, aspeed_ids);

static struct platform_driver aspeed_driver = {
	.driver = {
		.name = "kvmcap-aspeed",
		.of_match_table = aspeed_of_match,
	},
	.probe = aspeed_probe,
	.id_table = aspeed_ids,
};

int kvmcap_aspeed_register(void)
{
	return platform_driver_register(&aspeed_driver);
}

void kvmcap_aspeed_unregister(void)
{
	platform_driver_unregister(&aspeed_driver);
}
