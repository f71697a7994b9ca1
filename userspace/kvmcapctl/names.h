/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for the numbers of <linux/kvmcap.h>.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_NAMES_H
#define KVMCAPCTL_NAMES_H

/* "?" for what is not known. */
const char *signal_name(unsigned int signal);
const char *codec_name(unsigned int codec);
const char *subsampling_name(unsigned int subsampling);
const char *capture_name(unsigned int capture);

#endif
