// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nuvoton video engines as devices: found, given what they need, let go of.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/mfd/syscon.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/property.h>

#include "npcm.h"
#include "npcm_engine.h"

static const struct kvmcap_npcm_soc npcm750 = {
	.name = "npcm-npcm750",
};

static const struct kvmcap_npcm_soc npcm845 = {
	.name = "npcm-npcm845",
};

static const struct regmap_config vcd_config = {
	.name = KVMCAP_NPCM_REGS_VCD,
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = VCD_WINDOW - 4,
	.fast_io = true,
};

static const struct regmap_config ece_config = {
	.name = KVMCAP_NPCM_REGS_ECE,
	.reg_bits = 32,
	.val_bits = 32,
	.reg_stride = 4,
	.max_register = ECE_WINDOW - 4,
	.fast_io = true,
};

/* What the simulation's parent device has. */
static int npcm_get_simulated(struct kvmcap_npcm *npcm)
{
	struct device *parent = npcm->dev->parent;

	npcm->vcd = dev_get_regmap(parent, KVMCAP_NPCM_REGS_VCD);
	npcm->ece = dev_get_regmap(parent, KVMCAP_NPCM_REGS_ECE);
	npcm->gcr = dev_get_regmap(parent, KVMCAP_NPCM_REGS_GCR);
	npcm->gfxi = dev_get_regmap(parent, KVMCAP_NPCM_REGS_GFXI);
	if (!npcm->vcd || !npcm->ece || !npcm->gcr || !npcm->gfxi ||
	    !npcm->platform->reset)
		return dev_err_probe(npcm->dev, -ENODEV, "no registers\n");
	return 0;
}

static int npcm_get_vcd(struct kvmcap_npcm *npcm, struct platform_device *pdev)
{
	void __iomem *base;

	base = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(base))
		return dev_err_probe(npcm->dev, PTR_ERR(base), "no registers\n");
	npcm->vcd = devm_regmap_init_mmio(npcm->dev, base, &vcd_config);
	if (IS_ERR(npcm->vcd))
		return PTR_ERR(npcm->vcd);

	npcm->vcd_reset = devm_reset_control_get_exclusive(npcm->dev, NULL);
	if (IS_ERR(npcm->vcd_reset))
		return dev_err_probe(npcm->dev, PTR_ERR(npcm->vcd_reset),
				     "no reset\n");
	return 0;
}

static int npcm_get_system(struct kvmcap_npcm *npcm)
{
	struct device_node *node = npcm->dev->of_node;

	npcm->gcr = syscon_regmap_lookup_by_phandle(node, "nuvoton,sysgcr");
	if (IS_ERR(npcm->gcr))
		return dev_err_probe(npcm->dev, PTR_ERR(npcm->gcr),
				     "no nuvoton,sysgcr\n");
	npcm->gfxi = syscon_regmap_lookup_by_phandle(node, "nuvoton,sysgfxi");
	if (IS_ERR(npcm->gfxi))
		return dev_err_probe(npcm->dev, PTR_ERR(npcm->gfxi),
				     "no nuvoton,sysgfxi\n");
	return 0;
}

static void put_reset(void *reset)
{
	reset_control_put(reset);
}

/*
 * The ECE's own device has no driver: what is taken of it belongs to the VCD's,
 * and goes when that is unbound.
 */
static int npcm_map_ece(struct kvmcap_npcm *npcm, struct device_node *node)
{
	void __iomem *base;

	base = devm_of_iomap(npcm->dev, node, 0, NULL);
	if (IS_ERR(base))
		return dev_err_probe(npcm->dev, PTR_ERR(base),
				     "no registers of %pOF\n", node);
	npcm->ece = devm_regmap_init_mmio(npcm->dev, base, &ece_config);
	if (IS_ERR(npcm->ece))
		return PTR_ERR(npcm->ece);

	npcm->ece_reset = of_reset_control_get_exclusive(node, NULL);
	if (IS_ERR(npcm->ece_reset))
		return dev_err_probe(npcm->dev, PTR_ERR(npcm->ece_reset),
				     "no reset of %pOF\n", node);
	return devm_add_action_or_reset(npcm->dev, put_reset, npcm->ece_reset);
}

/* Without an ECE, or with one that is disabled, there is RAW only. */
static int npcm_get_ece(struct kvmcap_npcm *npcm)
{
	struct device_node *node;
	int err = 0;

	node = of_parse_phandle(npcm->dev->of_node, "nuvoton,ece", 0);
	if (node && of_device_is_available(node))
		err = npcm_map_ece(npcm, node);
	of_node_put(node);
	return err;
}

static int npcm_get_registers(struct kvmcap_npcm *npcm,
			      struct platform_device *pdev)
{
	int err;

	if (npcm->platform)
		return npcm_get_simulated(npcm);

	err = npcm_get_vcd(npcm, pdev);
	if (!err)
		err = npcm_get_system(npcm);
	if (!err)
		err = npcm_get_ece(npcm);
	return err;
}

static void release_reserved(void *dev)
{
	of_reserved_mem_device_release(dev);
}

static int npcm_alloc(struct kvmcap_npcm *npcm,
		      struct kvmcap_npcm_buffer *buffer, size_t size)
{
	buffer->virt = dmam_alloc_coherent(npcm->dev, size, &buffer->dma,
					   GFP_KERNEL);
	return buffer->virt ? 0 : -ENOMEM;
}

/*
 * From the device's reserved memory, if it has any, or from wherever there is.
 * Coherent, which is to say uncached on these SoCs: each byte of a changed tile is
 * read once and in sequence, as RAW from the frame buffer or as Hextile from the
 * ECE's output, so a cache would be filled and thrown away for each; and with
 * cached memory, all of the frame buffer would have to be invalidated for every
 * capture, changed or not.
 */
static int npcm_alloc_all(struct kvmcap_npcm *npcm)
{
	int err;

	err = dma_set_mask_and_coherent(npcm->dev, DMA_BIT_MASK(32));
	if (err)
		return err;
	if (!of_reserved_mem_device_init(npcm->dev)) {
		err = devm_add_action_or_reset(npcm->dev, release_reserved,
					       npcm->dev);
		if (err)
			return err;
	}

	err = npcm_alloc(npcm, &npcm->frame, KVMCAP_NPCM_FRAME_SIZE);
	if (!err)
		err = npcm_alloc(npcm, &npcm->output, KVMCAP_NPCM_OUTPUT_SIZE);
	return err;
}

/* A simulated engine brings its memory. */
static void npcm_carve_all(struct kvmcap_npcm *npcm)
{
	const struct kvmcap_npcm_platform *platform = npcm->platform;

	npcm->frame.virt = platform->memory;
	npcm->frame.dma = platform->address;
	npcm->output.virt = (u8 *)platform->memory + KVMCAP_NPCM_FRAME_SIZE;
	npcm->output.dma = platform->address + KVMCAP_NPCM_FRAME_SIZE;
}

static int npcm_get_memory(struct kvmcap_npcm *npcm)
{
	int err = 0;

	if (npcm->platform)
		npcm_carve_all(npcm);
	else
		err = npcm_alloc_all(npcm);
	if (!err) {
		npcm->copy = devm_kmalloc(npcm->dev, KVMCAP_NPCM_OUTPUT_SIZE,
					  GFP_KERNEL);
		err = npcm->copy ? 0 : -ENOMEM;
	}
	if (err)
		return dev_err_probe(npcm->dev, err,
				     "no memory for %u bytes of buffers\n",
				     KVMCAP_NPCM_MEMORY_SIZE +
				     KVMCAP_NPCM_OUTPUT_SIZE);
	return 0;
}

static void unregister(void *engine)
{
	kvmcap_core_unregister(engine);
}

static int npcm_register(struct kvmcap_npcm *npcm,
			 const struct kvmcap_npcm_soc *soc)
{
	struct kvmcap_engine *engine = &npcm->engine;
	int err;

	engine->ops = &kvmcap_npcm_ops;
	engine->dev = npcm->dev;
	engine->name = soc->name;
	engine->width_max = NPCM_WIDTH_MAX;
	engine->height_max = NPCM_HEIGHT_MAX;
	engine->codecs = BIT(KVMCAP_CODEC_RAW);
	if (npcm->ece)
		engine->codecs |= BIT(KVMCAP_CODEC_HEXTILE);
	engine->subsamplings = BIT(KVMCAP_SUBSAMPLING_444);
	engine->captures = BIT(KVMCAP_CAPTURE_WHOLE) | BIT(KVMCAP_CAPTURE_CHANGES);
	/* RAW takes less: a byte for each block. */
	engine->frame_bytes_max = kvmcap_hextile_bound(NPCM_WIDTH_MAX) *
				  DIV_ROUND_UP(NPCM_HEIGHT_MAX, NPCM_BLOCK);
	err = kvmcap_core_register(engine);
	if (err)
		return err;
	return devm_add_action_or_reset(npcm->dev, unregister, engine);
}

static const struct kvmcap_npcm_soc *npcm_soc(struct platform_device *pdev)
{
	const struct platform_device_id *id = platform_get_device_id(pdev);

	if (id)
		return (const void *)id->driver_data;
	return device_get_match_data(&pdev->dev);
}

/* All of it is undone in reverse order when the device is unbound. */
static int npcm_probe(struct platform_device *pdev)
{
	const struct kvmcap_npcm_soc *soc = npcm_soc(pdev);
	struct kvmcap_npcm *npcm;
	int err;

	if (!soc)
		return -ENODEV;
	npcm = devm_kzalloc(&pdev->dev, sizeof(*npcm), GFP_KERNEL);
	if (!npcm)
		return -ENOMEM;
	npcm->dev = &pdev->dev;
	npcm->platform = dev_get_platdata(&pdev->dev);
	spin_lock_init(&npcm->lock);
	init_waitqueue_head(&npcm->wait);

	err = npcm_get_registers(npcm, pdev);
	if (!err)
		err = npcm_get_memory(npcm);
	if (err)
		return err;
	npcm->irq = platform_get_irq(pdev, 0);
	if (npcm->irq < 0)
		return npcm->irq;
	/* Whoever had it before may have left an interrupt on. */
	kvmcap_npcm_hold(npcm);
	err = devm_request_irq(&pdev->dev, npcm->irq, kvmcap_npcm_interrupt, 0,
			       dev_name(&pdev->dev), npcm);
	if (err)
		return dev_err_probe(&pdev->dev, err, "no interrupt\n");
	return npcm_register(npcm, soc);
}

static const struct of_device_id npcm_of_match[] = {
	{ .compatible = "nuvoton,npcm750-vcd", .data = &npcm750 },
	{ .compatible = "nuvoton,npcm845-vcd", .data = &npcm845 },
	{ }
};
MODULE_DEVICE_TABLE(of, npcm_of_match);

static const struct platform_device_id npcm_ids[] = {
	{ KVMCAP_NPCM_NPCM750, (kernel_ulong_t)&npcm750 },
	{ KVMCAP_NPCM_NPCM845, (kernel_ulong_t)&npcm845 },
	{ }
};
MODULE_DEVICE_TABLE(platform, npcm_ids);

static struct platform_driver npcm_driver = {
	.driver = {
		.name = "kvmcap-npcm",
		.of_match_table = npcm_of_match,
	},
	.probe = npcm_probe,
	.id_table = npcm_ids,
};

int kvmcap_npcm_register(void)
{
	return platform_driver_register(&npcm_driver);
}

void kvmcap_npcm_unregister(void)
{
	platform_driver_unregister(&npcm_driver);
}
