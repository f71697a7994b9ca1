# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

FUZZERS += fuzz_hextile
fuzz_hextile-srcs = tools/testing/fuzz/fuzz_hextile.c \
		    drivers/media/kvmcap/hextile_tiles.c
CFLAGS-tools/testing/fuzz/fuzz_hextile.c := -Itools/testing/kunit
fuzz_hextile-seeds := hextile_seeds

# Its seeds: hextile_seeds DIRECTORY
TOOLS += hextile_seeds
hextile_seeds-srcs = tools/testing/fuzz/hextile_seeds.c
CFLAGS-tools/testing/fuzz/hextile_seeds.c := -Itools/testing/unit -Itools/testing/kunit
