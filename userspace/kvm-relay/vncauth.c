// SPDX-License-Identifier: Apache-2.0
/*
 * VNC authentication. DES is Nettle's.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <nettle/des.h>
#include <nettle/memops.h>

#include "vncauth.h"

/* The password's bytes are taken least significant bit first. */
static uint8_t mirror(uint8_t byte)
{
	uint8_t mirrored = 0;

	for (unsigned int bit = 0; bit < 8; bit++)
		if (byte & 1u << bit)
			mirrored |= (uint8_t)(0x80u >> bit);
	return mirrored;
}

void vncauth_response(const uint8_t password[VNCAUTH_PASSWORD_LENGTH],
		      const uint8_t challenge[VNCAUTH_CHALLENGE_LENGTH],
		      uint8_t response[VNCAUTH_CHALLENGE_LENGTH])
{
	uint8_t key[DES_KEY_SIZE];
	struct des_ctx context;

	_Static_assert(DES_KEY_SIZE == VNCAUTH_PASSWORD_LENGTH, "a password is a key");
	for (unsigned int i = 0; i < DES_KEY_SIZE; i++)
		key[i] = mirror(password[i]);
	/* It says whether the key is a weak one; it is set all the same. */
	des_set_key(&context, key);
	des_encrypt(&context, VNCAUTH_CHALLENGE_LENGTH, response, challenge);
}

bool vncauth_check(const uint8_t password[VNCAUTH_PASSWORD_LENGTH],
		   const uint8_t challenge[VNCAUTH_CHALLENGE_LENGTH],
		   const uint8_t response[VNCAUTH_CHALLENGE_LENGTH])
{
	uint8_t expected[VNCAUTH_CHALLENGE_LENGTH];

	vncauth_response(password, challenge, expected);
	return memeql_sec(expected, response, sizeof(expected));
}
