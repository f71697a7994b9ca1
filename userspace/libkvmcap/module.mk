# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
LIBRARIES += kvmcap
kvmcap-srcs := $(addprefix userspace/libkvmcap/,checksum.c damage.c decode.c \
			   follow.c jpeg.c picture.c records.c \
			   recording_read.c recording_segment.c \
			   recording_write.c replay.c replay_write.c snapshot.c \
			   source.c tile_pixels.c units.c) \
	       $(addprefix drivers/media/kvmcap/,hextile_tiles.c log.c) \
	       $(addprefix drivers/media/kvmcap/jpeg_,header.c huffman.c lookup.c \
			   payload.c tiles.c)
kvmcap-map := userspace/libkvmcap/libkvmcap.map
kvmcap-libs := -lturbojpeg
