/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_verb.h. */
#include "tests/sim/smsc_verb.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/smsc_fault.h"
#include "tests/sim/smsc_inbox.h"
#include "tests/sim/smsc_json.h"

#define LIMIT_MS 10000
#define CODE_MIN 4                      /* digits of a code that comes by SMS */
#define CODE_MAX 10

static int fail(struct smsc_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct smsc_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(run->error, sizeof(run->error), format, args);
	va_end(args);
	return -1;
}

/* "2s", "500ms", "1500"; -1: none of these */
static int64_t milliseconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || value < 0 || value > 1e7)
		return -1;
	if (strcmp(end, "s") == 0)
		return (int64_t)(value * 1000);
	return strcmp(end, "ms") == 0 || !*end ? (int64_t)value : -1;
}

/* --- who --- */

static int need_phone(struct smsc_run *run)
{
	return run->handset ? 0 : fail(run, "no phone is chosen: say `operator NAME` and `msisdn NUMBER` first");
}

static int start_operator(struct smsc_run *run, const char *name)
{
	struct smsc_operator *op = smsc_operator_find(run->smsc, name);
	const char *msisdn = run->handset ? run->handset->dialog.msisdn : "989121234567";

	if (!op)
		return fail(run, "no operator '%s'", name);
	run->operator = op;
	run->handset = smsc_handset_get(op, msisdn);
	return run->handset ? 1 : fail(run, "too many phones");
}

static int start_msisdn(struct smsc_run *run, const char *msisdn)
{
	size_t digits = strspn(msisdn, "0123456789");

	if (digits < 5 || digits > 15 || msisdn[digits])
		return fail(run, "'%s' is not a number of 5 to 15 digits", msisdn);
	run->handset = smsc_handset_get(run->operator, msisdn);
	return run->handset ? 1 : fail(run, "too many phones");
}

/* "phone ali 98912...": gives a name; "phone ali": goes back to it. */
static int start_phone(struct smsc_run *run, const char *argument)
{
	char name[32] = "", msisdn[24] = "";
	size_t i = 0;

	sscanf(argument, "%31s %23s", name, msisdn);
	while (i < run->n_phones && strcmp(run->phones[i].name, name) != 0)
		i++;
	if (!msisdn[0]) {
		if (i == run->n_phones)
			return fail(run, "no phone '%s' yet: say `phone %s NUMBER` first", name, name);
		run->handset = run->phones[i].handset;
		run->operator = run->handset->operator;
		return 1;
	}
	if (i == SMSC_PHONES)
		return fail(run, "too many phones");
	if (start_msisdn(run, msisdn) < 0)
		return -1;
	snprintf(run->phones[i].name, sizeof(run->phones[i].name), "%s", name);
	run->phones[i].handset = run->handset;
	run->n_phones += i == run->n_phones;
	return 1;
}

static int start_limit(struct smsc_run *run, const char *argument)
{
	int64_t ms = milliseconds(argument);

	if (ms < 0)
		return fail(run, "'%s' is not a time", argument);
	run->limit_ms = ms;
	return 1;
}

/* --- the dialog --- */

static int sent(struct smsc_run *run, int error)
{
	if (error == -ENOTCONN)
		return fail(run, "no dialog is open to answer in");
	if (error)
		return fail(run, "%s", run->handset->why[0] ? run->handset->why : strerror(-error));
	return 1;
}

static int start_begin(struct smsc_run *run, const char *code)
{
	return need_phone(run) ? -1 : sent(run, smsc_handset_dial(run->handset, code));
}

static int start_input(struct smsc_run *run, const char *text)
{
	return need_phone(run) ? -1 : sent(run, smsc_handset_reply(run->handset, text));
}

static int again_answer(struct smsc_run *run)
{
	const struct smsc_handset *handset = run->handset;

	if (handset->state == SMSC_WAITING)
		return 0;
	if (handset->state == SMSC_CUT)
		return fail(run, "the dialog was cut: %s", handset->why);
	return 1;
}

static int start_answer(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return need_phone(run) ? -1 : again_answer(run);
}

static int start_dial(struct smsc_run *run, const char *code)
{
	return start_begin(run, code) < 0 ? -1 : 0;
}

static int start_reply(struct smsc_run *run, const char *text)
{
	return start_input(run, text) < 0 ? -1 : 0;
}

static int start_hangup(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return need_phone(run) ? -1 : sent(run, smsc_handset_hang_up(run->handset));
}

static int start_timeout(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return need_phone(run) ? -1 : sent(run, smsc_handset_expire(run->handset));
}

/* --- what is expected --- */

static int start_expect(struct smsc_run *run, const char *text)
{
	if (need_phone(run))
		return -1;
	return strstr(run->handset->page, text) ? 1 : fail(run, "the page does not say '%s'", text);
}

static int start_expect_not(struct smsc_run *run, const char *text)
{
	if (need_phone(run))
		return -1;
	return strstr(run->handset->page, text) ? fail(run, "the page says '%s'", text) : 1;
}

static int again_state(struct smsc_run *run)
{
	enum smsc_dialog_state wanted = (enum smsc_dialog_state)run->wanted;

	if (run->handset->state == wanted)
		return 1;
	if (run->handset->state == SMSC_WAITING || run->handset->releasing)
		return 0;
	if (run->handset->state == SMSC_OPEN && wanted == SMSC_CUT)
		return 0; /* a timer may yet cut it */
	return fail(run, "the dialog is %s, not %s", smsc_state_name(run->handset->state), smsc_state_name(wanted));
}

static int want_state(struct smsc_run *run, enum smsc_dialog_state wanted)
{
	if (need_phone(run))
		return -1;
	run->wanted = (uint64_t)wanted;
	return again_state(run);
}

static int start_end(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return want_state(run, SMSC_ENDED);
}

static int start_open(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return want_state(run, SMSC_OPEN);
}

static int start_cut(struct smsc_run *run, const char *why)
{
	int done = want_state(run, SMSC_CUT);

	if (done == 1 && !strstr(run->handset->why, why))
		return fail(run, "it was cut for another reason: %s", run->handset->why);
	return done;
}

/* A page that the gateway began, and that no `shown` has looked at. */
static int again_shown(struct smsc_run *run)
{
	struct smsc_handset *handset = run->handset;

	if (handset->pushes == handset->pushes_seen)
		return 0;
	handset->pushes_seen = handset->pushes;
	return strstr(handset->page, run->argument) ? 1 : fail(run, "another page was shown");
}

static int start_shown(struct smsc_run *run, const char *text)
{
	(void)text;
	return need_phone(run) ? -1 : again_shown(run);
}

static bool compare(double have, const char *operator, double want)
{
	static const char *const operators[] = { "<=", "<", ">=", ">", "=", "==", "!=" };
	const bool holds[] = { have <= want, have < want, have >= want, have > want, have == want, have == want, have != want };

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcmp(operators[i], operator) == 0)
			return holds[i];
	return false;
}

static int check_number(struct smsc_run *run, const char *what, double have, const char *argument)
{
	char operator[3] = "";
	double want;

	if (sscanf(argument, " %2[<>=!] %lf", operator, &want) != 2)
		return fail(run, "write `%s <= 80`", what);
	return compare(have, operator, want) ? 1 : fail(run, "%s is %.10g", what, have);
}

static int start_units(struct smsc_run *run, const char *argument)
{
	return need_phone(run) ? -1 : check_number(run, "units", (double)run->handset->units, argument);
}

static int start_count(struct smsc_run *run, const char *argument)
{
	const struct smsc_counters *c = &run->operator->counters;
	const struct { const char *name; uint64_t value; } counters[] = {
		{ "binds", c->binds }, { "refused-binds", c->refused_binds }, { "lost-links", c->lost_links }, { "delivers", c->delivers },
		{ "resent", c->resent }, { "refused", c->refused }, { "submits", c->submits }, { "stale", c->stale },
		{ "duplicates", c->duplicates }, { "sms", c->sms }, { "complaints", c->complaints }, { "nacks", c->nacks },
	};
	size_t name = strcspn(argument, " ");

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		if (strlen(counters[i].name) == name && strncmp(counters[i].name, argument, name) == 0)
			return check_number(run, counters[i].name, (double)counters[i].value, argument + name);
	return fail(run, "no counter '%s'", argument);
}

static int start_no_complaints(struct smsc_run *run, const char *argument)
{
	(void)argument;
	for (size_t i = 0; i < run->smsc->n_operators; i++) {
		const struct smsc_operator *op = &run->smsc->operators[i];

		if (op->counters.complaints)
			return fail(run, "%s complains %llu times, the last: %s", op->name, (unsigned long long)op->counters.complaints, op->complaint);
	}
	return 1;
}

/* --- SMS --- */

static int again_sms(struct smsc_run *run)
{
	struct smsc_handset *handset = run->handset;
	uint64_t first = handset->sms_count - smsc_inbox_kept(handset);

	for (uint64_t i = handset->sms_read > first ? handset->sms_read : first; i < handset->sms_count; i++) {
		const struct smsc_sms *sms = smsc_inbox_at(handset, (size_t)(i - first));

		if (!strstr(sms->text, run->argument))
			continue;
		handset->sms_read = i + 1;
		run->sms = sms;
		return 1;
	}
	return 0;
}

static int start_sms(struct smsc_run *run, const char *text)
{
	(void)text;
	return need_phone(run) ? -1 : again_sms(run);
}

/* The first run of digits that is as long as codes are: a citizen types it off. */
static bool find_code(const char *text, char *code, size_t cap)
{
	for (size_t digits; *text; text += digits ? digits : 1) {
		digits = strspn(text, "0123456789");
		if (digits < CODE_MIN || digits >= cap)
			continue;
		snprintf(code, cap, "%.*s", (int)digits, text);
		return true;
	}
	return false;
}

static int start_code(struct smsc_run *run, const char *argument)
{
	const struct smsc_handset *handset = run->handset;
	const struct smsc_sms *sms;
	char code[CODE_MAX + 1];
	uint64_t first;

	(void)argument;
	if (need_phone(run))
		return -1;
	first = handset->sms_count - smsc_inbox_kept(handset);
	sms = handset->sms_read > first ? smsc_inbox_at(handset, (size_t)(handset->sms_read - first - 1)) : NULL;
	if (!sms)
		return fail(run, "no SMS was read: say `sms TEXT` first");
	return find_code(sms->text, code, sizeof(code)) ? start_reply(run, code) : fail(run, "the SMS has no code");
}

static int start_text(struct smsc_run *run, const char *argument)
{
	size_t to = strcspn(argument, " ");
	char number[24];

	if (need_phone(run))
		return -1;
	if (to > 20 || !argument[to])
		return fail(run, "write `text NUMBER TEXT`");
	snprintf(number, sizeof(number), "%.*s", (int)to, argument);
	return sent(run, smsc_handset_send_sms(run->handset, number, argument + to + 1));
}

static int start_parts(struct smsc_run *run, const char *argument)
{
	char number[24] = "", order[120] = "";
	int text = 0;

	if (need_phone(run))
		return -1;
	if (sscanf(argument, "%23s %119s %n", number, order, &text) < 2 || !argument[text])
		return fail(run, "write `text-parts NUMBER ORDER TEXT`, for example `text-parts 4040 2,1,2/3 hello`");
	return sent(run, smsc_handset_send_parts(run->handset, number, order, argument + text));
}

/* "= 1 your bill": how many of those kept say so. */
static int start_received(struct smsc_run *run, const char *argument)
{
	const struct smsc_sms *sms;
	uint64_t n = 0;
	int text = 0;

	if (need_phone(run))
		return -1;
	sscanf(argument, " %*[<>=!] %*f %n", &text);
	for (size_t i = 0; (sms = smsc_inbox_at(run->handset, i)); i++)
		n += strstr(sms->text, argument + text) != NULL;
	return check_number(run, "received", (double)n, argument);
}

static int start_messages(struct smsc_run *run, const char *from)
{
	if (need_phone(run))
		return -1;
	run->lists = true;
	run->list_from = strtoull(from, NULL, 10);
	return 1;
}

/* --- the network --- */

static int again_bound(struct smsc_run *run)
{
	return smsc_operator_bound(run->operator, true) >= run->wanted;
}

static int start_bound(struct smsc_run *run, const char *argument)
{
	run->wanted = *argument ? strtoull(argument, NULL, 10) : 1;
	return again_bound(run);
}

static int again_unbound(struct smsc_run *run)
{
	return smsc_operator_bound(run->operator, false) == 0;
}

static int start_unbound(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return again_unbound(run);
}

static int again_quiet(struct smsc_run *run)
{
	return run->operator->n_deliveries == 0;
}

static int start_quiet(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return again_quiet(run);
}

static int again_hostile(struct smsc_run *run)
{
	return run->operator->hostile_left == 0;
}

static int start_fault(struct smsc_run *run, const char *argument)
{
	int error = smsc_fault_apply(run->operator, argument);

	if (error)
		return fail(run, error == -2 ? "no fault '%s'" : "the arguments of the fault '%s' are wrong", argument);
	return run->operator->hostile_left == 0;
}

static int start_drop(struct smsc_run *run, const char *argument)
{
	(void)argument;
	smsc_operator_drop(run->operator);
	return 1;
}

static int start_down(struct smsc_run *run, const char *argument)
{
	(void)argument;
	smsc_operator_down(run->operator);
	return 1;
}

static int start_up(struct smsc_run *run, const char *argument)
{
	int error = smsc_operator_up(run->operator);

	(void)argument;
	return error ? fail(run, "%s", strerror(-error)) : 1;
}

static int start_wait(struct smsc_run *run, const char *argument)
{
	int64_t ms = milliseconds(argument);

	if (ms < 0)
		return fail(run, "'%s' is not a time", argument);
	run->deadline_ms = smsc_now_ms() + ms;
	return 0;
}

static int start_status(struct smsc_run *run, const char *argument)
{
	(void)argument;
	run->tells_status = true;
	return 1;
}

static int start_page(struct smsc_run *run, const char *argument)
{
	(void)argument;
	return need_phone(run) ? -1 : 1;
}

static int never(struct smsc_run *run)
{
	(void)run;
	return 0;
}

#define ROW(verb, words, help, begin, ...) { .name = verb, .arguments = words, .text = help, .start = begin, __VA_ARGS__ }
static const struct smsc_verb verbs[] = {
	ROW("operator", "NAME", "the operator that the following lines are about", start_operator),
	ROW("msisdn", "NUMBER", "the phone that the following lines are about", start_msisdn),
	ROW("phone", "NAME [NUMBER]", "gives a phone a name, or goes back to a named one", start_phone),
	ROW("limit", "TIME", "how long a line may wait for what it wants (10s)", start_limit),
	ROW("dial", "CODE", "dials and waits for the page", start_dial, .again = again_answer, .prints_page = true),
	ROW("reply", "TEXT", "answers the page and waits for the next", start_reply, .again = again_answer, .prints_page = true),
	ROW("begin", "CODE", "dials and does not wait", start_begin),
	ROW("input", "TEXT", "answers the page and does not wait", start_input),
	ROW("answer", "", "waits for the page after begin or input", start_answer, .again = again_answer, .prints_page = true),
	ROW("hangup", "", "the subscriber hangs up", start_hangup),
	ROW("timeout", "", "the network cuts the dialog because the subscriber is silent", start_timeout),
	ROW("expect", "TEXT", "the page must say TEXT", start_expect),
	ROW("expect-not", "TEXT", "the page must not say TEXT", start_expect_not),
	ROW("units", "OP NUMBER", "length of the page: septets, or UCS-2 units; OP is <= < >= > = !=", start_units),
	ROW("end", "", "the dialog must have been ended by the network side, with a last page", start_end, .again = again_state),
	ROW("open", "", "the dialog must be open", start_open, .again = again_state),
	ROW("cut", "[TEXT]", "the dialog must end without a last page; TEXT is part of the reason", start_cut, .again = again_state),
	ROW("shown", "[TEXT]", "a text or a dialog that the gateway begins must be shown, and say TEXT", start_shown, .again = again_shown, .prints_page = true),
	ROW("page", "", "prints the page once more", start_page, .prints_page = true),
	ROW("sms", "[TEXT]", "an SMS that says TEXT must arrive; the earlier ones are passed over", start_sms, .again = again_sms),
	ROW("reply-code", "", "answers the page with the code in the SMS that `sms` found last, and waits for the next", start_code, .again = again_answer,
	    .prints_page = true),
	ROW("received", "OP NUMBER [TEXT]", "so many SMS that say TEXT have arrived and are kept", start_received),
	ROW("messages", "[FROM]", "lists the SMS that the phone keeps, from the FROM-th that ever arrived on (0)", start_messages),
	ROW("text", "NUMBER TEXT", "the phone sends an SMS", start_text),
	ROW("text-parts", "NUMBER ORDER TEXT", "the same in parts: 2,1,2 is the second twice, 1/3 the first of three, sar:1,2 by TLVs", start_parts),
	ROW("wait", "TIME", "waits: 2s, 500ms", start_wait, .again = never, .late_is_done = true),
	ROW("bound", "[N]", "N links that may receive must be bound (1)", start_bound, .again = again_bound),
	ROW("unbound", "", "no link may be bound any more", start_unbound, .again = again_unbound),
	ROW("quiet", "", "everything sent must be acknowledged", start_quiet, .again = again_quiet),
	ROW("drop", "", "cuts every TCP connection of the operator", start_drop),
	ROW("down", "", "the same, and takes no new ones", start_down),
	ROW("up", "", "takes connections again", start_up),
	ROW("fault", "NAME [ARGUMENTS]", "makes the network misbehave; see the table of faults", start_fault, .again = again_hostile),
	ROW("count", "NAME OP NUMBER", "a counter of the operator: binds refused-binds lost-links delivers resent refused submits stale "
	    "duplicates sms complaints nacks", start_count),
	ROW("no-complaints", "", "no network may have complained of the gateway", start_no_complaints),
	ROW("status", "", "prints the operators' links and counters", start_status),
};

const struct smsc_verb *smsc_verb_row(size_t index)
{
	return index < sizeof(verbs) / sizeof(verbs[0]) ? &verbs[index] : NULL;
}

/* --- running --- */

void smsc_run_init(struct smsc_run *run, struct smsc *smsc, const char *msisdn)
{
	*run = (struct smsc_run){ .smsc = smsc, .operator = &smsc->operators[0], .limit_ms = LIMIT_MS };
	run->handset = smsc_handset_get(run->operator, msisdn);
}

/* Copies the rest of a line; \n in it is a line feed, as pages have them. */
static void take_argument(struct smsc_run *run, const char *text)
{
	size_t n = 0;

	text += strspn(text, " \t");
	for (; *text && n + 1 < sizeof(run->argument); text++) {
		bool feed = text[0] == '\\' && text[1] == 'n';

		run->argument[n++] = feed ? '\n' : *text;
		text += feed;
	}
	while (n && (run->argument[n - 1] == ' ' || run->argument[n - 1] == '\t' || run->argument[n - 1] == '\r'))
		n--;
	run->argument[n] = '\0';
}

static const struct smsc_verb *find_verb(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strlen(verbs[i].name) == length && strncmp(verbs[i].name, name, length) == 0)
			return &verbs[i];
	return NULL;
}

int smsc_run_start(struct smsc_run *run, const char *line)
{
	size_t name;

	line += strspn(line, " \t");
	name = strcspn(line, " \t\r");
	run->verb = find_verb(line, name);
	run->error[0] = '\0';
	run->sms = NULL;
	run->tells_status = run->lists = false;
	if (!run->verb)
		return fail(run, "no such word: '%.*s'", (int)name, line);
	take_argument(run, line + name);
	if (run->verb->arguments[0] && run->verb->arguments[0] != '[' && !run->argument[0])
		return fail(run, "write `%s %s`", run->verb->name, run->verb->arguments);
	run->deadline_ms = smsc_now_ms() + run->limit_ms;
	return run->verb->start(run, run->argument);
}

int smsc_run_again(struct smsc_run *run)
{
	int done = run->verb->again(run);

	/* A flood of bad PDUs takes as long as it takes. */
	if (done || smsc_now_ms() < run->deadline_ms || run->operator->hostile_left)
		return done;
	if (run->verb->late_is_done)
		return 1;
	return fail(run, "nothing within %lld ms", (long long)run->limit_ms);
}

void smsc_run_describe(const struct smsc_run *run, char *out, size_t cap)
{
	const struct smsc_handset *handset = run->handset;
	size_t at;

	if (!handset) {
		snprintf(out, cap, "no phone");
		return;
	}
	at = (size_t)snprintf(out, cap, "%s at %s, dialog %s%s%s; %u links bound; page (%ld units): ", handset->dialog.msisdn,
	                      run->operator->name, smsc_state_name(handset->state), handset->why[0] ? ", " : "", handset->why,
	                      smsc_operator_bound(run->operator, false), handset->units);
	if (at < cap)
		snprintf(out + at, cap - at, "%s", handset->page);
}

static void json_phone(const struct smsc_handset *handset, struct smsc_json *json)
{
	const char *alphabet = smpp_text_alphabet_name(handset->alphabet);

	smsc_json_text(json, "msisdn", handset->dialog.msisdn, strlen(handset->dialog.msisdn));
	smsc_json_text(json, "state", smsc_state_name(handset->state), strlen(smsc_state_name(handset->state)));
	smsc_json_text(json, "why", handset->why, strlen(handset->why));
	smsc_json_text(json, "text", handset->page, handset->octets);
	smsc_json_bool(json, "ended", handset->state == SMSC_ENDED);
	smsc_json_number(json, "units", (double)handset->units);
	smsc_json_text(json, "alphabet", alphabet, strlen(alphabet));
	smsc_json_number(json, "pages", handset->pages);
	smsc_json_number(json, "ms", (double)(handset->answered_ns - handset->asked_ns) / 1e6);
	smsc_json_number(json, "inbox", (double)handset->sms_count);
}

static void json_operator(const struct smsc_operator *op, struct smsc_json *json)
{
	const struct smsc_counters *c = &op->counters;
	const struct { const char *name; uint64_t value; } numbers[] = {
		{ "port", op->port }, { "links", op->n_links }, { "bound", smsc_operator_bound(op, false) },
		{ "receiving", smsc_operator_bound(op, true) }, { "queued", op->n_deliveries }, { "binds", c->binds },
		{ "refused_binds", c->refused_binds }, { "lost_links", c->lost_links }, { "delivers", c->delivers }, { "resent", c->resent },
		{ "refused", c->refused }, { "submits", c->submits }, { "stale", c->stale }, { "duplicates", c->duplicates },
		{ "sms", c->sms }, { "complaints", c->complaints }, { "nacks", c->nacks }, { "odd", c->odd },
	};

	smsc_json_begin(json, op->name);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		smsc_json_number(json, numbers[i].name, (double)numbers[i].value);
	smsc_json_text(json, "complaint", op->complaint, strlen(op->complaint));
	smsc_json_end(json);
}

static void json_sms(const char *name, const struct smsc_sms *sms, struct smsc_json *json)
{
	smsc_json_begin(json, name);
	smsc_json_text(json, "from", sms->from, strlen(sms->from));
	smsc_json_text(json, "text", sms->text, sms->octets);
	smsc_json_number(json, "parts", sms->parts);
	smsc_json_end(json);
}

/* As many as there is room for, by their numbers; `next` is the one to go on from. */
static void json_messages(const struct smsc_run *run, struct smsc_json *json)
{
	uint64_t first = run->handset->sms_count - smsc_inbox_kept(run->handset), i = run->list_from > first ? run->list_from : first;
	const struct smsc_sms *sms;
	char name[24];

	smsc_json_begin(json, "messages");
	for (; i < run->handset->sms_count && (sms = smsc_inbox_at(run->handset, (size_t)(i - first))); i++) {
		if (json->used + 6 * sms->octets + 1000 > json->cap)
			break;
		snprintf(name, sizeof(name), "%llu", (unsigned long long)i);
		json_sms(name, sms, json);
	}
	smsc_json_end(json);
	smsc_json_number(json, "next", (double)i);
}

void smsc_run_json(const struct smsc_run *run, bool ok, char *out, size_t cap)
{
	struct smsc_json json;

	smsc_json_open(&json, out, cap);
	smsc_json_bool(&json, "ok", ok);
	if (!ok)
		smsc_json_text(&json, "error", run->error, strlen(run->error));
	if (run->handset)
		json_phone(run->handset, &json);
	if (run->sms)
		json_sms("sms", run->sms, &json);
	if (run->lists && run->handset)
		json_messages(run, &json);
	if (run->tells_status) {
		smsc_json_begin(&json, "operators");
		for (size_t i = 0; i < run->smsc->n_operators; i++)
			json_operator(&run->smsc->operators[i], &json);
		smsc_json_end(&json);
	}
	if (!smsc_json_close(&json))
		snprintf(out, cap, "{\"ok\": false, \"error\": \"the answer is too long\"}");
}
