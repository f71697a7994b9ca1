# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

# The tile transcoder, as every program compiles it that has to do with it.
jpeg-srcs = drivers/media/kvmcap/jpeg_header.c \
	    drivers/media/kvmcap/jpeg_huffman.c \
	    drivers/media/kvmcap/jpeg_lookup.c \
	    drivers/media/kvmcap/jpeg_payload.c \
	    drivers/media/kvmcap/jpeg_tiles.c

jpeg-oracle-srcs = tools/testing/unit/jpeg_oracle.c \
		   tools/testing/unit/jpeg_screens.c

TESTS += jpeg_tiles_test jpeg_hostile_test
jpeg_tiles_test-srcs := tools/testing/unit/jpeg_tiles_test.c \
			$(jpeg-oracle-srcs) $(jpeg-srcs)
jpeg_tiles_test-libs := -ljpeg
jpeg_hostile_test-srcs := tools/testing/unit/jpeg_hostile_test.c \
			  $(jpeg-oracle-srcs) $(jpeg-srcs)
jpeg_hostile_test-libs := -ljpeg
CFLAGS-tools/testing/unit/jpeg_hostile_test.c := -Itools/testing/kunit

# The same on words of 32 bits.
jpeg-word32-srcs = tools/testing/unit/jpeg_word32.c \
		   $(filter-out %/jpeg_payload.c %/jpeg_tiles.c,$(jpeg-srcs))

TESTS += jpeg_tiles_word32_test jpeg_hostile_word32_test
jpeg_tiles_word32_test-srcs := tools/testing/unit/jpeg_tiles_test.c \
			       $(jpeg-oracle-srcs) $(jpeg-word32-srcs)
jpeg_tiles_word32_test-libs := -ljpeg
jpeg_hostile_word32_test-srcs := tools/testing/unit/jpeg_hostile_test.c \
				 $(jpeg-oracle-srcs) $(jpeg-word32-srcs)
jpeg_hostile_word32_test-libs := -ljpeg
