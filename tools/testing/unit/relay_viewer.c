// SPDX-License-Identifier: Apache-2.0
/*
 * A relay in the test's own process and thread: the client's side. It believes
 * nothing: what was not offered, or lies outside of the framebuffer, is a
 * problem.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <turbojpeg.h>
#include <unistd.h>

#include "bytes.h"
#include "relay_rig.h"
#include "rfb.h"

#define IMAGE_MAX	(4u << 20)

void viewer_attach(struct viewer *viewer, struct rig *rig)
{
	int ends[2];

	memset(viewer, 0, sizeof(*viewer));
	viewer->rig = rig;
	viewer->format = pixel_format_default;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends))
		abort();
	viewer->socket = ends[0];
	server_accept(&rig->server, ends[1], "a test's client");
}

static void set_size(struct viewer *viewer, unsigned int width, unsigned int height)
{
	viewer->width = width;
	viewer->height = height;
	free(viewer->pixels);
	free(viewer->decoded);
	viewer->pixels = calloc((size_t)width * height, sizeof(*viewer->pixels));
	viewer->decoded = calloc((size_t)width * height, sizeof(*viewer->decoded));
}

bool viewer_connect(struct viewer *viewer, struct rig *rig)
{
	uint8_t bytes[256];

	viewer_attach(viewer, rig);
	if (!viewer_read(viewer, bytes, RFB_VERSION_LENGTH))
		return false;
	viewer_send(viewer, RFB_VERSION, RFB_VERSION_LENGTH);
	if (!viewer_read(viewer, bytes, 2))
		return false;
	viewer_send(viewer, "\1", 1);
	if (!viewer_read(viewer, bytes, 4))
		return false;
	viewer_send(viewer, "\1", 1);
	if (!viewer_read(viewer, bytes, 24) ||
	    !viewer_read(viewer, bytes + 24, get_be32(bytes + 20)))
		return false;
	set_size(viewer, get_be16(bytes), get_be16(bytes + 2));
	return true;
}

void viewer_close(struct viewer *viewer)
{
	if (viewer->socket >= 0)
		close(viewer->socket);
	free(viewer->pixels);
	free(viewer->decoded);
	blob_free(&viewer->tables);
	rig_settle(viewer->rig);
	memset(viewer, 0, sizeof(*viewer));
	viewer->socket = -1;
}

void viewer_send(struct viewer *viewer, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;

	for (unsigned int i = 0; length && i < RIG_ROUNDS; i++) {
		ssize_t sent = send(viewer->socket, at, length, MSG_NOSIGNAL);

		if (sent > 0) {
			at += sent;
			length -= (size_t)sent;
		}
		server_step(&viewer->rig->server, 0);
	}
}

/* Wait for bytes when none are left. Return: false if none come. */
static bool refill(struct viewer *viewer)
{
	for (unsigned int i = 0; viewer->in_next == viewer->in_length && i < RIG_ROUNDS; i++) {
		ssize_t got = recv(viewer->socket, viewer->in, sizeof(viewer->in), 0);

		if (!got)
			return false;
		if (got < 0) {
			server_step(&viewer->rig->server, RIG_ROUND_MS);
			continue;
		}
		viewer->in_next = 0;
		viewer->in_length = (size_t)got;
	}
	return viewer->in_next < viewer->in_length;
}

bool viewer_read(struct viewer *viewer, void *bytes, size_t length)
{
	uint8_t *at = bytes;

	while (length) {
		size_t some;

		if (!refill(viewer))
			return false;
		some = viewer->in_length - viewer->in_next;
		if (some > length)
			some = length;
		memcpy(at, viewer->in + viewer->in_next, some);
		viewer->in_next += some;
		at += some;
		length -= some;
	}
	return true;
}

void viewer_offer(struct viewer *viewer, const int32_t *encodings, unsigned int count)
{
	uint8_t message[4 + 4 * 32] = { RFB_SET_ENCODINGS };

	put_be16(message + 2, count);
	for (unsigned int i = 0; i < count; i++)
		put_be32(message + 4 + 4 * i, (uint32_t)encodings[i]);
	viewer_send(viewer, message, 4 + 4 * count);
}

void viewer_set_format(struct viewer *viewer, const struct pixel_format *format)
{
	uint8_t message[4 + PIXEL_FORMAT_LENGTH] = { RFB_SET_PIXEL_FORMAT };

	pixel_format_write(format, message + 4);
	viewer->format = *format;
	viewer_send(viewer, message, sizeof(message));
}

void viewer_request(struct viewer *viewer, bool incremental, unsigned int x, unsigned int y,
		    unsigned int width, unsigned int height)
{
	uint8_t message[10] = { RFB_UPDATE_REQUEST, incremental };

	put_be16(message + 2, x);
	put_be16(message + 4, y);
	put_be16(message + 6, width);
	put_be16(message + 8, height);
	viewer_send(viewer, message, sizeof(message));
}

void viewer_request_all(struct viewer *viewer, bool incremental)
{
	viewer_request(viewer, incremental, 0, 0, viewer->width, viewer->height);
}

/* The rectangle being read. */
struct rectangle {
	unsigned int x, y, width, height;
	int32_t encoding;
};

static bool wrong(struct viewer *viewer, const char *problem)
{
	viewer->problem = problem;
	return false;
}

static uint32_t load_pixel(const struct viewer *viewer, const uint8_t *in)
{
	unsigned int count = viewer->format.bits_per_pixel / 8u;
	uint32_t pixel = 0;

	for (unsigned int i = 0; i < count; i++)
		pixel |= (uint32_t)in[i] << 8 * (viewer->format.big_endian ? count - 1 - i : i);
	return pixel;
}

static void set_pixel(struct viewer *viewer, unsigned int x, unsigned int y, uint32_t pixel,
		      bool decoded)
{
	viewer->pixels[(size_t)y * viewer->width + x] = pixel;
	viewer->decoded[(size_t)y * viewer->width + x] = decoded;
}

static bool read_raw(struct viewer *viewer, const struct rectangle *r)
{
	unsigned int bytes = viewer->format.bits_per_pixel / 8u;
	uint8_t *row = malloc((size_t)r->width * bytes);
	bool good = true;

	for (unsigned int y = 0; good && y < r->height; y++) {
		good = viewer_read(viewer, row, (size_t)r->width * bytes);
		for (unsigned int x = 0; good && x < r->width; x++)
			set_pixel(viewer, r->x + x, r->y + y,
				  load_pixel(viewer, row + (size_t)x * bytes), false);
	}
	free(row);
	return good;
}

/* A subrectangle's own pixels, or those of a smaller one in it. */
static void fill(struct viewer *viewer, const struct rectangle *r, uint32_t pixel)
{
	for (unsigned int y = 0; y < r->height; y++)
		for (unsigned int x = 0; x < r->width; x++)
			set_pixel(viewer, r->x + x, r->y + y, pixel, false);
}

static bool read_pixel(struct viewer *viewer, bool wanted, uint32_t *pixel)
{
	uint8_t bytes[4];

	if (!wanted)
		return true;
	if (!viewer_read(viewer, bytes, viewer->format.bits_per_pixel / 8u))
		return false;
	*pixel = load_pixel(viewer, bytes);
	return true;
}

/* RFC 6143, 7.7.4. */
static bool read_subrectangle(struct viewer *viewer, const struct rectangle *r,
			      uint32_t colours[2])
{
	uint8_t flags, count = 0, place[2];
	struct rectangle one;
	uint32_t pixel;

	if (!viewer_read(viewer, &flags, 1))
		return false;
	if (flags & 1)
		return read_raw(viewer, r);
	if (!read_pixel(viewer, flags & 2, &colours[0]) ||
	    !read_pixel(viewer, flags & 4, &colours[1]) ||
	    (flags & 8 && !viewer_read(viewer, &count, 1)))
		return false;
	fill(viewer, r, colours[0]);
	for (; count; count--) {
		pixel = colours[1];
		if (!read_pixel(viewer, flags & 16, &pixel) || !viewer_read(viewer, place, 2))
			return false;
		one = (struct rectangle){
			.x = r->x + (place[0] >> 4),
			.y = r->y + (place[0] & 15),
			.width = (place[1] >> 4) + 1u,
			.height = (place[1] & 15) + 1u,
		};
		if (one.x + one.width > r->x + r->width || one.y + one.height > r->y + r->height)
			return wrong(viewer, "Hextile reaches out of its subrectangle");
		fill(viewer, &one, pixel);
	}
	return true;
}

/* Colours that nobody has stated are of a kind that shows. */
static bool read_hextile(struct viewer *viewer, const struct rectangle *r)
{
	uint32_t colours[2] = { 0xdeadbeef, 0xdeadbeef };
	struct rectangle one;

	for (unsigned int y = 0; y < r->height; y += 16) {
		for (unsigned int x = 0; x < r->width; x += 16) {
			one = (struct rectangle){
				.x = r->x + x,
				.y = r->y + y,
				.width = r->width - x < 16 ? r->width - x : 16,
				.height = r->height - y < 16 ? r->height - y : 16,
			};
			if (!read_subrectangle(viewer, &one, colours))
				return false;
		}
	}
	return true;
}

static bool decode(struct viewer *viewer, const struct rectangle *r, const uint8_t *image,
		   size_t length)
{
	tjhandle decoder = tjInitDecompress();
	uint32_t *pixels = malloc((size_t)r->width * r->height * sizeof(*pixels));
	int width = 0, height = 0, subsampling, colours;
	bool good = !tjDecompressHeader3(decoder, image, length, &width, &height, &subsampling,
					 &colours) &&
		    (unsigned int)width == r->width && (unsigned int)height == r->height &&
		    !tjDecompress2(decoder, image, length, (u8 *)pixels, width, 0, height,
				   TJPF_BGRX, TJFLAG_FASTUPSAMPLE);

	for (size_t i = 0; good && i < (size_t)r->width * r->height; i++)
		set_pixel(viewer, r->x + (unsigned int)(i % r->width),
			  r->y + (unsigned int)(i / r->width), pixels[i] & 0xffffff, true);
	tjDestroy(decoder);
	free(pixels);
	viewer->jpeg_bytes += length;
	return good || wrong(viewer, "a JPEG does not decode, or not to its rectangle");
}

static bool read_tight_jpeg(struct viewer *viewer, const struct rectangle *r)
{
	uint8_t bytes[3] = { 0 };
	uint8_t *image;
	size_t length;
	bool good;

	if (!viewer_read(viewer, bytes, 1) ||
	    (bytes[0] & 0x80 && !viewer_read(viewer, bytes + 1, 1)) ||
	    (bytes[1] & 0x80 && !viewer_read(viewer, bytes + 2, 1)))
		return false;
	length = (bytes[0] & 0x7fu) | (bytes[1] & 0x7fu) << 7 | (size_t)bytes[2] << 14;
	if (r->width > RFB_TIGHT_WIDTH_MAX)
		return wrong(viewer, "a Tight rectangle is too wide");
	if (viewer->format.bits_per_pixel < 16)
		return wrong(viewer, "Tight JPEG with 8-bit pixels");
	image = malloc(length);
	good = viewer_read(viewer, image, length) && decode(viewer, r, image, length);
	free(image);
	return good;
}

static bool read_tight(struct viewer *viewer, const struct rectangle *r)
{
	unsigned int bytes = viewer->format.bits_per_pixel / 8u;
	bool compact = bytes == 4 && viewer->format.depth == 24;
	uint8_t control, colour[4] = { 0 };
	uint32_t pixel;

	if (!viewer_read(viewer, &control, 1))
		return false;
	if (control == RFB_TIGHT_JPEG)
		return read_tight_jpeg(viewer, r);
	if (control != RFB_TIGHT_FILL)
		return wrong(viewer, "Tight of a kind that nobody makes");
	if (!viewer_read(viewer, colour, compact ? 3 : bytes))
		return false;
	pixel = compact ? (uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2] :
			  load_pixel(viewer, colour);
	for (unsigned int y = 0; y < r->height; y++)
		for (unsigned int x = 0; x < r->width; x++)
			set_pixel(viewer, r->x + x, r->y + y, pixel, false);
	return true;
}

/* Read a segment onto the end of @image. Return: its type or -1. */
static int read_segment(struct viewer *viewer, struct blob *image)
{
	uint8_t bytes[0x10000];
	unsigned int length;
	int type;

	if (!viewer_read(viewer, bytes, 2) || bytes[0] != 0xff)
		return -1;
	type = bytes[1];
	if (type == 0xd8 || type == 0xd9) {
		blob_append(image, bytes, 2);
		return type;
	}
	if (!viewer_read(viewer, bytes + 2, 2))
		return -1;
	length = get_be16(bytes + 2);
	if (length < 2 || !viewer_read(viewer, bytes + 4, length - 2))
		return -1;
	blob_append(image, bytes, length + 2);
	return type;
}

/* Entropy-coded data, to the EOI that ends it. */
static bool read_scan(struct viewer *viewer, struct blob *image)
{
	uint8_t byte, before = 0;

	while (image->length < IMAGE_MAX && viewer_read(viewer, &byte, 1)) {
		blob_append(image, &byte, 1);
		if (before == 0xff && byte == 0xd9)
			return true;
		before = byte;
	}
	return false;
}

/* As viewers do: tables that are missing are those of the last image that had any. */
static bool read_jpeg(struct viewer *viewer, const struct rectangle *r)
{
	struct blob image = { 0 }, tables = { 0 }, whole = { 0 };
	size_t before, soi = 2;
	bool good = false;
	int type;

	do {
		before = image.length;
		type = read_segment(viewer, &image);
		if (type == 0xdb || type == 0xc4)
			blob_append(&tables, image.data + before, image.length - before);
	} while (type >= 0 && type != 0xda);
	if (type == 0xda && read_scan(viewer, &image)) {
		if (tables.length) {
			blob_free(&viewer->tables);
			blob_append(&viewer->tables, tables.data, tables.length);
		} else {
			viewer->bare_jpegs++;
		}
		blob_append(&whole, image.data, soi);
		blob_append(&whole, viewer->tables.data, viewer->tables.length);
		blob_append(&whole, image.data + soi, image.length - soi);
		good = decode(viewer, r, whole.data, whole.length);
	}
	blob_free(&image);
	blob_free(&tables);
	blob_free(&whole);
	return good || wrong(viewer, "JPEG (21) is none");
}

static bool read_extended_size(struct viewer *viewer, const struct rectangle *r)
{
	uint8_t bytes[20];

	if (!viewer_read(viewer, bytes, sizeof(bytes)))
		return false;
	if (bytes[0] != 1 || !get_be32(bytes + 4) || get_be16(bytes + 12) != r->width ||
	    get_be16(bytes + 14) != r->height)
		return wrong(viewer, "an ExtendedDesktopSize is wrong");
	viewer->sizes++;
	viewer->size_reason = r->x;
	viewer->size_result = r->y;
	return true;
}

static bool read_pseudo(struct viewer *viewer, const struct rectangle *r, bool *last)
{
	switch (r->encoding) {
	case RFB_ENCODING_LAST_RECT:
		*last = true;
		return true;
	case RFB_ENCODING_QEMU_EXTENDED_KEY:
		viewer->keys_told = true;
		return true;
	case RFB_ENCODING_EXTENDED_MOUSE:
		viewer->mouse_told = true;
		return true;
	case RFB_ENCODING_EXTENDED_DESKTOP_SIZE:
		if (!read_extended_size(viewer, r))
			return false;
		break;
	case RFB_ENCODING_DESKTOP_SIZE:
		break;
	default:
		return wrong(viewer, "an encoding that nobody offered");
	}
	if (r->width != viewer->width || r->height != viewer->height) {
		set_size(viewer, r->width, r->height);
		viewer->resized = true;
	}
	return true;
}

static bool read_pixels(struct viewer *viewer, const struct rectangle *r)
{
	viewer->rectangles++;
	viewer->area += (unsigned long)r->width * r->height;
	viewer->encodings |= 1u << r->encoding;
	if (!r->width || !r->height || r->x + r->width > viewer->width ||
	    r->y + r->height > viewer->height)
		return wrong(viewer, "a rectangle reaches out of the framebuffer");
	switch (r->encoding) {
	case RFB_ENCODING_RAW:
		return read_raw(viewer, r);
	case RFB_ENCODING_HEXTILE:
		return read_hextile(viewer, r);
	case RFB_ENCODING_TIGHT:
		return read_tight(viewer, r);
	default:
		return read_jpeg(viewer, r);
	}
}

static bool read_rectangle(struct viewer *viewer, bool *last)
{
	struct rectangle r;
	uint8_t bytes[12];

	if (!viewer_read(viewer, bytes, sizeof(bytes)))
		return false;
	r.x = get_be16(bytes);
	r.y = get_be16(bytes + 2);
	r.width = get_be16(bytes + 4);
	r.height = get_be16(bytes + 6);
	r.encoding = (int32_t)get_be32(bytes + 8);
	if (r.encoding == RFB_ENCODING_RAW || r.encoding == RFB_ENCODING_HEXTILE ||
	    r.encoding == RFB_ENCODING_TIGHT || r.encoding == RFB_ENCODING_JPEG)
		return read_pixels(viewer, &r);
	return read_pseudo(viewer, &r, last);
}

bool viewer_update(struct viewer *viewer)
{
	bool last = false;
	uint8_t bytes[4];
	unsigned int count;

	viewer->rectangles = 0;
	viewer->area = 0;
	viewer->encodings = 0;
	viewer->resized = false;
	if (!viewer_read(viewer, bytes, sizeof(bytes)))
		return false;
	if (bytes[0] != RFB_FRAMEBUFFER_UPDATE)
		return wrong(viewer, "a message of another type");
	count = get_be16(bytes + 2);
	for (unsigned int i = 0; i < count && !last; i++)
		if (!read_rectangle(viewer, &last))
			return false;
	if (count == RFB_RECTANGLES_UNKNOWN && !last)
		return wrong(viewer, "an update without an end");
	viewer->updates++;
	return true;
}

bool viewer_is_quiet(struct viewer *viewer)
{
	uint8_t byte;

	rig_settle(viewer->rig);
	return viewer->in_next == viewer->in_length &&
	       recv(viewer->socket, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

bool viewer_is_closed(struct viewer *viewer)
{
	uint8_t bytes[4096];
	ssize_t got;

	rig_settle(viewer->rig);
	do {
		got = recv(viewer->socket, bytes, sizeof(bytes), 0);
	} while (got > 0);
	return !got || errno == ECONNRESET;
}

/* What a pixel of the screen is in the client's format. */
static uint32_t in_format(const struct viewer *viewer, uint32_t rgb)
{
	uint32_t pixel = 0;

	for (unsigned int c = 0; c < 3; c++) {
		uint32_t value = rgb >> (16 - 8 * c) & 0xff;

		pixel |= (2 * value * viewer->format.max[c] + 255) / 510 << viewer->format.shift[c];
	}
	return pixel;
}

static bool is_near(uint32_t a, uint32_t b, unsigned int tolerance)
{
	for (unsigned int shift = 0; shift < 24; shift += 8) {
		int difference = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

		if ((unsigned int)abs(difference) > tolerance)
			return false;
	}
	return true;
}

bool viewer_is_right(struct viewer *viewer)
{
	const struct rig *rig = viewer->rig;

	for (unsigned int y = 0; y < viewer->height; y++) {
		for (unsigned int x = 0; x < viewer->width; x++) {
			size_t at = (size_t)y * viewer->width + x;
			bool inside = x < rig->width && y < rig->height;
			uint32_t wanted = inside ? rig->wanted[(size_t)y * rig->width + x] : 0;

			if (!viewer->decoded[at])
				wanted = in_format(viewer, wanted);
			if (viewer->pixels[at] == wanted ||
			    (viewer->decoded[at] &&
			     is_near(viewer->pixels[at], wanted, viewer->tolerance)))
				continue;
			viewer->problem = "pixels are wrong";
			return false;
		}
	}
	return true;
}
