/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of a client after the handshake (RFC 6143, 7.5, and the community's
 * specification). Pure: bytes in, one struct message out.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_MESSAGES_H
#define RELAY_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"
#include "pixels.h"

/* Encodings in one SetEncodings; viewers send about forty. */
#define MESSAGE_ENCODINGS_MAX	1000

/* Bytes of a message that has to be whole before it is acted upon. */
#define MESSAGE_LENGTH_MAX	4096

/* Bytes of text in a ClientCutText, which are skipped as they come. */
#define MESSAGE_CUT_TEXT_MAX	(256u << 20)

/* message_parse(): pointer events may have a second mask byte. */
#define MESSAGE_EXTENDED_MOUSE	(1u << 0)

enum message_type {
	MESSAGE_SET_PIXEL_FORMAT,
	MESSAGE_SET_ENCODINGS,
	MESSAGE_UPDATE_REQUEST,
	MESSAGE_KEY,
	MESSAGE_POINTER,
	MESSAGE_CUT_TEXT,
	MESSAGE_SET_DESKTOP_SIZE,
};

/**
 * struct message - one message
 * @type: which of the following holds
 * @format: not checked yet, see pixel_format_refusal()
 * @encodings: SetEncodings
 * @encodings.count: how many
 * @encodings.list: big-endian numbers, in the bytes that were parsed
 * @request: FramebufferUpdateRequest, not clipped to anything
 * @key: KeyEvent, or QEMU's extended one
 * @key.keysym: of X11
 * @key.scancode: XT set 1, 0x80 added for those with an 0xe0 prefix; 0 if the
 *	message has none
 * @pointer: PointerEvent
 * @pointer.buttons: RFB_BUTTON_* and RFB_WHEEL_*
 * @cut_text_length: bytes of text that follow the message, to be skipped
 */
struct message {
	enum message_type type;
	union {
		struct pixel_format format;
		struct {
			unsigned int count;
			const uint8_t *list;
		} encodings;
		struct {
			bool incremental;
			uint16_t x, y, width, height;
		} request;
		struct {
			bool down;
			uint32_t keysym;
			uint32_t scancode;
		} key;
		struct {
			uint16_t x, y;
			uint16_t buttons;
		} pointer;
		uint32_t cut_text_length;
	};
};

/**
 * message_parse() - take one message from the beginning of a client's bytes
 * @message: filled in if a message was consumed
 * @in: the bytes; they must outlive @message
 * @length: how many
 * @flags: MESSAGE_EXTENDED_MOUSE
 *
 * Return: PARSE_NEED_MORE at most until MESSAGE_LENGTH_MAX bytes are there.
 */
struct parse_result message_parse(struct message *message, const uint8_t *in, size_t length,
				  unsigned int flags);

#endif
