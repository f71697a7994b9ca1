// SPDX-License-Identifier: Apache-2.0
/*
 * Bad images: each must give an error, or tiles that libjpeg-turbo can read, and
 * under ASan and UBSan nothing else.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>

#include "jpeg_encoder.h"
#include "jpeg_oracle.h"
#include "jpeg_screens.h"
#include "tap.h"

#define TILE_MCUS	4

static struct kvmcap_jpeg_transcoder transcoder;

/* What became of an image. */
struct outcome {
	int parsed;
	int cut;		/* 0 unless parsed is 0 */
	bool sound;		/* tiles, if there are any, within their bound */
};

/* Keeps nothing outside of buffers that are exactly as long as they say. */
static struct outcome try_image(const u8 *data, size_t length)
{
	struct outcome outcome = { .sound = true };
	struct kvmcap_jpeg_image image;
	struct tile_store store;
	u8 *copy = malloc(length ? length : 1);
	unsigned int tiles;

	if (!copy)
		abort();
	memcpy(copy, data, length);
	outcome.parsed = kvmcap_jpeg_parse(&image, copy, length);
	if (outcome.parsed)
		goto out;

	tiles = kvmcap_jpeg_tiles_count(&image, TILE_MCUS);
	tile_store_init(&store, DIV_ROUND_UP(image.mcus_x, TILE_MCUS), tiles,
			kvmcap_jpeg_tiles_bound(image.scan_length, tiles));
	outcome.cut = kvmcap_jpeg_tables_set(&transcoder, &image);
	if (!outcome.cut)
		outcome.cut = kvmcap_jpeg_tiles(&transcoder, &image, TILE_MCUS,
						&store.sink);
	if (store.out_of_order || outcome.cut == -ENOSPC)
		outcome.sound = false;
	if (!outcome.cut && image.mcus_x % TILE_MCUS == 0) {
		struct tile_rect all = {
			0, 0, image.mcus_x / TILE_MCUS, image.mcus_y
		};
		struct blob whole = { .data = copy, .length = length };
		struct blob part = { 0 };

		/* A flipped bit may be an image of its own; then it must match. */
		oracle_assemble(&part, &image, &store, TILE_MCUS, &all);
		if (oracle_decodes(&whole) &&
		    !oracle_same_coefficients(&whole, &part, 0, 0))
			outcome.sound = false;
		blob_free(&part);
	}
	tile_store_free(&store);
out:
	free(copy);
	return outcome;
}

static void encode(struct blob *jpeg, unsigned int width, unsigned int height,
		   enum pattern pattern, const struct oracle_params *params)
{
	u8 *rgb = malloc((size_t)3 * width * height);

	if (!rgb)
		abort();
	*jpeg = (struct blob){ 0 };
	paint(rgb, width, height, pattern, 77);
	oracle_encode(jpeg, rgb, width, height, params);
	free(rgb);
}

/* Two columns of tiles, two rows: small enough to try every byte of it. */
static void encode_columns(struct blob *jpeg,
			   enum kvmcap_jpeg_subsampling subsampling,
			   enum oracle_tables tables)
{
	const struct oracle_params params = {
		.quality = 80, .subsampling = subsampling, .tables = tables,
	};
	unsigned int mcu = subsampling == KVMCAP_JPEG_420 ? 16 : 8;

	encode(jpeg, 2 * TILE_MCUS * mcu, 2 * mcu, PATTERN_MIXED, &params);
}

static void encode_small(struct blob *jpeg,
			 enum kvmcap_jpeg_subsampling subsampling)
{
	encode_columns(jpeg, subsampling, TABLES_ANNEX_K);
}

static const char *sampling_name(enum kvmcap_jpeg_subsampling subsampling)
{
	return subsampling == KVMCAP_JPEG_420 ? "4:2:0" : "4:4:4";
}

static void test_truncated(enum kvmcap_jpeg_subsampling subsampling,
			   enum oracle_tables tables)
{
	struct outcome o;
	struct blob jpeg;
	size_t length;
	bool ok = true;

	encode_columns(&jpeg, subsampling, tables);
	for (length = 0; length < jpeg.length; length++) {
		o = try_image(jpeg.data, length);
		if ((o.parsed == -ENODATA || (!o.parsed && o.cut == -ENODATA)) &&
		    o.sound)
			continue;
		printf("# %zu of %zu bytes: %d, %d\n", length, jpeg.length,
		       o.parsed, o.cut);
		ok = false;
	}
	o = try_image(jpeg.data, jpeg.length);
	tap_ok(ok && !o.parsed && !o.cut && o.sound,
	       "cut off at every byte is -ENODATA %s, tables %d",
	       sampling_name(subsampling), tables);
	blob_free(&jpeg);
}

static bool is_refusal(int ret)
{
	return ret == -EBADMSG || ret == -ENODATA || ret == -EOPNOTSUPP;
}

/* Each byte of an image, in each of several ways. */
static void test_flipped(enum kvmcap_jpeg_subsampling subsampling)
{
	static const u8 masks[] = { 0x01, 0x10, 0x80, 0x55, 0xff };
	unsigned int i, refused = 0, taken = 0;
	struct outcome o;
	struct blob jpeg;
	bool ok = true;
	size_t at;

	encode_small(&jpeg, subsampling);
	for (at = 0; at < jpeg.length; at++) {
		for (i = 0; i < ARRAY_SIZE(masks); i++) {
			jpeg.data[at] ^= masks[i];
			o = try_image(jpeg.data, jpeg.length);
			jpeg.data[at] ^= masks[i];
			if (o.parsed || o.cut)
				refused++;
			else
				taken++;
			if (o.sound && (!o.parsed || is_refusal(o.parsed)) &&
			    (!o.cut || is_refusal(o.cut)))
				continue;
			printf("# byte %zu ^ %#x: %d, %d\n", at, masks[i],
			       o.parsed, o.cut);
			ok = false;
		}
	}
	tap_ok(ok && refused && taken,
	       "every byte flipped: %u refused, %u read as another image %s",
	       refused, taken, sampling_name(subsampling));
	blob_free(&jpeg);
}

/* Any two bytes, anywhere, and random tails. */
static void test_scrambled(enum kvmcap_jpeg_subsampling subsampling)
{
	u32 state = 20260101 + subsampling;
	struct outcome o;
	struct blob jpeg;
	unsigned int i, j;
	bool ok = true;

	encode_small(&jpeg, subsampling);
	for (i = 0; i < 5000; i++) {
		struct blob bad = { 0 };

		blob_append(&bad, jpeg.data, jpeg.length);
		for (j = 0; j < 1 + i % 8; j++)
			bad.data[next_random(&state) % bad.length] =
				next_random(&state);
		o = try_image(bad.data, bad.length);
		ok &= o.sound;
		blob_free(&bad);
	}
	tap_ok(ok, "5000 scrambled images, seed 20260101 %s",
	       sampling_name(subsampling));
	blob_free(&jpeg);
}

/* Scans that hold what they should not, by what is done to a good image. */
enum damage {
	EXTRA_BYTE,		/* before EOI */
	EXTRA_STUFFED,		/* 0xff 0x00 before EOI */
	NO_EOI,
	RST_IN_SCAN,
	EOI_IN_SCAN,
	RST_FOR_EOI,
	TRAILING_ZEROES,
	TRAILING_GARBAGE,
	FILL_BEFORE_EOI,
	FF_AT_END,
	TALLER,			/* SOF0 says more rows than there are */
	SHORTER,
	WIDER,
	NARROWER,
};

static const struct {
	const char *name;
	enum damage damage;
	int expected;
} scans[] = {
	{ "a byte too many", EXTRA_BYTE, -EBADMSG },
	{ "a stuffed byte too many", EXTRA_STUFFED, -EBADMSG },
	{ "no EOI", NO_EOI, -ENODATA },
	{ "RST0 in the scan", RST_IN_SCAN, -EBADMSG },
	{ "EOI in the scan", EOI_IN_SCAN, -ENODATA },
	{ "RST0 instead of EOI", RST_FOR_EOI, -EBADMSG },
	{ "zeroes behind EOI", TRAILING_ZEROES, 0 },
	{ "garbage behind EOI", TRAILING_GARBAGE, -EBADMSG },
	{ "fill bytes before EOI", FILL_BEFORE_EOI, 0 },
	{ "0xff at the end", FF_AT_END, -ENODATA },
	{ "SOF0 says taller", TALLER, -ENODATA },
	{ "SOF0 says shorter", SHORTER, -EBADMSG },
	{ "SOF0 says wider", WIDER, -ENODATA },
	{ "SOF0 says narrower", NARROWER, -EBADMSG },
};

/* Where the first marker with @second is. */
static u8 *find_marker(const struct blob *jpeg, u8 second)
{
	size_t at;

	for (at = 0; at + 1 < jpeg->length; at++)
		if (jpeg->data[at] == 0xff && jpeg->data[at + 1] == second)
			return jpeg->data + at;
	abort();
}

static void end_with(struct blob *jpeg, const void *bytes, size_t length)
{
	jpeg->length -= 2;	/* EOI */
	blob_append(jpeg, bytes, length);
}

static void damage_scan(struct blob *jpeg, enum damage damage)
{
	u8 *sof = find_marker(jpeg, 0xc0);
	u8 *middle;

	/* Not behind a 0xff, which would hide the damage. */
	middle = jpeg->data + jpeg->length - 200;
	while (middle[-1] == 0xff || middle[0] == 0xff)
		middle++;

	switch (damage) {
	case EXTRA_BYTE:
		return end_with(jpeg, "\x12\xff\xd9", 3);
	case EXTRA_STUFFED:
		return end_with(jpeg, "\xff\x00\xff\xd9", 4);
	case NO_EOI:
		return end_with(jpeg, "", 0);
	case FF_AT_END:
		return end_with(jpeg, "\xff\xff", 2);
	case RST_FOR_EOI:
		return end_with(jpeg, "\xff\xd0", 2);
	case FILL_BEFORE_EOI:
		return end_with(jpeg, "\xff\xff\xff\xd9", 4);
	case TRAILING_ZEROES:
		return blob_append(jpeg, "\0\0\0\0\0\0\0", 7);
	case TRAILING_GARBAGE:
		return blob_append(jpeg, "\0\0\1", 3);
	case RST_IN_SCAN:
		middle[0] = 0xff;
		middle[1] = 0xd0;
		break;
	case EOI_IN_SCAN:
		middle[0] = 0xff;
		middle[1] = 0xd9;
		break;
	case TALLER:
		sof[6] += 16;
		break;
	case SHORTER:
		sof[6] -= 16;
		break;
	case WIDER:
		sof[8] += 16;
		break;
	case NARROWER:
		sof[8] -= 16;
		break;
	}
}

static void test_scans(void)
{
	struct outcome o;
	struct blob jpeg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(scans); i++) {
		encode_small(&jpeg, KVMCAP_JPEG_420);
		damage_scan(&jpeg, scans[i].damage);
		o = try_image(jpeg.data, jpeg.length);
		if (!tap_ok(!o.parsed && o.cut == scans[i].expected && o.sound,
			    "%s: %s", scans[i].name, strerror(-scans[i].expected)))
			printf("# %d, %d\n", o.parsed, o.cut);
		blob_free(&jpeg);
	}
}

/* One byte too many and one too few, wherever in a byte the last code ends. */
static void test_scan_lengths(void)
{
	const struct oracle_params params = { .quality = 80 };
	unsigned int i, long_ones = 0, short_ones = 0;
	const unsigned int images = 64;

	for (i = 0; i < images; i++) {
		struct blob jpeg;
		struct outcome o;

		encode(&jpeg, 16 * TILE_MCUS, 16 + i, PATTERN_MIXED, &params);
		end_with(&jpeg, "\x12\xff\xd9", 3);
		o = try_image(jpeg.data, jpeg.length);
		long_ones += !o.parsed && o.cut == -EBADMSG;

		/* That byte again, and one of the scan, with its stuffing. */
		jpeg.length -= 3 + (jpeg.data[jpeg.length - 4] == 0 &&
				    jpeg.data[jpeg.length - 5] == 0xff);
		jpeg.length--;
		blob_append(&jpeg, "\xff\xd9", 2);
		o = try_image(jpeg.data, jpeg.length);
		short_ones += !o.parsed && o.cut == -ENODATA;
		blob_free(&jpeg);
	}
	tap_ok(long_ones == images, "a byte too many is seen in %u scans of %u",
	       long_ones, images);
	tap_ok(short_ones == images, "a byte too few is seen in %u scans of %u",
	       short_ones, images);
}

/* DC values that no 8-bit picture has, from differences that are all allowed. */
static void test_dc_range(void)
{
	static const s16 block[64];
	unsigned int i, component;
	struct outcome o;
	u8 bytes[ENCODER_HEADERS_MAX + 100];

	for (component = 0; component < 3; component++) {
		for (i = 0; i < 2; i++) {
			struct encoder e = { .out = bytes };
			unsigned int mcu, b;
			int dc;

			encoder_headers(&e, 8 * (TILE_MCUS + 1), 8, false);
			for (mcu = 0; mcu <= TILE_MCUS; mcu++) {
				for (b = 0; b < 3; b++) {
					dc = mcu == 0 ? 2047 : mcu == 1 && i;
					encoder_block(&e, b, b == component ?
						      dc : 0, block);
				}
			}
			encoder_pad(&e);
			encoder_bytes(&e, (const u8 *)"\xff\xd9\0\0\0", 5);
			o = try_image(e.out, e.length);
			tap_ok(!o.parsed && o.cut == (i ? -EBADMSG : 0),
			       "DC of %u in component %u: %s", 2047 + i,
			       component, strerror(-o.cut));
		}
	}
}

/* Headers: byte @offset behind the @nth marker @second becomes @value. */
static const struct {
	const char *name;
	u8 second;
	u8 nth;
	u8 offset;
	u8 value;
	int expected;
} headers[] = {
	{ "no SOI", 0xd8, 0, 1, 0xd9, -EBADMSG },
	{ "SOI twice", 0xe0, 0, 1, 0xd8, -EBADMSG },
	{ "segment shorter than its length", 0xe0, 0, 3, 1, -EBADMSG },
	{ "segment length off", 0xe0, 0, 3, 0x11, -EBADMSG },
	{ "unknown marker", 0xe0, 0, 1, 0x02, -EBADMSG },
	{ "progressive", 0xc0, 0, 1, 0xc2, -EOPNOTSUPP },
	{ "arithmetic coding", 0xc0, 0, 1, 0xc9, -EOPNOTSUPP },
	{ "12 bits a sample", 0xc0, 0, 4, 12, -EOPNOTSUPP },
	{ "height 0", 0xc0, 0, 6, 0, -EBADMSG },
	{ "two components", 0xc0, 0, 9, 2, -EOPNOTSUPP },
	{ "SOF0 length off", 0xc0, 0, 3, 20, -EBADMSG },
	{ "4:2:2", 0xc0, 0, 11, 0x21, -EOPNOTSUPP },
	{ "chroma like luma", 0xc0, 0, 14, 0x22, -EOPNOTSUPP },
	{ "sampling factor 0", 0xc0, 0, 11, 0x02, -EBADMSG },
	{ "sampling factor 5", 0xc0, 0, 11, 0x25, -EBADMSG },
	{ "component twice", 0xc0, 0, 13, 1, -EBADMSG },
	{ "no such quantiser", 0xc0, 0, 12, 4, -EBADMSG },
	{ "undefined quantiser", 0xc0, 0, 12, 3, -EBADMSG },
	{ "quantiser of 0", 0xdb, 0, 5, 0, -EBADMSG },
	{ "quantisers of 16 bits", 0xdb, 0, 4, 0x10, -EBADMSG },
	{ "quantiser defined twice", 0xdb, 1, 4, 0, -EBADMSG },
	{ "quantiser length off", 0xdb, 0, 3, 0x42, -EBADMSG },
	{ "Huffman table class 2", 0xc4, 0, 4, 0x20, -EBADMSG },
	{ "Huffman table 2", 0xc4, 0, 4, 0x02, -EBADMSG },
	{ "Huffman table defined twice", 0xc4, 2, 4, 0x00, -EBADMSG },
	{ "three codes of one bit", 0xc4, 0, 5, 3, -EBADMSG },
	{ "more codes than symbols", 0xc4, 0, 20, 1, -EBADMSG },
	{ "fewer codes than symbols", 0xc4, 0, 7, 4, -EBADMSG },
	{ "DC category 12", 0xc4, 0, 21, 12, -EBADMSG },
	{ "DC category twice", 0xc4, 0, 21, 11, -EBADMSG },
	{ "AC size 11", 0xc4, 1, 21, 0x0b, -EBADMSG },
	{ "AC run without size", 0xc4, 1, 21, 0x10, -EBADMSG },
	{ "one component in the scan", 0xda, 0, 4, 1, -EOPNOTSUPP },
	{ "SOS length off", 0xda, 0, 3, 11, -EBADMSG },
	{ "component not in SOF0", 0xda, 0, 5, 7, -EBADMSG },
	{ "no such DC table", 0xda, 0, 6, 0x20, -EBADMSG },
	{ "no such AC table", 0xda, 0, 6, 0x02, -EBADMSG },
	{ "spectral selection begins at 1", 0xda, 0, 11, 1, -EBADMSG },
	{ "spectral selection ends at 62", 0xda, 0, 12, 62, -EBADMSG },
	{ "successive approximation", 0xda, 0, 13, 0x01, -EBADMSG },
};

/* The image's marker segments of that kind come before its scan. */
static u8 *find_nth(const struct blob *jpeg, u8 second, unsigned int nth)
{
	size_t at = second == 0xd8 ? 0 : 2;

	for (; at + 4 < jpeg->length;
	     at += 2 + (jpeg->data[at + 2] << 8 | jpeg->data[at + 3]))
		if (jpeg->data[at + 1] == second && !nth--)
			return jpeg->data + at;
	abort();
}

static void test_headers(void)
{
	struct outcome o;
	struct blob jpeg;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		encode_small(&jpeg, KVMCAP_JPEG_420);
		find_nth(&jpeg, headers[i].second, headers[i].nth)
			[headers[i].offset] = headers[i].value;
		o = try_image(jpeg.data, jpeg.length);
		if (!tap_ok(o.parsed == headers[i].expected, "%s: %s",
			    headers[i].name, strerror(-headers[i].expected)))
			printf("# %d, %d\n", o.parsed, o.cut);
		blob_free(&jpeg);
	}
}

/* A Huffman table of so many codes of one to four bits, and its symbols. */
static const struct {
	const char *name;
	bool ac;
	bool good;
	u8 cut;			/* bytes that are missing at its end */
	u8 counts[4];
	u8 symbols[6];
} tables[] = {
	{ "one code", false, true, 0, { 1 }, { 0 } },
	{ "two codes of one bit", false, true, 0, { 2 }, { 0, 1 } },
	{ "three codes of one bit", false, false, 0, { 3 }, { 0, 1, 2 } },
	{ "all codes in use", false, true, 0, { 1, 1, 2 }, { 0, 1, 2, 3 } },
	{ "one more", false, false, 0, { 1, 1, 2, 1 }, { 0, 1, 2, 3, 4 } },
	{ "one more, short", false, false, 0, { 1, 2, 1 }, { 0, 1, 2, 3 } },
	{ "no code", false, false, 0, { 0 }, { 0 } },
	{ "a symbol is missing", false, false, 1, { 1, 1 }, { 0, 1 } },
	{ "the counts are cut off", false, false, 1, { 0 }, { 0 } },
	{ "DC category 11", false, true, 0, { 1 }, { 11 } },
	{ "DC category 12", false, false, 0, { 1 }, { 12 } },
	{ "EOB, ZRL, size 10", true, true, 0, { 0, 3 }, { 0, 0xf0, 0xfa } },
	{ "AC size 11", true, false, 0, { 1 }, { 0x0b } },
	{ "run of 14 without size", true, false, 0, { 1 }, { 0xe0 } },
	{ "a symbol twice", true, false, 0, { 0, 3 }, { 1, 2, 1 } },
};

static void test_huffman_tables(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		struct kvmcap_huffman table;
		size_t length = KVMCAP_HUFFMAN_LENGTHS;
		u8 dht[KVMCAP_HUFFMAN_LENGTHS + 6] = { 0 };
		int checked, set;

		for (j = 0; j < ARRAY_SIZE(tables[i].counts); j++) {
			dht[j] = tables[i].counts[j];
			length += dht[j];
		}
		memcpy(dht + KVMCAP_HUFFMAN_LENGTHS, tables[i].symbols,
		       sizeof(tables[i].symbols));
		length -= tables[i].cut;
		checked = kvmcap_huffman_check(tables[i].ac, dht, length);
		set = kvmcap_huffman_set(&table, tables[i].ac, dht, length);
		if (tables[i].good)
			tap_ok(checked == (int)length && !set &&
			       table.length == length,
			       "table: %s", tables[i].name);
		else
			tap_ok(checked == -EBADMSG && set == -EBADMSG &&
			       !table.length,
			       "no table: %s", tables[i].name);
	}
}

#define SIXTEEN	"0123456789abcdef"

/* A segment put in front of SOF0. */
static const struct {
	const char *name;
	const char *bytes;
	u8 length;
	int expected;
} segments[] = {
	{ "a comment is skipped", "\xff\xfe\0\5abc", 7, 0 },
	{ "an application segment is skipped", "\xff\xef\0\x4xy", 6, 0 },
	{ "fill bytes before a marker", "\xff\xff\xff\xfe\0\x2", 6, 0 },
	{ "no restart interval", "\xff\xdd\0\x4\0\0", 6, 0 },
	{ "a restart interval", "\xff\xdd\0\x4\0\x8", 6, -EOPNOTSUPP },
	{ "DRI length off", "\xff\xdd\0\x3\0", 5, -EBADMSG },
	{ "DNL", "\xff\xdc\0\x4\0\x8", 6, -EOPNOTSUPP },
	{ "arithmetic conditioning", "\xff\xcc\0\x4\0\x8", 6, -EOPNOTSUPP },
	{ "SOS before SOF0", "\xff\xda\0\x3\x3", 5, -EBADMSG },
	{ "empty DQT", "\xff\xdb\0\x2", 4, -EBADMSG },
	{ "empty DHT", "\xff\xc4\0\x2", 4, -EBADMSG },
	{ "DQT too short for its table", "\xff\xdb\0\5\2\1\1", 7, -EBADMSG },
	{ "DHT too short for its counts", "\xff\xc4\0\5\1\1\1", 7, -EBADMSG },
	{ "a quantiser again", "\xff\xdb\0\x43\0" SIXTEEN SIXTEEN SIXTEEN SIXTEEN,
	  69, -EBADMSG },
	{ "a Huffman table before its like",
	  "\xff\xc4\0\x14\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, -EBADMSG },
	{ "a quantiser that nobody uses",
	  "\xff\xdb\0\x43\3" SIXTEEN SIXTEEN SIXTEEN SIXTEEN, 69, 0 },
	{ "bytes between segments", "\0", 1, -EBADMSG },
	{ "EOI before the scan", "\xff\xd9", 2, -EBADMSG },
};

static void test_segments(void)
{
	struct blob jpeg, changed;
	struct outcome o;
	unsigned int i;
	size_t sof;

	encode_small(&jpeg, KVMCAP_JPEG_420);
	sof = find_nth(&jpeg, 0xc0, 0) - jpeg.data;
	for (i = 0; i < ARRAY_SIZE(segments); i++) {
		changed = (struct blob){ 0 };
		blob_append(&changed, jpeg.data, sof);
		blob_append(&changed, segments[i].bytes, segments[i].length);
		blob_append(&changed, jpeg.data + sof, jpeg.length - sof);
		o = try_image(changed.data, changed.length);
		if (!tap_ok(o.parsed == segments[i].expected && !o.cut,
			    "%s: %s", segments[i].name,
			    strerror(-segments[i].expected)))
			printf("# %d, %d\n", o.parsed, o.cut);
		blob_free(&changed);
	}
	blob_free(&jpeg);
}

/* Nothing lies behind them that could be read instead. */
static void test_short_segments(void)
{
	static const u8 dqt[] = { 0xff, 0xd8, 0xff, 0xdb, 0, 5, 2, 1, 1 };
	static const u8 dht[] = { 0xff, 0xd8, 0xff, 0xc4, 0, 5, 1, 1, 1 };

	tap_ok(try_image(dqt, sizeof(dqt)).parsed == -EBADMSG,
	       "an image that ends with a short DQT");
	tap_ok(try_image(dht, sizeof(dht)).parsed == -EBADMSG,
	       "an image that ends with a short DHT");
}

/* A scan under the tables of another image, which are well formed. */
static void test_wrong_tables(void)
{
	const struct oracle_params params = {
		.quality = 80, .tables = TABLES_REVERSED,
	};
	struct blob right, wrong;
	struct outcome o;
	u8 *from, *to;

	encode(&right, 128, 32, PATTERN_MIXED,
	       &(struct oracle_params){ .quality = 80 });
	encode(&wrong, 128, 32, PATTERN_MIXED, &params);
	from = find_nth(&wrong, 0xc4, 0);
	to = find_nth(&right, 0xc4, 0);
	memcpy(to, from, find_nth(&right, 0xda, 0) - to);
	o = try_image(right.data, right.length);
	tap_ok(!o.parsed && is_refusal(o.cut), "wrong Huffman tables: %s",
	       strerror(-o.cut));
	blob_free(&right);
	blob_free(&wrong);
}

/*
 * The same bytes for tables as when they were checked, but changed since, as a
 * device that writes to them could do.
 */
static void test_changed_tables(void)
{
	struct kvmcap_jpeg_image image;
	struct blob jpeg;
	int ret;

	encode_small(&jpeg, KVMCAP_JPEG_420);
	ret = kvmcap_jpeg_parse(&image, jpeg.data, jpeg.length);
	if (ret)
		abort();
	memset((u8 *)image.huffman[1][0].data, 0xff, 16);
	ret = kvmcap_jpeg_tables_set(&transcoder, &image);
	tap_ok(ret == -EBADMSG && !transcoder.ready,
	       "tables that change after they were checked: %s",
	       strerror(-ret));
	blob_free(&jpeg);
}

/* The tables, and no more, in what kvmcap_jpeg_spans_copy() gives. */
static void test_spans(void)
{
	struct kvmcap_jpeg_image image;
	u8 copy[1024];
	struct blob jpeg;
	size_t length;
	int ret;

	encode_small(&jpeg, KVMCAP_JPEG_420);
	if (kvmcap_jpeg_parse(&image, jpeg.data, jpeg.length))
		abort();
	length = kvmcap_jpeg_spans_length(&image);
	ret = kvmcap_jpeg_spans_copy(&image, copy, length);
	/* Two quantisers apart, then DC and AC tables, apart; as libjpeg does. */
	tap_ok(length == 2 * 69 + 2 * 33 + 2 * 183 && ret == (int)length &&
	       image.spans == 2 &&
	       !memcmp(copy, find_nth(&jpeg, 0xdb, 0), 2 * 69) &&
	       !memcmp(copy + 2 * 69, find_nth(&jpeg, 0xc4, 0), length - 2 * 69),
	       "DQT and DHT segments are copied as they are");
	tap_ok(kvmcap_jpeg_spans_copy(&image, copy, length - 1) == -ENOSPC,
	       "too little room for them is -ENOSPC");
	blob_free(&jpeg);
}

int main(void)
{
	unsigned int i;

	for (i = KVMCAP_JPEG_420; i <= KVMCAP_JPEG_444; i++) {
		test_truncated(i, TABLES_ANNEX_K);
		test_truncated(i, TABLES_REVERSED);
		test_flipped(i);
		test_scrambled(i);
	}
	test_scans();
	test_scan_lengths();
	test_dc_range();
	test_headers();
	test_huffman_tables();
	test_segments();
	test_short_segments();
	test_wrong_tables();
	test_changed_tables();
	test_spans();
	return tap_end();
}
