// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Cuts a rectangle of Hextile into tiles. Pixels are not looked into: they are
 * pairs of bytes.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "hextile_tiles.h"

#define FLAGS	\
	(KVMCAP_HEXTILE_RAW | KVMCAP_HEXTILE_BACKGROUND |	\
	 KVMCAP_HEXTILE_FOREGROUND | KVMCAP_HEXTILE_SUBRECTS |	\
	 KVMCAP_HEXTILE_COLOURED)

#define PIXEL	KVMCAP_HEXTILE_PIXEL

/**
 * struct input - Hextile that has not been read yet
 * @data: the next byte
 * @left: bytes that follow
 */
struct input {
	const u8 *data;
	size_t left;
};

/**
 * struct output - a tile's payload
 * @data: where it begins
 * @room: bytes there
 * @used: of them
 */
struct output {
	u8 *data;
	size_t room;
	size_t used;
};

/**
 * struct colours - what a subrectangle can inherit
 * @has_background: @background is there to inherit
 * @has_foreground: @foreground is
 * @background: as it was stated last
 * @foreground: likewise
 */
struct colours {
	bool has_background;
	bool has_foreground;
	u8 background[PIXEL];
	u8 foreground[PIXEL];
};

/**
 * struct subrect - a subrectangle
 * @width: pixels
 * @height: pixels
 * @flags: KVMCAP_HEXTILE_* as far as they have an effect
 * @count: of smaller ones
 * @body: them, or the pixels of a RAW one
 * @body_length: bytes of that
 */
struct subrect {
	unsigned int width;
	unsigned int height;
	u8 flags;
	u8 count;
	const u8 *body;
	size_t body_length;
};

static const u8 *take(struct input *in, size_t length)
{
	const u8 *data = in->data;

	if (length > in->left)
		return NULL;
	in->data += length;
	in->left -= length;
	return data;
}

static bool take_pixel(struct input *in, u8 *pixel, bool *has)
{
	const u8 *data = take(in, PIXEL);

	if (!data)
		return false;
	memcpy(pixel, data, PIXEL);
	*has = true;
	return true;
}

static void put(struct output *out, const void *data, size_t length)
{
	memcpy(out->data + out->used, data, length);
	out->used += length;
}

static size_t entry_size(const struct subrect *s)
{
	return s->flags & KVMCAP_HEXTILE_COLOURED ? PIXEL + 2 : 2;
}

/* Does each of the smaller ones lie within the subrectangle? */
static bool entries_fit(const struct subrect *s)
{
	size_t size = entry_size(s), i;

	for (i = size - 2; i < s->body_length; i += size) {
		u8 place = s->body[i], extent = s->body[i + 1];

		if ((place >> 4) + (extent >> 4) + 1U > s->width ||
		    (place & 15) + (extent & 15) + 1U > s->height)
			return false;
	}
	return true;
}

static int read_entries(struct input *in, struct subrect *s,
			const struct colours *colours)
{
	const u8 *count = take(in, 1);

	if (!count)
		return -EBADMSG;
	s->count = *count;
	s->body_length = s->count * entry_size(s);
	s->body = take(in, s->body_length);
	if (!s->body || !entries_fit(s))
		return -EBADMSG;
	if (!s->count)
		s->flags = 0;
	else if (!(s->flags & KVMCAP_HEXTILE_COLOURED) && !colours->has_foreground)
		return -EBADMSG;
	return 0;
}

/*
 * The next subrectangle. @colours are what the encoder counts on: more lenient
 * than need be, they outlast RAW and COLOURED ones.
 */
static int read_subrect(struct input *in, struct subrect *s,
			struct colours *colours)
{
	const u8 *flags = take(in, 1);

	if (!flags || *flags & ~FLAGS)
		return -EBADMSG;
	if (*flags & KVMCAP_HEXTILE_RAW) {
		s->flags = KVMCAP_HEXTILE_RAW;
		s->body_length = (size_t)s->width * s->height * PIXEL;
		s->body = take(in, s->body_length);
		return s->body ? 0 : -EBADMSG;
	}
	s->flags = *flags;
	if (s->flags & KVMCAP_HEXTILE_BACKGROUND &&
	    !take_pixel(in, colours->background, &colours->has_background))
		return -EBADMSG;
	if (s->flags & KVMCAP_HEXTILE_FOREGROUND) {
		/* One that has colours of its own must not state it. */
		if (s->flags & KVMCAP_HEXTILE_COLOURED ||
		    !take_pixel(in, colours->foreground, &colours->has_foreground))
			return -EBADMSG;
	}
	if (!colours->has_background)
		return -EBADMSG;
	s->flags &= KVMCAP_HEXTILE_SUBRECTS | KVMCAP_HEXTILE_COLOURED;
	s->count = 0;
	s->body_length = 0;
	if (s->flags & KVMCAP_HEXTILE_SUBRECTS)
		return read_entries(in, s, colours);
	s->flags = 0;
	return 0;
}

static void paint(u8 *pixels, const struct subrect *s, unsigned int x,
		  unsigned int y, unsigned int width, unsigned int height,
		  const u8 *colour)
{
	unsigned int i, j;

	for (j = y; j < y + height; j++)
		for (i = x; i < x + width; i++)
			memcpy(pixels + (j * s->width + i) * PIXEL, colour, PIXEL);
}

/* All pixels of a subrectangle that takes more bytes than they do. */
static int write_raw(struct output *out, const struct subrect *s,
		     const struct colours *colours)
{
	size_t length = (size_t)s->width * s->height * PIXEL;
	size_t size = entry_size(s), i;
	u8 flags = KVMCAP_HEXTILE_RAW;
	u8 *pixels;

	if (out->room - out->used < 1 + length)
		return -ENOSPC;
	put(out, &flags, 1);
	if (s->flags & KVMCAP_HEXTILE_RAW) {
		put(out, s->body, length);
		return 0;
	}

	pixels = out->data + out->used;
	paint(pixels, s, 0, 0, s->width, s->height, colours->background);
	for (i = 0; i < s->body_length; i += size) {
		const u8 *entry = s->body + i + size - 2;
		const u8 *colour = size > 2 ? s->body + i : colours->foreground;

		paint(pixels, s, entry[0] >> 4, entry[0] & 15,
		      (entry[1] >> 4) + 1U, (entry[1] & 15) + 1U, colour);
	}
	out->used += length;
	return 0;
}

static bool is_stated(bool has, const u8 *stated, const u8 *pixel)
{
	return has && !memcmp(stated, pixel, PIXEL);
}

/* @known: what the tile has stated so far. */
static int write_subrect(struct output *out, const struct subrect *s,
			 const struct colours *colours, struct colours *known)
{
	size_t raw = 1 + (size_t)s->width * s->height * PIXEL;
	u8 flags = s->flags;
	size_t length;

	if (!is_stated(known->has_background, known->background,
		       colours->background))
		flags |= KVMCAP_HEXTILE_BACKGROUND;
	if (s->count && !(flags & KVMCAP_HEXTILE_COLOURED) &&
	    !is_stated(known->has_foreground, known->foreground,
		       colours->foreground))
		flags |= KVMCAP_HEXTILE_FOREGROUND;

	length = 1 + (flags & KVMCAP_HEXTILE_BACKGROUND ? PIXEL : 0) +
		 (flags & KVMCAP_HEXTILE_FOREGROUND ? PIXEL : 0) +
		 (s->count ? 1 : 0) + s->body_length;
	if (s->flags & KVMCAP_HEXTILE_RAW || length > raw) {
		known->has_background = false;
		known->has_foreground = false;
		return write_raw(out, s, colours);
	}

	if (out->room - out->used < length)
		return -ENOSPC;
	put(out, &flags, 1);
	if (flags & KVMCAP_HEXTILE_BACKGROUND)
		put(out, colours->background, PIXEL);
	if (flags & KVMCAP_HEXTILE_FOREGROUND)
		put(out, colours->foreground, PIXEL);
	if (s->count) {
		put(out, &s->count, 1);
		put(out, s->body, s->body_length);
	}

	known->has_background = true;
	memcpy(known->background, colours->background, PIXEL);
	if (flags & KVMCAP_HEXTILE_COLOURED) {
		known->has_foreground = false;
	} else if (s->count) {
		known->has_foreground = true;
		memcpy(known->foreground, colours->foreground, PIXEL);
	}
	return 0;
}

/* The next tile, @width pixels of it. */
static int cut_tile(struct input *in, struct colours *colours,
		    unsigned int width, unsigned int height, struct output *out)
{
	struct colours known = { 0 };
	struct subrect s = { 0 };
	unsigned int x;
	int err;

	for (x = 0; x < width; x += KVMCAP_HEXTILE_SIZE) {
		s.width = width - x;
		if (s.width > KVMCAP_HEXTILE_SIZE)
			s.width = KVMCAP_HEXTILE_SIZE;
		s.height = height;
		s.count = 0;
		err = read_subrect(in, &s, colours);
		if (!err)
			err = write_subrect(out, &s, colours, &known);
		if (err)
			return err;
	}
	return 0;
}

int kvmcap_hextile_tiles(const struct kvmcap_tile_run *run, const u8 *data,
			 size_t length, struct kvmcap_tile_sink *sink)
{
	struct input in = { .data = data, .left = length };
	unsigned int column = run->column, x;
	struct colours colours = { 0 };
	int err;

	if (!run->width || !run->height || run->height > KVMCAP_HEXTILE_SIZE ||
	    !run->tile_width || run->tile_width % KVMCAP_HEXTILE_SIZE)
		return -EINVAL;

	for (x = 0; x < run->width; x += run->tile_width) {
		unsigned int width = run->width - x;
		struct output out = { 0 };

		if (width > run->tile_width)
			width = run->tile_width;
		out.data = sink->begin(sink, &out.room);
		if (!out.data)
			return -ENOSPC;
		err = cut_tile(&in, &colours, width, run->height, &out);
		if (err)
			return err;
		err = sink->end(sink, column++, run->row, out.used);
		if (err)
			return err;
	}
	return in.left ? -EBADMSG : 0;
}
