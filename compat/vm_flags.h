/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before 6.3 a mapping's flags were a field that one wrote to.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef KVMCAP_COMPAT_VM_FLAGS_H
#define KVMCAP_COMPAT_VM_FLAGS_H

#include <linux/mm.h>
#include <linux/version.h>

/* The caller holds the mmap lock for writing, as in the mmap file operation. */
static inline void kvmcap_vm_flags_mod(struct vm_area_struct *vma,
				       unsigned long set, unsigned long clear)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#else
	vm_flags_mod(vma, set, clear);
#endif
}

#endif
