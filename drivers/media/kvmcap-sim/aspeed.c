// SPDX-License-Identifier: GPL-2.0-only
/*
 * ASPEED's video engine, as the rest of kvmcap-sim sees it.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "sim.h"
#include "aspeed_ve_model.h"

/* Where ASPEED's SoCs have their memory; it is not this machine's. */
#define BUS_BASE	0x80000000U

static const struct aspeed_ve_machine machine = {
	.memory = kvmcap_sim_memory,
	.interrupt = kvmcap_sim_interrupt,
};

static void init(void *state, unsigned int soc, struct kvmcap_sim *sim)
{
	aspeed_ve_init(state, soc, &machine, sim);
}

static void platform(struct kvmcap_sim *sim, union kvmcap_sim_platform *data)
{
	data->aspeed.memory = sim->memory;
	data->aspeed.address = BUS_BASE;
}

static u32 read(void *state, u32 offset)
{
	return aspeed_ve_read(state, offset);
}

static bool write(void *state, u32 offset, u32 value)
{
	aspeed_ve_write(state, offset, value);
	return offset == VE_SEQ;
}

static void clock(void *state, bool on)
{
	aspeed_ve_clock(state, on);
}

static void signal(void *state, const struct kvmcap_sim_mode *mode,
		   const u32 *pixels)
{
	const struct aspeed_ve_signal sent = {
		.present = mode->signal,
		.width = mode->width,
		.height = mode->height,
		.pixels = pixels,
	};

	aspeed_ve_signal(state, &sent);
}

static u32 faults(void *state)
{
	const struct aspeed_ve *ve = state;

	return ve->faults;
}

static void set_faults(void *state, u32 wanted)
{
	struct aspeed_ve *ve = state;

	ve->faults = wanted;
}

static enum kvmcap_sim_work work(void *state)
{
	const struct aspeed_ve *ve = state;

	if (!aspeed_ve_has_work(ve))
		return KVMCAP_SIM_IDLE;
	switch (ve->work) {
	case ASPEED_VE_CAPTURE:
		return KVMCAP_SIM_CAPTURE;
	case ASPEED_VE_COMPRESS:
		return KVMCAP_SIM_ENCODE;
	default:
		return KVMCAP_SIM_ANSWER;
	}
}

static void step(void *state)
{
	aspeed_ve_step(state);
}

#define MODEL(which, soc_name, device_name)				\
	{								\
		.name = soc_name,					\
		.device = device_name,					\
		.soc = (which),						\
		.state_size = sizeof(struct aspeed_ve),			\
		.memory_size = KVMCAP_ASPEED_MEMORY_SIZE,		\
		.memory_base = BUS_BASE,				\
		.platform_size = sizeof(struct kvmcap_aspeed_platform),	\
		.registers = { { .size = VE_WINDOW } },			\
		.window_size = VE_WINDOW,				\
		.clocks = { "vclk", "eclk" },				\
		.faults_all = ASPEED_VE_FAULTS_ALL,			\
		.init = init,						\
		.platform = platform,					\
		.read = read,						\
		.write = write,						\
		.clock = clock,						\
		.signal = signal,					\
		.faults = faults,					\
		.set_faults = set_faults,				\
		.work = work,						\
		.step = step,						\
	}

const struct kvmcap_sim_model kvmcap_sim_aspeed[KVMCAP_SIM_ASPEED_SOCS] = {
	MODEL(ASPEED_VE_AST2400, "ast2400", KVMCAP_ASPEED_AST2400),
	MODEL(ASPEED_VE_AST2500, "ast2500", KVMCAP_ASPEED_AST2500),
	MODEL(ASPEED_VE_AST2600, "ast2600", KVMCAP_ASPEED_AST2600),
};
