/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The blanking and the sync pulses around a picture.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_ASPEED_VE_TIMING_H
#define KVMCAP_ASPEED_VE_TIMING_H

#include "aspeed_ve_model.h"

/**
 * aspeed_ve_timing_set() - the timing with which a host would send a picture
 * @timing: filled in
 * @width: pixels
 * @height: lines
 */
void aspeed_ve_timing_set(struct aspeed_ve_timing *timing, unsigned int width,
			  unsigned int height);

#endif
