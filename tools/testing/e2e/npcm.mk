# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += mainline_npcm
mainline_npcm-srcs := tools/testing/e2e/mainline_npcm.c \
		      tools/testing/e2e/hextile.c \
		      tools/testing/e2e/video.c tools/testing/e2e/frames.c
