// SPDX-License-Identifier: GPL-2.0-only
/*
 * An engine that does as it is told, so that tests can see what the core makes
 * of an engine that is slow, dead, malformed or without a signal.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * It is told by /sys/module/kvmcap_fake/parameters/ at any time, all devices
 * alike. A tile's payload is what struct fake_payload says, and filling.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

#define FAKE_DEVICES_MAX	4
#define FAKE_ANSWER_MS		200	/* a capture is given up after this */
#define FAKE_MCU_444		8
#define FAKE_MCU_420		16
#define FAKE_TILE_BYTES		512
#define FAKE_FRAME_BYTES	(1832 * 1024)
#define FAKE_MAGIC		0x656b6166

/* struct fake_payload in tools/testing/selftests/kvmcap/ is the same. */
struct fake_payload {
	u32 magic;
	u32 picture;
	u16 column;
	u16 row;
	u32 quality;
};

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "engines to make");

static ushort width = 640;
module_param(width, ushort, 0644);
static ushort height = 480;
module_param(height, ushort, 0644);
static int detect_error;
module_param(detect_error, int, 0644);
MODULE_PARM_DESC(detect_error, "what detecting ends with: 0, or an errno");
static bool restless;
module_param(restless, bool, 0644);
MODULE_PARM_DESC(restless, "the signal changes whenever it has been detected");
static int power_error;
module_param(power_error, int, 0644);
static int start_error;
module_param(start_error, int, 0644);
static int capture_error;
module_param(capture_error, int, 0644);
MODULE_PARM_DESC(capture_error, "what captures end with: 0, or an errno");
static unsigned int capture_stop;
module_param(capture_stop, uint, 0644);
MODULE_PARM_DESC(capture_stop, "tiles that come before capture_error");
static bool answers = true;
module_param(answers, bool, 0644);
MODULE_PARM_DESC(answers, "if not, captures time out");
static unsigned int late_ms;
module_param(late_ms, uint, 0644);
MODULE_PARM_DESC(late_ms, "a capture takes this long");
static unsigned int changes;
module_param(changes, uint, 0644);
MODULE_PARM_DESC(changes, "tiles that change with each capture");
static unsigned int still;
module_param(still, uint, 0644);
MODULE_PARM_DESC(still, "tiles, the first ones, that stay as they are");
/* 0: not; otherwise captures + 1 at the time that it was asked for. */
static unsigned int refill;
static const struct kernel_param_ops fake_refill_ops;
module_param_cb(refill, &fake_refill_ops, NULL, 0200);
MODULE_PARM_DESC(refill, "all tiles change with the next capture, once");
static unsigned int reserve = 1;
module_param(reserve, uint, 0644);
MODULE_PARM_DESC(reserve, "times the bytes that a picture needs, to ask for");
static bool allocate;
module_param(allocate, bool, 0644);
MODULE_PARM_DESC(allocate, "captures take memory, and fail without");
static bool fall_back;
module_param(fall_back, bool, 0644);
MODULE_PARM_DESC(fall_back, "whole pictures take over, where that is left to the engine");
static unsigned int tile_bytes = FAKE_TILE_BYTES;
module_param(tile_bytes, uint, 0644);

/* What it has been asked for, in all devices together. */
static unsigned int powered;
module_param(powered, uint, 0444);
static unsigned int started;
module_param(started, uint, 0444);
static unsigned int detects;
module_param(detects, uint, 0444);
static unsigned int captures;
module_param(captures, uint, 0444);
static unsigned int waited;
module_param(waited, uint, 0444);
MODULE_PARM_DESC(waited, "captures until the last refill was seen, that one included");
static int asleep = -1;
module_param(asleep, int, 0444);
MODULE_PARM_DESC(asleep, "engines that were on when the machine slept last");

/**
 * struct fake - an engine
 * @engine: what the core knows
 * @node: in fakes
 * @mode: started in
 * @quality: started with
 * @capture: started with; what AUTO has come to
 * @automatic: it was AUTO
 * @picture: counts captures
 * @last: the picture that each tile changed in last
 * @next: the tile that changes next
 */
struct fake {
	struct kvmcap_engine engine;
	struct list_head node;
	struct kvmcap_mode mode;
	u32 quality;
	u32 capture;
	bool automatic;
	u32 picture;
	u32 *last;
	u32 next;
};

static LIST_HEAD(fakes);
static DEFINE_MUTEX(fakes_lock);	/* guards fakes */

static struct fake *to_fake(struct kvmcap_engine *engine)
{
	return container_of(engine, struct fake, engine);
}

static int fake_power(struct kvmcap_engine *engine, bool on)
{
	int err = READ_ONCE(power_error);

	if (on && err)
		return err;
	powered += on ? 1 : -1;

	return 0;
}

static int fake_detect(struct kvmcap_engine *engine, struct kvmcap_mode *mode)
{
	int err = READ_ONCE(detect_error);

	detects++;
	if (READ_ONCE(restless))
		kvmcap_core_signal_changed(engine);
	if (err)
		return err;

	mode->width = READ_ONCE(width);
	mode->height = READ_ONCE(height);
	mode->tile_height = FAKE_MCU_420;
	if (mode->subsampling == KVMCAP_SUBSAMPLING_444)
		mode->tile_height = FAKE_MCU_444;
	mode->tile_width = kvmcap_geometry_tile_width(mode->width,
						      mode->tile_height);
	mode->columns = DIV_ROUND_UP(mode->width, mode->tile_width);
	mode->rows = DIV_ROUND_UP(mode->height, mode->tile_height);
	if (mode->codec == KVMCAP_CODEC_NONE)
		mode->codec = KVMCAP_CODEC_JPEG;

	return 0;
}

static int fake_start(struct kvmcap_engine *engine,
		      const struct kvmcap_mode *mode,
		      const struct kvmcap_params *params)
{
	struct fake *fake = to_fake(engine);
	int err = READ_ONCE(start_error);

	if (err)
		return err;
	fake->mode = *mode;
	fake->quality = params->quality;
	fake->automatic = params->capture == KVMCAP_CAPTURE_AUTO;
	fake->capture = params->capture;
	if (fake->automatic)
		fake->capture = KVMCAP_CAPTURE_CHANGES;
	started++;

	return 0;
}

static void fake_stop(struct kvmcap_engine *engine)
{
	started--;
}

static int fake_tile(struct fake *fake, struct kvmcap_frame *frame, u32 number)
{
	struct kvmcap_tile_sink *sink = &frame->sink;
	u32 length = clamp_t(u32, READ_ONCE(tile_bytes),
			     sizeof(struct fake_payload), 30 * 1024);
	struct fake_payload payload = {
		.magic = FAKE_MAGIC,
		.picture = fake->last[number],
		.column = number % fake->mode.columns,
		.row = number / fake->mode.columns,
		.quality = fake->quality,
	};
	size_t room;
	u8 *out;

	out = sink->begin(sink, &room);
	if (!out || room < length)
		return -ENOSPC;
	memcpy(out, &payload, sizeof(payload));
	memset(out + sizeof(payload), payload.picture, length - sizeof(payload));

	return sink->end(sink, payload.column, payload.row, length);
}

/* What has been said of a tile before must be what it shows. */
static bool fake_is_shown(struct fake *fake, struct kvmcap_frame *frame,
			  u32 number)
{
	const struct fake_payload *shown;
	size_t length;

	shown = (const void *)kvmcap_frame_shown(frame,
						 number % fake->mode.columns,
						 number / fake->mode.columns,
						 &length);

	return shown && length >= sizeof(*shown) &&
	       shown->magic == FAKE_MAGIC &&
	       shown->picture == fake->last[number] &&
	       shown->quality == fake->quality;
}

static int fake_tiles(struct fake *fake, struct kvmcap_frame *frame, bool full)
{
	u32 tiles = fake->mode.columns * fake->mode.rows;
	u32 stop = READ_ONCE(capture_error) ? READ_ONCE(capture_stop) : tiles;
	u32 i;
	int err;

	for (i = 0; i < min(stop, tiles); i++) {
		if (!full && fake->last[i] != fake->picture) {
			if (!fake_is_shown(fake, frame, i))
				return -EBADMSG;
			continue;
		}
		err = fake_tile(fake, frame, i);
		if (err)
			return err;
	}

	return READ_ONCE(capture_error);
}

/* The next picture. */
static void fake_draw(struct fake *fake, u32 tiles)
{
	u32 first = min(READ_ONCE(still), tiles - 1);
	u32 count = min(READ_ONCE(changes), tiles);
	u32 asked = xchg(&refill, 0);
	u32 i;

	fake->picture++;
	if (asked) {
		memset32(fake->last, fake->picture, tiles);
		waited = captures - (asked - 1);
	}
	for (i = 0; i < count; i++)
		fake->last[first + fake->next++ % (tiles - first)] = fake->picture;
}

static int fake_allocate(void)
{
	void *memory;

	if (!READ_ONCE(allocate))
		return 0;
	memory = kmalloc(FAKE_TILE_BYTES, GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	kfree(memory);

	return 0;
}

/* What this capture is to be. */
static u32 fake_choose_capture(struct fake *fake)
{
	if (fake->automatic && READ_ONCE(fall_back) &&
	    fake->capture == KVMCAP_CAPTURE_CHANGES) {
		fake->capture = KVMCAP_CAPTURE_WHOLE;
		fake->engine.fallbacks++;
	}

	return fake->capture;
}

static int fake_capture(struct kvmcap_engine *engine,
			struct kvmcap_frame *frame, bool full)
{
	struct fake *fake = to_fake(engine);
	u32 tiles = fake->mode.columns * fake->mode.rows;
	char tables[16];
	int ret;

	frame->capture = fake_choose_capture(fake);
	full |= frame->capture == KVMCAP_CAPTURE_WHOLE;
	captures++;
	if (!READ_ONCE(answers)) {
		msleep(FAKE_ANSWER_MS);
		return -ETIMEDOUT;
	}
	msleep(READ_ONCE(late_ms));
	ret = fake_allocate();
	if (ret)
		return ret;
	fake_draw(fake, tiles);

	memset(tables, 0, sizeof(tables));
	snprintf(tables, sizeof(tables), "quality %u", fake->quality);
	if (fake->mode.codec == KVMCAP_CODEC_JPEG)
		ret = kvmcap_frame_tables(frame, tables, sizeof(tables),
					  fake->quality);
	/* Tables are new after a start only, and then all of it is wanted. */
	if (ret >= 0)
		ret = kvmcap_frame_reserve(frame, (size_t)READ_ONCE(reserve) *
					   tiles * READ_ONCE(tile_bytes));

	return ret < 0 ? ret : fake_tiles(fake, frame, full);
}

/* Steps of ten. */
static unsigned int fake_quality(struct kvmcap_engine *engine,
				 unsigned int quality)
{
	return clamp(DIV_ROUND_CLOSEST(quality, 10) * 10, 10U, 100U);
}

static const struct kvmcap_engine_ops fake_ops = {
	.power = fake_power,
	.detect = fake_detect,
	.start = fake_start,
	.stop = fake_stop,
	.capture = fake_capture,
	.quality = fake_quality,
};

/* Writing anything says that the signal has changed. */
static int fake_signal_set(const char *value, const struct kernel_param *param)
{
	struct fake *fake;

	mutex_lock(&fakes_lock);
	list_for_each_entry(fake, &fakes, node)
		kvmcap_core_signal_changed(&fake->engine);
	mutex_unlock(&fakes_lock);

	return 0;
}

static const struct kernel_param_ops fake_signal_ops = {
	.set = fake_signal_set,
};

module_param_cb(signal_changed, &fake_signal_ops, NULL, 0200);

/* Writing anything asks for another picture. */
static int fake_refill_set(const char *value, const struct kernel_param *param)
{
	xchg(&refill, READ_ONCE(captures) + 1);
	return 0;
}

static const struct kernel_param_ops fake_refill_ops = {
	.set = fake_refill_set,
};

static void fake_unregister(void *data)
{
	struct fake *fake = data;

	mutex_lock(&fakes_lock);
	list_del(&fake->node);
	mutex_unlock(&fakes_lock);
	kvmcap_core_unregister(&fake->engine);
}

static int fake_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct kvmcap_engine *engine;
	struct fake *fake;
	int err;

	fake = devm_kzalloc(dev, sizeof(*fake), GFP_KERNEL);
	if (!fake)
		return -ENOMEM;

	engine = &fake->engine;
	engine->ops = &fake_ops;
	engine->dev = dev;
	engine->name = "fake";
	engine->width_max = 1920;
	engine->height_max = 1200;
	engine->codecs = BIT(KVMCAP_CODEC_JPEG) | BIT(KVMCAP_CODEC_RAW);
	engine->captures = BIT(KVMCAP_CAPTURE_WHOLE) |
			   BIT(KVMCAP_CAPTURE_CHANGES);
	engine->subsamplings = BIT(KVMCAP_SUBSAMPLING_444) |
			       BIT(KVMCAP_SUBSAMPLING_420);
	engine->frame_bytes_max = FAKE_FRAME_BYTES;
	fake->last = devm_kcalloc(dev, DIV_ROUND_UP(1920, KVMCAP_TILE_WIDTH_MIN) *
				  1200 / FAKE_MCU_444, sizeof(*fake->last),
				  GFP_KERNEL);
	if (!fake->last)
		return -ENOMEM;

	err = kvmcap_core_register(engine);
	if (err)
		return err;
	mutex_lock(&fakes_lock);
	list_add(&fake->node, &fakes);
	mutex_unlock(&fakes_lock);

	return devm_add_action_or_reset(dev, fake_unregister, fake);
}

static int fake_suspend(struct device *dev)
{
	asleep = READ_ONCE(powered);
	return 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(fake_pm_ops, fake_suspend, NULL);

static struct platform_driver fake_driver = {
	.probe = fake_probe,
	.driver = {
		.name = "kvmcap_fake",
		.pm = pm_sleep_ptr(&fake_pm_ops),
	},
};

static struct platform_device *fake_devices[FAKE_DEVICES_MAX];

static void fake_exit(void)
{
	int i;

	for (i = 0; i < FAKE_DEVICES_MAX; i++)
		platform_device_unregister(fake_devices[i]);
	platform_driver_unregister(&fake_driver);
}
module_exit(fake_exit);

static int __init fake_init(void)
{
	struct platform_device *pdev;
	unsigned int i;
	int err;

	err = platform_driver_register(&fake_driver);
	if (err)
		return err;

	for (i = 0; i < min_t(unsigned int, devices, FAKE_DEVICES_MAX); i++) {
		pdev = platform_device_register_simple("kvmcap_fake", i, NULL, 0);
		if (IS_ERR(pdev)) {
			fake_exit();
			return PTR_ERR(pdev);
		}
		fake_devices[i] = pdev;
	}

	return 0;
}
module_init(fake_init);

MODULE_DESCRIPTION("An engine for kvmcap's tests");
MODULE_AUTHOR("The kvmcap authors");
MODULE_LICENSE("GPL");
