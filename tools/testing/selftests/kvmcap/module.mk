# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

kvmcap-selftests := abi_test life_test
kvmcap-selftest-dir := tools/testing/selftests/kvmcap
kvmcap-selftest-objs := $(B)/obj/$(kvmcap-selftest-dir)/device.o

SELFTESTS += $(kvmcap-selftests:%=kvmcap_%)
$(foreach t,$(kvmcap-selftests),$(eval kvmcap_$t-srcs := \
	$(kvmcap-selftest-dir)/$t.c $(kvmcap-selftest-dir)/device.c))
# The harness makes functions of its own that nobody declares.
$(foreach t,$(kvmcap-selftests) engine_test,$(eval \
	CFLAGS-$(kvmcap-selftest-dir)/$t.c = -Wno-missing-prototypes))

# Not one of SELFTESTS, which run on every target: it needs kvmcap_fake.ko, which
# the targets with KUnit have. tools/testing/check.d/31-engine runs it.
kvmcap-engine-test-objs := $(B)/obj/$(kvmcap-selftest-dir)/engine_test.o \
			   $(kvmcap-selftest-objs)
$(B)/obj/$(kvmcap-selftest-dir)/engine_test.o: INCLUDES += -isystem $(KSELFTEST)
$(B)/selftests/kvmcap_engine_test: $(kvmcap-engine-test-objs)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^
selftest-programs: $(B)/selftests/kvmcap_engine_test
-include $(kvmcap-engine-test-objs:.o=.d)
