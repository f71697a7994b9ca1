// SPDX-License-Identifier: Apache-2.0
/*
 * What write(2), read(2) and poll(2) of /dev/kvmhidN take and refuse.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#include "kselftest_harness.h"

#define ARRAY_LENGTH(a)	(sizeof(a) / sizeof((a)[0]))
#define QUEUE_BOUND	2000	/* events that no queue has room for */
#define STALL_MS	300	/* after it, a pointer that is not polled is given up */

FIXTURE(node)
{
	struct gadget gadget;
	struct host host;
	int fd;
};

FIXTURE_SETUP(node)
{
	const char *missing = gadget_missing(1);

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(gadget_make(&self->gadget, 0), 0);
	ASSERT_EQ(gadget_bind(&self->gadget), 0);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	self->fd = gadget_open(&self->gadget, O_RDWR | O_NONBLOCK);
	ASSERT_GE(self->fd, 0);
	ASSERT_TRUE(wait_configured(self->fd, true));
	ASSERT_EQ(host_open_evdev(&self->host), 0);
}

FIXTURE_TEARDOWN(node)
{
	close(self->fd);
	host_close(&self->host);
	gadget_remove(&self->gadget);
}

struct bad_event {
	const char *what;
	struct kvmhid_event event;
};

#define BAD_KEY(...)	{ .type = KVMHID_EVENT_KEY, .key = { __VA_ARGS__ } }
#define BAD_POINTER(...)	{ .type = KVMHID_EVENT_POINTER, .pointer = { __VA_ARGS__ } }
#define BAD_RELATIVE(...)	{ .type = KVMHID_EVENT_RELATIVE, .relative = { __VA_ARGS__ } }
#define BAD_RELEASE(...)	{ .type = KVMHID_EVENT_RELEASE_ALL, __VA_ARGS__ }

static const struct bad_event bad_events[] = {
	{ "type 0", { .type = 0 } },
	{ "type 5", { .type = 5 } },
	{ "type 65535", { .type = 0xffff } },
	{ "flags", BAD_RELEASE(.flags = 1) },
	{ "page 0", BAD_KEY(.usage = USAGE_A, .down = 1) },
	{ "page 0x0c", BAD_KEY(.page = 0x0c, .usage = USAGE_A, .down = 1) },
	{ "usage 3", BAD_KEY(.page = 7, .usage = 3, .down = 1) },
	{ "usage 0xe8", BAD_KEY(.page = 7, .usage = 0xe8, .down = 1) },
	{ "usage 0x104", BAD_KEY(.page = 7, .usage = 0x104, .down = 1) },
	{ "down 2", BAD_KEY(.page = 7, .usage = USAGE_A, .down = 2) },
	{ "key.reserved[0]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [0] = 1 }) },
	{ "key.reserved[1]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [1] = 1 }) },
	{ "key.reserved[2]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [2] = 1 }) },
	{ "key.reserved[3]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [3] = 1 }) },
	{ "key.reserved[4]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [4] = 1 }) },
	{ "key.reserved[5]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [5] = 1 }) },
	{ "key.reserved[6]", BAD_KEY(.page = 7, .usage = USAGE_A, .reserved = { [6] = 1 }) },
	{ "x", BAD_POINTER(.x = 32768) },
	{ "y", BAD_POINTER(.y = 32768) },
	{ "pointer.wheel", BAD_POINTER(.wheel = -32768) },
	{ "pointer.pan", BAD_POINTER(.pan = -32768) },
	{ "pointer.buttons", BAD_POINTER(.buttons = 0x20) },
	{ "pointer.reserved", BAD_POINTER(.reserved = 1) },
	{ "dx", BAD_RELATIVE(.dx = -32768) },
	{ "dy", BAD_RELATIVE(.dy = -32768) },
	{ "relative.wheel", BAD_RELATIVE(.wheel = -32768) },
	{ "relative.pan", BAD_RELATIVE(.pan = -32768) },
	{ "relative.buttons", BAD_RELATIVE(.buttons = 0x20) },
	{ "relative.reserved", BAD_RELATIVE(.reserved = 1) },
	{ "release.reserved[0]", BAD_RELEASE(.reserved = { [0] = 1 }) },
	{ "release.reserved[11]", BAD_RELEASE(.reserved = { [11] = 1 }) },
};

TEST_F(node, bad_events)
{
	struct kvmhid_state state;
	unsigned int i;

	for (i = 0; i < ARRAY_LENGTH(bad_events); i++) {
		EXPECT_EQ(write_events(self->fd, &bad_events[i].event, 1), -EINVAL) {
			TH_LOG("%s", bad_events[i].what);
		}
	}
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_EQ(state.queued, 0);
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
	EXPECT_TRUE(quiet(self->host.evdev[POINTER]));
}

/* One bad event among good ones: none of them happens. */
TEST_F(node, all_or_nothing)
{
	struct kvmhid_event events[4];
	unsigned int i;

	for (i = 0; i < ARRAY_LENGTH(events); i++)
		events[i] = key_event(USAGE_A + i, true);
	events[3].flags = 1;
	EXPECT_EQ(write_events(self->fd, events, 4), -EINVAL);
	EXPECT_EQ(write_key(self->fd, USAGE_ENTER, true), 0);
	EXPECT_TRUE(key_is(self->host.evdev[KEYBOARD], USAGE_ENTER, true));
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
}

TEST_F(node, lengths)
{
	struct kvmhid_event events[KVMHID_WRITE_MAX + 2];
	unsigned int i;

	for (i = 0; i < ARRAY_LENGTH(events); i++)
		events[i] = key_event(USAGE_A, i % 2 == 0);
	EXPECT_EQ(write(self->fd, events, 0), 0);
	EXPECT_EQ(write(self->fd, events, 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(write(self->fd, events, sizeof(events[0]) - 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(write(self->fd, events, sizeof(events[0]) + 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(write_events(self->fd, events, KVMHID_WRITE_MAX + 1), -EMSGSIZE);
	EXPECT_EQ(write(self->fd, events, (KVMHID_WRITE_MAX + 1) * sizeof(events[0]) + 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
	EXPECT_EQ(write_events(self->fd, events, KVMHID_WRITE_MAX), 0);
}

TEST_F(node, bad_buffers)
{
	long page = sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, (size_t)(2 * page), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvmhid_event *events;
	int fd;

	ASSERT_NE(memory, MAP_FAILED);
	ASSERT_EQ(mprotect(memory + page, (size_t)page, PROT_NONE), 0);
	events = (void *)(memory + page - sizeof(*events));
	*events = key_event(USAGE_A, true);
	EXPECT_EQ(write_events(self->fd, events, 2), -EFAULT);
	EXPECT_EQ(read(self->fd, memory + page, sizeof(struct kvmhid_state)), -1);
	EXPECT_EQ(errno, EAGAIN);
	fd = gadget_open(&self->gadget, O_RDONLY);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(read(fd, memory + page, sizeof(struct kvmhid_state)), -1);
	EXPECT_EQ(errno, EFAULT);
	close(fd);
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
	munmap(memory, (size_t)(2 * page));
}

TEST_F(node, other_calls)
{
	struct kvmhid_state state;
	int fd;

	EXPECT_EQ(lseek(self->fd, 0, SEEK_SET), -1);
	EXPECT_EQ(errno, ESPIPE);
	EXPECT_EQ(ioctl(self->fd, _IO('k', 1)), -1);
	EXPECT_EQ(errno, ENOTTY);
	EXPECT_EQ(mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);

	fd = gadget_open(&self->gadget, O_RDONLY);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(write_key(fd, USAGE_A, true), -EBADF);
	close(fd);
	fd = gadget_open(&self->gadget, O_WRONLY);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(read(fd, &state, sizeof(state)), -1);
	EXPECT_EQ(errno, EBADF);
	close(fd);
}

TEST_F(node, read_state)
{
	int fd = gadget_open(&self->gadget, O_RDWR | O_NONBLOCK);
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN | POLLOUT };
	struct kvmhid_state state[2];

	ASSERT_GE(fd, 0);
	memset(state, 0xff, sizeof(state));
	EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
	EXPECT_EQ(poll_fd.revents, POLLIN | POLLOUT);
	EXPECT_EQ(read(fd, state, sizeof(state[0]) - 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(read(fd, state, 0), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(read(fd, state, sizeof(state)), (ssize_t)sizeof(state[0]));
	EXPECT_EQ(state[0].size, sizeof(state[0]));
	EXPECT_EQ(state[0].flags & (KVMHID_STATE_CONFIGURED | KVMHID_STATE_SUSPENDED),
		  KVMHID_STATE_CONFIGURED);
	EXPECT_EQ(state[0].keyboard_protocol, KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(state[0].pointer_protocol, KVMHID_PROTOCOL_REPORT);
	EXPECT_EQ(state[0].reserved, 0);
	EXPECT_EQ(state[0].queued, 0);
	EXPECT_EQ(state[0].dropped, 0);
	EXPECT_EQ(state[1].size, 0xffffffff);

	EXPECT_EQ(read(fd, state, sizeof(state)), -1);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
	EXPECT_EQ(poll_fd.revents, POLLOUT);
	close(fd);
}

TEST_F(node, not_configured)
{
	struct pollfd poll_fd = { .fd = self->fd, .events = POLLOUT };

	ASSERT_EQ(host_configure(&self->host, 0), 0);
	EXPECT_TRUE(wait_configured(self->fd, false));
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), -ENOTCONN);
	EXPECT_EQ(poll(&poll_fd, 1, 0), 0);

	ASSERT_EQ(host_configure(&self->host, 1), 0);
	EXPECT_TRUE(wait_configured(self->fd, true));
	EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
	host_close(&self->host);
	ASSERT_EQ(host_open_evdev(&self->host), 0);
	EXPECT_FALSE(any_key_down(self->host.evdev[KEYBOARD]));
	EXPECT_EQ(write_key(self->fd, USAGE_ENTER, true), 0);
	EXPECT_TRUE(key_is(self->host.evdev[KEYBOARD], USAGE_ENTER, true));
}

/* Writes A down, A up, ... until there is no room. Returns how many went. */
static unsigned int fill(int fd)
{
	unsigned int n = 0;

	while (n < QUEUE_BOUND && !write_key(fd, USAGE_A, n % 2 == 0))
		n++;
	return n;
}

TEST_F(node, full)
{
	struct pollfd poll_fd = { .fd = self->fd, .events = POLLOUT };
	struct kvmhid_event click = place_event(1, 1, 1);
	struct kvmhid_state state;
	uint8_t report[64];
	unsigned int n, i;

	host_close(&self->host);
	ASSERT_EQ(host_claim(&self->host), 0);
	n = fill(self->fd);
	EXPECT_GT(n, 2 * KVMHID_WRITE_MAX);
	ASSERT_LT(n, QUEUE_BOUND);
	EXPECT_EQ(n % 2, 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), -EAGAIN);
	EXPECT_EQ(poll(&poll_fd, 1, 0), 0);
	EXPECT_EQ(write_events(self->fd, &click, 1), 0);
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_GE(state.queued, n - 2);

	/* The host comes back and finds everything, in order. */
	for (i = 0; i < n; i++) {
		ASSERT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS),
			  29);
		EXPECT_EQ(report[0], i % 2 ? 0 : 1 << USAGE_A);
	}
	EXPECT_EQ(poll(&poll_fd, 1, WAIT_MS), 1);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS), 29);
}

static void nothing(int number)
{
	(void)number;
}

/* A child that writes one key, blocking; what its write returned comes by a pipe. */
static pid_t blocked_writer(const struct gadget *gadget, int *result_fd)
{
	struct sigaction action = { .sa_handler = nothing };
	int fds[2], fd, result;
	pid_t child;

	if (pipe(fds))
		return -1;
	child = fork();
	if (child) {
		close(fds[1]);
		*result_fd = fds[0];
		return child;
	}
	sigaction(SIGUSR1, &action, NULL);
	fd = gadget_open(gadget, O_WRONLY);
	result = fd < 0 ? fd : write_key(fd, USAGE_ENTER, true);
	_exit(write(fds[1], &result, sizeof(result)) != sizeof(result));
}

static bool sleeps(void *context)
{
	char path[64], stat[512];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", *(pid_t *)context);
	if (get(path, stat, sizeof(stat)))
		return false;
	end = strrchr(stat, ')');
	return end && end[1] && end[2] == 'S';
}

TEST_F(node, blocking)
{
	struct pollfd poll_fd = { .events = POLLIN };
	uint8_t report[64];
	int result = -1, status;
	unsigned int n, i;
	pid_t child;

	host_close(&self->host);
	ASSERT_EQ(host_claim(&self->host), 0);
	n = fill(self->fd);

	/* It waits, and a signal ends that. */
	child = blocked_writer(&self->gadget, &poll_fd.fd);
	ASSERT_GT(child, 0);
	ASSERT_TRUE(wait_until(sleeps, &child));
	EXPECT_EQ(poll(&poll_fd, 1, QUIET_MS), 0);
	ASSERT_EQ(kill(child, SIGUSR1), 0);
	EXPECT_EQ(read(poll_fd.fd, &result, sizeof(result)), (ssize_t)sizeof(result));
	EXPECT_EQ(result, -EINTR);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	close(poll_fd.fd);

	/* So does the host. */
	child = blocked_writer(&self->gadget, &poll_fd.fd);
	ASSERT_GT(child, 0);
	ASSERT_TRUE(wait_until(sleeps, &child));
	for (i = 0; i < n; i++)
		ASSERT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS),
			  29);
	EXPECT_EQ(poll(&poll_fd, 1, WAIT_MS), 1);
	EXPECT_EQ(read(poll_fd.fd, &result, sizeof(result)), (ssize_t)sizeof(result));
	EXPECT_EQ(result, 0);
	EXPECT_EQ(waitpid(child, &status, 0), child);
	close(poll_fd.fd);
}

/* A firmware that knows no mouse: clicks for it must not stop the keyboard. */
TEST_F(node, pointer_not_polled)
{
	struct kvmhid_event click = place_event(1, 1, 0);
	struct kvmhid_state state;
	uint8_t report[64];
	unsigned int i;

	host_close(&self->host);
	ASSERT_EQ(host_claim(&self->host), 0);
	for (i = 0; i < 4; i++) {
		click.pointer.buttons ^= 1;
		EXPECT_EQ(write_events(self->fd, &click, 1), 0);
	}
	sleep_ms(STALL_MS);
	for (i = 0; i < QUEUE_BOUND; i++) {
		click.pointer.buttons ^= 1;
		ASSERT_EQ(write_events(self->fd, &click, 1), 0);
	}
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_EQ(host_report(&self->host, KEYBOARD, report, sizeof(report), REPORT_MS), 29);
	EXPECT_EQ(report[0], 1 << USAGE_A);
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_GT(state.dropped, QUEUE_BOUND / 2);

	/* What it finds when it looks ends with the newest state. */
	click = place_event(32767, 0, 2);
	EXPECT_EQ(write_events(self->fd, &click, 1), 0);
	do {
		ASSERT_EQ(host_report(&self->host, POINTER, report, sizeof(report), REPORT_MS), 7);
	} while (report[0] != 2);
	EXPECT_EQ(report[1] | report[2] << 8, 32767);
	EXPECT_EQ(host_report(&self->host, POINTER, report, sizeof(report), QUIET_MS),
		  -ETIMEDOUT);
}

TEST_HARNESS_MAIN
