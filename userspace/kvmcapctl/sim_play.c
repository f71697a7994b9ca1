// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl sim play: PPM images from standard input onto the simulated screen.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "ppm.h"
#include "sim.h"

#define PIXELS_MAX	((size_t)KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX)
#define NSEC_PER_SEC	1000000000L
#define FPS_DEFAULT	25

/**
 * struct player - what is being played
 * @options: the command line
 * @fd: the simulated screen
 * @mode: its present mode
 * @in: where images come from
 * @start: where the first one begins in @in, -1 if @in cannot be wound back
 * @copy: where they are kept for --loop, if @in cannot be wound back; or NULL
 * @image: number of the present one, from 1, over all rounds
 * @due: when it is to be shown, CLOCK_MONOTONIC
 * @rgb: room for an image as it comes
 * @bgrx: ... and as the screen has it
 */
struct player {
	const struct options *options;
	int fd;
	struct kvmcap_sim_mode mode;
	FILE *in;
	off_t start;
	FILE *copy;
	unsigned long image;
	struct timespec due;
	uint8_t *rgb;
	uint8_t *bgrx;
};

static int input_error(const struct player *player, const char *what)
{
	return complain(STATUS_INPUT, "standard input: image %lu: %s", player->image, what);
}

static int ended_early(const struct player *player, const char *what)
{
	if (ferror(player->in))
		return complain(STATUS_FAILED, "standard input: %s", strerror(errno));
	return input_error(player, what);
}

/* Keeps @size bytes for the next round. */
static int keep(struct player *player, const void *data, size_t size)
{
	if (!player->copy || fwrite(data, 1, size, player->copy) == size)
		return STATUS_OK;
	return complain(STATUS_FAILED, "cannot keep the images for --loop in a temporary file: %s",
			strerror(errno));
}

/* STATUS_OK with @header filled in, or with no bytes in it at the end of the input. */
static int read_header(struct player *player, struct ppm_header *header)
{
	enum ppm_result result;
	int byte, status;
	uint8_t b;

	memset(header, 0, sizeof(*header));
	do {
		byte = getc(player->in);
		if (byte == EOF && !header->length && !ferror(player->in))
			return STATUS_OK;
		if (byte == EOF)
			return ended_early(player, "it ends within its header");
		b = (uint8_t)byte;
		status = keep(player, &b, 1);
		if (status)
			return status;
		result = ppm_header_push(header, b);
	} while (result == PPM_MORE);
	if (result != PPM_DONE)
		return input_error(player, ppm_explain(result));
	if (sim_size_possible(header->value[0], header->value[1]))
		return STATUS_OK;
	return complain(STATUS_INPUT, "standard input: image %lu: it has %ux%u pixels, the screen takes %ux%u to %ux%u",
			player->image, header->value[0], header->value[1], SIM_SIDE_MIN,
			SIM_SIDE_MIN, KVMCAP_SIM_WIDTH_MAX, KVMCAP_SIM_HEIGHT_MAX);
}

static int read_pixels(struct player *player, size_t pixels)
{
	if (fread(player->rgb, 3, pixels, player->in) != pixels)
		return ended_early(player, "it ends before its last pixel");
	return keep(player, player->rgb, pixels * 3);
}

static void wait_until_due(struct player *player)
{
	unsigned int fps = player->options->fps ? player->options->fps : FPS_DEFAULT;
	long step = NSEC_PER_SEC / (long)fps;
	struct timespec now;

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &player->due, NULL) == EINTR)
		;
	/* What came late puts off what follows: none of it is to be rushed. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec > player->due.tv_sec + 1)
		player->due = now;
	player->due.tv_nsec += step;
	if (player->due.tv_nsec >= NSEC_PER_SEC) {
		player->due.tv_nsec -= NSEC_PER_SEC;
		player->due.tv_sec++;
	}
}

/* One write, so that a capture sees all of the image or nothing of it. */
static int show(struct player *player, uint32_t width, uint32_t height)
{
	size_t size = (size_t)width * height * 4;
	ssize_t written;
	int status;

	ppm_to_bgrx(player->bgrx, player->rgb, (size_t)width * height);
	wait_until_due(player);
	if (width != player->mode.width || height != player->mode.height) {
		player->mode.width = width;
		player->mode.height = height;
		status = sim_set_mode(player->options, player->fd, &player->mode);
		if (status)
			return status;
	}
	written = pwrite(player->fd, player->bgrx, size, 0);
	if (written == (ssize_t)size)
		return STATUS_OK;
	return complain(STATUS_FAILED, "cannot write image %lu to the screen: %s", player->image,
			written < 0 ? strerror(errno) : "it took only a part");
}

/* All images of @in, once. */
static int play_round(struct player *player)
{
	struct ppm_header header;
	int status;

	for (;;) {
		player->image++;
		status = read_header(player, &header);
		if (status || !header.length)
			break;
		status = read_pixels(player, (size_t)header.value[0] * header.value[1]);
		if (!status)
			status = show(player, header.value[0], header.value[1]);
		if (status)
			break;
	}
	player->image--;
	return status;
}

static int play(struct player *player)
{
	int status;

	player->start = ftello(player->in);
	if (player->options->loop && player->start < 0) {
		player->copy = tmpfile();
		if (!player->copy)
			return complain(STATUS_FAILED, "cannot make a temporary file for --loop: %s",
					strerror(errno));
	}
	status = play_round(player);
	if (!status && !player->image)
		return complain(STATUS_INPUT, "standard input: there is no image in it");
	if (player->copy) {
		player->in = player->copy;
		player->copy = NULL;
		player->start = 0;
	}
	while (!status && player->options->loop) {
		if (fseeko(player->in, player->start, SEEK_SET))
			return complain(STATUS_FAILED, "cannot begin again: %s", strerror(errno));
		status = play_round(player);
	}
	return status;
}

int command_sim_play(const struct options *options, const char *argument)
{
	struct player player = { .options = options, .in = stdin };
	int status;

	(void)argument;
	status = open_sim(options, &player.fd, &player.mode);
	if (status)
		return status;
	clock_gettime(CLOCK_MONOTONIC, &player.due);
	player.rgb = malloc(PIXELS_MAX * 3);
	player.bgrx = malloc(PIXELS_MAX * 4);
	if (player.rgb && player.bgrx)
		status = play(&player);
	else
		status = complain(STATUS_FAILED, "no memory for an image");
	free(player.rgb);
	free(player.bgrx);
	if (player.in != stdin)
		fclose(player.in);
	if (player.copy)
		fclose(player.copy);
	close(player.fd);
	return status;
}
