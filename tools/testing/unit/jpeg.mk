# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

# The tile transcoder, as every program compiles it that has to do with it.
jpeg-srcs = drivers/media/kvmcap/jpeg_header.c \
	    drivers/media/kvmcap/jpeg_huffman.c \
	    drivers/media/kvmcap/jpeg_lookup.c \
	    drivers/media/kvmcap/jpeg_payload.c \
	    drivers/media/kvmcap/jpeg_tiles.c
