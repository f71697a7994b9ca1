// SPDX-License-Identifier: Apache-2.0
/*
 * Opening a device or a recording, checking what it maps, and its ioctls.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording.h"
#include "replay.h"
#include "source.h"
#include "source_memory.h"

/* Whether bytes @offset.. @offset + @size - 1 are behind the header and in the map. */
static bool within_map(const struct kvmcap_header *header, uint64_t offset, uint64_t size)
{
	return offset >= header->header_size && offset <= header->map_size &&
	       size <= header->map_size - offset;
}

static bool layout_possible(const struct kvmcap_header *header, uint64_t size)
{
	uint64_t index_size = (uint64_t)header->tile_size * header->index_capacity;

	if (header->magic != KVMCAP_MAGIC || header->version != KVMCAP_ABI_VERSION)
		return false;
	if (header->header_size < sizeof(struct kvmcap_header) ||
	    header->tile_size < sizeof(struct kvmcap_tile) || header->tile_size % 8)
		return false;
	if (header->map_size > size || header->header_size > header->map_size)
		return false;
	if (!header->index_capacity || header->index_offset % 8 ||
	    !within_map(header, header->index_offset, index_size))
		return false;
	if (!header->log_size || header->log_size % KVMCAP_RECORD_ALIGN ||
	    header->log_offset % KVMCAP_RECORD_ALIGN ||
	    !within_map(header, header->log_offset, header->log_size))
		return false;
	return header->index_offset + index_size <= header->log_offset ||
	       header->log_offset + header->log_size <= header->index_offset;
}

/* Takes over what never changes in the header, after having checked it. */
static int layout_load(struct kvmcap_source *source)
{
	struct kvmcap_layout *layout = &source->layout;
	struct kvmcap_header header;

	if (source->map_size < sizeof(header))
		return -EPROTO;
	memcpy(&header, source->map, sizeof(header));
	if (!layout_possible(&header, source->map_size))
		return -EPROTO;
	layout->index = (const uint8_t *)source->map + header.index_offset;
	layout->stride = header.tile_size;
	layout->capacity = header.index_capacity;
	layout->log = (const uint8_t *)source->map + header.log_offset;
	layout->log_size = (size_t)header.log_size;
	source->tiles = calloc(layout->capacity, sizeof(*source->tiles));
	return source->tiles ? 0 : -ENOMEM;
}

static struct kvmcap_source *source_new(void)
{
	struct kvmcap_source *source = calloc(1, sizeof(*source));

	if (source)
		source->fd = -1;
	return source;
}

static int map_device(struct kvmcap_source *source)
{
	struct kvmcap_query query;
	void *map;
	int err;

	err = kvmcap_query(source, &query);
	if (err)
		return err;
	if (query.map_size < sizeof(struct kvmcap_header) || query.map_size > SIZE_MAX / 2)
		return -EPROTO;
	map = mmap(NULL, (size_t)query.map_size, PROT_READ, MAP_SHARED, source->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	source->map = map;
	source->map_size = (size_t)query.map_size;
	return layout_load(source);
}

/* Whether a recording can be at @path: a device has a node of its own. */
static bool may_be_recording(const char *path)
{
	struct stat st;

	return path && !stat(path, &st) && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

int kvmcap_open(struct kvmcap_source **source, const char *path, bool writable)
{
	struct kvmcap_source *s;
	int err;

	if (may_be_recording(path))
		return kvmcap_open_recording(source, path, NULL);
	s = source_new();

	if (!s)
		return -ENOMEM;
	s->fd = open(path ? path : KVMCAP_DEVICE_DEFAULT,
		     (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
	err = s->fd < 0 ? -errno : map_device(s);
	if (err) {
		kvmcap_close(s);
		return err;
	}
	*source = s;
	return 0;
}

int kvmcap_open_memory(struct kvmcap_source **source, const void *map, size_t size, int fd)
{
	struct kvmcap_source *s = source_new();
	int err;

	if (!s)
		return -ENOMEM;
	s->in_memory = true;
	s->fd = fd;
	s->map = map;
	s->map_size = size;
	err = layout_load(s);
	if (err) {
		kvmcap_close(s);
		return err;
	}
	*source = s;
	return 0;
}

int kvmcap_open_recording(struct kvmcap_source **source, const char *path,
			  const struct kvmcap_replay_options *options)
{
	const struct kvmcap_replay_options none = { 0 };
	struct kvmcap_source *s = source_new();
	const void *map;
	int err;

	if (!s)
		return -ENOMEM;
	s->in_memory = true;
	err = kvmcap_replay_open(&s->replay, path, options ? options : &none, &s->fd, &map,
				 &s->map_size);
	if (!err) {
		s->map = map;
		err = layout_load(s);
	}
	if (err) {
		kvmcap_close(s);
		return err;
	}
	*source = s;
	return 0;
}

void kvmcap_close(struct kvmcap_source *source)
{
	if (!source)
		return;
	if (!source->in_memory) {
		if (source->map)
			munmap((void *)source->map, source->map_size);
		if (source->fd >= 0)
			close(source->fd);
	}
	kvmcap_replay_close(source->replay);
	free(source->tiles);
	free(source);
}

int kvmcap_fd(const struct kvmcap_source *source)
{
	return source->fd;
}

void kvmcap_explain(const char *path, int error, char *text, size_t size)
{
	const char *name = path ? path : KVMCAP_DEVICE_DEFAULT;

	switch (error) {
	case -ENOENT:
	case -ENXIO:
	case -ENODEV:
		snprintf(text, size, "%s: no such device: is kvmcap.ko loaded?", name);
		break;
	case -EACCES:
	case -EPERM:
		snprintf(text, size, "%s: permission denied: run as root, or as a member of the device's group",
			 name);
		break;
	case -ENOTTY:
	case -EINVAL:
		snprintf(text, size, "%s: neither a kvmcap device nor a recording of one", name);
		break;
	case -EPROTO:
		if (may_be_recording(name))
			snprintf(text, size, "%s: a recording of another release, or of another byte order: play it where it was recorded",
				 name);
		else
			snprintf(text, size, "%s: the driver's ABI is not version %d: use a kvmcap.ko and programs of one release",
				 name, KVMCAP_ABI_VERSION);
		break;
	case -ENODATA:
		snprintf(text, size, "%s: there is no picture in this recording", name);
		break;
	case -E2BIG:
		snprintf(text, size, "%s: more than %d recordings: move some to another directory",
			 name, KVMCAP_RECORDING_SEGMENTS_MAX);
		break;
	default:
		snprintf(text, size, "%s: %s", name, strerror(-error));
	}
}

static int do_ioctl(struct kvmcap_source *source, unsigned long request, void *argument)
{
	return ioctl(source->fd, request, argument) < 0 ? -errno : 0;
}

int kvmcap_query(struct kvmcap_source *source, struct kvmcap_query *query)
{
	memset(query, 0, sizeof(*query));
	if (source->replay) {
		kvmcap_replay_query(source->replay, query);
		return 0;
	}
	return do_ioctl(source, KVMCAP_IOC_QUERY, query);
}

int kvmcap_stats(struct kvmcap_source *source, struct kvmcap_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	if (source->replay) {
		kvmcap_replay_stats(source->replay, stats);
		return 0;
	}
	return do_ioctl(source, KVMCAP_IOC_STATS, stats);
}

int kvmcap_get_params(struct kvmcap_source *source, struct kvmcap_params *params)
{
	memset(params, 0, sizeof(*params));
	if (source->replay) {
		kvmcap_replay_params(source->replay, params);
		return 0;
	}
	return do_ioctl(source, KVMCAP_IOC_GET_PARAMS, params);
}

int kvmcap_set_params(struct kvmcap_source *source, const struct kvmcap_params *params)
{
	struct kvmcap_params copy = *params;

	if (source->replay)
		return -EOPNOTSUPP;
	return do_ioctl(source, KVMCAP_IOC_SET_PARAMS, &copy);
}

int kvmcap_refresh(struct kvmcap_source *source)
{
	struct kvmcap_refresh refresh = { 0 };

	if (source->replay)
		return -EOPNOTSUPP;
	return do_ioctl(source, KVMCAP_IOC_REFRESH, &refresh);
}

/* As the driver answers KVMCAP_IOC_ACK. */
static int ack_in_memory(struct kvmcap_source *source, uint64_t sequence, bool arm)
{
	struct kvmcap_snapshot snapshot;
	int err = kvmcap_snapshot(source, &snapshot);

	if (err)
		return err;
	if (sequence > snapshot.header.committed)
		return -EINVAL;
	source->acked = sequence;
	source->armed = arm;
	return 0;
}

int kvmcap_ack(struct kvmcap_source *source, uint64_t sequence, bool arm)
{
	struct kvmcap_ack ack = { .sequence = sequence, .flags = arm ? KVMCAP_ACK_ARM : 0 };

	if (source->replay)
		return kvmcap_replay_ack(source->replay, sequence, arm);
	if (source->in_memory)
		return ack_in_memory(source, sequence, arm);
	return do_ioctl(source, KVMCAP_IOC_ACK, &ack);
}

uint64_t kvmcap_memory_acked(const struct kvmcap_source *source, bool *armed)
{
	*armed = source->armed;
	return source->acked;
}
