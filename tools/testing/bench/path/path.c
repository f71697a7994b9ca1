// SPDX-License-Identifier: Apache-2.0
/*
 * Figures of the whole path, from a simulated screen to VNC clients:
 *
 * path bytes HOST PORT           bytes of a whole picture on the wire, beside the
 *                                engine's image of it, for screens and encodings
 * path memory N HOST PORT        of the relay with N clients, and of the log
 * path send KIND N HOST PORT     the same picture again and again to N clients of
 *                                enum viewer_kind KIND; says how much that is
 *
 * RELAY_PID is the relay's process. tools/testing/bench/path/run calls this.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kvmcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "aspeed_tables.h"
#include "screen.h"
#include "viewer.h"

#define WIDTH		1920
#define HEIGHT		1080
#define CLIENTS_MAX	8
#define PATIENCE_MS	60000	/* for the next message */
#define CALM_MS		2000	/* without one: everything has been sent */
#define MESSAGES_MAX	1000	/* before that */
#define REFRESHES	20	/* whole pictures that `send` sends */

/**
 * struct bench - what is measured
 * @source: the capture device
 * @screen: the simulated screen
 * @viewers: the clients
 * @count: how many
 */
struct bench {
	struct kvmcap_source *source;
	struct screen screen;
	struct viewer viewers[CLIENTS_MAX];
	unsigned int count;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_path: %s\n", what);
	exit(1);
}

static void check(const char *problem)
{
	if (problem)
		die(problem);
}

static void setup(struct bench *bench)
{
	check(screen_open(&bench->screen, "/dev/kvmcap-sim0"));
	if (kvmcap_open(&bench->source, NULL, true))
		die("cannot open " KVMCAP_DEVICE_DEFAULT);
}

static void connect_viewers(struct bench *bench, enum viewer_kind kind, unsigned int count,
			    const char *host, int port)
{
	for (bench->count = 0; bench->count < count; bench->count++) {
		if (!viewer_connect(&bench->viewers[bench->count], kind, host, port))
			die("cannot connect");
	}
}

static void set_subsampling(struct bench *bench, enum kvmcap_subsampling subsampling)
{
	struct kvmcap_params params;

	if (kvmcap_get_params(bench->source, &params))
		die("cannot read the parameters");
	params.subsampling = subsampling;
	if (kvmcap_set_params(bench->source, &params))
		die("cannot set the parameters");
	bench->screen.halved = subsampling == KVMCAP_SUBSAMPLING_420;
	bench->screen.selector = kvmcap_aspeed_selector(params.quality);
}

/* Takes messages until none comes for a while. */
static void become_calm(struct bench *bench)
{
	unsigned int messages;
	int ready = 1;

	for (messages = 0; messages < MESSAGES_MAX && ready > 0; messages++)
		ready = viewer_serve(bench->viewers, bench->count,
				     messages ? CALM_MS : PATIENCE_MS);
	if (ready)
		die("clients do not come to rest");
}

/* Has the driver publish every tile, and the clients take all of it. */
static void refresh(struct bench *bench)
{
	unsigned long updates = bench->viewers[0].updates;

	if (kvmcap_refresh(bench->source))
		die("cannot ask for a refresh");
	become_calm(bench);
	if (bench->viewers[0].updates == updates)
		die("a refresh brings nothing");
}

static void print_bytes(struct bench *bench, enum frame_kind kind)
{
	static const enum viewer_kind kinds[] = { VIEWER_TIGHT, VIEWER_JPEG };
	unsigned long long before[2], rectangles;
	unsigned int i;

	check(screen_show(&bench->screen, WIDTH, HEIGHT, kind, 1));
	become_calm(bench);
	for (i = 0; i < 2; i++)
		before[i] = bench->viewers[i].wire_bytes;
	rectangles = bench->viewers[0].jpegs;
	refresh(bench);
	rectangles = bench->viewers[0].jpegs - rectangles;
	printf("%-13s 4:%-5s %8zu", frame_name(kind), bench->screen.halved ? "2:0" : "4:4",
	       bench->screen.jpeg_length);
	for (i = 0; i < 2; i++) {
		double bytes = (double)(bench->viewers[i].wire_bytes - before[i]);

		printf(" %9.0f %6.2f%%", bytes,
		       100 * (bytes / (double)bench->screen.jpeg_length - 1));
		if (bench->viewers[i].kind != kinds[i])
			die("clients are mixed up");
	}
	printf(" %10llu\n", rectangles);
	fflush(stdout);
}

static void bench_bytes(struct bench *bench, const char *host, int port)
{
	static const enum frame_kind screens[] = {
		FRAME_CONSOLE, FRAME_DESKTOP, FRAME_LINES, FRAME_FLAT,
	};
	unsigned int s, i;

	check(screen_show(&bench->screen, WIDTH, HEIGHT, FRAME_EDGES, 1));
	if (!viewer_connect(&bench->viewers[0], VIEWER_TIGHT, host, port) ||
	    !viewer_connect(&bench->viewers[1], VIEWER_JPEG, host, port))
		die("cannot connect");
	bench->count = 2;
	become_calm(bench);
	printf("%-13s %-7s %8s %9s %7s %9s %7s %10s\n", "screen", "chroma", "image", "Tight",
	       "more", "JPEG (21)", "more", "rectangles");
	for (s = 0; s < 2; s++) {
		set_subsampling(bench, s ? KVMCAP_SUBSAMPLING_444 : KVMCAP_SUBSAMPLING_420);
		become_calm(bench);
		for (i = 0; i < sizeof(screens) / sizeof(screens[0]); i++)
			print_bytes(bench, screens[i]);
	}
}

/* KiB of the relay that are in memory: of its own, of the device, of programs' files. */
struct resident {
	unsigned long own;
	unsigned long device;
	unsigned long files;
};

static struct resident relay_resident(void)
{
	const char *pid = getenv("RELAY_PID");
	struct resident resident = { 0 };
	unsigned long rss = 0, value;
	bool is_device = false;
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/smaps", pid ? pid : "");
	file = fopen(path, "r");
	if (!file)
		die("RELAY_PID is no process");
	while (fgets(line, sizeof(line), file)) {
		if (strchr("0123456789abcdef", line[0])) {
			is_device = strstr(line, "/dev/kvmcap");
		} else if (sscanf(line, "Rss: %lu", &value) == 1) {
			rss = value;
			resident.device += is_device ? rss : 0;
		} else if (sscanf(line, "Anonymous: %lu", &value) == 1 && !is_device) {
			resident.own += value;
			resident.files += rss - value;
		}
	}
	fclose(file);
	return resident;
}

static void bench_memory(struct bench *bench, unsigned int count, const char *host, int port)
{
	struct kvmcap_query query;
	struct resident relay;

	check(screen_show(&bench->screen, 1920, 1200, FRAME_DESKTOP, 1));
	if (count) {
		connect_viewers(bench, VIEWER_TIGHT, count, host, port);
		become_calm(bench);
		check(screen_show(&bench->screen, 1920, 1200, FRAME_NOISE, 1));
		become_calm(bench);
		check(screen_show(&bench->screen, 1920, 1200, FRAME_DESKTOP, 2));
		become_calm(bench);
	}
	if (kvmcap_query(bench->source, &query))
		die("cannot read the device");
	relay = relay_resident();
	printf("%7u %9lu %9lu %9lu %9llu\n", count, relay.own, relay.files, relay.device,
	       (unsigned long long)query.map_size / 1024);
}

static void bench_send(struct bench *bench, enum viewer_kind kind, unsigned int count,
		       const char *host, int port)
{
	unsigned long long bytes = 0;
	unsigned int i;

	check(screen_show(&bench->screen, WIDTH, HEIGHT, FRAME_DESKTOP, 1));
	connect_viewers(bench, kind, count, host, port);
	become_calm(bench);
	for (i = 0; i < REFRESHES; i++)
		refresh(bench);
	for (i = 0; i < count; i++) {
		struct viewer *viewer = &bench->viewers[i];

		bytes += viewer->wire_bytes;
		if (kind == VIEWER_RAW)
			bytes += viewer->pixel_bytes;
	}
	printf("%llu\n", bytes);
}

int main(int argc, char **argv)
{
	struct bench bench = { .screen.halved = true };
	const char *host = argc > 3 ? argv[argc - 2] : "";
	int port = argc > 3 ? atoi(argv[argc - 1]) : 0;
	unsigned int i;

	if (argc < 4)
		die("see the head of path.c for how to call it");
	setup(&bench);
	if (!strcmp(argv[1], "bytes") && argc == 4)
		bench_bytes(&bench, host, port);
	else if (!strcmp(argv[1], "memory") && argc == 5)
		bench_memory(&bench, (unsigned int)atoi(argv[2]) % (CLIENTS_MAX + 1), host, port);
	else if (!strcmp(argv[1], "send") && argc == 6)
		bench_send(&bench, (unsigned int)atoi(argv[2]) % VIEWER_KINDS,
			   (unsigned int)atoi(argv[3]) % (CLIENTS_MAX + 1), host, port);
	else
		die("see the head of path.c for how to call it");
	for (i = 0; i < bench.count; i++)
		viewer_close(&bench.viewers[i]);
	screen_close(&bench.screen);
	kvmcap_close(bench.source);
	return 0;
}
