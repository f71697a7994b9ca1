# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
PROGRAMS += kvmcapctl
kvmcapctl-srcs := $(wildcard userspace/kvmcapctl/*.c)
kvmcapctl-uses := kvmcap
kvmcapctl-libs := -lpng
