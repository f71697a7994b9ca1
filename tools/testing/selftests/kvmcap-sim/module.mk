# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

SELFTESTS += kvmcap_sim_screen_test
kvmcap_sim_screen_test-srcs := tools/testing/selftests/kvmcap-sim/screen_test.c
# The harness makes functions of its own that nobody declares.
CFLAGS-tools/testing/selftests/kvmcap-sim/screen_test.c = -Wno-missing-prototypes
