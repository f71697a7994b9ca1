# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

FUZZERS += fuzz_rfb
fuzz_rfb-srcs := tools/testing/fuzz/fuzz_rfb.c \
	$(addprefix userspace/kvm-relay/,handshake.c keyboard.c keysym.c messages.c offer.c \
					 pixels.c pointer.c qemu_keys.c vncauth.c)
fuzz_rfb-libs := -lnettle
fuzz_rfb-seeds := rfb_seeds
CFLAGS-tools/testing/fuzz/fuzz_rfb.c := -Iuserspace/kvm-relay

# Its seeds: rfb_seeds DIRECTORY
TOOLS += rfb_seeds
rfb_seeds-srcs := tools/testing/fuzz/rfb_seeds.c userspace/kvm-relay/vncauth.c
rfb_seeds-libs := -lnettle
CFLAGS-tools/testing/fuzz/rfb_seeds.c := -Iuserspace/kvm-relay
