// SPDX-License-Identifier: Apache-2.0
/*
 * The command line.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <kvmcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"
#include "units.h"

enum {
	OPTION_DEVICE = 256,
	OPTION_HID,
	OPTION_NAME,
	OPTION_LISTEN,
	OPTION_UNIX,
	OPTION_PASSWORD_FILE,
	OPTION_FORCE_NONE,
	OPTION_SOURCE,
	OPTION_SPEED,
	OPTION_FROM,
	OPTION_PAUSED,
	OPTION_LOOP,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "hid", required_argument, NULL, OPTION_HID },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "unix", required_argument, NULL, OPTION_UNIX },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ "force-none", no_argument, NULL, OPTION_FORCE_NONE },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "speed", required_argument, NULL, OPTION_SPEED },
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "paused", no_argument, NULL, OPTION_PAUSED },
	{ "loop", no_argument, NULL, OPTION_LOOP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static const char help[] =
"Usage: kvm-relay [OPTION]...\n"
"Serve the screen of a kvmcap device to VNC clients, and their keyboards and\n"
"mice to a kvmhid device.\n"
"\n"
"      --listen ADDRESS:PORT  listen there; IPv6 as [ADDRESS]:PORT; may be repeated\n"
"                             (" DEFAULT_LISTEN " if no place at all is given)\n"
"      --unix PATH            listen on a Unix socket; may be repeated\n"
"      --device PATH          capture device (" KVMCAP_DEVICE_DEFAULT ")\n"
"      --hid PATH             keyboard and mouse device (" DEFAULT_HID ")\n"
"      --source RECORDING     play what kvmcapctl record wrote, a file or a ring's\n"
"                             directory, instead of both devices\n"
"      --speed N              so many times as fast, 0.001 to 1000 (1)\n"
"      --from TIME            from there on: 90 (seconds), 1.5s, 15m or 1h30m\n"
"      --paused               standing still there\n"
"      --loop                 beginning again at its end, instead of standing still\n"
"      --name NAME            what viewers show in their title (kvmcap)\n"
"      --password-file PATH   ask for the password in the first line of the file;\n"
"                             only eight bytes of it count in VNC\n"
"      --force-none           ask for no password on addresses that other machines\n"
"                             can reach either\n"
"      --version              print the version and exit\n"
"  -h, --help                 print this and exit\n"
"\n"
"Sockets that systemd passes are served instead of the default one.\n";

/* Read the first line. Return: a sentence about what is wrong with it, NULL if nothing. */
static const char *read_password(const char *path, uint8_t password[VNCAUTH_PASSWORD_LENGTH])
{
	char line[VNCAUTH_PASSWORD_LENGTH + 1] = "";
	struct stat status;
	ssize_t length;
	size_t used;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return strerror(errno);
	length = read(fd, line, VNCAUTH_PASSWORD_LENGTH);
	if (length < 0 || fstat(fd, &status)) {
		close(fd);
		return strerror(errno);
	}
	close(fd);
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return "others than its owner may use it; chmod 600 it";
	used = strcspn(line, "\r\n");
	if (!used)
		return "its first line is empty";
	memset(password, 0, VNCAUTH_PASSWORD_LENGTH);
	memcpy(password, line, used);
	return NULL;
}

static bool add(const char **list, unsigned int *count, const char *what)
{
	if (*count == LISTENERS_MAX) {
		fprintf(stderr, "kvm-relay: more than %d places to listen on\n", LISTENERS_MAX);
		return false;
	}
	list[(*count)++] = what;
	return true;
}

static bool set_password(struct options *options, const char *path)
{
	const char *wrong = read_password(path, options->password);

	if (wrong)
		fprintf(stderr, "kvm-relay: cannot take the password from %s: %s\n", path, wrong);
	options->has_password = !wrong;
	return !wrong;
}

static bool set_speed(struct options *options, const char *argument)
{
	if (kvmcap_parse_speed(argument, &options->replay.speed))
		return true;
	fprintf(stderr, "kvm-relay: --speed %s: it takes a number from 0.001 to %u\n", argument,
		KVMCAP_SPEED_MAX / KVMCAP_SPEED_REAL);
	return false;
}

static bool set_from(struct options *options, const char *argument)
{
	if (kvmcap_parse_duration(argument, &options->replay.from_ns))
		return true;
	fprintf(stderr, "kvm-relay: --from %s: it takes a time, as 90, 1.5s, 250ms, 15m or 1h30m\n",
		argument);
	return false;
}

/* What says how a recording is played. */
static bool take_replay(struct options *options, int option, const char *argument)
{
	switch (option) {
	case OPTION_SPEED:
		return set_speed(options, argument);
	case OPTION_FROM:
		return set_from(options, argument);
	case OPTION_PAUSED:
		options->replay.paused = true;
		return true;
	case OPTION_LOOP:
		options->replay.loop = true;
		return true;
	default:
		return false;
	}
}

static bool take(struct options *options, int option, const char *argument)
{
	switch (option) {
	case OPTION_SOURCE:
		options->source = argument;
		return true;
	case OPTION_DEVICE:
		options->device = argument;
		return true;
	case OPTION_HID:
		options->hid = argument;
		return true;
	case OPTION_NAME:
		options->name = argument;
		return true;
	case OPTION_LISTEN:
		return add(options->listen, &options->listen_count, argument);
	case OPTION_UNIX:
		return add(options->listen_unix, &options->listen_unix_count, argument);
	case OPTION_PASSWORD_FILE:
		return set_password(options, argument);
	case OPTION_FORCE_NONE:
		options->force_none = true;
		return true;
	default:
		return take_replay(options, option, argument);
	}
}

/* @option: what getopt returned for @word */
static void complain(int option, const char *word)
{
	fprintf(stderr, "kvm-relay: %s: %s, see kvm-relay --help\n", word,
		option == ':' ? "it takes a value" : "no such option");
}

/* Return: whether the program is to end well, having printed what was asked for. */
static bool print(int option)
{
	if (option == 'h')
		fputs(help, stdout);
	else if (option == OPTION_VERSION)
		puts("kvm-relay " RELAY_VERSION);
	else
		return false;
	return true;
}

enum options_result options_read(struct options *options, int argc, char **argv)
{
	char letter[] = "-?";
	int option;

	*options = (struct options){
		.device = KVMCAP_DEVICE_DEFAULT,
		.hid = DEFAULT_HID,
		.name = "kvmcap",
	};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (print(option))
			return OPTIONS_DONE;
		if (option == '?' || option == ':') {
			/* Of several letters in a word only this one is at fault. */
			letter[1] = (char)optopt;
			complain(option, optopt > 0 && optopt < OPTION_DEVICE ?
				 letter : argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (!take(options, option, optarg))
			return OPTIONS_WRONG;
	}
	if (optind < argc) {
		fprintf(stderr, "kvm-relay: %s: one argument too many, see kvm-relay --help\n",
			argv[optind]);
		return OPTIONS_WRONG;
	}
	if (options->source) {
		options->hid = NULL;
		return OPTIONS_RUN;
	}
	if (options->replay.speed || options->replay.from_ns || options->replay.paused ||
	    options->replay.loop) {
		fprintf(stderr, "kvm-relay: --speed, --from, --paused and --loop go with --source, see kvm-relay --help\n");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}
