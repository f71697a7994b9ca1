// SPDX-License-Identifier: Apache-2.0
/*
 * mainline_aspeed VIDEO SCREEN [few]
 *
 * Is the model of the ASPEED video engine honest? Mainline's driver for it, which
 * knows nothing of the model, has to get the picture that was put in: every byte
 * of its JPEG images has to be that of the model's encoder, under the headers of
 * our own driver, and what libjpeg makes of them has to look like the picture. The
 * same in differential mode: mainline_ajpg.c.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <linux/kvmcap-sim.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <jpeglib.h>

#include "../unit/tap.h"
#include "mainline_aspeed.h"

/*
 * Frames that were under way when the picture changed, at most, and some; and
 * in differential mode as many until a full one comes.
 */
#define STALE_FRAMES_MAX	20

/* dB */
#define PSNR_MIN	20.0

#define QUALITIES	12
#define QUALITY		5

static const struct {
	unsigned int width;
	unsigned int height;
} modes[] = {
	{ 640, 480 }, { 720, 400 }, { 800, 600 }, { 1024, 768 }, { 1280, 1024 },
	{ 1366, 768 }, { 1600, 900 }, { 1680, 1050 }, { 1920, 1080 }, { 1920, 1200 },
};

static double psnr(const uint32_t *a, const uint32_t *b, size_t pixels)
{
	double sum = 0;
	size_t i;
	int shift;

	for (i = 0; i < pixels; i++) {
		for (shift = 0; shift < 24; shift += 8) {
			int difference = (int)(a[i] >> shift & 0xff) - (int)(b[i] >> shift & 0xff);

			sum += difference * difference;
		}
	}
	return sum ? 10 * log10(255.0 * 255.0 * 3 * (double)pixels / sum) : 99;
}

/* What libjpeg makes of an image; NULL if not what it should be. */
static uint32_t *decode(const struct video_frame *frame, unsigned int width,
			unsigned int height)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;	/* its default ends the program on an error */
	uint32_t *pixels = calloc((size_t)width * height, sizeof(*pixels));

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, frame->data, frame->length);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_EXT_BGRX;
	jpeg_start_decompress(&jpeg);
	if (!pixels || jpeg.output_width != width || jpeg.output_height != height) {
		jpeg_destroy_decompress(&jpeg);
		free(pixels);
		return NULL;
	}
	while (jpeg.output_scanline < height) {
		JSAMPROW row = (JSAMPROW)(pixels + (size_t)jpeg.output_scanline * width);

		jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_decompress(&jpeg);
	if (errors.num_warnings) {
		free(pixels);
		pixels = NULL;
	}
	jpeg_destroy_decompress(&jpeg);
	return pixels;
}

static bool is_image(const struct video_frame *frame, const uint8_t *image, size_t length)
{
	return !frame->failed && frame->length == length &&
	       !memcmp(frame->data, image, length);
}

static const char *check_pixels(const struct test *test, const struct video_frame *frame)
{
	const struct screen *s = &test->screen;
	uint32_t *pixels = decode(frame, s->width, s->height);
	double likeness;

	if (!pixels)
		return "libjpeg does not decode it";
	likeness = psnr(pixels, s->pixels, (size_t)s->width * s->height);
	free(pixels);
	if (likeness < PSNR_MIN) {
		tap_diag("%.1f dB", likeness);
		return "it does not look like the picture";
	}
	return NULL;
}

static void describe(const struct test *test, const struct video_frame *frame)
{
	size_t i, length = test->screen.jpeg_length;

	for (i = 0; i < length && i < frame->length; i++)
		if (frame->data[i] != test->screen.jpeg[i])
			break;
	tap_diag("%zu bytes, not %zu, other ones from %zu on%s", frame->length, length, i,
		 frame->failed ? ", failed" : "");
}

const char *take_frames(struct test *test, judge_fn *judge, const char *never)
{
	struct video_frame frame;
	const char *problem, *put;
	bool done = false;
	unsigned int i;

	for (i = 0; i < STALE_FRAMES_MAX; i++) {
		problem = video_get(&test->video, &frame);
		if (problem)
			return problem;
		problem = judge(test, &frame, &done);
		/* What has failed is not queued again: the driver has stopped. */
		put = frame.failed ? NULL : video_put(&test->video, &frame);
		if (problem || put || done)
			return problem ? problem : put;
	}
	return never;
}

/* The screen as it is. Before that, only whole pictures of the screen as it was. */
static const char *judge_image(struct test *test, const struct video_frame *frame, bool *done)
{
	*done = is_image(frame, test->screen.jpeg, test->screen.jpeg_length);
	if (*done)
		return check_pixels(test, frame);
	if (is_image(frame, test->old, test->old_length))
		return NULL;
	describe(test, frame);
	return "a frame is neither the picture nor the one before";
}

static const char *expect_picture(struct test *test)
{
	return take_frames(test, test->differential ? judge_changes : judge_image,
			   "the picture does not change");
}

/* The picture that is shown becomes the old one. */
static const char *show(struct test *test, unsigned int width, unsigned int height,
			enum frame_kind kind, uint64_t seed)
{
	const char *problem;

	free(test->old);
	test->old_length = test->screen.jpeg_length;
	test->old = malloc(test->old_length + 1);
	if (!test->old)
		return "no memory";
	memcpy(test->old, test->screen.jpeg, test->old_length);
	problem = screen_show(&test->screen, width, height, kind, seed);
	if (!problem && test->video.streaming && test->differential)
		problem = changes_shown(test);
	return problem;
}

/* Shows a picture in another mode, and follows. */
static const char *change_mode(struct test *test, unsigned int width, unsigned int height,
			       enum frame_kind kind)
{
	bool is_new = width != test->video.width || height != test->video.height;
	const char *problem = show(test, width, height, kind, width);

	if (!problem && is_new)
		problem = video_wait_for_change(&test->video);
	if (!problem)
		problem = video_adopt(&test->video);
	if (!problem && (test->video.width != width || test->video.height != height))
		problem = "the driver has detected another size";
	return problem;
}

static const char *stream(struct test *test, unsigned int quality, bool halved)
{
	const char *problem = video_set_format(&test->video, test->differential, quality, halved);

	if (!problem && test->differential)
		problem = changes_begin(test);
	return problem ? problem : video_start(&test->video);
}

static void report(struct test *test, const char *problem, const char *what)
{
	const char *stop = test->video.streaming ? video_stop(&test->video) : NULL;

	if (!problem)
		problem = stop;
	tap_ok(!problem, "%s, %ux%u, %s, quality %u: %s%s%s",
	       test->differential ? "AJPG" : "JPEG", test->screen.width,
	       test->screen.height, test->screen.halved ? "4:2:0" : "4:4:4",
	       test->screen.selector, what, problem ? ": " : "", problem ? problem : "");
}

/* A picture, and while it streams another one, and a part of that changed. */
static void test_pictures(struct test *test, unsigned int width, unsigned int height,
			  enum frame_kind kind, unsigned int quality, bool halved)
{
	static const enum frame_kind more[] = {
		[FRAME_DESKTOP] = FRAME_DESKTOP_MOVED,
		[FRAME_CONSOLE] = FRAME_CONSOLE_MORE,
		[FRAME_LINES] = FRAME_FLAT,
	};
	const char *problem;

	test->screen.selector = quality;
	test->screen.halved = halved;
	problem = change_mode(test, width, height, kind);
	if (!problem)
		problem = stream(test, quality, halved);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show(test, width, height, kind, width + 1);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show(test, width, height, more[kind], width + 1);
	if (!problem)
		problem = expect_picture(test);
	report(test, problem, frame_name(kind));
}

static void test_modes(struct test *test, size_t step)
{
	static const enum frame_kind kinds[] = { FRAME_DESKTOP, FRAME_CONSOLE, FRAME_LINES };
	size_t i;

	/* Of coloured lines 4:2:0 leaves too little to be told by eye. */
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i += step) {
		test_pictures(test, modes[i].width, modes[i].height, kinds[i % 2], QUALITY, true);
		test_pictures(test, modes[i].width, modes[i].height, kinds[(i + 1) % 3], QUALITY,
			      false);
	}
}

static void test_qualities(struct test *test, unsigned int step)
{
	unsigned int quality;

	for (quality = 0; quality < QUALITIES; quality += step) {
		test_pictures(test, 640, 480, FRAME_DESKTOP, quality, true);
		test_pictures(test, 1024, 768, FRAME_DESKTOP, quality, false);
	}
}

static const char *judge_cut_image(struct test *test, const struct video_frame *frame, bool *done)
{
	*done = true;
	if (test->screen.jpeg_length > test->video.size &&
	    is_image(frame, test->screen.jpeg, test->video.size))
		return NULL;
	return "it is not the beginning of the picture, as much as the buffer holds";
}

/* A frame that is larger than its buffer comes cut off. */
static void test_too_large(struct test *test)
{
	const char *problem;

	test->screen.selector = QUALITIES - 1;
	test->screen.halved = false;
	problem = change_mode(test, 1024, 768, FRAME_NOISE);
	if (!problem)
		problem = stream(test, QUALITIES - 1, false);
	if (!problem)
		problem = take_frames(test, test->differential ? judge_cut : judge_cut_image,
				      "nothing comes");
	report(test, problem, "what is too large is cut off");
}

static void test_idle(struct test *test, bool halved)
{
	const char *problem;

	test->screen.selector = QUALITY;
	test->screen.halved = halved;
	problem = change_mode(test, 800, 600, FRAME_DESKTOP);
	if (!problem)
		problem = stream(test, QUALITY, halved);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = expect_idleness(test);
	report(test, problem, "nothing happens");
}

/* All buffers come back as failed when the signal goes or changes. */
static const char *judge_failure(struct test *test, const struct video_frame *frame, bool *done)
{
	(void)test;
	*done = frame->failed;
	return NULL;
}

static const char *expect_failures(struct test *test)
{
	return take_frames(test, judge_failure, "frames come on as if nothing had happened");
}

static void test_change(struct test *test)
{
	const char *problem;

	test->screen.selector = QUALITY;
	test->screen.halved = true;
	problem = change_mode(test, 1280, 1024, FRAME_DESKTOP);
	if (!problem)
		problem = stream(test, QUALITY, true);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = show(test, 800, 600, FRAME_CONSOLE, 3);
	if (!problem)
		problem = expect_failures(test);
	if (!problem)
		problem = video_wait_for_change(&test->video);
	if (!problem)
		problem = video_stop(&test->video);
	if (!problem)
		problem = video_adopt(&test->video);
	if (!problem)
		problem = stream(test, QUALITY, true);
	if (!problem)
		problem = expect_picture(test);
	report(test, problem, "a mode change while it streams is followed");
}

static const char *set_signal(struct test *test, bool on)
{
	struct kvmcap_sim_mode mode = {
		.width = test->screen.width,
		.height = test->screen.height,
		.signal = on,
	};

	return ioctl(test->screen.fd, KVMCAP_SIM_IOC_SET_MODE, &mode) ?
	       "the simulated screen's signal cannot be switched" : NULL;
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

static const char *lose_signal(struct test *test)
{
	const char *problem = set_signal(test, false);

	if (!problem)
		problem = expect_failures(test);
	if (!problem)
		problem = expect_no_signal(test);
	if (video_stop(&test->video))
		problem = "streaming cannot be stopped without a signal";
	return problem;
}

/*
 * The driver fails what was queued once more when it finds the signal, and goes
 * on with what it had programmed before: the same mode is no new one.
 */
static const char *regain_signal(struct test *test)
{
	unsigned int width, height;
	const char *problem = stream(test, QUALITY, false);
	int errnum = 0;

	if (!problem)
		problem = set_signal(test, true);
	if (!problem)
		problem = expect_failures(test);
	if (!problem)
		problem = video_query(&test->video, &width, &height, &errnum);
	if (!problem && (errnum || width != test->video.width || height != test->video.height))
		problem = "the driver does not see the signal";
	if (video_stop(&test->video))
		problem = "streaming cannot be stopped after the signal's return";
	return problem;
}

static void test_loss(struct test *test, unsigned int width, unsigned int height)
{
	const char *problem;

	test->screen.selector = QUALITY;
	test->screen.halved = false;
	problem = change_mode(test, width, height, FRAME_DESKTOP);
	if (!problem)
		problem = stream(test, QUALITY, false);
	if (!problem)
		problem = expect_picture(test);
	if (!problem)
		problem = lose_signal(test);
	if (!problem)
		problem = regain_signal(test);
	if (!problem)
		problem = show(test, width, height, FRAME_CONSOLE, 4);
	if (!problem)
		problem = stream(test, QUALITY, false);
	if (!problem)
		problem = expect_picture(test);
	report(test, problem, "a loss of the signal and its return are followed");
}

static void test_common(struct test *test)
{
	test_too_large(test);
	test_change(test);
	test_loss(test, 1024, 768);
	test_loss(test, 640, 480);
}

int main(int argc, char **argv)
{
	struct test test = { 0 };
	bool few = argc == 4 && !strcmp(argv[3], "few");
	const char *problem;

	if (argc != 3 && !few) {
		fprintf(stderr, "usage: mainline_aspeed /dev/videoN /dev/kvmcap-simN [few]\n");
		return 2;
	}
	problem = screen_open(&test.screen, argv[2]);
	if (!problem)
		problem = video_open(&test.video, argv[1]);
	if (!tap_ok(!problem, "the driver has found the engine%s%s", problem ? ": " : "",
		    problem ? problem : ""))
		return tap_end();
	/* What it begins with does not tell of a change. */
	video_adopt(&test.video);

	test_modes(&test, few ? 3 : 1);
	if (!few)
		test_qualities(&test, 1);
	test_common(&test);

	test.differential = true;
	test_modes(&test, few ? 4 : 2);
	if (!few)
		test_qualities(&test, 3);
	test_idle(&test, true);
	test_idle(&test, false);
	test_common(&test);

	video_close(&test.video);
	screen_close(&test.screen);
	changes_free(&test);
	free(test.old);
	return tap_end();
}
