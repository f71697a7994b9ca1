// SPDX-License-Identifier: Apache-2.0
/*
 * What clients send: each message whole, cut at each byte, and out of its range.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "messages.h"
#include "offer.h"
#include "rfb.h"
#include "tap.h"

/* A message as bytes, for tests that know what is in it. */
struct sample {
	const char *what;
	uint8_t bytes[64];
	size_t length;
	unsigned int flags;
	enum message_type type;
};

#define BE16(n)	(uint8_t)((n) >> 8 & 0xff), (uint8_t)((n) & 0xff)
#define BE32(n)	BE16((uint32_t)(n) >> 16), BE16((uint32_t)(n))

static const struct sample samples[] = {
	{ "SetPixelFormat",
	  { 0, 0, 0, 0, 16, 15, 1, 1, BE16(31), BE16(63), BE16(31), 11, 5, 0, 0, 0, 0 },
	  20, 0, MESSAGE_SET_PIXEL_FORMAT },
	{ "SetEncodings", { 2, 0, BE16(3), BE32(7), BE32(-26), BE32(0) }, 16, 0,
	  MESSAGE_SET_ENCODINGS },
	{ "SetEncodings with none", { 2, 0, BE16(0) }, 4, 0, MESSAGE_SET_ENCODINGS },
	{ "FramebufferUpdateRequest", { 3, 1, BE16(1), BE16(2), BE16(65535), BE16(400) }, 10, 0,
	  MESSAGE_UPDATE_REQUEST },
	{ "KeyEvent", { 4, 1, 0, 0, BE32(0xff0d) }, 8, 0, MESSAGE_KEY },
	{ "PointerEvent", { 5, 0x81, BE16(1919), BE16(1199) }, 6, 0, MESSAGE_POINTER },
	{ "PointerEvent, extended", { 5, 0x81, BE16(3), BE16(4), 3 }, 7, MESSAGE_EXTENDED_MOUSE,
	  MESSAGE_POINTER },
	{ "PointerEvent, not extended", { 5, 0x01, BE16(3), BE16(4) }, 6,
	  MESSAGE_EXTENDED_MOUSE, MESSAGE_POINTER },
	{ "ClientCutText", { 6, 0, 0, 0, BE32(80u << 20) }, 8, 0, MESSAGE_CUT_TEXT },
	{ "SetDesktopSize", { 251, 0, BE16(640), BE16(480), 1, 0, BE32(1), BE16(0), BE16(0),
			      BE16(640), BE16(480), BE32(0) }, 24, 0, MESSAGE_SET_DESKTOP_SIZE },
	{ "SetDesktopSize without screens", { 251, 0, BE16(640), BE16(480), 0, 0 }, 8, 0,
	  MESSAGE_SET_DESKTOP_SIZE },
	{ "QEMU's key event", { 255, 0, BE16(1), BE32(0x61), BE32(0x9e) }, 12, 0, MESSAGE_KEY },
};

/* In memory of exactly that length, so that a byte read beyond it is noticed. */
static struct parse_result parse(struct message *message, const uint8_t *bytes, size_t length,
				 unsigned int flags)
{
	uint8_t *copy = malloc(length ? length : 1);
	struct parse_result result;

	memcpy(copy, bytes, length);
	result = message_parse(message, copy, length, flags);
	free(copy);
	return result;
}

static void test_whole_and_cut(const struct sample *sample)
{
	struct message message;
	struct parse_result result = parse(&message, sample->bytes, sample->length,
					   sample->flags);
	bool waits = true;

	tap_ok(result.status == PARSE_CONSUMED && result.consumed == sample->length &&
	       message.type == sample->type, "%s is taken whole", sample->what);
	for (size_t length = 0; length < sample->length; length++) {
		result = parse(&message, sample->bytes, length, sample->flags);
		waits = waits && result.status == PARSE_NEED_MORE && !result.consumed;
	}
	tap_ok(waits, "%s is waited for when cut anywhere", sample->what);
	/* What follows it is not touched. */
	result = parse(&message, sample->bytes, sizeof(sample->bytes), sample->flags);
	tap_ok(result.status == PARSE_CONSUMED && result.consumed == sample->length,
	       "%s ends where it ends", sample->what);
}

static struct message taken(unsigned int sample)
{
	struct message message = { 0 };

	message_parse(&message, samples[sample].bytes, samples[sample].length,
		      samples[sample].flags);
	return message;
}

static void test_contents(void)
{
	struct message m = taken(0);

	tap_ok(m.format.bits_per_pixel == 16 && m.format.depth == 15 && m.format.big_endian &&
	       m.format.true_colour && m.format.max[1] == 63 && m.format.shift[0] == 11 &&
	       m.format.shift[2] == 0, "SetPixelFormat: the format");
	m = taken(1);
	tap_ok(m.encodings.count == 3 && (int32_t)get_be32(m.encodings.list + 4) == -26,
	       "SetEncodings: the list");
	m = taken(3);
	tap_ok(m.request.incremental && m.request.x == 1 && m.request.y == 2 &&
	       m.request.width == 65535 && m.request.height == 400,
	       "FramebufferUpdateRequest: the area");
	m = taken(4);
	tap_ok(m.key.down && m.key.keysym == 0xff0d && !m.key.scancode, "KeyEvent: the key");
	m = taken(5);
	tap_ok(m.pointer.x == 1919 && m.pointer.y == 1199 &&
	       m.pointer.buttons == (RFB_BUTTON_LEFT | RFB_BUTTON_BACK),
	       "PointerEvent: eight buttons");
	m = taken(6);
	tap_ok(m.pointer.buttons == (RFB_BUTTON_LEFT | RFB_BUTTON_BACK | RFB_BUTTON_FORWARD),
	       "PointerEvent, extended: nine buttons");
	m = taken(8);
	tap_ok(m.cut_text_length == 80u << 20, "ClientCutText: how much to skip");
	m = taken(11);
	tap_ok(m.key.down && m.key.keysym == 'a' && m.key.scancode == 0x9e,
	       "QEMU's key event: keysym and scancode");
}

static bool closes(const uint8_t *bytes, size_t length)
{
	struct message message;
	struct parse_result result = parse(&message, bytes, length, 0);

	return result.status == PARSE_CLOSE && result.reason;
}

static void test_refused(void)
{
	const uint8_t encodings[] = { 2, 0, BE16(MESSAGE_ENCODINGS_MAX + 1) };
	const uint8_t most[] = { 2, 0, BE16(0xffff) };
	const uint8_t text[] = { 6, 0, 0, 0, BE32(MESSAGE_CUT_TEXT_MAX + 1) };
	const uint8_t negative[] = { 6, 0, 0, 0, BE32(-4) };
	const uint8_t qemu[] = { 255, 1 };
	bool known[256] = { [0] = true, [2] = true, [3] = true, [4] = true, [5] = true,
			    [6] = true, [251] = true, [255] = true };
	bool good = true;

	tap_ok(closes(encodings, sizeof(encodings)), "too many encodings are refused at once");
	tap_ok(closes(most, sizeof(most)), "... and the most that can be said");
	tap_ok(closes(text, sizeof(text)), "too much text is refused at once");
	tap_ok(closes(negative, sizeof(negative)), "... and a negative length");
	tap_ok(closes(qemu, sizeof(qemu)), "QEMU's audio is refused");
	for (unsigned int type = 0; type < 256; type++) {
		uint8_t byte = (uint8_t)type;

		good = good && closes(&byte, 1) == !known[type];
	}
	tap_ok(good, "types that are not known are refused at their first byte");
}

/* Nothing that has to be whole is longer than the buffer. */
static void test_longest(void)
{
	static uint8_t bytes[MESSAGE_LENGTH_MAX];
	struct message message;

	bytes[0] = RFB_SET_ENCODINGS;
	put_be16(bytes + 2, MESSAGE_ENCODINGS_MAX);
	tap_ok(parse(&message, bytes, sizeof(bytes), 0).status == PARSE_CONSUMED,
	       "the longest SetEncodings fits the buffer");
	bytes[0] = RFB_SET_DESKTOP_SIZE;
	bytes[6] = 255;
	tap_ok(parse(&message, bytes, sizeof(bytes), 0).status == PARSE_CONSUMED,
	       "the longest SetDesktopSize fits the buffer");
}

static struct offer offered(int32_t a, int32_t b)
{
	uint8_t list[8];
	struct offer offer;

	put_be32(list, (uint32_t)a);
	put_be32(list + 4, (uint32_t)b);
	offer_read(&offer, list, 2);
	return offer;
}

static void test_offer(void)
{
	struct offer offer = offered(7, -24);

	tap_ok(offer.tight && offer.quality && !offer.jpeg, "Tight and a quality level");
	offer = offered(7, -256);
	tap_ok(offer.tight && !offer.quality, "a compression level is no quality level");
	tap_ok(!offered(0, -33).quality && offered(0, -32).quality &&
	       offered(0, -23).quality && !offered(0, -22).quality,
	       "quality levels are -32 to -23");
	tap_ok(!offered(0, -513).quality && offered(0, -512).quality &&
	       offered(0, -412).quality && !offered(0, -411).quality,
	       "fine ones are -512 to -412");
	offer = offered(21, -224);
	tap_ok(offer.jpeg && offer.last_rect && !offer.tight, "JPEG (21) and LastRect");
	offer = offered(-223, -308);
	tap_ok(offer.desktop_size && offer.extended_desktop_size, "both sizes");
	offer = offered(-258, -316);
	tap_ok(offer.qemu_keys && offer.extended_mouse, "keys and mice");
	offer = offered(0, 0);
	tap_ok(!offer.tight && !offer.jpeg && !offer.last_rect && !offer.qemu_keys,
	       "a new list replaces the old one");
}

int main(void)
{
	for (unsigned int i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		test_whole_and_cut(&samples[i]);
	test_contents();
	test_refused();
	test_longest();
	test_offer();
	return tap_end();
}
