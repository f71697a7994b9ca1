// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl: look inside kvmcap, record what it shows, and feed its simulated
 * screen.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

/**
 * struct command - a command
 * @name: its one or two words
 * @argument: what follows it, NULL if nothing may
 * @required: whether it must
 * @rest: more words may follow that
 * @options: enum option_bit that it takes
 * @run: what it does
 */
struct command {
	const char *name;
	const char *argument;
	bool required;
	bool rest;
	unsigned int options;
	command_fn *run;
};

static const struct command commands[] = {
	{ "state", NULL, false, false, OPTION_DEVICE | OPTION_JSON | OPTION_INTERVAL,
	  command_state },
	{ "top", NULL, false, false, OPTION_DEVICE | OPTION_INTERVAL | OPTION_ONCE, command_top },
	{ "screenshot", "FILE", true, false, OPTION_DEVICE | OPTION_TIMEOUT | OPTION_PNG,
	  command_screenshot },
	{ "wait signal", NULL, false, false, OPTION_DEVICE | OPTION_TIMEOUT, command_wait_signal },
	{ "wait nosignal", NULL, false, false, OPTION_DEVICE | OPTION_TIMEOUT,
	  command_wait_nosignal },
	{ "wait mode", "WIDTHxHEIGHT", true, false, OPTION_DEVICE | OPTION_TIMEOUT,
	  command_wait_mode },
	{ "wait change", NULL, false, false, OPTION_DEVICE | OPTION_TIMEOUT | OPTION_REGION,
	  command_wait_change },
	{ "wait stable", NULL, false, false,
	  OPTION_DEVICE | OPTION_TIMEOUT | OPTION_REGION | OPTION_FOR, command_wait_stable },
	{ "record", "FILE", true, false,
	  OPTION_DEVICE | OPTION_DURATION | OPTION_FRAMES | OPTION_RING | OPTION_KEEP_LAST |
	  OPTION_FPS, command_record },
	{ "info", "RECORDING", true, false, OPTION_JSON, command_info },
	{ "play", "RECORDING", true, true,
	  OPTION_SPEED | OPTION_PAUSED | OPTION_FROM | OPTION_LOOP, command_play },
	{ "export", "RECORDING", true, false,
	  OPTION_FPS | OPTION_FROM | OPTION_DURATION | OPTION_FRAMES, command_export },
	{ "sim mode", "WIDTHxHEIGHT", false, false, OPTION_DEVICE, command_sim_mode },
	{ "sim signal", "on|off", true, false, OPTION_DEVICE, command_sim_signal },
	{ "sim play", NULL, false, false, OPTION_DEVICE | OPTION_FPS | OPTION_LOOP,
	  command_sim_play },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static const char usage[] =
"Usage: kvmcapctl [OPTION]... COMMAND\n"
"Look at the screen that kvmcap captures, record it, and feed the one that it\n"
"simulates.\n"
"\n"
"Look\n"
"  state [--json]                what the device and its picture are like\n"
"  top [--once]                  what it does, live: rates, and where it changes\n"
"  screenshot [--png] FILE       save the picture, as PNG if FILE ends in .png or\n"
"                                with --png, else as JPEG; - is standard output\n"
"  wait signal|nosignal          until the host sends a signal, or none\n"
"  wait mode WIDTHxHEIGHT        until there is a picture of that size\n"
"  wait change [--region R]      until something changes there\n"
"  wait stable --for TIME [--region R]\n"
"                                until nothing has changed there for so long\n"
"Record\n"
"  record FILE                   all that is shown, until SIGINT or SIGTERM\n"
"  record --ring SIZE [--keep-last TIME] DIRECTORY\n"
"                                the same for ever, keeping what came last\n"
"  info RECORDING [--json]       how long it is, and whether it is whole\n"
"  play RECORDING [-- OPTION...] show it to VNC clients: kvm-relay --source, with\n"
"                                its other options behind --\n"
"  export RECORDING [--fps N]    PPM images to standard output\n"
"  A RECORDING is a file or the directory of a ring. As --device PATH it stands\n"
"  for a device, played at real speed.\n"
"Simulate\n"
"  sim mode [WIDTHxHEIGHT]       tell or set the simulated screen's size\n"
"  sim signal on|off             switch the simulated screen's signal\n"
"  sim play [--fps N] [--loop]   show binary PPM images (P6) from standard input\n"
"\n"
"Options\n"
"  --device PATH     the device; else /dev/kvmcap0, and for sim /dev/kvmcap-sim0\n"
"  --timeout S       seconds that screenshot and wait take at most (10)\n"
"  --interval TIME   what rates are measured over (500ms); 0: state tells none\n"
"  --region X,Y,WIDTH,HEIGHT\n"
"                    in pixels; tiles count that share one with it\n"
"  --duration TIME   of the recording, or of the part that is exported\n"
"  --frames N        no more than so many\n"
"  --from TIME       where to begin, from the recording's first frame\n"
"  --speed N         0.001 to 1000 (1)\n"
"  --paused          stand still where it begins\n"
"  --fps N           images a second that sim play shows (25), or export writes\n"
"                    (each frame once), or record asks for at most (all; --ring: 5)\n"
"  --loop            begin again at the end\n"
"  --json            print JSON\n"
"  --help            print this\n"
"  --version         print the version\n"
"A TIME is 90 (seconds), 1.5s, 250ms, 15m or 1h30m; a SIZE is 65536, 512K or 64M.\n"
"\n"
"Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such device or no access,\n"
"4 not in time, 5 malformed images.\n";

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

/* What is wrong with the words and options for @command, of which it has @used. */
static int check_command(const struct command *command, unsigned int given, char **words,
			 int count, int used)
{
	unsigned int extra = given & ~command->options;

	if (extra)
		return complain(STATUS_USAGE, "--%s: no option of '%s', see kvmcapctl --help",
				option_name(extra & -extra), command->name);
	if (count == used && command->required)
		return complain(STATUS_USAGE, "%s: %s is missing, see kvmcapctl --help",
				command->name, command->argument);
	if (count > used + !!command->argument && !command->rest)
		return complain(STATUS_USAGE, "%s: too many arguments, see kvmcapctl --help",
				words[count - 1]);
	if ((command->options & OPTION_FOR) && !(given & OPTION_FOR))
		return complain(STATUS_USAGE, "%s: --for is missing, see kvmcapctl --help",
				command->name);
	return STATUS_OK;
}

static int run_command(struct options *options, unsigned int given, char **words, int count)
{
	const struct command *command;
	int used, status;

	if (!count)
		return complain(STATUS_USAGE, "a command is missing, see kvmcapctl --help");
	command = find_command(words, count, &used);
	if (!command)
		return complain(STATUS_USAGE, "%s%s%s: no such command, see kvmcapctl --help",
				words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");
	status = check_command(command, given, words, count, used);
	if (status)
		return status;
	if (count > used + 1) {
		options->rest = words + used + 1;
		options->rest_count = (unsigned int)(count - used - 1);
	}
	return command->run(options, count > used ? words[used] : NULL);
}

int main(int argc, char **argv)
{
	struct options options;
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
