/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is to be sent to a client: one bounded buffer, filled again only when it
 * has been sent, so that it does not matter how slow the client is.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_OUTPUT_H
#define RELAY_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes; untouched ones take no memory. A whole desktop as JPEG usually fits. */
#define OUTPUT_SIZE	(512u << 10)

/* Bytes beyond that, for what ends an update however full the output is. */
#define OUTPUT_RESERVE	12

struct output {
	uint8_t *data;
	size_t start;	/* what is before has been sent */
	size_t end;	/* what is before is to be sent */
};

int output_init(struct output *output);
void output_free(struct output *output);

static inline size_t output_used(const struct output *output)
{
	return output->end - output->start;
}

static inline size_t output_room(const struct output *output)
{
	return OUTPUT_SIZE - output->end;
}

/* Where the next bytes go; output_commit() says how many there were. */
static inline uint8_t *output_at(const struct output *output)
{
	return output->data + output->end;
}

static inline void output_commit(struct output *output, size_t length)
{
	output->end += length;
}

/* Return: whether there was room for all of it, otherwise nothing is kept. */
bool output_put(struct output *output, const void *data, size_t length);

/* Send what the socket takes. Return: 0, also if not all was taken; a negative errno. */
int output_send(struct output *output, int fd);

#endif
