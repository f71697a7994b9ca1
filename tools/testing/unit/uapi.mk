# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

# The contracts with userspace, for this machine and for 32 bits: it is enough
# that they compile.
uapi-layout := drivers/media/kvmcap/uapi_layout.c
$(B)/obj/uapi_layout.32.o: CFLAGS += $(M32)
$(B)/obj/uapi_layout.32.o: $(uapi-layout) Makefile
	$(call say,CC32,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
unit-tests: $(B)/obj/uapi_layout.32.o $(B)/obj/$(uapi-layout:.c=.o)
-include $(B)/obj/uapi_layout.32.d $(B)/obj/$(uapi-layout:.c=.d)

# The reader in Documentation/userspace-api/kvmcap.rst.
TOOLS += kvmcap-watch
kvmcap-watch-srcs := Documentation/userspace-api/kvmcap-watch.c
