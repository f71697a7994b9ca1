# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
#
# For suites: what VNC clients show is what was put on the simulated screen, by
# tools/testing/e2e/picture.c. Pictures that are wrong are left, beside what they
# should be, in build/check/picture.

LAB_TIMEOUT=3000	# seconds, for all frames on one target

# picture NAME TARGET ARGUMENT...
picture() {
	local name=$1 target=$2 out=build/check/picture/$1 status
	shift 2
	rm -rf "$out"
	mkdir -p "$out"
	tools/testing/lab/lab run "$target" --timeout $LAB_TIMEOUT \
		--load 'kvmcap kvmcap-sim' -- \
		env "RELAY_LOG=$out/relay.log" tools/testing/e2e/with-relay \
		build/userspace/tools/picture -o "$out" "$@" \
		>"$out/picture.tap" 2>"$out/log"
	status=$?
	tap_adopt "$name" $status "$out/picture.tap"
	[ $status = 0 ] || tap_diag <"$out/log"
}
