/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all clients share.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_SERVER_H
#define RELAY_SERVER_H

#include "client.h"
#include "frame.h"
#include "input.h"
#include "loop.h"
#include "source.h"

/* Clients that are served at the same time. */
#define CLIENTS_MAX		16

/* Connections beyond that which are told so; more are closed without a word. */
#define CLIENTS_REFUSED_MAX	8

/**
 * struct server - what all clients share
 * @loop: the event loop
 * @source: the capture device
 * @frame: the picture in pixels
 * @port: the keyboard and pointer
 * @name: the desktop's, which viewers show
 * @password: for VncAuth, NULL for none
 * @clients: a list
 * @connected: how many clients are in it, refused ones included
 * @stop: the loop is to be left
 */
struct server {
	struct loop loop;
	struct source source;
	struct frame frame;
	struct input_port port;
	const char *name;
	const uint8_t *password;
	struct client *clients;
	unsigned int connected;
	bool stop;
};

/* Return: 0 or a negative errno. */
int server_init(struct server *server, const char *device, const char *hid);
void server_free(struct server *server);

/* A new connection; @fd is the server's from then on, @name is copied. */
void server_accept(struct server *server, int fd, const char *name);

/* Serve until server->stop. Return: 0 or a negative errno. */
int server_run(struct server *server);

/* One round of that: wait at most @timeout ms, -1 for as long as it takes. */
int server_step(struct server *server, int timeout);

#endif
