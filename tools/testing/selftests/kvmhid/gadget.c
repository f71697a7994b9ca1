// SPDX-License-Identifier: Apache-2.0
/*
 * The device's side of the kvmhid selftests.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "gadget.h"

#define GADGETS_PATH	"/sys/kernel/config/usb_gadget"
#define STRINGS		"strings/0x409"
#define CONFIG		"configs/c.1"
#define FUNCTION	"functions/kvmhid.0"
#define SECOND		"functions/kvmhid.1"
#define SECOND_LINK	CONFIG "/kvmhid.1"

#define STRINGIFY(text)		STRINGIFY_(text)
#define STRINGIFY_(text)	#text

/* Linux Foundation, Multifunction Composite Gadget. */
#define VENDOR		"0x1d6b"
#define PRODUCT		"0x0104"

void sleep_ms(unsigned int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

unsigned long long now_ms(void)
{
	return (unsigned long long)kvmcap_now_ms();
}

bool wait_until(bool (*done)(void *context), void *context)
{
	unsigned long long end = now_ms() + WAIT_MS;

	while (!done(context)) {
		if (now_ms() > end)
			return false;
		sleep_ms(POLL_MS);
	}
	return true;
}

int put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int error = 0;

	if (fd < 0)
		return -errno;
	n = write(fd, value, strlen(value));
	if (n < 0)
		error = -errno;
	close(fd);
	return error;
}

int put_in(const char *directory, const char *name, const char *value)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return put(path, value);
}

int get(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int error = 0;

	if (fd < 0)
		return -errno;
	n = read(fd, value, size - 1);
	if (n < 0) {
		error = -errno;
		n = 0;
	}
	close(fd);
	value[n] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return error;
}

int get_in(const char *directory, const char *name, char *value, size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return get(path, value, size);
}

const char *gadget_missing(unsigned int gadgets)
{
	static char path[64];
	unsigned int i;

	if (geteuid())
		return "this needs root";
	/* Whatever of these is missing shows below or in the tests. */
	if (system("modprobe -qa dummy_hcd libcomposite usb_f_kvmhid usbhid hid-generic evdev"))
		fprintf(stderr, "# modprobe failed\n");
	if (access(GADGETS_PATH, F_OK))
		return "configfs has no " GADGETS_PATH;
	if (gadgets > 1 && access("/sys/class/udc/dummy_udc.1", F_OK) &&
	    system("modprobe -r dummy_hcd && modprobe dummy_hcd num=" STRINGIFY(GADGETS)))
		fprintf(stderr, "# modprobe failed\n");
	for (i = 0; i < gadgets; i++) {
		snprintf(path, sizeof(path), "/sys/class/udc/dummy_udc.%u", i);
		if (access(path, F_OK))
			return path;
	}
	return NULL;
}

static int make_directory(const char *base, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s%s", base, name[0] ? "/" : "", name);
	return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
}

static void remove_directory(const char *base, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s%s", base, name[0] ? "/" : "", name);
	rmdir(path);
}

void gadget_remove(struct gadget *gadget)
{
	char link[256];

	gadget_unbind(gadget);
	unlink(gadget->link);
	snprintf(link, sizeof(link), "%s/" SECOND_LINK, gadget->path);
	unlink(link);
	remove_directory(gadget->path, CONFIG);
	remove_directory(gadget->path, FUNCTION);
	remove_directory(gadget->path, SECOND);
	remove_directory(gadget->path, STRINGS);
	remove_directory(gadget->path, "");
}

static int find_node(struct gadget *gadget)
{
	char dev[32], link[64], target[128];
	ssize_t n;
	int error;

	error = get_in(gadget->function, "dev", dev, sizeof(dev));
	if (error)
		return error;
	snprintf(link, sizeof(link), "/sys/dev/char/%s", dev);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	snprintf(gadget->node, sizeof(gadget->node), "/dev/%.20s", strrchr(target, '/') + 1);
	return 0;
}

int gadget_make(struct gadget *gadget, unsigned int n)
{
	int error;

	memset(gadget, 0, sizeof(*gadget));
	snprintf(gadget->path, sizeof(gadget->path), GADGETS_PATH "/kvmhid-test-%u", n);
	snprintf(gadget->function, sizeof(gadget->function), "%s/" FUNCTION, gadget->path);
	snprintf(gadget->link, sizeof(gadget->link), "%s/" CONFIG "/kvmhid.0", gadget->path);
	snprintf(gadget->udc, sizeof(gadget->udc), "dummy_udc.%u", n);
	snprintf(gadget->serial, sizeof(gadget->serial), "kvmhid-test-%u", n);
	gadget_remove(gadget);

	error = make_directory(gadget->path, "");
	if (!error)
		error = make_directory(gadget->path, STRINGS);
	if (!error)
		error = make_directory(gadget->path, FUNCTION);
	if (!error)
		error = make_directory(gadget->path, CONFIG);
	if (!error)
		error = put_in(gadget->path, "idVendor", VENDOR);
	if (!error)
		error = put_in(gadget->path, "idProduct", PRODUCT);
	if (!error)
		error = put_in(gadget->path, STRINGS "/serialnumber", gadget->serial);
	if (!error) /* bus powered, may wake the host */
		error = put_in(gadget->path, CONFIG "/bmAttributes", "0xa0");
	return error;
}

int gadget_add(const struct gadget *gadget, struct gadget *second)
{
	int error;

	*second = *gadget;
	snprintf(second->function, sizeof(second->function), "%s/" SECOND, gadget->path);
	snprintf(second->link, sizeof(second->link), "%s/" SECOND_LINK, gadget->path);
	error = make_directory(gadget->path, SECOND);
	if (error)
		return error;
	/* They are numbered in the order in which they are linked. */
	if (symlink(gadget->function, gadget->link) || symlink(second->function, second->link))
		return -errno;
	return 0;
}

int gadget_attribute(const struct gadget *gadget, const char *name, const char *value)
{
	return put_in(gadget->function, name, value);
}

int gadget_bind(const struct gadget *gadget)
{
	if (symlink(gadget->function, gadget->link) && errno != EEXIST)
		return -errno;
	return put_in(gadget->path, "UDC", gadget->udc);
}

int gadget_unbind(const struct gadget *gadget)
{
	return put_in(gadget->path, "UDC", "\n");
}

int gadget_connect(const struct gadget *gadget, bool connect)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/udc/%s/soft_connect", gadget->udc);
	return put(path, connect ? "connect" : "disconnect");
}

int gadget_open(const struct gadget *gadget, int flags)
{
	struct gadget found = *gadget;
	int fd, error;

	error = find_node(&found);
	if (error)
		return error;
	fd = open(found.node, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int state_now(const struct gadget *gadget, struct kvmhid_state *state)
{
	int fd = gadget_open(gadget, O_RDONLY);
	ssize_t n;
	int error = 0;

	if (fd < 0)
		return fd;
	n = read(fd, state, sizeof(*state));
	if (n != sizeof(*state))
		error = n < 0 ? -errno : -EIO;
	close(fd);
	return error;
}

/* Reads @fd until @matches. */
static bool wait_state(int fd, bool (*matches)(const struct kvmhid_state *state, unsigned int mask,
					       unsigned int wanted),
		       unsigned int mask, unsigned int wanted)
{
	unsigned long long end = now_ms() + WAIT_MS, now;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	struct kvmhid_state state;

	while ((now = now_ms()) < end) {
		if (poll(&poll_fd, 1, (int)(end - now)) != 1)
			break;
		if (read(fd, &state, sizeof(state)) != sizeof(state))
			break;
		if (matches(&state, mask, wanted))
			return true;
	}
	return false;
}

static bool flags_match(const struct kvmhid_state *state, unsigned int mask, unsigned int wanted)
{
	return (state->flags & mask) == wanted;
}

static bool leds_match(const struct kvmhid_state *state, unsigned int mask, unsigned int wanted)
{
	return state->flags & mask && state->leds == wanted;
}

bool wait_flags(int fd, unsigned int mask, unsigned int flags)
{
	return wait_state(fd, flags_match, mask, flags);
}

bool wait_configured(int fd, bool configured)
{
	return wait_flags(fd, KVMHID_STATE_CONFIGURED, configured ? KVMHID_STATE_CONFIGURED : 0);
}

bool wait_leds(int fd, unsigned int leds)
{
	return wait_state(fd, leds_match, KVMHID_STATE_LEDS_KNOWN, leds);
}

struct kvmhid_event key_event(unsigned int usage, bool down)
{
	return (struct kvmhid_event){
		.type = KVMHID_EVENT_KEY,
		.key = { .page = 0x07, .usage = (__u16)usage, .down = down },
	};
}

struct kvmhid_event place_event(unsigned int x, unsigned int y, unsigned int buttons)
{
	return (struct kvmhid_event){
		.type = KVMHID_EVENT_POINTER,
		.pointer = { .x = (__u16)x, .y = (__u16)y, .buttons = (__u16)buttons },
	};
}

/* Without going anywhere. */
struct kvmhid_event wheel_event(int wheel, int pan)
{
	return (struct kvmhid_event){
		.type = KVMHID_EVENT_RELATIVE,
		.relative = { .wheel = (__s16)wheel, .pan = (__s16)pan },
	};
}

struct kvmhid_event motion_event(int dx, int dy, unsigned int buttons)
{
	return (struct kvmhid_event){
		.type = KVMHID_EVENT_RELATIVE,
		.relative = { .dx = (__s16)dx, .dy = (__s16)dy, .buttons = (__u16)buttons },
	};
}

int write_events(int fd, const struct kvmhid_event *events, unsigned int n)
{
	ssize_t written = write(fd, events, n * sizeof(*events));

	if (written < 0)
		return -errno;
	return written == (ssize_t)(n * sizeof(*events)) ? 0 : -EIO;
}

int write_key(int fd, unsigned int usage, bool down)
{
	struct kvmhid_event event = key_event(usage, down);

	return write_events(fd, &event, 1);
}
