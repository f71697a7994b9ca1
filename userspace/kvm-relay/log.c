// SPDX-License-Identifier: Apache-2.0
/*
 * Messages to standard error, one line each.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "log.h"

#define LINE_MAX_LENGTH	512

void relay_log(int priority, const char *format, ...)
{
	char line[LINE_MAX_LENGTH];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	/* systemd sets this when standard error goes to the journal. */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", priority, line);
	else
		fprintf(stderr, "kvm-relay: %s\n", line);
}
