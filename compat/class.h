/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before 6.4 class_create() wanted to know the module, too.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_COMPAT_CLASS_H
#define KVMCAP_COMPAT_CLASS_H

#include <linux/device/class.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define kvmcap_class_create(name)	class_create(THIS_MODULE, name)
#else
#define kvmcap_class_create(name)	class_create(name)
#endif

#endif
