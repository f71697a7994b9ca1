/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VNC client made with libvncclient, that keeps what it is sent comparable.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef E2E_VIEWER_H
#define E2E_VIEWER_H

#include <rfb/rfbclient.h>

#include "planes.h"

/**
 * enum viewer_kind - what a client offers, and how its picture is kept
 * @VIEWER_RAW: Raw; pixels
 * @VIEWER_TIGHT: Tight with a JPEG quality level; JPEG rectangles as planes
 * @VIEWER_JPEG: JPEG (21), which libvncclient leaves to an extension; planes
 * @VIEWER_PLAIN: as VIEWER_TIGHT, but libvncclient decodes; pixels
 * @VIEWER_KINDS: how many there are for pictures of JPEG
 * @VIEWER_HEXTILE: Hextile, of 16-bit pixels as engines have them; pixels
 * @VIEWER_RAW16: Raw, of the same; pixels
 */
enum viewer_kind {
	VIEWER_RAW,
	VIEWER_TIGHT,
	VIEWER_JPEG,
	VIEWER_PLAIN,
	VIEWER_KINDS,
	VIEWER_HEXTILE = VIEWER_KINDS,
	VIEWER_RAW16,
	VIEWER_ALL_KINDS
};

/**
 * struct viewer - a client
 * @kind: what it offers
 * @client: libvncclient's side; NULL once the connection has ended
 * @planes: the picture, for kinds that keep planes
 * @decoder: of JPEG; with VIEWER_JPEG it keeps tables from image to image
 * @was_jpeg: the rectangle being received is a JPEG
 * @problem: what was wrong with something received; NULL if nothing
 * @updates: messages that have brought rectangles
 * @jpegs: JPEG rectangles received
 * @jpeg_bytes: of them
 * @wire_bytes: of those rectangles with what the protocol puts around them
 * @pixel_bytes: of other rectangles, four for each pixel
 * @fills: areas of one colour received, by kinds of 16-bit pixels
 * @library_fill: what paints them
 */
struct viewer {
	enum viewer_kind kind;
	rfbClient *client;
	struct planes planes;
	struct planes_decoder decoder;
	bool was_jpeg;
	const char *problem;
	unsigned long updates;
	unsigned long jpegs;
	unsigned long long jpeg_bytes;
	unsigned long long wire_bytes;
	unsigned long long pixel_bytes;
	unsigned long fills;
	GotFillRectProc library_fill;
};

const char *viewer_name(enum viewer_kind kind);

/**
 * viewer_connect() - connect, and ask for the first update
 * @viewer: where
 * @kind: what to offer
 * @host: name, or path of a Unix socket
 * @port: number
 *
 * From then on the library keeps exactly one request outstanding.
 *
 * Return: whether it worked.
 */
bool viewer_connect(struct viewer *viewer, enum viewer_kind kind, const char *host, int port);
void viewer_close(struct viewer *viewer);

/**
 * viewer_serve() - wait for messages to any of some clients, and handle them
 * @viewers: the clients
 * @count: how many
 * @timeout: ms
 *
 * Return: how many clients got one; 0 when the time is up; -1 when a connection
 * ended or was at fault, which is said on standard output.
 */
int viewer_serve(struct viewer *viewers, unsigned int count, int timeout);

/* 0x00RRGGBB; R5 G6 B5 of VIEWER_HEXTILE and VIEWER_RAW16. */
uint32_t viewer_pixel(const struct viewer *viewer, unsigned int x, unsigned int y);

#endif
