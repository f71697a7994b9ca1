# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += npcm_engine
npcm_engine-srcs := tools/testing/e2e/npcm_engine.c tools/testing/e2e/frames.c
npcm_engine-uses := kvmcap
CFLAGS-tools/testing/e2e/npcm_engine.c := -Itools/testing/kunit
