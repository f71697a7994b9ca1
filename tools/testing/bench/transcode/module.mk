# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += bench_transcode bench_screens
bench_transcode-srcs = tools/testing/bench/transcode/transcode.c \
			tools/testing/unit/jpeg_oracle.c $(jpeg-srcs)
bench_transcode-libs := -ljpeg
bench_screens-srcs := tools/testing/bench/transcode/screens.c
bench_screens-libs := -lfreetype
CFLAGS-tools/testing/bench/transcode/screens.c := -isystem /usr/include/freetype2
CFLAGS-tools/testing/bench/transcode/transcode.c := -Itools/testing/unit
