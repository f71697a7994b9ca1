# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
#
# TAP for suites written in bash: . tools/testing/lab/tap.sh, one of
#
#   tap_check WHAT CMD...     ok if CMD ends with 0; its output as diagnostics if not
#   tap_is WHAT GOT WANTED    ok if the two strings are the same
#   tap_ok WHAT, tap_not_ok WHAT, tap_skip WHAT REASON
#
# for each test and tap_finish at the end, which prints the plan and exits.

tap_count=0
tap_failed=0

tap_ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

tap_not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
}

tap_skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

tap_diag() {
	sed 's/^/# /'
}

tap_check() {
	local what=$1 output
	shift
	if output=$("$@" 2>&1); then
		tap_ok "$what"
	else
		tap_not_ok "$what"
		printf '%s\n' "$output" | tap_diag
	fi
}

tap_is() {
	if [ "$2" = "$3" ]; then
		tap_ok "$1"
	else
		tap_not_ok "$1"
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" | tap_diag
	fi
}

# Takes the TAP of a program: its lines, numbered on, with a prefix, but not its
# plan, whose number it checks. tap_adopt PREFIX STATUS FILE
tap_adopt() {
	local prefix=$1 status=$2 file=$3 line planned='' seen=0 failed=0
	local text='^(not )?ok( [0-9]+)?( - | )?(.*)$'
	while IFS= read -r line; do
		if [[ $line =~ ^1\.\.([0-9]+) ]]; then
			planned=${BASH_REMATCH[1]}
		elif [[ $line =~ $text ]]; then
			seen=$((seen + 1))
			tap_count=$((tap_count + 1))
			if [ -n "${BASH_REMATCH[1]}" ]; then
				tap_failed=$((tap_failed + 1))
				failed=$((failed + 1))
			fi
			echo "${BASH_REMATCH[1]}ok $tap_count - $prefix: ${BASH_REMATCH[4]}"
		elif [ -n "$line" ]; then
			echo "# ${line#\# }"
		fi
	done <"$file"
	if [ "$planned" = 0 ] && grep -q '^1\.\.0.*# *SKIP' "$file"; then
		tap_skip "$prefix" "$(sed -n 's/^1\.\.0.*# *SKIP *//p' "$file")"
	elif [ "$planned" != "$seen" ]; then
		tap_not_ok "$prefix: printed $seen lines, planned ${planned:-none}"
	elif [ "$status" != 0 ] && [ "$failed" = 0 ]; then
		tap_not_ok "$prefix: ended with $status"
	elif [ "$status" = 0 ] && [ "$failed" != 0 ]; then
		tap_not_ok "$prefix: ended with 0 in spite of its failures"
	fi
}

tap_finish() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ] && [ "$tap_count" -gt 0 ]
	exit
}
