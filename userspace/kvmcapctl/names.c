// SPDX-License-Identifier: Apache-2.0
/*
 * Words for the numbers of <linux/kvmcap.h>.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "names.h"

#include <linux/kvmcap.h>

static const char *const signal_names[] = {
	[KVMCAP_SIGNAL_UNKNOWN] = "unknown",
	[KVMCAP_SIGNAL_OK] = "ok",
	[KVMCAP_SIGNAL_NONE] = "none",
	[KVMCAP_SIGNAL_OUT_OF_RANGE] = "out-of-range",
	[KVMCAP_SIGNAL_FAULT] = "fault",
	[KVMCAP_SIGNAL_GONE] = "gone",
};

static const char *const codec_names[] = {
	[KVMCAP_CODEC_NONE] = "none",
	[KVMCAP_CODEC_JPEG] = "jpeg",
	[KVMCAP_CODEC_PALETTE] = "palette",
	[KVMCAP_CODEC_HEXTILE] = "hextile",
	[KVMCAP_CODEC_RAW] = "raw",
};

static const char *const subsampling_names[] = {
	[KVMCAP_SUBSAMPLING_444] = "4:4:4",
	[KVMCAP_SUBSAMPLING_420] = "4:2:0",
};

static const char *const capture_names[] = {
	[KVMCAP_CAPTURE_AUTO] = "automatic",
	[KVMCAP_CAPTURE_WHOLE] = "whole",
	[KVMCAP_CAPTURE_CHANGES] = "changes",
};

#define NAME(names, value) \
	((value) < sizeof(names) / sizeof((names)[0]) ? (names)[value] : "?")

const char *signal_name(unsigned int signal)
{
	return NAME(signal_names, signal);
}

const char *codec_name(unsigned int codec)
{
	return NAME(codec_names, codec);
}

const char *subsampling_name(unsigned int subsampling)
{
	return NAME(subsampling_names, subsampling);
}

const char *capture_name(unsigned int capture)
{
	return NAME(capture_names, capture);
}
