// SPDX-License-Identifier: Apache-2.0
/*
 * kvmcapctl top: what the screen does, live.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "clock.h"
#include "device.h"
#include "names.h"
#include "top_map.h"

#define DRAW_NS		(200 * NS_PER_MS)	/* between drawings of the map */
#define INTERVAL_MIN_NS	DRAW_NS
#define HEADER_LINES	4
#define PLAIN_WIDTH	64	/* letters, where there is no terminal to ask */
#define PLAIN_HEIGHT	24

/* Alternate screen, hidden cursor; and back. */
#define SCREEN_ENTER	"\033[?1049h\033[?25l"
#define SCREEN_LEAVE	"\033[?25h\033[?1049l"
#define SCREEN_HOME	"\033[H"
#define LINE_REST	"\033[K"
#define SCREEN_REST	"\033[J"

/* By heat: nothing, then from what was to what is. */
static const char letters[] = " .:+*#@";
static const char *const colours[] = {
	"\033[0m", "\033[34m", "\033[36m", "\033[32m", "\033[33m", "\033[31m", "\033[1;37m",
};

_Static_assert(sizeof(letters) - 1 == TOP_HEAT_MAX + 1, "a letter for each heat");
_Static_assert(sizeof(colours) / sizeof(colours[0]) == TOP_HEAT_MAX + 1, "and a colour");

/* For who leaves by exit(): whether the terminal is ours, and what it was like. */
static struct termios terminal_before;
static bool terminal_ours;

/**
 * struct top - the view
 * @options: the command line
 * @source: the device
 * @live: standard output is a terminal, which is drawn on
 * @signals: what would end or stop us
 * @query: what the device is
 * @snapshot: the newest
 * @map: where it changed
 * @before: counters at @before_ns
 * @after: counters at @after_ns: rates are of what is between
 * @before_ns: see there
 * @after_ns: see there
 */
struct top {
	const struct options *options;
	struct kvmcap_source *source;
	bool live;
	int signals;
	struct kvmcap_query query;
	struct kvmcap_snapshot snapshot;
	struct top_map map;
	struct kvmcap_stats before;
	struct kvmcap_stats after;
	uint64_t before_ns;
	uint64_t after_ns;
};

static void put(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
}

static void terminal_leave(void)
{
	if (!terminal_ours)
		return;
	terminal_ours = false;
	put(SCREEN_LEAVE);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
}

/* Keys come one by one and unseen, if they come from the terminal at all. */
static void terminal_enter(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &terminal_before))
		tcgetattr(STDOUT_FILENO, &terminal_before);
	raw = terminal_before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
	terminal_ours = true;
	put(SCREEN_ENTER);
}

static int signals_open(void)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };
	sigset_t signals;
	size_t i;

	sigemptyset(&signals);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&signals, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -1;
	return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* In a second, times ten. */
static uint64_t rate(const struct top *top, uint64_t before, uint64_t after)
{
	uint64_t ms = (top->after_ns - top->before_ns) / NS_PER_MS;

	return ms && after > before ? (after - before) * 10000 / ms : 0;
}

static void draw_rate(const struct top *top, const char *name, uint64_t before, uint64_t after)
{
	uint64_t tenths = rate(top, before, after);

	printf("%s %" PRIu64 ".%" PRIu64 "/s  ", name, tenths / 10, tenths % 10);
}

static void end_line(const struct top *top)
{
	fputs(top->live ? LINE_REST "\r\n" : "\n", stdout);
}

static void draw_header(const struct top *top)
{
	const struct kvmcap_header *header = &top->snapshot.header;
	const struct kvmcap_stats *before = &top->before, *after = &top->after;

	printf("%.32s  signal %s  %ux%u  %s  quality %u  capture %s",
	       (const char *)top->query.engine, signal_name(header->signal), header->mode.width,
	       header->mode.height, codec_name(header->mode.codec), header->quality,
	       capture_name(header->capture));
	end_line(top);
	draw_rate(top, "captures", before->captures, after->captures);
	draw_rate(top, "frames", before->frames, after->frames);
	draw_rate(top, "tiles", before->tiles, after->tiles);
	draw_rate(top, "bytes", before->bytes, after->bytes);
	end_line(top);
	printf("frames %" PRIu64 "  tiles %" PRIu64 "  bytes %" PRIu64
	       "  dropped %" PRIu64 "  malformed %" PRIu64 "  timeouts %" PRIu64
	       "  fallbacks %" PRIu64,
	       (uint64_t)after->frames, (uint64_t)after->tiles, (uint64_t)after->bytes,
	       (uint64_t)after->dropped, (uint64_t)after->malformed, (uint64_t)after->timeouts,
	       (uint64_t)after->fallbacks);
	end_line(top);
	printf("log %" PRIu64 " of %" PRIu64 " KiB", (uint64_t)(header->head - header->tail) / 1024,
	       (uint64_t)header->log_size / 1024);
	end_line(top);
}

static void draw_map(const struct top *top, unsigned int width, unsigned int height)
{
	unsigned int x, y, heat, last = 0;

	top_map_size(&top->snapshot.header.mode, &width, &height);
	for (y = 0; y < height; y++) {
		putchar('|');
		for (x = 0; x < width; x++) {
			heat = top_map_heat(&top->map, width, height, x, y);
			if (top->live && heat != last)
				fputs(colours[heat], stdout);
			last = heat;
			putchar(letters[heat]);
		}
		if (top->live && last)
			fputs(colours[0], stdout);
		last = 0;
		putchar('|');
		/* No line feed behind the last one: it would scroll. */
		if (y + 1 < height || !top->live)
			end_line(top);
	}
}

static void draw(const struct top *top)
{
	struct winsize size = { 0 };

	if (!top->live) {
		draw_header(top);
		draw_map(top, PLAIN_WIDTH, PLAIN_HEIGHT);
		fflush(stdout);
		return;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 4 ||
	    size.ws_row <= HEADER_LINES)
		size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	fputs(SCREEN_HOME, stdout);
	draw_header(top);
	draw_map(top, size.ws_col - 2U, size.ws_row - HEADER_LINES);
	put(LINE_REST SCREEN_REST);
}

/* Whether to go on. */
static bool take_signals(struct top *top)
{
	struct signalfd_siginfo info;

	while (read(top->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			continue;
		if (info.ssi_signo != SIGTSTP)
			return false;
		if (top->live)
			terminal_leave();
		raise(SIGSTOP);
		if (top->live)
			terminal_enter();
	}
	return true;
}

/* Whether to go on: q ends it. What is no terminal says nothing by ending. */
static bool take_keys(const struct top *top, struct pollfd *keys)
{
	char key;

	if (!top->live || !keys->revents)
		return true;
	/* It has hung up, or is none: it would be ready for ever. */
	if (!(keys->revents & POLLIN) || read(STDIN_FILENO, &key, 1) != 1) {
		keys->fd = -1;
		return true;
	}
	return key != 'q' && key != 'Q';
}

static int look(struct top *top)
{
	int err = kvmcap_snapshot(top->source, &top->snapshot);

	if (err == -EAGAIN)
		return 0;
	if (!err)
		top_map_look(&top->map, &top->snapshot);
	return err;
}

/* Milliseconds from @now to @until_ns, as poll() takes them. */
static int left_ms(uint64_t now, uint64_t until_ns)
{
	return now < until_ns ? (int)((until_ns - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

/*
 * 1: to be ended; 0: @until_ns has come; -errno. However late it is, signals and keys
 * are looked at once.
 */
static int watch(struct top *top, struct pollfd *wait, uint64_t until_ns)
{
	uint64_t now = kvmcap_now_ns();
	int err;

	do {
		err = kvmcap_ack(top->source, top->snapshot.header.committed, true);
		if (err)
			return err;
		if (poll(wait, 3, left_ms(now, until_ns)) < 0)
			return errno == EINTR ? 0 : -errno;
		if (wait[0].revents & (POLLERR | POLLHUP))
			return -ENODEV;
		if (wait[0].revents) {
			err = look(top);
			if (err)
				return err;
		}
		if (!take_signals(top) || !take_keys(top, &wait[2]))
			return 1;
		now = kvmcap_now_ns();
	} while (now < until_ns);
	return 0;
}

/* Counters of one more interval. */
static int count(struct top *top)
{
	top->before = top->after;
	top->before_ns = top->after_ns;
	top->after_ns = kvmcap_now_ns();
	return kvmcap_stats(top->source, &top->after);
}

static int run(struct top *top)
{
	struct pollfd wait[] = {
		{ .fd = kvmcap_fd(top->source), .events = POLLIN | POLLPRI },
		{ .fd = top->signals, .events = POLLIN },
		{ .fd = top->live ? STDIN_FILENO : -1, .events = POLLIN },
	};
	uint64_t interval = top->options->interval_ns, next;
	int ret = kvmcap_query(top->source, &top->query);

	if (!ret)
		ret = count(top);
	if (!ret)
		ret = kvmcap_snapshot(top->source, &top->snapshot);
	/* What was there before we looked has not changed. */
	top->map.seen = top->snapshot.header.committed;
	next = top->after_ns + interval;
	while (!ret) {
		uint64_t until = kvmcap_now_ns() + DRAW_NS;
		bool whole;

		/* Only a terminal shows what is between. */
		if (!top->live || until > next)
			until = next;
		ret = watch(top, wait, until);
		whole = until == next;
		if (!ret && whole) {
			ret = count(top);
			next += interval;
			/* What has been missed is not made up for. */
			if (next < top->after_ns)
				next = top->after_ns + interval;
		}
		if (!ret)
			draw(top);
		top_map_cool(&top->map);
		if (top->options->once && whole)
			break;
	}
	return ret > 0 ? 0 : ret;
}

int command_top(const struct options *options, const char *argument)
{
	struct top *top = calloc(1, sizeof(*top));
	int status, err;

	(void)argument;
	if (options->interval_ns < INTERVAL_MIN_NS) {
		free(top);
		return complain(STATUS_USAGE, "top --interval: it takes at least %llu milliseconds",
				(unsigned long long)(INTERVAL_MIN_NS / NS_PER_MS));
	}
	if (!top)
		return complain(STATUS_FAILED, "no memory");
	top->options = options;
	status = open_capture(options, &top->source);
	if (status) {
		free(top);
		return status;
	}
	top->live = isatty(STDOUT_FILENO) && !options->once;
	top->signals = signals_open();
	if (top->live) {
		atexit(terminal_leave);
		terminal_enter();
	}
	err = top->signals < 0 ? -errno : run(top);
	terminal_leave();
	if (err)
		status = complain(error_status(err), "%s: cannot go on: %s",
				  options->device ? options->device : KVMCAP_DEVICE_DEFAULT,
				  strerror(-err));
	kvmcap_close(top->source);
	free(top);
	return status;
}
