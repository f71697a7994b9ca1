// SPDX-License-Identifier: Apache-2.0
/*
 * recording_seeds DIRECTORY: recordings for fuzz_recording to start from.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "recorded.h"

#define SEEDS		6
#define FRAMES		8
#define PAYLOAD		24
#define LOG_BYTES	(64U << 10)

/* Even: checksums are put right, see fuzz_recording.c. */
static const char first_byte;

static void make_seed(const char *directory, unsigned int number)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	struct recorded recorded;
	char path[4096];
	off_t from = 0;
	unsigned int i;
	FILE *out;

	if (fd < 0 || !recorded_begin(&recorded, fd, LOG_BYTES, PAYLOAD, number))
		err(1, "a recording");
	for (i = 0; i < FRAMES; i++) {
		if (!recorded_change(&recorded) || !recorded_append(&recorded, i % 4 == 0))
			errx(1, "frame %u cannot be recorded", i);
	}
	if (number % 2 && kvmcap_recording_finish(&recorded.writer, recorded.writer.last_ns))
		errx(1, "the recording cannot be finished");
	snprintf(path, sizeof(path), "%s/recording-%u", directory, number);
	out = fopen(path, "w");
	if (!out || fwrite(&first_byte, 1, 1, out) != 1 || fflush(out))
		err(1, "%s", path);
	if (sendfile(fileno(out), fd, &from, recorded.writer.size) !=
	    (ssize_t)recorded.writer.size)
		err(1, "%s", path);
	recorded_end(&recorded);
	fclose(out);
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 2)
		errx(2, "usage: recording_seeds DIRECTORY");
	for (i = 0; i < SEEDS; i++)
		make_seed(argv[1], i);
	return 0;
}
