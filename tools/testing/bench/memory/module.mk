# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += bench_memory
bench_memory-srcs := tools/testing/bench/memory/memory.c
