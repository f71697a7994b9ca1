// SPDX-License-Identifier: Apache-2.0
/*
 * Writes conversations that are right, for fuzz_rfb to start from:
 * rfb_seeds DIRECTORY
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <string.h>

#include "vncauth.h"

#define PATH_MAX_LENGTH	4096
#define SEED_MAX	512

#define ALL_MESSAGES \
	"\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0" \
	"\0\0\0\0\x08\x08\0\1\0\7\0\7\0\3\0\3\6\0\0\0" \
	"\2\0\0\4\0\0\0\7\0\0\0\x15\xff\xff\xff\xe6\xff\xff\xfe\xcc" \
	"\3\0\0\0\0\0\x07\x80\x04\xb0" \
	"\4\1\0\0\0\0\xff\xe1\4\1\0\0\0\0\0\x41\4\0\0\0\0\0\xff\xe1" \
	"\4\0\0\0\0\0\0\x61\4\1\0\0\0\0\xff\xe5\4\0\0\0\0\0\xff\xe5" \
	"\5\1\1\0\1\0\5\x09\1\0\1\0\5\0\1\0\1\0" \
	"\6\0\0\0\0\0\0\5hello" \
	"\xfb\0\3\x20\2\x58\1\0\0\0\0\1\0\0\0\0\3\x20\2\x58\0\0\0\0" \
	"\xff\0\0\1\0\0\0\x61\0\0\0\x1e\xff\0\0\0\0\0\0\x61\0\0\0\x1e"

struct seed {
	const char *name;
	const char *bytes;
	size_t length;
};

#define SEED(name, bytes)	{ name, bytes, sizeof(bytes) - 1 }

static const struct seed seeds[] = {
	SEED("3.3", "\0\377RFB 003.003\n\1" ALL_MESSAGES),
	SEED("3.7", "\0\377RFB 003.007\n\1\0" ALL_MESSAGES),
	SEED("3.8", "\0\377RFB 003.008\n\1\1" ALL_MESSAGES),
	SEED("3.889", "\0\377RFB 003.889\n\1" ALL_MESSAGES),
	SEED("bytes", "\0\0RFB 003.008\n\1\1" ALL_MESSAGES),
	SEED("mouse", "\4\377RFB 003.008\n\1\1\5\x80\0\1\0\2\2\5\1\0\1\0\2" ALL_MESSAGES),
	SEED("refused", "\2\377RFB 003.008\n"),
};

static int write_seed(const char *directory, const char *name, const void *bytes, size_t length)
{
	char path[PATH_MAX_LENGTH];
	FILE *file;
	int failed;

	snprintf(path, sizeof(path), "%s/rfb-%s", directory, name);
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		return 1;
	}
	failed = fwrite(bytes, 1, length, file) != length;
	failed |= fclose(file);
	if (failed)
		perror(path);
	return failed;
}

/* The fuzz target's challenge is all zeros. */
static int write_password_seed(const char *directory)
{
	static const char start[] = "\1\377RFB 003.008\n\2";
	static const char messages[] = "\1" ALL_MESSAGES;
	static const uint8_t password[VNCAUTH_PASSWORD_LENGTH] = "password";
	static const uint8_t challenge[VNCAUTH_CHALLENGE_LENGTH];
	uint8_t seed[SEED_MAX];
	size_t length = sizeof(start) - 1;

	memcpy(seed, start, length);
	vncauth_response(password, challenge, seed + length);
	length += VNCAUTH_CHALLENGE_LENGTH;
	memcpy(seed + length, messages, sizeof(messages) - 1);
	return write_seed(directory, "password", seed, length + sizeof(messages) - 1);
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc != 2) {
		fputs("usage: rfb_seeds DIRECTORY\n", stderr);
		return 2;
	}
	for (unsigned int i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
		failed |= write_seed(argv[1], seeds[i].name, seeds[i].bytes, seeds[i].length);
	return failed | write_password_seed(argv[1]);
}
