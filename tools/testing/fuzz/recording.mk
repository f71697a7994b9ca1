# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

FUZZERS += fuzz_recording
fuzz_recording-srcs := tools/testing/fuzz/fuzz_recording.c
fuzz_recording-uses := kvmcap
fuzz_recording-seeds := recording_seeds

# Its seeds: recording_seeds DIRECTORY
TOOLS += recording_seeds
recording_seeds-srcs = tools/testing/fuzz/recording_seeds.c $(recorded-srcs)
recording_seeds-uses := kvmcap
CFLAGS-tools/testing/fuzz/recording_seeds.c := -Itools/testing/unit
