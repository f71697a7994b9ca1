# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

TOOLS += mainline_aspeed
mainline_aspeed-srcs := tools/testing/e2e/mainline_aspeed.c \
			tools/testing/e2e/mainline_ajpg.c \
			tools/testing/unit/ajpg_decode.c \
			tools/testing/e2e/video.c \
			tools/testing/e2e/screen.c tools/testing/e2e/planes.c \
			tools/testing/e2e/frames.c \
			drivers/media/kvmcap-sim/jpeg_encode.c \
			drivers/media/kvmcap-sim/jpeg_reference.c \
			drivers/media/kvmcap/aspeed_tables.c
mainline_aspeed-libs := -ljpeg -lm

TOOLS += aspeed_engine
aspeed_engine-srcs := tools/testing/e2e/aspeed_engine.c \
		      tools/testing/e2e/aspeed_changes.c \
		      tools/testing/e2e/screen.c tools/testing/e2e/planes.c \
		      tools/testing/e2e/frames.c \
		      drivers/media/kvmcap-sim/jpeg_encode.c \
		      drivers/media/kvmcap-sim/jpeg_reference.c \
		      drivers/media/kvmcap/aspeed_tables.c
aspeed_engine-uses := kvmcap
aspeed_engine-libs := -ljpeg
