// SPDX-License-Identifier: Apache-2.0
/*
 * What the rack's host PC makes of its keyboard and pointer.
 *
 *	rack-console REPORT
 *
 * Reads every input device of this machine and writes to the file given, usually a
 * serial port, what it saw, so that the other side of that port knows it exactly:
 *
 *	device NAME		a device was found
 *	key CODE VALUE		as in EV_KEY: 1 down, 0 up, 2 repeated
 *	pointer X Y		in the device's own coordinates, once per report
 *	wheel DETENTS
 *	gone			a device was removed
 *
 * It also makes the pointer useful on the text console, as gpm does: a block
 * shows where it is, the left button selects, the middle one pastes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <linux/tiocl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICES		16	/* /dev/input/event0 and on */
#define RESCAN_MS	300

/*
 * A busy machine may leave an emulated one alone for longer than the kernel's own
 * quarter of a second between a key's two reports. That is no key held down.
 */
#define REPEAT_DELAY_MS	1500
#define REPEAT_PERIOD_MS	33

struct device {
	int fd;		/* -1 if there is none */
	int x;
	int y;
	int x_max;
	int y_max;
	bool moved;
};

struct console {
	int tty;
	FILE *report;
	int column;	/* of the pointer, 1.. */
	int row;
	bool selecting;
	int from_column;
	int from_row;
};

/* The argument of ioctl TIOCLINUX, subcode TIOCL_SETSEL, unaligned as it is. */
struct selection {
	char subcode;
	struct tiocl_selection what;
} __attribute__((packed));

static void select_cells(struct console *console, int mode)
{
	struct selection selection = {
		.subcode = TIOCL_SETSEL,
		.what = {
			.xs = (unsigned short)console->column,
			.ys = (unsigned short)console->row,
			.xe = (unsigned short)console->column,
			.ye = (unsigned short)console->row,
			.sel_mode = (unsigned short)mode,
		},
	};

	if (mode == TIOCL_SELCHAR) {
		selection.what.xs = (unsigned short)console->from_column;
		selection.what.ys = (unsigned short)console->from_row;
	}
	/* A console in graphics mode refuses, none at all too; nothing is shown then. */
	(void)ioctl(console->tty, TIOCLINUX, &selection);
}

static void move_pointer(struct console *console, const struct device *device)
{
	struct winsize size;

	if (ioctl(console->tty, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 ||
	    size.ws_row == 0)
		return;
	console->column = 1 + device->x * size.ws_col / (device->x_max + 1);
	console->row = 1 + device->y * size.ws_row / (device->y_max + 1);
	if (console->selecting)
		select_cells(console, TIOCL_SELCHAR);
	select_cells(console, TIOCL_SELPOINTER);
}

static void press_button(struct console *console, int code, bool down)
{
	char paste = TIOCL_PASTESEL;

	if (console->column == 0)
		return;
	if (code == BTN_LEFT) {
		console->selecting = down;
		console->from_column = console->column;
		console->from_row = console->row;
		if (down)
			select_cells(console, TIOCL_SELCLEAR);
	} else if (code == BTN_MIDDLE && down) {
		(void)ioctl(console->tty, TIOCLINUX, &paste);
	}
}

static void take_event(struct console *console, struct device *device,
		       const struct input_event *event)
{
	if (event->type == EV_KEY) {
		fprintf(console->report, "key %d %d\n", event->code, event->value);
		press_button(console, event->code, event->value == 1);
	} else if (event->type == EV_REL && event->code == REL_WHEEL) {
		fprintf(console->report, "wheel %d\n", event->value);
	} else if (event->type == EV_ABS && event->code == ABS_X) {
		device->x = event->value;
		device->moved = true;
	} else if (event->type == EV_ABS && event->code == ABS_Y) {
		device->y = event->value;
		device->moved = true;
	} else if (event->type == EV_SYN && device->moved) {
		fprintf(console->report, "pointer %d %d\n", device->x, device->y);
		device->moved = false;
		move_pointer(console, device);
	}
}

static void read_events(struct console *console, struct device *device)
{
	struct input_event events[64];
	ssize_t got = read(device->fd, events, sizeof(events));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		close(device->fd);
		device->fd = -1;
		fputs("gone\n", console->report);
	}
	for (ssize_t i = 0; i < got / (ssize_t)sizeof(events[0]); i++)
		take_event(console, device, &events[i]);
	fflush(console->report);
}

static int range_of(int fd, int axis, int *value)
{
	struct input_absinfo info = { .maximum = 0 };

	if (ioctl(fd, EVIOCGABS(axis), &info) < 0)
		return 0;
	*value = info.value;
	return info.maximum;
}

static void open_device(struct console *console, struct device *device, int number)
{
	unsigned int repeat[2] = { REPEAT_DELAY_MS, REPEAT_PERIOD_MS };
	char path[32], name[64] = "";

	snprintf(path, sizeof(path), "/dev/input/event%d", number);
	device->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (device->fd < 0)
		return;
	device->x_max = range_of(device->fd, ABS_X, &device->x);
	device->y_max = range_of(device->fd, ABS_Y, &device->y);
	/* A pointer has nothing to repeat, and refuses. */
	(void)ioctl(device->fd, EVIOCSREP, repeat);
	(void)ioctl(device->fd, EVIOCGNAME(sizeof(name) - 1), name);
	fprintf(console->report, "device %s\n", name);
	fflush(console->report);
}

static void follow(struct console *console)
{
	struct device devices[DEVICES];
	struct pollfd fds[DEVICES];

	for (int i = 0; i < DEVICES; i++)
		devices[i].fd = -1;
	for (;;) {
		for (int i = 0; i < DEVICES; i++) {
			if (devices[i].fd < 0)
				open_device(console, &devices[i], i);
			fds[i].fd = devices[i].fd;
			fds[i].events = POLLIN;
			fds[i].revents = 0;
		}
		if (poll(fds, DEVICES, RESCAN_MS) <= 0)
			continue;
		for (int i = 0; i < DEVICES; i++)
			if (fds[i].revents)
				read_events(console, &devices[i]);
	}
}

int main(int argc, char **argv)
{
	struct console console = { .tty = -1 };

	if (argc != 2) {
		fputs("Usage: rack-console REPORT\n", stderr);
		return 2;
	}
	console.report = fopen(argv[1], "we");
	console.tty = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (!console.report) {
		fprintf(stderr, "rack-console: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	follow(&console);
	return 0;
}
