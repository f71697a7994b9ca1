// SPDX-License-Identifier: Apache-2.0
/*
 * kvm-relay: the screen of a kvmcap device to VNC clients, and their keys and
 * mice to a kvmhid device. One process, one thread, one epoll.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "server.h"

#define EXIT_USAGE		2

/* systemd passes sockets from this descriptor on (sd_listen_fds(3)). */
#define SYSTEMD_FIRST_FD	3

struct relay {
	struct server server;
	struct watch signals;
	struct listener listeners[LISTENERS_MAX];
	unsigned int listener_count;
};

static void signalled(struct watch *watch, uint32_t events)
{
	struct relay *relay = container_of(watch, struct relay, signals);

	(void)events;
	relay->server.stop = true;
}

static int watch_signals(struct relay *relay)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	relay->signals.ready = signalled;
	return loop_watch(&relay->server.loop, &relay->signals, fd, EPOLLIN);
}

/* Sockets from systemd; LISTEN_PID says that they are for this process. */
static unsigned int passed_sockets(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");

	if (!pid || !count || strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	return (unsigned int)strtoul(count, NULL, 10);
}

/* Serve @fd, or say why not. */
static bool serve(struct relay *relay, const struct options *options, int fd,
		  const char *where, const char *unix_path)
{
	int error;

	if (relay->listener_count == LISTENERS_MAX) {
		fprintf(stderr, "kvm-relay: more than %d places to listen on\n", LISTENERS_MAX);
		close(fd);
		return false;
	}
	if (!options->has_password && !options->force_none && !listener_is_local(fd)) {
		fprintf(stderr,
			"kvm-relay: %s can be reached from other machines: give a --password-file, or --force-none if nothing protects it on purpose\n",
			where);
		close(fd);
		return false;
	}
	error = listener_start(&relay->listeners[relay->listener_count], &relay->server, fd,
			       unix_path);
	if (error) {
		fprintf(stderr, "kvm-relay: cannot wait on %s: %s\n", where, strerror(-error));
		return false;
	}
	relay->listener_count++;
	log_info("listening on %s", where);
	return true;
}

static bool serve_passed(struct relay *relay, const struct options *options,
			 unsigned int count)
{
	char where[64];

	for (unsigned int i = 0; i < count; i++) {
		int fd = SYSTEMD_FIRST_FD + (int)i;

		snprintf(where, sizeof(where), "the socket %u that systemd has passed", i + 1);
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK)) {
			fprintf(stderr, "kvm-relay: %s is none: %s\n", where, strerror(errno));
			return false;
		}
		if (!serve(relay, options, fd, where, NULL))
			return false;
	}
	return true;
}

static bool serve_tcp(struct relay *relay, const struct options *options, const char *where)
{
	char reason[REASON_MAX];
	int fd = listener_open_tcp(where, reason, sizeof(reason));

	if (fd < 0) {
		fprintf(stderr, "kvm-relay: %s\n", reason);
		return false;
	}
	return serve(relay, options, fd, where, NULL);
}

static bool serve_unix(struct relay *relay, const struct options *options, const char *path)
{
	char reason[REASON_MAX];
	int fd = listener_open_unix(path, reason, sizeof(reason));

	if (fd < 0) {
		fprintf(stderr, "kvm-relay: %s\n", reason);
		return false;
	}
	return serve(relay, options, fd, path, path);
}

static bool serve_all(struct relay *relay, const struct options *options)
{
	unsigned int passed = passed_sockets();

	if (!serve_passed(relay, options, passed))
		return false;
	for (unsigned int i = 0; i < options->listen_count; i++)
		if (!serve_tcp(relay, options, options->listen[i]))
			return false;
	for (unsigned int i = 0; i < options->listen_unix_count; i++)
		if (!serve_unix(relay, options, options->listen_unix[i]))
			return false;
	if (relay->listener_count)
		return true;
	return serve_tcp(relay, options, DEFAULT_LISTEN);
}

/* A recording, other than a device, does not come later. */
static bool check_recording(const struct options *options)
{
	struct kvmcap_source *source;
	char sentence[4096 + REASON_MAX];
	int error = kvmcap_open_recording(&source, options->source, &options->replay);

	if (!error) {
		kvmcap_close(source);
		return true;
	}
	if (error == -ENOENT)
		snprintf(sentence, sizeof(sentence), "%s: no such recording", options->source);
	else
		kvmcap_explain(options->source, error, sentence, sizeof(sentence));
	fprintf(stderr, "kvm-relay: %s\n", sentence);
	return false;
}

static int run(struct relay *relay, const struct options *options)
{
	const char *device = options->source ? options->source : options->device;
	int error = server_init(&relay->server, device, options->hid);

	if (options->source)
		relay->server.source.replay = &options->replay;
	if (!error)
		error = watch_signals(relay);
	if (error) {
		fprintf(stderr, "kvm-relay: cannot start: %s\n", strerror(-error));
		return EXIT_FAILURE;
	}
	relay->server.name = options->name;
	relay->server.password = options->has_password ? options->password : NULL;
	if (!serve_all(relay, options))
		return EXIT_FAILURE;
	error = server_run(&relay->server);
	if (error)
		log_error("cannot wait for events: %s", strerror(-error));
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct relay *relay;
	struct options options;
	int status;

	switch (options_read(&options, argc, argv)) {
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	if (options.source && !check_recording(&options))
		return EXIT_FAILURE;
	relay = calloc(1, sizeof(*relay));
	if (!relay) {
		fprintf(stderr, "kvm-relay: out of memory\n");
		return EXIT_FAILURE;
	}
	relay->signals.fd = -1;
	status = run(relay, &options);
	for (unsigned int i = 0; i < relay->listener_count; i++)
		listener_close(&relay->listeners[i]);
	loop_close(&relay->server.loop, &relay->signals);
	server_free(&relay->server);
	free(relay);
	return status;
}
