// SPDX-License-Identifier: Apache-2.0
/*
 * What is to be sent to a client.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "output.h"

int output_init(struct output *output)
{
	*output = (struct output){ .data = malloc(OUTPUT_SIZE + OUTPUT_RESERVE) };
	return output->data ? 0 : -ENOMEM;
}

void output_free(struct output *output)
{
	free(output->data);
	*output = (struct output){ 0 };
}

bool output_put(struct output *output, const void *data, size_t length)
{
	if (length > output_room(output))
		return false;
	memcpy(output_at(output), data, length);
	output_commit(output, length);
	return true;
}

int output_send(struct output *output, int fd)
{
	while (output_used(output)) {
		ssize_t sent = send(fd, output->data + output->start, output_used(output),
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
		output->start += (size_t)sent;
	}
	output->start = 0;
	output->end = 0;
	return 0;
}
