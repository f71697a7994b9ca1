// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The ASPEED video engine in software: registers, signal and interrupts. What it
 * does with pixels is in aspeed_ve_capture.c.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "aspeed_ve_model.h"
#include "aspeed_ve_capture.h"
#include "aspeed_ve_timing.h"

#define DEAD	0xffffffff	/* what registers without a clock read as */

/* Of this many looks at the sync lines, one falls into the pulse. */
#define LOOKS_PER_PULSE	8

static u32 *reg(struct aspeed_ve *ve, u32 offset)
{
	return &ve->regs[offset / 4];
}

static void update_line(struct aspeed_ve *ve)
{
	u32 enabled = *reg(ve, VE_INTERRUPT_ENABLE);
	bool level;

	if (ve->faults & ASPEED_VE_FAULT_SPURIOUS)
		enabled = ~0U;
	level = ve->clocked && (*reg(ve, VE_INTERRUPT_STATUS) & enabled);
	if (level == ve->line)
		return;
	ve->line = level;
	ve->machine->interrupt(ve->context, level);
}

/* Status bits show whether or not the interrupt is enabled. */
void aspeed_ve_raise(struct aspeed_ve *ve, u32 status)
{
	if (ve->faults & ASPEED_VE_FAULT_SILENT)
		return;
	if (ve->faults & ASPEED_VE_FAULT_SPURIOUS)
		status |= VE_INTERRUPT_COMPRESS_READY | VE_INTERRUPT_FRAME;
	*reg(ve, VE_INTERRUPT_STATUS) |= status;
	update_line(ve);
}

void aspeed_ve_init(struct aspeed_ve *ve, unsigned int soc,
		    const struct aspeed_ve_machine *machine, void *context)
{
	memset(ve, 0, sizeof(*ve));
	ve->soc = soc;
	ve->machine = machine;
	ve->context = context;
}

static u32 read_sequence(struct aspeed_ve *ve)
{
	u32 value = *reg(ve, VE_SEQ);

	if (ve->work != ASPEED_VE_CAPTURE)
		value |= VE_SEQ_CAPTURE_IDLE;
	if (ve->work != ASPEED_VE_COMPRESS)
		value |= VE_SEQ_COMPRESS_IDLE;
	return value;
}

/*
 * The sync lines as they are at this moment: mostly inactive, which is high for
 * negative polarity; now and then the look falls into the pulse.
 */
static u32 read_mode(struct aspeed_ve *ve)
{
	bool pulse = ++ve->mode_reads % LOOKS_PER_PULSE == 0;
	u32 value = *reg(ve, VE_MODE);

	if (!ve->signal.present)
		return value;
	if (ve->timing.h_negative != pulse)
		value |= VE_MODE_HSYNC;
	if (ve->timing.v_negative != pulse)
		value |= VE_MODE_VSYNC;
	return value;
}

u32 aspeed_ve_read(struct aspeed_ve *ve, u32 offset)
{
	if (!ve->clocked)
		return DEAD;

	switch (offset) {
	case VE_KEY:
		return ve->unlocked;
	case VE_SEQ:
		return read_sequence(ve);
	case VE_MODE:
		return read_mode(ve);
	default:
		return *reg(ve, offset);
	}
}

static void force_idle(struct aspeed_ve *ve)
{
	ve->work = ASPEED_VE_IDLE;
}

static void write_sequence(struct aspeed_ve *ve, u32 value)
{
	u32 risen = value & ~*reg(ve, VE_SEQ);

	*reg(ve, VE_SEQ) = value & ~(VE_SEQ_CAPTURE_IDLE | VE_SEQ_COMPRESS_IDLE);

	if (value & VE_SEQ_FORCE_IDLE) {
		force_idle(ve);
		return;
	}
	if (risen & VE_SEQ_TRIGGER_DETECT)
		ve->detecting = true;
	else if (!(value & VE_SEQ_TRIGGER_DETECT))
		ve->detecting = false;

	if (risen & VE_SEQ_TRIGGER_CAPTURE)
		aspeed_ve_capture_begin(ve);
	else if (risen & VE_SEQ_TRIGGER_COMPRESS)
		aspeed_ve_compress_begin(ve);
}

static bool is_read_only(const struct aspeed_ve *ve, u32 offset)
{
	return (offset >= VE_EDGE_H && offset <= VE_H_TOTAL) ||
	       offset == aspeed_ve_size_register(ve);
}

void aspeed_ve_write(struct aspeed_ve *ve, u32 offset, u32 value)
{
	if (!ve->clocked)
		return;
	if (offset == VE_KEY) {
		ve->unlocked = value == VE_KEY_UNLOCK;
		return;
	}
	if (!ve->unlocked || is_read_only(ve, offset))
		return;

	switch (offset) {
	case VE_SEQ:
		write_sequence(ve, value);
		break;
	case VE_INTERRUPT_STATUS:
		*reg(ve, offset) &= ~value;
		update_line(ve);
		break;
	case VE_INTERRUPT_ENABLE:
		*reg(ve, offset) = value;
		update_line(ve);
		break;
	default:
		*reg(ve, offset) = value;
	}
}

/*
 * The SoCs' clock drivers reset the engine when they switch its clocks on, and
 * mainline's driver depends on that to end triggers whose capture was lost. It
 * also depends on addresses and windows to be still there.
 */
static void reset(struct aspeed_ve *ve)
{
	ve->unlocked = false;
	ve->detecting = false;
	ve->locked = false;
	*reg(ve, VE_SEQ) = 0;
	*reg(ve, VE_INTERRUPT_ENABLE) = 0;
	*reg(ve, VE_INTERRUPT_STATUS) = 0;
}

void aspeed_ve_clock(struct aspeed_ve *ve, bool on)
{
	if (on && !ve->clocked)
		reset(ve);
	ve->clocked = on;
	if (!on)
		force_idle(ve);
	update_line(ve);
}

static bool is_same(const struct aspeed_ve_signal *a,
		    const struct aspeed_ve_signal *b)
{
	return a->present == b->present && a->width == b->width &&
	       a->height == b->height;
}

void aspeed_ve_signal(struct aspeed_ve *ve,
		      const struct aspeed_ve_signal *signal)
{
	bool changed = !is_same(&ve->signal, signal);

	ve->signal = *signal;
	if (!changed)
		return;
	aspeed_ve_timing_set(&ve->timing, signal->width, signal->height);

	/* A capture is lost with the signal that it was made from. */
	if (ve->work == ASPEED_VE_CAPTURE)
		force_idle(ve);
	if (!signal->present)
		*reg(ve, VE_MODE) = 0;
	if (ve->locked && (*reg(ve, VE_SEQ) & VE_SEQ_WATCHDOG) && ve->clocked)
		aspeed_ve_raise(ve, VE_INTERRUPT_MODE_LOST);
	ve->locked = false;
}

/*
 * The edges can be told only when the polarities have been set (the driver sees
 * them in VR098 after the first detection); with others they come out reversed.
 */
static void measure_edges(struct aspeed_ve *ve)
{
	const struct aspeed_ve_timing *t = &ve->timing;
	u32 ctrl = *reg(ve, VE_CTRL);
	u32 left = t->left, right = t->left + ve->signal.width - 1;
	u32 top = t->top, bottom = t->top + ve->signal.height - 1;

	if (!(ctrl & VE_CTRL_HSYNC_NEGATIVE) != !t->h_negative) {
		left = right;
		right = t->left;
	}
	if (!(ctrl & VE_CTRL_VSYNC_NEGATIVE) != !t->v_negative) {
		top = bottom;
		bottom = t->top;
	}
	*reg(ve, VE_EDGE_H) = FIELD_PREP(VE_EDGE_H_LEFT, left) |
			      FIELD_PREP(VE_EDGE_H_RIGHT, right);
	*reg(ve, VE_EDGE_V) = FIELD_PREP(VE_EDGE_V_TOP, top) |
			      FIELD_PREP(VE_EDGE_V_BOTTOM, bottom);
}

/* Ticks of 24 MHz from line to line at 60 frames a second. */
#define H_PERIOD(v_total)	(24000000 / 60 / (v_total))

static void detect(struct aspeed_ve *ve)
{
	const struct aspeed_ve_timing *t = &ve->timing;
	u32 mode = FIELD_PREP(VE_MODE_H_PERIOD, H_PERIOD(t->v_total)) |
		   FIELD_PREP(VE_MODE_V_LINES, t->v_total) |
		   VE_MODE_HSYNC_READY | VE_MODE_VSYNC_READY;

	if (!(ve->faults & ASPEED_VE_FAULT_UNSTABLE))
		mode |= VE_MODE_H_STABLE | VE_MODE_V_STABLE;

	ve->detecting = false;
	ve->locked = true;
	*reg(ve, VE_MODE) = mode;
	*reg(ve, VE_SYNC) = FIELD_PREP(VE_SYNC_HSYNC, t->h_sync) |
			    FIELD_PREP(VE_SYNC_VSYNC, t->v_sync);
	*reg(ve, VE_H_TOTAL) = t->h_total;
	measure_edges(ve);
	aspeed_ve_raise(ve, VE_INTERRUPT_MODE_FOUND);
}

static bool can_detect(const struct aspeed_ve *ve)
{
	return ve->detecting && ve->signal.present;
}

bool aspeed_ve_has_work(const struct aspeed_ve *ve)
{
	if (!ve->clocked)
		return false;
	return can_detect(ve) || ve->work == ASPEED_VE_COMPRESS ||
	       (ve->work == ASPEED_VE_CAPTURE && ve->signal.present);
}

bool aspeed_ve_step(struct aspeed_ve *ve)
{
	if (!aspeed_ve_has_work(ve))
		return false;

	if (can_detect(ve))
		detect(ve);
	else if (ve->work == ASPEED_VE_CAPTURE)
		aspeed_ve_capture_step(ve);
	else
		aspeed_ve_compress_step(ve);
	return aspeed_ve_has_work(ve);
}
