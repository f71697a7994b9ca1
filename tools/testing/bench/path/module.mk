# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += bench_path
bench_path-srcs = tools/testing/bench/path/path.c $(e2e-srcs)
bench_path-uses := kvmcap
bench_path-libs := -lvncclient -ljpeg
CFLAGS-tools/testing/bench/path/path.c := -Itools/testing/e2e
