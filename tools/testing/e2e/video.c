// SPDX-License-Identifier: Apache-2.0
/*
 * A V4L2 capture device with digital timings.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "video.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* ASPEED's differential format; C libraries' headers may be older. */
#ifndef V4L2_PIX_FMT_AJPG
#define V4L2_PIX_FMT_AJPG	v4l2_fourcc('A', 'J', 'P', 'G')
#endif

#define WAIT_MS		10000	/* for an event or a frame */
#define EVENTS_MAX	16	/* that can be waiting */
#define DETECT_POLL_MS	10
#define DETECT_POLLS	1000	/* for the end of a detection */

const char *video_open(struct video *video, const char *path)
{
	struct v4l2_event_subscription changes = { .type = V4L2_EVENT_SOURCE_CHANGE };

	memset(video, 0, sizeof(*video));
	video->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (video->fd < 0)
		return "cannot open the video device";
	if (ioctl(video->fd, VIDIOC_SUBSCRIBE_EVENT, &changes))
		return "no events to subscribe to";
	return NULL;
}

void video_close(struct video *video)
{
	if (video->streaming)
		video_stop(video);
	close(video->fd);
}

static const char *wait_for(struct video *video, short events, const char *problem)
{
	struct pollfd pollfd = { .fd = video->fd, .events = events };
	int ready = poll(&pollfd, 1, WAIT_MS);

	return ready == 1 && (pollfd.revents & events) ? NULL : problem;
}

void video_drain_events(struct video *video)
{
	struct v4l2_event event;
	unsigned int i;

	for (i = 0; i < EVENTS_MAX && !ioctl(video->fd, VIDIOC_DQEVENT, &event); i++)
		;
}

const char *video_wait_for_change(struct video *video)
{
	struct v4l2_event event;
	const char *problem = wait_for(video, POLLPRI, "no event of new timings came");

	if (problem)
		return problem;
	if (ioctl(video->fd, VIDIOC_DQEVENT, &event) || event.type != V4L2_EVENT_SOURCE_CHANGE)
		return "an event came that is none of new timings";
	return NULL;
}

static int query(struct video *video, struct v4l2_dv_timings *timings)
{
	const struct timespec pause = { .tv_nsec = DETECT_POLL_MS * 1000000L };
	unsigned int i;

	for (i = 0; i < DETECT_POLLS; i++) {
		if (!ioctl(video->fd, VIDIOC_QUERY_DV_TIMINGS, timings))
			return 0;
		if (errno != EAGAIN)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return -EAGAIN;
}

const char *video_query(struct video *video, unsigned int *width, unsigned int *height,
			int *errnum)
{
	struct v4l2_dv_timings timings = { 0 };

	*errnum = -query(video, &timings);
	*width = timings.bt.width;
	*height = timings.bt.height;
	return *errnum == EAGAIN ? "the detection of timings does not end" : NULL;
}

const char *video_adopt(struct video *video)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_dv_timings timings = { 0 };

	if (query(video, &timings))
		return "there is no signal";
	if (ioctl(video->fd, VIDIOC_S_DV_TIMINGS, &timings))
		return "the timings that were detected cannot be set";
	if (ioctl(video->fd, VIDIOC_G_FMT, &format))
		return "there is no format";
	video->width = format.fmt.pix.width;
	video->height = format.fmt.pix.height;
	video->size = format.fmt.pix.sizeimage;
	return NULL;
}

static int set_control(struct video *video, unsigned int id, int value)
{
	struct v4l2_control control = { .id = id, .value = value };

	return ioctl(video->fd, VIDIOC_S_CTRL, &control);
}

static const char *set_pixel_format(struct video *video, unsigned int pixelformat)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	if (ioctl(video->fd, VIDIOC_G_FMT, &format))
		return "there is no format";
	format.fmt.pix.pixelformat = pixelformat;
	if (ioctl(video->fd, VIDIOC_S_FMT, &format) ||
	    format.fmt.pix.pixelformat != pixelformat)
		return "the format cannot be set";
	return NULL;
}

const char *video_set_format(struct video *video, bool differential, unsigned int quality,
			     bool halved)
{
	const char *problem = set_pixel_format(video, differential ? V4L2_PIX_FMT_AJPG :
								     V4L2_PIX_FMT_JPEG);

	if (problem)
		return problem;
	if (set_control(video, V4L2_CID_JPEG_COMPRESSION_QUALITY, (int)quality))
		return "the quality cannot be set";
	if (set_control(video, V4L2_CID_JPEG_CHROMA_SUBSAMPLING,
			halved ? V4L2_JPEG_CHROMA_SUBSAMPLING_420 :
				 V4L2_JPEG_CHROMA_SUBSAMPLING_444))
		return "the subsampling cannot be set";
	return NULL;
}

static const char *queue(struct video *video, unsigned int index)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
		.index = index,
	};

	return ioctl(video->fd, VIDIOC_QBUF, &buffer) ? "a buffer cannot be queued" : NULL;
}

static const char *map(struct video *video, unsigned int index)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
		.index = index,
	};
	void *memory;

	if (ioctl(video->fd, VIDIOC_QUERYBUF, &buffer))
		return "a buffer is not there";
	memory = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, video->fd, buffer.m.offset);
	if (memory == MAP_FAILED)
		return "a buffer cannot be mapped";
	video->buffers[index] = memory;
	video->lengths[index] = buffer.length;
	return NULL;
}

static const char *request(struct video *video, unsigned int count)
{
	struct v4l2_requestbuffers request = {
		.count = count,
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};

	if (ioctl(video->fd, VIDIOC_REQBUFS, &request) || request.count != count)
		return "buffers cannot be had";
	return NULL;
}

const char *video_start(struct video *video)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	const char *problem = request(video, VIDEO_BUFFERS);
	unsigned int i;

	for (i = 0; !problem && i < VIDEO_BUFFERS; i++) {
		problem = map(video, i);
		if (!problem)
			problem = queue(video, i);
	}
	if (problem)
		return problem;
	video->streaming = true;
	return ioctl(video->fd, VIDIOC_STREAMON, &type) ? "streaming cannot be started" : NULL;
}

const char *video_stop(struct video *video)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	unsigned int i;
	int err = ioctl(video->fd, VIDIOC_STREAMOFF, &type);

	video->streaming = false;
	for (i = 0; i < VIDEO_BUFFERS; i++) {
		if (video->buffers[i])
			munmap(video->buffers[i], video->lengths[i]);
		video->buffers[i] = NULL;
	}
	if (err)
		return "streaming cannot be stopped";
	return request(video, 0);
}

const char *video_get(struct video *video, struct video_frame *frame)
{
	struct v4l2_buffer buffer = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	const char *problem = wait_for(video, POLLIN, "no frame came");

	if (problem)
		return problem;
	if (ioctl(video->fd, VIDIOC_DQBUF, &buffer))
		return "no frame can be had";
	if (buffer.index >= VIDEO_BUFFERS || buffer.bytesused > video->lengths[buffer.index])
		return "a frame is larger than its buffer";
	frame->index = buffer.index;
	frame->sequence = buffer.sequence;
	frame->failed = buffer.flags & V4L2_BUF_FLAG_ERROR;
	frame->data = video->buffers[buffer.index];
	frame->length = buffer.bytesused;
	return NULL;
}

const char *video_put(struct video *video, const struct video_frame *frame)
{
	return queue(video, frame->index);
}
