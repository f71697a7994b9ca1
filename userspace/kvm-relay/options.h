/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_OPTIONS_H
#define RELAY_OPTIONS_H

#include <kvmcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "listener.h"
#include "vncauth.h"

#define RELAY_VERSION	"0.1.0"
#define DEFAULT_LISTEN	"127.0.0.1:5900"
#define DEFAULT_HID	"/dev/kvmhid0"

/**
 * struct options - what was asked for
 * @device: the capture device
 * @source: a recording instead of it, NULL for none
 * @replay: how that is played
 * @hid: the keyboard and pointer; NULL with a recording: nobody types there
 * @name: the desktop's
 * @listen: places to listen on
 * @listen_count: how many
 * @listen_unix: paths of Unix sockets
 * @listen_unix_count: how many
 * @has_password: VncAuth with @password
 * @password: filled up with zeros
 * @force_none: security None on every socket
 */
struct options {
	const char *device;
	const char *source;
	struct kvmcap_replay_options replay;
	const char *hid;
	const char *name;
	const char *listen[LISTENERS_MAX];
	unsigned int listen_count;
	const char *listen_unix[LISTENERS_MAX];
	unsigned int listen_unix_count;
	bool has_password;
	uint8_t password[VNCAUTH_PASSWORD_LENGTH];
	bool force_none;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,		/* all that was asked for has been printed */
	OPTIONS_WRONG,		/* it has been said what */
};

enum options_result options_read(struct options *options, int argc, char **argv);

#endif
