/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From ProtocolVersion to ClientInit (RFC 6143, 7.1 to 7.3.1). Pure: bytes of
 * the client in, bytes for the client out.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_HANDSHAKE_H
#define RELAY_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"
#include "pixels.h"
#include "vncauth.h"

/* Bytes that one step answers, at most. */
#define HANDSHAKE_REPLY_MAX	128

/* Bytes of a desktop's name, at most. */
#define HANDSHAKE_NAME_MAX	255

#define HANDSHAKE_SERVER_INIT_MAX	(4 + PIXEL_FORMAT_LENGTH + 4 + HANDSHAKE_NAME_MAX)

enum handshake_state {
	HANDSHAKE_VERSION,
	HANDSHAKE_SECURITY,
	HANDSHAKE_RESPONSE,
	HANDSHAKE_INIT,
	HANDSHAKE_DONE,
};

/**
 * struct handshake - where a connection is
 * @state: what the client sends next
 * @minor: 3, 7 or 8 of version 3
 * @apple: the client of macOS, which calls itself 3.889
 * @refusal: tell the client this and close, NULL to let it in
 * @password: VncAuth with it, NULL for security None
 * @challenge: random
 * @shared: what ClientInit said
 */
struct handshake {
	enum handshake_state state;
	unsigned int minor;
	bool apple;
	const char *refusal;
	const uint8_t *password;
	uint8_t challenge[VNCAUTH_CHALLENGE_LENGTH];
	bool shared;
};

struct handshake_reply {
	size_t length;
	uint8_t data[HANDSHAKE_REPLY_MAX];
};

/* The server's first words. */
void handshake_begin(struct handshake *handshake, struct handshake_reply *reply);

/**
 * handshake_step() - take one message from the beginning of a client's bytes
 * @handshake: its state changes
 * @in: the bytes
 * @length: how many
 * @reply: what to send; also when the connection is to be closed
 */
struct parse_result handshake_step(struct handshake *handshake, const uint8_t *in,
				   size_t length, struct handshake_reply *reply);

/**
 * handshake_server_init() - write ServerInit, with the default pixel format
 * @out: room for HANDSHAKE_SERVER_INIT_MAX bytes
 * @width: pixels
 * @height: pixels
 * @name: the desktop's; cut after HANDSHAKE_NAME_MAX bytes
 *
 * Return: bytes written.
 */
size_t handshake_server_init(uint8_t *out, unsigned int width, unsigned int height,
			     const char *name);

#endif
