// SPDX-License-Identifier: Apache-2.0
/*
 * What /dev/kvmcapN refuses, and what it says of itself.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "device.h"

#define MAP_SIZE_MAX	(16u << 20)
#define MAP_SIZE_ASPEED	(4u << 20)	/* and kvmcap_fake's, which is like it */

FIXTURE(device)
{
	struct device rw;
	struct device ro;
	size_t page;
};

FIXTURE_SETUP(device)
{
	self->page = (size_t)sysconf(_SC_PAGESIZE);
	ASSERT_TRUE(device_open(&self->rw, O_RDWR));
	ASSERT_TRUE(device_open(&self->ro, O_RDONLY));
	screen_reset(&self->rw);
}

FIXTURE_TEARDOWN(device)
{
	device_close(&self->ro);
	device_close(&self->rw);
}

static bool is_zero(const void *data, size_t size)
{
	const uint8_t *byte = data;

	while (size--) {
		if (*byte++)
			return false;
	}
	return true;
}

/* --- the mapping ----------------------------------------------------------- */

TEST_F(device, header_describes_the_mapping)
{
	struct kvmcap_header header = device_header(&self->rw);
	struct kvmcap_query query;
	size_t index_size = (size_t)header.index_capacity * sizeof(struct kvmcap_tile);

	EXPECT_EQ(KVMCAP_MAGIC, header.magic);
	EXPECT_EQ(KVMCAP_ABI_VERSION, header.version);
	EXPECT_EQ(sizeof(header), header.header_size);
	EXPECT_EQ(sizeof(struct kvmcap_tile), header.tile_size);
	EXPECT_EQ(0, header.features);
	EXPECT_EQ(self->rw.size, header.map_size);
	EXPECT_EQ(0, header.map_size % self->page);
	EXPECT_LE(header.map_size, MAP_SIZE_MAX);
	ASSERT_EQ(0, ioctl(self->rw.fd, KVMCAP_IOC_QUERY, &query));
	if (self->rw.fake || !strncmp((const char *)query.engine, "aspeed-", 7))
		EXPECT_LE(header.map_size, MAP_SIZE_ASPEED);
	EXPECT_GE(header.index_offset, sizeof(header));
	EXPECT_GE(header.log_offset, header.index_offset + index_size);
	EXPECT_LE(header.log_offset + header.log_size, header.map_size);
	EXPECT_EQ(0, header.log_size % KVMCAP_RECORD_ALIGN);
	EXPECT_EQ(0, header.log_offset % KVMCAP_RECORD_ALIGN);
	EXPECT_GE(header.index_capacity, 2250);
}

TEST_F(device, header_reserves_zeroes)
{
	struct kvmcap_header header = device_header(&self->rw);

	EXPECT_EQ(0, header.reserved0);
	EXPECT_TRUE(is_zero(header.reserved1, sizeof(header.reserved1)));
	EXPECT_EQ(0, header.reserved2);
	EXPECT_TRUE(is_zero(header.reserved3, sizeof(header.reserved3)));
	EXPECT_TRUE(is_zero(self->rw.map + sizeof(header), header.index_offset - sizeof(header)));
}

TEST_F(device, query_describes_the_engine)
{
	struct kvmcap_query query;

	memset(&query, 0xff, sizeof(query));
	ASSERT_EQ(0, ioctl(self->ro.fd, KVMCAP_IOC_QUERY, &query));
	EXPECT_NE(NULL, memchr(query.engine, 0, sizeof(query.engine)));
	EXPECT_NE(0, query.engine[0]);
	EXPECT_EQ(0, query.features);
	EXPECT_GE(query.width_max, 1920);
	EXPECT_GE(query.height_max, 1200);
	EXPECT_NE(0, query.codecs);
	EXPECT_EQ(0, query.codecs & (1u << KVMCAP_CODEC_NONE));
	EXPECT_NE(0, query.subsamplings);
	EXPECT_NE(0, query.captures & (1u << KVMCAP_CAPTURE_WHOLE));
	EXPECT_EQ(0, query.reserved0);
	EXPECT_TRUE(is_zero(query.reserved, sizeof(query.reserved)));
}

FIXTURE(mapping)
{
	struct device device;
};

FIXTURE_VARIANT(mapping)
{
	int open;
	int prot;
	int flags;
	off_t offset;	/* in pages */
	int more;	/* pages beyond the end */
	int error;
};

FIXTURE_VARIANT_ADD(mapping, writable)
{
	.open = O_RDWR, .prot = PROT_READ | PROT_WRITE, .flags = MAP_SHARED, .error = EPERM,
};

FIXTURE_VARIANT_ADD(mapping, only_writable)
{
	.open = O_RDWR, .prot = PROT_WRITE, .flags = MAP_SHARED, .error = EPERM,
};

FIXTURE_VARIANT_ADD(mapping, writable_of_a_reader)
{
	.open = O_RDONLY, .prot = PROT_READ | PROT_WRITE, .flags = MAP_SHARED, .error = EACCES,
};

FIXTURE_VARIANT_ADD(mapping, executable)
{
	.open = O_RDONLY, .prot = PROT_READ | PROT_EXEC, .flags = MAP_SHARED, .error = EPERM,
};

FIXTURE_VARIANT_ADD(mapping, private)
{
	.open = O_RDWR, .prot = PROT_READ, .flags = MAP_PRIVATE, .error = EINVAL,
};

FIXTURE_VARIANT_ADD(mapping, private_and_writable)
{
	.open = O_RDWR, .prot = PROT_READ | PROT_WRITE, .flags = MAP_PRIVATE, .error = EPERM,
};

FIXTURE_VARIANT_ADD(mapping, at_an_offset)
{
	.open = O_RDWR, .prot = PROT_READ, .flags = MAP_SHARED, .offset = 1, .more = -1,
	.error = EINVAL,
};

FIXTURE_VARIANT_ADD(mapping, too_long)
{
	.open = O_RDWR, .prot = PROT_READ, .flags = MAP_SHARED, .more = 1, .error = EINVAL,
};

FIXTURE_SETUP(mapping)
{
	ASSERT_TRUE(device_open(&self->device, variant->open));
}

FIXTURE_TEARDOWN(mapping)
{
	device_close(&self->device);
}

TEST_F(mapping, is_refused)
{
	long page = sysconf(_SC_PAGESIZE);
	size_t size = self->device.size + (size_t)(variant->more * page);
	void *map = mmap(NULL, size, variant->prot, variant->flags, self->device.fd,
			 variant->offset * page);
	int error = errno;

	ASSERT_EQ(MAP_FAILED, map);
	EXPECT_EQ(variant->error, error);
}

TEST_F(device, part_of_it_can_be_mapped)
{
	struct kvmcap_header *header = mmap(NULL, self->page, PROT_READ, MAP_SHARED,
					    self->ro.fd, 0);

	ASSERT_NE(MAP_FAILED, header);
	EXPECT_EQ(KVMCAP_MAGIC, header->magic);
	munmap(header, self->page);
}

TEST_F(device, mapping_cannot_be_made_writable)
{
	EXPECT_EQ(-1, mprotect(self->rw.map, self->rw.size, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(self->rw.map, self->page, PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(self->ro.map, self->page, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
}

TEST_F(device, mapping_cannot_be_made_executable)
{
	EXPECT_EQ(-1, mprotect(self->rw.map, self->page, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
}

TEST_F(device, mapping_cannot_grow)
{
	EXPECT_EQ(MAP_FAILED, mremap(self->rw.map, self->rw.size, self->rw.size + self->page,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(device, mapping_cannot_be_doubled)
{
	EXPECT_EQ(MAP_FAILED, mremap(self->rw.map, 0, self->rw.size, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(device, mapping_can_move)
{
	uint8_t *map = mmap(NULL, self->rw.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(map, mremap(self->rw.map, self->rw.size, self->rw.size,
			      MREMAP_MAYMOVE | MREMAP_FIXED, map));
	self->rw.map = map;
	EXPECT_EQ(KVMCAP_MAGIC, device_header(&self->rw).magic);
}

TEST_F(device, mapping_outlives_its_descriptor)
{
	close(self->rw.fd);
	self->rw.fd = -1;
	EXPECT_EQ(KVMCAP_MAGIC, device_header(&self->rw).magic);
}

/* --- other calls ------------------------------------------------------------ */

TEST_F(device, is_no_file)
{
	char byte = 0;

	EXPECT_EQ(-1, read(self->rw.fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->rw.fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, lseek(self->rw.fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
}

FIXTURE(unknown)
{
	struct device device;
};

FIXTURE_VARIANT(unknown)
{
	unsigned long command;
};

FIXTURE_VARIANT_ADD(unknown, number)
{
	.command = _IO(KVMCAP_IOC_MAGIC, 0x06),
};

FIXTURE_VARIANT_ADD(unknown, last_number)
{
	.command = _IO(KVMCAP_IOC_MAGIC, 0xff),
};

FIXTURE_VARIANT_ADD(unknown, magic)
{
	.command = _IOR(KVMCAP_IOC_MAGIC + 1, 0x00, struct kvmcap_query),
};

FIXTURE_VARIANT_ADD(unknown, size)
{
	.command = _IOR(KVMCAP_IOC_MAGIC, 0x00, __u64),
};

FIXTURE_VARIANT_ADD(unknown, direction)
{
	.command = _IOR(KVMCAP_IOC_MAGIC, 0x01, struct kvmcap_ack),
};

FIXTURE_SETUP(unknown)
{
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
}

FIXTURE_TEARDOWN(unknown)
{
	device_close(&self->device);
}

TEST_F(unknown, ioctl_is_refused)
{
	uint8_t buffer[256] = { 0 };

	EXPECT_EQ(-1, ioctl(self->device.fd, variant->command, buffer));
	EXPECT_EQ(ENOTTY, errno);
}

TEST_F(device, reader_changes_nothing)
{
	struct kvmcap_refresh refresh = { 0 };
	struct kvmcap_params params;

	ASSERT_EQ(0, ioctl(self->ro.fd, KVMCAP_IOC_GET_PARAMS, &params));
	EXPECT_EQ(-1, ioctl(self->ro.fd, KVMCAP_IOC_SET_PARAMS, &params));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, ioctl(self->ro.fd, KVMCAP_IOC_REFRESH, &refresh));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, ioctl(self->rw.fd, KVMCAP_IOC_SET_PARAMS, &params));
	EXPECT_EQ(0, ioctl(self->rw.fd, KVMCAP_IOC_REFRESH, &refresh));
}

FIXTURE(pointer)
{
	struct device device;
	void *none;
};

FIXTURE_VARIANT(pointer)
{
	unsigned long command;
};

FIXTURE_VARIANT_ADD(pointer, query) { .command = KVMCAP_IOC_QUERY };
FIXTURE_VARIANT_ADD(pointer, ack) { .command = KVMCAP_IOC_ACK };
FIXTURE_VARIANT_ADD(pointer, get_params) { .command = KVMCAP_IOC_GET_PARAMS };
FIXTURE_VARIANT_ADD(pointer, set_params) { .command = KVMCAP_IOC_SET_PARAMS };
FIXTURE_VARIANT_ADD(pointer, refresh) { .command = KVMCAP_IOC_REFRESH };
FIXTURE_VARIANT_ADD(pointer, stats) { .command = KVMCAP_IOC_STATS };

FIXTURE_SETUP(pointer)
{
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
	self->none = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->none);
}

FIXTURE_TEARDOWN(pointer)
{
	device_close(&self->device);
}

TEST_F(pointer, to_nothing_is_refused)
{
	EXPECT_EQ(-1, ioctl(self->device.fd, variant->command, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->device.fd, variant->command, self->none));
	EXPECT_EQ(EFAULT, errno);
}

/* --- one field wrong at a time ----------------------------------------------- */

FIXTURE(field)
{
	struct device device;
};

FIXTURE_VARIANT(field)
{
	unsigned long command;
	size_t offset;
	size_t size;
	uint64_t value;
	int error;
};

#define FIELD(name, _command, type, member, _value, _error)		\
	FIXTURE_VARIANT_ADD(field, name)				\
	{								\
		.command = (_command),					\
		.offset = offsetof(struct type, member),			\
		.size = sizeof(((struct type *)0)->member),		\
		.value = (_value),					\
		.error = (_error),					\
	}

FIELD(ack_future, KVMCAP_IOC_ACK, kvmcap_ack, sequence, UINT64_MAX, EINVAL);
FIELD(ack_flag_1, KVMCAP_IOC_ACK, kvmcap_ack, flags, 1u << 1, EINVAL);
FIELD(ack_flag_31, KVMCAP_IOC_ACK, kvmcap_ack, flags, 1u << 31, EINVAL);
FIELD(ack_reserved, KVMCAP_IOC_ACK, kvmcap_ack, reserved, 1, EINVAL);
FIELD(params_codec, KVMCAP_IOC_SET_PARAMS, kvmcap_params, codec, KVMCAP_CODEC_RAW + 1, EINVAL);
FIELD(params_codec_max, KVMCAP_IOC_SET_PARAMS, kvmcap_params, codec, UINT32_MAX, EINVAL);
FIELD(params_codec_lacking, KVMCAP_IOC_SET_PARAMS, kvmcap_params, codec, KVMCAP_CODEC_PALETTE,
      EOPNOTSUPP);
FIELD(params_subsampling, KVMCAP_IOC_SET_PARAMS, kvmcap_params, subsampling, 2, EINVAL);
FIELD(params_subsampling_max, KVMCAP_IOC_SET_PARAMS, kvmcap_params, subsampling, UINT32_MAX,
      EINVAL);
FIELD(params_quality_low, KVMCAP_IOC_SET_PARAMS, kvmcap_params, quality, 0, EINVAL);
FIELD(params_quality_high, KVMCAP_IOC_SET_PARAMS, kvmcap_params, quality, 101, EINVAL);
FIELD(params_rate_low, KVMCAP_IOC_SET_PARAMS, kvmcap_params, max_rate, 999, EINVAL);
FIELD(params_rate_high, KVMCAP_IOC_SET_PARAMS, kvmcap_params, max_rate, 60001, EINVAL);
FIELD(params_capture, KVMCAP_IOC_SET_PARAMS, kvmcap_params, capture, 3, EINVAL);
FIELD(params_reserved0, KVMCAP_IOC_SET_PARAMS, kvmcap_params, reserved0, 1, EINVAL);
FIELD(params_reserved_0, KVMCAP_IOC_SET_PARAMS, kvmcap_params, reserved[0], 1, EINVAL);
FIELD(params_reserved_1, KVMCAP_IOC_SET_PARAMS, kvmcap_params, reserved[1], 1, EINVAL);
FIELD(params_reserved_2, KVMCAP_IOC_SET_PARAMS, kvmcap_params, reserved[2], 1, EINVAL);
FIELD(params_reserved_3, KVMCAP_IOC_SET_PARAMS, kvmcap_params, reserved[3], 1, EINVAL);
FIELD(params_reserved_4, KVMCAP_IOC_SET_PARAMS, kvmcap_params, reserved[4], 1ull << 63, EINVAL);
FIELD(refresh_flag_0, KVMCAP_IOC_REFRESH, kvmcap_refresh, flags, 1, EINVAL);
FIELD(refresh_flag_31, KVMCAP_IOC_REFRESH, kvmcap_refresh, flags, 1u << 31, EINVAL);
FIELD(refresh_reserved, KVMCAP_IOC_REFRESH, kvmcap_refresh, reserved, 1, EINVAL);

FIXTURE_SETUP(field)
{
	ASSERT_TRUE(device_open(&self->device, O_RDWR));
}

FIXTURE_TEARDOWN(field)
{
	device_close(&self->device);
}

TEST_F(field, is_refused)
{
	union {
		uint8_t bytes[64];
		struct kvmcap_params params;
	} before = { 0 }, good = { 0 }, bad, after = { 0 };

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &before));
	if (variant->command == KVMCAP_IOC_SET_PARAMS)
		good = before;

	/* What is refused is the field, not the rest. */
	ASSERT_EQ(0, ioctl(self->device.fd, variant->command, &good));
	bad = good;
	memcpy(bad.bytes + variant->offset, &variant->value, variant->size);
	ASSERT_EQ(-1, ioctl(self->device.fd, variant->command, &bad));
	EXPECT_EQ(variant->error, errno);

	ASSERT_EQ(0, ioctl(self->device.fd, KVMCAP_IOC_GET_PARAMS, &after));
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

TEST_HARNESS_MAIN
