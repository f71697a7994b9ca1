# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
#
# For suites: runs the selftests on a target, all of them in one boot, one after
# the other.

SELFTEST_TIMEOUT=1800	# seconds, for all of one boot

programs=()
for name in $(make -s print-SELFTESTS); do
	programs+=("build/userspace/selftests/$name")
done
for script in tools/testing/selftests/*/*.sh; do
	[ -x "$script" ] && programs+=("$script")
done

# selftests TARGET PATTERN [LAB-OPTION...]: those whose name matches PATTERN
selftests() {
	local target=$1 pattern=$2 name program status results wanted=()
	shift 2
	results=build/check/selftests/$target
	mkdir -p "$results"
	for program in "${programs[@]}"; do
		name=$(basename "$program")
		# shellcheck disable=SC2053 # it is a pattern
		[[ $name == $pattern ]] || continue
		wanted+=("$program")
		rm -f "$results/$name".*
	done
	tools/testing/lab/lab run "$target" --timeout $SELFTEST_TIMEOUT "$@" -- \
		tools/testing/lab/guest-selftests "$PWD/$results" \
		"${wanted[@]}" 2>"$results/log"
	status=$?
	tap_is "$target: the kernel has nothing to say against the selftests" $status 0
	[ $status = 0 ] || tap_diag <"$results/log"
	for program in "${wanted[@]}"; do
		name=$(basename "$program")
		if [ -e "$results/$name.status" ]; then
			tap_adopt "$target/$name" "$(<"$results/$name.status")" \
				"$results/$name.tap"
		else
			tap_not_ok "$target/$name: did not end"
			[ ! -e "$results/$name.tap" ] || tap_diag <"$results/$name.tap"
		fi
	done
}
