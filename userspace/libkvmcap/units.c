// SPDX-License-Identifier: Apache-2.0
/*
 * Durations and sizes as people write them.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "units.h"

#include <stddef.h>
#include <string.h>

#include "clock.h"
#include "kvmcap.h"

/* Of a number: as many as 64 bits hold, nanoseconds included. */
#define DIGITS_MAX	18
#define FRACTION_MAX	9

/**
 * struct decimal - a number with a fraction
 * @whole: before the point
 * @billionths: behind it
 */
struct decimal {
	uint64_t whole;
	uint64_t billionths;
};

/* What follows the number at @text, NULL if there is none. */
static const char *read_decimal(const char *text, struct decimal *number)
{
	unsigned int digits = 0, fraction = 0;

	*number = (struct decimal){ 0 };
	for (; *text >= '0' && *text <= '9'; text++, digits++) {
		if (digits == DIGITS_MAX)
			return NULL;
		number->whole = number->whole * 10 + (uint64_t)(*text - '0');
	}
	if (!digits || *text != '.')
		return digits ? text : NULL;
	for (text++; *text >= '0' && *text <= '9'; text++, fraction++) {
		if (fraction == FRACTION_MAX)
			return NULL;
		number->billionths = number->billionths * 10 + (uint64_t)(*text - '0');
	}
	if (!fraction)
		return NULL;
	for (; fraction < FRACTION_MAX; fraction++)
		number->billionths *= 10;
	return text;
}

/* Nanoseconds of the unit at @text, whose letters are counted in @letters; 0: none. */
static uint64_t read_unit(const char *text, size_t *letters)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "ms", NS_PER_MS },
		{ "h", 3600 * NS_PER_SECOND },
		{ "m", 60 * NS_PER_SECOND },
		{ "s", NS_PER_SECOND },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		*letters = strlen(units[i].name);
		if (!strncmp(text, units[i].name, *letters))
			return units[i].ns;
	}
	*letters = 0;
	return *text ? 0 : NS_PER_SECOND;
}

bool kvmcap_parse_duration(const char *text, uint64_t *ns)
{
	struct decimal number;
	size_t letters;
	uint64_t unit;

	*ns = 0;
	do {
		text = read_decimal(text, &number);
		unit = text ? read_unit(text, &letters) : 0;
		if (!unit || number.whole > KVMCAP_DURATION_MAX_NS / unit)
			return false;
		/* Below 2^55, below 3600 * 10^9: no product is too large. */
		*ns += number.whole * unit + number.billionths * (unit / NS_PER_MS) / 1000;
		if (*ns > KVMCAP_DURATION_MAX_NS)
			return false;
		text += letters;
	} while (*text);
	return true;
}

bool kvmcap_parse_size(const char *text, uint64_t *bytes)
{
	static const char letters[] = "KMG";
	struct decimal number;
	const char *letter;
	uint64_t unit = 1;

	text = read_decimal(text, &number);
	if (!text || number.billionths)
		return false;
	letter = *text ? strchr(letters, *text) : NULL;
	if (letter) {
		unit <<= 10 * (letter - letters + 1);
		text++;
	}
	if (*text || number.whole > KVMCAP_SIZE_MAX / unit)
		return false;
	*bytes = number.whole * unit;
	return true;
}

bool kvmcap_parse_speed(const char *text, uint32_t *thousandths)
{
	struct decimal number;
	uint64_t value;

	text = read_decimal(text, &number);
	if (!text || *text || number.whole > KVMCAP_SPEED_MAX)
		return false;
	value = number.whole * KVMCAP_SPEED_REAL + number.billionths / 1000000;
	if (!value || value > KVMCAP_SPEED_MAX)
		return false;
	*thousandths = (uint32_t)value;
	return true;
}
