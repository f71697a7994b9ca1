// SPDX-License-Identifier: Apache-2.0
/*
 * Headers of PPM images, good and bad ones.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <string.h>

#include "../../../userspace/kvmcapctl/ppm.h"
#include "tap.h"

static const struct {
	const char *text;
	enum ppm_result result;
	unsigned int width;
	unsigned int height;
} cases[] = {
	{ "P6\n640 480\n255\n", PPM_DONE, 640, 480 },
	{ "P6 1 1 255 ", PPM_DONE, 1, 1 },
	{ "P6\t65535\r\n65535\v255\f", PPM_DONE, 65535, 65535 },
	{ "P6\n# a comment\n12 # another\n 34\n#\n255\n", PPM_DONE, 12, 34 },
	{ "P6\n007 0008 0255\n", PPM_DONE, 7, 8 },
	{ "P6\n#a\r1 2 255\n", PPM_DONE, 1, 2 },
	{ "P6", PPM_MORE, 0, 0 },
	{ "P6\n640 480", PPM_MORE, 0, 0 },
	{ "P6\n640 480\n255", PPM_MORE, 0, 0 },
	{ "P5\n640 480\n255\n", PPM_NOT_P6, 0, 0 },
	{ "P3\n", PPM_NOT_P6, 0, 0 },
	{ "GIF89a", PPM_NOT_P6, 0, 0 },
	{ "P61 1 255\n", PPM_NOT_P6, 0, 0 },
	{ "P6#\n1 1 255\n", PPM_NOT_P6, 0, 0 },
	{ "\xff\xd8\xff", PPM_NOT_P6, 0, 0 },
	{ "P6\n640x480\n255\n", PPM_NOT_NUMBER, 0, 0 },
	{ "P6\n-1 480\n255\n", PPM_NOT_NUMBER, 0, 0 },
	{ "P6\n64#0\n", PPM_NOT_NUMBER, 0, 0 },
	{ "P6\n640 480.0", PPM_NOT_NUMBER, 0, 0 },
	{ "P6\n0 480\n255\n", PPM_SIZE, 0, 0 },
	{ "P6\n640 0\n", PPM_SIZE, 0, 0 },
	{ "P6\n65536 480\n", PPM_SIZE, 0, 0 },
	{ "P6\n4294967297 480\n", PPM_SIZE, 0, 0 },
	{ "P6\n99999999999999999999999 1\n", PPM_SIZE, 0, 0 },
	{ "P6\n640 480\n65535\n", PPM_DEPTH, 0, 0 },
	{ "P6\n640 480\n254\n", PPM_DEPTH, 0, 0 },
	{ "P6\n640 480\n0\n", PPM_DEPTH, 0, 0 },
	{ "P6\n640 480\n4294967551\n", PPM_DEPTH, 0, 0 },
};

static enum ppm_result push_all(struct ppm_header *header, const char *text, size_t *used)
{
	enum ppm_result result = PPM_MORE;

	memset(header, 0, sizeof(*header));
	for (*used = 0; text[*used] && result == PPM_MORE; (*used)++)
		result = ppm_header_push(header, (uint8_t)text[*used]);
	return result;
}

static void test_headers(void)
{
	struct ppm_header header;
	size_t i, used;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum ppm_result result = push_all(&header, cases[i].text, &used);
		bool good = result == cases[i].result;

		if (good && result == PPM_DONE)
			good = header.value[0] == cases[i].width &&
			       header.value[1] == cases[i].height && !cases[i].text[used];
		tap_ok(good, "header %zu gives %d", i, cases[i].result);
	}
}

static void test_endless(void)
{
	struct ppm_header header = { 0 };
	enum ppm_result result = PPM_MORE;
	size_t i;

	for (i = 0; i < 2 * PPM_HEADER_MAX && result == PPM_MORE; i++)
		result = ppm_header_push(&header, i < 2 ? (uint8_t)"P6"[i] : ' ');
	tap_ok(result == PPM_LONG && i == PPM_HEADER_MAX + 1, "an endless header is ended");
}

static void test_pixels(void)
{
	static const uint8_t rgb[6] = { 1, 2, 3, 255, 0, 128 };
	static const uint8_t bgrx[8] = { 3, 2, 1, 0, 128, 0, 255, 0 };
	uint8_t out[9];

	memset(out, 0x55, sizeof(out));
	ppm_to_bgrx(out, rgb, 2);
	tap_ok(!memcmp(out, bgrx, 8) && out[8] == 0x55, "R, G, B become B, G, R, 0");
}

int main(void)
{
	test_headers();
	test_endless();
	test_pixels();
	return tap_end();
}
