# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors

kvmhid-reports-srcs := drivers/usb/gadget/function/kvmhid_reports.c

TESTS += kvmhid_reports_test kvmhid_random_test
kvmhid_reports_test-srcs := tools/testing/unit/kvmhid_reports_test.c \
			    $(kvmhid-reports-srcs)
kvmhid_random_test-srcs := tools/testing/unit/kvmhid_random_test.c \
			   $(kvmhid-reports-srcs)
