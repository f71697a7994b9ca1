# SPDX-License-Identifier: Apache-2.0
# The rack's own programs, and the rack for people to play with.

TOOLS += rack-screen rack-usb rack-console
rack-screen-srcs := tools/testing/lab/rack-screen.c
rack-usb-srcs := tools/testing/lab/rack-usb.c
rack-usb-libs := -lusbredirhost -lusb-1.0
CFLAGS-tools/testing/lab/rack-usb.c := -isystem /usr/include/libusb-1.0
# Runs in the host PC, where there are no shared libraries.
rack-console-srcs := tools/testing/lab/rack-console.c
rack-console-libs := $(if $(SANITIZE),,-static)

# For people: installs what is missing, builds, starts, waits for Ctrl-C.
PHONY += demo
demo:
	@tools/testing/lab/rack-demo
