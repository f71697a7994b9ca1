// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Reads the headers of a baseline JPEG image (ITU T.81, annex B). Every value
 * is read once, since the image may lie in memory that a device writes to.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "jpeg_header.h"
#include "jpeg_huffman.h"

/* Second bytes of markers. */
#define MARKER_SOF0	0xc0
#define MARKER_DHT	0xc4
#define MARKER_JPG	0xc8
#define MARKER_DAC	0xcc
#define MARKER_SOF15	0xcf
#define MARKER_SOI	0xd8
#define MARKER_SOS	0xda
#define MARKER_DQT	0xdb
#define MARKER_DNL	0xdc
#define MARKER_DRI	0xdd
#define MARKER_DHP	0xde
#define MARKER_EXP	0xdf
#define MARKER_APP0	0xe0
#define MARKER_APP15	0xef
#define MARKER_COM	0xfe

#define MARKER_BYTES	2	/* 0xff and the second byte */
#define LENGTH_BYTES	2	/* a segment's length counts itself */

#define QUANTISERS	4
#define QUANTISER_BYTES	64
#define SAMPLING_1X1	0x11
#define SAMPLING_2X2	0x22
#define SAMPLING_MAX	4

/* What is left to read, and what has been seen. */
struct parser {
	struct kvmcap_jpeg_image *image;
	const u8 *at;
	size_t left;
	bool frame;			/* SOF0 has been seen */
	u8 quantisers;			/* bit per table that DQT defined */
};

static unsigned int be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static void skip(struct parser *p, size_t bytes)
{
	p->at += bytes;
	p->left -= bytes;
}

/* Steps over a marker; @second is its second byte, @p->at just behind it. */
static int next_marker(struct parser *p, u8 *second)
{
	if (p->left < MARKER_BYTES)
		return -ENODATA;
	if (p->at[0] != 0xff)
		return -EBADMSG;

	do {
		skip(p, 1);
		if (!p->left)
			return -ENODATA;
		*second = p->at[0];
	} while (*second == 0xff);	/* fill bytes */

	skip(p, 1);
	return 0;
}

/* Steps over a segment behind its marker; @body is what follows its length. */
static int next_segment(struct parser *p, struct kvmcap_jpeg_span *body)
{
	size_t length;

	if (p->left < LENGTH_BYTES)
		return -ENODATA;
	length = be16(p->at);
	if (length < LENGTH_BYTES)
		return -EBADMSG;
	if (length > p->left)
		return -ENODATA;

	body->data = p->at + LENGTH_BYTES;
	body->length = length - LENGTH_BYTES;
	skip(p, length);
	return 0;
}

/* Takes the segment with @body into the spans; neighbours become one. */
static int keep_segment(struct kvmcap_jpeg_image *image,
			const struct kvmcap_jpeg_span *body)
{
	const u8 *start = body->data - LENGTH_BYTES - MARKER_BYTES;
	size_t length = body->length + LENGTH_BYTES + MARKER_BYTES;
	struct kvmcap_jpeg_span *last;

	if (image->spans) {
		last = &image->span[image->spans - 1];
		if (last->data + last->length == start) {
			last->length += length;
			return 0;
		}
	}
	if (image->spans == KVMCAP_JPEG_MAX_SPANS)
		return -EBADMSG;

	last = &image->span[image->spans++];
	last->data = start;
	last->length = length;
	return 0;
}

static int parse_dqt(struct parser *p, const struct kvmcap_jpeg_span *body)
{
	const u8 *at = body->data;
	size_t left = body->length;
	unsigned int i, index;

	if (!left)
		return -EBADMSG;

	while (left) {
		index = at[0];	/* and in bits 7:4 the precision, 0 for 8 bits */
		if (index >= QUANTISERS || p->quantisers & (1 << index) ||
		    left < 1 + QUANTISER_BYTES)
			return -EBADMSG;
		for (i = 1; i <= QUANTISER_BYTES; i++)
			if (!at[i])
				return -EBADMSG;
		p->quantisers |= 1 << index;
		at += 1 + QUANTISER_BYTES;
		left -= 1 + QUANTISER_BYTES;
	}
	return keep_segment(p->image, body);
}

static int parse_dht(struct parser *p, const struct kvmcap_jpeg_span *body)
{
	const u8 *at = body->data;
	size_t left = body->length;
	struct kvmcap_jpeg_span *table;
	unsigned int kind, index;
	int length;

	if (!left)
		return -EBADMSG;

	while (left) {
		kind = at[0] >> 4;
		index = at[0] & 0xf;
		if (kind > 1 || index > 1)
			return -EBADMSG;
		table = &p->image->huffman[kind][index];
		if (table->length)
			return -EBADMSG;
		length = kvmcap_huffman_check(kind, at + 1, left - 1);
		if (length < 0)
			return length;
		table->data = at + 1;
		table->length = length;
		at += 1 + length;
		left -= 1 + length;
	}
	return keep_segment(p->image, body);
}

/* @sampling: horizontal and vertical factors of each component, from SOF0. */
static int set_subsampling(struct kvmcap_jpeg_image *image, const u8 *sampling)
{
	unsigned int i;

	for (i = 0; i < KVMCAP_JPEG_COMPONENTS; i++) {
		u8 h = sampling[i] >> 4, v = sampling[i] & 0xf;

		if (!h || h > SAMPLING_MAX || !v || v > SAMPLING_MAX)
			return -EBADMSG;
	}
	if (sampling[1] != SAMPLING_1X1 || sampling[2] != SAMPLING_1X1)
		return -EOPNOTSUPP;

	if (sampling[0] == SAMPLING_2X2)
		image->subsampling = KVMCAP_JPEG_420;
	else if (sampling[0] == SAMPLING_1X1)
		image->subsampling = KVMCAP_JPEG_444;
	else
		return -EOPNOTSUPP;

	image->mcu_width = sampling[0] == SAMPLING_2X2 ? 16 : 8;
	image->mcu_height = image->mcu_width;
	image->mcus_x = DIV_ROUND_UP(image->width, image->mcu_width);
	image->mcus_y = DIV_ROUND_UP(image->height, image->mcu_height);
	return 0;
}

static int parse_sof0(struct parser *p, const struct kvmcap_jpeg_span *body)
{
	struct kvmcap_jpeg_image *image = p->image;
	u8 sampling[KVMCAP_JPEG_COMPONENTS];
	const u8 *at = body->data;
	unsigned int i, j;

	/* Precision, height, width, count; id, sampling, table of each. */
	if (p->frame || body->length < 6)
		return -EBADMSG;
	if (at[0] != 8 || at[5] != KVMCAP_JPEG_COMPONENTS)
		return -EOPNOTSUPP;
	if (body->length != 6 + 3 * KVMCAP_JPEG_COMPONENTS)
		return -EBADMSG;

	image->height = be16(at + 1);
	image->width = be16(at + 3);
	if (!image->height || !image->width)
		return -EBADMSG;

	for (i = 0; i < KVMCAP_JPEG_COMPONENTS; i++) {
		struct kvmcap_jpeg_component *component = &image->components[i];

		component->id = at[6 + 3 * i];
		sampling[i] = at[7 + 3 * i];
		component->quantiser = at[8 + 3 * i];
		if (component->quantiser >= QUANTISERS)
			return -EBADMSG;
		for (j = 0; j < i; j++)
			if (image->components[j].id == component->id)
				return -EBADMSG;
	}
	p->frame = true;
	return set_subsampling(image, sampling);
}

static int parse_sos(struct parser *p, const struct kvmcap_jpeg_span *body)
{
	struct kvmcap_jpeg_image *image = p->image;
	const u8 *at = body->data;
	unsigned int i;
	u8 tables;

	/* Count; id and tables of each; spectral selection, approximation. */
	if (!p->frame || body->length < 1)
		return -EBADMSG;
	if (at[0] != KVMCAP_JPEG_COMPONENTS)
		return -EOPNOTSUPP;
	if (body->length != 4 + 2 * KVMCAP_JPEG_COMPONENTS)
		return -EBADMSG;

	for (i = 0; i < KVMCAP_JPEG_COMPONENTS; i++) {
		struct kvmcap_jpeg_component *component = &image->components[i];

		if (at[1 + 2 * i] != component->id)
			return -EBADMSG;
		tables = at[2 + 2 * i];
		component->dc = tables >> 4;
		component->ac = tables & 0xf;
		if (component->dc > 1 || component->ac > 1 ||
		    !image->huffman[0][component->dc].length ||
		    !image->huffman[1][component->ac].length ||
		    !(p->quantisers & (1 << component->quantiser)))
			return -EBADMSG;
	}

	at += 1 + 2 * KVMCAP_JPEG_COMPONENTS;
	if (at[0] != 0 || at[1] != 63 || at[2] != 0)
		return -EBADMSG;
	image->scan = p->at;
	image->scan_length = p->left;
	return 0;
}

static int parse_dri(const struct kvmcap_jpeg_span *body)
{
	if (body->length != 2)
		return -EBADMSG;
	return be16(body->data) ? -EOPNOTSUPP : 0;
}

/* Whether JPEG allows a segment of this kind where baseline does not. */
static bool is_not_baseline(u8 marker)
{
	return (marker > MARKER_SOF0 && marker <= MARKER_SOF15 &&
		marker != MARKER_JPG) ||
	       marker == MARKER_DNL || marker == MARKER_DHP ||
	       marker == MARKER_EXP;
}

static int parse_segment(struct parser *p, u8 marker,
			 const struct kvmcap_jpeg_span *body)
{
	switch (marker) {
	case MARKER_DQT:
		return parse_dqt(p, body);
	case MARKER_DHT:
		return parse_dht(p, body);
	case MARKER_SOF0:
		return parse_sof0(p, body);
	case MARKER_SOS:
		return parse_sos(p, body);
	case MARKER_DRI:
		return parse_dri(body);
	case MARKER_COM:
	case MARKER_APP0 ... MARKER_APP15:
		return 0;
	default:
		return is_not_baseline(marker) ? -EOPNOTSUPP : -EBADMSG;
	}
}

int kvmcap_jpeg_parse(struct kvmcap_jpeg_image *image, const u8 *data,
		      size_t length)
{
	struct parser p = { .image = image, .at = data, .left = length };
	struct kvmcap_jpeg_span body;
	u8 marker;
	int ret;

	memset(image, 0, sizeof(*image));
	ret = next_marker(&p, &marker);
	if (ret)
		return ret;
	if (marker != MARKER_SOI)
		return -EBADMSG;

	do {
		ret = next_marker(&p, &marker);
		if (ret)
			return ret;
		if (marker < MARKER_SOF0 ||
		    (marker > MARKER_SOF15 && marker < MARKER_SOS))
			return -EBADMSG;	/* has no segment: RSTn, EOI, … */
		ret = next_segment(&p, &body);
		if (!ret)
			ret = parse_segment(&p, marker, &body);
		if (ret)
			return ret;
	} while (marker != MARKER_SOS);

	return 0;
}

size_t kvmcap_jpeg_spans_length(const struct kvmcap_jpeg_image *image)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < image->spans; i++)
		length += image->span[i].length;
	return length;
}

int kvmcap_jpeg_spans_copy(const struct kvmcap_jpeg_image *image, u8 *out,
			   size_t room)
{
	size_t at = 0;
	unsigned int i;

	if (kvmcap_jpeg_spans_length(image) > room)
		return -ENOSPC;
	for (i = 0; i < image->spans; i++) {
		memcpy(out + at, image->span[i].data, image->span[i].length);
		at += image->span[i].length;
	}
	return at;
}
