/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VNC authentication (RFC 6143, 7.2.2): a challenge encrypted by DES with the
 * password for a key. It keeps nobody out who can listen or try; it is here
 * because everybody's viewer has it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_VNCAUTH_H
#define RELAY_VNCAUTH_H

#include <stdbool.h>
#include <stdint.h>

#define VNCAUTH_CHALLENGE_LENGTH	16
#define VNCAUTH_PASSWORD_LENGTH		8	/* what is longer does not count */

/* What a client that knows @password, filled up with zeros, answers. */
void vncauth_response(const uint8_t password[VNCAUTH_PASSWORD_LENGTH],
		      const uint8_t challenge[VNCAUTH_CHALLENGE_LENGTH],
		      uint8_t response[VNCAUTH_CHALLENGE_LENGTH]);

/* Whether @response is that; takes the same time for every wrong one. */
bool vncauth_check(const uint8_t password[VNCAUTH_PASSWORD_LENGTH],
		   const uint8_t challenge[VNCAUTH_CHALLENGE_LENGTH],
		   const uint8_t response[VNCAUTH_CHALLENGE_LENGTH]);

#endif
