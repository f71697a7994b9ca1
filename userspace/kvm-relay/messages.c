// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of a client after the handshake. Pure; one function for each.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "bytes.h"
#include "messages.h"
#include "rfb.h"

/* Lengths of messages, of what is fixed in them. */
enum {
	LENGTH_SET_PIXEL_FORMAT = 4 + PIXEL_FORMAT_LENGTH,
	LENGTH_SET_ENCODINGS = 4,
	LENGTH_UPDATE_REQUEST = 10,
	LENGTH_KEY = 8,
	LENGTH_POINTER = 6,
	LENGTH_EXTENDED_POINTER = 7,
	LENGTH_CUT_TEXT = 8,
	LENGTH_SET_DESKTOP_SIZE = 8,
	LENGTH_SCREEN = 16,
	LENGTH_QEMU_KEY = 12,
};

_Static_assert(LENGTH_SET_ENCODINGS + 4 * MESSAGE_ENCODINGS_MAX <= MESSAGE_LENGTH_MAX,
	       "SetEncodings fits");
_Static_assert(LENGTH_SET_DESKTOP_SIZE + LENGTH_SCREEN * 255 <= MESSAGE_LENGTH_MAX,
	       "SetDesktopSize fits");

static struct parse_result set_pixel_format(struct message *message, const uint8_t *in,
					    size_t length)
{
	if (length < LENGTH_SET_PIXEL_FORMAT)
		return parse_need_more();
	message->type = MESSAGE_SET_PIXEL_FORMAT;
	pixel_format_read(&message->format, in + 4);
	return parse_consumed(LENGTH_SET_PIXEL_FORMAT);
}

static struct parse_result set_encodings(struct message *message, const uint8_t *in,
					 size_t length)
{
	size_t count, whole;

	if (length < LENGTH_SET_ENCODINGS)
		return parse_need_more();
	count = get_be16(in + 2);
	if (count > MESSAGE_ENCODINGS_MAX)
		return parse_close("offers more encodings than there can be");
	whole = LENGTH_SET_ENCODINGS + 4 * count;
	if (length < whole)
		return parse_need_more();
	message->type = MESSAGE_SET_ENCODINGS;
	message->encodings.count = (unsigned int)count;
	message->encodings.list = in + LENGTH_SET_ENCODINGS;
	return parse_consumed(whole);
}

static struct parse_result update_request(struct message *message, const uint8_t *in,
					  size_t length)
{
	if (length < LENGTH_UPDATE_REQUEST)
		return parse_need_more();
	message->type = MESSAGE_UPDATE_REQUEST;
	message->request.incremental = in[1] != 0;
	message->request.x = get_be16(in + 2);
	message->request.y = get_be16(in + 4);
	message->request.width = get_be16(in + 6);
	message->request.height = get_be16(in + 8);
	return parse_consumed(LENGTH_UPDATE_REQUEST);
}

static struct parse_result key_event(struct message *message, const uint8_t *in,
				     size_t length)
{
	if (length < LENGTH_KEY)
		return parse_need_more();
	message->type = MESSAGE_KEY;
	message->key.down = in[1] != 0;
	message->key.keysym = get_be32(in + 4);
	message->key.scancode = 0;
	return parse_consumed(LENGTH_KEY);
}

static struct parse_result pointer_event(struct message *message, const uint8_t *in,
					 size_t length, unsigned int flags)
{
	bool extended;

	if (length < LENGTH_POINTER)
		return parse_need_more();
	extended = flags & MESSAGE_EXTENDED_MOUSE && in[1] & RFB_POINTER_EXTENDED;
	if (extended && length < LENGTH_EXTENDED_POINTER)
		return parse_need_more();
	message->type = MESSAGE_POINTER;
	message->pointer.buttons = in[1];
	message->pointer.x = get_be16(in + 2);
	message->pointer.y = get_be16(in + 4);
	if (!extended)
		return parse_consumed(LENGTH_POINTER);
	message->pointer.buttons =
		(uint16_t)((in[1] & ~RFB_POINTER_EXTENDED) | in[6] << 7);
	return parse_consumed(LENGTH_EXTENDED_POINTER);
}

static struct parse_result client_cut_text(struct message *message, const uint8_t *in,
					   size_t length)
{
	uint32_t text;

	if (length < LENGTH_CUT_TEXT)
		return parse_need_more();
	text = get_be32(in + 4);
	/* Negative lengths are of ExtendedClipboard, which was not announced. */
	if (text > MESSAGE_CUT_TEXT_MAX)
		return parse_close("sends more clipboard text than there can be");
	message->type = MESSAGE_CUT_TEXT;
	message->cut_text_length = text;
	return parse_consumed(LENGTH_CUT_TEXT);
}

/* It is always refused: what it asks for is not looked at. */
static struct parse_result set_desktop_size(struct message *message, const uint8_t *in,
					    size_t length)
{
	size_t whole;

	if (length < LENGTH_SET_DESKTOP_SIZE)
		return parse_need_more();
	whole = LENGTH_SET_DESKTOP_SIZE + LENGTH_SCREEN * (size_t)in[6];
	if (length < whole)
		return parse_need_more();
	message->type = MESSAGE_SET_DESKTOP_SIZE;
	return parse_consumed(whole);
}

static struct parse_result qemu_message(struct message *message, const uint8_t *in,
					size_t length)
{
	if (length < 2)
		return parse_need_more();
	if (in[1] != RFB_QEMU_EXTENDED_KEY)
		return parse_close("sends a QEMU message of unknown kind");
	if (length < LENGTH_QEMU_KEY)
		return parse_need_more();
	message->type = MESSAGE_KEY;
	message->key.down = get_be16(in + 2) != 0;
	message->key.keysym = get_be32(in + 4);
	message->key.scancode = get_be32(in + 8);
	return parse_consumed(LENGTH_QEMU_KEY);
}

struct parse_result message_parse(struct message *message, const uint8_t *in, size_t length,
				  unsigned int flags)
{
	if (!length)
		return parse_need_more();
	switch (in[0]) {
	case RFB_SET_PIXEL_FORMAT:
		return set_pixel_format(message, in, length);
	case RFB_SET_ENCODINGS:
		return set_encodings(message, in, length);
	case RFB_UPDATE_REQUEST:
		return update_request(message, in, length);
	case RFB_KEY_EVENT:
		return key_event(message, in, length);
	case RFB_POINTER_EVENT:
		return pointer_event(message, in, length, flags);
	case RFB_CLIENT_CUT_TEXT:
		return client_cut_text(message, in, length);
	case RFB_SET_DESKTOP_SIZE:
		return set_desktop_size(message, in, length);
	case RFB_QEMU:
		return qemu_message(message, in, length);
	default:
		return parse_close("sends a message of unknown type");
	}
}
