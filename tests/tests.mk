# SPDX-License-Identifier: AGPL-3.0-or-later
# The targets that test, measure and inspect; included by the Makefile.

check: ## build with sanitizers and pass every test
	$(V)$(MAKE) --no-print-directory FLAVOUR=check all unit-tests
	$(V)tests/run check

check-valgrind: ## the unit tests under valgrind (sees inside libosmocore)
	$(V)tests/deps.sh valgrind
	$(V)$(MAKE) --no-print-directory FLAVOUR=plain all unit-tests
	$(V)tests/run plain

layers: ## includes go down only: gateway -> smpp, sessions, menus
	$(V)tests/layers.sh

clean: ## remove what was built
	$(V)rm -rf build

help: ## this list
	$(V)grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18 | sort

.PHONY: check check-valgrind layers clean help
