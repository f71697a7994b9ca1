/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets that clients connect to.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_LISTENER_H
#define RELAY_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"

#define LISTENERS_MAX	16
#define REASON_MAX	256

struct server;

/**
 * struct listener - a socket
 * @watch: it
 * @server: who gets its clients
 * @unix_path: to be removed at the end, NULL if there is none
 */
struct listener {
	struct watch watch;
	struct server *server;
	const char *unix_path;
};

/**
 * listener_open_tcp() - listen on "ADDRESS:PORT" or "[ADDRESS]:PORT"
 * @where: numeric address, IPv4 or IPv6, exactly that one family
 * @reason: why it did not work, a sentence for a person
 * @size: of @reason
 *
 * Return: a descriptor or -1.
 */
int listener_open_tcp(const char *where, char *reason, size_t size);

/* Listen on a Unix socket, in place of one that nobody listens on any more. */
int listener_open_unix(const char *path, char *reason, size_t size);

/* Whether only this machine's users can connect to @fd. */
bool listener_is_local(int fd);

/* Serve clients of @fd, which is the listener's from then on. Return: 0 or -errno. */
int listener_start(struct listener *listener, struct server *server, int fd,
		   const char *unix_path);
void listener_close(struct listener *listener);

#endif
