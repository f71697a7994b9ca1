# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TESTS += log_test
log_test-srcs := tools/testing/unit/log_test.c tools/testing/kunit/log_model.c \
		 drivers/media/kvmcap/log.c

TESTS += log_stress_test
log_stress_test-srcs := tools/testing/unit/log_stress_test.c drivers/media/kvmcap/log.c
log_stress_test-libs := -pthread
