// SPDX-License-Identifier: Apache-2.0
/*
 * A VNC client made with libvncclient.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "viewer.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ENCODING_JPEG	21
#define QUALITY_LEVEL	8
#define IMAGE_MAX	(16U << 20)	/* bytes of a JPEG (21) image */
#define VIEWERS_MAX	16

/* JPEG markers that have no length behind them, and the one that data follows. */
#define SOI		0xd8
#define EOI		0xd9
#define SOS		0xda
#define IS_RST(m)	((m) >= 0xd0 && (m) <= 0xd7)

static char tag;

static struct viewer *viewer_of(rfbClient *client)
{
	return rfbClientGetClientData(client, &tag);
}

const char *viewer_name(enum viewer_kind kind)
{
	static const char *const names[VIEWER_ALL_KINDS] = {
		[VIEWER_RAW] = "Raw",
		[VIEWER_TIGHT] = "Tight JPEG",
		[VIEWER_JPEG] = "JPEG (21)",
		[VIEWER_PLAIN] = "Tight, decoded by libvncclient",
		[VIEWER_HEXTILE] = "Hextile, 16 bits",
		[VIEWER_RAW16] = "Raw, 16 bits",
	};

	return names[kind];
}

static void silent(const char *format, ...)
{
	(void)format;
}

__attribute__((format(printf, 1, 2)))
static void complain(const char *format, ...)
{
	va_list arguments;

	fputs("# libvncclient: ", stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

static rfbBool allocate(rfbClient *client)
{
	struct viewer *viewer = viewer_of(client);
	size_t size = (size_t)client->width * (size_t)client->height * 4;

	free(client->frameBuffer);
	client->frameBuffer = calloc(1, size ? size : 1);
	planes_init(&viewer->planes, (unsigned int)client->width, (unsigned int)client->height,
		    viewer->planes.halved);
	return client->frameBuffer ? TRUE : FALSE;
}

/* Bytes around a JPEG of @length: the rectangle's header; Tight's control and length. */
static size_t framing(const struct viewer *viewer, size_t length)
{
	if (viewer->kind == VIEWER_JPEG)
		return sz_rfbFramebufferUpdateRectHeader;
	return sz_rfbFramebufferUpdateRectHeader + 1 +
	       (length < 1U << 7 ? 1 : length < 1U << 14 ? 2 : 3);
}

static rfbBool take_jpeg(struct viewer *viewer, const uint8_t *data, size_t length,
			 unsigned int x, unsigned int y, unsigned int width, unsigned int height)
{
	viewer->was_jpeg = true;
	viewer->jpegs++;
	viewer->jpeg_bytes += length;
	viewer->wire_bytes += length + framing(viewer, length);
	viewer->problem = planes_decode(&viewer->planes, &viewer->decoder, data, length, x, y,
					width, height);
	return viewer->problem ? FALSE : TRUE;
}

/* Tight: each image brings its own tables, so no decoder may remember any. */
static rfbBool got_jpeg(rfbClient *client, const uint8_t *data, int length, int x, int y,
			int width, int height)
{
	struct viewer *viewer = viewer_of(client);

	planes_decoder_free(&viewer->decoder);
	return take_jpeg(viewer, data, (size_t)length, (unsigned int)x, (unsigned int)y,
			 (unsigned int)width, (unsigned int)height);
}

static void got_rectangle(rfbClient *client, int x, int y, int width, int height)
{
	struct viewer *viewer = viewer_of(client);

	if (!viewer->was_jpeg) {
		viewer->pixel_bytes += 4ULL * (unsigned int)width * (unsigned int)height;
		planes_forget(&viewer->planes, (unsigned int)x, (unsigned int)y,
			      (unsigned int)width, (unsigned int)height);
	}
	viewer->was_jpeg = false;
}

static void got_update(rfbClient *client)
{
	viewer_of(client)->updates++;
}

/* The image of a JPEG (21) rectangle: it has no length but what its markers say. */
struct reader {
	rfbClient *client;
	uint8_t *data;
	size_t length;
};

static bool read_bytes(struct reader *reader, size_t count)
{
	if (count > IMAGE_MAX - reader->length)
		return false;
	if (!ReadFromRFBServer(reader->client, (char *)reader->data + reader->length,
			       (unsigned int)count))
		return false;
	reader->length += count;
	return true;
}

/* The entropy-coded data up to the next marker that is not RSTn, whose number comes back. */
static int read_scan(struct reader *reader)
{
	while (read_bytes(reader, 1)) {
		if (reader->data[reader->length - 1] != 0xff)
			continue;
		if (!read_bytes(reader, 1))
			break;
		if (reader->data[reader->length - 1] && !IS_RST(reader->data[reader->length - 1]))
			return reader->data[reader->length - 1];
	}
	return -1;
}

static bool read_image(struct reader *reader)
{
	const uint8_t *at;
	int marker = -1;

	for (;;) {
		if (marker < 0) {
			if (!read_bytes(reader, 2) || reader->data[reader->length - 2] != 0xff)
				return false;
			marker = reader->data[reader->length - 1];
		}
		if (marker == EOI)
			return true;
		if (marker != SOI) {
			if (!read_bytes(reader, 2))
				return false;
			at = reader->data + reader->length - 2;
			if ((at[0] << 8 | at[1]) < 2 ||
			    !read_bytes(reader, (size_t)(at[0] << 8 | at[1]) - 2))
				return false;
		}
		if (marker != SOS) {
			marker = -1;
			continue;
		}
		marker = read_scan(reader);
		if (marker < 0)
			return false;
	}
}

static rfbBool handle_encoding(rfbClient *client, rfbFramebufferUpdateRectHeader *header)
{
	struct viewer *viewer = viewer_of(client);
	struct reader reader = { .client = client };
	rfbBool good = FALSE;

	if (header->encoding != ENCODING_JPEG || viewer->kind != VIEWER_JPEG)
		return FALSE;
	reader.data = malloc(IMAGE_MAX);
	if (reader.data && read_image(&reader))
		good = take_jpeg(viewer, reader.data, reader.length, header->r.x, header->r.y,
				 header->r.w, header->r.h);
	free(reader.data);
	return good;
}

/* Zero-terminated; the library sends these to every client that connects. */
static int offered[2];

static rfbClientProtocolExtension extension = {
	.encodings = offered,
	.handleEncoding = handle_encoding,
};

static bool has_16_bits(enum viewer_kind kind)
{
	return kind == VIEWER_HEXTILE || kind == VIEWER_RAW16;
}

static const char *encodings_of(enum viewer_kind kind)
{
	if (kind == VIEWER_HEXTILE)
		return "hextile";
	return kind == VIEWER_TIGHT || kind == VIEWER_PLAIN ? "tight" : "raw";
}

static const rfbPixelFormat engine_format = {
	.bitsPerPixel = 16,
	.depth = 16,
	.trueColour = TRUE,
	.redMax = 31,
	.greenMax = 63,
	.blueMax = 31,
	.redShift = 11,
	.greenShift = 5,
};

/* Of all that is offered, only Hextile has areas of one colour. */
static void got_fill(rfbClient *client, int x, int y, int width, int height, uint32_t colour)
{
	struct viewer *viewer = viewer_of(client);

	viewer->fills++;
	viewer->library_fill(client, x, y, width, height, colour);
}

static void prepare(struct viewer *viewer, enum viewer_kind kind, rfbClient *client)
{
	static bool registered;

	if (!registered)
		rfbClientRegisterExtension(&extension);
	registered = true;
	rfbClientLog = silent;
	rfbClientErr = complain;
	offered[0] = kind == VIEWER_JPEG ? ENCODING_JPEG : 0;

	rfbClientSetClientData(client, &tag, viewer);
	client->MallocFrameBuffer = allocate;
	client->GotFrameBufferUpdate = got_rectangle;
	client->FinishedFrameBufferUpdate = got_update;
	if (kind == VIEWER_TIGHT)
		client->GotJpeg = got_jpeg;
	client->canHandleNewFBSize = TRUE;
	client->appData.encodingsString = encodings_of(kind);
	if (has_16_bits(kind)) {
		client->format = engine_format;
		viewer->library_fill = client->GotFillRect;
		client->GotFillRect = got_fill;
	}
	client->appData.enableJPEG = TRUE;
	client->appData.qualityLevel = QUALITY_LEVEL;
	client->appData.useRemoteCursor = FALSE;
}

bool viewer_connect(struct viewer *viewer, enum viewer_kind kind, const char *host, int port)
{
	rfbClient *client = rfbGetClient(8, 3, 4);

	memset(viewer, 0, sizeof(*viewer));
	viewer->kind = kind;
	if (!client)
		return false;
	prepare(viewer, kind, client);
	client->serverHost = strdup(host);
	client->serverPort = port;
	/* Frees the client on failure. */
	if (!rfbInitClient(client, NULL, NULL))
		return false;
	viewer->client = client;
	return true;
}

void viewer_close(struct viewer *viewer)
{
	if (viewer->client) {
		free(viewer->client->frameBuffer);
		viewer->client->frameBuffer = NULL;
		rfbClientCleanup(viewer->client);
	}
	planes_free(&viewer->planes);
	planes_decoder_free(&viewer->decoder);
	memset(viewer, 0, sizeof(*viewer));
}

/* Handles what has come, to the end of the library's own buffer. */
static bool handle(struct viewer *viewer)
{
	do {
		if (!HandleRFBServerMessage(viewer->client)) {
			printf("# %s: %s\n", viewer_name(viewer->kind),
			       viewer->problem ? viewer->problem : "the connection ended");
			return false;
		}
	} while (viewer->client->buffered);
	return true;
}

int viewer_serve(struct viewer *viewers, unsigned int count, int timeout)
{
	struct pollfd fds[VIEWERS_MAX];
	unsigned int i;
	int ready;

	for (i = 0; i < count; i++) {
		fds[i].fd = viewers[i].client->sock;
		fds[i].events = POLLIN;
	}
	ready = poll(fds, count, timeout);
	for (i = 0; i < count && ready > 0; i++) {
		if (fds[i].revents && !handle(&viewers[i]))
			return -1;
	}
	return ready;
}

uint32_t viewer_pixel(const struct viewer *viewer, unsigned int x, unsigned int y)
{
	const rfbClient *client = viewer->client;
	const rfbPixelFormat *format = &client->format;
	uint16_t narrow;
	uint32_t value;

	if (has_16_bits(viewer->kind)) {
		memcpy(&narrow, client->frameBuffer + 2 * ((size_t)y * (size_t)client->width + x),
		       2);
		return narrow;
	}
	memcpy(&value, client->frameBuffer + 4 * ((size_t)y * (size_t)client->width + x), 4);
	return (value >> format->redShift & 0xff) << 16 |
	       (value >> format->greenShift & 0xff) << 8 | (value >> format->blueShift & 0xff);
}
