/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A relay in the test's own process and thread: its capture device is a mapping
 * in memory, its kvmhid devices are sockets, its clients are written here. Time
 * passes only in rounds of the relay that the test asks for.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_RIG_H
#define RELAY_RIG_H

#include "jpeg_oracle.h"
#include "jpeg_screens.h"
#include "mapping.h"
#include "server.h"

/* Rounds of the relay that a test waits for something, each 10 ms at most. */
#define RIG_ROUNDS	300
#define RIG_ROUND_MS	10

/* Devices that may be open at the same time. */
#define RIG_HIDS	32

/**
 * struct rig - a relay and its devices
 * @server: the relay
 * @mapping: what its capture device maps
 * @event: readable when the capture device is
 * @device_missing: opening the capture device fails
 * @hids: far ends of the kvmhid descriptors, -1 for none
 * @hid_missing: opening kvmhid fails
 * @codec: of tiles; PALETTE stands for every other tile among JPEG ones
 * @mixed: every third tile is RAW
 * @jpeg: the engine's image of the screen
 * @width: of the screen
 * @height: of the screen
 * @wanted: pixels of the screen, as decoded; 0x00RRGGBB
 */
struct rig {
	struct server server;
	struct mapping mapping;
	int event;
	bool device_missing;
	int hids[RIG_HIDS];
	bool hid_missing;
	enum kvmcap_codec codec;
	bool mixed;
	struct blob jpeg;
	unsigned int width;
	unsigned int height;
	uint32_t *wanted;
};

/* Only one rig at a time. Its codec is JPEG. */
void rig_init(struct rig *rig);
void rig_free(struct rig *rig);

/* Some rounds of the relay, until nothing more can happen at once. */
void rig_settle(struct rig *rig);

/* Put a picture on the screen. Return: whether it worked. */
bool rig_show(struct rig *rig, unsigned int width, unsigned int height,
	      enum kvmcap_jpeg_subsampling subsampling, enum pattern pattern, u32 seed);

/* Change the pixels of one tile, at a pixel of it. */
bool rig_change_tile(struct rig *rig, unsigned int x, unsigned int y, u32 seed);

bool rig_signal(struct rig *rig, enum kvmcap_signal signal);

/* Whether the relay has asked the capture device for more. */
bool rig_is_armed(struct rig *rig);

/**
 * struct viewer - a client of the relay
 * @rig: whose
 * @socket: to the relay; -1 once closed
 * @in: bytes received
 * @in_next: the first that has not been read
 * @in_length: how many there are
 * @format: of pixels
 * @width: of the framebuffer
 * @height: of the framebuffer
 * @pixels: its contents, in @format's bits but as a number
 * @decoded: which of them came as JPEG, hence as 0x00RRGGBB
 * @tolerance: what a channel of those may be wrong by
 * @tables: DQT and DHT segments that JPEG (21) brought last
 * @updates: framebuffer updates received
 * @rectangles: of the last update, pseudo-rectangles not counted
 * @area: pixels that those covered
 * @encodings: bit n: an encoding of that number was used in the last update
 * @bare_jpegs: JPEG (21) images that came without tables
 * @jpeg_bytes: of images
 * @resized: the last update brought a new size
 * @size_reason: of the last ExtendedDesktopSize
 * @size_result: of the last ExtendedDesktopSize
 * @sizes: ExtendedDesktopSize rectangles received
 * @keys_told: QEMU's key events were announced
 * @mouse_told: extended mouse buttons were announced
 * @problem: what the relay did wrong
 */
struct viewer {
	struct rig *rig;
	int socket;
	uint8_t in[1 << 14];
	size_t in_next;
	size_t in_length;
	struct pixel_format format;
	unsigned int width;
	unsigned int height;
	uint32_t *pixels;
	bool *decoded;
	unsigned int tolerance;
	struct blob tables;
	unsigned int updates;
	unsigned int rectangles;
	unsigned long area;
	uint32_t encodings;
	unsigned int bare_jpegs;
	unsigned long jpeg_bytes;
	bool resized;
	unsigned int size_reason;
	unsigned int size_result;
	unsigned int sizes;
	bool keys_told;
	bool mouse_told;
	const char *problem;
};

/* Connect, and stop before the first byte. */
void viewer_attach(struct viewer *viewer, struct rig *rig);

/* Connect, and shake hands with 3.8 and None. Return: whether it worked. */
bool viewer_connect(struct viewer *viewer, struct rig *rig);
void viewer_close(struct viewer *viewer);

void viewer_send(struct viewer *viewer, const void *bytes, size_t length);
void viewer_offer(struct viewer *viewer, const int32_t *encodings, unsigned int count);
void viewer_set_format(struct viewer *viewer, const struct pixel_format *format);
void viewer_request(struct viewer *viewer, bool incremental, unsigned int x, unsigned int y,
		    unsigned int width, unsigned int height);
void viewer_request_all(struct viewer *viewer, bool incremental);

/* Read exactly so much. Return: false if it does not come, or the relay closed. */
bool viewer_read(struct viewer *viewer, void *bytes, size_t length);

/* Read one framebuffer update. Return: false if none comes, or a wrong one. */
bool viewer_update(struct viewer *viewer);

/* Whether the relay sends nothing, and keeps the connection. */
bool viewer_is_quiet(struct viewer *viewer);

/* Whether the relay has closed the connection. */
bool viewer_is_closed(struct viewer *viewer);

/* Whether the framebuffer shows the screen, exactly but for JPEG; black beyond it. */
bool viewer_is_right(struct viewer *viewer);

#endif
