/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot sector behind the entry "UEFI firmware" of the host PC's boot menu.
 *
 * A PC cannot change its firmware while it runs, so this asks the rack to do it:
 * a byte written to QEMU's isa-debug-exit port ends the machine with an exit
 * status that the rack takes as "start again with OVMF" (see rackhost.py).
 *
 * Copyright (C) 2026 The kvmcap authors
 */
	.code16
	.globl	_start
	.set	EXIT_PORT, 0x501
	.set	TELETYPE, 0x0e

_start:
	xor	%ax, %ax
	mov	%ax, %ds
	cld
	mov	$text, %si
next:
	lodsb
	test	%al, %al
	jz	restart
	mov	$TELETYPE, %ah
	xor	%bx, %bx
	int	$0x10
	jmp	next
restart:
	mov	$EXIT_PORT, %dx
	mov	$RESTART_WITH_OVMF, %al
	out	%al, %dx
halt:
	hlt
	jmp	halt

text:
	.asciz	"Restarting with UEFI firmware...\r\n"

	.org	510
	.word	0xaa55
