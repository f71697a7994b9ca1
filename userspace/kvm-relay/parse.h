/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What parsers of a client's bytes return.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_PARSE_H
#define RELAY_PARSE_H

#include <stddef.h>

enum parse_status {
	PARSE_NEED_MORE,	/* nothing was consumed, call again with more bytes */
	PARSE_CONSUMED,		/* one whole message of @consumed bytes */
	PARSE_CLOSE,		/* the connection is to be closed, @reason says why */
};

struct parse_result {
	enum parse_status status;
	size_t consumed;
	const char *reason;
};

static inline struct parse_result parse_need_more(void)
{
	return (struct parse_result){ .status = PARSE_NEED_MORE };
}

static inline struct parse_result parse_consumed(size_t consumed)
{
	return (struct parse_result){ .status = PARSE_CONSUMED, .consumed = consumed };
}

static inline struct parse_result parse_close(const char *reason)
{
	return (struct parse_result){ .status = PARSE_CLOSE, .reason = reason };
}

#endif
