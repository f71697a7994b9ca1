/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations and sizes as people write them; not for libkvmcap's users.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LIBKVMCAP_UNITS_H
#define LIBKVMCAP_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* A year: no duration that anybody gives is longer. */
#define KVMCAP_DURATION_MAX_NS	(366ULL * 86400 * 1000000000)

/* 2^40 bytes. */
#define KVMCAP_SIZE_MAX		(1ULL << 40)

/**
 * kvmcap_parse_duration() - "90", "1.5", "250ms", "1h30m", "15m"
 * @text: numbers with a unit each: h, m, s, ms; a number without one is seconds
 * @ns: set to nanoseconds, 0..KVMCAP_DURATION_MAX_NS
 *
 * Return: whether it is one.
 */
bool kvmcap_parse_duration(const char *text, uint64_t *ns);

/**
 * kvmcap_parse_size() - "65536", "64K", "64M", "2G"
 * @text: a whole number of bytes, or of 1024, 1024^2, 1024^3 of them
 * @bytes: set to bytes, 0..KVMCAP_SIZE_MAX
 *
 * Return: whether it is one.
 */
bool kvmcap_parse_size(const char *text, uint64_t *bytes);

/**
 * kvmcap_parse_speed() - "1", "0.25", "16"
 * @text: how many seconds of a recording pass in one
 * @thousandths: set to 1000 times that, 1..KVMCAP_SPEED_MAX
 *
 * Return: whether it is one.
 */
bool kvmcap_parse_speed(const char *text, uint32_t *thousandths);

#endif
