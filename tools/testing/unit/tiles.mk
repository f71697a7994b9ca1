# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
TESTS += tile_pixels_test
tile_pixels_test-srcs := $(addprefix tools/testing/unit/,tile_pixels_test.c tile_codecs.c) \
			 userspace/libkvmcap/tile_pixels.c

TESTS += decode_test
decode_test-srcs = $(addprefix tools/testing/unit/,decode_test.c tile_codecs.c) $(mapping-srcs)
decode_test-uses := kvmcap
# Of its own, too: where there is no such library, 12-unit-32 knows by this.
decode_test-libs := -lturbojpeg
