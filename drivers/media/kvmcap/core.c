// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device that an engine becomes: its memory, its life, and what engines
 * call.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * Who holds what: an open descriptor, and through it a mapping, holds a
 * reference to the device and to this module. The engine holds one more, from
 * kvmcap_core_register() to kvmcap_core_unregister(). The last one frees the
 * memory, so that a mapping shows the last picture for as long as it exists,
 * however long the engine has been gone.
 */
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/poll.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "compat/class.h"
#include "core.h"
#include "trace.h"

/*
 * The largest tile has 12 units of 16x16 pixels. As JPEG an MCU takes 1249 bytes
 * at most, and twice that when stuffed; as RAW a unit takes 512 bytes; as HEXTILE
 * 1026, if its encoder has not the sense to state the pixels instead: mask, two
 * colours, a count and 255 subrectangles of 4 bytes.
 */
#define KVMCAP_TILE_BYTES_MAX	(30 * 1024)

/* The lowest tiles: those of 4:4:4. */
#define KVMCAP_TILE_HEIGHT_MIN	8

#define KVMCAP_QUALITY_DEFAULT	80
#define KVMCAP_RATE_DEFAULT	30000

static_assert(KVMCAP_TILE_WIDTH_MAX / 16 * 2 * 1249 <= KVMCAP_TILE_BYTES_MAX);

static struct class *kvmcap_class;
static dev_t kvmcap_devt;
static DEFINE_IDA(kvmcap_ida);

static bool file_wants(const struct kvmcap_file *file, u64 committed)
{
	return file->armed && file->seen == committed;
}

void kvmcap_core_demand(struct kvmcap_core *core, struct kvmcap_file *file,
			u64 seen, bool armed)
{
	unsigned int demand = core->demand;
	bool wake;

	lockdep_assert_held(&core->lock);

	if (file_wants(file, core->committed))
		demand--;
	file->seen = seen;
	file->armed = armed;
	if (file_wants(file, core->committed))
		demand++;
	wake = demand && !core->demand;
	/* First this: the thread looks at it, without the lock, when it is woken. */
	WRITE_ONCE(core->demand, demand);
	if (wake)
		wake_up(&core->wake);
}

/* Makes room for the frame that is being made. */
static int core_reserve(struct kvmcap_core *core, size_t payload_bytes)
{
	const u64 records = core->log.relocated;
	const u64 bytes = core->log.relocated_bytes;
	int err;

	err = kvmcap_log_reserve(&core->log, payload_bytes);
	if (core->log.relocated != records)
		trace_kvmcap_relocate(kvmcap_core_number(core),
				      core->log.relocated - records,
				      core->log.relocated_bytes - bytes);

	return err;
}

/* The frame has been published. */
static void core_count_frame(struct kvmcap_core *core)
{
	const struct kvmcap_log_frame *frame = &core->log.frame;

	lockdep_assert_held(&core->lock);

	core->committed = core->log.header->committed;
	core->changed = core->log.header->changed;
	core->stats.frames++;
	core->stats.tiles += frame->tiles;
	core->stats.bytes += frame->bytes;
	if (frame->has_mode && !frame->blank)
		core->stats.modes++;
	/* Nobody can have seen this frame already. */
	WRITE_ONCE(core->demand, 0);
}

static void core_trace_frame(struct kvmcap_core *core)
{
	const struct kvmcap_log_frame *frame = &core->log.frame;
	unsigned int number = kvmcap_core_number(core);

	if (frame->has_signal)
		trace_kvmcap_signal(number, frame->signal);
	if (frame->has_mode && !frame->blank)
		trace_kvmcap_mode(number, &frame->mode);
	trace_kvmcap_frame(number, frame->sequence, frame->tiles, frame->bytes);
}

int kvmcap_core_commit(struct kvmcap_core *core)
{
	int err = 0;

	/* Only a frame with tiles has been given room by its engine. */
	if (!core->log.frame.reserved)
		err = core_reserve(core, 0);

	/*
	 * Under the lock, so that nobody can see a frame in the mapping and be
	 * told that there is no such frame when he acknowledges it.
	 */
	spin_lock(&core->lock);
	if (!err)
		err = kvmcap_log_commit(&core->log, ktime_get_ns());
	if (!err)
		core_count_frame(core);
	core->stats.relocated = core->log.relocated;
	core->stats.relocated_bytes = core->log.relocated_bytes;
	spin_unlock(&core->lock);

	if (err) {
		kvmcap_log_abort(&core->log);
		return err;
	}
	core_trace_frame(core);
	wake_up_interruptible_poll(&core->readers,
				   EPOLLIN | EPOLLRDNORM | EPOLLPRI);

	return 0;
}

void kvmcap_core_publish_signal(struct kvmcap_core *core, u32 signal)
{
	u32 old = core->log.header->signal;

	if (signal == old)
		return;

	if (old == KVMCAP_SIGNAL_OK) {
		spin_lock(&core->lock);
		core->stats.losses++;
		spin_unlock(&core->lock);
	}
	kvmcap_log_begin(&core->log, false);
	kvmcap_log_signal(&core->log, signal);
	/* There is always room for this, see frame_fits() in log.c. */
	WARN_ON_ONCE(kvmcap_core_commit(core));
}

static u8 *core_sink_begin(struct kvmcap_tile_sink *sink, size_t *room)
{
	struct kvmcap_frame *frame = container_of(sink, struct kvmcap_frame, sink);

	return kvmcap_log_tile_begin(&kvmcap_core_of(frame)->log, room);
}

static int core_sink_end(struct kvmcap_tile_sink *sink, unsigned int column,
			 unsigned int row, size_t length)
{
	struct kvmcap_frame *frame = container_of(sink, struct kvmcap_frame, sink);
	struct kvmcap_log *log = &kvmcap_core_of(frame)->log;

	return kvmcap_log_tile_end(log, column, row, log->frame.mode.codec,
				   length);
}

int kvmcap_frame_tables(struct kvmcap_frame *frame, const void *data,
			size_t length, unsigned int quality)
{
	return kvmcap_log_tables(&kvmcap_core_of(frame)->log, data, length,
				 quality);
}
EXPORT_SYMBOL_GPL(kvmcap_frame_tables);

int kvmcap_frame_reserve(struct kvmcap_frame *frame, size_t payload_bytes)
{
	return core_reserve(kvmcap_core_of(frame), payload_bytes);
}
EXPORT_SYMBOL_GPL(kvmcap_frame_reserve);

const u8 *kvmcap_frame_shown(struct kvmcap_frame *frame, unsigned int column,
			     unsigned int row, size_t *length)
{
	return kvmcap_log_shown(&kvmcap_core_of(frame)->log, column, row, length);
}
EXPORT_SYMBOL_GPL(kvmcap_frame_shown);

void kvmcap_core_signal_changed(struct kvmcap_engine *engine)
{
	struct kvmcap_core *core = READ_ONCE(engine->core);

	if (!core)
		return;
	set_bit(KVMCAP_EVENT_SIGNAL, &core->events);
	wake_up(&core->wake);
}
EXPORT_SYMBOL_GPL(kvmcap_core_signal_changed);

static void core_release(struct device *dev)
{
	struct kvmcap_core *core = container_of(dev, struct kvmcap_core, dev);

	vfree(core->memory);
	kfree(core);
}

/* What the engine can be asked for from the beginning. */
static void core_set_defaults(struct kvmcap_core *core,
			      struct kvmcap_engine *engine)
{
	struct kvmcap_params *params = &core->params;
	struct kvmcap_query *query = &core->query;

	strscpy(query->engine, engine->name, sizeof(query->engine));
	query->width_max = engine->width_max;
	query->height_max = engine->height_max;
	query->codecs = engine->codecs;
	query->subsamplings = engine->subsamplings;
	query->captures = engine->captures | BIT(KVMCAP_CAPTURE_AUTO);

	params->codec = KVMCAP_CODEC_NONE;
	params->subsampling = KVMCAP_SUBSAMPLING_444;
	if (engine->subsamplings & BIT(KVMCAP_SUBSAMPLING_420))
		params->subsampling = KVMCAP_SUBSAMPLING_420;
	params->quality = engine->ops->quality(engine, KVMCAP_QUALITY_DEFAULT);
	params->max_rate = KVMCAP_RATE_DEFAULT;
}

/*
 * Everything that the mapping will ever need, at once: no mode change and no
 * picture can fail for want of memory later.
 */
static int core_alloc_log(struct kvmcap_core *core, struct kvmcap_engine *engine)
{
	u32 tiles = DIV_ROUND_UP(engine->width_max, KVMCAP_TILE_WIDTH_MIN) *
		    DIV_ROUND_UP(engine->height_max, KVMCAP_TILE_HEIGHT_MIN);
	size_t size;

	size = kvmcap_log_map_size(tiles, KVMCAP_TILE_BYTES_MAX,
				   min_t(size_t, engine->frame_bytes_max,
					 KVMCAP_MAP_MAX));
	size = min_t(size_t, PAGE_ALIGN(size), KVMCAP_MAP_MAX);

	core->memory = vmalloc_user(size);
	if (!core->memory)
		return -ENOMEM;
	core->query.map_size = size;

	return kvmcap_log_init(&core->log, core->memory, size, tiles,
			       KVMCAP_TILE_BYTES_MAX);
}

/* The reference that the engine holds; its number can be had again from now on. */
static void core_put(struct kvmcap_core *core)
{
	ida_free(&kvmcap_ida, MINOR(core->dev.devt));
	put_device(&core->dev);
}

/* On success the device has one reference; core_put() undoes all of it. */
static struct kvmcap_core *core_alloc(struct kvmcap_engine *engine)
{
	struct kvmcap_core *core;
	int minor;

	core = kzalloc(sizeof(*core), GFP_KERNEL);
	if (!core)
		return ERR_PTR(-ENOMEM);
	minor = ida_alloc_max(&kvmcap_ida, KVMCAP_DEVICES_MAX - 1, GFP_KERNEL);
	if (minor < 0) {
		kfree(core);
		return ERR_PTR(minor);
	}

	device_initialize(&core->dev);
	core->dev.class = kvmcap_class;
	core->dev.parent = engine->dev;
	core->dev.devt = MKDEV(MAJOR(kvmcap_devt), minor);
	core->dev.release = core_release;
	cdev_init(&core->cdev, &kvmcap_chrdev_fops);
	core->cdev.owner = THIS_MODULE;

	mutex_init(&core->engine_lock);
	spin_lock_init(&core->lock);
	init_waitqueue_head(&core->readers);
	init_waitqueue_head(&core->wake);
	ratelimit_state_init(&core->messages, KVMCAP_MESSAGES_S * HZ,
			     KVMCAP_MESSAGES_MAX);
	ratelimit_set_flags(&core->messages, RATELIMIT_MSG_ON_RELEASE);
	core->frame.sink.begin = core_sink_begin;
	core->frame.sink.end = core_sink_end;
	core->engine = engine;
	core_set_defaults(core, engine);

	return core;
}

static bool engine_is_complete(const struct kvmcap_engine *engine)
{
	const struct kvmcap_engine_ops *ops = engine->ops;

	return ops && ops->power && ops->detect && ops->start && ops->stop &&
	       ops->capture && ops->quality && engine->dev && engine->name &&
	       engine->width_max && engine->height_max && engine->codecs &&
	       engine->subsamplings && engine->captures;
}

int kvmcap_core_register(struct kvmcap_engine *engine)
{
	struct kvmcap_core *core;
	int err;

	if (WARN_ON(!engine_is_complete(engine)))
		return -EINVAL;

	core = core_alloc(engine);
	if (IS_ERR(core))
		return dev_err_probe(engine->dev, PTR_ERR(core),
				     "no memory or no free number for a device\n");

	err = dev_set_name(&core->dev, "kvmcap%u", MINOR(core->dev.devt));
	if (!err)
		err = core_alloc_log(core, engine);
	if (err) {
		dev_err(engine->dev, "no memory for the tile log: %d\n", err);
		goto put_core;
	}

	WRITE_ONCE(engine->core, core);
	pm_runtime_enable(engine->dev);
	core->thread = kthread_run(kvmcap_loop_run, core, "%s",
				   dev_name(&core->dev));
	if (IS_ERR(core->thread)) {
		err = PTR_ERR(core->thread);
		dev_err(engine->dev, "no thread to capture: %d\n", err);
		goto forget_core;
	}

	err = cdev_device_add(&core->cdev, &core->dev);
	if (err) {
		dev_err(engine->dev, "no device node: %d\n", err);
		goto stop_thread;
	}
	kvmcap_debugfs_add(core);

	return 0;

stop_thread:
	kthread_stop(core->thread);
forget_core:
	pm_runtime_disable(engine->dev);
	WRITE_ONCE(engine->core, NULL);
put_core:
	core_put(core);
	return err;
}
EXPORT_SYMBOL_GPL(kvmcap_core_register);

void kvmcap_core_unregister(struct kvmcap_engine *engine)
{
	struct kvmcap_core *core = engine->core;

	kvmcap_debugfs_remove(core);
	cdev_device_del(&core->cdev, &core->dev);
	kthread_stop(core->thread);
	pm_runtime_disable(engine->dev);

	/* Nobody has the engine any more but those who hold this lock. */
	mutex_lock(&core->engine_lock);
	core->engine = NULL;
	mutex_unlock(&core->engine_lock);

	kvmcap_core_publish_signal(core, KVMCAP_SIGNAL_GONE);
	spin_lock(&core->lock);
	core->gone = true;
	spin_unlock(&core->lock);
	wake_up_poll(&core->readers, EPOLLERR | EPOLLHUP);
	WRITE_ONCE(engine->core, NULL);
	core_put(core);
}
EXPORT_SYMBOL_GPL(kvmcap_core_unregister);

int kvmcap_core_init(void)
{
	int err;

	err = alloc_chrdev_region(&kvmcap_devt, 0, KVMCAP_DEVICES_MAX, "kvmcap");
	if (err)
		return err;

	kvmcap_class = kvmcap_class_create("kvmcap");
	if (IS_ERR(kvmcap_class)) {
		unregister_chrdev_region(kvmcap_devt, KVMCAP_DEVICES_MAX);
		return PTR_ERR(kvmcap_class);
	}
	kvmcap_debugfs_init();

	return 0;
}

void kvmcap_core_exit(void)
{
	kvmcap_debugfs_exit();
	class_destroy(kvmcap_class);
	unregister_chrdev_region(kvmcap_devt, KVMCAP_DEVICES_MAX);
	ida_destroy(&kvmcap_ida);
}
