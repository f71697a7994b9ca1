# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

aspeed-sim := drivers/media/kvmcap-sim

TESTS += aspeed_tables_test aspeed_detect_test aspeed_encode_test aspeed_model_test \
	 aspeed_differ_test
aspeed_tables_test-srcs := tools/testing/unit/aspeed_tables_test.c \
			   drivers/media/kvmcap/aspeed_tables.c
aspeed_detect_test-srcs := tools/testing/unit/aspeed_detect_test.c \
			   drivers/media/kvmcap/aspeed_detect.c
aspeed_encode_test-srcs := tools/testing/unit/aspeed_encode_test.c \
			   $(aspeed-sim)/jpeg_encode.c \
			   $(aspeed-sim)/jpeg_reference.c \
			   drivers/media/kvmcap/aspeed_tables.c
aspeed_encode_test-libs := -ljpeg -lm
aspeed_model_test-srcs := tools/testing/unit/aspeed_model_test.c \
			  $(aspeed-sim)/aspeed_ve_model.c \
			  $(aspeed-sim)/aspeed_ve_capture.c \
			  $(aspeed-sim)/aspeed_ve_differ.c \
			  $(aspeed-sim)/aspeed_ve_timing.c \
			  $(aspeed-sim)/jpeg_encode.c \
			  $(aspeed-sim)/jpeg_reference.c \
			  drivers/media/kvmcap/aspeed_tables.c
aspeed_differ_test-srcs := tools/testing/unit/aspeed_differ_test.c \
			   tools/testing/unit/ajpg_decode.c \
			   $(aspeed-sim)/aspeed_ve_model.c \
			   $(aspeed-sim)/aspeed_ve_capture.c \
			   $(aspeed-sim)/aspeed_ve_differ.c \
			   $(aspeed-sim)/aspeed_ve_timing.c \
			   $(aspeed-sim)/jpeg_encode.c \
			   $(aspeed-sim)/jpeg_reference.c \
			   drivers/media/kvmcap/aspeed_tables.c
aspeed_differ_test-libs := -ljpeg
