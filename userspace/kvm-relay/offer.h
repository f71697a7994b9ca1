/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client said in SetEncodings that it understands. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_OFFER_H
#define RELAY_OFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct offer - encodings and pseudo-encodings
 * @tight: Tight
 * @quality: of JPEG, 1..100, by the first level in the list, coarse or fine; 0
 *	for none, without which Tight must not hold JPEG
 * @hextile: Hextile
 * @jpeg: JPEG (21)
 * @last_rect: an update may end by a LastRect
 * @desktop_size: DesktopSize
 * @extended_desktop_size: ExtendedDesktopSize
 * @qemu_keys: QEMU's extended key events
 * @extended_mouse: pointer events with more than eight bits of buttons
 */
struct offer {
	bool tight;
	uint8_t quality;
	bool hextile;
	bool jpeg;
	bool last_rect;
	bool desktop_size;
	bool extended_desktop_size;
	bool qemu_keys;
	bool extended_mouse;
};

/**
 * offer_read() - read the body of a SetEncodings
 * @offer: what it says; earlier ones no longer hold
 * @list: big-endian numbers
 * @count: how many
 */
void offer_read(struct offer *offer, const uint8_t *list, unsigned int count);

#endif
