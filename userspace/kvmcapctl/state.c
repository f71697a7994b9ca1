// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl state: what the device and its picture are like.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "device.h"

static const char *const signal_names[] = {
	[KVMCAP_SIGNAL_UNKNOWN] = "unknown",
	[KVMCAP_SIGNAL_OK] = "ok",
	[KVMCAP_SIGNAL_NONE] = "none",
	[KVMCAP_SIGNAL_OUT_OF_RANGE] = "out-of-range",
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

static const char *const subsampling_names[] = {
	[KVMCAP_SUBSAMPLING_444] = "4:4:4",
	[KVMCAP_SUBSAMPLING_420] = "4:2:0",
};

#define NAME(names, value) \
	((value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : "?")

/**
 * struct printer - "name: value" lines, or one JSON object
 * @json: which
 * @count: values so far
 */
struct printer {
	bool json;
	unsigned int count;
};

static void print_name(struct printer *p, const char *name)
{
	if (p->json)
		printf("%s\n  \"%s\": ", p->count ? "," : "{", name);
	else
		printf("%s: ", name);
	p->count++;
}

static void print_number(struct printer *p, const char *name, uint64_t value)
{
	print_name(p, name);
	printf(p->json ? "%" PRIu64 : "%" PRIu64 "\n", value);
}

/* @text is one of ours, or a device's name: printable, without quotes. */
static void print_text(struct printer *p, const char *name, const char *text)
{
	print_name(p, name);
	printf(p->json ? "\"%s\"" : "%s\n", text);
}

static void print_end(const struct printer *p)
{
	if (p->json)
		puts("\n}");
}

static void print_query(struct printer *p, const struct kvmcap_query *query)
{
	char engine[sizeof(query->engine) + 1] = "";
	size_t i;

	memcpy(engine, query->engine, sizeof(query->engine));
	for (i = 0; engine[i]; i++) {
		if (engine[i] < ' ' || engine[i] > '~' || engine[i] == '"' || engine[i] == '\\')
			engine[i] = '?';
	}
	print_text(p, "engine", engine);
	print_number(p, "width_max", query->width_max);
	print_number(p, "height_max", query->height_max);
}

static void print_params(struct printer *p, const struct kvmcap_params *params)
{
	print_text(p, "wanted_codec",
		   params->codec ? NAME(codec_names, params->codec) : "automatic");
	print_text(p, "wanted_subsampling", NAME(subsampling_names, params->subsampling));
	print_number(p, "wanted_quality", params->quality);
	print_number(p, "max_rate", params->max_rate);
}

static void print_picture(struct printer *p, const struct kvmcap_snapshot *snapshot)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	uint64_t tiles = 0, bytes = 0;
	size_t i;

	for (i = 0; i < snapshot->tile_count; i++) {
		tiles += snapshot->tiles[i].codec != KVMCAP_CODEC_NONE;
		bytes += snapshot->tiles[i].length;
	}
	print_number(p, "width", mode->width);
	print_number(p, "height", mode->height);
	print_text(p, "codec", NAME(codec_names, mode->codec));
	print_text(p, "subsampling", NAME(subsampling_names, mode->subsampling));
	print_number(p, "quality", snapshot->header.quality);
	print_number(p, "tile_width", mode->tile_width);
	print_number(p, "tile_height", mode->tile_height);
	print_number(p, "columns", mode->columns);
	print_number(p, "rows", mode->rows);
	print_number(p, "picture_tiles", tiles);
	print_number(p, "picture_bytes", bytes);
}

static void print_log(struct printer *p, const struct kvmcap_header *header)
{
	struct timespec now;
	uint64_t now_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
	print_number(p, "frame", header->committed);
	if (header->committed)
		print_number(p, "frame_age_ms",
			     now_ns > header->timestamp_ns ?
			     (now_ns - header->timestamp_ns) / 1000000U : 0);
	print_number(p, "map_bytes", header->map_size);
	print_number(p, "log_bytes", header->log_size);
	print_number(p, "log_head", header->head);
	print_number(p, "log_tail", header->tail);
}

static void print_stats(struct printer *p, const struct kvmcap_stats *stats)
{
	print_number(p, "captures", stats->captures);
	print_number(p, "unchanged", stats->unchanged);
	print_number(p, "frames", stats->frames);
	print_number(p, "tiles", stats->tiles);
	print_number(p, "bytes", stats->bytes);
	print_number(p, "relocated", stats->relocated);
	print_number(p, "relocated_bytes", stats->relocated_bytes);
	print_number(p, "dropped", stats->dropped);
	print_number(p, "malformed", stats->malformed);
	print_number(p, "timeouts", stats->timeouts);
	print_number(p, "modes", stats->modes);
	print_number(p, "losses", stats->losses);
}

int command_state(const struct options *options, const char *argument)
{
	struct printer printer = { .json = options->json };
	struct kvmcap_snapshot snapshot;
	struct kvmcap_params params;
	struct kvmcap_query query;
	struct kvmcap_stats stats;
	struct kvmcap_source *source;
	int status, err;

	(void)argument;
	status = open_capture(options, &source);
	if (status)
		return status;
	err = kvmcap_query(source, &query);
	if (!err)
		err = kvmcap_get_params(source, &params);
	if (!err)
		err = kvmcap_stats(source, &stats);
	if (!err)
		err = kvmcap_snapshot(source, &snapshot);
	if (!err) {
		print_query(&printer, &query);
		print_text(&printer, "signal", NAME(signal_names, snapshot.header.signal));
		print_picture(&printer, &snapshot);
		print_params(&printer, &params);
		print_log(&printer, &snapshot.header);
		print_stats(&printer, &stats);
		print_end(&printer);
	} else {
		status = complain(error_status(err), "%s: cannot read its state: %s",
				  options->device ? options->device : KVMCAP_DEVICE_DEFAULT,
				  strerror(-err));
	}
	kvmcap_close(source);
	return status;
}
