/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A V4L2 capture device with digital timings, as mainline's aspeed-video and npcm-video are.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_VIDEO_H
#define E2E_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIDEO_BUFFERS	4

/**
 * struct video - the device
 * @fd: it
 * @width: of the timings that it was set to
 * @height: likewise
 * @streaming: frames come
 * @size: bytes that a frame can have, from the last VIDIOC_G_FMT
 * @buffers: the mapped buffers; NULL when there are none
 * @lengths: of them
 */
struct video {
	int fd;
	unsigned int width;
	unsigned int height;
	bool streaming;
	size_t size;
	uint8_t *buffers[VIDEO_BUFFERS];
	size_t lengths[VIDEO_BUFFERS];
};

/**
 * struct video_frame - a frame; valid until it is given back
 * @index: of its buffer
 * @sequence: frames before it, since the start
 * @failed: the driver says so
 * @data: the image
 * @length: bytes of it
 */
struct video_frame {
	unsigned int index;
	unsigned int sequence;
	bool failed;
	const uint8_t *data;
	size_t length;
};

/* All of these return NULL, or what went wrong. Waits are bounded. */
const char *video_open(struct video *video, const char *path);
void video_close(struct video *video);

/* Forgets what the driver has told of new timings. */
void video_drain_events(struct video *video);

/* Waits for the driver to tell of new timings. */
const char *video_wait_for_change(struct video *video);

/* Waits until no detection goes on; sets *@errnum to what it came to. */
const char *video_query(struct video *video, unsigned int *width, unsigned int *height,
			int *errnum);

/* Sets the timings to what was detected. */
const char *video_adopt(struct video *video);

/* JPEG or ASPEED's AJPG, quality 0..11, and 4:2:0 or 4:4:4. */
const char *video_set_format(struct video *video, bool differential, unsigned int quality,
			     bool halved);

const char *video_start(struct video *video);
const char *video_stop(struct video *video);
const char *video_get(struct video *video, struct video_frame *frame);
const char *video_put(struct video *video, const struct video_frame *frame);

#endif
