# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

FUZZERS += fuzz_ajpg
fuzz_ajpg-srcs = tools/testing/fuzz/fuzz_ajpg.c $(ajpg-srcs) $(jpeg-srcs)
CFLAGS-tools/testing/fuzz/fuzz_ajpg.c := -Itools/testing/kunit
fuzz_ajpg-seeds := ajpg_seeds

# Its seeds: ajpg_seeds DIRECTORY
TOOLS += ajpg_seeds
ajpg_seeds-srcs = tools/testing/fuzz/ajpg_seeds.c
CFLAGS-tools/testing/fuzz/ajpg_seeds.c := -Itools/testing/kunit
