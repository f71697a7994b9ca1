// SPDX-License-Identifier: Apache-2.0
/*
 * The rack's USB cable: a device of the BMC's kernel, served over TCP.
 *
 *	rack-usb VENDOR:PRODUCT ADDRESS PORT
 *
 * What usbredirect(1) does, for one connection after the other. That program
 * (0.13) asks whether it may write even if it has nothing to write, and so takes
 * all the time there is of the one processor that the BMC has.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libusb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirhost.h>

#define FDS_MAX		16	/* libusb's, of one device, and the client's */
#define OPEN_TRIES	100	/* of OPEN_RETRY_US: the device may be enumerating */
#define OPEN_RETRY_US	50000
#define LOOP_MS		1000	/* libusb looks after its timeouts at least that often */

struct cable {
	libusb_context *usb;
	struct usbredirhost *host;
	int client;
	bool ended;
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list arguments;

	fputs("rack-usb: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static void log_line(void *priv, int level, const char *message)
{
	(void)priv;
	if (level <= usbredirparser_warning)
		fprintf(stderr, "rack-usb: %s\n", message);
}

/* As usbredirparser.h wants it: 0 for "not now", -1 for an end. */
static int read_client(void *priv, uint8_t *data, int count)
{
	struct cable *cable = priv;
	ssize_t got = read(cable->client, data, (size_t)count);

	if (got > 0)
		return (int)got;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	cable->ended = true;
	return -1;
}

static int write_client(void *priv, uint8_t *data, int count)
{
	struct cable *cable = priv;
	ssize_t done = send(cable->client, data, (size_t)count, MSG_NOSIGNAL);

	if (done >= 0)
		return (int)done;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	cable->ended = true;
	return -1;
}

static unsigned int collect_fds(const struct cable *cable, struct pollfd *fds)
{
	const struct libusb_pollfd **theirs = libusb_get_pollfds(cable->usb);
	unsigned int count = 0;

	fds[count++] = (struct pollfd){
		.fd = cable->client,
		.events = usbredirhost_has_data_to_write(cable->host) > 0 ?
			  POLLIN | POLLOUT : POLLIN,
	};
	for (unsigned int i = 0; theirs && theirs[i] && count < FDS_MAX; i++)
		fds[count++] = (struct pollfd){
			.fd = theirs[i]->fd,
			.events = theirs[i]->events,
		};
	libusb_free_pollfds(theirs);
	return count;
}

static void serve(struct cable *cable)
{
	struct timeval now = { 0 };
	struct pollfd fds[FDS_MAX];

	while (!cable->ended) {
		unsigned int count = collect_fds(cable, fds);

		if (poll(fds, count, LOOP_MS) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (libusb_handle_events_timeout_completed(cable->usb, &now, NULL) < 0)
			return;
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR) &&
		    usbredirhost_read_guest_data(cable->host) < 0)
			return;
		if (usbredirhost_has_data_to_write(cable->host) > 0 &&
		    usbredirhost_write_guest_data(cable->host) < 0)
			return;
	}
}

/*
 * Each try with a context of its own: libusb lists devices once, and then relies
 * on udev, which a BMC may not have, to hear of others.
 */
static libusb_device_handle *open_device(struct cable *cable, unsigned int vendor,
					 unsigned int product)
{
	for (int try = 0; try < OPEN_TRIES; try++) {
		libusb_device_handle *device;

		if (libusb_init(&cable->usb) < 0)
			die("no libusb");
		device = libusb_open_device_with_vid_pid(cable->usb, (uint16_t)vendor,
							 (uint16_t)product);
		if (device)
			return device;
		libusb_exit(cable->usb);
		usleep(OPEN_RETRY_US);
	}
	return NULL;
}

static void serve_client(struct cable *cable, unsigned int vendor, unsigned int product)
{
	libusb_device_handle *device = open_device(cable, vendor, product);

	if (!device) {
		fprintf(stderr, "rack-usb: no device %04x:%04x\n", vendor, product);
		return;
	}
	cable->ended = false;
	cable->host = usbredirhost_open(cable->usb, device, log_line, read_client, write_client,
					cable, "kvmcap rack", usbredirparser_warning, 0);
	if (cable->host) {
		serve(cable);
		usbredirhost_close(cable->host);
	} else {
		fprintf(stderr, "rack-usb: the device cannot be redirected\n");
	}
	libusb_exit(cable->usb);
}

static int listen_at(const char *address, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	char *end;
	unsigned long number = strtoul(port, &end, 10);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (*end != '\0' || number == 0 || number > 65535 ||
	    inet_pton(AF_INET, address, &at.sin_addr) != 1)
		die("%s:%s is no address", address, port);
	at.sin_port = htons((uint16_t)number);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 1) < 0)
		die("%s:%s: %s", address, port, strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	struct cable cable = { .client = -1 };
	unsigned int vendor, product;
	int listener, one = 1;

	if (argc != 4 || sscanf(argv[1], "%4x:%4x", &vendor, &product) != 2) {
		fputs("Usage: rack-usb VENDOR:PRODUCT ADDRESS PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	listener = listen_at(argv[2], argv[3]);
	for (;;) {
		cable.client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (cable.client < 0)
			continue;
		setsockopt(cable.client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		serve_client(&cable, vendor, product);
		close(cable.client);
	}
}
