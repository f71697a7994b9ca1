// SPDX-License-Identifier: Apache-2.0
/*
 * Draws screens such as a BMC sees, the same ones each time: PPM images of
 * 1920x1080 pixels on standard output. Text is FreeType's rendering of DejaVu.
 *
 * Usage: bench_screens NAME [FRAMES], with one of the names in screens[] below;
 * more than one frame show what happens on such a screen
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ft2build.h>
#include FT_FREETYPE_H

#define WIDTH	1920
#define HEIGHT	1080
#define FONTS	"/usr/share/fonts/truetype/dejavu/"
#define SANS	FONTS "DejaVuSans.ttf"
#define BOLD	FONTS "DejaVuSans-Bold.ttf"
#define MONO	FONTS "DejaVuSansMono.ttf"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static uint8_t pixels[HEIGHT][WIDTH][3];
static FT_Library library;
static uint32_t seed = 1;

/* xorshift32 */
static uint32_t random_below(uint32_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % limit;
}

static void plot(int x, int y, uint32_t rgb, unsigned int alpha)
{
	unsigned int i;

	if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT)
		return;
	for (i = 0; i < 3; i++) {
		unsigned int colour = rgb >> (16 - 8 * i) & 0xff;
		uint8_t *p = &pixels[y][x][i];

		*p = (colour * alpha + *p * (255 - alpha)) / 255;
	}
}

static void fill(int x, int y, int width, int height, uint32_t rgb)
{
	int i, j;

	for (j = y; j < y + height; j++)
		for (i = x; i < x + width; i++)
			plot(i, j, rgb, 255);
}

/* A font at a size in pixels; smooth or of one bit a pixel. */
struct font {
	FT_Face face;
	bool smooth;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_screens: %s\n", what);
	exit(1);
}

static struct font font_open(const char *file, unsigned int size, bool smooth)
{
	struct font font = { .smooth = smooth };

	if (!library && FT_Init_FreeType(&library))
		die("FreeType does not start");
	if (FT_New_Face(library, file, 0, &font.face))
		die("a font is missing: install fonts-dejavu-core");
	FT_Set_Pixel_Sizes(font.face, 0, size);
	return font;
}

static void draw_glyph(FT_GlyphSlot glyph, int x, int y, uint32_t rgb)
{
	const FT_Bitmap *map = &glyph->bitmap;
	unsigned int i, j;

	for (j = 0; j < map->rows; j++) {
		for (i = 0; i < map->width; i++) {
			const uint8_t *row = map->buffer + j * map->pitch;
			unsigned int alpha = row[i];

			if (map->pixel_mode == FT_PIXEL_MODE_MONO)
				alpha = row[i / 8] >> (7 - i % 8) & 1 ? 255 : 0;
			plot(x + glyph->bitmap_left + (int)i,
			     y - glyph->bitmap_top + (int)j, rgb, alpha);
		}
	}
}

/* Draws with the base line at @y; returns where the next glyph would begin. */
static int draw_text(const struct font *font, int x, int y, uint32_t rgb,
		     const char *text)
{
	int flags = FT_LOAD_RENDER |
		    (font->smooth ? FT_LOAD_TARGET_NORMAL : FT_LOAD_TARGET_MONO);

	for (; *text; text++) {
		if (FT_Load_Char(font->face, *text, flags))
			die("a glyph is missing");
		draw_glyph(font->face->glyph, x, y, rgb);
		x += font->face->glyph->advance.x >> 6;
	}
	return x;
}

static const char * const words[] = {
	"the", "of", "and", "kernel", "driver", "video", "engine", "memory",
	"buffer", "interrupt", "device", "0x1e700000", "status:", "enabled",
	"firmware", "version", "2.14.1", "register", "when", "with", "frame",
	"power", "supply", "fan", "rpm", "ok", "[ 12.345678]", "clock", "is",
	"at", "boot", "network", "link", "up", "Mbps", "full", "duplex", "a",
	"that", "reads", "(null)", "usb", "1-1.4:", "new", "high-speed", "number",
};

/* Words up to @right, a line every @step pixels from @y to @bottom. */
static void draw_prose(const struct font *font, int x, int y, int right,
		       int bottom, int step, uint32_t rgb)
{
	for (; y < bottom; y += step) {
		int at = x;
		int end = right - (int)random_below((right - x) / 2);

		while (at < end) {
			at = draw_text(font, at, y, rgb,
				       words[random_below(ARRAY_SIZE(words))]);
			at = draw_text(font, at, y, rgb, " ");
		}
	}
}

/* Smooth noise, as a photograph has: four octaves of interpolated values. */
static unsigned int cloud(unsigned int x, unsigned int y, uint32_t salt)
{
	unsigned int octave, sum = 0;

	for (octave = 0; octave < 4; octave++) {
		unsigned int size = 256 >> (2 * octave);
		unsigned int value[2][2], i, j, fx = x % size, fy = y % size;

		for (j = 0; j < 2; j++) {
			for (i = 0; i < 2; i++) {
				uint32_t h = (x / size + i) * 0x9e3779b1u ^
					     (y / size + j) * 0x85ebca77u ^
					     (octave + salt) * 0xc2b2ae3du;

				h ^= h >> 15;
				h *= 0x2c1b3c6du;
				value[j][i] = (h >> 13) & 0xff;
			}
		}
		sum += ((value[0][0] * (size - fx) + value[0][1] * fx) *
			(size - fy) +
			(value[1][0] * (size - fx) + value[1][1] * fx) * fy) /
		       (size * size) >> octave;
	}
	return sum * 8 / 15;
}

static void draw_photo(int x, int y, int width, int height)
{
	int i, j;

	for (j = y; j < y + height; j++)
		for (i = x; i < x + width; i++)
			plot(i, j, cloud(i, j, 1) << 16 |
				   cloud(i, j, 2) << 8 | cloud(i, j, 3), 255);
}

static void draw_window(int x, int y, int width, int height, uint32_t paper,
			const char *title)
{
	struct font font = font_open(BOLD, 14, true);

	fill(x - 1, y - 1, width + 2, height + 2, 0x404048);
	fill(x, y, width, 26, 0x3465a4);
	fill(x, y + 26, width, height - 26, paper);
	draw_text(&font, x + 10, y + 18, 0xffffff, title);
	fill(x + width - 22, y + 6, 14, 14, 0xcc3333);
}

/* A wallpaper, icons, a bar: nobody is working here. */
static void draw_bare(void)
{
	struct font sans = font_open(SANS, 13, true);
	int i, y;

	for (y = 0; y < HEIGHT; y++)
		fill(0, y, WIDTH, 1, (0x20 + y / 16) << 16 |
				     (0x40 + y / 12) << 8 | (0x70 + y / 10));
	for (i = 0; i < 9; i++) {
		fill(24, 70 + 100 * i, 24, 24, 0xe0a030 + 0x1020 * i);
		draw_text(&sans, 8, 112 + 100 * i, 0xffffff, "icon");
	}
	fill(0, HEIGHT - 40, WIDTH, 40, 0x2e3436);
	draw_text(&sans, 20, HEIGHT - 14, 0xffffff, "Menu   Files   Terminal");
}

static void draw_desktop(void)
{
	struct font sans = font_open(SANS, 13, true);
	struct font mono = font_open(MONO, 13, true);

	draw_bare();
	draw_window(60, 60, 860, 600, 0xffffff, "Event log");
	draw_prose(&sans, 74, 110, 900, 650, 18, 0x202020);
	draw_window(980, 120, 840, 520, 0x1e1e1e, "Terminal");
	draw_prose(&mono, 990, 170, 1800, 630, 17, 0xd0d0d0);
	draw_window(240, 560, 900, 440, 0xf4f4f4, "Pictures");
	draw_photo(260, 600, 400, 300);
	draw_prose(&sans, 680, 620, 1120, 980, 18, 0x303030);
}

static void draw_terminal(void)
{
	struct font mono = font_open(MONO, 14, true);

	fill(0, 0, WIDTH, HEIGHT, 0x300a24);
	draw_prose(&mono, 4, 16, WIDTH, HEIGHT, 18, 0xeeeeec);
}

static void draw_console(void)
{
	struct font mono = font_open(MONO, 13, false);

	draw_prose(&mono, 0, 13, WIDTH - 600, HEIGHT, 16, 0xaaaaaa);
}

static void draw_setup(void)
{
	struct font mono = font_open(MONO, 20, false);
	int y;

	fill(0, 0, WIDTH, HEIGHT, 0xaaaaaa);
	fill(0, 0, WIDTH, 50, 0x0000aa);
	draw_text(&mono, 700, 34, 0xffffff, "Setup Utility - Advanced");
	fill(1300, 60, 4, 950, 0x0000aa);
	for (y = 100; y < 900; y += 40) {
		draw_prose(&mono, 60, y, 700, y + 1, 40, 0x0000aa);
		draw_text(&mono, 900, y, 0x0000aa, "[Enabled]");
	}
	draw_prose(&mono, 1330, 100, 1880, 400, 26, 0x0000aa);
	fill(0, HEIGHT - 50, WIDTH, 50, 0x0000aa);
	draw_text(&mono, 40, HEIGHT - 16, 0xffffff,
		  "F1 Help  F9 Defaults  F10 Save and exit  ESC Exit");
}

static void draw_document(void)
{
	struct font sans = font_open(SANS, 12, true);
	struct font bold = font_open(BOLD, 22, true);

	fill(0, 0, WIDTH, HEIGHT, 0xffffff);
	draw_text(&bold, 60, 50, 0x101010, "Documentation of the engine");
	draw_prose(&sans, 60, 90, 640, HEIGHT, 16, 0x222222);
	draw_prose(&sans, 680, 90, 1260, HEIGHT, 16, 0x222222);
	draw_prose(&sans, 1300, 90, 1880, HEIGHT, 16, 0x0645ad);
}

static void draw_picture(void)
{
	draw_photo(0, 0, WIDTH, HEIGHT);
}

/*
 * What happens on a screen: frame 0 is before anything has.
 *
 * A character is typed on an empty line; the cursor goes on.
 */
static void move_terminal(unsigned int frame)
{
	struct font mono = font_open(MONO, 14, true);
	const int y = HEIGHT / 2, x = (int)(4 + 8 * frame) % (WIDTH - 16);
	const char text[] = { 'a' + (char)random_below(26), 0 };

	if (!frame)
		fill(0, y - 14, WIDTH, 18, 0x300a24);
	fill(x, y - 14, 16, 18, 0x300a24);
	draw_text(&mono, x, y, 0xeeeeec, text);
	fill(x + 8, y - 13, 8, 16, 0xeeeeec);
}

/* A line comes in at the bottom. */
static void move_console(unsigned int frame)
{
	struct font mono = font_open(MONO, 13, false);
	const int step = 16;

	if (!frame)
		return;
	memmove(pixels, pixels[step], sizeof(pixels) - step * sizeof(pixels[0]));
	fill(0, HEIGHT - step, WIDTH, step, 0);
	draw_prose(&mono, 0, HEIGHT - 4, WIDTH - 600, HEIGHT - 3, step, 0xaaaaaa);
}

/* Exchanges the colours of an entry. */
static void invert_entry(unsigned int entry)
{
	int x, y, top = 100 + 40 * ((int)entry % 20) - 24;

	for (y = top; y < top + 32; y++) {
		for (x = 40; x < 1280; x++) {
			uint8_t *p = pixels[y][x];
			bool paper = p[0] > 0x55;

			p[0] = paper ? 0 : 0xaa;
			p[1] = p[0];
			p[2] = 0xaa;
		}
	}
}

/* The cursor keys go down the list. */
static void move_setup(unsigned int frame)
{
	if (frame)
		invert_entry(frame - 1);
	invert_entry(frame);
}

static uint8_t background[HEIGHT][WIDTH][3];

/* The pointer moves across the screen; now and then there is a menu. */
static void move_desktop(unsigned int frame)
{
	struct font sans = font_open(SANS, 13, true);
	const int x = (int)(300 + 11 * frame) % WIDTH;
	const int y = (int)(200 + 7 * frame) % HEIGHT;
	int i;

	if (!frame)
		memcpy(background, pixels, sizeof(pixels));
	memcpy(pixels, background, sizeof(pixels));
	if (frame % 16 >= 8) {
		fill(500, 300, 220, 260, 0xe8e8e8);
		for (i = 0; i < 10; i++)
			draw_text(&sans, 512, 322 + 24 * i, 0x202020, words[i]);
	}
	for (i = 0; i < 18; i++)
		fill(x, y + i, i < 12 ? i + 1 : 18 - i, 1, i % 11 ? 0xffffff : 0);
}

/* All of it moves. */
static void move_picture(unsigned int frame)
{
	const unsigned int right = 5 * frame % WIDTH, down = 3 * frame % HEIGHT;
	unsigned int y;

	if (!frame)
		memcpy(background, pixels, sizeof(pixels));
	for (y = 0; y < HEIGHT; y++) {
		uint8_t (*from)[3] = background[(y + down) % HEIGHT];

		memcpy(pixels[y], from + right, (WIDTH - right) * 3);
		memcpy(pixels[y] + (WIDTH - right), from, (size_t)3 * right);
	}
}

static const struct {
	const char *name;
	void (*draw)(void);
	void (*move)(unsigned int frame);
} screens[] = {
	{ "bare", draw_bare, NULL },
	{ "desktop", draw_desktop, move_desktop },
	{ "terminal", draw_terminal, move_terminal },
	{ "console", draw_console, move_console },
	{ "setup", draw_setup, move_setup },
	{ "document", draw_document, NULL },
	{ "picture", draw_picture, move_picture },
};

static void print_frame(void)
{
	printf("P6\n%d %d\n255\n", WIDTH, HEIGHT);
	if (fwrite(pixels, sizeof(pixels), 1, stdout) != 1 || fflush(stdout))
		die("cannot write");
}

int main(int argc, char **argv)
{
	unsigned long frames = argc == 3 ? strtoul(argv[2], NULL, 10) : 1;
	unsigned int frame;
	size_t i;

	for (i = 0; (argc == 2 || argc == 3) && i < ARRAY_SIZE(screens); i++) {
		if (strcmp(argv[1], screens[i].name) != 0)
			continue;
		screens[i].draw();
		for (frame = 0; frame < frames; frame++) {
			if (screens[i].move && frames > 1)
				screens[i].move(frame);
			print_frame();
		}
		return 0;
	}
	fputs("usage: bench_screens NAME [FRAMES], one of:\n", stderr);
	for (i = 0; i < ARRAY_SIZE(screens); i++)
		fprintf(stderr, "  %s\n", screens[i].name);
	return 2;
}
