// SPDX-License-Identifier: Apache-2.0
/*
 * Whatever a client may send, from its first byte on: the handshake, all
 * messages, and what the pure parts make of them. The first byte of the input
 * says what the server asks for, the second in how large pieces bytes come.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>
#include <string.h>

#include "handshake.h"
#include "keyboard.h"
#include "messages.h"
#include "offer.h"
#include "pixels.h"
#include "pointer.h"

#define CHOICE_PASSWORD	(1u << 0)
#define CHOICE_REFUSED	(1u << 1)
#define CHOICE_MOUSE	(1u << 2)

#define TICK_MS		100	/* between two messages */
#define PIXELS		16

/**
 * struct session - a client's connection
 * @handshake: until it is done
 * @keyboard: of the client
 * @down: keys that are down on the host
 * @buttons: of the pointer
 * @skip: bytes of text
 * @now: time in ms
 * @flags: of message_parse()
 */
struct session {
	struct handshake handshake;
	struct keyboard keyboard;
	bool down[256];
	uint16_t buttons;
	uint64_t skip;
	uint64_t now;
	unsigned int flags;
};

static void check(bool good)
{
	if (!good)
		abort();
}

/* A key goes down that is up, or up that is down, nothing else. */
static void host_takes(struct session *session, const struct kvmhid_event *events, size_t count)
{
	check(count <= KEYBOARD_EVENTS_MAX);
	for (size_t i = 0; i < count; i++) {
		check(events[i].type == KVMHID_EVENT_KEY && events[i].key.page == 7);
		check(events[i].key.usage >= 0x04 && events[i].key.usage <= 0xe7);
		check(session->down[events[i].key.usage] != events[i].key.down);
		session->down[events[i].key.usage] = events[i].key.down;
	}
}

static void on_key(struct session *session, const struct message *message)
{
	struct kvmhid_event events[KEYBOARD_EVENTS_MAX] = { 0 };
	struct keyboard_event event = {
		.down = message->key.down,
		.keysym = message->key.keysym,
		.scancode = message->key.scancode,
	};

	host_takes(session, events,
		   keyboard_press(&session->keyboard, &event, session->now, events));
	/* A host that toggles its LEDs, though not always at once. */
	keyboard_leds(&session->keyboard, (uint8_t)(event.keysym & 7), event.keysym & 8);
}

static void on_pointer(struct session *session, const struct message *message)
{
	struct kvmhid_event event = pointer_event(message->pointer.x, message->pointer.y,
						  message->pointer.y, message->pointer.x,
						  session->buttons, message->pointer.buttons);

	session->buttons = message->pointer.buttons;
	check(event.pointer.x <= KVMHID_ABSOLUTE_MAX && event.pointer.y <= KVMHID_ABSOLUTE_MAX);
	check(!(event.pointer.buttons & ~KVMHID_BUTTONS_ALL));
	check(event.pointer.wheel * event.pointer.wheel <= 1);
}

static void on_format(const struct message *message)
{
	struct pixel_translation translation;
	uint8_t out[PIXELS * PIXEL_BYTES_MAX];
	uint32_t in[PIXELS];

	if (pixel_format_refusal(&message->format))
		return;
	for (unsigned int i = 0; i < PIXELS; i++)
		in[i] = i * 0x01234567u;
	pixel_translation_init(&translation, &message->format);
	pixels_translate(&translation, in, PIXELS, out);
}

static void on_message(struct session *session, const struct message *message)
{
	struct offer offer;

	switch (message->type) {
	case MESSAGE_KEY:
		on_key(session, message);
		break;
	case MESSAGE_POINTER:
		on_pointer(session, message);
		break;
	case MESSAGE_SET_PIXEL_FORMAT:
		on_format(message);
		break;
	case MESSAGE_SET_ENCODINGS:
		check(message->encodings.count <= MESSAGE_ENCODINGS_MAX);
		offer_read(&offer, message->encodings.list, message->encodings.count);
		break;
	case MESSAGE_CUT_TEXT:
		check(message->cut_text_length <= MESSAGE_CUT_TEXT_MAX);
		session->skip = message->cut_text_length;
		break;
	default:
		break;
	}
}

/* One step on bytes in memory of their own. Return: bytes consumed, 0 to wait, -1 closed. */
static long step(struct session *session, const uint8_t *in, size_t length)
{
	struct handshake_reply reply = { 0 };
	struct parse_result result;
	struct message message;

	if (session->skip) {
		size_t some = session->skip < length ? (size_t)session->skip : length;

		session->skip -= some;
		return (long)some;
	}
	if (session->handshake.state != HANDSHAKE_DONE) {
		result = handshake_step(&session->handshake, in, length, &reply);
		check(reply.length <= HANDSHAKE_REPLY_MAX);
	} else {
		result = message_parse(&message, in, length, session->flags);
		if (result.status == PARSE_CONSUMED)
			on_message(session, &message);
		check(result.status != PARSE_NEED_MORE || length < MESSAGE_LENGTH_MAX);
	}
	session->now += TICK_MS;
	check(result.status != PARSE_CONSUMED || (result.consumed && result.consumed <= length));
	check(result.status != PARSE_CLOSE || result.reason);
	if (result.status == PARSE_CLOSE)
		return -1;
	return (long)result.consumed;
}

/* As a client's buffer: pieces are put behind what is left, which is at its start. */
static void converse(struct session *session, const uint8_t *data, size_t size, size_t piece)
{
	uint8_t *copy;
	size_t have = 0;
	long consumed = 0;

	while (consumed >= 0 && (size || consumed)) {
		size_t more = size < piece ? size : piece;

		/* In memory of exactly that length, so that a byte beyond is noticed. */
		copy = malloc(have + more ? have + more : 1);
		memcpy(copy, data, have + more);
		consumed = step(session, copy, have + more);
		free(copy);
		have += more;
		size -= more;
		if (consumed > 0) {
			data += consumed;
			have -= (size_t)consumed;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t password[VNCAUTH_PASSWORD_LENGTH] = "password";
	struct session session = { .now = 1 };
	struct handshake_reply reply;

	if (size < 2)
		return 0;
	if (data[0] & CHOICE_PASSWORD)
		session.handshake.password = password;
	if (data[0] & CHOICE_REFUSED)
		session.handshake.refusal = "Too many clients are connected";
	if (data[0] & CHOICE_MOUSE)
		session.flags = MESSAGE_EXTENDED_MOUSE;
	handshake_begin(&session.handshake, &reply);
	converse(&session, data + 2, size - 2, data[1] + 1u);
	return 0;
}
