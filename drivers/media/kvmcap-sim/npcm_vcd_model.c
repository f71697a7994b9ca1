// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The Nuvoton video capture and differentiation engine in software: registers,
 * timing and interrupts. What it does with pixels is in npcm_vcd_capture.c.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "npcm_vcd_model.h"
#include "npcm_vcd_capture.h"

/* Status bits that no driver enables: nobody knows what they are. */
#define UNKNOWN_BITS	(BIT(1) | BIT(4) | BIT(6) | BIT(7))

/* Blanking, as VESA CVT has it for flat panels, pixels and lines; Hz. */
#define H_BLANKING	160
#define V_BLANKING	26
#define REFRESH		60

/* The largest screens that the host's graphics core shows as VGA modes. */
#define VGA_WIDTH_MAX	720
#define VGA_HEIGHT_MAX	480

/*
 * The pixel clock is a PLL's: 25 MHz, times the feedback, by three dividers. It
 * comes in steps of 25 MHz / PLL_INPUT.
 */
#define PLL_MHZ		25
#define PLL_INPUT	50

static u32 *reg(struct npcm_vcd *vcd, u32 offset)
{
	return &vcd->regs[(offset - VCD_FBA_ADDR) / 4];
}

static void update_line(struct npcm_vcd *vcd)
{
	u32 enabled = *reg(vcd, VCD_INTERRUPT_ENABLE);
	bool level;

	if (vcd->faults & NPCM_FAULT_SPURIOUS)
		enabled = VCD_STATUS_CLEAR;
	level = *reg(vcd, VCD_STATUS) & enabled;
	if (level == vcd->line)
		return;
	vcd->line = level;
	vcd->machine->interrupt(vcd->context, level);
}

/* Status bits show whether or not the interrupt is enabled. */
void npcm_vcd_raise(struct npcm_vcd *vcd, u32 status)
{
	if (vcd->faults & NPCM_FAULT_SPURIOUS)
		status |= UNKNOWN_BITS;
	*reg(vcd, VCD_STATUS) |= status;
	update_line(vcd);
}

static void power_on(struct npcm_vcd *vcd)
{
	memset(vcd->regs, 0, sizeof(vcd->regs));
	memset(vcd->diff, 0, sizeof(vcd->diff));
	vcd->busy = false;
	update_line(vcd);
}

/*
 * What the drivers set is not set: the picture is kept from the BMC, taken by
 * HSYNC, and its counters do not count.
 */
void npcm_vcd_init(struct npcm_vcd *vcd, const struct npcm_machine *machine,
		   void *context)
{
	memset(vcd, 0, sizeof(*vcd));
	vcd->machine = machine;
	vcd->context = context;
	vcd->in_reset = true;
	vcd->gcr[GCR_INTCR / 4] = GCR_INTCR_GFX_OFF | GCR_INTCR_HSYNC;
}

/* Whether the graphics core's picture gets to the BMC. */
static bool is_routed(const struct npcm_vcd *vcd)
{
	u32 off = vcd->gcr[GCR_INTCR / 4] & (GCR_INTCR_GFX_OFF | GCR_INTCR_HSYNC);

	return vcd->signal.present && !off &&
	       !(vcd->gcr[GCR_INTCR2 / 4] & GCR_INTCR2_GFX_RESET);
}

static u32 frame_clocks(const struct npcm_vcd *vcd)
{
	return (vcd->signal.width + H_BLANKING) * (vcd->signal.height + V_BLANKING);
}

static bool is_vga(const struct npcm_vcd *vcd)
{
	return vcd->signal.width <= VGA_WIDTH_MAX &&
	       vcd->signal.height <= VGA_HEIGHT_MAX;
}

/* Beyond this, and in VGA modes, more of the memory's bandwidth is needed. */
#define PIXEL_CLOCK_SLOW_MAX	120000000

bool npcm_vcd_can_keep_up(const struct npcm_vcd *vcd)
{
	u32 mode = vcd->regs[(VCD_MODE - VCD_FBA_ADDR) / 4];

	return (mode & VCD_MODE_BANDWIDTH) ||
	       (!is_vga(vcd) && frame_clocks(vcd) <= PIXEL_CLOCK_SLOW_MAX / REFRESH);
}

static bool is_enabled(const struct npcm_vcd *vcd)
{
	return vcd->regs[(VCD_MODE - VCD_FBA_ADDR) / 4] & VCD_MODE_ENABLE;
}

static bool is_measured(const struct npcm_vcd *vcd)
{
	return is_routed(vcd) && is_enabled(vcd);
}

/* From one vertical sync to the next, in pixels. */
static u32 vertical_time(struct npcm_vcd *vcd)
{
	if (!is_measured(vcd))
		return 0;
	if (vcd->faults & NPCM_FAULT_UNSTABLE)
		vcd->time_reads++;
	return (frame_clocks(vcd) + 1000 * (vcd->time_reads % 2)) & VCD_VERTICAL;
}

static u32 line_time(const struct npcm_vcd *vcd)
{
	return is_measured(vcd) ? vcd->signal.width : 0;
}

static bool has_changed(const struct npcm_vcd *vcd, u32 now, u32 last)
{
	u32 change = vcd->regs[(VCD_CHANGE - VCD_FBA_ADDR) / 4];
	u32 ignored = FIELD_GET(VCD_CHANGE_IGNORED, change);

	return now > last + ignored || last > now + ignored;
}

/* The times are compared with those that the driver took for good. */
void npcm_vcd_watch(struct npcm_vcd *vcd)
{
	u32 status = 0;

	if (has_changed(vcd, vertical_time(vcd), *reg(vcd, VCD_VERTICAL_LAST)))
		status |= VCD_STATUS_VERTICAL_CHANGED;
	if (has_changed(vcd, line_time(vcd), *reg(vcd, VCD_LINE_LAST)))
		status |= VCD_STATUS_LINE_CHANGED;
	if (status)
		npcm_vcd_raise(vcd, status);
}

u32 npcm_vcd_read(struct npcm_vcd *vcd, u32 offset)
{
	if (vcd->in_reset)
		return NPCM_DEAD;
	if (offset < VCD_FBA_ADDR)
		return offset / 4 < NPCM_DIFF_WORDS ? vcd->diff[offset / 4] : 0;

	switch (offset) {
	case VCD_STATUS:
		return *reg(vcd, offset) | (vcd->busy ? VCD_STATUS_BUSY : 0);
	case VCD_VERTICAL_TIME:
		return vertical_time(vcd);
	case VCD_LINE_TIME:
		return line_time(vcd);
	default:
		return *reg(vcd, offset);
	}
}

/*
 * The state machines' reset and the start of an operation last for a moment only
 * and read as 0; the operation remains.
 */
static void write_command(struct npcm_vcd *vcd, u32 value)
{
	*reg(vcd, VCD_COMMAND) = value & VCD_COMMAND_OPERATION;
	if (value & VCD_COMMAND_RESET)
		vcd->busy = false;
	else if (value & VCD_COMMAND_GO)
		npcm_vcd_capture_begin(vcd);
}

void npcm_vcd_write(struct npcm_vcd *vcd, u32 offset, u32 value)
{
	if (vcd->in_reset || offset < VCD_FBA_ADDR)
		return;

	switch (offset) {
	case VCD_COMMAND:
		write_command(vcd, value);
		break;
	case VCD_STATUS:
		*reg(vcd, offset) &= ~(value & VCD_STATUS_CLEAR);
		update_line(vcd);
		break;
	case VCD_INTERRUPT_ENABLE:
		*reg(vcd, offset) = value & VCD_STATUS_CLEAR;
		update_line(vcd);
		break;
	case VCD_VERTICAL_TIME:
	case VCD_LINE_TIME:
		break;
	default:
		*reg(vcd, offset) = value;
	}
}

u32 npcm_gcr_read(struct npcm_vcd *vcd, u32 offset)
{
	return vcd->gcr[offset / 4];
}

void npcm_gcr_write(struct npcm_vcd *vcd, u32 offset, u32 value)
{
	vcd->gcr[offset / 4] = value;
}

static u32 pll_feedback(const struct npcm_vcd *vcd)
{
	u32 step = PLL_MHZ * 1000000 / PLL_INPUT;

	return DIV_ROUND_UP(frame_clocks(vcd) * REFRESH, step);
}

/* The counters of pixels and lines are those of the picture that was last. */
static u32 counted(const struct npcm_vcd *vcd, u32 enable, u32 count)
{
	return vcd->gcr[GCR_INTCR2 / 4] & enable ? count : 0;
}

static u32 display(const struct npcm_vcd *vcd)
{
	if (!vcd->signal.present)
		return GFXI_DISPLAY_OFF;
	return is_vga(vcd) ? 0 : GFXI_DISPLAY_MGA;
}

u32 npcm_gfxi_read(struct npcm_vcd *vcd, u32 offset)
{
	bool on = vcd->signal.present;
	u32 width = counted(vcd, GCR_INTCR2_LINE_RESET, on ? vcd->signal.width - 1 : 0);
	u32 height = counted(vcd, GCR_INTCR2_VERTICAL_RESET, on ? vcd->signal.height : 0);
	u32 feedback = on ? pll_feedback(vcd) : 0;

	switch (offset) {
	case GFXI_DISPLAY:
		return display(vcd);
	case GFXI_WIDTH_LOW:
		return width & 0xff;
	case GFXI_WIDTH_HIGH:
		return width >> 8;
	case GFXI_HEIGHT_LOW:
		return height & 0xff;
	case GFXI_HEIGHT_HIGH:
		return height >> 8;
	case GFXI_PLL_INPUT:
		return FIELD_PREP(GFXI_PLL_INPUT_DIVIDER, PLL_INPUT) |
		       (feedback & 0x100 ? GFXI_PLL_INPUT_FEEDBACK8 : 0);
	case GFXI_PLL_FEEDBACK:
		return feedback & 0xff;
	case GFXI_PLL:
		return FIELD_PREP(GFXI_PLL_OUTPUT1, 1) | FIELD_PREP(GFXI_PLL_OUTPUT2, 1) |
		       FIELD_PREP(GFXI_PLL_FEEDBACK109, feedback >> 9);
	default:
		return 0;
	}
}

void npcm_vcd_reset(struct npcm_vcd *vcd, bool asserted)
{
	if (asserted)
		power_on(vcd);
	vcd->in_reset = asserted;
}

static bool is_same(const struct npcm_vcd_signal *a,
		    const struct npcm_vcd_signal *b)
{
	return a->present == b->present && a->width == b->width &&
	       a->height == b->height;
}

void npcm_vcd_signal(struct npcm_vcd *vcd, const struct npcm_vcd_signal *signal)
{
	bool changed = !is_same(&vcd->signal, signal);

	/* A capture is lost with the signal that it is, or was to be, made from. */
	if (changed && vcd->signal.present)
		vcd->capture.lost = true;
	vcd->signal = *signal;
	if (changed && !vcd->in_reset && is_enabled(vcd))
		npcm_vcd_watch(vcd);
}

bool npcm_vcd_has_work(const struct npcm_vcd *vcd)
{
	return vcd->busy && !vcd->capture.lost && is_measured(vcd);
}

void npcm_vcd_step(struct npcm_vcd *vcd)
{
	if (npcm_vcd_has_work(vcd))
		npcm_vcd_capture_step(vcd);
}
