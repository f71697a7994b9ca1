// SPDX-License-Identifier: Apache-2.0
/*
 * The report builder of the kvmhid function against a model: descriptors write
 * at random, a host takes reports at its own pace, some of them get lost on the
 * way, and what the host makes of them must be what was written, in order.
 *
 * kvmhid_random_test [SEED]
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <stdlib.h>
#include <string.h>

#include "drivers/usb/gadget/function/kvmhid_reports.h"
#include "random.h"
#include "tap.h"

#define SEED		1
#define ROUNDS		200
#define STEPS		4000	/* in a round */
#define HOLDERS		3
#define LOG_MAX		(2 * STEPS * KVMHID_USAGES / 16)

/* A transition, as written or as seen by the host. */
struct transition {
	enum kvmhid_interface interface;
	u8 usage;	/* of a key */
	u8 down;
	u8 buttons;
	u16 x, y;	/* in report protocol */
	s32 dx, dy;	/* units since the reset, in boot protocol */
	s32 wheel, pan;
};

struct log {
	struct transition *entries;
	unsigned int count;
};

struct model {
	struct kvmhid_core core;
	struct kvmhid_holder holders[HOLDERS];
	uint64_t random;
	bool boot;
	bool nkro;

	/* What was written. */
	bool key[HOLDERS][KVMHID_USAGES];
	u8 buttons[HOLDERS];
	u16 x, y;
	bool placed;
	s32 dx, dy;
	struct log written;

	/* What the host has seen. */
	bool busy[KVMHID_INTERFACES];
	bool all_up_due[KVMHID_INTERFACES];	/* the first report after a reset */
	u8 report[KVMHID_INTERFACES][KVMHID_REPORT_MAX];
	unsigned int length[KVMHID_INTERFACES];
	u8 order[KVMHID_KEYS];	/* keys that are down, in the order of going down */
	unsigned int n_order;
	u8 modifiers;
	unsigned int n_keys_seen;	/* key transitions */
	u8 host_buttons;
	u16 host_x, host_y;
	s32 host_dx, host_dy;
	s32 wheel, pan;			/* of the transition that is not complete */
	struct log seen;

	const char *broken;
};

static struct model model;

static void broken(struct model *m, const char *what)
{
	if (!m->broken)
		m->broken = what;
}

static void log_add(struct model *m, struct log *log, const struct transition *entry)
{
	if (log->count == LOG_MAX)
		broken(m, "the test's log is too short");
	else
		log->entries[log->count++] = *entry;
}

/* --- what is written --- */

static bool anybody(const struct model *m, unsigned int usage)
{
	unsigned int i;

	for (i = 0; i < HOLDERS; i++)
		if (m->key[i][usage])
			return true;
	return false;
}

static u8 all_buttons(const struct model *m)
{
	u8 buttons = 0;
	unsigned int i;

	for (i = 0; i < HOLDERS; i++)
		buttons |= m->buttons[i];
	return buttons;
}

static void model_key(struct model *m, unsigned int who, unsigned int usage, bool down)
{
	struct transition entry = {
		.interface = KVMHID_KEYBOARD, .usage = (u8)usage, .down = down,
	};
	bool was = anybody(m, usage);

	m->key[who][usage] = down;
	if (anybody(m, usage) != was)
		log_add(m, &m->written, &entry);
}

/* A boot mouse has three buttons and no wheel. */
static void model_pointer(struct model *m, u8 buttons_before, s32 wheel, s32 pan)
{
	struct transition entry = {
		.interface = KVMHID_POINTER, .buttons = all_buttons(m), .x = m->x, .y = m->y,
		.wheel = wheel, .pan = pan,
	};
	u8 mask = m->boot ? 7 : 0x1f;

	if (m->boot) {
		entry = (struct transition){
			.interface = KVMHID_POINTER, .buttons = entry.buttons & 7,
			.dx = m->dx, .dy = m->dy,
		};
		wheel = 0;
		pan = 0;
	}
	if (((entry.buttons ^ buttons_before) & mask) || wheel || pan)
		log_add(m, &m->written, &entry);
}

static void model_release(struct model *m, unsigned int who)
{
	u8 before = all_buttons(m);
	unsigned int usage;

	for (usage = KVMHID_USAGE_FIRST; usage < KVMHID_USAGES; usage++)
		model_key(m, who, usage, false);
	m->buttons[who] = 0;
	model_pointer(m, before, 0, 0);
}

static u16 clamp_place(s32 place)
{
	if (place < 0)
		return 0;
	return (u16)(place > KVMHID_ABSOLUTE_MAX ? KVMHID_ABSOLUTE_MAX : place);
}

static void model_event(struct model *m, unsigned int who, const struct kvmhid_event *event)
{
	u8 before = all_buttons(m);

	switch (event->type) {
	case KVMHID_EVENT_KEY:
		model_key(m, who, event->key.usage, event->key.down);
		break;
	case KVMHID_EVENT_POINTER:
		if (m->placed) {
			m->dx += event->pointer.x - m->x;
			m->dy += event->pointer.y - m->y;
		}
		m->x = event->pointer.x;
		m->y = event->pointer.y;
		m->placed = true;
		m->buttons[who] = (u8)event->pointer.buttons;
		model_pointer(m, before, event->pointer.wheel, event->pointer.pan);
		break;
	case KVMHID_EVENT_RELATIVE:
		m->dx += event->relative.dx * KVMHID_UNITS_PER_COUNT;
		m->dy += event->relative.dy * KVMHID_UNITS_PER_COUNT;
		m->x = clamp_place(m->x + event->relative.dx * KVMHID_UNITS_PER_COUNT);
		m->y = clamp_place(m->y + event->relative.dy * KVMHID_UNITS_PER_COUNT);
		m->placed = true;
		m->buttons[who] = (u8)event->relative.buttons;
		model_pointer(m, before, event->relative.wheel, event->relative.pan);
		break;
	case KVMHID_EVENT_RELEASE_ALL:
		model_release(m, who);
		break;
	}
}

/* Mostly small, sometimes far. */
static s16 random_step(uint64_t *random)
{
	s32 span = random_below(random, 8) ? 5 : 400;

	return (s16)((s32)random_below(random, (u32)(2 * span + 1)) - span);
}

static s16 random_detents(uint64_t *random)
{
	return random_below(random, 6) ? 0 : random_step(random);
}

static u16 random_place(uint64_t *random)
{
	static const u16 edges[] = { 0, 1, KVMHID_ABSOLUTE_MAX - 1, KVMHID_ABSOLUTE_MAX };

	if (!random_below(random, 4))
		return edges[random_below(random, ARRAY_SIZE(edges))];
	return (u16)random_below(random, KVMHID_ABSOLUTE_MAX + 1);
}

/* Few keys, so that several descriptors want the same, or all there are. */
static u16 random_usage(uint64_t *random, bool few)
{
	if (!few)
		return (u16)(KVMHID_USAGE_FIRST + random_below(random, KVMHID_KEYS));
	return (u16)(random_below(random, 3) ? 0x04 + random_below(random, 9) :
					       0xe0 + random_below(random, 8));
}

static struct kvmhid_event random_event(struct model *m, u8 held)
{
	struct kvmhid_event event = { 0 };
	u16 buttons = held;

	if (!random_below(&m->random, 3))
		buttons ^= 1 << random_below(&m->random, KVMHID_BUTTONS);
	switch (random_below(&m->random, 12)) {
	case 0:
		event.type = random_below(&m->random, 20) ? KVMHID_EVENT_KEY :
							    KVMHID_EVENT_RELEASE_ALL;
		if (event.type == KVMHID_EVENT_RELEASE_ALL)
			break;
		/* fallthrough */
	case 1: case 2: case 3: case 4: case 5: case 6:
		event.type = KVMHID_EVENT_KEY;
		event.key.page = 7;
		event.key.usage = random_usage(&m->random, m->core.epoch % 2);
		event.key.down = random_below(&m->random, 2) != 0;
		break;
	case 7: case 8: case 9:
		event.type = KVMHID_EVENT_POINTER;
		event.pointer.x = random_place(&m->random);
		event.pointer.y = random_place(&m->random);
		event.pointer.wheel = random_detents(&m->random);
		event.pointer.pan = random_detents(&m->random);
		event.pointer.buttons = buttons;
		break;
	default:
		event.type = KVMHID_EVENT_RELATIVE;
		event.relative.dx = random_step(&m->random);
		event.relative.dy = random_step(&m->random);
		event.relative.wheel = random_detents(&m->random);
		event.relative.buttons = buttons;
	}
	return event;
}

static void write_some(struct model *m)
{
	unsigned int who = random_below(&m->random, HOLDERS);
	unsigned int n = 1 + random_below(&m->random, 4), i;
	struct kvmhid_event events[4];

	for (i = 0; i < n; i++) {
		events[i] = random_event(m, m->buttons[who]);
		if (kvmhid_event_check(&events[i]))
			broken(m, "a valid event is refused");
	}
	if (!kvmhid_events_fit(&m->core, events, n)) {
		if (!kvmhid_queued(&m->core))
			broken(m, "an empty queue has no room");
		return;
	}
	for (i = 0; i < n; i++) {
		kvmhid_event_apply(&m->core, &m->holders[who], &events[i]);
		model_event(m, who, &events[i]);
	}
	if (m->core.key_tail - m->core.key_head > KVMHID_KEY_QUEUE ||
	    m->core.pointer_tail - m->core.pointer_head > KVMHID_POINTER_QUEUE)
		broken(m, "a queue overflows");
}

/* --- what the host sees --- */

static void host_key_moves(struct model *m, u8 usage, u8 down)
{
	unsigned int i;

	if (usage >= KVMHID_USAGE_MODIFIER) {
		m->modifiers ^= 1 << (usage - KVMHID_USAGE_MODIFIER);
		return;
	}
	if (down) {
		m->order[m->n_order++] = usage;
		return;
	}
	for (i = 0; i < m->n_order && m->order[i] != usage; i++)
		;
	for (m->n_order--; i < m->n_order; i++)
		m->order[i] = m->order[i + 1];
}

static const struct transition *nth_key(const struct model *m, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < m->written.count; i++)
		if (m->written.entries[i].interface == KVMHID_KEYBOARD && !n--)
			return &m->written.entries[i];
	return NULL;
}

/* Every keyboard report is the state after one more of the written transitions. */
static void host_keyboard(struct model *m, const u8 *report, unsigned int length)
{
	const struct transition *entry = nth_key(m, m->n_keys_seen++);
	u8 expected[KVMHID_REPORT_MAX] = { 0 };
	unsigned int i, size = KVMHID_BOOT_KEYBOARD_SIZE;

	if (!entry) {
		broken(m, "a key report that nobody asked for");
		return;
	}
	host_key_moves(m, entry->usage, entry->down);
	if (m->nkro && !m->boot) {
		size = KVMHID_BITMAP_SIZE;
		for (i = 0; i < m->n_order; i++)
			expected[m->order[i] / 8] |= 1 << m->order[i] % 8;
		expected[KVMHID_USAGE_MODIFIER / 8] = m->modifiers;
	} else {
		expected[0] = m->modifiers;
		for (i = 0; i < KVMHID_BOOT_KEYS; i++)
			expected[2 + i] = m->n_order > KVMHID_BOOT_KEYS ? 1 :
					  i < m->n_order ? m->order[i] : 0;
	}
	if (length != size || memcmp(report, expected, size))
		broken(m, "a key report is not the state after the next transition");
	log_add(m, &m->seen, entry);
}

static void host_boot_mouse(struct model *m, const u8 *report, unsigned int length)
{
	struct transition entry = { .interface = KVMHID_POINTER, .buttons = report[0] };

	if (length != KVMHID_BOOT_POINTER_SIZE)
		broken(m, "a boot mouse report has another length");
	m->host_dx += (s8)report[1];
	m->host_dy += (s8)report[2];
	if (report[0] != m->host_buttons) {
		entry.dx = m->host_dx * KVMHID_UNITS_PER_COUNT;
		entry.dy = m->host_dy * KVMHID_UNITS_PER_COUNT;
		log_add(m, &m->seen, &entry);
	} else if (!report[1] && !report[2]) {
		broken(m, "a boot mouse report says nothing");
	}
	m->host_buttons = report[0];
}

/* The next written transition of the pointer that the host has not seen. */
static const struct transition *next_pointer(const struct model *m)
{
	unsigned int seen = 0, i;

	for (i = 0; i < m->seen.count; i++)
		seen += m->seen.entries[i].interface == KVMHID_POINTER;
	for (i = 0; i < m->written.count; i++)
		if (m->written.entries[i].interface == KVMHID_POINTER && !seen--)
			return &m->written.entries[i];
	return NULL;
}

static void host_pointer(struct model *m, const u8 *report, unsigned int length)
{
	const struct transition *entry = next_pointer(m);
	struct transition got;

	if (length != KVMHID_POINTER_SIZE)
		broken(m, "a pointer report has another length");
	m->host_x = (u16)(report[1] | report[2] << 8);
	m->host_y = (u16)(report[3] | report[4] << 8);
	if (report[0] == m->host_buttons && !report[5] && !report[6])
		return;

	/* A part of a transition, or all of it. */
	m->host_buttons = report[0];
	m->wheel += (s8)report[5];
	m->pan += (s8)report[6];
	got = (struct transition){
		.interface = KVMHID_POINTER, .buttons = report[0],
		.x = m->host_x, .y = m->host_y, .wheel = m->wheel, .pan = m->pan,
	};
	if (!entry) {
		broken(m, "a click that nobody asked for");
		return;
	}
	if (m->wheel != entry->wheel || m->pan != entry->pan)
		return;
	log_add(m, &m->seen, &got);
	m->wheel = 0;
	m->pan = 0;
}

/* A report without anything down, the place of the pointer aside. */
static void host_all_up(struct model *m, enum kvmhid_interface interface)
{
	bool absolute = interface == KVMHID_POINTER && !m->boot;
	unsigned int i;

	m->all_up_due[interface] = false;
	for (i = 0; i < m->length[interface]; i++)
		if (m->report[interface][i] && !(absolute && i >= 1 && i <= 4))
			broken(m, "something is down after a reset");
}

static void host_take(struct model *m, enum kvmhid_interface interface)
{
	u8 *report = m->report[interface];

	m->busy[interface] = false;
	if (!random_below(&m->random, 16)) {
		kvmhid_report_failed(&m->core, interface);
		return;
	}
	if (m->all_up_due[interface])
		host_all_up(m, interface);
	else if (interface == KVMHID_KEYBOARD)
		host_keyboard(m, report, m->length[interface]);
	else if (m->boot)
		host_boot_mouse(m, report, m->length[interface]);
	else
		host_pointer(m, report, m->length[interface]);
}

/* What kvmhid_pipe.c does. Returns if there was anything to do. */
static bool host_step(struct model *m)
{
	enum kvmhid_interface interface = random_below(&m->random, KVMHID_INTERFACES);
	bool any = false;
	unsigned int i;

	for (i = 0; i < KVMHID_INTERFACES; i++, interface ^= 1) {
		if (m->busy[interface]) {
			any = true;
			if (random_below(&m->random, 2))
				host_take(m, interface);
			continue;
		}
		if (kvmhid_must_wait(&m->core, interface, m->busy[interface ^ 1]))
			continue;
		any |= kvmhid_waiting(&m->core, interface);
		m->length[interface] = kvmhid_report_next(&m->core, interface,
							  m->report[interface]);
		m->busy[interface] = m->length[interface] != 0;
		any |= m->busy[interface];
	}
	return any;
}

/* --- both together --- */

static bool same_transition(const struct model *m, const struct transition *a,
			    const struct transition *b)
{
	/* A boot mouse clicks within a count of where it should. */
	if (m->boot && a->interface == KVMHID_POINTER)
		return b->interface == a->interface && a->buttons == b->buttons &&
		       abs(a->dx - b->dx) < KVMHID_UNITS_PER_COUNT &&
		       abs(a->dy - b->dy) < KVMHID_UNITS_PER_COUNT;
	return !memcmp(a, b, sizeof(*a));
}

/* The host has taken all there was: it must agree with what was written. */
static void quiescent(struct model *m)
{
	unsigned int i, idle = 0;

	/* If one of the two has only waited for the other, the next step has it. */
	while (idle < 2)
		idle = host_step(m) ? 0 : idle + 1;
	if (kvmhid_queued(&m->core))
		broken(m, "something stays in a queue");
	if (m->seen.count != m->written.count)
		broken(m, "the host has not seen as many transitions as were written");
	for (i = 0; i < m->seen.count && i < m->written.count; i++)
		if (!same_transition(m, &m->written.entries[i], &m->seen.entries[i]))
			broken(m, "the host has not seen the transitions in order");
	if (m->host_buttons != (all_buttons(m) & (m->boot ? 7 : 0x1f)))
		broken(m, "the host has other buttons down");
	if (!m->boot && m->placed && (m->host_x != m->x || m->host_y != m->y))
		broken(m, "the host's pointer is elsewhere");
	if (m->boot &&
	    (abs(m->dx - m->host_dx * KVMHID_UNITS_PER_COUNT) >= KVMHID_UNITS_PER_COUNT ||
	     abs(m->dy - m->host_dy * KVMHID_UNITS_PER_COUNT) >= KVMHID_UNITS_PER_COUNT))
		broken(m, "the host's mouse has gone another way");
}

/* The host resets the bus: from now on, nothing is known to either side. */
static void reset(struct model *m)
{
	struct log written = m->written, seen = m->seen;
	struct kvmhid_core core = m->core;
	struct kvmhid_holder holders[HOLDERS];
	uint64_t random = m->random;
	bool boot = m->boot, nkro = m->nkro;
	const char *said = m->broken;

	memcpy(holders, m->holders, sizeof(holders));
	memset(m, 0, sizeof(*m));
	m->core = core;
	memcpy(m->holders, holders, sizeof(holders));
	m->random = random;
	m->boot = boot;
	m->nkro = nkro;
	m->broken = said;
	m->written.entries = written.entries;
	m->seen.entries = seen.entries;
	if (core.host.n_keys || core.host.modifiers || core.resend[KVMHID_KEYBOARD])
		m->all_up_due[KVMHID_KEYBOARD] = true;
	if (core.host.buttons || core.resend[KVMHID_POINTER])
		m->all_up_due[KVMHID_POINTER] = true;
	kvmhid_core_reset(&m->core);
	m->x = m->core.x;
	m->y = m->core.y;
	if (boot) {
		kvmhid_set_protocol(&m->core, KVMHID_KEYBOARD, KVMHID_PROTOCOL_BOOT);
		kvmhid_set_protocol(&m->core, KVMHID_POINTER, KVMHID_PROTOCOL_BOOT);
	}
}

static void round_run(struct model *m, unsigned int *transitions)
{
	unsigned int i, pace = 1 + random_below(&m->random, 6);

	for (i = 0; i < STEPS && !m->broken; i++) {
		if (random_below(&m->random, 8) < pace)
			write_some(m);
		else
			host_step(m);
		if (!random_below(&m->random, 500))
			quiescent(m);
		/* In the middle of everything. */
		if (!random_below(&m->random, 1000)) {
			*transitions += m->seen.count;
			reset(m);
		}
	}
	for (i = 0; i < HOLDERS && !m->broken; i++) {
		kvmhid_release(&m->core, &m->holders[i]);
		model_release(m, i);
	}
	quiescent(m);
	if (m->n_order || m->modifiers || m->host_buttons)
		broken(m, "something stays down when all have closed");
	*transitions += m->seen.count;
}

static void test(uint64_t seed, bool boot, bool nkro, const char *what)
{
	struct model *m = &model;
	struct log written = m->written, seen = m->seen;
	unsigned int i, transitions = 0;

	memset(m, 0, sizeof(*m));
	m->written.entries = written.entries;
	m->seen.entries = seen.entries;
	m->random = seed;
	m->boot = boot;
	m->nkro = nkro;
	kvmhid_core_init(&m->core, nkro);
	for (i = 0; i < ROUNDS && !m->broken; i++) {
		reset(m);
		round_run(m, &transitions);
	}
	if (m->broken)
		tap_diag("round %u: %s", i, m->broken);
	if (transitions < ROUNDS * STEPS / 10)
		broken(m, "there were too few transitions");
	tap_ok(!m->broken, "%s: %u transitions arrive in order", what, transitions);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;

	tap_diag("seed %llu", (unsigned long long)seed);
	model.written.entries = calloc(LOG_MAX, sizeof(struct transition));
	model.seen.entries = calloc(LOG_MAX, sizeof(struct transition));
	if (!model.written.entries || !model.seen.entries)
		return 1;
	test(seed, false, true, "report protocol");
	test(seed, false, false, "report protocol without bitmap");
	test(seed, true, true, "boot protocol");
	free(model.written.entries);
	free(model.seen.entries);
	return tap_end();
}
