/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The gateway's configuration: libconfig, read through one table of options (config.c), from which --help-config is printed
 * too. Unknown keys, wrong types and values out of bounds are refused with file and line, all at once. Immutable once read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "gateway/conend.h"
#include "gateway/webhook_settings.h"
#include "gateway/quiet.h"
#include "menus/diag.h"
#include "smpp/concat.h"
#include "smpp/dialect.h"
#include "smpp/receipt.h"
#include "smpp/retry.h"
#include "smpp/sms.h"

struct gw_config_link {
	const char *name, *host, *bind, *system_id, *password_file, *system_type, *address_range;
	unsigned int port, window, enquire_ms, response_ms, bind_ms, retry_min_ms, retry_max_ms, retry_refused_ms;
	unsigned int interface_version, addr_ton, addr_npi, pdu_octets_max, buffer_octets;
};

struct gw_config_operator {
	const char *name, *dialect_name, *country, *sms_sender, *long_sms_name, *flash_name, *push_source, *response_id_base_name, *receipt_id_base_name;
	struct smpp_dialect dialect;   /* the named one, with the operator's knobs */
	unsigned int answer_ms, user_ms, session_ms, resume_ms;
	unsigned int sms_sender_ton, sms_sender_npi, sms_parts_per_second;
	unsigned int sms_queue_parts;
	bool receipts, user_message_reference, is_default;
	enum smpp_concat_mode long_sms; /* what long_sms_name names, and so on */
	enum smpp_sms_flash flash;
	enum smpp_id_base response_id_base, receipt_id_base;
	struct smpp_retries retries;
	size_t n_prefixes;
	const char **prefixes;         /* of subscribers' numbers that are this network's, digits: "98910" */
	size_t n_links;
	struct gw_config_link *links;
};

struct gw_config_redis {
	const char *path, *host, *user, *password_file;
	unsigned int port, database, deadline_ms, connect_ms, retry_min_ms, retry_max_ms, pending, cache_sessions;
};

struct gw_config_api {
	const char *listen, *cert_file, *key_file;
	bool plain;
	unsigned int port, deadline_ms, body_octets, connections, connections_of_address, idle_s, failures_per_minute;
};

#define GW_HTTP_SECRET_MAX 128
struct gw_config_http_route {
	const char *name, *path, *dialect_name, *secret_file, *secret_header, *user, *country;
	const char *service_code;      /* by conend_code; "": the menu's own */
	unsigned int answer_ms, user_ms, session_ms, resume_ms;
	struct conend_dialect dialect; /* the named one, with the route's knobs */
	size_t n_addresses;            /* 0: from anywhere */
	const char **addresses;
};
struct gw_config_http_ussd {
	struct gw_config_api server;
	size_t n_routes;               /* 0: there is none */
	struct gw_config_http_route *routes;
};

struct gw_config_notices {
	const char *quiet_from, *quiet_to, *zone;
	struct gw_quiet quiet;         /* of these three */
	unsigned int unsure_wait_s, keep_days, in_work, receipts_in_work;
};

struct gw_config_requests { unsigned int repeat_s, keep_days, join_ms, texts_per_minute, answers_per_hour, in_work; };

struct gw_config_report { const char *key_file; unsigned int keep_days, late_days; };
struct gw_config_payments {
	const char *agency;            /* NULL: nothing is paid */
	unsigned int answer_ms, call_ms, pause_min_ms, pause_max_ms, void_after_s, unsure_after_s, keep_days, in_work;
};

struct gw_config_identity {
	const char *agency;
	unsigned int remember_days, ids_per_hour, ids_per_day, pin_tries, lock_s, lock_max_s, rest_hours, pin_passes, pin_memory_kib, pin_queue;
	unsigned int code_s, code_tries, codes_per_hour, codes_per_day;
};

struct gw_config {
	const char *file;
	size_t n_menus;
	const char **menus;            /* files and folders, relative ones to the configuration's folder */
	struct gw_config_redis sessions, ledger;
	bool has_ledger;               /* without one: no API, no requests by SMS, no notices */
	struct { const char *listen; unsigned int port; } http, vty;
	struct gw_config_api api;
	bool has_api;
	struct gw_config_http_ussd http_ussd;
	struct gw_webhooks_settings webhooks;
	struct gw_config_requests requests;
	struct gw_config_notices notices;
	struct gw_config_report report;
	struct gw_config_identity identity;
	struct gw_config_payments payments;
	struct { const char *target, *level; } log;
	struct { unsigned int dialogs_in_flight, busy_at, dials_per_minute, agency_calls, late_calls; } limits;
	unsigned int drain_ms;
	const char *session_key_file, *catalogue;
	size_t n_operators;
	struct gw_config_operator *operators;
};

/* NULL and diagnostics if there is any mistake. A child of ctx. */
struct gw_config *gw_config_read(void *ctx, const char *path, struct menu_diags *diags);
void gw_config_help(FILE *to);
/* The secret in a file: its first line, at most cap - 1 octets. 0 or -errno (-ENODATA: it is empty, -E2BIG: it is longer); the
 * caller wipes all of `secret`, also then. */
int gw_config_secret(const char *path, char *secret, size_t cap);
