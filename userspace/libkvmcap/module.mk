# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
LIBRARIES += kvmcap
kvmcap-srcs := userspace/libkvmcap/damage.c userspace/libkvmcap/jpeg.c \
	       userspace/libkvmcap/snapshot.c userspace/libkvmcap/source.c
kvmcap-map := userspace/libkvmcap/libkvmcap.map
