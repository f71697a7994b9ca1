# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += bench_relay
bench_relay-srcs = tools/testing/bench/relay/bench_relay.c tools/testing/unit/mapping.c \
		   drivers/media/kvmcap/log.c $(jpeg-srcs) $(kvm-relay-parts)
bench_relay-uses := kvmcap
bench_relay-libs := -lturbojpeg -lnettle
CFLAGS-tools/testing/bench/relay/bench_relay.c := -Iuserspace/kvm-relay -Itools/testing/unit
