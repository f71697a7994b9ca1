/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key numbers of QEMU's extended key events to USB HID usages. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_QEMU_KEYS_H
#define RELAY_QEMU_KEYS_H

#include <stdint.h>

/**
 * qemu_key_usage() - the key with a scancode
 * @scancode: XT set 1, 0x80 added for those with an 0xe0 prefix
 *
 * Return: usage on the keyboard page; 0 if it is none of its keys (media keys
 * are on another page).
 */
uint8_t qemu_key_usage(uint32_t scancode);

#endif
