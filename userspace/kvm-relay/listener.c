// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets that clients connect to.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"
#include "server.h"

#define BACKLOG			16

/* A peer that has vanished is noticed after two minutes, and its keys go up. */
#define KEEPALIVE_IDLE_S	60
#define KEEPALIVE_INTERVAL_S	15
#define KEEPALIVE_PROBES	4

#define HOST_MAX		64

/* Take "ADDRESS:PORT" apart. Return: false if it is no such thing. */
static bool split(const char *where, char host[HOST_MAX], const char **port)
{
	const char *colon = strrchr(where, ':');
	size_t length;

	if (!colon || !colon[1])
		return false;
	*port = colon + 1;
	length = (size_t)(colon - where);
	if (length >= 2 && where[0] == '[' && colon[-1] == ']') {
		where++;
		length -= 2;
	} else if (memchr(where, ':', length)) {
		return false;
	}
	if (!length || length >= HOST_MAX)
		return false;
	memcpy(host, where, length);
	host[length] = '\0';
	return true;
}

static struct addrinfo *resolve(const char *where)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *address = NULL;
	char host[HOST_MAX];
	const char *port;

	/* getaddrinfo() takes more for a port than one is. */
	if (!split(where, host, &port) || strspn(port, "0123456789") != strlen(port) ||
	    strtoul(port, NULL, 10) > UINT16_MAX || getaddrinfo(host, port, &hints, &address))
		return NULL;
	return address;
}

static void explain_bind(const char *where, int error, char *reason, size_t size)
{
	if (error == EADDRINUSE)
		snprintf(reason, size,
			 "%s is in use, by another kvm-relay or VNC server; stop that one or choose another place",
			 where);
	else
		snprintf(reason, size, "cannot listen on %s: %s", where, strerror(error));
}

int listener_open_tcp(const char *where, char *reason, size_t size)
{
	struct addrinfo *address = resolve(where);
	const int on = 1;
	int fd;

	if (!address) {
		snprintf(reason, size, "%s is no ADDRESS:PORT or [ADDRESS]:PORT with a numeric address",
			 where);
		return -1;
	}
	fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (address->ai_family == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	if (fd < 0 || bind(fd, address->ai_addr, address->ai_addrlen) || listen(fd, BACKLOG)) {
		explain_bind(where, errno, reason, size);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(address);
	return fd;
}

/* Remove a socket that is left over; one that somebody listens on stays. */
static void remove_stale(const struct sockaddr_un *address)
{
	struct stat status;
	int fd;

	if (lstat(address->sun_path, &status) || !S_ISSOCK(status.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
	close(fd);
}

int listener_open_unix(const char *path, char *reason, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (!*path || strlen(path) >= sizeof(address.sun_path)) {
		snprintf(reason, size, "%s is too long for a Unix socket's path, or empty", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	remove_stale(&address);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, BACKLOG)) {
		explain_bind(path, errno, reason, size);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

bool listener_is_local(int fd)
{
	struct sockaddr_storage address = { 0 };
	const struct sockaddr_in6 *in6 = (const void *)&address;
	const struct sockaddr_in *in = (const void *)&address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length))
		return false;
	switch (address.ss_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	default:
		return false;
	}
}

static void name_peer(const struct sockaddr_storage *address, socklen_t length, char *name,
		      size_t size)
{
	char host[HOST_MAX], port[8];

	if (address->ss_family == AF_UNIX ||
	    getnameinfo((const struct sockaddr *)address, length, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(name, size, "local client");
	else if (address->ss_family == AF_INET6)
		snprintf(name, size, "[%s]:%s", host, port);
	else
		snprintf(name, size, "%s:%s", host, port);
}

static void tune(int fd, int family)
{
	const int on = 1, idle = KEEPALIVE_IDLE_S;
	const int interval = KEEPALIVE_INTERVAL_S, probes = KEEPALIVE_PROBES;
	/* Keepalive rests while data are on their way: those have a limit, too. */
	const unsigned int unacknowledged_ms = 1000 * (KEEPALIVE_IDLE_S +
						       KEEPALIVE_INTERVAL_S * KEEPALIVE_PROBES);

	if (family == AF_UNIX)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms,
		   sizeof(unacknowledged_ms));
}

static void ready(struct watch *watch, uint32_t events)
{
	struct listener *listener = container_of(watch, struct listener, watch);
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	char name[CLIENT_NAME_MAX];
	int fd;

	(void)events;
	fd = accept4(watch->fd, (struct sockaddr *)&address, &length,
		     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_error("cannot accept a connection: %s", strerror(errno));
		return;
	}
	name_peer(&address, length, name, sizeof(name));
	tune(fd, address.ss_family);
	server_accept(listener->server, fd, name);
}

int listener_start(struct listener *listener, struct server *server, int fd,
		   const char *unix_path)
{
	*listener = (struct listener){
		.watch = { .fd = -1, .ready = ready },
		.server = server,
		.unix_path = unix_path,
	};
	return loop_watch(&server->loop, &listener->watch, fd, EPOLLIN);
}

void listener_close(struct listener *listener)
{
	loop_close(&listener->server->loop, &listener->watch);
	if (listener->unix_path)
		unlink(listener->unix_path);
}
