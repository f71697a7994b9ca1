// SPDX-License-Identifier: Apache-2.0
/*
 * What /dev/kvmcap-simN takes, and what it refuses.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvmcap-sim.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"

#define DEVICE	"/dev/kvmcap-sim0"

FIXTURE(screen)
{
	int rw;
	int ro;
	struct kvmcap_sim_mode mode;
	size_t page;
};

FIXTURE_SETUP(screen)
{
	self->page = (size_t)sysconf(_SC_PAGESIZE);
	self->rw = open(DEVICE, O_RDWR);
	if (self->rw < 0 && errno == ENOENT)
		SKIP(return, "no " DEVICE);
	ASSERT_GE(self->rw, 0);
	self->ro = open(DEVICE, O_RDONLY);
	ASSERT_GE(self->ro, 0);
	self->mode = (struct kvmcap_sim_mode){ .width = 800, .height = 600, .signal = 1 };
	ASSERT_EQ(0, ioctl(self->rw, KVMCAP_SIM_IOC_SET_MODE, &self->mode));
	ASSERT_EQ(0, ioctl(self->rw, KVMCAP_SIM_IOC_GET_MODE, &self->mode));
}

FIXTURE_TEARDOWN(screen)
{
	close(self->ro);
	close(self->rw);
}

/* 0, or the errno. */
static int set(int fd, const struct kvmcap_sim_mode *mode)
{
	return ioctl(fd, KVMCAP_SIM_IOC_SET_MODE, mode) ? errno : 0;
}

TEST_F(screen, tells_its_mode)
{
	static const __u32 zero[4];

	EXPECT_EQ(800, self->mode.width);
	EXPECT_EQ(600, self->mode.height);
	EXPECT_EQ(1, self->mode.signal);
	EXPECT_GE(self->mode.vram_size, 4 * KVMCAP_SIM_WIDTH_MAX * KVMCAP_SIM_HEIGHT_MAX);
	EXPECT_EQ(0, memcmp(zero, self->mode.reserved, sizeof(zero)));
}

FIXTURE(edge)
{
	int fd;
};

FIXTURE_SETUP(edge)
{
	self->fd = open(DEVICE, O_RDWR);
	if (self->fd < 0 && errno == ENOENT)
		SKIP(return, "no " DEVICE);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(edge)
{
	close(self->fd);
}

FIXTURE_VARIANT(edge)
{
	struct kvmcap_sim_mode mode;
	int result;
};

#define EDGE(name, error, wide, high, ...)					\
	FIXTURE_VARIANT_ADD(edge, name)						\
	{									\
		.mode = { .width = (wide), .height = (high), __VA_ARGS__ },	\
		.result = (error),						\
	}

EDGE(narrowest, 0, 64, 480);
EDGE(too_narrow, EINVAL, 63, 480);
EDGE(widest, 0, KVMCAP_SIM_WIDTH_MAX, 480);
EDGE(too_wide, EINVAL, KVMCAP_SIM_WIDTH_MAX + 1, 480);
EDGE(no_width, EINVAL, 0, 480);
EDGE(lowest, 0, 640, 64);
EDGE(too_low, EINVAL, 640, 63);
EDGE(highest, 0, 640, KVMCAP_SIM_HEIGHT_MAX);
EDGE(too_high, EINVAL, 640, KVMCAP_SIM_HEIGHT_MAX + 1);
EDGE(negative, EINVAL, 640, (__u32)-480);
EDGE(signal, EINVAL, 640, 480, .signal = 2);
EDGE(vram_size_ignored, 0, 640, 480, .vram_size = 12345);
EDGE(reserved_0, EINVAL, 640, 480, .reserved = { 1 });
EDGE(reserved_1, EINVAL, 640, 480, .reserved = { 0, 1 });
EDGE(reserved_2, EINVAL, 640, 480, .reserved = { 0, 0, 1 });
EDGE(reserved_3, EINVAL, 640, 480, .reserved = { 0, 0, 0, 1 });

TEST_F(edge, of_modes)
{
	EXPECT_EQ(variant->result, set(self->fd, &variant->mode));
}

TEST_F(screen, refuses)
{
	char byte = 0;

	EXPECT_EQ(EBADF, set(self->ro, &self->mode));
	EXPECT_EQ(-1, ioctl(self->rw, KVMCAP_SIM_IOC_SET_MODE, (void *)1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->rw, KVMCAP_SIM_IOC_GET_MODE, (void *)1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->rw, _IO(KVMCAP_SIM_IOC_MAGIC, 0x7f), 0));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, write(self->ro, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, pwrite(self->rw, &byte, 1, self->mode.vram_size));
	EXPECT_EQ(ENOSPC, errno);
	EXPECT_EQ(0, pread(self->rw, &byte, 1, self->mode.vram_size));
	EXPECT_EQ(0, pwrite(self->rw, &byte, 0, 0));
}

TEST_F(screen, keeps_what_is_written)
{
	char text[] = "0123456789abcdef", back[sizeof(text)] = "";
	const off_t end = (off_t)self->mode.vram_size;

	EXPECT_EQ(16, pwrite(self->rw, text, 16, 1001));
	EXPECT_EQ(16, pread(self->ro, back, 16, 1001));
	EXPECT_EQ(0, memcmp(text, back, 16));
	/* What is beyond the end is left over. */
	EXPECT_EQ(4, pwrite(self->rw, text, 16, end - 4));
	EXPECT_EQ(4, pread(self->rw, back, 16, end - 4));
	EXPECT_EQ(end - 10, lseek(self->rw, -10, SEEK_END));
	EXPECT_EQ(10, write(self->rw, text, 16));
}

TEST_F(screen, is_all_or_nothing)
{
	/* The second half of what is to be written cannot be read. */
	char *pages = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *back = calloc(1, self->page);

	ASSERT_NE(MAP_FAILED, (void *)pages);
	ASSERT_NE(NULL, back);
	memset(pages, 0x5a, self->page);
	ASSERT_EQ(0, mprotect(pages + self->page, self->page, PROT_NONE));
	EXPECT_EQ(-1, pwrite(self->rw, pages, 2 * self->page, 0));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ((ssize_t)self->page, pread(self->rw, back, self->page, 0));
	EXPECT_EQ(0, back[0]);
	EXPECT_EQ(0, back[self->page - 1]);
	munmap(pages, 2 * self->page);
	free(back);
}

TEST_F(screen, is_blanked_by_another_mode_only)
{
	unsigned int pixel = 0x123456, back = 0;

	EXPECT_EQ(4, pwrite(self->rw, &pixel, 4, 0));
	self->mode.signal = 0;
	EXPECT_EQ(0, set(self->rw, &self->mode));
	EXPECT_EQ(4, pread(self->rw, &back, 4, 0));
	EXPECT_EQ(pixel, back);
	self->mode.width = 640;
	self->mode.signal = 1;
	EXPECT_EQ(0, set(self->rw, &self->mode));
	EXPECT_EQ(4, pread(self->rw, &back, 4, 0));
	EXPECT_EQ(0, back);
}

TEST_F(screen, can_be_mapped)
{
	size_t size = (self->mode.vram_size + self->page - 1) / self->page * self->page;
	unsigned int back = 0;
	unsigned int *vram = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, self->rw, 0);

	ASSERT_NE(MAP_FAILED, (void *)vram);
	vram[1000] = 0xabcdef;
	EXPECT_EQ(4, pread(self->rw, &back, 4, 4000));
	EXPECT_EQ(0xabcdef, back);
	munmap(vram, size);

	EXPECT_EQ(MAP_FAILED, mmap(NULL, size, PROT_READ, MAP_PRIVATE, self->rw, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, size + self->page, PROT_READ, MAP_SHARED, self->rw, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, self->rw,
				   (off_t)size));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ | PROT_WRITE, MAP_SHARED,
				   self->ro, 0));
	EXPECT_EQ(EACCES, errno);
}

TEST_HARNESS_MAIN
