/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an engine is to the core: the only thing that the core knows of a SoC.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ENGINE_H
#define KVMCAP_ENGINE_H

#include <linux/device.h>
#include <linux/kvmcap.h>
#include <linux/types.h>

#include "geometry.h"
#include "tile_sink.h"

struct kvmcap_core;
struct kvmcap_engine;

/**
 * struct kvmcap_frame - one capture, on its way from the engine into the log
 * @sink: where the engine puts the tiles, in raster order
 * @capture: enum kvmcap_capture, never AUTO: the engine says before it returns
 *	what it has delivered
 *
 * The core makes one for each capture. Once the engine knows what it is about
 * to deliver it says so, in this order: kvmcap_frame_tables() if its codec has
 * tables, then kvmcap_frame_reserve(), then the tiles. Tiles that it leaves out
 * have not changed.
 */
struct kvmcap_frame {
	struct kvmcap_tile_sink sink;
	u32 capture;
};

/**
 * kvmcap_frame_tables() - the JPEG tables that this frame's tiles are coded with
 * @frame: the frame
 * @data: DQT and DHT segments
 * @length: bytes of @data, at most KVMCAP_TABLES_MAX
 * @quality: 1..100, what they come nearest to; not what was asked for if the
 *	engine had to make do with less
 *
 * Tables other than those in use start a new generation, and every tile is then
 * published, changed or not: the engine must deliver all of them.
 *
 * Return: 0; 1 when they are new ones; a negative errno.
 */
int kvmcap_frame_tables(struct kvmcap_frame *frame, const void *data,
			size_t length, unsigned int quality);

/**
 * kvmcap_frame_reserve() - make room in the log
 * @frame: the frame
 * @payload_bytes: what all payloads of this frame can come to at most
 *
 * Return: 0, or -ENOSPC: the log is too small beside what it has to keep; the
 * frame is dropped and counted.
 */
int kvmcap_frame_reserve(struct kvmcap_frame *frame, size_t payload_bytes);

/**
 * kvmcap_frame_shown() - the payload that a tile has now
 * @frame: the frame, after kvmcap_frame_tables()
 * @column: of the tile
 * @row: of the tile
 * @length: set to the bytes of it
 *
 * For engines that deliver only what has changed within a tile. Before
 * kvmcap_frame_reserve(), to find out how much to reserve, which moves payloads.
 *
 * Return: the payload, in place, constant until this frame is over or, before
 * kvmcap_frame_reserve() is called, until it is; NULL if the
 * tile shows nothing, or was coded otherwise than this frame's tiles are, by
 * codec, mode or tables: the engine must then deliver all of it.
 */
const u8 *kvmcap_frame_shown(struct kvmcap_frame *frame, unsigned int column,
			     unsigned int row, size_t *length);

/**
 * struct kvmcap_engine_ops - what an engine can do
 * @power: clocks, resets and interrupts on or off. May sleep. The device is
 *	active for runtime PM while it is on, its power domain included; the core
 *	sees to that.
 * @detect: look for a signal, and say in @mode what picture it carries: the core
 *	fills in the subsampling and the codec that it wants (the latter may be
 *	KVMCAP_CODEC_NONE: the engine's choice), the engine the rest, the width
 *	of tiles by kvmcap_geometry_tile_width(). May sleep for a bounded time.
 *	0; -ENOLINK no signal; -ERANGE a mode that the engine cannot capture;
 *	-EIO the engine does not answer.
 * @start: get ready for captures in @mode with @params, which are within what
 *	the engine offers. No memory is allocated here.
 * @stop: no capture follows; all interrupts of captures are over on return.
 * @capture: deliver one picture into @frame, or what has changed since the last
 *	one. @full: all of it. May sleep for a bounded time. 0; -ENOLINK the signal
 *	went or changed: the core detects anew; -ETIMEDOUT the engine did not
 *	finish: the core stops and starts it; -EBADMSG it delivered no picture;
 *	what the sink returned.
 * @quality: of what the engine can do, the nearest to @quality (1..100).
 *
 * All but @quality are called from one thread, the core's; they exclude one
 * another. @power(on) comes first, @start after a successful @detect.
 */
struct kvmcap_engine_ops {
	int (*power)(struct kvmcap_engine *engine, bool on);
	int (*detect)(struct kvmcap_engine *engine, struct kvmcap_mode *mode);
	int (*start)(struct kvmcap_engine *engine,
		     const struct kvmcap_mode *mode,
		     const struct kvmcap_params *params);
	void (*stop)(struct kvmcap_engine *engine);
	int (*capture)(struct kvmcap_engine *engine, struct kvmcap_frame *frame,
		       bool full);
	unsigned int (*quality)(struct kvmcap_engine *engine,
				unsigned int quality);
};

/**
 * struct kvmcap_engine - an engine, embedded in its driver's state
 * @ops: what it can do
 * @dev: the device that it is
 * @name: as users see it, "aspeed-ast2600"
 * @width_max: pixels
 * @height_max: pixels
 * @codecs: bit n: enum kvmcap_codec n can be had
 * @subsamplings: bit n: enum kvmcap_subsampling n can be had
 * @captures: bit n: enum kvmcap_capture n can be had; AUTO always can
 * @fallbacks: times that whole pictures took over by themselves; written by the
 *	engine's operations only
 * @frame_bytes_max: payload bytes of one frame, in any mode: the log is made to
 *	hold this much live and as much again, within KVMCAP_MAP_MAX. A larger
 *	frame takes the place of what is live, after an empty picture, or is
 *	dropped; see kvmcap_frame_reserve()
 * @core: set by kvmcap_core_register()
 */
struct kvmcap_engine {
	const struct kvmcap_engine_ops *ops;
	struct device *dev;
	const char *name;
	u16 width_max;
	u16 height_max;
	u32 codecs;
	u32 subsamplings;
	u32 captures;
	u64 fallbacks;
	size_t frame_bytes_max;
	struct kvmcap_core *core;
};

/**
 * kvmcap_core_register() - make /dev/kvmcapN for an engine
 * @engine: filled in; must live until kvmcap_core_unregister() returns
 *
 * Takes all the memory that the device will ever need. @engine's operations may
 * be called before this returns.
 *
 * Return: 0 or a negative errno, logged.
 */
int kvmcap_core_register(struct kvmcap_engine *engine);

/**
 * kvmcap_core_unregister() - take /dev/kvmcapN away
 * @engine: the engine
 *
 * On return no operation of @engine runs or will run again. Descriptors and
 * mappings may outlive this; they are told that the device is gone.
 */
void kvmcap_core_unregister(struct kvmcap_engine *engine);

/**
 * kvmcap_core_signal_changed() - the engine saw the signal go or change
 * @engine: the engine
 *
 * The core stops waiting for the next capture and detects anew. From any
 * context, but not once kvmcap_core_unregister() has returned: it is for the
 * engine's @stop and @power(off) to see that no interrupt comes that late.
 */
void kvmcap_core_signal_changed(struct kvmcap_engine *engine);

#endif
