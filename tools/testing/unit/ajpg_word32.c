// SPDX-License-Identifier: Apache-2.0
/*
 * The differential streams' code as a machine with words of 32 bits compiles it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "pure.h"

#define KVMCAP_WORD	u32

/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "drivers/media/kvmcap/ajpg_splice.c"
/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "drivers/media/kvmcap/ajpg_stream.c"
