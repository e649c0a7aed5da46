# SPDX-License-Identifier: AGPL-3.0-or-later
# The targets that test, measure and inspect; included by the Makefile.

check: ## build with sanitizers and pass every test
	$(V)$(MAKE) --no-print-directory FLAVOUR=check all unit-tests
	$(V)tests/run check

check-valgrind: ## the unit tests under valgrind, which sees inside libosmocore
	$(V)tests/deps.sh valgrind
	$(V)$(MAKE) --no-print-directory FLAVOUR=plain all unit-tests
	$(V)tests/run plain

scenario: ## only the scenarios, with the sanitized programs
	$(V)$(MAKE) --no-print-directory FLAVOUR=check all
	$(V)tests/run check scenario

check-menus: ## the shipped menus must be without a mistake
	$(V)$(MAKE) --no-print-directory FLAVOUR=check build/check/dolat-menu
	$(V)build/check/dolat-menu check menus/sample
	$(V)build/check/dolat-menu check menus/dolat-hamrah
	$(V)build/check/dolat-menu catalogue menus/dolat-hamrah >/dev/null

layers: ## includes go down only: gateway -> smpp, sessions, menus
	$(V)tests/layers.sh

LINT_SOURCES = $(wildcard smpp/*.c sessions/*.c menus/*.c gateway/*.c tests/sim/*.c)
lint: layers ## cppcheck, clang-tidy, the man pages
	$(V)tests/deps.sh lint
	$(V)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,portability,performance \
		--library=posix --library=tests/cppcheck.cfg --suppressions-list=tests/cppcheck.supp -D__x86_64__ -I. $(LINT_SOURCES)
	$(V)printf '%s\n' $(LINT_SOURCES) | xargs -P 2 -n 2 sh -c 'clang-tidy --quiet "$$@" -- $(TIDY_FLAGS) 2>/dev/null' tidy
	$(V)for page in $(MAN_PAGES); do mandoc -T lint -W error $$page || exit 1; done
TIDY_FLAGS = -std=c11 -D_GNU_SOURCE -Dtypeof=__typeof__ -DDOLAT_VERSION=\"$(VERSION)\" -I. $(PKG_CFLAGS)
MAN_PAGES = $(wildcard gateway/*.[18] tests/sim/*.1)

# Fuzzing: tests/fuzz/NAME_fuzz.c is one libFuzzer target; SECONDS for each. It starts from the seeds in
# tests/fuzz/corpus/NAME, where there are any, and from what earlier runs found, which stays in build/fuzz/corpus/NAME.
FUZZERS := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_SECONDS ?= 60
fuzz: ## every fuzz target for FUZZ_SECONDS (60), with clang's libFuzzer
	$(V)tests/deps.sh fuzz
	$(V)$(MAKE) --no-print-directory FLAVOUR=fuzz CC=clang $(addprefix build/fuzz/,$(addsuffix _fuzz,$(FUZZERS)))
	$(V)for name in $(FUZZERS); do mkdir -p build/fuzz/corpus/$$name; echo "fuzz $$name"; \
		build/fuzz/$${name}_fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=build/fuzz/$$name- build/fuzz/corpus/$$name $$(find tests/fuzz/corpus/$$name -maxdepth 0 2>/dev/null) \
			>build/fuzz/$$name.log 2>&1 || { cat build/fuzz/$$name.log; exit 1; }; \
		sed -n 's/^stat::number_of_executed_units: */  inputs tried: /p' build/fuzz/$$name.log; done
build/fuzz/%_fuzz: build/fuzz/tests/fuzz/%_fuzz.o $(LIB)
	$(V)$(CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(PKG_LIBS)

storm: ## requests and notices by the ten thousand while everything is killed at random; some minutes
	$(V)$(MAKE) --no-print-directory FLAVOUR=release all
	$(V)BIN=build/release STORM_REQUESTS=20000 STORM_NOTICES=20000 STORM_SECONDS=200 STORM_SETTLE=600 tests/scenario/storm

bench: ## dialogs, notices and requests a second, with CPU and latency
	$(V)$(MAKE) --no-print-directory FLAVOUR=release all
	$(V)tests/bench/run
	$(V)tests/bench/conend
	$(V)tests/bench/messages

demo: ## a phone in this terminal: dial *4# (without a terminal: a scripted dialog)
	$(V)$(MAKE) --no-print-directory FLAVOUR=release all
	$(V)tests/demo

install: all ## programs, menus, man pages and the systemd unit below PREFIX (/usr/local)
	$(V)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/dolat-hamrah $(DESTDIR)$(PREFIX)/lib/systemd/system
	$(V)install $(B)/dolat-gateway $(DESTDIR)$(PREFIX)/sbin/
	$(V)install $(B)/dolat-menu $(B)/dolat-smsc $(B)/dolat-agency $(DESTDIR)$(PREFIX)/bin/
	$(V)install -m 644 gateway/*.1 tests/sim/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	$(V)install -m 644 gateway/*.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	$(V)install -m 644 gateway/dolat-gateway.cfg.example $(DESTDIR)$(PREFIX)/share/dolat-hamrah/
	$(V)sed 's,@PREFIX@,$(PREFIX),g' gateway/dolat-gateway.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/dolat-gateway.service
	$(V)cp -r menus/sample menus/sample-answers.cfg menus/dolat-hamrah menus/dolat-hamrah-answers.cfg $(DESTDIR)$(PREFIX)/share/dolat-hamrah/

clean: ## remove what was built
	$(V)rm -rf build

help: ## this list
	$(V)grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18 | sort

.PHONY: check check-valgrind scenario check-menus layers lint fuzz storm bench demo install clean help
