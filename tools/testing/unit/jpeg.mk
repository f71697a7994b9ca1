# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

# The tile transcoder, as every program compiles it that has to do with it.
jpeg-srcs = drivers/media/kvmcap/jpeg_header.c \
	    drivers/media/kvmcap/jpeg_huffman.c \
	    drivers/media/kvmcap/jpeg_lookup.c \
	    drivers/media/kvmcap/jpeg_payload.c \
	    drivers/media/kvmcap/jpeg_tiles.c

TESTS += jpeg_tiles_test
jpeg_tiles_test-srcs := tools/testing/unit/jpeg_tiles_test.c \
			tools/testing/unit/jpeg_oracle.c \
			tools/testing/unit/jpeg_screens.c $(jpeg-srcs)
jpeg_tiles_test-libs := -ljpeg

TESTS += jpeg_hostile_test
jpeg_hostile_test-srcs := tools/testing/unit/jpeg_hostile_test.c \
			  tools/testing/unit/jpeg_oracle.c \
			  tools/testing/unit/jpeg_screens.c $(jpeg-srcs)
jpeg_hostile_test-libs := -ljpeg
