# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

e2e := tools/testing/e2e
e2e-srcs := $(e2e)/frames.c $(e2e)/planes.c $(e2e)/screen.c $(e2e)/viewer.c \
	    drivers/media/kvmcap-sim/jpeg_encode.c \
	    drivers/media/kvmcap-sim/jpeg_reference.c \
	    drivers/media/kvmcap/aspeed_tables.c

TOOLS += picture
picture-srcs := $(e2e)/picture.c $(e2e-srcs)
picture-uses := kvmcap
picture-libs := -lvncclient -ljpeg

TOOLS += idle
idle-srcs := $(e2e)/idle.c $(e2e-srcs)
idle-uses := kvmcap
idle-libs := -lvncclient -ljpeg

TOOLS += pixels
pixels-srcs := $(e2e)/pixels.c $(e2e-srcs)
pixels-uses := kvmcap
pixels-libs := -lvncclient -ljpeg

TOOLS += replayed
replayed-srcs := $(e2e)/replayed.c $(e2e-srcs)
replayed-uses := kvmcap
replayed-libs := -lvncclient -ljpeg
