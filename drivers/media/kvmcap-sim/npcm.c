// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nuvoton's video engines, as the rest of kvmcap-sim sees them: both of them, with
 * the system registers that they depend on, are one engine.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "sim.h"
#include "npcm_ece_model.h"
#include "npcm_vcd_model.h"

/* Where its memory is for the engine; Nuvoton's SoCs have theirs at 0. */
#define BUS_BASE	0x20000000U

/* Where the units are in the window; all of them have gaps behind. */
#define VCD_START	0x00000
#define ECE_START	0x10000
#define GCR_START	0x12000
#define GFXI_START	0x13000
#define WINDOW_SIZE	0x14000
static_assert(VCD_START + VCD_WINDOW <= ECE_START);
static_assert(ECE_START + ECE_WINDOW <= GCR_START);
static_assert(GCR_START + NPCM_GCR_WINDOW <= GFXI_START);
static_assert(GFXI_START + GFXI_WINDOW <= WINDOW_SIZE);

struct npcm {
	struct npcm_vcd vcd;
	struct npcm_ece ece;
};

static const struct npcm_machine machine = {
	.memory = kvmcap_sim_memory,
	.interrupt = kvmcap_sim_interrupt,
};

/* What is known of them is the same for both SoCs. */
static void init(void *state, unsigned int soc, struct kvmcap_sim *sim)
{
	struct npcm *npcm = state;

	npcm_vcd_init(&npcm->vcd, &machine, sim);
	npcm_ece_init(&npcm->ece, &machine, sim);
}

static void platform_reset(void *context, enum kvmcap_npcm_unit unit, bool asserted)
{
	kvmcap_sim_reset(context, unit, asserted);
}

static void platform(struct kvmcap_sim *sim, union kvmcap_sim_platform *data)
{
	data->npcm.memory = sim->memory;
	data->npcm.address = BUS_BASE;
	data->npcm.reset = platform_reset;
	data->npcm.context = sim;
}

static u32 read(void *state, u32 offset)
{
	struct npcm *npcm = state;

	if (offset < VCD_WINDOW)
		return npcm_vcd_read(&npcm->vcd, offset);
	if (offset >= ECE_START && offset < ECE_START + ECE_WINDOW)
		return npcm_ece_read(&npcm->ece, offset - ECE_START);
	if (offset >= GCR_START && offset < GCR_START + NPCM_GCR_WINDOW)
		return npcm_gcr_read(&npcm->vcd, offset - GCR_START);
	if (offset >= GFXI_START && offset < GFXI_START + GFXI_WINDOW)
		return npcm_gfxi_read(&npcm->vcd, offset - GFXI_START);
	return 0;
}

static bool write(void *state, u32 offset, u32 value)
{
	struct npcm *npcm = state;

	if (offset < VCD_WINDOW)
		npcm_vcd_write(&npcm->vcd, offset, value);
	else if (offset >= ECE_START && offset < ECE_START + ECE_WINDOW)
		npcm_ece_write(&npcm->ece, offset - ECE_START, value);
	else if (offset >= GCR_START && offset < GCR_START + NPCM_GCR_WINDOW)
		npcm_gcr_write(&npcm->vcd, offset - GCR_START, value);
	return offset == VCD_START + VCD_COMMAND ||
	       offset == ECE_START + ECE_RECT_SIZE;
}

static void reset(void *state, unsigned int unit, bool asserted)
{
	struct npcm *npcm = state;

	if (unit == KVMCAP_NPCM_VCD)
		npcm_vcd_reset(&npcm->vcd, asserted);
	else
		npcm_ece_reset(&npcm->ece, asserted);
}

static void signal(void *state, const struct kvmcap_sim_mode *mode,
		   const u32 *pixels)
{
	struct npcm *npcm = state;
	const struct npcm_vcd_signal sent = {
		.present = mode->signal,
		.width = mode->width,
		.height = mode->height,
		.pixels = pixels,
	};

	npcm_vcd_signal(&npcm->vcd, &sent);
}

static u32 faults(void *state)
{
	const struct npcm *npcm = state;

	return npcm->vcd.faults;
}

static void set_faults(void *state, u32 wanted)
{
	struct npcm *npcm = state;

	npcm->vcd.faults = wanted;
	npcm->ece.faults = wanted;
}

/* A capture comes first, so that it is not interrupted. */
static enum kvmcap_sim_work work(void *state)
{
	const struct npcm *npcm = state;

	if (npcm_vcd_has_work(&npcm->vcd))
		return KVMCAP_SIM_CAPTURE;
	return npcm_ece_has_work(&npcm->ece) ? KVMCAP_SIM_ANSWER : KVMCAP_SIM_IDLE;
}

static void step(void *state)
{
	struct npcm *npcm = state;

	if (npcm_vcd_has_work(&npcm->vcd))
		npcm_vcd_step(&npcm->vcd);
	else
		npcm_ece_step(&npcm->ece);
}

#define MODEL(soc_name, device_name)					\
	{								\
		.name = soc_name,					\
		.device = device_name,					\
		.state_size = sizeof(struct npcm),			\
		.memory_size = KVMCAP_NPCM_MEMORY_SIZE,			\
		.memory_base = BUS_BASE,				\
		.platform_size = sizeof(struct kvmcap_npcm_platform),	\
		.registers = {						\
			{ KVMCAP_NPCM_REGS_VCD, VCD_START, VCD_WINDOW },\
			{ KVMCAP_NPCM_REGS_ECE, ECE_START, ECE_WINDOW },\
			{ KVMCAP_NPCM_REGS_GCR, GCR_START,		\
			  NPCM_GCR_WINDOW },				\
			{ KVMCAP_NPCM_REGS_GFXI, GFXI_START,		\
			  GFXI_WINDOW },				\
		},							\
		.window_size = WINDOW_SIZE,				\
		.resets = KVMCAP_NPCM_ECE + 1,				\
		.polled = ECE_START + ECE_STATUS,			\
		.faults_all = NPCM_FAULTS_ALL,				\
		.init = init,						\
		.platform = platform,					\
		.read = read,						\
		.write = write,						\
		.reset = reset,						\
		.signal = signal,					\
		.faults = faults,					\
		.set_faults = set_faults,				\
		.work = work,						\
		.step = step,						\
	}

const struct kvmcap_sim_model kvmcap_sim_npcm[KVMCAP_SIM_NPCM_SOCS] = {
	MODEL("npcm750", KVMCAP_NPCM_NPCM750),
	MODEL("npcm845", KVMCAP_NPCM_NPCM845),
};
