// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The tables that are built into the engine: a second copy of the driver's, as
 * the model has to do without that module. tools/testing/unit compares both with
 * what mainline's driver hands to the engine.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "../kvmcap/aspeed_tables.c"
