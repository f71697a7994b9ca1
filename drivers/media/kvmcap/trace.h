/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: what the core does, and when. Documentation/admin-guide/kvmcap.rst
 * says how to look at them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvmcap

#if !defined(KVMCAP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVMCAP_TRACE_H

#include <linux/kvmcap.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

/* Tools that read the events' formats know no enumerators, only numbers. */
TRACE_DEFINE_ENUM(KVMCAP_SIGNAL_UNKNOWN);
TRACE_DEFINE_ENUM(KVMCAP_SIGNAL_OK);
TRACE_DEFINE_ENUM(KVMCAP_SIGNAL_NONE);
TRACE_DEFINE_ENUM(KVMCAP_SIGNAL_OUT_OF_RANGE);
TRACE_DEFINE_ENUM(KVMCAP_SIGNAL_FAULT);
TRACE_DEFINE_ENUM(KVMCAP_SIGNAL_GONE);
TRACE_DEFINE_ENUM(KVMCAP_CODEC_NONE);
TRACE_DEFINE_ENUM(KVMCAP_CODEC_JPEG);
TRACE_DEFINE_ENUM(KVMCAP_CODEC_PALETTE);
TRACE_DEFINE_ENUM(KVMCAP_CODEC_HEXTILE);
TRACE_DEFINE_ENUM(KVMCAP_CODEC_RAW);
TRACE_DEFINE_ENUM(KVMCAP_CAPTURE_AUTO);
TRACE_DEFINE_ENUM(KVMCAP_CAPTURE_WHOLE);
TRACE_DEFINE_ENUM(KVMCAP_CAPTURE_CHANGES);
TRACE_DEFINE_ENUM(KVMCAP_SUBSAMPLING_420);

#define kvmcap_trace_signal(signal)					\
	__print_symbolic(signal,					\
			 { KVMCAP_SIGNAL_UNKNOWN, "unknown" },		\
			 { KVMCAP_SIGNAL_OK, "ok" },			\
			 { KVMCAP_SIGNAL_NONE, "none" },		\
			 { KVMCAP_SIGNAL_OUT_OF_RANGE, "out of range" },	\
			 { KVMCAP_SIGNAL_FAULT, "fault" },		\
			 { KVMCAP_SIGNAL_GONE, "gone" })

#define kvmcap_trace_codec(codec)					\
	__print_symbolic(codec,						\
			 { KVMCAP_CODEC_NONE, "none" },			\
			 { KVMCAP_CODEC_JPEG, "jpeg" },			\
			 { KVMCAP_CODEC_PALETTE, "palette" },		\
			 { KVMCAP_CODEC_HEXTILE, "hextile" },		\
			 { KVMCAP_CODEC_RAW, "raw" })

#define kvmcap_trace_capture(capture)					\
	__print_symbolic(capture,					\
			 { KVMCAP_CAPTURE_AUTO, "none" },		\
			 { KVMCAP_CAPTURE_WHOLE, "whole" },		\
			 { KVMCAP_CAPTURE_CHANGES, "changes" })

TRACE_EVENT(kvmcap_capture_begin,
	TP_PROTO(unsigned int device, bool full, bool anew),
	TP_ARGS(device, full, anew),
	TP_STRUCT__entry(
		__field(unsigned int, device)
		__field(bool, full)
		__field(bool, anew)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->full = full;
		__entry->anew = anew;
	),
	TP_printk("kvmcap%u: full=%d anew=%d",
		  __entry->device, __entry->full, __entry->anew)
);

TRACE_EVENT(kvmcap_capture_end,
	TP_PROTO(unsigned int device, int result, u32 capture),
	TP_ARGS(device, result, capture),
	TP_STRUCT__entry(
		__field(unsigned int, device)
		__field(int, result)
		__field(u32, capture)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->result = result;
		__entry->capture = capture;
	),
	TP_printk("kvmcap%u: result=%d capture=%s",
		  __entry->device, __entry->result,
		  kvmcap_trace_capture(__entry->capture))
);

TRACE_EVENT(kvmcap_frame,
	TP_PROTO(unsigned int device, u64 sequence, u32 tiles, u32 bytes),
	TP_ARGS(device, sequence, tiles, bytes),
	TP_STRUCT__entry(
		__field(u64, sequence)
		__field(unsigned int, device)
		__field(u32, tiles)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->sequence = sequence;
		__entry->device = device;
		__entry->tiles = tiles;
		__entry->bytes = bytes;
	),
	TP_printk("kvmcap%u: sequence=%llu tiles=%u bytes=%u",
		  __entry->device, __entry->sequence, __entry->tiles,
		  __entry->bytes)
);

TRACE_EVENT(kvmcap_relocate,
	TP_PROTO(unsigned int device, u64 records, u64 bytes),
	TP_ARGS(device, records, bytes),
	TP_STRUCT__entry(
		__field(u64, records)
		__field(u64, bytes)
		__field(unsigned int, device)
	),
	TP_fast_assign(
		__entry->records = records;
		__entry->bytes = bytes;
		__entry->device = device;
	),
	TP_printk("kvmcap%u: records=%llu bytes=%llu",
		  __entry->device, __entry->records, __entry->bytes)
);

TRACE_EVENT(kvmcap_mode,
	TP_PROTO(unsigned int device, const struct kvmcap_mode *mode),
	TP_ARGS(device, mode),
	TP_STRUCT__entry(
		__field(unsigned int, device)
		__field(u16, width)
		__field(u16, height)
		__field(u16, tile_width)
		__field(u16, tile_height)
		__field(u8, codec)
		__field(u8, subsampling)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->width = mode->width;
		__entry->height = mode->height;
		__entry->tile_width = mode->tile_width;
		__entry->tile_height = mode->tile_height;
		__entry->codec = mode->codec;
		__entry->subsampling = mode->subsampling;
	),
	TP_printk("kvmcap%u: %ux%u tiles=%ux%u codec=%s subsampling=%s",
		  __entry->device, __entry->width, __entry->height,
		  __entry->tile_width, __entry->tile_height,
		  kvmcap_trace_codec(__entry->codec),
		  __entry->subsampling == KVMCAP_SUBSAMPLING_420 ? "4:2:0" : "4:4:4")
);

TRACE_EVENT(kvmcap_signal,
	TP_PROTO(unsigned int device, u32 signal),
	TP_ARGS(device, signal),
	TP_STRUCT__entry(
		__field(unsigned int, device)
		__field(u32, signal)
	),
	TP_fast_assign(
		__entry->device = device;
		__entry->signal = signal;
	),
	TP_printk("kvmcap%u: %s",
		  __entry->device, kvmcap_trace_signal(__entry->signal))
);

TRACE_EVENT(kvmcap_fallback,
	TP_PROTO(unsigned int device, u64 fallbacks),
	TP_ARGS(device, fallbacks),
	TP_STRUCT__entry(
		__field(u64, fallbacks)
		__field(unsigned int, device)
	),
	TP_fast_assign(
		__entry->fallbacks = fallbacks;
		__entry->device = device;
	),
	TP_printk("kvmcap%u: fallbacks=%llu", __entry->device, __entry->fallbacks)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
