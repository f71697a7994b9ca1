// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the tracepoints are made.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef __CHECKER__
#define CREATE_TRACE_POINTS
#include "trace.h"
#endif
