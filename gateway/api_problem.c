/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What may be wrong with a call, and how it is said (RFC 9457). Each kind of problem has a row: its name, which is the last part of
 * its address /v1/problems/<name>, and what is told there. Add yours; a kind that is not here is a bug of ours, and is logged. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/utils.h>

#include "gateway/api_priv.h"
#include "gateway/http_listen.h"
#include "gateway/log.h"

#define BASE "/v1/problems/"

static const struct api_problem_row rows[] = {
	/* of the request as such */
	{ "bad-request", "The request is not well formed", "A part of the request is not as HTTP or this API wants it." },
	{ "head-too-large", "The request's head is too large", "The request line and the headers may have 8,192 octets together." },
	{ "unknown-path", "There is no such path", "See /v1/openapi.json for those that there are." },
	{ "method-not-allowed", "The path does not take this method", "The header Allow lists those that it takes." },
	{ "unsupported-type", "The body's type is not taken here", "JSON goes as application/json, without Content-Encoding." },
	{ "body-too-large", "The body is too large", "The description of the path says how large it may be." },
	{ "bad-json", "The body is not JSON", "UTF-8, one object or array, no name twice in an object, at most 32 levels deep." },
	{ "bad-field", "A field is not as it must be", "The member pointer, if there, leads to the field (RFC 6901)." },
	{ "bad-query", "A parameter is not as it must be", "A parameter of the query is unknown here, given twice, or out of its bounds." },
	{ "bad-idempotency-key", "The Idempotency-Key is not taken", "1 to 64 printable ASCII characters without spaces." },
	{ "idempotency-conflict", "The Idempotency-Key was used for something else",
	  "A key belongs to one request with one content; take a new one." },
	/* of the caller */
	{ "unauthorized", "A good key is needed", "Authorization: Bearer <key>. The key may be wrong, have ended, or be revoked." },
	{ "too-many-failures", "Too many wrong keys came from this address", "Until the minute is over no key from there is looked at." },
	{ "account-disabled", "The account is disabled", "Ask those who run the gateway." },
	{ "forbidden-address", "The account may not be used from this address",
	  "The addresses that it may be used from are part of the account." },
	{ "forbidden-scope", "The account may not do this", "GET /v1/account lists what it may do." },
	{ "too-many-calls", "Too many calls in this minute", "Wait as long as Retry-After says." },
	{ "quota-used-up", "Today's quota is used up", "The notices of a day are counted from midnight in the gateway's time zone." },
	/* of what is asked for */
	{ "unknown-notice", "There is no such notice", "Or it is not this account's." },
	{ "unknown-request", "There is no such request", "Or it is not this account's." },
	{ "unknown-template", "There is no such template", "Or it is not this account's." },
	{ "unknown-bulk", "There is no such bulk job", "Or it is not this account's." },
	{ "unknown-event", "There is no such event", "Or it is not this account's, or was acknowledged long ago." },
	{ "unknown-dead", "There is no such dead letter", "It was retried or dropped, or is not this account's." },
	{ "unknown-agency", "There is no such agency", "No account has this name, or it is disabled: nobody would get the request." },
	{ "unknown-service", "There is no such service", "Or it is not this account's." },
	{ "unknown-payment", "There is no such payment", "Or it is not this citizen's." },
	{ "already-paid", "The bill is paid, or being paid", "Another payment of the same citizen is not over, or has paid it." },
	{ "name-taken", "The name is taken", "A service of the catalogue has it, or has had it." },
	{ "too-many-services", "There are too many services", "An account may have so many; and so may the catalogue." },
	{ "bad-number", "That is no mobile number", "09123456789, 989123456789 or +989123456789." },
	{ "identity-needed", "The national ID is needed", "The notice is sensitive: it is opened with the national ID of whom it is for." },
	{ "identity-refused", "It is not for whom has this national ID", "The try was counted: three in an hour for each number, on all ways together." },
	{ "too-many-tries", "Too many wrong national IDs", "They are counted for each number, on all ways together, for an hour." },
	{ "unknown-problem", "There is no such kind of problem", "Kinds are named in the member type of a problem." },
	{ "too-many-templates", "There are too many templates", "Delete one that is not used any more." },
	{ "wrong-state", "It cannot be done in this state", "What is over cannot be changed." },
	{ "conflict", "It was changed by another call", "Read it again and decide anew." },
	/* of bulk sending */
	{ "bad-file", "The file cannot be read", "Its head line, a quote that is never closed, or a row that is too long: nothing of it was taken." },
	{ "upload-under-way", "The same upload is under way", "Or broke off a moment ago: try again in some seconds." },
	{ "too-many-uploads", "Too many uploads at once", "Wait until one of them is over." },
	{ "too-many-jobs", "Too many jobs are not over yet", "Wait, or cancel one." },
	/* of the gateway */
	{ "queue-full", "More cannot be taken now", "Wait as long as Retry-After says." },
	{ "ledger-down", "The ledger does not answer", "Nothing is known of what was asked: ask again, with the same Idempotency-Key." },
	{ "ledger-busy", "The ledger is busy", "Nothing was done: ask again." },
	{ "too-late", "There was no answer in time", "Nothing is known of what was asked: ask again, with the same Idempotency-Key." },
	{ "closing", "The gateway is being stopped", "Another one takes over: ask again." },
	{ "internal", "Something is wrong here", "It is a mistake of the gateway and was logged." },
};

const struct api_problem_row *api_problem_row(size_t index)
{
	return index < ARRAY_SIZE(rows) ? &rows[index] : NULL;
}

const struct api_problem_row *api_problem_find(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].type, type) == 0)
			return &rows[i];
	return NULL;
}

#define ADDRESS_OCTETS 128

/* Type and title, by the type's name. */
static void set_type(struct gw_http_problem *problem, const char *type, char address[ADDRESS_OCTETS])
{
	const struct api_problem_row *row = api_problem_find(type);

	if (!row)
		LOGP(GW_LOG_API, LOGL_ERROR, "api: problem type %s is not in the table\n", type);
	snprintf(address, ADDRESS_OCTETS, BASE "%s", type);
	problem->type = address;
	problem->title = row ? row->title : type;
}

/* What the first of several says. */
static void set_first(struct gw_http_problem *problem, json_t *errors)
{
	const json_t *first = json_array_get(errors, 0);

	problem->errors = errors;
	problem->pointer = json_string_value(json_object_get(first, "pointer"));
	problem->detail = json_string_value(json_object_get(first, "detail"));
}

static void give_problem(struct gw_api_call *call, const struct gw_http_problem *from, const char *type, unsigned int retry_after_s)
{
	struct api_answer answer = { .status = from->status, .type = GW_HTTP_PROBLEM_TYPE, .retry_after_s = retry_after_s };
	struct gw_http_problem problem = *from;
	char address[ADDRESS_OCTETS];

	set_type(&problem, type, address);
	problem.request_id = call->request_id;
	answer.text = gw_http_problem_print(&problem, &answer.octets);
	api_give((struct api_call *)call, &answer);
}

__attribute__((format(printf, 6, 0)))
static void give(struct gw_api_call *call, unsigned int status, const char *type, const char *pointer, unsigned int retry_after_s,
		 const char *format, va_list args)
{
	char detail[512];
	struct gw_http_problem problem = { .status = status, .detail = detail, .pointer = pointer };

	vsnprintf(detail, sizeof(detail), format, args);
	give_problem(call, &problem, type, retry_after_s);
}

void gw_api_problem_list(struct gw_api_call *call, unsigned int status, const char *type, json_t *errors)
{
	struct gw_http_problem problem = { .status = status };

	set_first(&problem, errors);
	give_problem(call, &problem, type, 0);
	json_decref(errors);
}

json_t *gw_api_problem_part(unsigned int status, const char *type, json_t *errors, const char *detail)
{
	struct gw_http_problem problem = { .status = status, .detail = detail };
	char address[ADDRESS_OCTETS];
	json_t *part;

	set_type(&problem, type, address);
	if (errors)
		set_first(&problem, errors);
	part = gw_http_problem_show(&problem);
	json_decref(errors);
	return part;
}

void gw_api_problem(struct gw_api_call *call, unsigned int status, const char *type, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	give(call, status, type, NULL, status == 429 || status == 503 ? API_RETRY_AFTER_S : 0, format, args);
	va_end(args);
}

void gw_api_problem_at(struct gw_api_call *call, unsigned int status, const char *type, const char *pointer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	give(call, status, type, pointer, 0, format, args);
	va_end(args);
}

void api_problem_retry(struct api_call *call, unsigned int status, const char *type, unsigned int retry_after_s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	give(&call->pub, status, type, NULL, retry_after_s, format, args);
	va_end(args);
}

void gw_api_ledger_words(enum sess_ledger_result result, unsigned int *status, const char **type, const char **detail)
{
	static const struct { unsigned int status; const char *type, *detail; } words[] = {
		[SESS_LEDGER_OK] = { 500, "internal", "a good result was taken for a bad one" },
		[SESS_LEDGER_THERE] = { 409, "conflict", "others were faster, again and again" },
		[SESS_LEDGER_CONFLICT] = { 409, "conflict", "others were faster, again and again" },
		[SESS_LEDGER_LOST] = { 409, "conflict", "others were faster, again and again" },
		[SESS_LEDGER_FULL] = { 429, "queue-full", "what is accepted already must go out first" },
		[SESS_LEDGER_DOWN] = { 503, "ledger-down", "it is not known whether it was done" },
		[SESS_LEDGER_BUSY] = { 503, "ledger-busy", "nothing was done" },
	};

	*status = words[result].status;
	*type = words[result].type;
	*detail = words[result].detail;
}

void gw_api_problem_ledger(struct gw_api_call *call, enum sess_ledger_result result)
{
	unsigned int status;
	const char *type, *detail;

	gw_api_ledger_words(result, &status, &type, &detail);
	gw_api_problem(call, status, type, "%s", detail);
}
