/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of the Remote Framebuffer protocol: RFC 6143 and, for what is marked
 * "community", the community's version of the specification (rfbproto).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_RFB_H
#define RELAY_RFB_H

#define RFB_VERSION		"RFB 003.008\n"
#define RFB_VERSION_LENGTH	12

enum rfb_security {
	RFB_SECURITY_INVALID = 0,
	RFB_SECURITY_NONE = 1,
	RFB_SECURITY_VNC = 2,
};

enum rfb_security_result {
	RFB_SECURITY_OK = 0,
	RFB_SECURITY_FAILED = 1,
};

/* Messages from client to server. */
enum rfb_client_message {
	RFB_SET_PIXEL_FORMAT = 0,
	RFB_SET_ENCODINGS = 2,
	RFB_UPDATE_REQUEST = 3,
	RFB_KEY_EVENT = 4,
	RFB_POINTER_EVENT = 5,
	RFB_CLIENT_CUT_TEXT = 6,
	RFB_SET_DESKTOP_SIZE = 251,	/* community */
	RFB_QEMU = 255,			/* community */
};

#define RFB_QEMU_EXTENDED_KEY	0	/* submessage of RFB_QEMU */

/* Messages from server to client. */
enum rfb_server_message {
	RFB_FRAMEBUFFER_UPDATE = 0,
};

enum rfb_encoding {
	RFB_ENCODING_RAW = 0,
	RFB_ENCODING_HEXTILE = 5,
	RFB_ENCODING_TIGHT = 7,			/* community */
	RFB_ENCODING_JPEG = 21,			/* community */
	RFB_ENCODING_QUALITY_0 = -32,		/* community, to -23 */
	RFB_ENCODING_QUALITY_9 = -23,
	RFB_ENCODING_DESKTOP_SIZE = -223,
	RFB_ENCODING_LAST_RECT = -224,		/* community */
	RFB_ENCODING_QEMU_EXTENDED_KEY = -258,	/* community */
	RFB_ENCODING_EXTENDED_DESKTOP_SIZE = -308, /* community */
	RFB_ENCODING_EXTENDED_MOUSE = -316,	/* community */
	RFB_ENCODING_FINE_QUALITY_0 = -512,	/* community, to -412 */
	RFB_ENCODING_FINE_QUALITY_100 = -412,
};

/* Rectangles in an update whose last one is an RFB_ENCODING_LAST_RECT. */
#define RFB_RECTANGLES_UNKNOWN	0xffff

/* Compression control of a Tight rectangle, community. */
#define RFB_TIGHT_FILL		0x80
#define RFB_TIGHT_JPEG		0x90
#define RFB_TIGHT_WIDTH_MAX	2048		/* pixels */
#define RFB_TIGHT_DATA_MAX	((1u << 22) - 1) /* bytes: the length has 22 bits */

/* x-position of an ExtendedDesktopSize rectangle: why it was sent; y: the result. */
enum rfb_size_reason {
	RFB_SIZE_BY_SERVER = 0,
	RFB_SIZE_BY_THIS_CLIENT = 1,
};

enum rfb_size_result {
	RFB_SIZE_OK = 0,
	RFB_SIZE_PROHIBITED = 1,
};

/* Bits of a pointer event's mask. */
enum rfb_button {
	RFB_BUTTON_LEFT = 1 << 0,
	RFB_BUTTON_MIDDLE = 1 << 1,
	RFB_BUTTON_RIGHT = 1 << 2,
	RFB_WHEEL_UP = 1 << 3,
	RFB_WHEEL_DOWN = 1 << 4,
	RFB_WHEEL_LEFT = 1 << 5,
	RFB_WHEEL_RIGHT = 1 << 6,
	RFB_BUTTON_BACK = 1 << 7,
	RFB_BUTTON_FORWARD = 1 << 8,	/* only with RFB_ENCODING_EXTENDED_MOUSE */
};

#define RFB_POINTER_EXTENDED	0x80	/* marks a message with a second mask byte */

#endif
