/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values with names, as lines or as one JSON object.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAPCTL_PRINTER_H
#define KVMCAPCTL_PRINTER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct printer - "name: value" lines, or one JSON object
 * @json: which
 * @count: values so far
 */
struct printer {
	bool json;
	unsigned int count;
};

void print_number(struct printer *printer, const char *name, uint64_t value);

/* @thousandths: of the value, which is printed with one decimal. */
void print_rate(struct printer *printer, const char *name, uint64_t thousandths);

/* What JSON has to escape in @text becomes '?'. */
void print_text(struct printer *printer, const char *name, const char *text);

void print_end(const struct printer *printer);

#endif
