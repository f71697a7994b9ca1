# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The kvmcap authors
#
# kvmcap's build. `make help` lists what it does.
#
# Kernel modules
#   make modules KDIR=/lib/modules/.../build [ARCH=um] [W=1] [C=1]
#   make modules TARGET=uml|amd64-6.1|...   the same, for a target of the lab
#                                           (tools/testing/lab/lab status)
#   make modules ... DIRS=drivers/media/kvmcap       only these directories; the
#                                                    next full build is whole again
# The sources are mirrored by symlinks into build/modules/<kernelrelease>/ and
# built there, so that several kernels have their modules at the same time.
# What is in a directory is said by its own Makefile, as in the kernel.
#
# Userspace
#   make userspace               into build/userspace/
#   make userspace SANITIZE=1    the same with ASan and UBSan, build/sanitize/
#   make userspace TARGET=armhf-6.1    what runs in that target, into build/armhf/
# is one non-recursive make. A directory adds itself by a fragment,
# userspace/*/module.mk, tools/testing/*/*.mk or tools/testing/*/*/module.mk
# (missing ones do no harm). $(B) is the output directory; paths are relative to
# the top. A fragment adds names to some of
#
#   LIBRARIES  $(B)/lib/lib<name>.a and .so       (installed)
#   PROGRAMS   $(B)/bin/<name>                    (installed)
#   TOOLS      $(B)/tools/<name>       test clients, benches
#   TESTS      $(B)/tests/<name>       unit tests; each one is run by make check,
#                                      alone and sanitized, and prints TAP
#   SELFTESTS  $(B)/selftests/<name>   run by make selftests inside the lab, with
#                                      the kernel's kselftest_harness.h
#   FUZZERS    build/fuzz/bin/<name>   libFuzzer targets (clang, ASan, UBSan)
#
# and says of each name
#
#   <name>-srcs    its C files; they may be shared with other names
#   <name>-uses    LIBRARIES that it is linked with, statically
#   <name>-libs    further linker flags (-ljpeg)
#   <name>-map     the .so's version script, which says what it exports
#   <name>-seeds   of a fuzz target: the TOOL that, given a directory, fills it
#                  with inputs to start from
# and, if a file wants flags of its own, CFLAGS-<path of the C file>.
#
# An example, userspace/kvmcapctl/module.mk:
#
#   # SPDX-License-Identifier: Apache-2.0
#   PROGRAMS += kvmcapctl
#   kvmcapctl-srcs := $(wildcard userspace/kvmcapctl/*.c)
#   kvmcapctl-uses := kvmcap
#
#   TESTS += ppm_test
#   ppm_test-srcs := tools/testing/unit/ppm_test.c userspace/kvmcapctl/ppm.c
#
#   FUZZERS += ppm_fuzz
#   ppm_fuzz-srcs := tools/testing/fuzz/ppm_fuzz.c userspace/kvmcapctl/ppm.c
#
# One program alone: make build/userspace/bin/kvmcapctl. V=1 shows the commands.

SHELL := /bin/bash
.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kvmcap
LAB := tools/testing/lab/lab
comma := ,
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

PHONY := all
all: userspace modules

# --- kernel modules ---------------------------------------------------------

ifneq ($(filter modules modules_install,$(MAKECMDGOALS)),)
ifdef TARGET
KDIR := $(shell $(LAB) kdir $(TARGET))
$(if $(KDIR),,$(error no headers for $(TARGET); see '$(LAB) build $(TARGET)'))
kernel-flags := $(shell $(LAB) kflags $(TARGET))
endif
endif

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELRELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
		$(KDIR)/include/generated/utsrelease.h 2>/dev/null)
MODULES_ROOT := build/modules
M = $(MODULES_ROOT)/$(KERNELRELEASE)

PHONY += modules
modules:
	@test -n "$(KERNELRELEASE)" || \
		{ echo "No kernel to build for in $(KDIR): say KDIR=... or TARGET=..." >&2; exit 1; }
	@mkdir -p $(M)
	@exec 9>$(M)/.lock; flock 9; \
	tools/testing/lab/mirror $(M) $(KDIR) && \
	$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(M) $(kernel-flags) \
		$(if $(DIRS),DIRS="$(DIRS)") modules 9>&-

# --- userspace --------------------------------------------------------------

B := build/$(if $(SANITIZE),sanitize,userspace)
ifneq ($(filter armhf-%,$(TARGET)),)
B := build/armhf
override CC := arm-linux-gnueabihf-gcc --sysroot=$(shell $(LAB) sysroot $(TARGET))
endif

LIBRARIES :=
PROGRAMS :=
TOOLS :=
TESTS :=
SELFTESTS :=
FUZZERS :=
FRAGMENTS := $(wildcard userspace/*/module.mk tools/testing/*/*.mk \
			tools/testing/*/*/module.mk)
include $(FRAGMENTS)
ifneq ($(filter armhf-%,$(TARGET)),)
# Only what is run in that target.
TESTS :=
TOOLS := $(filter idle kvmcap-watch picture,$(TOOLS))
endif

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes \
	    -Wstrict-prototypes -Wpointer-arith -Wwrite-strings
# Recordings grow beyond 2 GiB, also on BMCs of 32 bits.
FEATURES := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
INCLUDES := -Iinclude/uapi -Iinclude -I. -Idrivers/media/kvmcap \
	    -Iuserspace/libkvmcap
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	      -fno-omit-frame-pointer
OPTIMIZE := $(if $(SANITIZE),-O1 $(SANITIZERS),-O2)
ALL_CFLAGS = -std=c11 $(FEATURES) -g $(OPTIMIZE) -fPIC \
	     $(WARNINGS) $(INCLUDES) -MMD -MP $(CFLAGS) $(CFLAGS-$<)
# Programs of 32 bits, with the kernel's headers where gcc-multilib, which is not to
# be had beside a compiler for ARM, would have a link.
M32 := -m32 -idirafter /usr/include/x86_64-linux-gnu
ALL_LDFLAGS := $(if $(SANITIZE),$(SANITIZERS)) -Wl,--as-needed -Wl,-z,relro,-z,now

# A fragment that gives a name without sources is a mistake, and said to be one.
srcs = $(or $($(1)-srcs),$(error $(1)-srcs is empty, see $(FRAGMENTS)))
objs = $(sort $(patsubst %.c,$(or $(2),$(B))/obj/%.o,$(call srcs,$(1))))
used = $(foreach l,$($(1)-uses),$(or $(2),$(B))/lib/lib$(l).a)
# Its own, and those of what it uses.
libs = $($(1)-libs) $(foreach l,$($(1)-uses),$($(l)-libs))

$(B)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

define library
$(B)/lib/lib$(1).a: $(call objs,$(1))
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
$(B)/lib/lib$(1).so: $(call objs,$(1))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,lib$(1).so.0 \
		$(if $($(1)-map),-Wl$(comma)--version-script=$($(1)-map)) -o $$@ $$^ $($(1)-libs)
endef

# $(1): name, $(2): directory in $(B)
define program
$(B)/$(2)/$(1): $(call objs,$(1)) $(call used,$(1))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $$@ $$^ $(call libs,$(1))
endef

$(foreach l,$(LIBRARIES),$(eval $(call library,$(l))))
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p),bin)))
$(foreach p,$(TOOLS),$(eval $(call program,$(p),tools)))
$(foreach p,$(TESTS),$(eval $(call program,$(p),tests)))
$(foreach p,$(SELFTESTS),$(eval $(call program,$(p),selftests)))

# The harness is the kernel's own; the lab unpacks that kernel's source.
KSELFTEST := $(CACHE)/src/linux-source-6.12/tools/testing/selftests
selftest-objs := $(sort $(foreach p,$(SELFTESTS),$(filter \
		 $(B)/obj/tools/testing/selftests/%,$(call objs,$(p)))))
$(selftest-objs): INCLUDES += -isystem $(KSELFTEST)

PHONY += userspace unit-tests selftest-programs
userspace: $(LIBRARIES:%=$(B)/lib/lib%.a) $(LIBRARIES:%=$(B)/lib/lib%.so) \
	   $(PROGRAMS:%=$(B)/bin/%) $(TOOLS:%=$(B)/tools/%) $(if $(TARGET),,unit-tests)
unit-tests: $(TESTS:%=$(B)/tests/%)
selftest-programs: $(SELFTESTS:%=$(B)/selftests/%)

# --- fuzz targets -----------------------------------------------------------

FUZZ := build/fuzz
FUZZ_CC := clang
FUZZ_FLAGS := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

$(FUZZ)/obj/%.o: OPTIMIZE = -O1 $(FUZZ_FLAGS)
$(FUZZ)/obj/%.o: %.c Makefile
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(ALL_CFLAGS) -c -o $@ $<

define fuzzer
$(FUZZ)/bin/$(1): $(call objs,$(1),$(FUZZ)) $(foreach l,$($(1)-uses),$(call objs,$(l),$(FUZZ)))
	$$(call say,FUZZLD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -o $$@ $$^ $(call libs,$(1))
endef
$(foreach f,$(FUZZERS),$(eval $(call fuzzer,$(f))))

PHONY += fuzzers
fuzzers: $(FUZZERS:%=$(FUZZ)/bin/%)

every-name := $(LIBRARIES) $(PROGRAMS) $(TOOLS) $(TESTS) $(SELFTESTS)
-include $(patsubst %.o,%.d,$(sort $(foreach n,$(every-name),$(call objs,$(n)))))
-include $(patsubst %.o,%.d,$(sort $(foreach n,$(FUZZERS),$(call objs,$(n),$(FUZZ)))))

# --- tests ------------------------------------------------------------------

# make check ONLY=lab runs the suites with "lab" in their names.
PHONY += check install-packages
install-packages:
	@tools/testing/lab/install-packages

check: install-packages
	@tools/testing/check --only '$(ONLY)'

PHONY += kunit selftests style fuzz
kunit: install-packages
	@tools/testing/lab/lab build uml
	@tools/testing/check.d/20-kunit

selftests: install-packages
	@tools/testing/lab/lab build uml amd64-6.1 amd64-6.12
	@$(MAKE) --no-print-directory selftest-programs
	@tools/testing/check.d/30-selftests

style: install-packages
	@tools/testing/check.d/05-style

# The seconds are for each target.
FUZZ_SECONDS := 1800
fuzz: install-packages fuzzers $(foreach f,$(FUZZERS),$($(f)-seeds:%=build/userspace/tools/%))
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tools/testing/check.d/40-fuzz

# clang-tidy takes its time: only what has changed since it was content.
# make tidy TIDY="FILES", which make style calls with all.
TIDY_FLAGS = -std=c11 $(FEATURES) $(INCLUDES) -isystem $(KSELFTEST) \
	     -Itools/testing/unit -Itools/testing/kunit $(CFLAGS-$<)
PHONY += tidy
tidy: $(TIDY:%=build/tidy/%)

build/tidy/%: % .clang-tidy
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- $(TIDY_FLAGS) -Wno-everything 2>/dev/null
	$(Q)$(CC) $(TIDY_FLAGS) -MM -MT $@ -MF $@.d $<
	@touch $@
-include $(TIDY:%=build/tidy/%.d)

# What the scripts want to know: make -s print-TESTS
print-%:
	@echo '$($*)'

# --- installation -----------------------------------------------------------

VERSION := 0.1.0
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
dest = install -D -m $(1) -t "$(DESTDIR)$(2)" $(3)
if-any = $(if $(wildcard $(3)),$(call dest,$(1),$(2),$(wildcard $(3))),@:)

# Modules are installed by modules_install, for one kernel, or by DKMS.
PHONY += install modules_install install-dkms
install: userspace
	$(call dest,755,$(PREFIX)/bin,$(PROGRAMS:%=$(B)/bin/%))
	$(call dest,644,$(LIBDIR),$(LIBRARIES:%=$(B)/lib/lib%.a))
	$(foreach l,$(LIBRARIES),install -m 755 $(B)/lib/lib$(l).so \
		"$(DESTDIR)$(LIBDIR)/lib$(l).so.0" && \
		ln -sf lib$(l).so.0 "$(DESTDIR)$(LIBDIR)/lib$(l).so" &&) :
	$(call dest,644,$(PREFIX)/include,userspace/libkvmcap/kvmcap.h)
	$(call dest,644,$(PREFIX)/include/linux,$(wildcard include/uapi/linux/*.h))
	$(call if-any,644,$(PREFIX)/lib/systemd/system,packaging/systemd/*)
	sed -i 's|/usr/bin/|$(PREFIX)/bin/|' "$(DESTDIR)$(PREFIX)"/lib/systemd/system/kvm*
	$(call if-any,644,$(PREFIX)/lib/udev/rules.d,packaging/udev/*.rules)
	$(call if-any,644,$(PREFIX)/lib/modprobe.d,packaging/modprobe.d/*)
	$(call if-any,644,$(PREFIX)/share/man/man1,Documentation/man/*.1)
	$(call if-any,644,$(PREFIX)/share/man/man8,Documentation/man/*.8)

modules_install: modules
	$(call dest,644,/lib/modules/$(KERNELRELEASE)/updates/kvmcap,$$(find $(M)/drivers -name '*.ko'))
	$(if $(DESTDIR),,depmod $(KERNELRELEASE))

DKMS = $(DESTDIR)/usr/src/kvmcap-$(VERSION)
install-dkms:
	mkdir -p "$(DKMS)"
	cp -a Kbuild compat drivers include "$(DKMS)"
	sed 's/@VERSION@/$(VERSION)/' packaging/dkms/dkms.conf >"$(DKMS)/dkms.conf"

PHONY += clean help
clean:
	rm -rf build

help:
	@sed -n '/^# Kernel modules/,/^$$/s/^# \{0,1\}//p' Makefile

.PHONY: $(PHONY)
