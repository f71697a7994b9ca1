# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
FUZZERS += fuzz_tile_pixels
fuzz_tile_pixels-srcs := tools/testing/fuzz/fuzz_tile_pixels.c \
			 userspace/libkvmcap/tile_pixels.c
fuzz_tile_pixels-seeds := tile_seeds

# Its seeds: tile_seeds DIRECTORY
TOOLS += tile_seeds
tile_seeds-srcs := tools/testing/fuzz/tile_seeds.c tools/testing/unit/tile_codecs.c
CFLAGS-tools/testing/fuzz/tile_seeds.c := -Itools/testing/unit
