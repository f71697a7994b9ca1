# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
RELAY := userspace/kvm-relay
# All but main.c, which tests replace by a main of their own.
kvm-relay-parts := $(filter-out $(RELAY)/main.c,$(wildcard $(RELAY)/*.c))

PROGRAMS += kvm-relay
kvm-relay-srcs := $(RELAY)/main.c $(kvm-relay-parts)
kvm-relay-uses := kvmcap
kvm-relay-libs := -lturbojpeg -lnettle
