# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

# The differential streams' parser and splicer; they need $(jpeg-srcs), too.
ajpg-srcs = drivers/media/kvmcap/ajpg_splice.c drivers/media/kvmcap/ajpg_stream.c

TESTS += ajpg_test
ajpg_test-srcs = tools/testing/unit/ajpg_test.c $(ajpg-srcs) $(jpeg-srcs)
CFLAGS-tools/testing/unit/ajpg_test.c := -Itools/testing/kunit

# The same on words of 32 bits.
TESTS += ajpg_word32_test
ajpg_word32_test-srcs = tools/testing/unit/ajpg_test.c \
			 tools/testing/unit/ajpg_word32.c $(jpeg-word32-srcs)

# Together with the log and its readers.
TESTS += ajpg_brute_test
ajpg_brute_test-srcs = tools/testing/unit/ajpg_brute_test.c \
		       tools/testing/unit/ajpg_world.c $(ajpg-srcs) $(jpeg-srcs) \
		       $(jpeg-oracle-srcs) drivers/media/kvmcap/log.c
ajpg_brute_test-uses := kvmcap
ajpg_brute_test-libs := -ljpeg
CFLAGS-tools/testing/unit/ajpg_brute_test.c := -Itools/testing/kunit
CFLAGS-tools/testing/unit/ajpg_world.c := -Itools/testing/kunit
