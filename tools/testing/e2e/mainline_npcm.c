// SPDX-License-Identifier: Apache-2.0
/*
 * mainline_npcm VIDEO SCREEN FAULTS rgb565|hextile [few]
 *
 * Are the models of Nuvoton's video engines honest? Mainline's driver for them,
 * which knows nothing of the models, has to get the picture that was put in, pixel
 * by pixel in RGB565: as it is, or as Hextile, whole or what has changed.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvmcap-sim.h>
#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "frames.h"
#include "hextile.h"
#include "video.h"

/* As in linux/npcm-video.h, videodev2.h and v4l2-controls.h of 6.12. */
#ifndef V4L2_PIX_FMT_HEXTILE
#define V4L2_PIX_FMT_HEXTILE	v4l2_fourcc('H', 'X', 'T', 'L')
#endif
#define NPCM_CID_CAPTURE_MODE	(V4L2_CID_USER_BASE + 0x11b0)
#define NPCM_CID_RECT_COUNT	(NPCM_CID_CAPTURE_MODE + 1)
#define NPCM_MODE_COMPLETE	0
#define NPCM_MODE_DIFF		1

/* Frames that were under way when the picture changed, at most, and some. */
#define STALE_FRAMES_MAX	8

/* NPCM_FAULT_SILENT, for /sys/kernel/debug/kvmcap-simN/faults. */
#define NEVER_DONE		"1"

#define PIXELS_MAX		((size_t)KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX)

/* RFB: the header of a rectangle, and the number of its encoding. */
#define HEADER_LENGTH		12
#define ENCODING_HEXTILE	5

#define BLOCK			16

/**
 * struct test - what all tests share
 * @video: mainline's device
 * @screen: /dev/kvmcap-simN
 * @faults: /sys/kernel/debug/kvmcap-simN/faults
 * @hextile: its format, otherwise RGB565
 * @width: of the picture on the screen
 * @height: likewise
 * @pixels: that picture, X8 R8 G8 B8
 * @now: the same as RGB565
 * @before: what was shown before it
 * @seen: what has come from the driver
 * @rectangles: of the last frame
 * @area: pixels of them
 * @counts: of all frames
 */
struct test {
	struct video video;
	int screen;
	int faults;
	bool hextile;
	unsigned int width;
	unsigned int height;
	uint32_t *pixels;
	uint16_t *now;
	uint16_t *before;
	uint16_t *seen;
	unsigned int rectangles;
	size_t area;
	struct hextile_counts counts;
};

/* All pitches that there are; sides that are multiples of a block, and not. */
static const struct {
	unsigned int width;
	unsigned int height;
} modes[] = {
	{ 256, 144 }, { 400, 300 }, { 640, 480 }, { 720, 400 }, { 800, 600 },
	{ 1024, 768 }, { 1280, 1024 }, { 1366, 768 }, { 1600, 900 }, { 1680, 1050 },
	{ 1920, 1080 }, { 1920, 1200 },
};

static size_t pixel_count(const struct test *test)
{
	return (size_t)test->width * test->height;
}

static uint16_t rgb565(uint32_t pixel)
{
	uint32_t red = pixel >> 16 & 0xff, green = pixel >> 8 & 0xff, blue = pixel & 0xff;

	return (uint16_t)((red >> 3) << 11 | (green >> 2) << 5 | blue >> 3);
}

static const char *set_mode(struct test *test, unsigned int width, unsigned int height,
			    bool on)
{
	struct kvmcap_sim_mode mode = { .width = width, .height = height, .signal = on };

	if (ioctl(test->screen, KVMCAP_SIM_IOC_SET_MODE, &mode))
		return "the simulated screen's mode cannot be set";
	if (width == test->width && height == test->height)
		return NULL;
	test->width = width;
	test->height = height;
	memset(test->now, 0, PIXELS_MAX * sizeof(*test->now));
	return NULL;
}

/* In one write, so that every frame shows all of it or nothing. */
static const char *put_pixels(struct test *test)
{
	size_t i, size = pixel_count(test) * sizeof(*test->pixels);

	memcpy(test->before, test->now, pixel_count(test) * sizeof(*test->now));
	for (i = 0; i < pixel_count(test); i++)
		test->now[i] = rgb565(test->pixels[i]);
	return pwrite(test->screen, test->pixels, size, 0) == (ssize_t)size ?
	       NULL : "the simulated screen does not take the picture in one write";
}

static const char *show(struct test *test, enum frame_kind kind, uint64_t seed)
{
	frame_paint(test->pixels, test->width, test->height, kind, seed);
	return put_pixels(test);
}

static const char *change_mode(struct test *test, unsigned int width, unsigned int height)
{
	const char *problem = set_mode(test, width, height, true);

	if (!problem)
		problem = video_adopt(&test->video);
	if (!problem && (test->video.width != width || test->video.height != height))
		problem = "the driver has detected another size";
	return problem;
}

static const char *set_control(struct test *test, int value)
{
	struct v4l2_control control = { .id = NPCM_CID_CAPTURE_MODE, .value = value };

	return ioctl(test->video.fd, VIDIOC_S_CTRL, &control) ?
	       "the capture mode cannot be set" : NULL;
}

static const char *set_format(struct test *test)
{
	struct v4l2_format format = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.fmt.pix.pixelformat = test->hextile ? V4L2_PIX_FMT_HEXTILE : V4L2_PIX_FMT_RGB565,
	};
	uint32_t wanted = format.fmt.pix.pixelformat;

	if (ioctl(test->video.fd, VIDIOC_S_FMT, &format) ||
	    format.fmt.pix.pixelformat != wanted)
		return "the format cannot be set";
	return NULL;
}

static const char *stream(struct test *test)
{
	const char *problem = set_format(test);

	if (!problem)
		problem = set_control(test, NPCM_MODE_COMPLETE);
	memset(test->seen, 0x5a, PIXELS_MAX * sizeof(*test->seen));
	return problem ? problem : video_start(&test->video);
}

static unsigned int get16(const uint8_t *bytes)
{
	return (unsigned int)bytes[0] << 8 | bytes[1];
}

static const char *decode_rectangle(struct test *test, const struct video_frame *frame,
				    size_t *at)
{
	const uint8_t *header = frame->data + *at;
	unsigned int x, y, width, height;
	const char *problem;
	size_t length;

	if (frame->length - *at < HEADER_LENGTH)
		return "a frame ends within a rectangle's header";
	x = get16(header);
	y = get16(header + 2);
	width = get16(header + 4);
	height = get16(header + 6);
	if (get16(header + 8) || get16(header + 10) != ENCODING_HEXTILE)
		return "a rectangle is not Hextile";
	if (!width || !height || x + width > test->width || y + height > test->height)
		return "a rectangle is not within the picture";
	length = frame->length - *at - HEADER_LENGTH;
	problem = hextile_decode(header + HEADER_LENGTH, &length,
				 test->seen + (size_t)y * test->width + x, test->width,
				 width, height, &test->counts);
	*at += HEADER_LENGTH + length;
	test->area += (size_t)width * height;
	return problem;
}

static const char *decode_hextile(struct test *test, const struct video_frame *frame)
{
	struct v4l2_control count = { .id = NPCM_CID_RECT_COUNT };
	const char *problem = NULL;
	size_t at = 0;
	int i;

	if (ioctl(test->video.fd, VIDIOC_G_CTRL, &count))
		return "the number of rectangles cannot be had";
	test->rectangles = (unsigned int)count.value;
	test->area = 0;
	for (i = 0; !problem && i < count.value; i++)
		problem = decode_rectangle(test, frame, &at);
	if (!problem && at != frame->length)
		problem = "a frame goes on behind its last rectangle";
	return problem;
}

static const char *decode_rgb565(struct test *test, const struct video_frame *frame)
{
	size_t i;

	if (frame->length != 2 * pixel_count(test))
		return "a frame is not as long as its pixels are";
	for (i = 0; i < pixel_count(test); i++)
		test->seen[i] = (uint16_t)(frame->data[2 * i] | frame->data[2 * i + 1] << 8);
	return NULL;
}

static bool is_seen(const struct test *test, const uint16_t *pixels)
{
	return !memcmp(test->seen, pixels, pixel_count(test) * sizeof(*pixels));
}

static const char *take_frame(struct test *test)
{
	struct video_frame frame;
	const char *problem = video_get(&test->video, &frame), *put;

	if (problem)
		return problem;
	if (frame.failed)
		problem = "a frame has failed";
	else if (test->hextile)
		problem = decode_hextile(test, &frame);
	else
		problem = decode_rgb565(test, &frame);
	put = video_put(&test->video, &frame);
	return problem ? problem : put;
}

static void describe(const struct test *test)
{
	size_t i, other = 0, first = 0;

	for (i = 0; i < pixel_count(test); i++)
		if (test->seen[i] != test->now[i] && !other++)
			first = i;
	tap_diag("%zu other pixels, the first one at %zu,%zu is %04x, not %04x", other,
		 first % test->width, first / test->width, test->seen[first], test->now[first]);
}

/*
 * Takes frames until they show the screen as it is. Before that, only whole
 * pictures of the screen as it was.
 */
static const char *expect_picture(struct test *test)
{
	const char *problem;
	unsigned int i;

	for (i = 0; i < STALE_FRAMES_MAX; i++) {
		problem = take_frame(test);
		if (problem)
			return problem;
		if (is_seen(test, test->now))
			return NULL;
		if (!is_seen(test, test->before))
			break;
	}
	if (i == STALE_FRAMES_MAX)
		return "the picture does not change";
	describe(test);
	return "a frame is neither the picture nor the one before";
}

/* All buffers, so that the driver rests; the last one is *@frame. */
static const char *take_all(struct test *test, struct video_frame *frame)
{
	const char *problem = NULL;
	unsigned int i;

	for (i = 0; !problem && i < VIDEO_BUFFERS; i++)
		problem = video_get(&test->video, frame);
	return problem;
}

static const char *stop(struct test *test)
{
	struct video_frame frame;
	const char *problem = take_all(test, &frame), *stopped;

	stopped = video_stop(&test->video);
	return problem ? problem : stopped;
}

static void report(struct test *test, const char *problem, const char *what)
{
	const char *stopped = test->video.streaming ? stop(test) : NULL;

	if (!problem)
		problem = stopped;
	tap_ok(!problem, "%ux%u: %s%s%s", test->width, test->height, what,
	       problem ? ": " : "", problem ? problem : "");
}

/* A picture, and other ones while it streams. */
static void test_pictures(struct test *test, unsigned int width, unsigned int height,
			  enum frame_kind kind, enum frame_kind next)
{
	const char *problem = change_mode(test, width, height);

	if (!problem)
		problem = show(test, kind, width);
	if (!problem)
		problem = stream(test);
	if (!problem)
		problem = expect_picture(test);
	if (!problem && test->hextile && test->rectangles != 1)
		problem = "it is not one rectangle";
	if (!problem)
		problem = show(test, next, width);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show(test, kind, width + 1);
	if (!problem)
		problem = expect_picture(test);
	report(test, problem, frame_name(kind));
}

static void test_modes(struct test *test, size_t step)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i += step) {
		test_pictures(test, modes[i].width, modes[i].height, FRAME_DESKTOP,
			      FRAME_DESKTOP_MOVED);
		test_pictures(test, modes[i].width, modes[i].height,
			      i % 2 ? FRAME_CONSOLE : FRAME_LINES, FRAME_EDGES);
	}
}

/* Takes frames in which nothing changes until one says so. */
static const char *expect_nothing(struct test *test)
{
	const char *problem = NULL;
	unsigned int i;

	for (i = 0; !problem && i < STALE_FRAMES_MAX; i++) {
		problem = take_frame(test);
		if (!problem && !is_seen(test, test->now))
			problem = "a frame is not the picture";
		if (!problem && !test->rectangles)
			return NULL;
	}
	return problem ? problem : "something changes all the time";
}

static void invert(struct test *test, unsigned int x, unsigned int y)
{
	test->pixels[(size_t)y * test->width + x] ^= 0xffffff;
}

/* One pixel in each corner, and one in the middle: as many rectangles. */
static const char *change_pixels(struct test *test)
{
	unsigned int right = test->width - 1, bottom = test->height - 1;

	invert(test, 0, 0);
	invert(test, right, 0);
	invert(test, test->width / 2, test->height / 2);
	invert(test, 0, bottom);
	invert(test, right, bottom);
	return put_pixels(test);
}

static const char *expect_few_changes(struct test *test)
{
	const char *problem = change_pixels(test);

	if (!problem)
		problem = expect_picture(test);
	if (!problem && test->rectangles != 5)
		problem = "five pixels are not five rectangles";
	if (!problem && test->area > (size_t)5 * BLOCK * BLOCK)
		problem = "five pixels are more than five blocks";
	if (problem)
		tap_diag("%u rectangles, %zu pixels", test->rectangles, test->area);
	return problem;
}

/* What has changed only; the whole of it comes first. */
static void test_changes(struct test *test, unsigned int width, unsigned int height)
{
	const char *problem = change_mode(test, width, height);

	if (!problem)
		problem = show(test, FRAME_DESKTOP, 1);
	if (!problem)
		problem = stream(test);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = set_control(test, NPCM_MODE_DIFF);
	if (!problem)
		problem = expect_nothing(test);
	if (!problem)
		problem = expect_few_changes(test);
	if (!problem)
		problem = show(test, FRAME_DESKTOP_MOVED, 1);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show(test, FRAME_CONSOLE, 1);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show(test, FRAME_CONSOLE_MORE, 1);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = expect_nothing(test);
	report(test, problem, "only what has changed");
}

static const char *set_faults(struct test *test, const char *bits)
{
	ssize_t length = (ssize_t)strlen(bits);

	return write(test->faults, bits, (size_t)length) == length ?
	       NULL : "the model's faults cannot be set";
}

/*
 * The driver misses what changes between two of its captures: it takes the new
 * timing for the old one then. And it leaks a little for each frame that nobody
 * has taken when it stops. So the change comes in the midst of its only capture.
 */
static const char *expect_change(struct test *test, unsigned int width, unsigned int height,
				 bool on)
{
	struct video_frame frame;
	const char *problem = take_all(test, &frame);

	video_drain_events(&test->video);
	if (!problem)
		problem = set_faults(test, NEVER_DONE);
	if (!problem)
		problem = video_put(&test->video, &frame);
	if (!problem)
		problem = set_mode(test, width, height, on);
	if (!problem)
		problem = video_wait_for_change(&test->video);
	if (!problem)
		problem = set_faults(test, "0");
	return problem;
}

static void test_mode_change(struct test *test)
{
	const char *problem = change_mode(test, 1280, 1024);

	if (!problem)
		problem = show(test, FRAME_DESKTOP, 2);
	if (!problem)
		problem = stream(test);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = expect_change(test, 800, 600, true);
	if (!problem)
		problem = video_stop(&test->video);
	if (!problem)
		problem = change_mode(test, 800, 600);
	if (!problem)
		problem = show(test, FRAME_CONSOLE, 3);
	if (!problem)
		problem = stream(test);
	if (!problem)
		problem = expect_picture(test);
	report(test, problem, "a mode change while it streams is followed");
}

static const char *expect_no_signal(struct test *test)
{
	unsigned int width, height;
	const char *problem;
	int errnum;

	problem = video_query(&test->video, &width, &height, &errnum);
	if (problem)
		return problem;
	return errnum == ENOLINK ? NULL : "the driver believes that there is a signal";
}

static void test_loss(struct test *test)
{
	const char *problem = change_mode(test, 1024, 768);

	if (!problem)
		problem = show(test, FRAME_DESKTOP, 4);
	if (!problem)
		problem = stream(test);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = expect_change(test, 1024, 768, false);
	if (!problem)
		problem = video_stop(&test->video);
	if (!problem)
		problem = expect_no_signal(test);
	if (!problem)
		problem = change_mode(test, 1024, 768);
	if (!problem)
		problem = show(test, FRAME_LINES, 5);
	if (!problem)
		problem = stream(test);
	if (!problem)
		problem = expect_picture(test);
	report(test, problem, "a loss of the signal and its return are followed");
}

/* A test of Hextile that has not seen all of it is none. */
static void test_counts(const struct test *test)
{
	const struct hextile_counts *c = &test->counts;

	tap_diag("%u raw, %u of one colour, %u of two, %u of more, %u with inherited ones",
		 c->raw, c->flat, c->two, c->many, c->inherited);
	tap_ok(c->raw && c->flat && c->two && c->many && c->inherited,
	       "all kinds of Hextile's subrectangles have come");
}

static const char *open_all(struct test *test, char **argv)
{
	test->hextile = !strcmp(argv[4], "hextile");
	test->pixels = calloc(PIXELS_MAX, sizeof(*test->pixels));
	test->now = calloc(PIXELS_MAX, sizeof(*test->now));
	test->before = calloc(PIXELS_MAX, sizeof(*test->before));
	test->seen = calloc(PIXELS_MAX, sizeof(*test->seen));
	if (!test->pixels || !test->now || !test->before || !test->seen)
		return "no memory";
	test->screen = open(argv[2], O_RDWR | O_CLOEXEC);
	test->faults = open(argv[3], O_WRONLY | O_CLOEXEC);
	if (test->screen < 0 || test->faults < 0)
		return "the simulated screen cannot be opened";
	return video_open(&test->video, argv[1]);
}

int main(int argc, char **argv)
{
	bool few = argc == 6 && !strcmp(argv[5], "few");
	struct test test = { .screen = -1, .faults = -1 };
	const char *problem;

	if (argc != 5 && !few) {
		fprintf(stderr, "usage: mainline_npcm /dev/videoN /dev/kvmcap-simN .../kvmcap-simN/faults rgb565|hextile [few]\n");
		return 2;
	}
	problem = open_all(&test, argv);
	if (tap_ok(!problem, "the driver has found the engine%s%s", problem ? ": " : "",
		   problem ? problem : "")) {
		test_modes(&test, few ? 4 : 1);
		if (test.hextile) {
			test_changes(&test, 1024, 768);
			test_changes(&test, 1366, 768);
			test_changes(&test, 1680, 1050);
			test_counts(&test);
		}
		test_mode_change(&test);
		test_loss(&test);
		video_close(&test.video);
		close(test.screen);
		close(test.faults);
	}
	free(test.pixels);
	free(test.now);
	free(test.before);
	free(test.seen);
	return tap_end();
}
