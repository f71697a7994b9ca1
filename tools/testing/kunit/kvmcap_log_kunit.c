// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tile log, in the kernel: named cases, and random frames against the model.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kunit/test.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* The file under test, and the model, as they are. */
#include "log.c"
#include "log_model.c"

#define LOG_STEPS	1500
#define LOG_TILES	4
#define LOG_TILE_BYTES	64
#define LOG_MAP_SIZE	16384

struct log_size {
	const char *name;
	unsigned int percent;
};

static const struct log_size log_sizes[] = {
	{ .name = "a tight ring", .percent = 40 },
	{ .name = "a small ring", .percent = 70 },
	{ .name = "the recommended ring", .percent = 100 },
	{ .name = "an ample ring", .percent = 250 },
};

static void log_size_desc(const struct log_size *size, char *desc)
{
	strscpy(desc, size->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(log_size, log_sizes, log_size_desc);

static void log_model_test(struct kunit *test)
{
	const struct log_size *size = test->param_value;
	size_t map_size = log_model_map_size(size->percent);
	struct log_model *model = kvzalloc(sizeof(*model), GFP_KERNEL);
	u8 *memory = vzalloc(map_size);
	u64 seed = get_random_u64();
	bool good = model && memory;

	kunit_info(test, "seed %llu\n", seed);
	good = good && !log_model_init(model, memory, map_size, seed);
	while (good && model->steps < LOG_STEPS)
		good = log_model_step(model);
	KUNIT_EXPECT_TRUE_MSG(test, good, "step %u: log_model.c:%d",
			      model ? model->steps : 0, model ? model->line : 0);
	if (good) {
		KUNIT_EXPECT_GT(test, model->commits, 0);
		KUNIT_EXPECT_GT(test, model->log.relocated, 0);
	}
	vfree(memory);
	kvfree(model);
}

/* --- one small log for the named cases ----------------------------------- */

static const struct kvmcap_mode log_mode = {
	.width = 256,
	.height = 32,
	.tile_width = 128,
	.tile_height = 16,
	.columns = 2,
	.rows = 2,
	.codec = KVMCAP_CODEC_RAW,
};

static int log_init(struct kunit *test)
{
	struct kvmcap_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);
	void *memory = kunit_kzalloc(test, LOG_MAP_SIZE, GFP_KERNEL);

	if (!log || !memory)
		return -ENOMEM;
	test->priv = log;

	return kvmcap_log_init(log, memory, LOG_MAP_SIZE, LOG_TILES,
			       LOG_TILE_BYTES);
}

static int put(struct kvmcap_log *log, u32 number, u8 value)
{
	size_t room;
	u8 *payload = kvmcap_log_tile_begin(log, &room);

	if (!payload)
		return -ENOSPC;
	memset(payload, value, LOG_TILE_BYTES);

	return kvmcap_log_tile_end(log, number % 2, number / 2,
				   KVMCAP_CODEC_RAW, LOG_TILE_BYTES);
}

/* A whole picture, all tiles alike. */
static void put_picture(struct kunit *test, struct kvmcap_log *log, u8 value)
{
	u32 i;

	for (i = 0; i < LOG_TILES; i++)
		KUNIT_ASSERT_EQ(test, put(log, i, value), 0);
}

static void begin_picture(struct kunit *test, struct kvmcap_log *log)
{
	kvmcap_log_begin(log, false);
	kvmcap_log_signal(log, KVMCAP_SIGNAL_OK);
	KUNIT_ASSERT_EQ(test, kvmcap_log_mode(log, &log_mode), 0);
	KUNIT_ASSERT_EQ(test, kvmcap_log_reserve(log, LOG_TILES * LOG_TILE_BYTES),
			0);
}

static void log_first_frame_test(struct kunit *test)
{
	struct kvmcap_log *log = test->priv;
	const struct kvmcap_header *header = log->header;

	begin_picture(test, log);
	put_picture(test, log, 1);
	KUNIT_EXPECT_EQ(test, header->committed, 0);
	KUNIT_EXPECT_EQ(test, header->head, 0);
	KUNIT_EXPECT_EQ(test, kvmcap_log_commit(log, 77), 0);
	KUNIT_EXPECT_EQ(test, header->committed, 1);
	KUNIT_EXPECT_EQ(test, header->changed, 1);
	KUNIT_EXPECT_EQ(test, header->began, 1);
	KUNIT_EXPECT_EQ(test, header->timestamp_ns, 77);
	KUNIT_EXPECT_EQ(test, header->signal, KVMCAP_SIGNAL_OK);
	KUNIT_EXPECT_EQ(test, header->mode.columns, 2);
	KUNIT_EXPECT_EQ(test, header->update, 2);
	KUNIT_EXPECT_EQ(test, header->head, 32 + 32 + 4 * 96 + 32);
}

static void log_unchanged_test(struct kunit *test)
{
	struct kvmcap_log *log = test->priv;

	begin_picture(test, log);
	put_picture(test, log, 1);
	KUNIT_ASSERT_EQ(test, kvmcap_log_commit(log, 0), 0);

	kvmcap_log_begin(log, false);
	KUNIT_ASSERT_EQ(test, kvmcap_log_reserve(log, LOG_TILES * LOG_TILE_BYTES),
			0);
	put_picture(test, log, 1);
	KUNIT_EXPECT_FALSE(test, kvmcap_log_changed(log));

	/* Unless everything is wanted anew. */
	kvmcap_log_begin(log, true);
	KUNIT_ASSERT_EQ(test, kvmcap_log_reserve(log, LOG_TILES * LOG_TILE_BYTES),
			0);
	put_picture(test, log, 1);
	KUNIT_EXPECT_TRUE(test, kvmcap_log_changed(log));
	KUNIT_EXPECT_EQ(test, log->frame.tiles, LOG_TILES);
}

static void log_abort_test(struct kunit *test)
{
	struct kvmcap_log *log = test->priv;
	struct kvmcap_header before;

	begin_picture(test, log);
	put_picture(test, log, 1);
	KUNIT_ASSERT_EQ(test, kvmcap_log_commit(log, 0), 0);

	before = *log->header;
	kvmcap_log_begin(log, false);
	KUNIT_ASSERT_EQ(test, kvmcap_log_reserve(log, LOG_TILES * LOG_TILE_BYTES),
			0);
	put_picture(test, log, 2);
	kvmcap_log_abort(log);
	KUNIT_EXPECT_MEMEQ(test, &before, log->header, sizeof(before));
	KUNIT_EXPECT_EQ(test, kvmcap_log_commit(log, 0), -EINVAL);
	KUNIT_EXPECT_MEMEQ(test, &before, log->header, sizeof(before));
}

static void log_incomplete_test(struct kunit *test)
{
	struct kvmcap_log *log = test->priv;

	begin_picture(test, log);
	KUNIT_ASSERT_EQ(test, put(log, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, kvmcap_log_commit(log, 0), -EPROTO);
	KUNIT_EXPECT_EQ(test, log->header->committed, 0);
}

static void log_order_test(struct kunit *test)
{
	struct kvmcap_log *log = test->priv;

	begin_picture(test, log);
	KUNIT_EXPECT_EQ(test, put(log, 1, 1), 0);
	KUNIT_EXPECT_EQ(test, put(log, 1, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, put(log, 0, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, put(log, 2, 1), 0);
	KUNIT_EXPECT_EQ(test, put(log, 4, 1), -EINVAL);
	/* The log has room for what was reserved, and no more. */
	KUNIT_EXPECT_EQ(test, put(log, 3, 1), 0);
}

static void log_mode_test(struct kunit *test)
{
	struct kvmcap_log *log = test->priv;
	struct kvmcap_mode mode = log_mode;

	kvmcap_log_begin(log, false);
	mode.columns = 3;
	KUNIT_EXPECT_EQ(test, kvmcap_log_mode(log, &mode), -EINVAL);
	mode.width = 384;
	KUNIT_EXPECT_EQ(test, kvmcap_log_mode(log, &mode), -EINVAL);
	mode = log_mode;
	mode.tile_width = 0;
	KUNIT_EXPECT_EQ(test, kvmcap_log_mode(log, &mode), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvmcap_log_mode(log, &log_mode), 0);
}

static void log_smaller_mode_test(struct kunit *test)
{
	static const struct kvmcap_tile none;
	struct kvmcap_log *log = test->priv;
	struct kvmcap_mode mode = log_mode;
	u32 i;

	begin_picture(test, log);
	put_picture(test, log, 1);
	KUNIT_ASSERT_EQ(test, kvmcap_log_commit(log, 0), 0);

	mode.height = 16;
	mode.rows = 1;
	kvmcap_log_begin(log, false);
	KUNIT_ASSERT_EQ(test, kvmcap_log_mode(log, &mode), 0);
	KUNIT_ASSERT_EQ(test, kvmcap_log_reserve(log, 2 * LOG_TILE_BYTES), 0);
	KUNIT_ASSERT_EQ(test, put(log, 0, 1), 0);
	KUNIT_ASSERT_EQ(test, put(log, 1, 1), 0);
	KUNIT_ASSERT_EQ(test, kvmcap_log_commit(log, 0), 0);
	KUNIT_EXPECT_EQ(test, log->header->began, 2);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, log->index[i].sequence, 2);
	for (; i < LOG_TILES; i++)
		KUNIT_EXPECT_MEMEQ(test, &log->index[i], &none, sizeof(none));
}

static struct kunit_case log_cases[] = {
	KUNIT_CASE(log_first_frame_test),
	KUNIT_CASE(log_unchanged_test),
	KUNIT_CASE(log_abort_test),
	KUNIT_CASE(log_incomplete_test),
	KUNIT_CASE(log_order_test),
	KUNIT_CASE(log_mode_test),
	KUNIT_CASE(log_smaller_mode_test),
	KUNIT_CASE_PARAM(log_model_test, log_size_gen_params),
	{}
};

static struct kunit_suite log_suite = {
	.name = "kvmcap_log",
	.init = log_init,
	.test_cases = log_cases,
};

kunit_test_suite(log_suite);

MODULE_DESCRIPTION("KUnit tests of kvmcap's tile log");
MODULE_AUTHOR("The kvmcap authors");
MODULE_LICENSE("GPL");
