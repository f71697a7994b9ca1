// SPDX-License-Identifier: Apache-2.0
/*
 * The rack's video cable: from the host PC's display to the BMC's VRAM.
 *
 *	rack-screen send VNC-SOCKET DIRECTORY ADDRESS PORT
 *	rack-screen receive DIRECTORY ADDRESS PORT COMMAND...
 *	rack-screen pace DEVICE CAPTURES-PER-SECOND
 *
 * The sender runs beside the host PC and reads its display from QEMU's own VNC
 * server, pixels as they are. Each picture that differs from the one before is
 * put into DIRECTORY as a binary PPM, DIRECTORY/NUMBER, and its number goes over
 * the connection as a line of text. The receiver runs in the BMC, where the same
 * directory is visible. It copies the file to COMMAND's standard input and
 * answers with the same line; only then does the sender remove the file and
 * make the next, so a slow BMC sees fewer pictures, never old ones.
 *
 * The connection is the signal: COMMAND is started when there is a first
 * picture, and its input ends when the sender goes. The last form says how often
 * the BMC looks.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvmcap.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIDE_MAX	4096	/* pixels, of a display we take */
#define BYTES_PER_PIXEL	4	/* as asked for in ask_pixel_format() */
#define LINE_SIZE	32	/* bytes, a number as text, its newline, a NUL */
#define NUDGE_MS	100	/* see nudge() */
#define CONNECT_TRIES	600	/* of RETRY_US: the BMC may still be booting */
#define RETRY_US	100000

/* RFB, client to server and back, RFC 6143. */
#define RFB_SET_PIXEL_FORMAT	0
#define RFB_SET_ENCODINGS	2
#define RFB_UPDATE_REQUEST	3
#define RFB_CLIENT_CUT_TEXT	6
#define RFB_UPDATE		0
#define RFB_COLOUR_MAP		1
#define RFB_BELL		2
#define RFB_CUT_TEXT		3
#define RFB_SECURITY_NONE	1
#define RFB_RAW			0
#define RFB_DESKTOP_SIZE	(-223)

struct screen {
	int vnc;
	int bmc;
	const char *directory;
	unsigned int width;
	unsigned int height;
	uint8_t *pixels;	/* blue, green, red, nothing */
	bool whole;		/* ask for all of it next, it changed its size */
	unsigned long number;
};

__attribute__((noreturn, format(printf, 1, 2)))
static void die(const char *format, ...)
{
	va_list arguments;

	fputs("rack-screen: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static unsigned int get16(const uint8_t *from)
{
	return (unsigned int)from[0] << 8 | from[1];
}

static uint32_t get32(const uint8_t *from)
{
	return (uint32_t)get16(from) << 16 | get16(from + 2);
}

static void put16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* False at the end of the stream. */
static bool read_all(int fd, void *to, size_t count)
{
	uint8_t *at = to;

	while (count > 0) {
		ssize_t got = read(fd, at, count);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		count -= (size_t)got;
	}
	return true;
}

static bool write_all(int fd, const void *from, size_t count)
{
	const uint8_t *at = from;

	while (count > 0) {
		ssize_t done = write(fd, at, count);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		count -= (size_t)done;
	}
	return true;
}

static void must_read(int fd, void *to, size_t count)
{
	if (!read_all(fd, to, count))
		die("the host PC's display ended");
}

static void must_write(int fd, const void *from, size_t count)
{
	if (!write_all(fd, from, count))
		die("the host PC's display ended");
}

/* One line without its newline; false at the end or if it is too long. */
static bool read_line(int fd, char *line)
{
	for (size_t length = 0; length < LINE_SIZE; length++) {
		if (!read_all(fd, line + length, 1))
			return false;
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
	}
	return false;
}

static struct sockaddr_in parse_address(const char *address, const char *port)
{
	struct sockaddr_in result = { .sin_family = AF_INET };
	char *end;
	unsigned long number = strtoul(port, &end, 10);

	if (*port == '\0' || *end != '\0' || number == 0 || number > 65535)
		die("%s is no port", port);
	result.sin_port = htons((uint16_t)number);
	if (inet_pton(AF_INET, address, &result.sin_addr) != 1)
		die("%s is no address", address);
	return result;
}

static int connect_to_bmc(const char *address, const char *port)
{
	struct sockaddr_in to = parse_address(address, port);
	int one = 1;

	for (int try = 0; try < CONNECT_TRIES; try++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			break;
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			return fd;
		}
		close(fd);
		usleep(RETRY_US);
	}
	die("no connection to the BMC at %s:%s", address, port);
}

static int connect_to_display(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(to.sun_path))
		die("no socket for %s", path);
	strcpy(to.sun_path, path);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void set_size(struct screen *screen, unsigned int width, unsigned int height)
{
	if (width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX)
		die("the host PC's display is %ux%u", width, height);
	free(screen->pixels);
	screen->pixels = calloc((size_t)width * height, BYTES_PER_PIXEL);
	if (!screen->pixels)
		die("no memory for %ux%u pixels", width, height);
	screen->width = width;
	screen->height = height;
	screen->whole = true;
}

static void ask_pixel_format(int vnc)
{
	static const uint8_t message[] = {
		RFB_SET_PIXEL_FORMAT, 0, 0, 0,
		32, 24, 0 /* little endian */, 1 /* true colour */,
		0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0,
		RFB_SET_ENCODINGS, 0, 0, 2,
		0, 0, 0, RFB_RAW, 0xff, 0xff, 0xff, 0x21 /* DesktopSize */,
	};

	must_write(vnc, message, sizeof(message));
}

static void greet(struct screen *screen)
{
	uint8_t buffer[256];
	uint32_t length;

	must_read(screen->vnc, buffer, 12);
	must_write(screen->vnc, "RFB 003.008\n", 12);
	must_read(screen->vnc, buffer, 1);
	must_read(screen->vnc, buffer + 1, buffer[0]);
	if (buffer[0] == 0 || !memchr(buffer + 1, RFB_SECURITY_NONE, buffer[0]))
		die("the host PC's display wants a password");
	buffer[0] = RFB_SECURITY_NONE;
	must_write(screen->vnc, buffer, 1);
	must_read(screen->vnc, buffer, 4);
	buffer[0] = 1;
	must_write(screen->vnc, buffer, 1);
	must_read(screen->vnc, buffer, 24);
	set_size(screen, get16(buffer), get16(buffer + 2));
	length = get32(buffer + 20);
	for (; length > 0; length--)
		must_read(screen->vnc, buffer, 1);
	ask_pixel_format(screen->vnc);
}

static void ask_update(struct screen *screen)
{
	uint8_t message[10] = { RFB_UPDATE_REQUEST, !screen->whole };

	put16(message + 6, screen->width);
	put16(message + 8, screen->height);
	must_write(screen->vnc, message, sizeof(message));
	screen->whole = false;
}

/*
 * QEMU looks at its display ever less often while nothing changes, down to every
 * two seconds; a message from the client brings it back to every 30 ms. An empty
 * clipboard is a message that does nothing else.
 */
static void nudge(struct screen *screen)
{
	static const uint8_t message[8] = { RFB_CLIENT_CUT_TEXT };

	must_write(screen->vnc, message, sizeof(message));
}

/* A connection to the BMC that ends takes this program with it. */
static void wait_for_display(struct screen *screen)
{
	struct pollfd fds[2] = {
		{ .fd = screen->vnc, .events = POLLIN },
		{ .fd = screen->bmc, .events = POLLIN },
	};

	for (;;) {
		int ready = poll(fds, 2, NUDGE_MS);

		if (ready < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (ready > 0 && fds[1].revents)
			die("the BMC closed the connection");
		if (ready > 0 && fds[0].revents)
			return;
		nudge(screen);
	}
}

static void skip(int fd, uint32_t count)
{
	uint8_t buffer[256];

	while (count > 0) {
		uint32_t part = count < sizeof(buffer) ? count : sizeof(buffer);

		must_read(fd, buffer, part);
		count -= part;
	}
}

/* True if the rectangle had pixels. */
static bool read_rectangle(struct screen *screen)
{
	uint8_t header[12];
	unsigned int x, y, width, height;
	int32_t encoding;

	must_read(screen->vnc, header, sizeof(header));
	x = get16(header);
	y = get16(header + 2);
	width = get16(header + 4);
	height = get16(header + 6);
	encoding = (int32_t)get32(header + 8);
	if (encoding == RFB_DESKTOP_SIZE) {
		set_size(screen, width, height);
		return false;
	}
	if (encoding != RFB_RAW || x + width > screen->width ||
	    y + height > screen->height)
		die("a rectangle %ux%u at %u,%u in encoding %d", width, height, x, y,
		    encoding);
	for (unsigned int row = 0; row < height; row++)
		must_read(screen->vnc,
			  screen->pixels + ((size_t)(y + row) * screen->width + x) *
			  BYTES_PER_PIXEL,
			  (size_t)width * BYTES_PER_PIXEL);
	return width > 0 && height > 0;
}

static void write_picture(const struct screen *screen, const char *path)
{
	size_t count = (size_t)screen->width * screen->height;
	uint8_t *rgb = malloc(count * 3);
	FILE *file = fopen(path, "wbe");

	if (!file || !rgb)
		die("%s: %s", path, strerror(errno));
	for (size_t i = 0; i < count; i++) {
		rgb[3 * i] = screen->pixels[BYTES_PER_PIXEL * i + 2];
		rgb[3 * i + 1] = screen->pixels[BYTES_PER_PIXEL * i + 1];
		rgb[3 * i + 2] = screen->pixels[BYTES_PER_PIXEL * i];
	}
	fprintf(file, "P6\n%u %u\n255\n", screen->width, screen->height);
	fwrite(rgb, 3, count, file);
	if (fclose(file) != 0)
		die("%s: %s", path, strerror(errno));
	free(rgb);
}

static void show_picture(struct screen *screen)
{
	char path[4096], line[LINE_SIZE], answer[LINE_SIZE];
	int length;

	snprintf(line, sizeof(line), "%lu", screen->number++);
	length = snprintf(path, sizeof(path), "%s/%s", screen->directory, line);
	if (length < 0 || (size_t)length >= sizeof(path))
		die("%s is too long", screen->directory);
	write_picture(screen, path);
	if (!write_all(screen->bmc, line, strlen(line)) ||
	    !write_all(screen->bmc, "\n", 1) || !read_line(screen->bmc, answer))
		die("the BMC closed the connection");
	if (strcmp(line, answer) != 0)
		die("the BMC answered %s to %s", answer, line);
	unlink(path);
}

static void read_update(struct screen *screen)
{
	uint8_t header[3];
	bool changed = false;

	must_read(screen->vnc, header, sizeof(header));
	for (unsigned int count = get16(header + 1); count > 0; count--)
		changed |= read_rectangle(screen);
	if (changed)
		show_picture(screen);
	/* Only now: what changes meanwhile comes as one update. */
	ask_update(screen);
}

static void read_message(struct screen *screen)
{
	uint8_t header[8];

	must_read(screen->vnc, header, 1);
	switch (header[0]) {
	case RFB_UPDATE:
		read_update(screen);
		break;
	case RFB_COLOUR_MAP:
		must_read(screen->vnc, header, 5);
		skip(screen->vnc, 6 * get16(header + 3));
		break;
	case RFB_BELL:
		break;
	case RFB_CUT_TEXT:
		must_read(screen->vnc, header, 7);
		skip(screen->vnc, get32(header + 3));
		break;
	default:
		die("message %u from the host PC's display", header[0]);
	}
}

__attribute__((noreturn))
static void send_pictures(char **argv)
{
	struct screen screen = { .directory = argv[1], .number = (unsigned long)getpid() << 32 };

	screen.bmc = connect_to_bmc(argv[2], argv[3]);
	screen.vnc = connect_to_display(argv[0]);
	greet(&screen);
	ask_update(&screen);
	for (;;) {
		wait_for_display(&screen);
		read_message(&screen);
	}
}

/* --- in the BMC ----------------------------------------------------------- */

struct player {
	pid_t pid;	/* of COMMAND, 0 if there is none */
	int input;
};

static void start_player(struct player *player, char **command)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		die("pipe: %s", strerror(errno));
	player->pid = fork();
	if (player->pid < 0)
		die("fork: %s", strerror(errno));
	if (player->pid == 0) {
		dup2(ends[0], STDIN_FILENO);
		signal(SIGPIPE, SIG_DFL);
		execvp(command[0], command);
		die("%s: %s", command[0], strerror(errno));
	}
	close(ends[0]);
	player->input = ends[1];
}

static void end_player(struct player *player)
{
	int status;

	if (player->pid == 0)
		return;
	close(player->input);
	while (waitpid(player->pid, &status, 0) < 0 && errno == EINTR)
		;
	player->pid = 0;
}

/* False if the file is not there or the player takes no more. */
static bool copy_picture(const struct player *player, const char *path)
{
	char buffer[65536];
	ssize_t got;
	bool fine = true;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "rack-screen: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (fine && (got = read(fd, buffer, sizeof(buffer))) > 0)
		fine = write_all(player->input, buffer, (size_t)got);
	close(fd);
	return fine;
}

/* Until the sender goes, or the player. */
static void receive_signal(int fd, const char *directory, char **command)
{
	struct player player = { .pid = 0 };
	char line[LINE_SIZE], path[4096];

	while (read_line(fd, line)) {
		int length = snprintf(path, sizeof(path), "%s/%s", directory, line);

		if (length < 0 || (size_t)length >= sizeof(path) ||
		    line[strspn(line, "0123456789")] != '\0')
			break;
		if (player.pid == 0)
			start_player(&player, command);
		if (!copy_picture(&player, path))
			break;
		strcat(line, "\n");
		if (!write_all(fd, line, strlen(line)))
			break;
	}
	end_player(&player);
}

__attribute__((noreturn))
static void receive_pictures(char **argv)
{
	struct sockaddr_in at = parse_address(argv[1], argv[2]);
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	signal(SIGPIPE, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener, 1) < 0)
		die("%s:%s: %s", argv[1], argv[2], strerror(errno));
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		receive_signal(fd, argv[0], argv + 3);
		close(fd);
	}
}

static int set_pace(char **argv)
{
	struct kvmcap_params params;
	char *end;
	unsigned long rate = strtoul(argv[1], &end, 10);
	int fd = open(argv[0], O_RDWR | O_CLOEXEC);

	if (*end != '\0' || rate == 0 || rate > 60)
		die("%s is no rate", argv[1]);
	if (fd < 0 || ioctl(fd, KVMCAP_IOC_GET_PARAMS, &params) < 0)
		die("%s: %s", argv[0], strerror(errno));
	params.max_rate = (uint32_t)rate * 1000;
	if (ioctl(fd, KVMCAP_IOC_SET_PARAMS, &params) < 0)
		die("%s: %s", argv[0], strerror(errno));
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "send") == 0)
		send_pictures(argv + 2);
	if (argc >= 6 && strcmp(argv[1], "receive") == 0)
		receive_pictures(argv + 2);
	if (argc == 4 && strcmp(argv[1], "pace") == 0)
		return set_pace(argv + 2);
	fputs("Usage: rack-screen send VNC-SOCKET DIRECTORY ADDRESS PORT\n"
	      "       rack-screen receive DIRECTORY ADDRESS PORT COMMAND...\n"
	      "       rack-screen pace DEVICE CAPTURES-PER-SECOND\n", stderr);
	return 2;
}
