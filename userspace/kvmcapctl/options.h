/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of the command line.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_OPTIONS_H
#define KVMCAPCTL_OPTIONS_H

#include "kvmcapctl.h"

/* Which were given; a command says which it takes. */
enum option_bit {
	OPTION_DEVICE = 1 << 0,
	OPTION_JSON = 1 << 1,
	OPTION_LOOP = 1 << 2,
	OPTION_FPS = 1 << 3,
	OPTION_TIMEOUT = 1 << 4,
	OPTION_HELP = 1 << 5,
	OPTION_VERSION = 1 << 6,
	OPTION_INTERVAL = 1 << 7,
	OPTION_ONCE = 1 << 8,
	OPTION_DURATION = 1 << 9,
	OPTION_FRAMES = 1 << 10,
	OPTION_RING = 1 << 11,
	OPTION_KEEP_LAST = 1 << 12,
	OPTION_SPEED = 1 << 13,
	OPTION_PAUSED = 1 << 14,
	OPTION_FROM = 1 << 15,
	OPTION_REGION = 1 << 16,
	OPTION_FOR = 1 << 17,
	OPTION_PNG = 1 << 18,
};

/* "fps" for OPTION_FPS, and so on. */
const char *option_name(unsigned int bit);

/* Return: enum status. Bits of what was given are set in @given; words follow optind. */
int parse_options(struct options *options, unsigned int *given, int argc, char **argv);

#endif
