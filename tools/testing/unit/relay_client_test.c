// SPDX-License-Identifier: Apache-2.0
/*
 * Connections: what clients get that are too many, too slow, or make no sense,
 * and that nobody else is disturbed by them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "bytes.h"
#include "relay_rig.h"
#include "rfb.h"
#include "tap.h"

/* A well-behaved client that watches while others do not behave. */
struct witness {
	struct viewer viewer;
	u32 seed;
};

static bool witness_start(struct witness *witness, struct rig *rig)
{
	static const int32_t offers[] = { RFB_ENCODING_JPEG, RFB_ENCODING_LAST_RECT };

	witness->seed = 1;
	if (!viewer_connect(&witness->viewer, rig))
		return false;
	viewer_offer(&witness->viewer, offers, 2);
	viewer_request_all(&witness->viewer, false);
	return viewer_update(&witness->viewer) && viewer_is_right(&witness->viewer);
}

/* Whether it still gets what changes. */
static bool undisturbed(struct witness *witness)
{
	viewer_request_all(&witness->viewer, true);
	return rig_change_tile(witness->viewer.rig, 100, 100, witness->seed++) &&
	       viewer_update(&witness->viewer) && viewer_is_right(&witness->viewer);
}

struct bad {
	const char *what;
	uint8_t bytes[32];
	size_t length;
};

#define BE16(n)	(uint8_t)((n) >> 8 & 0xff), (uint8_t)((n) & 0xff)
#define BE32(n)	BE16((uint32_t)(n) >> 16), BE16((uint32_t)(n))

static const struct bad bad_messages[] = {
	{ "an unknown message", { 99 }, 1 },
	{ "a fence, which nobody offered", { 248, 0, 0, 0, 0, 0, 0, 0, 0 }, 9 },
	{ "a colour map", { 0, 0, 0, 0, 8, 8, 0, 0, 0, 7, 0, 7, 0, 3, 0, 3, 6 }, 20 },
	{ "pixels of 24 bits", { 0, 0, 0, 0, 24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0 }, 20 },
	{ "65535 encodings", { 2, 0, 255, 255 }, 4 },
	{ "4 GiB of text", { 6, 0, 0, 0, 255, 255, 255, 255 }, 8 },
	{ "QEMU's audio", { 255, 1, 0, 0 }, 4 },
};

static void test_bad_messages(struct rig *rig, struct witness *witness)
{
	struct viewer viewer;

	for (unsigned int i = 0; i < sizeof(bad_messages) / sizeof(bad_messages[0]); i++) {
		bool good = viewer_connect(&viewer, rig);

		viewer_send(&viewer, bad_messages[i].bytes, bad_messages[i].length);
		tap_ok(good && viewer_is_closed(&viewer), "%s is closed for", bad_messages[i].what);
		viewer_close(&viewer);
	}
	tap_ok(undisturbed(witness), "nobody else is disturbed");
}

static const struct bad bad_starts[] = {
	{ "a web browser", "GET / HTTP/1.1\r\n", 16 },
	{ "a TLS client", { 0x16, 3, 1, 0, 200 }, 5 },
	{ "a version that is none", "RFB 003.xxx\n", 12 },
};

static void test_bad_starts(struct rig *rig, struct witness *witness)
{
	struct viewer viewer;

	for (unsigned int i = 0; i < sizeof(bad_starts) / sizeof(bad_starts[0]); i++) {
		viewer_attach(&viewer, rig);
		viewer_send(&viewer, bad_starts[i].bytes, bad_starts[i].length);
		tap_ok(viewer_is_closed(&viewer), "%s is closed for", bad_starts[i].what);
		viewer_close(&viewer);
	}
	tap_ok(undisturbed(witness), "nobody else is disturbed");
}

/* Half of something, or nothing; time is made to pass by moving the deadline. */
static void test_silent(struct rig *rig, struct witness *witness)
{
	static const char *const starts[] = { "", "R", "RFB 003.008", "RFB 003.008\n",
					      "RFB 003.008\n\1" };
	struct viewer viewer;

	for (unsigned int i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		viewer_attach(&viewer, rig);
		viewer_send(&viewer, starts[i], strlen(starts[i]));
		rig_settle(rig);
		tap_ok(rig->server.clients->deadline <= loop_now() + CLIENT_HANDSHAKE_MS,
		       "after %zu bytes there is a deadline", strlen(starts[i]));
		rig->server.clients->deadline = 0;
		tap_ok(viewer_is_closed(&viewer), "... and an end");
		viewer_close(&viewer);
	}
	tap_ok(undisturbed(witness), "nobody else is disturbed");
}

/* Cut at any byte by the client's end. */
static void test_hang_up(struct rig *rig, struct witness *witness)
{
	static const uint8_t words[] = "RFB 003.008\n\1\1"
				       "\3\0\0\0\0\0\x02\x80\x01\xe0"
				       "\2\0\0\3\0\0\0\7\xff\xff\xff\xe6\0\0\0\25"
				       "\4\1\0\0\0\0\0\x61\5\1\0\5\0\6"
				       "\6\0\0\0\0\0\0\5hello";
	unsigned int connected = rig->server.connected;
	struct viewer viewer;

	for (size_t length = 0; length < sizeof(words); length++) {
		viewer_attach(&viewer, rig);
		viewer_send(&viewer, words, length);
		viewer_close(&viewer);
	}
	tap_ok(rig->server.connected == connected, "whoever hangs up in mid-sentence is gone");
	tap_ok(undisturbed(witness), "nobody else is disturbed");
}

static void test_limit(struct rig *rig, struct witness *witness)
{
	struct viewer viewers[CLIENTS_MAX + CLIENTS_REFUSED_MAX];
	unsigned int connected = 0, told = 0, closed = 0;
	uint8_t bytes[64] = { 0 };

	while (rig->server.connected < CLIENTS_MAX && viewer_connect(&viewers[connected], rig))
		connected++;
	tap_ok(connected == CLIENTS_MAX - 1, "%d clients are served", CLIENTS_MAX);
	viewer_attach(&viewers[connected], rig);
	viewer_send(&viewers[connected], RFB_VERSION, RFB_VERSION_LENGTH);
	if (viewer_read(&viewers[connected], bytes, 17) && !bytes[12] &&
	    viewer_read(&viewers[connected], bytes, get_be32(bytes + 13)))
		told++;
	tap_ok(told == 1 && !strcmp((char *)bytes, "Too many clients are connected") &&
	       viewer_is_closed(&viewers[connected]), "one more is told why not");
	viewer_close(&viewers[connected]);
	/* Those that are to be told, but say nothing, do not pile up. */
	for (unsigned int i = connected; i < connected + CLIENTS_REFUSED_MAX; i++)
		viewer_attach(&viewers[i], rig);
	viewer_attach(&viewers[connected + CLIENTS_REFUSED_MAX], rig);
	closed = viewer_is_closed(&viewers[connected + CLIENTS_REFUSED_MAX]);
	tap_ok(closed && rig->server.connected == CLIENTS_MAX + CLIENTS_REFUSED_MAX,
	       "and beyond %d more there is no answer", CLIENTS_REFUSED_MAX);
	for (unsigned int i = 0; i <= connected + CLIENTS_REFUSED_MAX; i++)
		viewer_close(&viewers[i]);
	tap_ok(undisturbed(witness) && rig->server.connected == 1, "nobody else is disturbed");
}

/* Text for the clipboard is skipped as it comes, however much it is. */
static void test_cut_text(struct rig *rig, struct witness *witness)
{
	static uint8_t text[1 << 16];
	uint8_t header[8] = { RFB_CLIENT_CUT_TEXT };
	struct viewer viewer;
	bool good = viewer_connect(&viewer, rig);

	/* If it were taken for messages, this would be an unknown one. */
	memset(text, 99, sizeof(text));
	put_be32(header + 4, 80 * sizeof(text));
	viewer_send(&viewer, header, sizeof(header));
	for (unsigned int i = 0; i < 80; i++)
		viewer_send(&viewer, text, sizeof(text));
	viewer_request_all(&viewer, false);
	tap_ok(good && viewer_update(&viewer) && viewer_is_right(&viewer),
	       "5 MiB of text are skipped, what follows is served");
	viewer_close(&viewer);
	tap_ok(undisturbed(witness), "nobody else is disturbed");
}

static void test_announcements(struct rig *rig)
{
	static const int32_t offers[] = { RFB_ENCODING_JPEG, RFB_ENCODING_LAST_RECT,
					  RFB_ENCODING_EXTENDED_DESKTOP_SIZE,
					  RFB_ENCODING_QEMU_EXTENDED_KEY,
					  RFB_ENCODING_EXTENDED_MOUSE };
	static const uint8_t set_size[24] = { 251, 0, BE16(800), BE16(600), 1, 0, BE32(7),
					      BE16(0), BE16(0), BE16(800), BE16(600), BE32(0) };
	struct viewer viewer;
	bool good = viewer_connect(&viewer, rig);

	viewer_offer(&viewer, offers, 5);
	viewer_request_all(&viewer, false);
	good = good && viewer_update(&viewer);
	tap_ok(good && viewer.keys_told && viewer.mouse_told && viewer.sizes == 1 &&
	       viewer.size_reason == RFB_SIZE_BY_SERVER && !viewer.size_result &&
	       viewer_is_right(&viewer), "the first update announces what was offered");
	viewer.keys_told = false;
	viewer.mouse_told = false;
	viewer_request_all(&viewer, false);
	good = good && viewer_update(&viewer);
	tap_ok(good && !viewer.keys_told && !viewer.mouse_told && viewer.sizes == 2,
	       "later ones only the size, when all is asked for");
	viewer_request_all(&viewer, true);
	good = good && rig_change_tile(rig, 5, 5, 77) && viewer_update(&viewer);
	tap_ok(good && viewer.sizes == 2, "... and not when changes are");
	viewer_send(&viewer, set_size, sizeof(set_size));
	good = good && viewer_update(&viewer);
	tap_ok(good && viewer.sizes == 3 && !viewer.rectangles && !viewer.resized &&
	       viewer.size_reason == RFB_SIZE_BY_THIS_CLIENT &&
	       viewer.size_result == RFB_SIZE_PROHIBITED, "setting the size is refused in words");
	tap_ok(viewer_is_quiet(&viewer), "... once");
	viewer_close(&viewer);

	good = viewer_connect(&viewer, rig);
	viewer_send(&viewer, set_size, sizeof(set_size));
	tap_ok(good && viewer_is_quiet(&viewer), "to a client that would not understand, without");
	viewer_request_all(&viewer, false);
	tap_ok(viewer_update(&viewer) && !viewer.keys_told && !viewer.mouse_told &&
	       !viewer.sizes && viewer_is_right(&viewer), "which is told nothing else either");
	viewer_close(&viewer);
}

/* Messages in the smallest and the largest pieces come to the same. */
static void test_pieces(struct rig *rig)
{
	static const uint8_t words[] = "\2\0\0\2\0\0\0\25\xff\xff\xff\x20"
				       "\3\0\0\0\0\0\x02\x80\x01\xe0";
	struct viewer viewer;
	bool good = viewer_connect(&viewer, rig);

	for (size_t i = 0; i + 1 < sizeof(words); i++)
		viewer_send(&viewer, words + i, 1);
	tap_ok(good && viewer_update(&viewer) && viewer_is_right(&viewer) &&
	       viewer.encodings == 1u << RFB_ENCODING_JPEG, "messages byte by byte");
	viewer_close(&viewer);
}

static void test_password(struct rig *rig)
{
	static const uint8_t password[VNCAUTH_PASSWORD_LENGTH] = "secret";
	uint8_t challenges[2][VNCAUTH_CHALLENGE_LENGTH], response[VNCAUTH_CHALLENGE_LENGTH];
	uint8_t bytes[64] = { 0 };
	struct viewer viewer;

	rig->server.password = password;
	for (unsigned int wrong = 0; wrong < 2; wrong++) {
		viewer_attach(&viewer, rig);
		viewer_send(&viewer, RFB_VERSION "\2", RFB_VERSION_LENGTH + 1);
		viewer_read(&viewer, bytes, 14);
		viewer_read(&viewer, challenges[wrong], VNCAUTH_CHALLENGE_LENGTH);
		vncauth_response(password, challenges[wrong], response);
		response[3] ^= wrong;
		viewer_send(&viewer, response, sizeof(response));
		viewer_read(&viewer, bytes, 4);
		tap_ok(get_be32(bytes) == wrong && viewer_is_closed(&viewer) == wrong,
		       "a %s password", wrong ? "wrong" : "right");
		viewer_close(&viewer);
	}
	tap_ok(memcmp(challenges[0], challenges[1], sizeof(challenges[0])),
	       "no two challenges are the same");
	rig->server.password = NULL;
}

/* A client that comes before the capture device does. */
static void test_missing_device(void)
{
	static const int32_t offers[] = { RFB_ENCODING_JPEG, RFB_ENCODING_LAST_RECT,
					  RFB_ENCODING_DESKTOP_SIZE };
	struct viewer viewer;
	struct rig rig;
	bool good;

	rig_init(&rig);
	rig.device_missing = true;
	rig_show(&rig, 1024, 768, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	good = viewer_connect(&viewer, &rig) && viewer.width == CLIENT_WIDTH &&
	       viewer.height == CLIENT_HEIGHT;
	viewer_offer(&viewer, offers, 3);
	viewer_request_all(&viewer, false);
	good = good && viewer_update(&viewer);
	tap_ok(good && viewer.area == CLIENT_WIDTH * CLIENT_HEIGHT,
	       "without a capture device there is a placard");
	viewer_request_all(&viewer, true);
	tap_ok(viewer_is_quiet(&viewer), "... once");
	rig.device_missing = false;
	rig.server.source.retry_at = 0;
	good = good && viewer_update(&viewer) && viewer.width == 1024 && viewer.resized;
	viewer_request_all(&viewer, false);
	tap_ok(good && viewer_update(&viewer) && viewer_is_right(&viewer),
	       "the picture comes when the device does");
	viewer_close(&viewer);
	rig_free(&rig);
}

/* A client that comes before the first picture has its size from the start. */
static void test_first_picture(void)
{
	struct viewer viewer;
	uint8_t bytes[64];
	struct rig rig;

	rig_init(&rig);
	viewer_attach(&viewer, &rig);
	viewer_send(&viewer, RFB_VERSION "\1\1", RFB_VERSION_LENGTH + 2);
	viewer_read(&viewer, bytes, RFB_VERSION_LENGTH + 2 + 4);
	tap_ok(viewer_is_quiet(&viewer) && rig_is_armed(&rig),
	       "before the first picture, the size is waited for");
	rig_show(&rig, 720, 400, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	tap_ok(viewer_read(&viewer, bytes, 4) && get_be16(bytes) == 720 &&
	       get_be16(bytes + 2) == 400, "... and told when it is known");
	viewer_close(&viewer);
	rig_free(&rig);

	rig_init(&rig);
	viewer_attach(&viewer, &rig);
	viewer_send(&viewer, RFB_VERSION "\1\1", RFB_VERSION_LENGTH + 2);
	viewer_read(&viewer, bytes, RFB_VERSION_LENGTH + 2 + 4);
	rig_settle(&rig);
	rig.server.clients->deadline = 0;
	tap_ok(viewer_read(&viewer, bytes, 4) && get_be16(bytes) == CLIENT_WIDTH,
	       "... but not forever");
	viewer_close(&viewer);
	rig_free(&rig);
}

int main(void)
{
	struct witness witness;
	struct rig rig;

	rig_init(&rig);
	rig_show(&rig, 640, 480, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	tap_ok(witness_start(&witness, &rig), "a client that behaves");
	test_bad_messages(&rig, &witness);
	test_bad_starts(&rig, &witness);
	test_silent(&rig, &witness);
	test_hang_up(&rig, &witness);
	test_limit(&rig, &witness);
	test_cut_text(&rig, &witness);
	test_announcements(&rig);
	test_pieces(&rig);
	test_password(&rig);
	viewer_close(&witness.viewer);
	rig_free(&rig);
	test_missing_device();
	test_first_picture();
	return tap_end();
}
