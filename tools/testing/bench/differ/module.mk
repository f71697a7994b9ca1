# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += bench_differ
bench_differ-srcs = $(wildcard tools/testing/bench/differ/*.c) \
		    tools/testing/unit/jpeg_oracle.c \
		    drivers/media/kvmcap/aspeed_tables.c \
		    drivers/media/kvmcap/log.c $(ajpg-srcs) $(jpeg-srcs)
bench_differ-libs := -ljpeg
$(foreach f,$(wildcard tools/testing/bench/differ/*.c),\
  $(eval CFLAGS-$f := -Itools/testing/unit -Itools/testing/kunit))
