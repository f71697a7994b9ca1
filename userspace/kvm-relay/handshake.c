// SPDX-License-Identifier: Apache-2.0
/*
 * From ProtocolVersion to ClientInit. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "bytes.h"
#include "handshake.h"
#include "rfb.h"

/* The minor version of macOS's client, and the one it is treated as. */
#define MINOR_APPLE	889

static void reply_bytes(struct handshake_reply *reply, const void *data, size_t length)
{
	if (length > HANDSHAKE_REPLY_MAX - reply->length)
		length = HANDSHAKE_REPLY_MAX - reply->length;
	memcpy(reply->data + reply->length, data, length);
	reply->length += length;
}

static void reply_u8(struct handshake_reply *reply, unsigned int value)
{
	uint8_t bytes[1] = { (uint8_t)value };

	reply_bytes(reply, bytes, sizeof(bytes));
}

static void reply_be32(struct handshake_reply *reply, uint32_t value)
{
	uint8_t bytes[4];

	put_be32(bytes, value);
	reply_bytes(reply, bytes, sizeof(bytes));
}

static void reply_reason(struct handshake_reply *reply, const char *reason)
{
	reply_be32(reply, (uint32_t)strlen(reason));
	reply_bytes(reply, reason, strlen(reason));
}

void handshake_begin(struct handshake *handshake, struct handshake_reply *reply)
{
	handshake->state = HANDSHAKE_VERSION;
	reply->length = 0;
	reply_bytes(reply, RFB_VERSION, RFB_VERSION_LENGTH);
}

/* "RFB xxx.yyy\n": the number of three digits at @in, or -1. */
static int three_digits(const uint8_t *in)
{
	int value = 0;

	for (unsigned int i = 0; i < 3; i++) {
		if (in[i] < '0' || in[i] > '9')
			return -1;
		value = 10 * value + in[i] - '0';
	}
	return value;
}

/* Minor versions that were never published are 3.3 (RFC 6143, 7.1.1). */
static bool read_version(struct handshake *handshake, const uint8_t *in)
{
	int major = three_digits(in + 4);
	int minor = three_digits(in + 8);

	if (memcmp(in, "RFB ", 4) || in[7] != '.' || in[11] != '\n' || major < 0 || minor < 0)
		return false;
	handshake->apple = major == 3 && minor == MINOR_APPLE;
	if (handshake->apple)
		handshake->minor = 8;
	else if (major == 3 && (minor == 7 || minor == 8))
		handshake->minor = (unsigned int)minor;
	else
		handshake->minor = 3;
	return true;
}

static void send_challenge(struct handshake *handshake, struct handshake_reply *reply)
{
	reply_bytes(reply, handshake->challenge, sizeof(handshake->challenge));
	handshake->state = HANDSHAKE_RESPONSE;
}

static struct parse_result version(struct handshake *handshake, const uint8_t *in,
				   size_t length, struct handshake_reply *reply)
{
	unsigned int security = handshake->password ? RFB_SECURITY_VNC : RFB_SECURITY_NONE;

	/* Garbage is told from the start of a version at its first wrong byte. */
	if (memcmp(in, "RFB ", length < 4 ? length : 4))
		return parse_close("does not speak RFB");
	if (length < RFB_VERSION_LENGTH)
		return parse_need_more();
	if (!read_version(handshake, in))
		return parse_close("sends no RFB version");
	if (handshake->refusal) {
		if (handshake->minor == 3)
			reply_be32(reply, RFB_SECURITY_INVALID);
		else
			reply_u8(reply, 0);
		reply_reason(reply, handshake->refusal);
		return parse_close(handshake->refusal);
	}
	if (handshake->minor == 3) {
		reply_be32(reply, security);
		handshake->state = HANDSHAKE_INIT;
		if (handshake->password)
			send_challenge(handshake, reply);
	} else {
		reply_u8(reply, 1);
		reply_u8(reply, security);
		handshake->state = HANDSHAKE_SECURITY;
	}
	return parse_consumed(RFB_VERSION_LENGTH);
}

static struct parse_result fail(struct handshake *handshake, struct handshake_reply *reply,
				const char *tell, const char *reason)
{
	reply_be32(reply, RFB_SECURITY_FAILED);
	if (handshake->minor == 8)
		reply_reason(reply, tell);
	return parse_close(reason);
}

static struct parse_result security_type(struct handshake *handshake, const uint8_t *in,
					 struct handshake_reply *reply)
{
	unsigned int security = handshake->password ? RFB_SECURITY_VNC : RFB_SECURITY_NONE;

	if (in[0] != security)
		return fail(handshake, reply, "That security type was not offered",
			    "chooses a security type that was not offered");
	if (handshake->password) {
		send_challenge(handshake, reply);
		return parse_consumed(1);
	}
	/* macOS's client expects neither a result nor to send ClientInit here. */
	if (handshake->apple) {
		handshake->shared = true;
		handshake->state = HANDSHAKE_DONE;
		return parse_consumed(1);
	}
	if (handshake->minor == 8)
		reply_be32(reply, RFB_SECURITY_OK);
	handshake->state = HANDSHAKE_INIT;
	return parse_consumed(1);
}

static struct parse_result response(struct handshake *handshake, const uint8_t *in,
				    size_t length, struct handshake_reply *reply)
{
	if (length < VNCAUTH_CHALLENGE_LENGTH)
		return parse_need_more();
	if (!vncauth_check(handshake->password, handshake->challenge, in))
		return fail(handshake, reply, "Authentication failed",
			    "gives a wrong password");
	reply_be32(reply, RFB_SECURITY_OK);
	handshake->state = HANDSHAKE_INIT;
	return parse_consumed(VNCAUTH_CHALLENGE_LENGTH);
}

struct parse_result handshake_step(struct handshake *handshake, const uint8_t *in,
				   size_t length, struct handshake_reply *reply)
{
	reply->length = 0;
	if (!length)
		return parse_need_more();
	switch (handshake->state) {
	case HANDSHAKE_VERSION:
		return version(handshake, in, length, reply);
	case HANDSHAKE_SECURITY:
		return security_type(handshake, in, reply);
	case HANDSHAKE_RESPONSE:
		return response(handshake, in, length, reply);
	case HANDSHAKE_INIT:
		handshake->shared = in[0] != 0;
		handshake->state = HANDSHAKE_DONE;
		return parse_consumed(1);
	case HANDSHAKE_DONE:
		break;
	}
	return parse_need_more();
}

size_t handshake_server_init(uint8_t *out, unsigned int width, unsigned int height,
			     const char *name)
{
	size_t length = strnlen(name, HANDSHAKE_NAME_MAX);
	uint8_t *at = out;

	at = put_be16(at, width);
	at = put_be16(at, height);
	pixel_format_write(&pixel_format_default, at);
	at = put_be32(at + PIXEL_FORMAT_LENGTH, (uint32_t)length);
	memcpy(at, name, length);
	return (size_t)(at - out) + length;
}
