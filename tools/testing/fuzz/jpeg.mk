# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

FUZZERS += fuzz_jpeg_tiles
fuzz_jpeg_tiles-srcs = tools/testing/fuzz/fuzz_jpeg_tiles.c $(jpeg-srcs)
CFLAGS-tools/testing/fuzz/fuzz_jpeg_tiles.c := -Itools/testing/kunit
fuzz_jpeg_tiles-seeds := jpeg_seeds

# Its seeds: jpeg_seeds DIRECTORY
TOOLS += jpeg_seeds
jpeg_seeds-srcs = tools/testing/fuzz/jpeg_seeds.c \
		  tools/testing/unit/jpeg_oracle.c \
		  tools/testing/unit/jpeg_screens.c $(jpeg-srcs)
jpeg_seeds-libs := -ljpeg
CFLAGS-tools/testing/fuzz/jpeg_seeds.c := -Itools/testing/unit
