// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report builder of the kvmhid function, as the kernel compiles it. Its
 * details are tested by tools/testing/unit/kvmhid_*_test.c; this is what would
 * show a difference in compilers, word sizes or checks.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../../../drivers/usb/gadget/function/kvmhid_reports.c"

#define SEED		1
#define STEPS		20000
#define HOLDERS		3

struct kvmhid_test {
	struct kvmhid_core core;
	struct kvmhid_holder holders[HOLDERS];
	u8 report[KVMHID_REPORT_MAX];
};

static int kvmhid_reports_init(struct kunit *test)
{
	struct kvmhid_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	kvmhid_core_init(&t->core, true);
	test->priv = t;
	return 0;
}

static void key(struct kvmhid_test *t, unsigned int who, u16 usage, u8 down)
{
	struct kvmhid_event event = {
		.type = KVMHID_EVENT_KEY,
		.key = { .page = 7, .usage = usage, .down = down },
	};

	kvmhid_event_apply(&t->core, &t->holders[who], &event);
}

static void place(struct kvmhid_test *t, u16 x, u16 y, u16 buttons, s16 wheel)
{
	struct kvmhid_event event = {
		.type = KVMHID_EVENT_POINTER,
		.pointer = { .x = x, .y = y, .buttons = buttons, .wheel = wheel },
	};

	kvmhid_event_apply(&t->core, &t->holders[0], &event);
}

static void expect_report(struct kunit *test, enum kvmhid_interface interface,
			  const u8 *expected, unsigned int length)
{
	struct kvmhid_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, kvmhid_report_next(&t->core, interface,
						 t->report), length);
	KUNIT_EXPECT_MEMEQ(test, t->report, expected, length);
}

#define EXPECT_REPORT(test, interface, ...)				\
	expect_report(test, interface, (const u8[]){ __VA_ARGS__ },	\
		      sizeof((const u8[]){ __VA_ARGS__ }))

struct check_param {
	const char *what;
	struct kvmhid_event event;
	int expected;
};

static const struct check_param check_params[] = {
	{ "key", { .type = KVMHID_EVENT_KEY,
		   .key = { .page = 7, .usage = 4, .down = 1 } }, 0 },
	{ "usage below", { .type = KVMHID_EVENT_KEY,
			   .key = { .page = 7, .usage = 3 } }, -EINVAL },
	{ "usage above", { .type = KVMHID_EVENT_KEY,
			   .key = { .page = 7, .usage = 0xe8 } }, -EINVAL },
	{ "far corner", { .type = KVMHID_EVENT_POINTER,
			  .pointer = { .x = 32767, .y = 32767 } }, 0 },
	{ "beyond", { .type = KVMHID_EVENT_POINTER,
		      .pointer = { .x = 32768 } }, -EINVAL },
	{ "most negative", { .type = KVMHID_EVENT_RELATIVE,
			     .relative = { .dx = -32768 } }, -EINVAL },
	{ "release", { .type = KVMHID_EVENT_RELEASE_ALL }, 0 },
	{ "unknown", { .type = 5 }, -EINVAL },
};

static void check_desc(const struct check_param *param, char *desc)
{
	strscpy(desc, param->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(check, check_params, check_desc);

static void kvmhid_check_test(struct kunit *test)
{
	const struct check_param *param = test->param_value;

	KUNIT_EXPECT_EQ(test, kvmhid_event_check(&param->event),
			param->expected);
}

static void kvmhid_boot_test(struct kunit *test)
{
	struct kvmhid_test *t = test->priv;

	kvmhid_set_protocol(&t->core, KVMHID_KEYBOARD, KVMHID_PROTOCOL_BOOT);
	kvmhid_set_protocol(&t->core, KVMHID_POINTER, KVMHID_PROTOCOL_BOOT);
	key(t, 0, 0xe0, 1);
	key(t, 0, 0x04, 1);
	EXPECT_REPORT(test, KVMHID_KEYBOARD, 1, 0, 0, 0, 0, 0, 0, 0);
	EXPECT_REPORT(test, KVMHID_KEYBOARD, 1, 0, 4, 0, 0, 0, 0, 0);
	place(t, 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, kvmhid_report_next(&t->core, KVMHID_POINTER,
						 t->report), 0);
	place(t, 128 * 32, 32, 1, 0);
	EXPECT_REPORT(test, KVMHID_POINTER, 0, 127, 1);
	EXPECT_REPORT(test, KVMHID_POINTER, 1, 1, 0);
}

static void kvmhid_bitmap_test(struct kunit *test)
{
	struct kvmhid_test *t = test->priv;
	u8 expected[KVMHID_BITMAP_SIZE] = { };
	unsigned int usage;

	for (usage = KVMHID_USAGE_FIRST; usage < KVMHID_USAGES; usage++) {
		key(t, 0, usage, 1);
		expected[usage / 8] |= 1 << usage % 8;
		expect_report(test, KVMHID_KEYBOARD, expected,
			      sizeof(expected));
	}
}

static void kvmhid_rollover_test(struct kunit *test)
{
	struct kvmhid_test *t = test->priv;
	unsigned int i;

	kvmhid_set_protocol(&t->core, KVMHID_KEYBOARD, KVMHID_PROTOCOL_BOOT);
	for (i = 0; i < 7; i++)
		key(t, 0, 4 + i, 1);
	key(t, 0, 4, 0);
	for (i = 0; i < 6; i++)
		kvmhid_report_next(&t->core, KVMHID_KEYBOARD, t->report);
	EXPECT_REPORT(test, KVMHID_KEYBOARD, 0, 0, 1, 1, 1, 1, 1, 1);
	EXPECT_REPORT(test, KVMHID_KEYBOARD, 0, 0, 5, 6, 7, 8, 9, 10);
}

static void kvmhid_reset_test(struct kunit *test)
{
	struct kvmhid_test *t = test->priv;
	u8 none[KVMHID_BITMAP_SIZE] = { };

	key(t, 0, 4, 1);
	kvmhid_report_next(&t->core, KVMHID_KEYBOARD, t->report);
	key(t, 1, 5, 1);
	kvmhid_core_reset(&t->core);
	KUNIT_EXPECT_EQ(test, t->core.dropped, 1);
	expect_report(test, KVMHID_KEYBOARD, none, sizeof(none));
	kvmhid_release(&t->core, &t->holders[0]);
	kvmhid_release(&t->core, &t->holders[1]);
	KUNIT_EXPECT_EQ(test, kvmhid_queued(&t->core), 0);
}

/* Whatever is written and however slowly it is fetched, in the end all is up. */
static void kvmhid_random_test(struct kunit *test)
{
	struct kvmhid_test *t = test->priv;
	struct kvmhid_event event;
	struct rnd_state random;
	unsigned int i, who;

	prandom_seed_state(&random, SEED);
	kunit_info(test, "seed %d", SEED);
	for (i = 0; i < STEPS; i++) {
		who = prandom_u32_state(&random) % HOLDERS;
		event = (struct kvmhid_event) {
			.type = KVMHID_EVENT_KEY,
			.key = {
				.page = 7,
				.usage = 4 + prandom_u32_state(&random) % 228,
				.down = prandom_u32_state(&random) & 1,
			},
		};
		KUNIT_ASSERT_EQ(test, kvmhid_event_check(&event), 0);
		if (kvmhid_events_fit(&t->core, &event, 1))
			kvmhid_event_apply(&t->core, &t->holders[who], &event);
		if (prandom_u32_state(&random) & 1)
			kvmhid_report_next(&t->core, KVMHID_KEYBOARD,
					   t->report);
		KUNIT_ASSERT_LE(test, kvmhid_queued(&t->core),
				KVMHID_KEY_QUEUE);
	}
	for (who = 0; who < HOLDERS; who++)
		kvmhid_release(&t->core, &t->holders[who]);
	while (kvmhid_report_next(&t->core, KVMHID_KEYBOARD, t->report))
		;
	KUNIT_EXPECT_TRUE(test, all_zero(t->report, KVMHID_BITMAP_SIZE));
	KUNIT_EXPECT_EQ(test, t->core.host.n_keys, 0);
	KUNIT_EXPECT_EQ(test, t->core.keys_held, 0);
}

static struct kunit_case kvmhid_reports_cases[] = {
	KUNIT_CASE_PARAM(kvmhid_check_test, check_gen_params),
	KUNIT_CASE(kvmhid_boot_test),
	KUNIT_CASE(kvmhid_bitmap_test),
	KUNIT_CASE(kvmhid_rollover_test),
	KUNIT_CASE(kvmhid_reset_test),
	KUNIT_CASE(kvmhid_random_test),
	{}
};

static struct kunit_suite kvmhid_reports_suite = {
	.name = "kvmhid_reports",
	.init = kvmhid_reports_init,
	.test_cases = kvmhid_reports_cases,
};

kunit_test_suite(kvmhid_reports_suite);

MODULE_DESCRIPTION("KUnit tests of the kvmhid report builder");
MODULE_LICENSE("GPL");
