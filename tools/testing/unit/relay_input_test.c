// SPDX-License-Identifier: Apache-2.0
/*
 * What clients type and point at, as it arrives at kvmhid: all of it, in order,
 * whatever the host's pace, and nothing left down.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "keysym.h"
#include "pointer.h"
#include "relay_rig.h"
#include "rfb.h"
#include "tap.h"

#define TYPED	3000	/* keys, more than all queues together hold */

static struct rig rig;

/* Read what the relay wrote to a device at once. Return: events, 0 for none, -1 closed. */
static int take(unsigned int hid, struct kvmhid_event *events)
{
	ssize_t length = recv(rig.hids[hid], events, KVMHID_WRITE_MAX * sizeof(*events), 0);

	if (length < 0)
		return errno == EAGAIN ? 0 : -1;
	return length ? (int)(length / (ssize_t)sizeof(*events)) : -1;
}

static int take_settled(unsigned int hid, struct kvmhid_event *events)
{
	rig_settle(&rig);
	return take(hid, events);
}

static void send_key(struct viewer *viewer, uint32_t keysym, bool down)
{
	uint8_t message[8] = { RFB_KEY_EVENT, down };

	put_be32(message + 4, keysym);
	viewer_send(viewer, message, sizeof(message));
}

static void send_qemu_key(struct viewer *viewer, uint32_t scancode, bool down)
{
	uint8_t message[12] = { RFB_QEMU, RFB_QEMU_EXTENDED_KEY };

	put_be16(message + 2, down);
	put_be32(message + 8, scancode);
	viewer_send(viewer, message, sizeof(message));
}

static void send_pointer(struct viewer *viewer, unsigned int buttons, unsigned int x,
			 unsigned int y)
{
	uint8_t message[6] = { RFB_POINTER_EVENT, (uint8_t)buttons };

	put_be16(message + 2, x);
	put_be16(message + 4, y);
	viewer_send(viewer, message, sizeof(message));
}

static void set_leds(unsigned int hid, uint8_t leds)
{
	struct kvmhid_state state = { .size = sizeof(state), .leds = leds,
				      .flags = KVMHID_STATE_CONFIGURED |
					       KVMHID_STATE_LEDS_KNOWN };

	send(rig.hids[hid], &state, sizeof(state), 0);
	rig_settle(&rig);
}

static bool is_key(const struct kvmhid_event *event, unsigned int usage, bool down)
{
	return event->type == KVMHID_EVENT_KEY && !event->flags && event->key.page == 7 &&
	       event->key.usage == usage && event->key.down == down;
}

static void test_keys(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	struct viewer viewer;
	bool good = viewer_connect(&viewer, &rig);

	rig_settle(&rig);
	set_leds(0, 0);
	send_key(&viewer, 'a', true);
	good = good && take_settled(0, events) == 1 && is_key(&events[0], 0x04, true);
	send_key(&viewer, 'a', false);
	tap_ok(good && take_settled(0, events) == 1 && is_key(&events[0], 0x04, false),
	       "a key goes down and up");
	send_key(&viewer, 'A', true);
	tap_ok(take_settled(0, events) == 3 && is_key(&events[0], HID_LEFT_SHIFT, true) &&
	       is_key(&events[1], 0x04, true) && is_key(&events[2], HID_LEFT_SHIFT, false),
	       "Shift is added for a client that knows none");
	send_key(&viewer, 'A', false);
	take_settled(0, events);
	set_leds(0, KVMHID_LED_CAPS_LOCK);
	send_key(&viewer, 'A', true);
	tap_ok(take_settled(0, events) == 1 && is_key(&events[0], 0x04, true),
	       "... but not under the host's Caps Lock");
	send_key(&viewer, 'A', false);
	take_settled(0, events);
	send_qemu_key(&viewer, 0x9c, true);
	tap_ok(take_settled(0, events) == 1 && is_key(&events[0], 0x58, true),
	       "QEMU's key event is that key");
	viewer_close(&viewer);
	tap_ok(take_settled(0, events) == -1, "with the client goes its descriptor, and the key");
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

static void test_own_descriptors(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	struct viewer first, second;

	viewer_connect(&first, &rig);
	rig_settle(&rig);
	viewer_connect(&second, &rig);
	rig_settle(&rig);
	send_key(&first, 'a', true);
	send_key(&second, 'a', true);
	tap_ok(take_settled(0, events) == 1 && take_settled(1, events) == 1,
	       "each client has a descriptor");
	viewer_close(&first);
	tap_ok(take_settled(0, events) == -1 && take_settled(1, events) == 0,
	       "one goes, the other's key stays down");
	viewer_close(&second);
	for (unsigned int i = 0; i < 2; i++) {
		close(rig.hids[i]);
		rig.hids[i] = -1;
	}
}

/* As fast as the socket takes it, to a host that is slow: nothing is lost or swapped. */
static void test_flood(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	unsigned int sent = 0, next = 0, waits = 0;
	uint8_t message[8] = { RFB_KEY_EVENT };
	struct viewer viewer;
	bool good = viewer_connect(&viewer, &rig);

	rig_settle(&rig);
	for (unsigned int round = 0; good && next < 2 * TYPED && round < 100 * TYPED; round++) {
		int count;

		while (sent < 2 * TYPED) {
			message[1] = !(sent & 1);
			put_be32(message + 4, 'a' + sent / 2 % 26);
			if (send(viewer.socket, message, 8, MSG_NOSIGNAL) != 8)
				break;
			sent++;
		}
		waits += sent < 2 * TYPED;
		server_step(&rig.server, 0);
		if (round % 3)
			continue;
		count = take(0, events);
		for (int i = 0; i < count; i++, next++)
			good = good && is_key(&events[i], HID_A + next / 2 % 26, !(next & 1));
	}
	tap_ok(good && next == 2 * TYPED, "%u keys, each down and up in turn", TYPED);
	tap_ok(waits, "the client had to wait for the host");
	viewer_close(&viewer);
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

/* The client has typed and hung up at once. */
static void test_hang_up(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	uint8_t message[8] = { RFB_KEY_EVENT };
	unsigned int sent = 0, got = 0;
	struct viewer viewer;
	int count = 0;

	viewer_connect(&viewer, &rig);
	rig_settle(&rig);
	for (;;) {
		message[1] = !(sent & 1);
		put_be32(message + 4, 'a' + sent / 2 % 26);
		if (send(viewer.socket, message, 8, MSG_NOSIGNAL) != 8)
			break;
		sent++;
	}
	/* Nobody reads from the device while the client goes. */
	viewer_close(&viewer);
	for (unsigned int i = 0; count >= 0 && i < 100 * TYPED; i++) {
		server_step(&rig.server, 0);
		count = take(0, events);
		got += count > 0 ? (unsigned int)count : 0;
	}
	tap_ok(got == sent && !rig.server.connected,
	       "%u events of a client that has hung up", sent);
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

/* A host that takes nothing for too long: pictures must go on, keys must not stick. */
static void test_stall(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX], last = { 0 };
	uint8_t message[8] = { RFB_KEY_EVENT };
	unsigned int sent = 0;
	struct viewer viewer;
	bool good;
	int count;

	good = viewer_connect(&viewer, &rig);
	rig_settle(&rig);
	send_key(&viewer, 'h', true);
	for (unsigned int i = 0; i < RIG_ROUNDS; i++) {
		message[1] = !(sent & 1);
		put_be32(message + 4, 'a' + sent / 2 % 6);
		if (send(viewer.socket, message, 8, MSG_NOSIGNAL) == 8) {
			sent++;
			i = 0;
		}
		server_step(&rig.server, 0);
	}
	tap_ok(good && rig.server.clients->input.stalls_at <= loop_now() + INPUT_STALL_MS,
	       "a host that takes nothing has a deadline");
	/* Time passes until all that the client sent has been given up. */
	for (unsigned int i = 0; i < RIG_ROUNDS; i++) {
		rig.server.clients->input.stalls_at = 0;
		server_step(&rig.server, 0);
	}
	viewer_request_all(&viewer, false);
	tap_ok(viewer_update(&viewer) && viewer_is_right(&viewer), "then pictures go on");
	do {
		count = take_settled(0, events);
		if (count > 0)
			last = events[count - 1];
	} while (count > 0);
	tap_ok(last.type == KVMHID_EVENT_RELEASE_ALL && rig.server.port.stalled,
	       "... and the host lets go of everything when it wakes up");
	viewer_close(&viewer);
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

static void test_pointer(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	struct kvmhid_pointer *p = &events[0].pointer;
	struct viewer viewer;

	viewer_connect(&viewer, &rig);
	rig_settle(&rig);
	send_pointer(&viewer, 0, 0, 0);
	tap_ok(take_settled(0, events) == 1 && events[0].type == KVMHID_EVENT_POINTER &&
	       !p->x && !p->y && !p->buttons && !p->wheel && !p->pan, "the first pixel is 0, 0");
	send_pointer(&viewer, RFB_BUTTON_LEFT, 639, 479);
	tap_ok(take_settled(0, events) == 1 && p->x == KVMHID_ABSOLUTE_MAX &&
	       p->y == KVMHID_ABSOLUTE_MAX && p->buttons == KVMHID_BUTTON_LEFT,
	       "the last one is the maximum");
	send_pointer(&viewer, RFB_BUTTON_LEFT | RFB_WHEEL_UP, 320, 240);
	tap_ok(take_settled(0, events) == 1 && p->wheel == 1 && p->buttons == KVMHID_BUTTON_LEFT,
	       "the wheel turns, the button stays down");
	send_pointer(&viewer, RFB_BUTTON_LEFT, 320, 240);
	tap_ok(take_settled(0, events) == 1 && !p->wheel && p->buttons == KVMHID_BUTTON_LEFT,
	       "... once");
	send_pointer(&viewer, RFB_BUTTON_MIDDLE | RFB_BUTTON_RIGHT | RFB_WHEEL_LEFT, 1, 1);
	tap_ok(take_settled(0, events) == 1 && p->pan == -1 &&
	       p->buttons == (KVMHID_BUTTON_MIDDLE | KVMHID_BUTTON_RIGHT),
	       "middle and right, and the horizontal wheel");
	send_pointer(&viewer, RFB_BUTTON_BACK, 65535, 65535);
	tap_ok(take_settled(0, events) == 1 && p->x == KVMHID_ABSOLUTE_MAX &&
	       p->y == KVMHID_ABSOLUTE_MAX && p->buttons == KVMHID_BUTTON_BACK,
	       "the fourth button, beyond the edge");
	viewer_close(&viewer);
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

static void test_scale(void)
{
	static const unsigned int sizes[] = { 2, 640, 720, 800, 1024, 1366, 1920 };
	bool good = !pointer_scale(0, 1) && !pointer_scale(7, 1) && !pointer_scale(0, 0);

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned int size = sizes[i];

		good = good && !pointer_scale(0, size) &&
		       pointer_scale(size - 1, size) == KVMHID_ABSOLUTE_MAX &&
		       pointer_scale(size, size) == KVMHID_ABSOLUTE_MAX;
		for (unsigned int at = 0; at < size; at++) {
			/* Nearest: off by at most half a unit. */
			long error = (long)pointer_scale(at, size) * (size - 1) -
				     (long)at * KVMHID_ABSOLUTE_MAX;

			good = good && 2 * labs(error) <= (long)(size - 1);
		}
	}
	tap_ok(good, "every pixel of every width is at its nearest coordinate");
}

static void test_extended_mouse(void)
{
	static const int32_t offers[] = { RFB_ENCODING_EXTENDED_MOUSE };
	const uint8_t message[7] = { RFB_POINTER_EVENT, 0x80, 0, 0, 0, 0, 2 };
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	struct viewer viewer;

	viewer_connect(&viewer, &rig);
	viewer_offer(&viewer, offers, 1);
	viewer_request_all(&viewer, false);
	viewer_update(&viewer);
	viewer_send(&viewer, message, sizeof(message));
	tap_ok(take_settled(0, events) == 1 &&
	       events[0].pointer.buttons == KVMHID_BUTTON_FORWARD, "the fifth button");
	viewer_close(&viewer);
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

static void test_device_comes_and_goes(void)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX];
	struct viewer viewer;

	rig.hid_missing = true;
	viewer_connect(&viewer, &rig);
	send_key(&viewer, 'a', true);
	viewer_request_all(&viewer, false);
	tap_ok(viewer_update(&viewer) && viewer_is_right(&viewer),
	       "without a HID device there is a picture");
	rig.hid_missing = false;
	rig.server.clients->input.retry_at = 0;
	rig_settle(&rig);
	send_key(&viewer, 'a', false);
	send_key(&viewer, 'b', true);
	tap_ok(rig.hids[0] >= 0 && take_settled(0, events) == 1 && is_key(&events[0], 0x05, true),
	       "keys arrive once the device does, and none from before");
	close(rig.hids[0]);
	rig.hids[0] = -1;
	rig_settle(&rig);
	rig.server.clients->input.retry_at = 0;
	rig_settle(&rig);
	send_key(&viewer, 'b', false);
	send_key(&viewer, 'c', true);
	tap_ok(rig.hids[0] >= 0 && take_settled(0, events) == 1 && is_key(&events[0], 0x06, true),
	       "a device that goes and comes back is opened again");
	viewer_close(&viewer);
	close(rig.hids[0]);
	rig.hids[0] = -1;
}

int main(void)
{
	rig_init(&rig);
	rig_show(&rig, 640, 480, KVMCAP_JPEG_420, PATTERN_MIXED, 1);
	test_keys();
	test_own_descriptors();
	test_flood();
	test_hang_up();
	test_stall();
	test_pointer();
	test_scale();
	test_extended_mouse();
	test_device_comes_and_goes();
	rig_free(&rig);
	return tap_end();
}
