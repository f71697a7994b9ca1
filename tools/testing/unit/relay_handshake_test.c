// SPDX-License-Identifier: Apache-2.0
/*
 * The handshake, byte by byte: RFC 6143, 7.1 and 7.2.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "handshake.h"
#include "tap.h"

#define CONVERSATION_MAX	512

static const uint8_t password[VNCAUTH_PASSWORD_LENGTH] = "password";

/* What it makes of the challenge 0..15, by `openssl enc -des-ecb -nopad`. */
static const uint8_t response[VNCAUTH_CHALLENGE_LENGTH] = {
	0xb8, 0x66, 0x92, 0x41, 0x25, 0xc8, 0xee, 0xbb,
	0x9d, 0xeb, 0xc1, 0xdb, 0x61, 0xc5, 0x38, 0xe2,
};

/**
 * struct conversation - a handshake that is fed byte by byte
 * @handshake: it
 * @said: all that the server has said
 * @said_length: bytes of it
 * @last: what the last step came to
 */
struct conversation {
	struct handshake handshake;
	uint8_t said[CONVERSATION_MAX];
	size_t said_length;
	struct parse_result last;
};

static void hear(struct conversation *c, const struct handshake_reply *reply)
{
	memcpy(c->said + c->said_length, reply->data, reply->length);
	c->said_length += reply->length;
}

static void start(struct conversation *c, const uint8_t *with_password, const char *refusal)
{
	struct handshake_reply reply;

	memset(c, 0, sizeof(*c));
	c->handshake.password = with_password;
	c->handshake.refusal = refusal;
	for (unsigned int i = 0; i < VNCAUTH_CHALLENGE_LENGTH; i++)
		c->handshake.challenge[i] = (uint8_t)i;
	handshake_begin(&c->handshake, &reply);
	hear(c, &reply);
}

/* Say @bytes one at a time; what has not been taken is said again with the next one. */
static void say(struct conversation *c, const void *bytes, size_t length)
{
	const uint8_t *in = bytes;
	struct handshake_reply reply;
	size_t from = 0;

	for (size_t end = 1; end <= length; end++) {
		c->last = handshake_step(&c->handshake, in + from, end - from, &reply);
		if (c->last.status != PARSE_NEED_MORE)
			hear(c, &reply);
		if (c->last.status == PARSE_CONSUMED)
			from += c->last.consumed;
		if (c->last.status == PARSE_CLOSE)
			return;
	}
}

#define SAY(c, text)	say(c, text, sizeof(text) - 1)

/* Whether all that the server has said is @text. */
#define SAID(c, text)	((c)->said_length == sizeof(text) - 1 && \
			 !memcmp((c)->said, text, sizeof(text) - 1))

#define CHALLENGE	"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
#define GREETING	"RFB 003.008\n"

static void test_none(void)
{
	struct conversation c;

	start(&c, NULL, NULL);
	tap_ok(SAID(&c, GREETING), "the greeting");
	SAY(&c, "RFB 003.003\n\1");
	tap_ok(SAID(&c, GREETING "\0\0\0\1") && c.handshake.state == HANDSHAKE_DONE &&
	       c.handshake.shared, "3.3, None");

	start(&c, NULL, NULL);
	SAY(&c, "RFB 003.007\n\1\0");
	tap_ok(SAID(&c, GREETING "\1\1") && c.handshake.state == HANDSHAKE_DONE &&
	       !c.handshake.shared, "3.7, None: no result");

	start(&c, NULL, NULL);
	SAY(&c, "RFB 003.008\n\1\1");
	tap_ok(SAID(&c, GREETING "\1\1\0\0\0\0") && c.handshake.state == HANDSHAKE_DONE,
	       "3.8, None: a result");

	start(&c, NULL, NULL);
	SAY(&c, "RFB 003.889\n\1");
	tap_ok(SAID(&c, GREETING "\1\1") && c.handshake.state == HANDSHAKE_DONE &&
	       c.handshake.shared, "macOS, None: neither result nor ClientInit");
}

static void test_minors(void)
{
	static const char *const as_3_3[] = {
		"RFB 003.000\n", "RFB 003.004\n", "RFB 003.005\n", "RFB 003.006\n",
		"RFB 003.009\n", "RFB 003.016\n", "RFB 003.130\n", "RFB 004.001\n",
		"RFB 005.000\n",
	};
	struct conversation c;

	for (unsigned int i = 0; i < sizeof(as_3_3) / sizeof(as_3_3[0]); i++) {
		start(&c, NULL, NULL);
		say(&c, as_3_3[i], 12);
		tap_ok(SAID(&c, GREETING "\0\0\0\1") && c.handshake.minor == 3,
		       "%.11s is taken for 3.3", as_3_3[i]);
	}
}

static void test_vncauth(void)
{
	struct conversation c;

	start(&c, password, NULL);
	SAY(&c, "RFB 003.008\n\2");
	say(&c, response, sizeof(response));
	tap_ok(SAID(&c, GREETING "\1\2" CHALLENGE "\0\0\0\0") &&
	       c.handshake.state == HANDSHAKE_INIT, "3.8, VncAuth");

	start(&c, password, NULL);
	SAY(&c, "RFB 003.007\n\2");
	say(&c, response, sizeof(response));
	tap_ok(SAID(&c, GREETING "\1\2" CHALLENGE "\0\0\0\0") &&
	       c.handshake.state == HANDSHAKE_INIT, "3.7, VncAuth: a result");

	start(&c, password, NULL);
	SAY(&c, "RFB 003.003\n");
	say(&c, response, sizeof(response));
	tap_ok(SAID(&c, GREETING "\0\0\0\2" CHALLENGE "\0\0\0\0") &&
	       c.handshake.state == HANDSHAKE_INIT, "3.3, VncAuth");

	start(&c, password, NULL);
	SAY(&c, "RFB 003.889\n\2");
	say(&c, response, sizeof(response));
	tap_ok(SAID(&c, GREETING "\1\2" CHALLENGE "\0\0\0\0") &&
	       c.handshake.state == HANDSHAKE_INIT, "macOS, VncAuth: as 3.8");
}

#define WRONG	"0123456789abcdef"
#define FAILED	"\0\0\0\1\0\0\0\025Authentication failed"
#define NOT_OFFERED	"\0\0\0\1\0\0\0\042That security type was not offered"

static void test_failures(void)
{
	struct conversation c;

	start(&c, password, NULL);
	SAY(&c, "RFB 003.008\n\2" WRONG);
	tap_ok(SAID(&c, GREETING "\1\2" CHALLENGE FAILED) && c.last.status == PARSE_CLOSE,
	       "3.8, wrong password: a reason");
	start(&c, password, NULL);
	SAY(&c, "RFB 003.007\n\2" WRONG);
	tap_ok(SAID(&c, GREETING "\1\2" CHALLENGE "\0\0\0\1") && c.last.status == PARSE_CLOSE,
	       "3.7, wrong password: no reason");
	start(&c, password, NULL);
	SAY(&c, "RFB 003.003\n" WRONG);
	tap_ok(SAID(&c, GREETING "\0\0\0\2" CHALLENGE "\0\0\0\1") &&
	       c.last.status == PARSE_CLOSE, "3.3, wrong password: no reason");
	start(&c, password, NULL);
	SAY(&c, "RFB 003.008\n\1");
	tap_ok(SAID(&c, GREETING "\1\2" NOT_OFFERED) && c.last.status == PARSE_CLOSE,
	       "3.8, None where a password is asked for");
	start(&c, NULL, NULL);
	SAY(&c, "RFB 003.007\n\x13");
	tap_ok(SAID(&c, GREETING "\1\1\0\0\0\1") && c.last.status == PARSE_CLOSE,
	       "3.7, a type that was not offered");
	start(&c, password, "Full");
	SAY(&c, "RFB 003.008\n");
	tap_ok(SAID(&c, GREETING "\0\0\0\0\4Full") && c.last.status == PARSE_CLOSE,
	       "3.8, refused");
	start(&c, password, "Full");
	SAY(&c, "RFB 003.003\n");
	tap_ok(SAID(&c, GREETING "\0\0\0\0\0\0\0\4Full") && c.last.status == PARSE_CLOSE,
	       "3.3, refused");
}

static void test_garbage(void)
{
	static const char *const versions[] = {
		"RFB 003.00x\n", "RFB 003-008\n", "RFB 003.0080", "RFB  03.008\n",
	};
	struct conversation c;

	start(&c, NULL, NULL);
	SAY(&c, "G");
	tap_ok(c.last.status == PARSE_CLOSE && SAID(&c, GREETING),
	       "no RFB is told at the first byte");
	start(&c, NULL, NULL);
	SAY(&c, "RFX");
	tap_ok(c.last.status == PARSE_CLOSE, "... or at the third");
	for (unsigned int i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		start(&c, NULL, NULL);
		say(&c, versions[i], 12);
		tap_ok(c.last.status == PARSE_CLOSE, "version %u that is none", i + 1);
	}
}

/*
 * Known answers of DES itself (NIST SP 800-17, table A.1): plaintext 80 00 ...,
 * key 01 01 ... (zeros with parity, which does not count), and a full vector.
 */
static void test_des(void)
{
	static const uint8_t plain[16] = { 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40 };
	static const uint8_t cipher[16] = {
		0x95, 0xf8, 0xa5, 0xe5, 0xdd, 0x31, 0xd9, 0x00,
		0xdd, 0x7f, 0x12, 0x1c, 0xa5, 0x01, 0x56, 0x19,
	};
	static const uint8_t zeros[VNCAUTH_PASSWORD_LENGTH] = { 0 };
	static const uint8_t mirrored[VNCAUTH_PASSWORD_LENGTH] = {
		/* 13 34 57 79 9b bc df f1, each byte mirrored */
		0xc8, 0x2c, 0xea, 0x9e, 0xd9, 0x3d, 0xfb, 0x8f,
	};
	static const uint8_t text[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	static const uint8_t answer[8] = { 0x85, 0xe8, 0x13, 0x54, 0x0f, 0x0a, 0xb4, 0x05 };
	uint8_t made[16];

	vncauth_response(zeros, plain, made);
	tap_ok(!memcmp(made, cipher, 16), "DES, known answers");
	vncauth_response(mirrored, text, made);
	tap_ok(!memcmp(made, answer, 8), "DES, a key's bits are taken in reverse");
	tap_ok(vncauth_check(zeros, plain, cipher), "the right response is right");
	for (unsigned int i = 0; i < 16; i++) {
		uint8_t wrong[16];

		memcpy(wrong, cipher, 16);
		wrong[i] ^= 1;
		tap_ok(!vncauth_check(zeros, plain, wrong), "byte %u wrong is wrong", i);
	}
}

static void test_server_init(void)
{
	uint8_t out[HANDSHAKE_SERVER_INIT_MAX];
	char name[400];
	size_t length = handshake_server_init(out, 1920, 1200, "kvm");

	tap_ok(length == 27 && !memcmp(out, "\x07\x80\x04\xb0\x20\x18\x00\x01", 8) &&
	       !memcmp(out + 20, "\0\0\0\3kvm", 7), "ServerInit, byte by byte");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tap_ok(handshake_server_init(out, 1, 1, name) == sizeof(out) && out[23] == 255,
	       "ServerInit with a name that is too long");
}

int main(void)
{
	test_none();
	test_minors();
	test_vncauth();
	test_failures();
	test_garbage();
	test_des();
	test_server_init();
	return tap_end();
}
