/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The host's screen, as kvmcap-sim's engine models see it.
 *
 * Copyright (C) 2026 The kvmcap authors
 *
 * /dev/kvmcap-simN is the video output of a host that does not exist. Its VRAM
 * holds 32-bit pixels, X8 R8 G8 B8 (little endian: B, G, R, X), without gaps
 * between lines. It can be mapped (mmap(2), shared, read and write,
 * kvmcap_sim_mode.vram_size bytes), and written with pwrite(2) and read with
 * pread(2) at a byte offset. One write is one step: a capture sees all of it or
 * nothing of it. Stores to the mapping can be caught half-way, as on a real screen.
 */
#ifndef _UAPI_LINUX_KVMCAP_SIM_H
#define _UAPI_LINUX_KVMCAP_SIM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define KVMCAP_SIM_WIDTH_MAX	1920
#define KVMCAP_SIM_HEIGHT_MAX	1200

/**
 * struct kvmcap_sim_mode - what the host's video output sends
 * @width: pixels, 64..KVMCAP_SIM_WIDTH_MAX
 * @height: lines, 64..KVMCAP_SIM_HEIGHT_MAX
 * @signal: 1 while it sends anything, 0 when it is off
 * @vram_size: bytes of VRAM; ignored when set
 * @reserved: zero
 *
 * Setting a mode other than the present one blanks the VRAM.
 */
struct kvmcap_sim_mode {
	__u32 width;
	__u32 height;
	__u32 signal;
	__u32 vram_size;
	__u32 reserved[4];
};

#define KVMCAP_SIM_IOC_MAGIC	0xba
#define KVMCAP_SIM_IOC_GET_MODE	_IOR(KVMCAP_SIM_IOC_MAGIC, 0x00, struct kvmcap_sim_mode)
#define KVMCAP_SIM_IOC_SET_MODE	_IOW(KVMCAP_SIM_IOC_MAGIC, 0x01, struct kvmcap_sim_mode)

#endif
