// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl screenshot: the picture as it is now; as JPEG, if that is what its tiles
 * are, without decoding it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "device.h"
#include "image.h"

/*
 * Captures to wait for. The first may have been under way when we asked; that
 * the third is counted tells that the second one is committed.
 */
#define CAPTURES_FRESH	3

/* Of a JPEG file that is made of tiles that are not JPEG. */
#define QUALITY_MADE	95

#define POLL_MS		20	/* a capture that changes nothing wakes nobody */
#define COPY_RETRIES	16	/* the log overtook a copy; each retry is a newer picture */

static const char *why_no_picture(const struct kvmcap_header *header)
{
	switch (header->signal) {
	case KVMCAP_SIGNAL_OK:
		return "the engine delivers no picture";
	case KVMCAP_SIGNAL_NONE:
		return "the host sends no signal: is it switched on?";
	case KVMCAP_SIGNAL_OUT_OF_RANGE:
		return "the host sends a mode that the engine cannot capture";
	case KVMCAP_SIGNAL_FAULT:
		return "the engine does not answer";
	case KVMCAP_SIGNAL_GONE:
		return "the device has been unbound";
	default:
		return "the engine has not found a signal yet";
	}
}

/* 0 and a snapshot of a picture captured after the call; 1 there is none in time; -errno. */
static int wait_fresh(struct kvmcap_source *source, unsigned int timeout,
		      struct kvmcap_snapshot *snapshot)
{
	int64_t deadline = kvmcap_now_ms() + (int64_t)timeout * 1000;
	struct pollfd wait = { .fd = kvmcap_fd(source), .events = POLLIN | POLLPRI };
	struct kvmcap_stats stats;
	uint64_t begin;
	int err;

	err = kvmcap_stats(source, &stats);
	begin = stats.captures;
	while (!err) {
		err = kvmcap_stats(source, &stats);
		if (!err)
			err = kvmcap_snapshot(source, snapshot);
		if (err)
			break;
		if (stats.captures - begin >= CAPTURES_FRESH && snapshot->tile_count &&
		    snapshot->header.signal == KVMCAP_SIGNAL_OK)
			return 0;
		if (kvmcap_now_ms() >= deadline || snapshot->header.signal == KVMCAP_SIGNAL_GONE)
			return 1;
		err = kvmcap_ack(source, snapshot->header.committed, true);
		if (!err)
			poll(&wait, 1, POLL_MS);
	}
	return err;
}

static int write_all(int fd, const uint8_t *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Nothing is left behind where writing fails, unless it was not a file of ours. */
static int save(const char *path, const uint8_t *image, size_t size)
{
	bool standard = !strcmp(path, "-");
	struct stat st;
	int fd, err;

	fd = standard ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return complain(STATUS_FAILED, "%s: cannot write there: %s", path, strerror(errno));
	err = write_all(fd, image, size);
	if (err && !standard && !fstat(fd, &st) && S_ISREG(st.st_mode))
		unlink(path);
	if (!standard && close(fd) && !err)
		err = -errno;
	if (!err)
		return STATUS_OK;
	return complain(STATUS_FAILED, "%s: cannot write there: %s",
			standard ? "standard output" : path, strerror(-err));
}

static long make_image(const struct kvmcap_snapshot *snapshot, const uint32_t *pixels, bool png,
		       uint8_t **image)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;

	if (png)
		return image_png(pixels, mode->width, mode->height, image);
	return image_jpeg(pixels, mode->width, mode->height, QUALITY_MADE, image);
}

/* An image of the picture's pixels. */
static long decode_picture(struct kvmcap_source *source, const struct kvmcap_snapshot *snapshot,
			   bool png, uint8_t **image)
{
	const struct kvmcap_mode *mode = &snapshot->header.mode;
	const struct kvmcap_rectangle all = { .columns = mode->columns, .rows = mode->rows };
	struct kvmcap_decoder *decoder;
	uint32_t *pixels;
	long result;

	result = kvmcap_decoder_create(&decoder);
	if (result)
		return result;
	pixels = calloc((size_t)mode->width * mode->height, sizeof(*pixels));
	result = pixels ? kvmcap_decode(decoder, source, snapshot, &all, pixels, mode->width) :
			  -ENOMEM;
	if (!result)
		result = make_image(snapshot, pixels, png, image);
	free(pixels);
	kvmcap_decoder_destroy(decoder);
	return result;
}

/* Lossless where it can be: tiles that are JPEG go into a JPEG file as they are. */
static long take_picture(struct kvmcap_source *source, const struct kvmcap_snapshot *snapshot,
			 bool png, uint8_t **image)
{
	long size = png ? -EINVAL : kvmcap_jpeg_picture(source, snapshot, image);

	return size == -EINVAL ? decode_picture(source, snapshot, png, image) : size;
}

static bool is_png(const struct options *options, const char *path)
{
	size_t length = strlen(path), suffix = strlen(".png");

	return options->png || (length > suffix && !strcasecmp(path + length - suffix, ".png"));
}

static int copy_picture(struct kvmcap_source *source, struct kvmcap_snapshot *snapshot,
			bool png, const char *path)
{
	unsigned int tries;
	uint8_t *image = NULL;
	long size = 0;
	int status;

	for (tries = 0; tries < COPY_RETRIES; tries++) {
		size = take_picture(source, snapshot, png, &image);
		if (size != -EAGAIN)
			break;
		size = kvmcap_snapshot(source, snapshot);
		if (size)
			break;
		size = -EAGAIN;
	}
	if (size < 0)
		return complain(STATUS_FAILED, "cannot copy the picture: %s", strerror((int)-size));
	status = save(path, image, (size_t)size);
	free(image);
	return status;
}

int command_screenshot(const struct options *options, const char *argument)
{
	const char *path = options->device ? options->device : KVMCAP_DEVICE_DEFAULT;
	struct kvmcap_snapshot snapshot;
	struct kvmcap_source *source;
	int status, err;

	status = open_capture(options, &source);
	if (status)
		return status;
	err = wait_fresh(source, options->timeout, &snapshot);
	if (err > 0)
		status = complain(STATUS_NO_PICTURE, "%s: no picture in %u s: %s", path,
				  options->timeout, why_no_picture(&snapshot.header));
	else if (err)
		status = complain(error_status(err), "%s: cannot wait for a picture: %s", path,
				  strerror(-err));
	else
		status = copy_picture(source, &snapshot, is_png(options, argument), argument);
	kvmcap_close(source);
	return status;
}
