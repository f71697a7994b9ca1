// SPDX-License-Identifier: Apache-2.0
/*
 * replayed WIDTH HEIGHT GREY HOST PORT: waits until a relay shows a picture of
 * that size, grey all over, and says whether it came.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdio.h>
#include <stdlib.h>

#include "viewer.h"

#define ARGUMENTS	6
#define TURNS_MAX	1000	/* updates, of which each may wait so long: */
#define TURN_MS		120000
#define TOLERANCE	3	/* of JPEG, in a flat picture */

static bool near(unsigned int value, unsigned int wanted)
{
	return value <= wanted + TOLERANCE && value + TOLERANCE >= wanted;
}

static bool is_grey(const struct viewer *viewer, unsigned int width, unsigned int height,
		    unsigned int grey)
{
	unsigned int x, y;

	if (viewer->client->width != (int)width || viewer->client->height != (int)height)
		return false;
	for (y = 0; y < height; y++) {
		for (x = 0; x < width; x++) {
			uint32_t pixel = viewer_pixel(viewer, x, y);

			if (!near(pixel >> 16 & 255, grey) || !near(pixel >> 8 & 255, grey) ||
			    !near(pixel & 255, grey))
				return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned int width, height, grey, turns;
	struct viewer viewer;
	bool seen = false;

	if (argc != ARGUMENTS) {
		fprintf(stderr, "usage: replayed WIDTH HEIGHT GREY HOST PORT\n");
		return 2;
	}
	width = (unsigned int)strtoul(argv[1], NULL, 10);
	height = (unsigned int)strtoul(argv[2], NULL, 10);
	grey = (unsigned int)strtoul(argv[3], NULL, 10);
	if (!viewer_connect(&viewer, VIEWER_RAW, argv[4], atoi(argv[5]))) {
		printf("# cannot connect to %s\n", argv[4]);
		return 1;
	}
	for (turns = 0; !seen && turns < TURNS_MAX; turns++) {
		if (viewer_serve(&viewer, 1, TURN_MS) <= 0)
			break;
		seen = is_grey(&viewer, width, height, grey);
	}
	if (!seen)
		printf("# after %u updates it shows %dx%d, and 0x%06x in a corner\n", turns,
		       viewer.client ? viewer.client->width : 0,
		       viewer.client ? viewer.client->height : 0,
		       viewer.client ? viewer_pixel(&viewer, 0, 0) : 0);
	viewer_close(&viewer);
	return !seen;
}
