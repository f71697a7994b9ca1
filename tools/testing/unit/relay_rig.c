// SPDX-License-Identifier: Apache-2.0
/*
 * A relay in the test's own process and thread: the relay's side.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <turbojpeg.h>
#include <unistd.h>

#include "relay_rig.h"
#include "source_memory.h"
#include "tile_codecs.h"

#define QUALITY		80
#define FRAME_BYTES	(8U << 20)
#define SETTLE_ROUNDS	20

/* The functions that open devices know nothing but a path. */
static struct rig *the_rig;

static int open_capture(struct kvmcap_source **capture, const char *path)
{
	(void)path;
	if (the_rig->device_missing)
		return -ENOENT;
	return kvmcap_open_memory(capture, the_rig->mapping.memory, the_rig->mapping.size,
				  the_rig->event);
}

/* Free the slots of descriptors that the relay has closed. */
static void reap_hids(void)
{
	for (unsigned int i = 0; i < RIG_HIDS; i++) {
		struct pollfd far = { .fd = the_rig->hids[i] };

		if (far.fd < 0 || poll(&far, 1, 0) < 0 || !(far.revents & POLLHUP))
			continue;
		close(the_rig->hids[i]);
		the_rig->hids[i] = -1;
	}
}

static bool has_slot(void)
{
	for (unsigned int i = 0; i < RIG_HIDS; i++)
		if (the_rig->hids[i] < 0)
			return true;
	return false;
}

static int open_hid(const char *path)
{
	int ends[2];

	(void)path;
	if (the_rig->hid_missing)
		return -ENOENT;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends))
		return -errno;
	if (!has_slot())
		reap_hids();
	for (unsigned int i = 0; i < RIG_HIDS; i++) {
		if (the_rig->hids[i] < 0) {
			the_rig->hids[i] = ends[1];
			return ends[0];
		}
	}
	abort();
}

void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->codec = KVMCAP_CODEC_JPEG;
	the_rig = rig;
	signal(SIGPIPE, SIG_IGN);
	mapping_init(&rig->mapping, FRAME_BYTES);
	rig->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	for (unsigned int i = 0; i < RIG_HIDS; i++)
		rig->hids[i] = -1;
	if (server_init(&rig->server, "the capture device", "the HID device"))
		abort();
	rig->server.source.open = open_capture;
	rig->server.port.open = open_hid;
}

void rig_free(struct rig *rig)
{
	server_free(&rig->server);
	close(rig->event);
	for (unsigned int i = 0; i < RIG_HIDS; i++)
		if (rig->hids[i] >= 0)
			close(rig->hids[i]);
	blob_free(&rig->jpeg);
	free(rig->wanted);
	mapping_free(&rig->mapping);
	the_rig = NULL;
}

void rig_settle(struct rig *rig)
{
	for (unsigned int i = 0; i < SETTLE_ROUNDS; i++)
		server_step(&rig->server, 0);
}

static void notify(struct rig *rig)
{
	eventfd_write(rig->event, 1);
	rig_settle(rig);
	/* The device would be quiet once acknowledged; this one has to be emptied. */
	eventfd_read(rig->event, &(eventfd_t){ 0 });
}

/* What the relay is to show: without interpolation of chroma, as it decodes. */
static bool decode_wanted(struct rig *rig)
{
	tjhandle decoder = tjInitDecompress();
	bool good;

	free(rig->wanted);
	rig->wanted = calloc((size_t)rig->width * rig->height, sizeof(*rig->wanted));
	good = rig->wanted && decoder &&
	       !tjDecompress2(decoder, rig->jpeg.data, rig->jpeg.length, (u8 *)rig->wanted,
			      (int)rig->width, 0, (int)rig->height, TJPF_BGRX,
			      TJFLAG_FASTUPSAMPLE);
	tjDestroy(decoder);
	for (size_t i = 0; good && i < (size_t)rig->width * rig->height; i++)
		rig->wanted[i] &= 0xffffff;
	return good;
}

/* The rig's own codecs, at work on a screen. */
struct screen {
	struct tile_maker maker;
	struct rig *rig;
	uint32_t *pixels;
};

/* The tile as the rig's codec makes it, and what is to be seen of it. */
static size_t make_tile(struct tile_maker *maker, const struct kvmcap_mode *mode,
			unsigned int column, unsigned int row, u8 *out, size_t length, u8 *codec)
{
	struct screen *screen = (struct screen *)maker;
	struct rig *rig = screen->rig;
	unsigned int x = column * mode->tile_width, y = row * mode->tile_height;
	unsigned int width = mode->width - x < mode->tile_width ? mode->width - x :
								  mode->tile_width;
	unsigned int height = mode->height - y < mode->tile_height ? mode->height - y :
								     mode->tile_height;
	size_t at = (size_t)y * mode->width + x, made;

	if (*codec == KVMCAP_CODEC_JPEG && (column + row) % 2)
		return length;
	made = tile_code(rig->mixed && (column + row) % 3 == 0 ? KVMCAP_CODEC_RAW : rig->codec,
			 screen->pixels + at, mode->width, width, height, out);
	if (!made)
		return length;
	*codec = rig->mixed && (column + row) % 3 == 0 ? KVMCAP_CODEC_RAW : rig->codec;
	for (unsigned int i = 0; i < width * height; i++)
		rig->wanted[at + i / width * mode->width + i % width] =
			tile_seen(rig->codec,
				  screen->pixels[at + i / width * mode->width + i % width]);
	return made;
}

static bool commit_jpeg(struct rig *rig, struct screen *screen, const u8 *rgb,
			enum kvmcap_jpeg_subsampling subsampling)
{
	struct oracle_params params = { .quality = QUALITY, .subsampling = subsampling };

	oracle_encode(&rig->jpeg, rgb, rig->width, rig->height, &params);
	return decode_wanted(rig) &&
	       !mapping_commit_mixed(&rig->mapping, rig->jpeg.data, rig->jpeg.length,
				     rig->codec == KVMCAP_CODEC_JPEG ? NULL : &screen->maker);
}

static bool commit_tiles(struct rig *rig, struct screen *screen)
{
	struct kvmcap_mode mode = mapping_pixel_mode(rig->width, rig->height, (u8)rig->codec);

	free(rig->wanted);
	rig->wanted = calloc((size_t)rig->width * rig->height, sizeof(*rig->wanted));
	return !mapping_commit_tiles(&rig->mapping, &mode, FRAME_BYTES, &screen->maker);
}

static bool commit(struct rig *rig, const u8 *rgb, enum kvmcap_jpeg_subsampling subsampling)
{
	size_t count = (size_t)rig->width * rig->height;
	struct screen screen = { .maker.make = make_tile, .rig = rig };
	bool good;

	screen.pixels = malloc(count * sizeof(*screen.pixels));
	for (size_t i = 0; i < count; i++)
		screen.pixels[i] = (uint32_t)rgb[3 * i] << 16 | (uint32_t)rgb[3 * i + 1] << 8 |
				   rgb[3 * i + 2];
	if (rig->codec == KVMCAP_CODEC_JPEG || rig->codec == KVMCAP_CODEC_PALETTE)
		good = commit_jpeg(rig, &screen, rgb, subsampling);
	else
		good = commit_tiles(rig, &screen);
	free(screen.pixels);
	if (good)
		notify(rig);
	return good;
}

bool rig_show(struct rig *rig, unsigned int width, unsigned int height,
	      enum kvmcap_jpeg_subsampling subsampling, enum pattern pattern, u32 seed)
{
	u8 *rgb = malloc((size_t)width * height * 3);
	bool good;

	rig->width = width;
	rig->height = height;
	paint(rgb, width, height, pattern, seed);
	good = commit(rig, rgb, subsampling);
	free(rgb);
	return good;
}

bool rig_change_tile(struct rig *rig, unsigned int x, unsigned int y, u32 seed)
{
	const struct kvmcap_mode *mode = &rig->mapping.log.header->mode;
	unsigned int left = x / mode->tile_width * mode->tile_width;
	unsigned int top = y / mode->tile_height * mode->tile_height;
	u8 *rgb = malloc((size_t)rig->width * rig->height * 3);
	bool good;

	for (size_t i = 0; i < (size_t)rig->width * rig->height; i++) {
		unsigned int column = (unsigned int)(i % rig->width);
		unsigned int row = (unsigned int)(i / rig->width);
		uint32_t pixel = rig->wanted[i];

		if (column >= left && column < left + mode->tile_width && row >= top &&
		    row < top + mode->tile_height)
			pixel = (column + row) % 2 ? seed * 0x9e3779b1 : ~seed * 0x85ebca6b;
		rgb[3 * i] = (u8)(pixel >> 16);
		rgb[3 * i + 1] = (u8)(pixel >> 8);
		rgb[3 * i + 2] = (u8)pixel;
	}
	good = commit(rig, rgb, mode->subsampling == KVMCAP_SUBSAMPLING_420 ? KVMCAP_JPEG_420 :
								   KVMCAP_JPEG_444);
	free(rgb);
	return good;
}

bool rig_signal(struct rig *rig, enum kvmcap_signal signal)
{
	if (mapping_commit_signal(&rig->mapping, signal))
		return false;
	notify(rig);
	return true;
}

bool rig_is_armed(struct rig *rig)
{
	bool armed = false;

	if (rig->server.source.capture)
		kvmcap_memory_acked(rig->server.source.capture, &armed);
	return armed;
}
