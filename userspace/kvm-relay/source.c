// SPDX-License-Identifier: Apache-2.0
/*
 * The capture device as all clients see it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"
#include "source.h"

#define SENTENCE_MAX	256

static int open_device(struct kvmcap_source **capture, const char *path)
{
	return kvmcap_open(capture, path, false);
}

static void show(struct source *source, enum placard placard)
{
	source->placard = placard;
	source->changes++;
}

static void forget(struct source *source, enum placard placard)
{
	/* The descriptor that is watched is a duplicate: the library owns its own. */
	loop_close(source->loop, &source->watch);
	kvmcap_close(source->capture);
	source->capture = NULL;
	source->snapshot = (struct kvmcap_snapshot){ 0 };
	show(source, placard);
}

void source_close(struct source *source)
{
	forget(source, PLACARD_NO_DEVICE);
}

/* The device has gone: it is looked for again, soon at first. */
static void lost(struct source *source)
{
	log_warning("%s is gone, waiting for it to come back", source->path);
	forget(source, PLACARD_GONE);
	source->retry_ms = RETRY_FIRST_MS;
	source->retry_at = loop_now() + source->retry_ms;
	source->error = 0;
}

static enum placard placard_of(const struct kvmcap_snapshot *snapshot)
{
	switch (snapshot->header.signal) {
	case KVMCAP_SIGNAL_NONE:
		return PLACARD_NO_SIGNAL;
	case KVMCAP_SIGNAL_OUT_OF_RANGE:
		return PLACARD_OUT_OF_RANGE;
	case KVMCAP_SIGNAL_FAULT:
		return PLACARD_FAULT;
	case KVMCAP_SIGNAL_GONE:
		return PLACARD_GONE;
	default:
		return snapshot->tile_count ? PLACARD_NONE : PLACARD_WAITING;
	}
}

bool source_refresh(struct source *source)
{
	int error;

	if (!source->capture)
		return false;
	error = kvmcap_snapshot(source->capture, &source->snapshot);
	if (error == -EAGAIN)
		return false;
	if (error) {
		log_error("%s says what cannot be, closing it", source->path);
		forget(source, PLACARD_FAULT);
		source->retry_ms = RETRY_LAST_MS;
		source->retry_at = loop_now() + source->retry_ms;
		return false;
	}
	show(source, placard_of(&source->snapshot));
	return true;
}

static void ready(struct watch *watch, uint32_t events)
{
	struct source *source = container_of(watch, struct source, watch);

	if (events & (EPOLLERR | EPOLLHUP)) {
		lost(source);
		return;
	}
	/* It is acknowledged when the clients have looked at it, see source_demand(). */
	source_refresh(source);
}

void source_init(struct source *source, struct loop *loop, const char *path)
{
	*source = (struct source){
		.watch = { .fd = -1, .ready = ready },
		.loop = loop,
		.path = path,
		.open = open_device,
		.placard = PLACARD_NO_DEVICE,
		.retry_ms = RETRY_FIRST_MS,
	};
}

static int attach(struct source *source)
{
	int error, fd;

	if (source->replay)
		error = kvmcap_open_recording(&source->capture, source->path, source->replay);
	else
		error = source->open(&source->capture, source->path);
	if (error) {
		source->capture = NULL;
		return error;
	}
	fd = dup(kvmcap_fd(source->capture));
	if (fd < 0)
		error = -errno;
	else
		error = loop_watch(source->loop, &source->watch, fd, EPOLLIN | EPOLLPRI);
	if (error) {
		kvmcap_close(source->capture);
		source->capture = NULL;
	}
	return error;
}

void source_try(struct source *source, uint64_t now)
{
	char sentence[SENTENCE_MAX];
	int error;

	if (source->capture || now < source->retry_at)
		return;
	error = attach(source);
	if (error) {
		if (error != source->error) {
			kvmcap_explain(source->path, error, sentence, sizeof(sentence));
			log_warning("%s; trying again while a client is connected", sentence);
		}
		source->error = error;
		source->retry_at = now + source->retry_ms;
		if (source->retry_ms < RETRY_LAST_MS)
			source->retry_ms *= 2;
		return;
	}
	log_info("%s is open", source->path);
	source->error = 0;
	source->retry_ms = RETRY_FIRST_MS;
	source->epoch++;
	source->acked = 0;
	source->armed = false;
	source_refresh(source);
}

uint64_t source_retry_at(const struct source *source)
{
	return source->capture ? NEVER : source->retry_at;
}

void source_hurry(struct source *source)
{
	source->retry_at = 0;
	source->retry_ms = RETRY_FIRST_MS;
}

void source_demand(struct source *source, bool wanted)
{
	uint64_t seen = source->snapshot.header.committed;

	if (!source->capture || (source->acked == seen && source->armed == wanted))
		return;
	if (kvmcap_ack(source->capture, seen, wanted)) {
		lost(source);
		return;
	}
	source->acked = seen;
	source->armed = wanted;
}
