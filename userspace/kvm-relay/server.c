// SPDX-License-Identifier: Apache-2.0
/*
 * What all clients share, and the rounds in which they are served.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "log.h"
#include "server.h"

int server_init(struct server *server, const char *device, const char *hid)
{
	*server = (struct server){ .name = "kvmcap" };
	source_init(&server->source, &server->loop, device);
	frame_init(&server->frame, &server->source);
	input_port_init(&server->port, hid);
	return loop_init(&server->loop);
}

/* Free the clients that are closed, now that nobody looks at them. */
static void reap(struct server *server)
{
	struct client **link = &server->clients;

	while (*link) {
		struct client *client = *link;

		if (client->state != CLIENT_CLOSED) {
			link = &client->next;
			continue;
		}
		*link = client->next;
		server->connected--;
		client_free(client);
	}
}

void server_free(struct server *server)
{
	for (struct client *client = server->clients; client; client = client->next)
		client_close(client, "the relay ends");
	reap(server);
	frame_free(&server->frame);
	source_close(&server->source);
	loop_free(&server->loop);
}

void server_accept(struct server *server, int fd, const char *name)
{
	const char *refusal = NULL;
	struct client *client;

	if (server->connected >= CLIENTS_MAX + CLIENTS_REFUSED_MAX) {
		log_warning("%s: refused, too many connections", name);
		close(fd);
		return;
	}
	if (server->connected >= CLIENTS_MAX)
		refusal = "Too many clients are connected";
	client = client_start(server, fd, name, refusal);
	if (!client) {
		log_error("%s: refused, out of memory", name);
		return;
	}
	client->next = server->clients;
	server->clients = client;
	server->connected++;
	source_hurry(&server->source);
}

/* The decoded picture is large: it is kept only while somebody is served from it. */
static bool pixels_needed(struct server *server)
{
	unsigned int codecs = frame_codecs(&server->frame);

	for (const struct client *client = server->clients; client; client = client->next)
		if (client->state == CLIENT_RUNNING &&
		    update_needs_pixels(&client->update, codecs))
			return true;
	return false;
}

/* All go on with what they can; a look at the picture may be news for those before. */
static void advance(struct server *server, uint64_t now)
{
	bool waits = false;
	uint64_t changes;

	do {
		changes = server->source.changes;
		for (struct client *client = server->clients; client; client = client->next)
			client_advance(client, now);
	} while (changes != server->source.changes);
	for (struct client *client = server->clients; client; client = client->next)
		waits = waits || client_waits(client);
	source_demand(&server->source, waits);
	if (server->frame.pixels && !pixels_needed(server))
		frame_free(&server->frame);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Milliseconds until somebody has something to do of itself; -1 for never. */
static int patience(const struct server *server, uint64_t now)
{
	uint64_t at = NEVER;

	for (const struct client *client = server->clients; client; client = client->next)
		at = earlier(at, client_deadline(client));
	if (server->clients)
		at = earlier(at, source_retry_at(&server->source));
	if (at == NEVER)
		return -1;
	if (at <= now)
		return 0;
	return at - now < INT_MAX ? (int)(at - now) : INT_MAX;
}

int server_step(struct server *server, int timeout)
{
	int wait = patience(server, loop_now());
	int error;

	if (timeout >= 0 && (wait < 0 || wait > timeout))
		wait = timeout;
	error = loop_step(&server->loop, wait);
	if (error)
		return error;
	if (server->clients)
		source_try(&server->source, loop_now());
	advance(server, loop_now());
	reap(server);
	return 0;
}

int server_run(struct server *server)
{
	int error = 0;

	/* Once without anybody asking, to say at the start what is missing. */
	source_try(&server->source, loop_now());
	while (!server->stop && !error)
		error = server_step(server, -1);
	return error;
}
