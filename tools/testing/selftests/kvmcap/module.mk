# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

kvmcap-selftests := abi_test life_test engine_test
kvmcap-selftest-dir := tools/testing/selftests/kvmcap

SELFTESTS += $(kvmcap-selftests:%=kvmcap_%)
$(foreach t,$(kvmcap-selftests),$(eval kvmcap_$t-srcs := \
	$(kvmcap-selftest-dir)/$t.c $(kvmcap-selftest-dir)/device.c))
# The harness makes functions of its own that nobody declares.
$(foreach t,$(kvmcap-selftests),$(eval \
	CFLAGS-$(kvmcap-selftest-dir)/$t.c := -Wno-missing-prototypes))
