// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The tables that are built into the engine: a second copy of the driver's, as
 * the model has to do without that module. Mainline's driver, which brings its own,
 * is run on the model to show that they are right.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "../kvmcap/aspeed_tables.c"
