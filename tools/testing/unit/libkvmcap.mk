# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

# A mapping in memory, for tests of what reads one; they use kvmcap, too.
mapping-srcs := tools/testing/unit/mapping.c drivers/media/kvmcap/log.c

TESTS += damage_test
damage_test-srcs := tools/testing/unit/damage_test.c
damage_test-uses := kvmcap

TESTS += source_test
source_test-srcs := tools/testing/unit/source_test.c $(mapping-srcs)
source_test-uses := kvmcap
source_test-libs := -lpthread

TESTS += rectangle_test
rectangle_test-srcs := tools/testing/unit/rectangle_test.c $(mapping-srcs) \
		       tools/testing/unit/jpeg_oracle.c \
		       tools/testing/unit/jpeg_screens.c
rectangle_test-uses := kvmcap
rectangle_test-libs := -ljpeg

TESTS += ppm_test
ppm_test-srcs := tools/testing/unit/ppm_test.c userspace/kvmcapctl/ppm.c

# A screen that is recorded, for tests of what reads recordings.
recorded-srcs := tools/testing/unit/recorded.c $(mapping-srcs)

TESTS += recording_test
recording_test-srcs := tools/testing/unit/recording_test.c $(recorded-srcs)
recording_test-uses := kvmcap

TESTS += storage_test
storage_test-srcs := tools/testing/unit/storage_test.c userspace/kvmcapctl/storage.c \
		     $(recorded-srcs)
storage_test-uses := kvmcap
CFLAGS-tools/testing/unit/storage_test.c := -Iuserspace/kvmcapctl

TESTS += top_map_test
top_map_test-srcs := tools/testing/unit/top_map_test.c userspace/kvmcapctl/top_map.c
CFLAGS-tools/testing/unit/top_map_test.c := -Iuserspace/kvmcapctl
