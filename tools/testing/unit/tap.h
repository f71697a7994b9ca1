/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TAP for unit tests in C. Diagnostics go out with tap_diag(), at the end
 * main() returns tap_end().
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_count;
static unsigned int tap_failures;

static inline __attribute__((format(printf, 1, 2))) void tap_diag(const char *format, ...)
{
	va_list arguments;

	fputs("# ", stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* Return: @good. */
static inline __attribute__((format(printf, 2, 3))) bool tap_ok(bool good, const char *format, ...)
{
	va_list arguments;

	tap_count++;
	if (!good)
		tap_failures++;
	printf("%sok %u - ", good ? "" : "not ", tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	return good;
}

static inline int tap_end(void)
{
	printf("1..%u\n", tap_count);
	return tap_failures || !tap_count;
}

#endif
