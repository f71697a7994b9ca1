# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TESTS += hextile_test npcm_test
hextile_test-srcs := tools/testing/unit/hextile_test.c \
		     drivers/media/kvmcap/hextile_tiles.c
CFLAGS-tools/testing/unit/hextile_test.c := -Itools/testing/kunit
npcm_test-srcs := tools/testing/unit/npcm_test.c \
		  drivers/media/kvmcap/npcm_detect.c \
		  drivers/media/kvmcap/npcm_tiles.c
CFLAGS-tools/testing/unit/npcm_test.c := -Itools/testing/kunit
