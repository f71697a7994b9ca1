// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl state: what the device and its picture are like.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "device.h"
#include "names.h"
#include "printer.h"
#include "records.h"

/**
 * struct state - the device at two moments
 * @query: what it is
 * @params: how it is to capture
 * @before: counters
 * @after: counters, @sample_ns later
 * @sample_ns: 0 if there is only one moment
 * @snapshot: the picture then
 */
struct state {
	struct kvmcap_query query;
	struct kvmcap_params params;
	struct kvmcap_stats before;
	struct kvmcap_stats after;
	uint64_t sample_ns;
	struct kvmcap_snapshot snapshot;
};

static void print_query(struct printer *p, const struct kvmcap_query *query)
{
	char engine[sizeof(query->engine) + 1] = "";

	memcpy(engine, query->engine, sizeof(query->engine));
	print_text(p, "engine", engine);
	print_number(p, "width_max", query->width_max);
	print_number(p, "height_max", query->height_max);
}

static void print_params(struct printer *p, const struct kvmcap_params *params)
{
	print_text(p, "wanted_codec",
		   params->codec ? codec_name(params->codec) : "automatic");
	print_text(p, "wanted_subsampling", subsampling_name(params->subsampling));
	print_number(p, "wanted_quality", params->quality);
	print_text(p, "wanted_capture", capture_name(params->capture));
	print_number(p, "max_rate", params->max_rate);
}

static void print_picture(struct printer *p, const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_header *header = &snapshot->header;
	const struct kvmcap_mode *mode = &header->mode;
	uint64_t tiles = 0, bytes = 0;
	size_t i;

	for (i = 0; i < snapshot->tile_count; i++) {
		tiles += snapshot->tiles[i].codec != KVMCAP_CODEC_NONE;
		bytes += snapshot->tiles[i].length;
	}
	print_text(p, "signal", signal_name(header->signal));
	print_number(p, "width", mode->width);
	print_number(p, "height", mode->height);
	print_text(p, "codec", codec_name(mode->codec));
	print_text(p, "subsampling", subsampling_name(mode->subsampling));
	print_number(p, "quality", header->quality);
	/* AUTO: from no capture at all yet. */
	print_text(p, "capture", header->capture == KVMCAP_CAPTURE_AUTO ?
		   "none" : capture_name(header->capture));
	print_number(p, "tile_width", mode->tile_width);
	print_number(p, "tile_height", mode->tile_height);
	print_number(p, "columns", mode->columns);
	print_number(p, "rows", mode->rows);
	print_number(p, "picture_tiles", tiles);
	print_number(p, "picture_bytes", bytes);
}

/* Bytes of the log that its writer has to keep. */
static uint64_t live_bytes(const struct kvmcap_snapshot *snapshot)
{
	uint64_t live = 0;
	size_t i;

	if (snapshot->header.tables)
		live = kvmcap_record_size(sizeof(struct kvmcap_record_tables),
					  snapshot->header.tables_length);
	for (i = 0; i < snapshot->tile_count; i++) {
		if (snapshot->tiles[i].codec)
			live += kvmcap_record_size(sizeof(struct kvmcap_record_tile),
						   snapshot->tiles[i].length);
	}
	return live;
}

static void print_log(struct printer *p, const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_header *header = &snapshot->header;
	uint64_t now_ns = kvmcap_now_ns();

	print_number(p, "frame", header->committed);
	if (header->committed)
		print_number(p, "frame_age_ms",
			     now_ns > header->timestamp_ns ?
			     (now_ns - header->timestamp_ns) / NS_PER_MS : 0);
	print_number(p, "map_bytes", header->map_size);
	print_number(p, "log_bytes", header->log_size);
	print_number(p, "log_used_bytes", header->head - header->tail);
	print_number(p, "log_live_bytes", live_bytes(snapshot));
	print_number(p, "log_head", header->head);
	print_number(p, "log_tail", header->tail);
}

static void print_stats(struct printer *p, const struct kvmcap_stats *stats)
{
	print_number(p, "readers", stats->readers);
	print_number(p, "captures", stats->captures);
	print_number(p, "whole", stats->whole);
	print_number(p, "unchanged", stats->unchanged);
	print_number(p, "frames", stats->frames);
	print_number(p, "tiles", stats->tiles);
	print_number(p, "bytes", stats->bytes);
	print_number(p, "relocated", stats->relocated);
	print_number(p, "relocated_bytes", stats->relocated_bytes);
	print_number(p, "dropped", stats->dropped);
	print_number(p, "malformed", stats->malformed);
	print_number(p, "timeouts", stats->timeouts);
	print_number(p, "fallbacks", stats->fallbacks);
	print_number(p, "modes", stats->modes);
	print_number(p, "losses", stats->losses);
}

/* Thousandths in a second. */
static uint64_t rate(uint64_t before, uint64_t after, uint64_t ns)
{
	return after > before ? (after - before) * (NS_PER_SECOND / 1000) / (ns / 1000000) : 0;
}

static void print_rates(struct printer *p, const struct state *s)
{
	const struct kvmcap_stats *before = &s->before, *after = &s->after;
	uint64_t ns = s->sample_ns;

	if (ns < NS_PER_MS)
		return;
	print_rate(p, "captures_per_second", rate(before->captures, after->captures, ns));
	print_rate(p, "frames_per_second", rate(before->frames, after->frames, ns));
	print_rate(p, "tiles_per_second", rate(before->tiles, after->tiles, ns));
	print_rate(p, "bytes_per_second", rate(before->bytes, after->bytes, ns));
}

static int load(struct kvmcap_source *source, uint64_t sample_ns, struct state *s)
{
	const struct timespec sample = {
		.tv_sec = (time_t)(sample_ns / NS_PER_SECOND),
		.tv_nsec = (long)(sample_ns % NS_PER_SECOND),
	};
	uint64_t begun = kvmcap_now_ns();
	int err = kvmcap_query(source, &s->query);

	if (!err)
		err = kvmcap_get_params(source, &s->params);
	if (!err)
		err = kvmcap_stats(source, &s->before);
	if (!err && sample_ns)
		nanosleep(&sample, NULL);
	if (!err)
		err = kvmcap_stats(source, &s->after);
	if (sample_ns)
		s->sample_ns = kvmcap_now_ns() - begun;
	if (!err)
		err = kvmcap_snapshot(source, &s->snapshot);
	return err;
}

int command_state(const struct options *options, const char *argument)
{
	struct printer printer = { .json = options->json };
	struct kvmcap_source *source;
	struct state state = { 0 };
	int status, err;

	(void)argument;
	status = open_capture(options, &source);
	if (status)
		return status;
	err = load(source, options->interval_ns, &state);
	if (!err) {
		print_query(&printer, &state.query);
		print_picture(&printer, &state.snapshot);
		print_params(&printer, &state.params);
		print_log(&printer, &state.snapshot);
		print_stats(&printer, &state.after);
		print_rates(&printer, &state);
		print_end(&printer);
	} else {
		status = complain(error_status(err), "%s: cannot read its state: %s",
				  options->device ? options->device : KVMCAP_DEVICE_DEFAULT,
				  strerror(-err));
	}
	kvmcap_close(source);
	return status;
}
