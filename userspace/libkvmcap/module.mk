# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
LIBRARIES += kvmcap
kvmcap-srcs := $(addprefix userspace/libkvmcap/,damage.c jpeg.c picture.c \
			   snapshot.c source.c) \
	       $(addprefix drivers/media/kvmcap/jpeg_,header.c huffman.c lookup.c \
			   payload.c tiles.c)
kvmcap-map := userspace/libkvmcap/libkvmcap.map
