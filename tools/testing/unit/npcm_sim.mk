# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

npcm-sim := drivers/media/kvmcap-sim

TESTS += npcm_vcd_test npcm_ece_test
npcm_vcd_test-srcs := tools/testing/unit/npcm_vcd_test.c \
		      $(npcm-sim)/npcm_vcd_model.c \
		      $(npcm-sim)/npcm_vcd_capture.c
npcm_ece_test-srcs := tools/testing/unit/npcm_ece_test.c \
		      $(npcm-sim)/npcm_ece_model.c \
		      $(npcm-sim)/npcm_ece_hextile.c \
		      tools/testing/e2e/hextile.c
