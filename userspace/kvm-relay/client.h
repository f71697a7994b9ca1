/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a connection: handshake, messages, updates, end.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_CLIENT_H
#define RELAY_CLIENT_H

#include "handshake.h"
#include "input.h"
#include "messages.h"
#include "output.h"
#include "update.h"

#define CLIENT_NAME_MAX		80

/* From connecting to ClientInit. */
#define CLIENT_HANDSHAKE_MS	10000

/* How long a client waits for the size of a picture that is being looked for. */
#define CLIENT_SIZE_WAIT_MS	2500

/* Size of the framebuffer while none has ever been seen. */
#define CLIENT_WIDTH		640
#define CLIENT_HEIGHT		480

/* Pause before an update is tried again whose picture changed too fast. */
#define CLIENT_LATER_MS		10

enum client_state {
	CLIENT_HANDSHAKE,
	CLIENT_SIZE,		/* ServerInit waits for the size of the picture */
	CLIENT_RUNNING,
	CLIENT_DRAINING,	/* it has gone, what it typed is still being written */
	CLIENT_CLOSED,		/* to be freed when nobody looks at it any more */
};

struct server;

/**
 * struct client - a connection
 * @watch: the socket
 * @server: whose client it is
 * @next: in the server's list
 * @state: enum client_state
 * @name: address, for the log
 * @deadline: time in ms when @state has taken too long
 * @handshake: until CLIENT_RUNNING
 * @in: bytes from the client that are no whole message yet
 * @in_length: how many
 * @skip: bytes of clipboard text that are still to come, and thrown away
 * @output: bytes for the client
 * @update: what it sees
 * @later: the update in progress is to be tried again
 * @input: what it types
 * @buttons: of its last pointer event
 */
struct client {
	struct watch watch;
	struct server *server;
	struct client *next;
	enum client_state state;
	char name[CLIENT_NAME_MAX];
	uint64_t deadline;
	struct handshake handshake;
	uint8_t in[MESSAGE_LENGTH_MAX];
	size_t in_length;
	uint32_t skip;
	struct output output;
	struct update update;
	bool later;
	struct input input;
	uint16_t buttons;
};

/**
 * client_start() - begin to serve a connection
 * @server: whose client it is
 * @fd: the socket, the client's from then on, also on failure
 * @name: for the log
 * @refusal: tell it this and close; NULL to let it in
 *
 * Return: the client, which is in the server's list; NULL if there is no memory.
 */
struct client *client_start(struct server *server, int fd, const char *name,
			    const char *refusal);

/* After anything has happened: go on with what can be gone on with. */
void client_advance(struct client *client, uint64_t now);

/* Whether the client waits for a picture that has not been captured yet. */
bool client_waits(const struct client *client);

/* When client_advance() has something to do of itself. */
uint64_t client_deadline(const struct client *client);

/* Close the connection and say why. */
void client_close(struct client *client, const char *reason);

/* Free a closed client. */
void client_free(struct client *client);

#endif
