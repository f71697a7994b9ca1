// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl export: a recording as PPM images, for ffmpeg and the like.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "device.h"
#include "replay.h"
#include "source.h"

/**
 * struct exporter - what is being exported
 * @options: the command line
 * @source: the recording, which is moved on by hand
 * @decoder: makes pixels
 * @snapshot: the present picture
 * @pixels: room for it
 * @rgb: ... and as it is written
 * @images: written
 * @end_ns: nothing behind that
 */
struct exporter {
	const struct options *options;
	struct kvmcap_source *source;
	struct kvmcap_decoder *decoder;
	struct kvmcap_snapshot snapshot;
	uint32_t *pixels;
	uint8_t *rgb;
	unsigned int images;
	uint64_t end_ns;
};

static int need_room(struct exporter *e, size_t pixels)
{
	uint32_t *larger = reallocarray(e->pixels, pixels, sizeof(*larger));
	uint8_t *rgb;

	if (!larger)
		return -ENOMEM;
	e->pixels = larger;
	rgb = reallocarray(e->rgb, pixels, 3);
	if (!rgb)
		return -ENOMEM;
	e->rgb = rgb;
	return 0;
}

static int write_image(const struct exporter *e, unsigned int width, unsigned int height)
{
	size_t i, count = (size_t)width * height;
	uint8_t *rgb = e->rgb;

	for (i = 0; i < count; i++) {
		*rgb++ = (uint8_t)(e->pixels[i] >> 16);
		*rgb++ = (uint8_t)(e->pixels[i] >> 8);
		*rgb++ = (uint8_t)e->pixels[i];
	}
	if (printf("P6\n%u %u\n255\n", width, height) < 0 ||
	    fwrite(e->rgb, 3, count, stdout) != count)
		return errno ? -errno : -EIO;
	return 0;
}

/* The present picture; nothing where there is none yet. */
static int export_image(struct exporter *e)
{
	const struct kvmcap_mode *mode = &e->snapshot.header.mode;
	struct kvmcap_rectangle all;
	int err = kvmcap_snapshot(e->source, &e->snapshot);

	if (err || !e->snapshot.tile_count)
		return err;
	all = (struct kvmcap_rectangle){ .columns = mode->columns, .rows = mode->rows };
	err = need_room(e, (size_t)mode->width * mode->height);
	if (err)
		return err;
	/* What a tile without a picture shows is black. */
	memset(e->pixels, 0, (size_t)mode->width * mode->height * sizeof(*e->pixels));
	err = kvmcap_decode(e->decoder, e->source, &e->snapshot, &all, e->pixels, mode->width);
	if (err && err != -EBADMSG)
		return err;
	e->images++;
	return write_image(e, mode->width, mode->height);
}

static bool enough(const struct exporter *e)
{
	return e->options->frames && e->images >= e->options->frames;
}

/* The picture after each frame. */
static int export_frames(struct exporter *e)
{
	int ret = export_image(e);

	while (ret >= 0 && !enough(e)) {
		ret = kvmcap_replay_step(e->source->replay, e->end_ns);
		if (ret <= 0)
			return ret;
		ret = export_image(e);
	}
	return ret;
}

/* Pictures at equal distances in time, the first one at the beginning. */
static int export_rate(struct exporter *e)
{
	uint64_t at = e->options->replay.from_ns, number = 0;
	int ret = 0;

	while (ret >= 0 && at <= e->end_ns && !enough(e)) {
		do
			ret = kvmcap_replay_step(e->source->replay, at);
		while (ret > 0);
		if (!ret)
			ret = export_image(e);
		number++;
		at = e->options->replay.from_ns + number * NS_PER_SECOND / e->options->fps;
	}
	return ret;
}

static int explain(const struct exporter *e, const char *path, int err)
{
	/* main() says what is wrong with that. */
	if (ferror(stdout))
		return STATUS_FAILED;
	if (err)
		return complain(STATUS_FAILED, "%s: cannot export it: %s", path, strerror(-err));
	if (!e->images)
		return complain(STATUS_FAILED, "%s: there is no picture in that part of it", path);
	return STATUS_OK;
}

int command_export(const struct options *options, const char *argument)
{
	struct kvmcap_replay_options replay = options->replay;
	struct exporter exporter = { .options = options };
	char text[4096 + 256];
	int err, status;

	replay.paused = true;
	err = kvmcap_open_recording(&exporter.source, argument, &replay);
	if (err == -ENOENT)
		return complain(STATUS_DEVICE, "%s: no such recording", argument);
	if (err) {
		kvmcap_explain(argument, err, text, sizeof(text));
		return complain(error_status(err), "%s", text);
	}
	exporter.end_ns = kvmcap_replay_duration_ns(exporter.source->replay);
	if (options->duration_ns && options->duration_ns + replay.from_ns < exporter.end_ns)
		exporter.end_ns = options->duration_ns + replay.from_ns;
	err = kvmcap_decoder_create(&exporter.decoder);
	if (!err)
		err = options->fps ? export_rate(&exporter) : export_frames(&exporter);
	status = explain(&exporter, argument, err);
	kvmcap_decoder_destroy(exporter.decoder);
	free(exporter.pixels);
	free(exporter.rgb);
	kvmcap_close(exporter.source);
	errno = -err;
	return status;
}
