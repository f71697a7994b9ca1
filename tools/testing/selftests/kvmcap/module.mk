# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

kvmcap-selftests := abi_test life_test
kvmcap-selftest-dir := tools/testing/selftests/kvmcap
kvmcap-selftest-objs := $(B)/obj/$(kvmcap-selftest-dir)/device.o

SELFTESTS += $(kvmcap-selftests:%=kvmcap_%)
$(foreach t,$(kvmcap-selftests),$(eval kvmcap_$t-srcs := \
	$(kvmcap-selftest-dir)/$t.c $(kvmcap-selftest-dir)/device.c))

# Not of SELFTESTS, which run on every target: they need kvmcap_fake.ko, which the
# targets with KUnit have, or fault injection, or somebody who wakes the machine.
# tools/testing/check.d/31-engine, 32-faults and 33-suspend run them.
kvmcap-special-tests := engine_test faults_test suspend_test

# The harness makes functions of its own that nobody declares.
$(foreach t,$(kvmcap-selftests) $(kvmcap-special-tests),$(eval \
	CFLAGS-$(kvmcap-selftest-dir)/$t.c = -Wno-missing-prototypes))

define kvmcap-special-test
$(B)/obj/$(kvmcap-selftest-dir)/$(1).o: INCLUDES += -isystem $$(KSELFTEST)
$(B)/selftests/kvmcap_$(1): $(B)/obj/$(kvmcap-selftest-dir)/$(1).o \
			    $(kvmcap-selftest-objs)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ -pthread
selftest-programs: $(B)/selftests/kvmcap_$(1)
-include $(B)/obj/$(kvmcap-selftest-dir)/$(1).d
endef
$(foreach t,$(kvmcap-special-tests),$(eval $(call kvmcap-special-test,$t)))
