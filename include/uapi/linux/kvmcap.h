/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The screen that a BMC's video engine captures, as compressed tiles in memory.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * /dev/kvmcapN stands for one engine. mmap(2) of it at offset 0, shared and
 * without PROT_WRITE, gives three parts, whose places the first one tells:
 *
 *	header	struct kvmcap_header: the layout, and the state of the screen
 *	index	one struct kvmcap_tile for each tile, row by row: where the
 *		newest payload of that tile is
 *	log	a ring of records, each beginning with struct kvmcap_record
 *
 * There is one writer, the driver; a reader can neither block nor harm it.
 *
 * A TILE is one codec row high. Its payload stands alone: it does not depend on
 * its neighbours nor on its place, so equal payloads are equal pictures, and the
 * payloads of any rectangle of whole tiles, in row order, are a valid stream
 * when put one behind the other (with RSTn markers between them for JPEG, where
 * the restart interval is one tile). See enum kvmcap_codec.
 *
 * A FRAME is what one commit publishes: an atomic step from one whole picture
 * to the next. Frames are numbered from 1, without gaps. What does not change
 * is not published; a capture that changes nothing is no frame.
 *
 * A POSITION counts bytes of the log since the device came to be, and only
 * grows; an OFFSET is where in the log those bytes are, from its start. The log
 * holds the bytes from tail (included) to head (not included).
 *
 * READING THE STATE. All fields of struct kvmcap_header from @update on, and the
 * whole index, change only while @update is odd. To read any number of them as
 * of one moment (the driver's half stands on the right):
 *
 *	reader					driver
 *	u = load_acquire(update)		update += 1	(now odd)
 *	if u is odd, again			smp_wmb()
 *	copy what is wanted			change fields, index
 *	fence(acquire)				store_release(update, update + 1)
 *	if load(update) != u, again
 *
 * The driver holds @update odd for no longer than copying the index takes and
 * is not preempted meanwhile. A reader that finds it odd KVMCAP_UPDATE_RETRIES
 * times should give up the processor before it tries on.
 *
 * READING A PAYLOAD. The driver moves @tail past bytes before it writes over
 * them, and copies forward, first, every record that the index (or @tables)
 * still points at: such a copy is flagged KVMCAP_RECORD_RELOCATED and keeps its
 * sequence. Hence:
 *
 *	reader					driver
 *	read the index as above			tail = beyond, under @update
 *	copy the payload			smp_mb()
 *	fence(acquire)				write over the bytes
 *	read tail as above
 *	if position < tail, the copy may be
 *	torn: read the index again
 *
 * A payload in the log may also be used in place, without copying, if what was
 * made of it is thrown away when the check at the end fails.
 *
 * READING IN SEQUENCE. Start at the head of some snapshot; walk from record to
 * record up to a newer head; check, after having copied each, that its position
 * is not below tail. Who falls behind takes the index instead and starts anew.
 *
 * What a reader takes from the mapping it must load once and check before use
 * all the same: the driver can be trusted, its successor may not be understood.
 */
#ifndef _UAPI_LINUX_KVMCAP_H
#define _UAPI_LINUX_KVMCAP_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KVMCAP_MAGIC		0x70616376	/* "vcap" in memory, little endian */
#define KVMCAP_ABI_VERSION	1

/* Records begin at multiples of this, and their sizes are multiples of it. */
#define KVMCAP_RECORD_ALIGN	16

/* Looks at an odd kvmcap_header.update before giving up the processor. */
#define KVMCAP_UPDATE_RETRIES	64

/**
 * enum kvmcap_codec - how a tile's payload is coded
 * @KVMCAP_CODEC_NONE: not at all: the tile has not been captured yet
 * @KVMCAP_CODEC_JPEG: entropy-coded segment of a baseline JPEG scan (ITU T.81),
 *	one restart interval: DC predictions start from zero, the last byte is
 *	filled up with ones, 0xff is stuffed, no marker. The TABLES record that
 *	the tile names holds its quantisation and Huffman tables
 * @KVMCAP_CODEC_PALETTE: a byte with the number of colours less one; that many
 *	R, G, B triples in order of first appearance; then, if there is more than
 *	one colour, indices of 1, 2, 4 or 8 bits, the fewest that will do, most
 *	significant first, rows top to bottom, each filled up to a byte
 * @KVMCAP_CODEC_HEXTILE: RFB Hextile (RFC 6143, 7.7.4) of 16-bit pixels, R5 G6
 *	B5, little endian; background and foreground stated in the first
 *	subrectangle that uses them
 * @KVMCAP_CODEC_RAW: 16-bit pixels as above, rows top to bottom
 */
enum kvmcap_codec {
	KVMCAP_CODEC_NONE = 0,
	KVMCAP_CODEC_JPEG = 1,
	KVMCAP_CODEC_PALETTE = 2,
	KVMCAP_CODEC_HEXTILE = 3,
	KVMCAP_CODEC_RAW = 4,
};

/**
 * enum kvmcap_subsampling - how a JPEG tile's chroma is sampled
 * @KVMCAP_SUBSAMPLING_444: for each pixel; MCUs and tiles are 8 pixels high
 * @KVMCAP_SUBSAMPLING_420: for each four; MCUs and tiles are 16 pixels high
 */
enum kvmcap_subsampling {
	KVMCAP_SUBSAMPLING_444 = 0,
	KVMCAP_SUBSAMPLING_420 = 1,
};

/**
 * enum kvmcap_capture - what the engine delivers at each capture
 * @KVMCAP_CAPTURE_AUTO: what the driver thinks best: changes if the engine can
 *	find them, whole pictures once they could not be understood
 * @KVMCAP_CAPTURE_WHOLE: the whole picture, in which the driver looks for changes
 * @KVMCAP_CAPTURE_CHANGES: what has changed since the last capture
 *
 * The tiles that are published are the same.
 */
enum kvmcap_capture {
	KVMCAP_CAPTURE_AUTO = 0,
	KVMCAP_CAPTURE_WHOLE = 1,
	KVMCAP_CAPTURE_CHANGES = 2,
};

/**
 * enum kvmcap_signal - what the engine sees at its input
 * @KVMCAP_SIGNAL_UNKNOWN: nobody has asked it to look yet
 * @KVMCAP_SIGNAL_OK: a picture, in the mode that the header gives
 * @KVMCAP_SIGNAL_NONE: nothing
 * @KVMCAP_SIGNAL_OUT_OF_RANGE: a mode that the engine cannot capture
 * @KVMCAP_SIGNAL_FAULT: the engine does not answer; it is tried again
 * @KVMCAP_SIGNAL_GONE: the device has been unbound; this mapping is its last word
 */
enum kvmcap_signal {
	KVMCAP_SIGNAL_UNKNOWN = 0,
	KVMCAP_SIGNAL_OK = 1,
	KVMCAP_SIGNAL_NONE = 2,
	KVMCAP_SIGNAL_OUT_OF_RANGE = 3,
	KVMCAP_SIGNAL_FAULT = 4,
	KVMCAP_SIGNAL_GONE = 5,
};

/**
 * struct kvmcap_mode - a picture's geometry, 16 bytes
 * @width: pixels; 0 when there has been no picture yet
 * @height: pixels
 * @tile_width: pixels; the last column may be narrower
 * @tile_height: pixels; the last row may be lower
 * @columns: tiles in a row
 * @rows: rows of tiles
 * @codec: enum kvmcap_codec that the engine delivers; a tile's own codec is in
 *	its index entry
 * @subsampling: enum kvmcap_subsampling; it decides the height of tiles
 * @reserved: zero
 */
struct kvmcap_mode {
	__u16 width;
	__u16 height;
	__u16 tile_width;
	__u16 tile_height;
	__u16 columns;
	__u16 rows;
	__u8 codec;
	__u8 subsampling;
	__u8 reserved[2];
};

/**
 * struct kvmcap_header - the first part of the mapping, 512 bytes
 * @magic: KVMCAP_MAGIC
 * @version: KVMCAP_ABI_VERSION; it changes only when an old reader would err
 * @header_size: sizeof(struct kvmcap_header) in the driver
 * @tile_size: sizeof(struct kvmcap_tile) in the driver, the index's stride
 * @features: none defined yet, zero
 * @map_size: bytes of the whole mapping, a multiple of the page size
 * @index_offset: bytes from the start of the mapping to the index
 * @log_offset: bytes from the start of the mapping to the log
 * @log_size: bytes of the log, a multiple of KVMCAP_RECORD_ALIGN
 * @index_capacity: entries that the index has room for
 * @reserved0: zero
 * @reserved1: zero
 * @update: odd while what follows changes, see above
 * @signal: enum kvmcap_signal
 * @committed: newest frame; 0 before the first
 * @changed: newest frame that changed @mode, @signal or @tables
 * @began: frame with which the picture in @mode began: no tile's sequence is
 *	below it
 * @timestamp_ns: when @committed was committed, CLOCK_MONOTONIC
 * @head: position after the newest committed record
 * @tail: position of the oldest byte that is still there
 * @head_offset: where @head is in the log
 * @tail_offset: where @tail is in the log
 * @mode: the picture's geometry; kept when the signal goes
 * @tables: generation of the JPEG tables in use, 0 if there are none. All JPEG
 *	tiles of one picture are of this generation
 * @tables_length: bytes of their payload
 * @tables_position: position of their record
 * @tables_offset: where their payload is in the log
 * @quality: 1..100, what @tables come nearest to; 0 if there are none
 * @capture: enum kvmcap_capture that @committed came from, never AUTO once
 *	there was a picture
 * @reserved2: zero
 * @reserved3: zero
 */
struct kvmcap_header {
	__u32 magic;
	__u32 version;
	__u32 header_size;
	__u32 tile_size;
	__u64 features;
	__u64 map_size;
	__u64 index_offset;
	__u64 log_offset;
	__u64 log_size;
	__u32 index_capacity;
	__u32 reserved0;
	__u64 reserved1[8];

	__u32 update;
	__u32 signal;
	__u64 committed;
	__u64 changed;
	__u64 began;
	__u64 timestamp_ns;
	__u64 head;
	__u64 tail;
	__u32 head_offset;
	__u32 tail_offset;
	struct kvmcap_mode mode;
	__u32 tables;
	__u32 tables_length;
	__u64 tables_position;
	__u32 tables_offset;
	__u32 quality;
	__u32 capture;
	__u32 reserved2;
	__u64 reserved3[34];
};

/**
 * struct kvmcap_tile - an entry of the index, 32 bytes
 * @sequence: frame that last changed the tile; 0 if none did
 * @position: position of its record
 * @offset: where its payload is in the log
 * @length: bytes of its payload
 * @tables: generation of the JPEG tables it was coded with, 0 for other codecs
 * @codec: enum kvmcap_codec
 * @reserved: zero
 */
struct kvmcap_tile {
	__u64 sequence;
	__u64 position;
	__u32 offset;
	__u32 length;
	__u32 tables;
	__u8 codec;
	__u8 reserved[3];
};

/**
 * enum kvmcap_record_type - what a record says
 * @KVMCAP_RECORD_PAD: nothing: it fills up the end of the log
 * @KVMCAP_RECORD_SIGNAL: struct kvmcap_record_signal: @signal has changed
 * @KVMCAP_RECORD_MODE: struct kvmcap_record_mode: a new picture begins; all of
 *	its tiles follow before the FRAME, or none if the old picture had to go
 *	first, to make room: they come with the next one
 * @KVMCAP_RECORD_TABLES: struct kvmcap_record_tables: new JPEG tables; all JPEG
 *	tiles follow before the FRAME
 * @KVMCAP_RECORD_TILE: struct kvmcap_record_tile: a tile has changed
 * @KVMCAP_RECORD_FRAME: struct kvmcap_record_frame: what came since the last
 *	FRAME holds from now on
 *
 * A frame's records come in the order of this list. A reader skips types that
 * it does not know.
 */
enum kvmcap_record_type {
	KVMCAP_RECORD_PAD = 0,
	KVMCAP_RECORD_SIGNAL = 1,
	KVMCAP_RECORD_MODE = 2,
	KVMCAP_RECORD_TABLES = 3,
	KVMCAP_RECORD_TILE = 4,
	KVMCAP_RECORD_FRAME = 5,
};

/* kvmcap_record.flags: a copy, made to keep it from being written over. */
#define KVMCAP_RECORD_RELOCATED	(1 << 0)

/**
 * struct kvmcap_record - how every record begins, 16 bytes
 * @size: bytes of the record, this included, a multiple of KVMCAP_RECORD_ALIGN
 * @type: enum kvmcap_record_type
 * @flags: KVMCAP_RECORD_RELOCATED
 * @sequence: frame that it belongs to
 */
struct kvmcap_record {
	__u32 size;
	__u16 type;
	__u16 flags;
	__u64 sequence;
};

/**
 * struct kvmcap_record_signal - KVMCAP_RECORD_SIGNAL, 32 bytes
 * @record: how every record begins
 * @signal: enum kvmcap_signal
 * @reserved: zero
 */
struct kvmcap_record_signal {
	struct kvmcap_record record;
	__u32 signal;
	__u32 reserved[3];
};

/**
 * struct kvmcap_record_mode - KVMCAP_RECORD_MODE, 32 bytes
 * @record: how every record begins
 * @mode: the picture's geometry
 */
struct kvmcap_record_mode {
	struct kvmcap_record record;
	struct kvmcap_mode mode;
};

/**
 * struct kvmcap_record_tables - KVMCAP_RECORD_TABLES, 32 bytes and the payload
 * @record: how every record begins
 * @tables: generation
 * @length: bytes of the payload: DQT and DHT segments (ITU T.81, B.2.4), markers
 *	included, as they go between SOI and SOF0 or SOS of an image
 * @quality: 1..100, what they come nearest to
 * @reserved: zero
 *
 * Quantisation table 0 is for Y, 1 for Cb and Cr; Huffman tables likewise.
 */
struct kvmcap_record_tables {
	struct kvmcap_record record;
	__u32 tables;
	__u32 length;
	__u32 quality;
	__u32 reserved;
};

/**
 * struct kvmcap_record_tile - KVMCAP_RECORD_TILE, 32 bytes and the payload
 * @record: how every record begins
 * @column: 0..columns - 1
 * @row: 0..rows - 1
 * @tables: generation of JPEG tables, 0 for other codecs
 * @length: bytes of the payload
 * @codec: enum kvmcap_codec
 * @reserved: zero
 */
struct kvmcap_record_tile {
	struct kvmcap_record record;
	__u16 column;
	__u16 row;
	__u32 tables;
	__u32 length;
	__u8 codec;
	__u8 reserved[3];
};

/**
 * struct kvmcap_record_frame - KVMCAP_RECORD_FRAME, 32 bytes
 * @record: how every record begins
 * @timestamp_ns: when the frame was committed, CLOCK_MONOTONIC
 * @tiles: TILE records of this frame
 * @bytes: of their payloads
 */
struct kvmcap_record_frame {
	struct kvmcap_record record;
	__u64 timestamp_ns;
	__u32 tiles;
	__u32 bytes;
};

/*
 * poll(2) tells EPOLLIN when a frame is committed above what the descriptor has
 * acknowledged, EPOLLPRI when such a frame changed the mode, the signal or the
 * tables, EPOLLERR | EPOLLHUP when the device is gone.
 *
 * Errors of all ioctls: -ENOTTY unknown, -EINVAL a reserved field or an unknown
 * flag is not zero, or a value is out of its range, -EFAULT, -ENODEV the device
 * is gone, -EBADF the descriptor is read-only and the ioctl changes something.
 */

/**
 * struct kvmcap_query - what the device is, 128 bytes
 * @engine: its name, NUL terminated: "aspeed-ast2600" or the like
 * @map_size: bytes to map
 * @features: as in struct kvmcap_header
 * @width_max: pixels
 * @height_max: pixels
 * @codecs: bit n: enum kvmcap_codec n can be had
 * @subsamplings: bit n: enum kvmcap_subsampling n can be had
 * @captures: bit n: enum kvmcap_capture n can be had
 * @reserved0: zero
 * @reserved: zero
 */
struct kvmcap_query {
	__u8 engine[32];
	__u64 map_size;
	__u64 features;
	__u32 width_max;
	__u32 height_max;
	__u32 codecs;
	__u32 subsamplings;
	__u32 captures;
	__u32 reserved0;
	__u64 reserved[7];
};

/* kvmcap_ack.flags: something newer is wanted. */
#define KVMCAP_ACK_ARM	(1 << 0)

/**
 * struct kvmcap_ack - what a descriptor has seen, and whether it wants more
 * @sequence: newest frame that it has seen, 0 for none; more than is committed
 *	gets -EINVAL
 * @flags: KVMCAP_ACK_ARM
 * @reserved: zero
 *
 * The engine captures only while some descriptor is armed and has acknowledged
 * the newest frame. The arming lasts until the next acknowledgement without
 * KVMCAP_ACK_ARM, or until the descriptor is closed. A new descriptor has
 * acknowledged nothing and is not armed.
 */
struct kvmcap_ack {
	__u64 sequence;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct kvmcap_params - how to capture, 64 bytes
 * @codec: enum kvmcap_codec; KVMCAP_CODEC_NONE leaves the choice to the driver
 * @subsampling: enum kvmcap_subsampling
 * @quality: 1..100 on the scale of libjpeg; the engine takes its nearest, and
 *	KVMCAP_IOC_GET_PARAMS tells which that is
 * @max_rate: captures in 1000 seconds, 1000..60000
 * @capture: enum kvmcap_capture
 * @reserved0: zero
 * @reserved: zero
 *
 * They belong to the device, not to the descriptor; the last one set holds. A
 * value that the engine cannot do gets -EOPNOTSUPP.
 */
struct kvmcap_params {
	__u32 codec;
	__u32 subsampling;
	__u32 quality;
	__u32 max_rate;
	__u32 capture;
	__u32 reserved0;
	__u64 reserved[5];
};

/**
 * struct kvmcap_refresh - capture and publish every tile anew, changed or not
 * @flags: zero
 * @reserved: zero
 */
struct kvmcap_refresh {
	__u32 flags;
	__u32 reserved;
};

/**
 * struct kvmcap_stats - counters since the device came to be, 128 bytes
 * @captures: pictures that the engine has delivered
 * @unchanged: captures in which no tile had changed
 * @frames: committed
 * @tiles: TILE records published
 * @bytes: of their payloads
 * @relocated: records copied forward
 * @relocated_bytes: of them
 * @dropped: captures given up because the log had no room for them
 * @malformed: captures given up because what the engine delivered was no picture
 * @timeouts: captures that the engine did not finish in time
 * @modes: times that a picture began
 * @losses: times that the signal went
 * @whole: captures that delivered whole pictures
 * @fallbacks: times that whole pictures took over, because the changes that the
 *	engine delivered could not be understood
 * @readers: descriptors that are open now, this one included
 * @reserved: zero
 */
struct kvmcap_stats {
	__u64 captures;
	__u64 unchanged;
	__u64 frames;
	__u64 tiles;
	__u64 bytes;
	__u64 relocated;
	__u64 relocated_bytes;
	__u64 dropped;
	__u64 malformed;
	__u64 timeouts;
	__u64 modes;
	__u64 losses;
	__u64 whole;
	__u64 fallbacks;
	__u64 readers;
	__u64 reserved;
};

#define KVMCAP_IOC_MAGIC	0xb9
#define KVMCAP_IOC_QUERY	_IOR(KVMCAP_IOC_MAGIC, 0x00, struct kvmcap_query)
#define KVMCAP_IOC_ACK		_IOW(KVMCAP_IOC_MAGIC, 0x01, struct kvmcap_ack)
#define KVMCAP_IOC_GET_PARAMS	_IOR(KVMCAP_IOC_MAGIC, 0x02, struct kvmcap_params)
#define KVMCAP_IOC_SET_PARAMS	_IOW(KVMCAP_IOC_MAGIC, 0x03, struct kvmcap_params)
#define KVMCAP_IOC_REFRESH	_IOW(KVMCAP_IOC_MAGIC, 0x04, struct kvmcap_refresh)
#define KVMCAP_IOC_STATS	_IOR(KVMCAP_IOC_MAGIC, 0x05, struct kvmcap_stats)

#endif
