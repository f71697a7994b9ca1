# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

kvmhid-selftest-srcs = tools/testing/selftests/kvmhid/gadget.c \
		       tools/testing/selftests/kvmhid/host.c

kvmhid-selftests := kvmhid_write_test kvmhid_events_test kvmhid_control_test \
		    kvmhid_boot_test kvmhid_life_test
SELFTESTS += $(kvmhid-selftests)
$(foreach t,$(kvmhid-selftests),$(eval $(t)-srcs := \
	tools/testing/selftests/kvmhid/$(t).c $$(kvmhid-selftest-srcs)))

# The harness defines functions that nobody declares.
$(foreach t,$(kvmhid-selftests),$(eval \
	CFLAGS-tools/testing/selftests/kvmhid/$(t).c := -Wno-missing-prototypes))
