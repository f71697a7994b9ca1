// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl: look inside kvmcap, and feed its simulated screen.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvmcapctl.h"

#define FPS_DEFAULT	25
#define FPS_MAX		240
#define TIMEOUT_DEFAULT	10	/* s; a mode detection alone may take some */
#define TIMEOUT_MAX	3600

enum option_bit {
	OPTION_DEVICE = 1 << 0,
	OPTION_JSON = 1 << 1,
	OPTION_LOOP = 1 << 2,
	OPTION_FPS = 1 << 3,
	OPTION_TIMEOUT = 1 << 4,
	OPTION_HELP = 1 << 5,
	OPTION_VERSION = 1 << 6,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "loop", no_argument, NULL, OPTION_LOOP },
	{ "fps", required_argument, NULL, OPTION_FPS },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

/**
 * struct command - a command
 * @name: its one or two words
 * @argument: what follows it, NULL if nothing may
 * @required: whether it must
 * @options: enum option_bit that it takes besides --device
 * @run: what it does
 */
struct command {
	const char *name;
	const char *argument;
	bool required;
	unsigned int options;
	command_fn *run;
};

static const struct command commands[] = {
	{ "state", NULL, false, OPTION_JSON, command_state },
	{ "screenshot", "FILE.jpg", true, OPTION_TIMEOUT, command_screenshot },
	{ "sim mode", "WIDTHxHEIGHT", false, 0, command_sim_mode },
	{ "sim signal", "on|off", true, 0, command_sim_signal },
	{ "sim play", NULL, false, OPTION_FPS | OPTION_LOOP, command_sim_play },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const char usage[] =
"Usage: kvmcapctl [OPTION]... COMMAND\n"
"Look at the screen that kvmcap captures, and feed the one that it simulates.\n"
"\n"
"Commands\n"
"  state [--json]                what the device and its picture are like\n"
"  screenshot FILE.jpg           save the picture; FILE - is standard output\n"
"  sim mode [WIDTHxHEIGHT]       tell or set the simulated screen's size\n"
"  sim signal on|off             switch the simulated screen's signal\n"
"  sim play [--fps N] [--loop]   show binary PPM images (P6) from standard input\n"
"\n"
"Options\n"
"  --device PATH     the device; else /dev/kvmcap0, and for sim /dev/kvmcap-sim0\n"
"  --timeout S       seconds that screenshot waits for a picture (10)\n"
"  --fps N           images a second that sim play shows (25)\n"
"  --loop            begin again at the first image when all have been shown\n"
"  --json            print JSON\n"
"  --help            print this\n"
"  --version         print the version\n"
"\n"
"Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such device or no access,\n"
"4 no picture in time, 5 malformed images.\n";

int complain(int status, const char *format, ...)
{
	va_list arguments;

	fputs("kvmcapctl: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return status;
}

/* 1..@max, or 0 if @text is not that. */
static unsigned int parse_number(const char *text, unsigned int max)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	return errno || *end || value > max ? 0 : (unsigned int)value;
}

static const char *option_name(int bit)
{
	const struct option *o;

	for (o = long_options; o->val != bit; o++)
		;
	return o->name;
}

static int set_number(unsigned int *number, int bit, unsigned int max)
{
	*number = parse_number(optarg, max);
	if (*number)
		return STATUS_OK;
	return complain(STATUS_USAGE, "--%s %s: it takes a whole number from 1 to %u",
			option_name(bit), optarg, max);
}

static int bad_option(int code, const char *word)
{
	if (code == ':')
		return complain(STATUS_USAGE, "%s: it takes a value, see kvmcapctl --help", word);
	return complain(STATUS_USAGE, "%s: no such option, see kvmcapctl --help", word);
}

static int parse_options(struct options *options, unsigned int *given, int argc, char **argv)
{
	int code, status;

	opterr = 0;
	while ((code = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		status = STATUS_OK;
		if (code == '?' || code == ':')
			return bad_option(code, argv[optind - 1]);
		if (code == OPTION_DEVICE)
			options->device = optarg;
		else if (code == OPTION_FPS)
			status = set_number(&options->fps, code, FPS_MAX);
		else if (code == OPTION_TIMEOUT)
			status = set_number(&options->timeout, code, TIMEOUT_MAX);
		if (status)
			return status;
		*given |= (unsigned int)code;
	}
	options->json = *given & OPTION_JSON;
	options->loop = *given & OPTION_LOOP;
	return STATUS_OK;
}

/* The command that @words begin with; its words are counted in @used. */
static const struct command *find_command(char **words, int count, int *used)
{
	char name[32];
	size_t i;

	for (*used = 1; *used <= 2 && *used <= count; (*used)++) {
		if (*used == 1)
			snprintf(name, sizeof(name), "%s", words[0]);
		else
			snprintf(name, sizeof(name), "%s %s", words[0], words[1]);
		for (i = 0; i < COMMANDS; i++) {
			if (!strcmp(commands[i].name, name))
				return &commands[i];
		}
	}
	return NULL;
}

static int run_command(const struct options *options, unsigned int given, char **words, int count)
{
	const struct command *command;
	unsigned int extra;
	int used;

	if (!count)
		return complain(STATUS_USAGE, "a command is missing, see kvmcapctl --help");
	command = find_command(words, count, &used);
	if (!command)
		return complain(STATUS_USAGE, "%s%s%s: no such command, see kvmcapctl --help",
				words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");
	extra = given & ~(command->options | OPTION_DEVICE);
	if (extra)
		return complain(STATUS_USAGE, "--%s: no option of '%s', see kvmcapctl --help",
				option_name((int)(extra & -extra)), command->name);
	if (count == used && command->required)
		return complain(STATUS_USAGE, "%s: %s is missing, see kvmcapctl --help",
				command->name, command->argument);
	if (count > used + !!command->argument)
		return complain(STATUS_USAGE, "%s: too many arguments, see kvmcapctl --help",
				words[count - 1]);
	return command->run(options, count > used ? words[used] : NULL);
}

int main(int argc, char **argv)
{
	struct options options = { .fps = FPS_DEFAULT, .timeout = TIMEOUT_DEFAULT };
	unsigned int given = 0;
	int status = parse_options(&options, &given, argc, argv);

	if (status)
		return status;
	if (given & OPTION_HELP)
		fputs(usage, stdout);
	else if (given & OPTION_VERSION)
		puts("kvmcapctl " KVMCAPCTL_VERSION);
	else
		status = run_command(&options, given, argv + optind, argc - optind);
	if (fflush(stdout) || ferror(stdout))
		return complain(STATUS_FAILED, "standard output: %s", strerror(errno));
	return status;
}
