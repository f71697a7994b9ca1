# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
RELAY_DIR := userspace/kvm-relay
relay-test-flags := -Iuserspace/kvm-relay -Itools/testing/unit

TESTS += relay_messages_test
relay_messages_test-srcs := tools/testing/unit/relay_messages_test.c \
	$(addprefix $(RELAY_DIR)/,messages.c offer.c pixels.c)
CFLAGS-tools/testing/unit/relay_messages_test.c := $(relay-test-flags)

TESTS += relay_pixels_test
relay_pixels_test-srcs := tools/testing/unit/relay_pixels_test.c $(RELAY_DIR)/pixels.c
CFLAGS-tools/testing/unit/relay_pixels_test.c := $(relay-test-flags)

TESTS += relay_handshake_test
relay_handshake_test-srcs := tools/testing/unit/relay_handshake_test.c \
	$(addprefix $(RELAY_DIR)/,handshake.c vncauth.c pixels.c)
relay_handshake_test-libs := -lnettle
CFLAGS-tools/testing/unit/relay_handshake_test.c := $(relay-test-flags)

TESTS += relay_keys_test
relay_keys_test-srcs := tools/testing/unit/relay_keys_test.c \
	$(addprefix $(RELAY_DIR)/,keyboard.c keysym.c qemu_keys.c)
relay_keys_test-libs := -lxkbcommon
CFLAGS-tools/testing/unit/relay_keys_test.c := $(relay-test-flags)

# A relay in the test's own process. The files of mapping.c are those of libkvmcap.mk.
relay_rig-srcs = $(addprefix tools/testing/unit/,relay_rig.c relay_viewer.c mapping.c \
		 jpeg_oracle.c jpeg_screens.c tile_codecs.c) drivers/media/kvmcap/log.c $(jpeg-srcs) \
		 $(kvm-relay-parts)
relay_rig-libs := -lturbojpeg -lnettle -ljpeg
CFLAGS-tools/testing/unit/relay_rig.c := $(relay-test-flags)
CFLAGS-tools/testing/unit/relay_viewer.c := $(relay-test-flags)

TESTS += relay_picture_test
relay_picture_test-srcs = tools/testing/unit/relay_picture_test.c $(relay_rig-srcs)
relay_picture_test-uses := kvmcap
relay_picture_test-libs := $(relay_rig-libs)
CFLAGS-tools/testing/unit/relay_picture_test.c := $(relay-test-flags)

TESTS += relay_client_test
relay_client_test-srcs = tools/testing/unit/relay_client_test.c $(relay_rig-srcs)
relay_client_test-uses := kvmcap
relay_client_test-libs := $(relay_rig-libs)
CFLAGS-tools/testing/unit/relay_client_test.c := $(relay-test-flags)

TESTS += relay_input_test
relay_input_test-srcs = tools/testing/unit/relay_input_test.c $(relay_rig-srcs)
relay_input_test-uses := kvmcap
relay_input_test-libs := $(relay_rig-libs)
CFLAGS-tools/testing/unit/relay_input_test.c := $(relay-test-flags)
