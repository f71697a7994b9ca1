/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of what may change meanwhile, see log_race.c.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef LOG_RACE_H
#define LOG_RACE_H

#include <stddef.h>

/* memcpy(), of which ThreadSanitizer does not hear. */
void *race_copy(void *to, const void *from, size_t length);

/* ThreadSanitizer's own. */
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);

#endif
