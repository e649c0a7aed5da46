# SPDX-License-Identifier: AGPL-3.0-or-later
# Everything a developer does here is a target of this file; `make help` lists them.
#
# One set of sources is built in several flavours, each in a folder of its own below build/:
#   release  optimised, what is installed, demonstrated and measured
#   check    with address and undefined sanitizers, what `make check` runs
#   plain    without either, what valgrind runs
# A floor is an archive (libsmpp.a, libsessions.a, libmenus.a, libgateway.a); a program or a test links what it needs.

FLAVOUR ?= release
B       := build/$(FLAVOUR)
VERSION := 0.1
PREFIX  ?= /usr/local
CC      ?= gcc
V       ?= @

.DEFAULT_GOAL := all
FLOORS   := smpp sessions menus gateway
# A file with main() is a program, never part of its floor's archive.
MAINS    := gateway/dolat_gateway.c gateway/dolat_menu.c
SIMS     := dolat-smsc dolat-agency
PROGRAMS := dolat-gateway dolat-menu

WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Werror
CFLAGS_release := -O2 -g
CFLAGS_check   := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
CFLAGS_plain   := -O1 -g
CFLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS_check  := -fsanitize=address,undefined
LDFLAGS_fuzz   := -fsanitize=address,undefined

ifeq ($(filter clean help layers,$(MAKECMDGOALS)),)
include build/flags.mk
endif
build/flags.mk: tests/deps.sh Makefile
	$(V)mkdir -p build
	$(V)tests/deps.sh
	$(V){ echo "PKG_CFLAGS := $$(pkg-config --cflags libosmocore libosmovty libsmpp34 hiredis libconfig libcurl libmicrohttpd gnutls jansson icu-uc icu-i18n libsodium talloc libsystemd pangocairo fontconfig)"; \
	  echo "PKG_LIBS := $$(pkg-config --libs libosmocore libosmovty libsmpp34 hiredis libconfig libcurl libmicrohttpd gnutls jansson icu-uc icu-i18n libsodium talloc libsystemd pangocairo fontconfig) -lm"; \
	  echo "SQLITE_LIBS := $$(pkg-config --libs sqlite3)"; \
	  echo "CMOCKA_LIBS := $$(pkg-config --libs cmocka)"; } > $@

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Dtypeof=__typeof__ -DDOLAT_VERSION='"$(VERSION)"' -I. $(PKG_CFLAGS) $(WARN) $(CFLAGS_$(FLAVOUR)) -MMD -MP $(CFLAGS)
LINK = $(CC) $(LDFLAGS_$(FLAVOUR)) $(LDFLAGS) -o $@

# The pure files: bytes, text and time come in, values go out. They are compiled more strictly.
PURE := smpp/pdu smpp/frame smpp/window smpp/status smpp/retry smpp/dialect smpp/dialect_context smpp/dialect_coding \
        smpp/dialect_structured smpp/dialect_knobs smpp/dialect_table smpp/text smpp/concat smpp/join smpp/sms smpp/sms_parse smpp/receipt smpp/receipt_key smpp/addr smpp/rate \
        sessions/session sessions/resp sessions/cache sessions/chain menus/input menus/piece menus/template menus/condition menus/page menus/place menus/screen menus/step menus/tree menus/phrase \
        menus/check menus/flow menus/grammar menus/step_dial menus/step_answer menus/step_proof menus/proof \
        gateway/agency_answer gateway/agency_text gateway/as_of gateway/breaker gateway/webhook_sign gateway/webhook_pause gateway/near
PURE += $(patsubst %.c,%,$(wildcard menus/input_*.c))
PURE += gateway/bulk_rows gateway/builtin_path gateway/together
PURE += gateway/bulk_row gateway/bulk_job gateway/bulk_notice
PURE += gateway/notice gateway/notice_read gateway/mistake gateway/template gateway/rfc3339 gateway/quiet gateway/early
PURE += menus/code menus/keyword menus/keyword_split menus/keyword_fill menus/keyword_help
PURE += gateway/request_record gateway/request_fields gateway/say gateway/service_record gateway/service_proposal
PURE += gateway/payment_record gateway/payment_decide
PURE += gateway/api_route gateway/api_json
PURE += gateway/identity_step gateway/identity_drop gateway/identity_pin
PURE += gateway/conend
PURE += gateway/usage_cells gateway/report_text gateway/report_html gateway/report_data gateway/report_table gateway/report_make gateway/report_uses
PURE_CFLAGS := -pedantic -Wconversion
$(foreach p,$(PURE),$(eval $(B)/$(p).o: CFLAGS += $(PURE_CFLAGS)))

floor_objects = $(patsubst %.c,$(B)/%.o,$(filter-out $(MAINS),$(wildcard $(1)/*.c)))
LIB = $(foreach f,gateway menus sessions smpp,$(B)/lib$(f).a)

all: $(addprefix $(B)/,$(PROGRAMS) $(SIMS)) ## build the programs (FLAVOUR=release, check or plain)

# The description of the API is a part of the program.
$(B)/gateway/api_openapi.o: $(wildcard gateway/openapi/*.json)
$(B)/%.o: %.c build/flags.mk
	$(V)mkdir -p $(@D)
	$(V)$(CC) $(ALL_CFLAGS) -c -o $@ $<

define floor_rule
$(B)/lib$(1).a: $(call floor_objects,$(1))
	$(V)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach f,$(FLOORS),$(eval $(call floor_rule,$(f))))

$(B)/dolat-gateway: $(B)/gateway/dolat_gateway.o $(LIB)
	$(V)$(LINK) $^ $(PKG_LIBS)
$(B)/dolat-menu: $(B)/gateway/dolat_menu.o $(LIB)
	$(V)$(LINK) $^ $(PKG_LIBS) -lreadline
$(B)/dolat-smsc: $(patsubst %.c,$(B)/%.o,$(wildcard tests/sim/smsc*.c tests/sim/phone.c)) $(B)/libsmpp.a
	$(V)$(LINK) $^ $(PKG_LIBS)
$(B)/dolat-agency: $(patsubst %.c,$(B)/%.o,$(wildcard tests/sim/agency*.c))
	$(V)$(LINK) $^ $(PKG_LIBS) $(SQLITE_LIBS)
# Its country is a part of it.
$(B)/tests/sim/agency_country.o: $(wildcard tests/sim/country/*.sql)

# Tests: tests/unit/FLOOR/NAME_test.c is one cmocka program, linked with its floor (and those below it).
UNIT_TESTS := $(patsubst %.c,%,$(wildcard tests/unit/*/*_test.c))
TEST_HELPERS = $(patsubst %.c,$(B)/%.o,$(filter-out %_test.c,$(wildcard tests/unit/*.c)))
$(B)/tests/unit/smpp/%_test: $(B)/tests/unit/smpp/%_test.o $(TEST_HELPERS) $(B)/libsmpp.a
	$(V)$(LINK) $^ $(PKG_LIBS) $(CMOCKA_LIBS)
$(B)/tests/unit/sessions/%_test: $(B)/tests/unit/sessions/%_test.o $(TEST_HELPERS) $(B)/libsessions.a
	$(V)$(LINK) $^ $(PKG_LIBS) $(CMOCKA_LIBS)
$(B)/tests/unit/menus/%_test: $(B)/tests/unit/menus/%_test.o $(TEST_HELPERS) $(B)/libmenus.a
	$(V)$(LINK) $^ $(PKG_LIBS) $(CMOCKA_LIBS)
GATEWAY_HELPERS = $(patsubst %.c,$(B)/%.o,$(filter-out %_test.c,$(wildcard tests/unit/gateway/*.c)))
# An archive: who plays a part of the gateway itself is not to have the world of the dialogs beside it, and with that the part.
$(B)/tests/unit/gateway/libworld.a: $(GATEWAY_HELPERS)
	$(V)rm -f $@ && ar rcs $@ $^
$(B)/tests/unit/gateway/%_test: $(B)/tests/unit/gateway/%_test.o $(B)/tests/unit/gateway/libworld.a $(TEST_HELPERS) $(LIB)
	$(V)$(LINK) $^ $(PKG_LIBS) $(CMOCKA_LIBS)
# Calls and webhooks to agencies are tested against the sample agency, in the same process.
IN_PROCESS := $(addprefix $(B)/tests/unit/gateway/,agency_test agency_together_test webhook_test)
$(IN_PROCESS): $(patsubst %.c,$(B)/%.o,$(wildcard tests/sim/agency_*.c))
$(IN_PROCESS): CMOCKA_LIBS += $(SQLITE_LIBS)
unit-tests: $(addprefix $(B)/,$(UNIT_TESTS))
.PRECIOUS: $(B)/%.o
.PHONY: all unit-tests

-include $(shell find build/$(FLAVOUR) -name '*.d' 2>/dev/null)
include tests/tests.mk
