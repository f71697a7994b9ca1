// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What userspace was promised of sizes, offsets and numbers, for compilers to
 * check: in the module, in a unit test and for 32 bits.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * Nothing here may ever change. What is new takes the place of reserved fields,
 * and gets its line.
 */
#include <linux/kvmcap-sim.h>
#include <linux/kvmcap.h>
#include <linux/kvmhid.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#else
#include <stddef.h>

#define static_assert(condition) _Static_assert(condition, #condition)
#endif

#define SIZE(type, bytes)						\
	static_assert(sizeof(struct type) == (bytes))

#define FIELD(type, member, offset, bytes)				\
	static_assert(offsetof(struct type, member) == (offset) &&	\
		      sizeof(((struct type *)0)->member) == (bytes))

#define NUMBER(name, value)						\
	static_assert((name) == (value))

SIZE(kvmcap_mode, 16);
FIELD(kvmcap_mode, width, 0, 2);
FIELD(kvmcap_mode, height, 2, 2);
FIELD(kvmcap_mode, tile_width, 4, 2);
FIELD(kvmcap_mode, tile_height, 6, 2);
FIELD(kvmcap_mode, columns, 8, 2);
FIELD(kvmcap_mode, rows, 10, 2);
FIELD(kvmcap_mode, codec, 12, 1);
FIELD(kvmcap_mode, subsampling, 13, 1);
FIELD(kvmcap_mode, reserved, 14, 2);

SIZE(kvmcap_header, 512);
FIELD(kvmcap_header, magic, 0, 4);
FIELD(kvmcap_header, version, 4, 4);
FIELD(kvmcap_header, header_size, 8, 4);
FIELD(kvmcap_header, tile_size, 12, 4);
FIELD(kvmcap_header, features, 16, 8);
FIELD(kvmcap_header, map_size, 24, 8);
FIELD(kvmcap_header, index_offset, 32, 8);
FIELD(kvmcap_header, log_offset, 40, 8);
FIELD(kvmcap_header, log_size, 48, 8);
FIELD(kvmcap_header, index_capacity, 56, 4);
FIELD(kvmcap_header, reserved0, 60, 4);
FIELD(kvmcap_header, reserved1, 64, 64);
FIELD(kvmcap_header, update, 128, 4);
FIELD(kvmcap_header, signal, 132, 4);
FIELD(kvmcap_header, committed, 136, 8);
FIELD(kvmcap_header, changed, 144, 8);
FIELD(kvmcap_header, began, 152, 8);
FIELD(kvmcap_header, timestamp_ns, 160, 8);
FIELD(kvmcap_header, head, 168, 8);
FIELD(kvmcap_header, tail, 176, 8);
FIELD(kvmcap_header, head_offset, 184, 4);
FIELD(kvmcap_header, tail_offset, 188, 4);
FIELD(kvmcap_header, mode, 192, 16);
FIELD(kvmcap_header, tables, 208, 4);
FIELD(kvmcap_header, tables_length, 212, 4);
FIELD(kvmcap_header, tables_position, 216, 8);
FIELD(kvmcap_header, tables_offset, 224, 4);
FIELD(kvmcap_header, quality, 228, 4);
FIELD(kvmcap_header, capture, 232, 4);
FIELD(kvmcap_header, reserved2, 236, 4);
FIELD(kvmcap_header, reserved3, 240, 272);

SIZE(kvmcap_tile, 32);
FIELD(kvmcap_tile, sequence, 0, 8);
FIELD(kvmcap_tile, position, 8, 8);
FIELD(kvmcap_tile, offset, 16, 4);
FIELD(kvmcap_tile, length, 20, 4);
FIELD(kvmcap_tile, tables, 24, 4);
FIELD(kvmcap_tile, codec, 28, 1);
FIELD(kvmcap_tile, reserved, 29, 3);

SIZE(kvmcap_record, 16);
FIELD(kvmcap_record, size, 0, 4);
FIELD(kvmcap_record, type, 4, 2);
FIELD(kvmcap_record, flags, 6, 2);
FIELD(kvmcap_record, sequence, 8, 8);

SIZE(kvmcap_record_signal, 32);
FIELD(kvmcap_record_signal, record, 0, 16);
FIELD(kvmcap_record_signal, signal, 16, 4);
FIELD(kvmcap_record_signal, reserved, 20, 12);

SIZE(kvmcap_record_mode, 32);
FIELD(kvmcap_record_mode, record, 0, 16);
FIELD(kvmcap_record_mode, mode, 16, 16);

SIZE(kvmcap_record_tables, 32);
FIELD(kvmcap_record_tables, record, 0, 16);
FIELD(kvmcap_record_tables, tables, 16, 4);
FIELD(kvmcap_record_tables, length, 20, 4);
FIELD(kvmcap_record_tables, quality, 24, 4);
FIELD(kvmcap_record_tables, reserved, 28, 4);

SIZE(kvmcap_record_tile, 32);
FIELD(kvmcap_record_tile, record, 0, 16);
FIELD(kvmcap_record_tile, column, 16, 2);
FIELD(kvmcap_record_tile, row, 18, 2);
FIELD(kvmcap_record_tile, tables, 20, 4);
FIELD(kvmcap_record_tile, length, 24, 4);
FIELD(kvmcap_record_tile, codec, 28, 1);
FIELD(kvmcap_record_tile, reserved, 29, 3);

SIZE(kvmcap_record_frame, 32);
FIELD(kvmcap_record_frame, record, 0, 16);
FIELD(kvmcap_record_frame, timestamp_ns, 16, 8);
FIELD(kvmcap_record_frame, tiles, 24, 4);
FIELD(kvmcap_record_frame, bytes, 28, 4);

SIZE(kvmcap_query, 128);
FIELD(kvmcap_query, engine, 0, 32);
FIELD(kvmcap_query, map_size, 32, 8);
FIELD(kvmcap_query, features, 40, 8);
FIELD(kvmcap_query, width_max, 48, 4);
FIELD(kvmcap_query, height_max, 52, 4);
FIELD(kvmcap_query, codecs, 56, 4);
FIELD(kvmcap_query, subsamplings, 60, 4);
FIELD(kvmcap_query, captures, 64, 4);
FIELD(kvmcap_query, reserved0, 68, 4);
FIELD(kvmcap_query, reserved, 72, 56);

SIZE(kvmcap_ack, 16);
FIELD(kvmcap_ack, sequence, 0, 8);
FIELD(kvmcap_ack, flags, 8, 4);
FIELD(kvmcap_ack, reserved, 12, 4);

SIZE(kvmcap_params, 64);
FIELD(kvmcap_params, codec, 0, 4);
FIELD(kvmcap_params, subsampling, 4, 4);
FIELD(kvmcap_params, quality, 8, 4);
FIELD(kvmcap_params, max_rate, 12, 4);
FIELD(kvmcap_params, capture, 16, 4);
FIELD(kvmcap_params, reserved0, 20, 4);
FIELD(kvmcap_params, reserved, 24, 40);

SIZE(kvmcap_refresh, 8);
FIELD(kvmcap_refresh, flags, 0, 4);
FIELD(kvmcap_refresh, reserved, 4, 4);

SIZE(kvmcap_stats, 128);
FIELD(kvmcap_stats, captures, 0, 8);
FIELD(kvmcap_stats, unchanged, 8, 8);
FIELD(kvmcap_stats, frames, 16, 8);
FIELD(kvmcap_stats, tiles, 24, 8);
FIELD(kvmcap_stats, bytes, 32, 8);
FIELD(kvmcap_stats, relocated, 40, 8);
FIELD(kvmcap_stats, relocated_bytes, 48, 8);
FIELD(kvmcap_stats, dropped, 56, 8);
FIELD(kvmcap_stats, malformed, 64, 8);
FIELD(kvmcap_stats, timeouts, 72, 8);
FIELD(kvmcap_stats, modes, 80, 8);
FIELD(kvmcap_stats, losses, 88, 8);
FIELD(kvmcap_stats, whole, 96, 8);
FIELD(kvmcap_stats, fallbacks, 104, 8);
FIELD(kvmcap_stats, readers, 112, 8);
FIELD(kvmcap_stats, reserved, 120, 8);

NUMBER(KVMCAP_IOC_QUERY, 0x8080b900);
NUMBER(KVMCAP_IOC_ACK, 0x4010b901);
NUMBER(KVMCAP_IOC_GET_PARAMS, 0x8040b902);
NUMBER(KVMCAP_IOC_SET_PARAMS, 0x4040b903);
NUMBER(KVMCAP_IOC_REFRESH, 0x4008b904);
NUMBER(KVMCAP_IOC_STATS, 0x8080b905);
NUMBER(KVMCAP_CODEC_NONE, 0);
NUMBER(KVMCAP_CODEC_JPEG, 1);
NUMBER(KVMCAP_CODEC_PALETTE, 2);
NUMBER(KVMCAP_CODEC_HEXTILE, 3);
NUMBER(KVMCAP_CODEC_RAW, 4);
NUMBER(KVMCAP_SUBSAMPLING_444, 0);
NUMBER(KVMCAP_SUBSAMPLING_420, 1);
NUMBER(KVMCAP_SIGNAL_UNKNOWN, 0);
NUMBER(KVMCAP_SIGNAL_OK, 1);
NUMBER(KVMCAP_SIGNAL_NONE, 2);
NUMBER(KVMCAP_SIGNAL_OUT_OF_RANGE, 3);
NUMBER(KVMCAP_SIGNAL_FAULT, 4);
NUMBER(KVMCAP_SIGNAL_GONE, 5);
NUMBER(KVMCAP_RECORD_PAD, 0);
NUMBER(KVMCAP_RECORD_SIGNAL, 1);
NUMBER(KVMCAP_RECORD_MODE, 2);
NUMBER(KVMCAP_RECORD_TABLES, 3);
NUMBER(KVMCAP_RECORD_TILE, 4);
NUMBER(KVMCAP_RECORD_FRAME, 5);
NUMBER(KVMCAP_MAGIC, 0x70616376);
NUMBER(KVMCAP_ABI_VERSION, 1);
NUMBER(KVMCAP_RECORD_ALIGN, 16);
NUMBER(KVMCAP_RECORD_RELOCATED, 1);
NUMBER(KVMCAP_ACK_ARM, 1);

SIZE(kvmcap_sim_mode, 32);
FIELD(kvmcap_sim_mode, width, 0, 4);
FIELD(kvmcap_sim_mode, height, 4, 4);
FIELD(kvmcap_sim_mode, signal, 8, 4);
FIELD(kvmcap_sim_mode, vram_size, 12, 4);
FIELD(kvmcap_sim_mode, reserved, 16, 16);

NUMBER(KVMCAP_SIM_IOC_GET_MODE, 0x8020ba00);
NUMBER(KVMCAP_SIM_IOC_SET_MODE, 0x4020ba01);

SIZE(kvmhid_key, 12);
FIELD(kvmhid_key, page, 0, 2);
FIELD(kvmhid_key, usage, 2, 2);
FIELD(kvmhid_key, down, 4, 1);
FIELD(kvmhid_key, reserved, 5, 7);

SIZE(kvmhid_pointer, 12);
FIELD(kvmhid_pointer, x, 0, 2);
FIELD(kvmhid_pointer, y, 2, 2);
FIELD(kvmhid_pointer, wheel, 4, 2);
FIELD(kvmhid_pointer, pan, 6, 2);
FIELD(kvmhid_pointer, buttons, 8, 2);
FIELD(kvmhid_pointer, reserved, 10, 2);

SIZE(kvmhid_relative, 12);
FIELD(kvmhid_relative, dx, 0, 2);
FIELD(kvmhid_relative, dy, 2, 2);
FIELD(kvmhid_relative, wheel, 4, 2);
FIELD(kvmhid_relative, pan, 6, 2);
FIELD(kvmhid_relative, buttons, 8, 2);
FIELD(kvmhid_relative, reserved, 10, 2);

SIZE(kvmhid_event, 16);
FIELD(kvmhid_event, type, 0, 2);
FIELD(kvmhid_event, flags, 2, 2);
FIELD(kvmhid_event, key, 4, 12);
FIELD(kvmhid_event, pointer, 4, 12);
FIELD(kvmhid_event, relative, 4, 12);
FIELD(kvmhid_event, reserved, 4, 12);

SIZE(kvmhid_state, 32);
FIELD(kvmhid_state, size, 0, 4);
FIELD(kvmhid_state, flags, 4, 4);
FIELD(kvmhid_state, keyboard_protocol, 8, 1);
FIELD(kvmhid_state, pointer_protocol, 9, 1);
FIELD(kvmhid_state, leds, 10, 1);
FIELD(kvmhid_state, reserved, 11, 1);
FIELD(kvmhid_state, queued, 12, 4);
FIELD(kvmhid_state, resets, 16, 8);
FIELD(kvmhid_state, dropped, 24, 8);

NUMBER(KVMHID_EVENT_KEY, 1);
NUMBER(KVMHID_EVENT_POINTER, 2);
NUMBER(KVMHID_EVENT_RELATIVE, 3);
NUMBER(KVMHID_EVENT_RELEASE_ALL, 4);
NUMBER(KVMHID_ABSOLUTE_MAX, 32767);
NUMBER(KVMHID_BUTTON_LEFT, 1);
NUMBER(KVMHID_BUTTON_RIGHT, 2);
NUMBER(KVMHID_BUTTON_MIDDLE, 4);
NUMBER(KVMHID_BUTTON_BACK, 8);
NUMBER(KVMHID_BUTTON_FORWARD, 16);
NUMBER(KVMHID_STATE_CONFIGURED, 1);
NUMBER(KVMHID_STATE_SUSPENDED, 2);
NUMBER(KVMHID_STATE_WAKEUP_ARMED, 4);
NUMBER(KVMHID_STATE_LEDS_KNOWN, 8);
NUMBER(KVMHID_PROTOCOL_BOOT, 0);
NUMBER(KVMHID_PROTOCOL_REPORT, 1);
NUMBER(KVMHID_LED_NUM_LOCK, 1);
NUMBER(KVMHID_LED_CAPS_LOCK, 2);
NUMBER(KVMHID_LED_SCROLL_LOCK, 4);
NUMBER(KVMHID_LED_COMPOSE, 8);
NUMBER(KVMHID_LED_KANA, 16);
