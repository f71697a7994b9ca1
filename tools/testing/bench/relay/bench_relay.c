// SPDX-License-Identifier: Apache-2.0
/*
 * What the relay does for the bytes that it sends, to be counted by callgrind.
 *
 * bench_relay KIND A.jpg B.jpg
 *
 * shows two pictures of one size in turns to a client of KIND (jpeg, tight, raw)
 * in the same process and thread. The relay's own work is what is called from
 * server_step(). Then the same number of bytes goes through the same kind of
 * socket in the least way that there is, copy_and_send(): copied once into a
 * buffer, and sent. It prints the bytes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "mapping.h"
#include "rfb.h"
#include "server.h"
#include "source_memory.h"

#define FRAMES		24	/* pictures that are sent */
#define FRAME_BYTES	(8U << 20)
#define IMAGE_MAX	(4U << 20)
#define IDLE_ROUNDS	50	/* of the relay without a byte: it has sent all */
#define DRAIN		(1U << 16)

/* Functions that open devices know nothing but a path. */
static struct mapping mapping;
static int event;

static int open_capture(struct kvmcap_source **capture, const char *path)
{
	(void)path;
	return kvmcap_open_memory(capture, mapping.memory, mapping.size, event);
}

static int open_hid(const char *path)
{
	(void)path;
	return -ENOENT;
}

static void fail(const char *what)
{
	fprintf(stderr, "bench_relay: %s\n", what);
	exit(EXIT_FAILURE);
}

static size_t load(const char *path, uint8_t *data)
{
	FILE *file = fopen(path, "rb");
	size_t length = file ? fread(data, 1, IMAGE_MAX, file) : 0;

	if (!length)
		fail("cannot read an image");
	fclose(file);
	return length;
}

static size_t drain(int socket)
{
	static uint8_t bytes[DRAIN];
	size_t total = 0;
	ssize_t got;

	while ((got = recv(socket, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		total += (size_t)got;
	return total;
}

/* All that the relay sends, now that it has been asked for something. */
static size_t receive(struct server *server, int socket)
{
	size_t total = 0;

	for (unsigned int idle = 0; idle < IDLE_ROUNDS; idle++) {
		size_t got;

		server_step(server, 0);
		got = drain(socket);
		total += got;
		if (got)
			idle = 0;
	}
	return total;
}

static void ask(int socket, const void *bytes, size_t length)
{
	if (send(socket, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
		fail("the relay does not listen");
}

static void offer(int socket, const char *kind)
{
	uint8_t message[16] = { RFB_SET_ENCODINGS, 0, 0, 3 };

	if (!strcmp(kind, "jpeg"))
		put_be32(message + 4, RFB_ENCODING_JPEG);
	else if (!strcmp(kind, "tight"))
		put_be32(message + 4, RFB_ENCODING_TIGHT);
	else if (!strcmp(kind, "raw"))
		put_be32(message + 4, RFB_ENCODING_RAW);
	else
		fail("KIND is jpeg, tight or raw");
	put_be32(message + 8, (uint32_t)RFB_ENCODING_LAST_RECT);
	put_be32(message + 12, (uint32_t)RFB_ENCODING_QUALITY_9);
	ask(socket, message, sizeof(message));
}

static void connect_client(struct server *server, int ends[2], const char *kind)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
		fail("no sockets");
	server_accept(server, ends[1], "a bench");
	ask(ends[0], RFB_VERSION "\1\1", RFB_VERSION_LENGTH + 2);
	receive(server, ends[0]);
	offer(ends[0], kind);
}

static size_t send_pictures(struct server *server, int socket, char **paths)
{
	static const uint8_t request[10] = { RFB_UPDATE_REQUEST, 1, 0, 0, 0, 0,
					     255, 255, 255, 255 };
	uint8_t *image = malloc(IMAGE_MAX);
	size_t total = 0;

	for (unsigned int i = 0; image && i < FRAMES; i++) {
		size_t length = load(paths[i % 2], image);

		if (mapping_commit_jpeg(&mapping, image, length))
			fail("the image is none that an engine would deliver");
		eventfd_write(event, 1);
		server_step(server, 0);
		eventfd_read(event, &(eventfd_t){ 0 });
		ask(socket, request, sizeof(request));
		total += receive(server, socket);
	}
	free(image);
	return total;
}

/* The least that there is to do: not inlined, so that callgrind sees it. */
__attribute__((noinline))
static void copy_and_send(int socket, uint8_t *buffer, const uint8_t *from, size_t length)
{
	memcpy(buffer, from, length);
	while (length) {
		ssize_t sent = send(socket, buffer, length, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent <= 0)
			return;
		buffer += sent;
		length -= (size_t)sent;
	}
}

static void send_copies(size_t total)
{
	uint8_t *from = calloc(1, OUTPUT_SIZE);
	uint8_t *buffer = malloc(OUTPUT_SIZE);
	int ends[2];

	if (!from || !buffer || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends))
		fail("out of memory or sockets");
	/* In pieces of what the socket takes, as the relay's are. */
	while (total) {
		size_t some = total < DRAIN ? total : DRAIN;

		copy_and_send(ends[0], buffer, from, some);
		drain(ends[1]);
		total -= some;
	}
	free(from);
	free(buffer);
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	struct server server;
	size_t total;
	int ends[2];

	if (argc != 4) {
		fputs("usage: bench_relay jpeg|tight|raw A.jpg B.jpg\n", stderr);
		return 2;
	}
	mapping_init(&mapping, FRAME_BYTES);
	event = eventfd(0, EFD_NONBLOCK);
	if (server_init(&server, "memory", "nothing"))
		fail("the relay does not start");
	server.source.open = open_capture;
	server.port.open = open_hid;
	connect_client(&server, ends, argv[1]);
	total = send_pictures(&server, ends[0], argv + 2);
	printf("%zu\n", total);
	send_copies(total);
	close(ends[0]);
	server_free(&server);
	mapping_free(&mapping);
	return 0;
}
