// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ASPEED video engine's registers, interrupt and clocks.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <linux/jiffies.h>

#include "aspeed_engine.h"

/* How long the engine may take to leave off when told to. */
#define IDLE_TIMEOUT_US		10000
#define IDLE_POLL_US		50

/* VR30C: tolerances and frames that a signal has to be stable for. */
#define DETECT_SETTINGS		(FIELD_PREP(VE_DETECT_H_TOLERANCE, 2) | \
				 FIELD_PREP(VE_DETECT_V_TOLERANCE, 2) | \
				 FIELD_PREP(VE_DETECT_H_STABLE, 6) | \
				 FIELD_PREP(VE_DETECT_V_STABLE, 6) | \
				 FIELD_PREP(VE_DETECT_EDGE_THRESHOLD, 0x65))

#define IDLE			(VE_SEQ_CAPTURE_IDLE | VE_SEQ_COMPRESS_IDLE)

/*
 * The engine shows interrupts that were not enabled, too. They are acknowledged
 * with the others, lest they keep the line active, and forgotten.
 */
irqreturn_t kvmcap_aspeed_interrupt(int irq, void *data)
{
	struct kvmcap_aspeed *aspeed = data;
	unsigned long flags;
	bool tell;
	u32 status = 0;

	spin_lock_irqsave(&aspeed->lock, flags);
	if (aspeed->enabled) {
		status = aspeed_read(aspeed, VE_INTERRUPT_STATUS);
		aspeed_write(aspeed, VE_INTERRUPT_STATUS, status);
	}
	aspeed->events |= status & aspeed->enabled;
	tell = !aspeed->detecting && (status & aspeed->enabled & KVMCAP_ASPEED_SIGNAL_EVENTS);
	spin_unlock_irqrestore(&aspeed->lock, flags);

	if (!status)
		return IRQ_NONE;
	if (tell)
		kvmcap_core_signal_changed(&aspeed->engine);
	wake_up(&aspeed->wait);
	return IRQ_HANDLED;
}

/* What is neither wanted before nor any more is forgotten. */
void kvmcap_aspeed_enable(struct kvmcap_aspeed *aspeed, u32 disable, u32 enable)
{
	unsigned long flags;

	spin_lock_irqsave(&aspeed->lock, flags);
	aspeed->enabled = (aspeed->enabled & ~disable) | enable;
	aspeed->events &= ~(disable | enable);
	aspeed_write(aspeed, VE_INTERRUPT_STATUS, disable | enable);
	aspeed_write(aspeed, VE_INTERRUPT_ENABLE, aspeed->enabled);
	spin_unlock_irqrestore(&aspeed->lock, flags);
}

u32 kvmcap_aspeed_wait(struct kvmcap_aspeed *aspeed, u32 events,
		       unsigned int timeout_ms)
{
	wait_event_timeout(aspeed->wait, aspeed_events(aspeed) & events,
			   msecs_to_jiffies(timeout_ms));
	return aspeed_events(aspeed) & events;
}

static void aspeed_init_registers(struct kvmcap_aspeed *aspeed)
{
	const struct reg_sequence sequence[] = {
		{ VE_KEY, VE_KEY_UNLOCK },
		{ VE_INTERRUPT_ENABLE, 0 },
		{ VE_INTERRUPT_STATUS, 0xffffffff },
		{ VE_SEQ, 0 },
		{ VE_CTRL, VE_CTRL_NO_CURSOR |
			   FIELD_PREP(VE_CTRL_COLOUR, VE_CTRL_COLOUR_FULL) },
		{ VE_COMPRESS_CTRL, VE_COMPRESS_CTRL_RESERVED },
		{ VE_SCALING, VE_SCALING_NONE },
		{ VE_SCALING_FILTER0, VE_SCALING_FILTER_NONE },
		{ VE_SCALING_FILTER1, VE_SCALING_FILTER_NONE },
		{ VE_SCALING_FILTER2, VE_SCALING_FILTER_NONE },
		{ VE_SCALING_FILTER3, VE_SCALING_FILTER_NONE },
		{ VE_DETECT, DETECT_SETTINGS },
		{ VE_BCD_CTRL, 0 },
	};

	regmap_multi_reg_write(aspeed->regs, sequence, ARRAY_SIZE(sequence));
}

int kvmcap_aspeed_power_on(struct kvmcap_aspeed *aspeed)
{
	int err;

	err = clk_bulk_prepare_enable(ARRAY_SIZE(aspeed->clocks), aspeed->clocks);
	if (err)
		return err;
	aspeed_init_registers(aspeed);
	if (aspeed_read(aspeed, VE_SCALING) == VE_SCALING_NONE)
		return 0;

	clk_bulk_disable_unprepare(ARRAY_SIZE(aspeed->clocks), aspeed->clocks);
	return -EIO;
}

void kvmcap_aspeed_power_off(struct kvmcap_aspeed *aspeed)
{
	kvmcap_aspeed_enable(aspeed, ~0U, 0);
	synchronize_irq(aspeed->irq);
	clk_bulk_disable_unprepare(ARRAY_SIZE(aspeed->clocks), aspeed->clocks);
}

bool kvmcap_aspeed_is_idle(struct kvmcap_aspeed *aspeed)
{
	return (aspeed_read(aspeed, VE_SEQ) & IDLE) == IDLE;
}

int kvmcap_aspeed_idle(struct kvmcap_aspeed *aspeed)
{
	unsigned int value;
	int err;

	if (kvmcap_aspeed_is_idle(aspeed))
		return 0;
	aspeed_update(aspeed, VE_SEQ, KVMCAP_ASPEED_TRIGGERS, VE_SEQ_FORCE_IDLE);
	err = regmap_read_poll_timeout(aspeed->regs, VE_SEQ, value,
				       (value & IDLE) == IDLE, IDLE_POLL_US,
				       IDLE_TIMEOUT_US);
	aspeed_update(aspeed, VE_SEQ, KVMCAP_ASPEED_TRIGGERS, 0);
	return err;
}
