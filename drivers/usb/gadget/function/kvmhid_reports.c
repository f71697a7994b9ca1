// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Events in, HID reports out: see kvmhid_reports.h.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "kvmhid_reports.h"

/* Where the pointer is thought to be until somebody says. */
#define PLACE_DEFAULT	((KVMHID_ABSOLUTE_MAX + 1) / 2)

/* The buttons that a boot mouse has. */
#define BOOT_BUTTONS	(KVMHID_BUTTON_LEFT | KVMHID_BUTTON_RIGHT | \
			 KVMHID_BUTTON_MIDDLE)

static bool bit_get(const u8 *bitmap, unsigned int bit)
{
	return bitmap[bit / 8] >> bit % 8 & 1;
}

static void bit_put(u8 *bitmap, unsigned int bit, bool value)
{
	if (value)
		bitmap[bit / 8] |= 1 << bit % 8;
	else
		bitmap[bit / 8] &= ~(1 << bit % 8);
}

static s32 limit(s32 value, s32 bound)
{
	if (value > bound)
		return bound;
	return value < -bound ? -bound : value;
}

/* Sequence numbers wrap; the queues are far shorter than half their range. */
static bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static unsigned int keys_queued(const struct kvmhid_core *core)
{
	return core->key_tail - core->key_head;
}

static unsigned int pointers_queued(const struct kvmhid_core *core)
{
	return core->pointer_tail - core->pointer_head;
}

static struct kvmhid_pointer_entry *pointer_at(struct kvmhid_core *core,
					       u32 position)
{
	return &core->pointer_queue[position & (KVMHID_POINTER_QUEUE - 1)];
}

bool kvmhid_waiting(const struct kvmhid_core *core,
		    enum kvmhid_interface interface)
{
	return interface == KVMHID_KEYBOARD ? keys_queued(core) :
					      pointers_queued(core);
}

unsigned int kvmhid_queued(const struct kvmhid_core *core)
{
	return keys_queued(core) + pointers_queued(core);
}

static unsigned int pointer_transitions(struct kvmhid_core *core)
{
	unsigned int n = 0;
	u32 i;

	for (i = core->pointer_head; i != core->pointer_tail; i++)
		n += !pointer_at(core, i)->motion;
	return n;
}

static void core_clear(struct kvmhid_core *core)
{
	core->epoch++;
	core->protocol[KVMHID_KEYBOARD] = KVMHID_PROTOCOL_REPORT;
	core->protocol[KVMHID_POINTER] = KVMHID_PROTOCOL_REPORT;
	core->leds = 0;
	core->leds_known = false;
	memset(core->key_holders, 0, sizeof(core->key_holders));
	memset(core->button_holders, 0, sizeof(core->button_holders));
	core->keys_held = 0;
	core->buttons = 0;
	core->x = PLACE_DEFAULT;
	core->y = PLACE_DEFAULT;
	core->placed = false;
	core->key_head = core->key_tail;
	core->pointer_head = core->pointer_tail;
	core->sent[KVMHID_KEYBOARD] = core->sequence;
	core->sent[KVMHID_POINTER] = core->sequence;
	core->host.modifiers = 0;
	core->host.n_keys = 0;
	memset(core->host.bitmap, 0, sizeof(core->host.bitmap));
	core->host.buttons = 0;
	core->host.told = false;
	memset(&core->left, 0, sizeof(core->left));
	memset(&core->carried, 0, sizeof(core->carried));
}

/*
 * A host need not forget what was down when it resets the bus (Linux does not):
 * if something was, the first report of that interface says that nothing is.
 */
void kvmhid_core_reset(struct kvmhid_core *core)
{
	core->dropped += keys_queued(core) + pointer_transitions(core);
	if (core->host.n_keys || core->host.modifiers)
		core->resend[KVMHID_KEYBOARD] = true;
	if (core->host.buttons)
		core->resend[KVMHID_POINTER] = true;
	core_clear(core);
}

void kvmhid_core_init(struct kvmhid_core *core, bool nkro)
{
	memset(core, 0, sizeof(*core));
	core->nkro = nkro;
	core->host.x = PLACE_DEFAULT;
	core->host.y = PLACE_DEFAULT;
	core_clear(core);
}

/* --- checking what is written --- */

static bool all_zero(const u8 *bytes, unsigned int n)
{
	while (n--)
		if (bytes[n])
			return false;
	return true;
}

static bool key_valid(const struct kvmhid_key *key)
{
	return key->page == 0x07 && key->usage >= KVMHID_USAGE_FIRST &&
	       key->usage <= KVMHID_USAGE_LAST && key->down <= 1 &&
	       all_zero(key->reserved, sizeof(key->reserved));
}

static bool relative_valid(s16 value)
{
	return value >= -KVMHID_RELATIVE_MAX;
}

static bool buttons_valid(u16 buttons)
{
	return !(buttons & ~KVMHID_BUTTONS_ALL);
}

static bool pointer_valid(const struct kvmhid_pointer *pointer)
{
	return pointer->x <= KVMHID_ABSOLUTE_MAX &&
	       pointer->y <= KVMHID_ABSOLUTE_MAX &&
	       relative_valid(pointer->wheel) && relative_valid(pointer->pan) &&
	       buttons_valid(pointer->buttons) && !pointer->reserved;
}

static bool motion_valid(const struct kvmhid_relative *relative)
{
	return relative_valid(relative->dx) && relative_valid(relative->dy) &&
	       relative_valid(relative->wheel) &&
	       relative_valid(relative->pan) &&
	       buttons_valid(relative->buttons) && !relative->reserved;
}

int kvmhid_event_check(const struct kvmhid_event *event)
{
	bool valid = false;

	if (event->flags)
		return -EINVAL;

	switch (event->type) {
	case KVMHID_EVENT_KEY:
		valid = key_valid(&event->key);
		break;
	case KVMHID_EVENT_POINTER:
		valid = pointer_valid(&event->pointer);
		break;
	case KVMHID_EVENT_RELATIVE:
		valid = motion_valid(&event->relative);
		break;
	case KVMHID_EVENT_RELEASE_ALL:
		valid = all_zero(event->reserved, sizeof(event->reserved));
		break;
	}
	return valid ? 0 : -EINVAL;
}

bool kvmhid_keys_fit(const struct kvmhid_core *core,
		     const struct kvmhid_event *events, unsigned int n)
{
	unsigned int presses = 0, i;

	for (i = 0; i < n; i++)
		if (events[i].type == KVMHID_EVENT_KEY)
			presses += events[i].key.down;

	/* A press takes a place, and reserves that of its release. */
	return !presses || keys_queued(core) + core->keys_held + 2 * presses <=
			   KVMHID_KEY_QUEUE;
}

static bool pointers_fit(const struct kvmhid_core *core,
			 const struct kvmhid_event *events, unsigned int n)
{
	unsigned int pointers = 0, releases = 0, i;

	for (i = 0; i < n; i++) {
		switch (events[i].type) {
		case KVMHID_EVENT_POINTER:
		case KVMHID_EVENT_RELATIVE:
			pointers++;
			break;
		case KVMHID_EVENT_RELEASE_ALL:
			releases++;
			break;
		}
	}

	/*
	 * Releasing a descriptor's buttons takes an entry at most per button,
	 * and one for each time in between that they are pressed again.
	 */
	return !pointers || pointers_queued(core) + KVMHID_BUTTONS + pointers +
			    releases <= KVMHID_POINTER_QUEUE;
}

bool kvmhid_events_fit(const struct kvmhid_core *core,
		       const struct kvmhid_event *events, unsigned int n)
{
	return kvmhid_keys_fit(core, events, n) && pointers_fit(core, events, n);
}

/* --- from events to queued changes --- */

static void holder_refresh(const struct kvmhid_core *core,
			   struct kvmhid_holder *holder)
{
	if (holder->epoch == core->epoch)
		return;
	memset(holder, 0, sizeof(*holder));
	holder->epoch = core->epoch;
}

static void key_apply(struct kvmhid_core *core, struct kvmhid_holder *holder,
		      u8 usage, bool down)
{
	struct kvmhid_key_entry *entry;

	if (bit_get(holder->keys, usage) == down)
		return;
	bit_put(holder->keys, usage, down);
	if (down ? core->key_holders[usage]++ : --core->key_holders[usage])
		return;

	if (down)
		core->keys_held++;
	else
		core->keys_held--;
	entry = &core->key_queue[core->key_tail++ & (KVMHID_KEY_QUEUE - 1)];
	entry->sequence = ++core->sequence;
	entry->usage = usage;
	entry->down = down;
}

/* Returns the buttons that somebody holds after @holder holds @buttons. */
static u8 buttons_apply(struct kvmhid_core *core, struct kvmhid_holder *holder,
			u8 buttons)
{
	u8 merged = 0;
	unsigned int i;

	for (i = 0; i < KVMHID_BUTTONS; i++) {
		core->button_holders[i] += buttons >> i & 1;
		core->button_holders[i] -= holder->buttons >> i & 1;
		merged |= !!core->button_holders[i] << i;
	}
	holder->buttons = buttons;
	return merged;
}

/* The newest entry of all, if it is a motion that still waits. */
static struct kvmhid_pointer_entry *last_motion(struct kvmhid_core *core)
{
	struct kvmhid_pointer_entry *entry;

	if (!pointers_queued(core))
		return NULL;
	entry = pointer_at(core, core->pointer_tail - 1);
	return entry->motion && entry->sequence == core->sequence ? entry : NULL;
}

static s32 motion_add(s32 a, s32 b)
{
	return limit(a + b, KVMHID_RELATIVE_MAX * KVMHID_UNITS_PER_COUNT);
}

/* @change holds everything but its sequence and whether it is a motion. */
static void pointer_apply(struct kvmhid_core *core,
			  struct kvmhid_pointer_entry *change)
{
	struct kvmhid_pointer_entry *entry;

	change->motion = change->buttons == core->buttons && !change->wheel &&
			 !change->pan;
	if (change->motion && core->placed && change->x == core->x &&
	    change->y == core->y && !change->dx && !change->dy)
		return;

	core->x = change->x;
	core->y = change->y;
	core->placed = true;
	core->buttons = change->buttons;

	entry = change->motion ? last_motion(core) : NULL;
	if (entry) {
		entry->x = change->x;
		entry->y = change->y;
		entry->dx = motion_add(entry->dx, change->dx);
		entry->dy = motion_add(entry->dy, change->dy);
		return;
	}
	change->sequence = ++core->sequence;
	*pointer_at(core, core->pointer_tail++) = *change;
}

static void absolute_apply(struct kvmhid_core *core,
			   struct kvmhid_holder *holder,
			   const struct kvmhid_pointer *pointer)
{
	struct kvmhid_pointer_entry change = {
		.x = pointer->x,
		.y = pointer->y,
		.wheel = pointer->wheel,
		.pan = pointer->pan,
		.buttons = buttons_apply(core, holder, pointer->buttons),
	};

	/* The first place after a reset is no motion: from where would it be? */
	if (core->placed) {
		change.dx = pointer->x - core->x;
		change.dy = pointer->y - core->y;
	}
	pointer_apply(core, &change);
}

static u16 place_add(u16 place, s32 units)
{
	s32 sum = place + units;

	if (sum < 0)
		return 0;
	return sum > KVMHID_ABSOLUTE_MAX ? KVMHID_ABSOLUTE_MAX : sum;
}

static void relative_apply(struct kvmhid_core *core,
			   struct kvmhid_holder *holder,
			   const struct kvmhid_relative *relative)
{
	struct kvmhid_pointer_entry change = {
		.dx = relative->dx * KVMHID_UNITS_PER_COUNT,
		.dy = relative->dy * KVMHID_UNITS_PER_COUNT,
		.wheel = relative->wheel,
		.pan = relative->pan,
		.buttons = buttons_apply(core, holder, relative->buttons),
	};

	change.x = place_add(core->x, change.dx);
	change.y = place_add(core->y, change.dy);
	pointer_apply(core, &change);
}

void kvmhid_release(struct kvmhid_core *core, struct kvmhid_holder *holder)
{
	struct kvmhid_pointer_entry change = { 0 };
	unsigned int usage;

	holder_refresh(core, holder);
	/* Modifiers have the highest usages: they go up last, like fingers. */
	for (usage = KVMHID_USAGE_FIRST; usage < KVMHID_USAGES; usage++)
		key_apply(core, holder, usage, false);

	change.buttons = buttons_apply(core, holder, 0);
	if (change.buttons == core->buttons)
		return;
	change.x = core->x;
	change.y = core->y;
	pointer_apply(core, &change);
}

void kvmhid_event_apply(struct kvmhid_core *core, struct kvmhid_holder *holder,
			const struct kvmhid_event *event)
{
	holder_refresh(core, holder);
	switch (event->type) {
	case KVMHID_EVENT_KEY:
		key_apply(core, holder, event->key.usage, event->key.down);
		break;
	case KVMHID_EVENT_POINTER:
		absolute_apply(core, holder, &event->pointer);
		break;
	case KVMHID_EVENT_RELATIVE:
		relative_apply(core, holder, &event->relative);
		break;
	case KVMHID_EVENT_RELEASE_ALL:
		kvmhid_release(core, holder);
		break;
	}
}

void kvmhid_pointer_collapse(struct kvmhid_core *core)
{
	struct kvmhid_pointer_entry *entry;

	if (!pointers_queued(core))
		return;
	core->dropped += pointer_transitions(core);
	core->pointer_head = core->pointer_tail - 1;
	entry = pointer_at(core, core->pointer_head);
	/* The last entry has the final place and buttons; it stays as motion. */
	entry->dx = 0;
	entry->dy = 0;
	entry->wheel = 0;
	entry->pan = 0;
	entry->motion = true;
}

/* --- from queued changes to reports --- */

static bool boot(const struct kvmhid_core *core,
		 enum kvmhid_interface interface)
{
	return core->protocol[interface] == KVMHID_PROTOCOL_BOOT;
}

static void host_key(struct kvmhid_core *core, u8 usage, bool down)
{
	unsigned int i;

	bit_put(core->host.bitmap, usage, down);
	if (usage >= KVMHID_USAGE_MODIFIER) {
		bit_put(&core->host.modifiers, usage - KVMHID_USAGE_MODIFIER,
			down);
		return;
	}
	if (down) {
		core->host.keys[core->host.n_keys++] = usage;
		return;
	}
	for (i = 0; core->host.keys[i] != usage; i++)
		;
	memmove(core->host.keys + i, core->host.keys + i + 1,
		--core->host.n_keys - i);
}

static unsigned int keyboard_pack(const struct kvmhid_core *core, u8 *report)
{
	unsigned int n = core->host.n_keys;

	if (core->nkro && !boot(core, KVMHID_KEYBOARD)) {
		memcpy(report, core->host.bitmap, KVMHID_BITMAP_SIZE);
		return KVMHID_BITMAP_SIZE;
	}
	memset(report, 0, KVMHID_BOOT_KEYBOARD_SIZE);
	report[0] = core->host.modifiers;
	if (n > KVMHID_BOOT_KEYS)
		memset(report + 2, KVMHID_ERROR_ROLL_OVER, KVMHID_BOOT_KEYS);
	else
		memcpy(report + 2, core->host.keys, n);
	return KVMHID_BOOT_KEYBOARD_SIZE;
}

static unsigned int keyboard_next(struct kvmhid_core *core, u8 *report)
{
	const struct kvmhid_key_entry *entry;

	if (!core->resend[KVMHID_KEYBOARD]) {
		if (!keys_queued(core))
			return 0;
		entry = &core->key_queue[core->key_head++ &
					 (KVMHID_KEY_QUEUE - 1)];
		core->sent[KVMHID_KEYBOARD] = entry->sequence;
		host_key(core, entry->usage, entry->down);
	}
	core->resend[KVMHID_KEYBOARD] = false;
	return keyboard_pack(core, report);
}

/* Does the entry that was taken last still have something to say? */
static bool pointer_pending(const struct kvmhid_core *core)
{
	if (core->resend[KVMHID_POINTER])
		return true;
	if (!boot(core, KVMHID_POINTER))
		return core->left.fresh || core->left.wheel || core->left.pan;
	return core->left.dx / KVMHID_UNITS_PER_COUNT ||
	       core->left.dy / KVMHID_UNITS_PER_COUNT ||
	       (core->left.buttons ^ core->host.buttons) & BOOT_BUTTONS;
}

static void pointer_take(struct kvmhid_core *core)
{
	const struct kvmhid_pointer_entry *entry =
		pointer_at(core, core->pointer_head++);

	core->sent[KVMHID_POINTER] = entry->sequence;
	core->left.buttons = entry->buttons;
	if (boot(core, KVMHID_POINTER)) {
		core->left.dx += entry->dx;
		core->left.dy += entry->dy;
	} else {
		core->left.wheel += entry->wheel;
		core->left.pan += entry->pan;
		core->left.fresh = !core->host.told ||
				   entry->x != core->host.x ||
				   entry->y != core->host.y ||
				   entry->buttons != core->host.buttons;
		core->host.told = true;
	}
	core->host.x = entry->x;
	core->host.y = entry->y;
}

static void pointer_pack(const struct kvmhid_core *core, u8 *report)
{
	report[0] = core->host.buttons;
	report[1] = core->host.x & 0xff;
	report[2] = core->host.x >> 8;
	report[3] = core->host.y & 0xff;
	report[4] = core->host.y >> 8;
	report[5] = core->carried.wheel;
	report[6] = core->carried.pan;
}

/*
 * A boot mouse moves in steps. Buttons change with the last step, so that what
 * is pressed or dropped is what lies at the end of the motion.
 */
static void boot_mouse_step(struct kvmhid_core *core)
{
	s32 dx = core->left.dx / KVMHID_UNITS_PER_COUNT;
	s32 dy = core->left.dy / KVMHID_UNITS_PER_COUNT;

	core->carried.dx = limit(dx, KVMHID_STEP_MAX);
	core->carried.dy = limit(dy, KVMHID_STEP_MAX);
	core->left.dx -= core->carried.dx * KVMHID_UNITS_PER_COUNT;
	core->left.dy -= core->carried.dy * KVMHID_UNITS_PER_COUNT;
	if (core->carried.dx == dx && core->carried.dy == dy)
		core->host.buttons = core->left.buttons;
}

static unsigned int pointer_next(struct kvmhid_core *core, u8 *report)
{
	if (!pointer_pending(core) && pointers_queued(core))
		pointer_take(core);
	if (!pointer_pending(core))
		return 0;
	core->resend[KVMHID_POINTER] = false;
	memset(&core->carried, 0, sizeof(core->carried));

	if (boot(core, KVMHID_POINTER)) {
		boot_mouse_step(core);
		report[0] = core->host.buttons & BOOT_BUTTONS;
		report[1] = core->carried.dx;
		report[2] = core->carried.dy;
		return KVMHID_BOOT_POINTER_SIZE;
	}
	core->carried.wheel = limit(core->left.wheel, KVMHID_STEP_MAX);
	core->carried.pan = limit(core->left.pan, KVMHID_STEP_MAX);
	core->left.wheel -= core->carried.wheel;
	core->left.pan -= core->carried.pan;
	core->left.fresh = false;
	core->host.buttons = core->left.buttons;
	pointer_pack(core, report);
	return KVMHID_POINTER_SIZE;
}

unsigned int kvmhid_report_next(struct kvmhid_core *core,
				enum kvmhid_interface interface, u8 *report)
{
	return interface == KVMHID_KEYBOARD ? keyboard_next(core, report) :
					      pointer_next(core, report);
}

void kvmhid_report_failed(struct kvmhid_core *core,
			  enum kvmhid_interface interface)
{
	core->resend[interface] = true;
	if (interface == KVMHID_KEYBOARD)
		return;
	core->left.dx += core->carried.dx * KVMHID_UNITS_PER_COUNT;
	core->left.dy += core->carried.dy * KVMHID_UNITS_PER_COUNT;
	core->left.wheel += core->carried.wheel;
	core->left.pan += core->carried.pan;
	memset(&core->carried, 0, sizeof(core->carried));
}

unsigned int kvmhid_report_state(const struct kvmhid_core *core,
				 enum kvmhid_interface interface, u8 *report)
{
	if (interface == KVMHID_KEYBOARD)
		return keyboard_pack(core, report);

	if (boot(core, KVMHID_POINTER)) {
		report[0] = core->host.buttons & BOOT_BUTTONS;
		report[1] = 0;
		report[2] = 0;
		return KVMHID_BOOT_POINTER_SIZE;
	}
	pointer_pack(core, report);
	report[5] = 0;
	report[6] = 0;
	return KVMHID_POINTER_SIZE;
}

void kvmhid_set_protocol(struct kvmhid_core *core,
			 enum kvmhid_interface interface, u8 protocol)
{
	if (core->protocol[interface] == protocol)
		return;
	core->protocol[interface] = protocol;
	if (interface != KVMHID_POINTER)
		return;

	/*
	 * Steps and detents of one protocol mean nothing in the other, but a
	 * button that waited for the last step still has to be told.
	 */
	if (core->left.buttons != core->host.buttons)
		core->resend[KVMHID_POINTER] = true;
	core->left.dx = 0;
	core->left.dy = 0;
	core->left.wheel = 0;
	core->left.pan = 0;
	memset(&core->carried, 0, sizeof(core->carried));
	core->host.told = false;
}

bool kvmhid_set_leds(struct kvmhid_core *core, u8 leds)
{
	if (core->leds_known && core->leds == leds)
		return false;
	core->leds = leds;
	core->leds_known = true;
	return true;
}

bool kvmhid_must_wait(const struct kvmhid_core *core,
		      enum kvmhid_interface interface, bool busy)
{
	const struct kvmhid_key_entry *key =
		&core->key_queue[core->key_head & (KVMHID_KEY_QUEUE - 1)];
	const struct kvmhid_pointer_entry *pointer =
		&core->pointer_queue[core->pointer_head &
				     (KVMHID_POINTER_QUEUE - 1)];

	if (interface == KVMHID_KEYBOARD) {
		if (!keys_queued(core) || core->resend[KVMHID_KEYBOARD])
			return false;
		if ((busy || pointer_pending(core)) &&
		    before(core->sent[KVMHID_POINTER], key->sequence))
			return true;
		return pointers_queued(core) &&
		       before(pointer->sequence, key->sequence);
	}
	if (!pointers_queued(core) || pointer_pending(core))
		return false;
	if ((busy || core->resend[KVMHID_KEYBOARD]) &&
	    before(core->sent[KVMHID_KEYBOARD], pointer->sequence))
		return true;
	return keys_queued(core) && before(key->sequence, pointer->sequence);
}
