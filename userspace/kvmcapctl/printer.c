// SPDX-License-Identifier: Apache-2.0
/*
 * Values with names.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "printer.h"

#include <inttypes.h>
#include <stdio.h>

static void print_name(struct printer *p, const char *name)
{
	if (p->json)
		printf("%s\n  \"%s\": ", p->count ? "," : "{", name);
	else
		printf("%s: ", name);
	p->count++;
}

static void print_line_end(const struct printer *p)
{
	if (!p->json)
		putchar('\n');
}

void print_number(struct printer *p, const char *name, uint64_t value)
{
	print_name(p, name);
	printf("%" PRIu64, value);
	print_line_end(p);
}

void print_rate(struct printer *p, const char *name, uint64_t thousandths)
{
	uint64_t tenths = (thousandths + 50) / 100;

	print_name(p, name);
	printf("%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
	print_line_end(p);
}

void print_text(struct printer *p, const char *name, const char *text)
{
	const char *quote = p->json ? "\"" : "";

	print_name(p, name);
	fputs(quote, stdout);
	for (; *text; text++)
		putchar(*text < ' ' || *text > '~' || *text == '"' || *text == '\\' ? '?' : *text);
	fputs(quote, stdout);
	print_line_end(p);
}

void print_end(const struct printer *p)
{
	if (p->json)
		puts("\n}");
}
