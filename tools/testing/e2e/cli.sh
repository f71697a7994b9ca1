# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
#
# Tests of what kvmcapctl says when something is wrong; needs lab/tap.sh.

ctl=build/userspace/bin/kvmcapctl

CLI_TIMEOUT=60	# seconds for one command

# cli_fails WHAT STATUS SENTENCE ARGUMENT...: kvmcapctl ends with STATUS and says
# one line, SENTENCE (a pattern of [[ ]]), on standard error, nothing on standard
# output. Its standard input is this function's.
cli_fails() {
	local what=$1 wanted=$2 sentence=$3 out err status
	shift 3
	err=$(mktemp)
	out=$(timeout $CLI_TIMEOUT "$ctl" "$@" 2>"$err")
	status=$?
	local said
	said=$(<"$err")
	# shellcheck disable=SC2053 # it is a pattern
	if [ "$status" = "$wanted" ] && [ -z "$out" ] &&
	   [ "$(wc -l <"$err")" = 1 ] && [[ $said == "kvmcapctl: "$sentence ]]; then
		tap_ok "$what"
	else
		tap_not_ok "$what"
		printf 'status %s, wanted %s\nstdout: %s\nstderr: %s\nwanted: kvmcapctl: %s\n' \
			"$status" "$wanted" "$out" "$said" "$sentence" | tap_diag
	fi
	rm -f "$err"
}
