// SPDX-License-Identifier: Apache-2.0
/*
 * The options of the command line.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "units.h"

#define FPS_MAX			240
#define TIMEOUT_DEFAULT		10	/* s; a mode detection alone may take some */
#define TIMEOUT_MAX		3600
#define FRAMES_MAX		1000000000
#define INTERVAL_DEFAULT_NS	(500 * NS_PER_MS)

static const struct option long_options[] = {
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "png", no_argument, NULL, OPTION_PNG },
	{ "loop", no_argument, NULL, OPTION_LOOP },
	{ "fps", required_argument, NULL, OPTION_FPS },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "interval", required_argument, NULL, OPTION_INTERVAL },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "duration", required_argument, NULL, OPTION_DURATION },
	{ "frames", required_argument, NULL, OPTION_FRAMES },
	{ "ring", required_argument, NULL, OPTION_RING },
	{ "keep-last", required_argument, NULL, OPTION_KEEP_LAST },
	{ "speed", required_argument, NULL, OPTION_SPEED },
	{ "paused", no_argument, NULL, OPTION_PAUSED },
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "region", required_argument, NULL, OPTION_REGION },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ NULL, 0, NULL, 0 },
};

const char *option_name(unsigned int bit)
{
	const struct option *o;

	for (o = long_options; (unsigned int)o->val != bit; o++)
		;
	return o->name;
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

static int set_number(unsigned int *number, unsigned int bit, unsigned int max)
{
	*number = parse_number(optarg, max);
	if (*number)
		return STATUS_OK;
	return complain(STATUS_USAGE, "--%s %s: it takes a whole number from 1 to %u",
			option_name(bit), optarg, max);
}

/* @zero: none at all is fine, too. */
static int set_duration(uint64_t *ns, unsigned int bit, bool zero)
{
	if (kvmcap_parse_duration(optarg, ns) && (zero || *ns))
		return STATUS_OK;
	return complain(STATUS_USAGE, "--%s %s: it takes a time, as 90, 1.5s, 250ms, 15m or 1h30m",
			option_name(bit), optarg);
}

static int set_size(uint64_t *bytes, unsigned int bit)
{
	if (kvmcap_parse_size(optarg, bytes) && *bytes)
		return STATUS_OK;
	return complain(STATUS_USAGE, "--%s %s: it takes a size, as 65536, 512K, 64M or 2G",
			option_name(bit), optarg);
}

static int set_speed(uint32_t *speed)
{
	if (kvmcap_parse_speed(optarg, speed))
		return STATUS_OK;
	return complain(STATUS_USAGE, "--speed %s: it takes a number from 0.001 to %u", optarg,
			KVMCAP_SPEED_MAX / KVMCAP_SPEED_REAL);
}

static int set_region(struct kvmcap_pixels *region)
{
	unsigned int x, y, width, height;
	int used = 0;

	if (strspn(optarg, "0123456789,") == strlen(optarg) &&
	    sscanf(optarg, "%5u,%5u,%5u,%5u%n", &x, &y, &width, &height, &used) == 4 &&
	    !optarg[used] && width && height && x + width <= UINT16_MAX &&
	    y + height <= UINT16_MAX) {
		*region = (struct kvmcap_pixels){
			.x = (uint16_t)x,
			.y = (uint16_t)y,
			.width = (uint16_t)width,
			.height = (uint16_t)height,
		};
		return STATUS_OK;
	}
	return complain(STATUS_USAGE, "--region %s: it takes X,Y,WIDTH,HEIGHT in pixels", optarg);
}

static int set_option(struct options *options, unsigned int bit)
{
	switch (bit) {
	case OPTION_DEVICE:
		options->device = optarg;
		return STATUS_OK;
	case OPTION_FPS:
		return set_number(&options->fps, bit, FPS_MAX);
	case OPTION_TIMEOUT:
		return set_number(&options->timeout, bit, TIMEOUT_MAX);
	case OPTION_FRAMES:
		return set_number(&options->frames, bit, FRAMES_MAX);
	case OPTION_INTERVAL:
		return set_duration(&options->interval_ns, bit, true);
	case OPTION_DURATION:
		return set_duration(&options->duration_ns, bit, false);
	case OPTION_KEEP_LAST:
		return set_duration(&options->keep_ns, bit, false);
	case OPTION_FOR:
		return set_duration(&options->for_ns, bit, false);
	case OPTION_FROM:
		return set_duration(&options->replay.from_ns, bit, true);
	case OPTION_RING:
		return set_size(&options->ring, bit);
	case OPTION_SPEED:
		return set_speed(&options->replay.speed);
	case OPTION_REGION:
		return set_region(&options->region);
	default:
		return STATUS_OK;
	}
}

static int bad_option(int code, const char *word)
{
	if (code == ':')
		return complain(STATUS_USAGE, "%s: it takes a value, see kvmcapctl --help", word);
	return complain(STATUS_USAGE, "%s: no such option, see kvmcapctl --help", word);
}

int parse_options(struct options *options, unsigned int *given, int argc, char **argv)
{
	int code, status;

	*options = (struct options){
		.timeout = TIMEOUT_DEFAULT,
		.interval_ns = INTERVAL_DEFAULT_NS,
	};
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (code == '?' || code == ':')
			return bad_option(code, argv[optind - 1]);
		status = set_option(options, (unsigned int)code);
		if (status)
			return status;
		*given |= (unsigned int)code;
	}
	options->json = *given & OPTION_JSON;
	options->png = *given & OPTION_PNG;
	options->loop = *given & OPTION_LOOP;
	options->once = *given & OPTION_ONCE;
	options->replay.loop = options->loop;
	options->replay.paused = *given & OPTION_PAUSED;
	return STATUS_OK;
}
