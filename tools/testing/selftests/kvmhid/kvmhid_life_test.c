// SPDX-License-Identifier: Apache-2.0
/*
 * Whatever ends: a descriptor, its process, the function, the connection, the
 * bus's state. No key stays down and nobody waits for ever.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#include "kselftest_harness.h"

#define MODULE		"usb_f_kvmhid"
#define LOAD_ROUNDS	8
#define LOAD_MS		50	/* how long each is under load: no bound, just some */

FIXTURE(life)
{
	struct gadget gadget;
	struct host host;
	int fd;
	int keyboard;
	int pointer;
};

FIXTURE_SETUP(life)
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
	self->keyboard = self->host.evdev[KEYBOARD];
	self->pointer = self->host.evdev[POINTER];
}

FIXTURE_TEARDOWN(life)
{
	close(self->fd);
	host_close(&self->host);
	gadget_remove(&self->gadget);
}

/* Ctrl and A go down, and the host says so. */
static bool chord(int fd, int keyboard)
{
	return !write_key(fd, USAGE_CTRL, true) && !write_key(fd, USAGE_A, true) &&
	       key_is(keyboard, USAGE_CTRL, true) && key_is(keyboard, USAGE_A, true);
}

static bool chord_released(int keyboard)
{
	return key_is(keyboard, USAGE_A, false) && key_is(keyboard, USAGE_CTRL, false);
}

TEST_F(life, close)
{
	struct kvmhid_event click = motion_event(0, 0, 1);
	int other = dup(self->fd);

	ASSERT_TRUE(chord(self->fd, self->keyboard));
	ASSERT_EQ(write_events(self->fd, &click, 1), 0);
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 1));
	EXPECT_TRUE(event_is(self->pointer, EV_ABS, ABS_X, 16384));
	EXPECT_TRUE(event_is(self->pointer, EV_ABS, ABS_Y, 16384));
	close(self->fd);
	/* Not the last one yet. */
	EXPECT_TRUE(quiet(self->keyboard));
	EXPECT_TRUE(quiet(self->pointer));
	close(other);
	EXPECT_TRUE(chord_released(self->keyboard));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 0));
	self->fd = -1;
}

TEST_F(life, killed)
{
	pid_t child = fork();
	int fd, status;

	if (!child) {
		fd = gadget_open(&self->gadget, O_WRONLY);
		write_key(fd, USAGE_CTRL, true);
		write_key(fd, USAGE_A, true);
		for (;;)
			pause();
	}
	ASSERT_GT(child, 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, true));
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, true));
	ASSERT_EQ(kill(child, SIGKILL), 0);
	ASSERT_EQ(waitpid(child, &status, 0), child);
	EXPECT_TRUE(chord_released(self->keyboard));
	EXPECT_FALSE(any_key_down(self->keyboard));
}

TEST_F(life, two_descriptors)
{
	int other = gadget_open(&self->gadget, O_WRONLY);

	ASSERT_GE(other, 0);
	ASSERT_TRUE(chord(self->fd, self->keyboard));
	ASSERT_EQ(write_key(other, USAGE_CTRL, true), 0);
	ASSERT_EQ(write_key(other, USAGE_ENTER, true), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_ENTER, true));
	/* Neither can release what the other holds. */
	ASSERT_EQ(write_key(other, USAGE_A, false), 0);
	ASSERT_EQ(write_key(self->fd, USAGE_ENTER, false), 0);
	ASSERT_EQ(write_key(self->fd, USAGE_CTRL, false), 0);
	EXPECT_TRUE(quiet(self->keyboard));
	close(other);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_ENTER, false));
	EXPECT_TRUE(key_is(self->keyboard, USAGE_CTRL, false));
	EXPECT_TRUE(quiet(self->keyboard));
	EXPECT_TRUE(key_is_down(self->keyboard, KEY_A));
	ASSERT_EQ(write_key(self->fd, USAGE_A, false), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, false));
}

TEST_F(life, unbind)
{
	struct pollfd poll_fd = { .fd = self->fd, .events = POLLIN | POLLOUT };
	struct kvmhid_state state;
	int fd;

	ASSERT_TRUE(chord(self->fd, self->keyboard));
	ASSERT_EQ(gadget_unbind(&self->gadget), 0);
	EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
	EXPECT_EQ(poll_fd.revents, POLLHUP | POLLERR);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), -ENODEV);
	EXPECT_EQ(read(self->fd, &state, sizeof(state)), -1);
	EXPECT_EQ(errno, ENODEV);
	EXPECT_LT(gadget_open(&self->gadget, O_RDWR), 0);
	EXPECT_TRUE(host_gone(&self->gadget));

	/* Bound again, it is another device: the old descriptor stays dead. */
	ASSERT_EQ(gadget_bind(&self->gadget), 0);
	host_close(&self->host);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	fd = gadget_open(&self->gadget, O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(wait_configured(fd, true));
	ASSERT_EQ(host_open_evdev(&self->host), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), -ENODEV);
	EXPECT_EQ(write_key(fd, USAGE_A, true), 0);
	EXPECT_TRUE(key_is(self->host.evdev[KEYBOARD], USAGE_A, true));
	close(self->fd);
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
	close(fd);
	EXPECT_TRUE(key_is(self->host.evdev[KEYBOARD], USAGE_A, false));
	self->fd = -1;
}

/* A reader that waits is told. */
TEST_F(life, unbind_wakes_reader)
{
	struct kvmhid_state state;
	pid_t child = fork();
	int fd, status;

	if (!child) {
		fd = gadget_open(&self->gadget, O_RDONLY);
		while (read(fd, &state, sizeof(state)) == sizeof(state))
			;
		_exit(errno == ENODEV ? 0 : 1);
	}
	ASSERT_GT(child, 0);
	sleep_ms(LOAD_MS);
	ASSERT_EQ(gadget_unbind(&self->gadget), 0);
	ASSERT_EQ(waitpid(child, &status, 0), child);
	EXPECT_EQ(status, 0);
}

/* Writes, reads and opens until it is killed. */
static pid_t hammer(const struct gadget *gadget, unsigned int which)
{
	struct kvmhid_event events[8];
	struct kvmhid_state state;
	unsigned int i;
	pid_t child = fork();
	int fd;

	if (child)
		return child;
	for (i = 0; i < 8; i += 2) {
		events[i] = key_event(USAGE_A + which * 4 + i / 2, true);
		events[i + 1] = motion_event(10, -10, i & 3);
	}
	for (;;) {
		fd = gadget_open(gadget, O_RDWR | O_NONBLOCK);
		if (fd < 0)
			continue;
		for (i = 0; i < 20; i++) {
			write_events(fd, events, 8);
			if (read(fd, &state, sizeof(state)) < 0 && errno == ENODEV)
				break;
		}
		close(fd);
	}
}

static bool nothing_queued(void *context)
{
	struct kvmhid_state state;

	return !state_now(context, &state) && !state.queued;
}

TEST_F(life, unbind_under_load)
{
	unsigned int round, i;
	pid_t children[2];
	int fd;

	for (i = 0; i < 2; i++) {
		children[i] = hammer(&self->gadget, i);
		EXPECT_GT(children[i], 0);
	}
	host_close(&self->host);
	for (round = 0; round < LOAD_ROUNDS; round++) {
		sleep_ms(LOAD_MS * (round % 3));
		EXPECT_EQ(gadget_unbind(&self->gadget), 0);
		EXPECT_EQ(gadget_bind(&self->gadget), 0);
		if (round % 2)
			EXPECT_EQ(host_find(&self->host, &self->gadget), 0);
	}
	for (i = 0; i < 2; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}

	/* It works, and nothing is down. */
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	fd = gadget_open(&self->gadget, O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(wait_configured(fd, true));
	ASSERT_EQ(host_open_evdev(&self->host), 0);
	/* What they wrote last was waiting for somebody to listen. */
	EXPECT_TRUE(wait_until(nothing_queued, &self->gadget));
	do {
		drain(self->host.evdev[KEYBOARD]);
	} while (!quiet(self->host.evdev[KEYBOARD]));
	EXPECT_FALSE(any_key_down(self->host.evdev[KEYBOARD]));
	EXPECT_TRUE(chord(fd, self->host.evdev[KEYBOARD]));
	close(fd);
	EXPECT_TRUE(chord_released(self->host.evdev[KEYBOARD]));
}

/* The cable is pulled in the middle of a chord, and put back. */
TEST_F(life, power)
{
	struct kvmhid_state state;

	ASSERT_TRUE(chord(self->fd, self->keyboard));
	ASSERT_EQ(host_power(&self->host, false), 0);
	EXPECT_TRUE(wait_configured(self->fd, false));
	EXPECT_EQ(write_key(self->fd, USAGE_ENTER, true), -ENOTCONN);
	EXPECT_TRUE(host_gone(&self->gadget));
	ASSERT_EQ(host_power(&self->host, true), 0);
	EXPECT_TRUE(wait_configured(self->fd, true));
	host_close(&self->host);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	ASSERT_EQ(host_open_evdev(&self->host), 0);
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
	EXPECT_FALSE(any_key_down(self->host.evdev[KEYBOARD]));
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	EXPECT_GE(state.resets, 1);

	/* What the descriptor held is forgotten on this side as well. */
	EXPECT_TRUE(chord(self->fd, self->host.evdev[KEYBOARD]));
}

/* The device lets go of the bus. (dummy_hcd does not take it up again.) */
TEST_F(life, soft_disconnect)
{
	ASSERT_TRUE(chord(self->fd, self->keyboard));
	ASSERT_EQ(gadget_connect(&self->gadget, false), 0);
	EXPECT_TRUE(wait_configured(self->fd, false));
	EXPECT_EQ(write_key(self->fd, USAGE_ENTER, true), -ENOTCONN);
	EXPECT_TRUE(host_gone(&self->gadget));
}

/*
 * The host resets the device in the middle of a chord. Its input layer goes on
 * and has to be told that the keys are up.
 */
TEST_F(life, reset)
{
	struct kvmhid_event press = motion_event(0, 0, 1);
	struct kvmhid_state before, after;
	char bus[8], device[8], node[64];

	ASSERT_EQ(get_in(self->host.path, "busnum", bus, sizeof(bus)), 0);
	ASSERT_EQ(get_in(self->host.path, "devnum", device, sizeof(device)), 0);
	snprintf(node, sizeof(node), "/dev/bus/usb/%03u/%03u",
		 (unsigned int)strtoul(bus, NULL, 10), (unsigned int)strtoul(device, NULL, 10));
	self->host.usb = open(node, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->host.usb, 0);

	ASSERT_TRUE(chord(self->fd, self->keyboard));
	ASSERT_EQ(write_events(self->fd, &press, 1), 0);
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 1));
	EXPECT_TRUE(event_is(self->pointer, EV_ABS, ABS_X, 16384));
	EXPECT_TRUE(event_is(self->pointer, EV_ABS, ABS_Y, 16384));
	ASSERT_EQ(state_now(&self->gadget, &before), 0);
	ASSERT_EQ(host_reset(&self->host), 0);
	EXPECT_TRUE(wait_configured(self->fd, true));
	EXPECT_TRUE(chord_released(self->keyboard));
	EXPECT_TRUE(event_is(self->pointer, EV_KEY, BTN_LEFT, 0));
	EXPECT_FALSE(any_key_down(self->keyboard));
	ASSERT_EQ(state_now(&self->gadget, &after), 0);
	EXPECT_GT(after.resets, before.resets);

	EXPECT_TRUE(chord(self->fd, self->keyboard));
	close(self->fd);
	EXPECT_TRUE(chord_released(self->keyboard));
	self->fd = -1;
}

/* What waits is thrown away by a reset, and counted. */
TEST_F(life, reset_drops)
{
	struct kvmhid_state state;
	unsigned int i;

	host_close(&self->host);
	ASSERT_EQ(host_claim(&self->host), 0);
	for (i = 0; i < 100; i++)
		ASSERT_EQ(write_key(self->fd, USAGE_A, i % 2 == 0), 0);
	ASSERT_EQ(host_reset(&self->host), 0);
	ASSERT_EQ(state_now(&self->gadget, &state), 0);
	/* All but what was on its way already. */
	EXPECT_GE(state.dropped, 90);
	EXPECT_LE(state.queued, 1);
}

/* The host suspends the device when it is idle; Linux does not while a LED is on. */
static bool suspend(struct host *host, int fd)
{
	return !clear_leds(host->evdev[KEYBOARD]) &&
	       !put_in(host->path, "power/autosuspend_delay_ms", "0") &&
	       !put_in(host->path, "power/control", "auto") &&
	       wait_flags(fd, KVMHID_STATE_SUSPENDED, KVMHID_STATE_SUSPENDED);
}

/* A key wakes a host that allows it. */
TEST_F(life, wakeup)
{
	ASSERT_TRUE(suspend(&self->host, self->fd));
	ASSERT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, true));
	ASSERT_EQ(write_key(self->fd, USAGE_A, false), 0);
	EXPECT_TRUE(key_is(self->keyboard, USAGE_A, false));
	ASSERT_EQ(put_in(self->host.path, "power/control", "on"), 0);
	EXPECT_TRUE(wait_flags(self->fd, KVMHID_STATE_SUSPENDED | KVMHID_STATE_CONFIGURED,
			       KVMHID_STATE_CONFIGURED));
}

/* Asleep, and not to be woken: what is written waits until the host resumes. */
TEST_F(life, no_wakeup)
{
	gadget_unbind(&self->gadget);
	unlink(self->gadget.link);
	ASSERT_EQ(gadget_attribute(&self->gadget, "wakeup", "0"), 0);
	ASSERT_EQ(gadget_bind(&self->gadget), 0);
	close(self->fd);
	host_close(&self->host);
	ASSERT_EQ(host_find(&self->host, &self->gadget), 0);
	self->fd = gadget_open(&self->gadget, O_RDWR | O_NONBLOCK);
	ASSERT_GE(self->fd, 0);
	ASSERT_TRUE(wait_configured(self->fd, true));
	ASSERT_EQ(host_open_evdev(&self->host), 0);

	ASSERT_TRUE(suspend(&self->host, self->fd));
	ASSERT_EQ(write_key(self->fd, USAGE_A, true), 0);
	EXPECT_TRUE(quiet(self->host.evdev[KEYBOARD]));
	ASSERT_EQ(put_in(self->host.path, "power/control", "on"), 0);
	EXPECT_TRUE(key_is(self->host.evdev[KEYBOARD], USAGE_A, true));
}

static int unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

TEST_F(life, unload)
{
	/* Linked; then only open; then neither. */
	EXPECT_LT(unload(), 0);
	gadget_remove(&self->gadget);
	EXPECT_LT(unload(), 0);
	EXPECT_EQ(write_key(self->fd, USAGE_A, true), -ENODEV);
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(unload(), 0);
	EXPECT_EQ(system("modprobe " MODULE), 0);
}

TEST_F(life, busy_attributes)
{
	static const char * const names[] = {
		"nkro", "pointer_boot", "interrupt_out", "wakeup", "interval",
	};
	char value[16];
	unsigned int i;

	for (i = 0; i < 5; i++)
		EXPECT_EQ(gadget_attribute(&self->gadget, names[i], i < 4 ? "0" : "1000"), -EBUSY);
	EXPECT_EQ(gadget_attribute(&self->gadget, "dev", "1:1"), -EACCES);
	gadget_unbind(&self->gadget);
	EXPECT_EQ(gadget_attribute(&self->gadget, "nkro", "0"), -EBUSY);
	unlink(self->gadget.link);
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(gadget_attribute(&self->gadget, names[i], i < 4 ? "2" : "124"), -EINVAL);
		EXPECT_EQ(gadget_attribute(&self->gadget, names[i], i < 4 ? "-1" : "128001"),
			  -EINVAL);
		EXPECT_EQ(gadget_attribute(&self->gadget, names[i], "x"), -EINVAL);
		EXPECT_EQ(gadget_attribute(&self->gadget, names[i], i < 4 ? "1" : "4000"), 0);
		EXPECT_EQ(get_in(self->gadget.function, names[i], value, sizeof(value)), 0);
		EXPECT_STREQ(value, i < 4 ? "1" : "4000");
	}
}

/* Two functions in one gadget, and two gadgets: each has its own keys. */
TEST(several)
{
	const char *missing = gadget_missing(GADGETS);
	struct gadget gadgets[3];
	struct host hosts[3];
	unsigned int i, j;
	int fds[3];

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(gadget_make(&gadgets[0], 0), 0);
	ASSERT_EQ(gadget_add(&gadgets[0], &gadgets[1]), 0);
	ASSERT_EQ(gadget_make(&gadgets[2], 1), 0);
	ASSERT_EQ(gadget_bind(&gadgets[0]), 0);
	ASSERT_EQ(gadget_bind(&gadgets[2]), 0);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(host_find_function(&hosts[i], &gadgets[i], i % 2), 0);
		fds[i] = gadget_open(&gadgets[i], O_RDWR | O_NONBLOCK);
		ASSERT_GE(fds[i], 0);
		ASSERT_TRUE(wait_configured(fds[i], true));
		ASSERT_EQ(host_open_evdev(&hosts[i]), 0);
	}
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(write_key(fds[i], USAGE_A + i, true), 0);
		for (j = 0; j < 3; j++)
			EXPECT_TRUE(i == j ? key_is(hosts[j].evdev[KEYBOARD], USAGE_A + i, true) :
					     quiet(hosts[j].evdev[KEYBOARD]));
	}

	/* One goes, the others stay. */
	ASSERT_EQ(gadget_unbind(&gadgets[2]), 0);
	EXPECT_EQ(write_key(fds[2], USAGE_ENTER, true), -ENODEV);
	EXPECT_EQ(write_key(fds[1], USAGE_ENTER, true), 0);
	EXPECT_TRUE(key_is(hosts[1].evdev[KEYBOARD], USAGE_ENTER, true));
	EXPECT_TRUE(quiet(hosts[0].evdev[KEYBOARD]));
	for (i = 0; i < 3; i++) {
		close(fds[i]);
		host_close(&hosts[i]);
	}
	gadget_remove(&gadgets[0]);
	gadget_remove(&gadgets[2]);
}

TEST_HARNESS_MAIN
