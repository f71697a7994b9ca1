/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What configfs says about a kvmhid function.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef U_KVMHID_H
#define U_KVMHID_H

#include <linux/mutex.h>
#include <linux/usb/composite.h>

/* Bounds of the polling interval, microseconds. */
#define KVMHID_INTERVAL_MIN	125
#define KVMHID_INTERVAL_MAX	128000

/**
 * struct kvmhid_info - how a function shall be; copied when it is linked
 * @nkro: 0 or 1: report protocol has a bitmap of all keys
 * @pointer_boot: 0 or 1: the pointer is a boot mouse too
 * @interrupt_out: 0 or 1: LEDs also by an interrupt OUT endpoint
 * @wakeup: 0 or 1: ask a suspended host to wake up
 * @interval: microseconds between the host's polls
 */
struct kvmhid_info {
	unsigned int nkro;
	unsigned int pointer_boot;
	unsigned int interrupt_out;
	unsigned int wakeup;
	unsigned int interval;
};

/**
 * struct kvmhid_opts - a function's directory in configfs
 * @func_inst: what the gadget core knows of it
 * @lock: guards @info and @refcnt; nothing is taken inside it
 * @refcnt: functions made of it: @info must not change while there are any
 * @minor: of its device node, for as long as the directory exists
 * @info: what the attributes say
 */
struct kvmhid_opts {
	struct usb_function_instance func_inst;
	struct mutex lock; /* guards what follows */
	int refcnt;
	int minor;
	struct kvmhid_info info;
};

static inline struct kvmhid_opts *
to_kvmhid_opts(const struct usb_function_instance *instance)
{
	return container_of(instance, struct kvmhid_opts, func_inst);
}

struct usb_function_instance *kvmhid_alloc_inst(void);

#endif
