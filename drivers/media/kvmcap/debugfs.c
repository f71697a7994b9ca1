// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs, kvmcap/kvmcapN/: what a device is doing, and its counters.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/seq_file.h>

#include "core.h"

/* A look at the header that the thread changes meanwhile is taken again. */
#define KVMCAP_LOOKS_MAX	100
#define KVMCAP_LOOK_MIN_US	50	/* between looks */
#define KVMCAP_LOOK_MAX_US	100

static struct dentry *kvmcap_debugfs;

static const char *const stage_names[] = {
	[KVMCAP_STAGE_OFF] = "off",
	[KVMCAP_STAGE_POWERED] = "powered",
	[KVMCAP_STAGE_DETECTED] = "detected",
	[KVMCAP_STAGE_STARTED] = "started",
};

static const char *const signal_names[] = {
	[KVMCAP_SIGNAL_UNKNOWN] = "unknown",
	[KVMCAP_SIGNAL_OK] = "ok",
	[KVMCAP_SIGNAL_NONE] = "none",
	[KVMCAP_SIGNAL_OUT_OF_RANGE] = "out of range",
	[KVMCAP_SIGNAL_FAULT] = "fault",
	[KVMCAP_SIGNAL_GONE] = "gone",
};

static const char *const codec_names[] = {
	[KVMCAP_CODEC_NONE] = "none",
	[KVMCAP_CODEC_JPEG] = "jpeg",
	[KVMCAP_CODEC_PALETTE] = "palette",
	[KVMCAP_CODEC_HEXTILE] = "hextile",
	[KVMCAP_CODEC_RAW] = "raw",
};

static const char *const capture_names[] = {
	[KVMCAP_CAPTURE_AUTO] = "auto",
	[KVMCAP_CAPTURE_WHOLE] = "whole",
	[KVMCAP_CAPTURE_CHANGES] = "changes",
};

#define name_of(names, value)						\
({									\
	unsigned int __value = (value);					\
	__value < ARRAY_SIZE(names) ? (names)[__value] : "?";		\
})

/* As of one moment, by the protocol that <linux/kvmcap.h> has for readers. */
static int look_at_header(struct kvmcap_core *core, struct kvmcap_header *copy)
{
	const struct kvmcap_header *header = core->memory;
	unsigned int look;
	u32 update;

	for (look = 0; look < KVMCAP_LOOKS_MAX; look++) {
		/* Pairs with kvmcap_update_end(). */
		update = smp_load_acquire(&header->update);
		if (update % 2 == 0) {
			/* What is torn is thrown away. */
			data_race(memcpy(copy, header, sizeof(*copy)));
			/* Pairs with the smp_wmb() of kvmcap_update_begin(). */
			smp_rmb();
			if (READ_ONCE(header->update) == update)
				return 0;
		}
		usleep_range(KVMCAP_LOOK_MIN_US, KVMCAP_LOOK_MAX_US);
	}

	return -EAGAIN;
}

static void show_params(struct seq_file *seq, const struct kvmcap_params *params)
{
	seq_printf(seq, "wanted_codec: %s\n", name_of(codec_names, params->codec));
	seq_printf(seq, "wanted_capture: %s\n",
		   name_of(capture_names, params->capture));
	seq_printf(seq, "wanted_subsampling: %s\n",
		   params->subsampling ? "4:2:0" : "4:4:4");
	seq_printf(seq, "wanted_quality: %u\n", params->quality);
	seq_printf(seq, "max_rate: %u\n", params->max_rate);
}

static void show_header(struct seq_file *seq, const struct kvmcap_header *header)
{
	const struct kvmcap_mode *mode = &header->mode;

	seq_printf(seq, "signal: %s\n", name_of(signal_names, header->signal));
	seq_printf(seq, "mode: %ux%u\n", mode->width, mode->height);
	seq_printf(seq, "tiles: %ux%u of %ux%u\n", mode->columns, mode->rows,
		   mode->tile_width, mode->tile_height);
	seq_printf(seq, "codec: %s\n", name_of(codec_names, mode->codec));
	seq_printf(seq, "subsampling: %s\n", mode->subsampling ? "4:2:0" : "4:4:4");
	seq_printf(seq, "quality: %u\n", header->quality);
	seq_printf(seq, "capture: %s\n", name_of(capture_names, header->capture));
	seq_printf(seq, "committed: %llu\n", header->committed);
	seq_printf(seq, "log_size: %llu\n", header->log_size);
	seq_printf(seq, "log_used: %llu\n", header->head - header->tail);
}

static int state_show(struct seq_file *seq, void *data)
{
	struct kvmcap_core *core = seq->private;
	struct kvmcap_header header;
	struct kvmcap_params params;
	unsigned int demand, files;
	int err;

	err = look_at_header(core, &header);
	if (err)
		return err;
	spin_lock(&core->lock);
	params = core->params;
	demand = core->demand;
	files = core->files;
	spin_unlock(&core->lock);

	seq_printf(seq, "engine: %s\n", core->query.engine);
	seq_printf(seq, "stage: %s\n",
		   name_of(stage_names, READ_ONCE(core->loop.stage)));
	seq_printf(seq, "readers: %u\n", files);
	seq_printf(seq, "demand: %u\n", demand);
	show_header(seq, &header);
	/* Nobody computes with it. */
	seq_printf(seq, "log_live: %zu\n", data_race(core->log.live));
	show_params(seq, &params);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static int stats_show(struct seq_file *seq, void *data)
{
	struct kvmcap_core *core = seq->private;
	struct kvmcap_stats stats;

	spin_lock(&core->lock);
	stats = core->stats;
	spin_unlock(&core->lock);

	seq_printf(seq, "captures: %llu\n", stats.captures);
	seq_printf(seq, "unchanged: %llu\n", stats.unchanged);
	seq_printf(seq, "whole: %llu\n", stats.whole);
	seq_printf(seq, "frames: %llu\n", stats.frames);
	seq_printf(seq, "tiles: %llu\n", stats.tiles);
	seq_printf(seq, "bytes: %llu\n", stats.bytes);
	seq_printf(seq, "relocated: %llu\n", stats.relocated);
	seq_printf(seq, "relocated_bytes: %llu\n", stats.relocated_bytes);
	seq_printf(seq, "dropped: %llu\n", stats.dropped);
	seq_printf(seq, "malformed: %llu\n", stats.malformed);
	seq_printf(seq, "timeouts: %llu\n", stats.timeouts);
	seq_printf(seq, "modes: %llu\n", stats.modes);
	seq_printf(seq, "losses: %llu\n", stats.losses);
	seq_printf(seq, "fallbacks: %llu\n", stats.fallbacks);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* What fails here is not needed: debugfs takes its own errors for no parent. */
void kvmcap_debugfs_add(struct kvmcap_core *core)
{
	core->debugfs = debugfs_create_dir(dev_name(&core->dev), kvmcap_debugfs);
	debugfs_create_file("state", 0400, core->debugfs, core, &state_fops);
	debugfs_create_file("stats", 0400, core->debugfs, core, &stats_fops);
}

/* On return nobody reads them any more. */
void kvmcap_debugfs_remove(struct kvmcap_core *core)
{
	debugfs_remove_recursive(core->debugfs);
}

void kvmcap_debugfs_init(void)
{
	kvmcap_debugfs = debugfs_create_dir("kvmcap", NULL);
}

void kvmcap_debugfs_exit(void)
{
	debugfs_remove_recursive(kvmcap_debugfs);
}
