/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See identity_step.h. A step takes what was typed (a function for each question), then climbs: what is missing first of all is asked for.
 * Each of them says true when that decides the step, or when a fact is missing. */
#include <assert.h>
#include <string.h>

#include "gateway/identity_step.h"
#include "menus/input.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define CODE_SPARE_MS 60000      /* a code that is good for less is not waited for: another is sent */
#define LOCKS_COUNTED 16         /* by then a lock-out lasts as long as one can */
#define COPY(to, from) copy(to, sizeof(to), from)

const char *const gw_identity_questions[GW_ASKS] = {
	[GW_ASK_NOTHING] = "", [GW_ASK_ID] = "id", [GW_ASK_LEGAL_ID] = "legal_id", [GW_ASK_PIN] = "pin", [GW_ASK_NEW_PIN] = "new_pin",
	[GW_ASK_AGAIN_PIN] = "again_pin", [GW_ASK_CODE] = "code",
};
const char *const gw_identity_hints[GW_HINTS] = {
	[GW_HINT_NONE] = "", [GW_HINT_WRONG] = "wrong", [GW_HINT_WEAK] = "weak", [GW_HINT_DIFFERS] = "differs", [GW_HINT_EXPIRED] = "expired",
};
const char *const gw_identity_notes[GW_NOTES] = {
	[GW_NOTE_NONE] = "", [GW_NOTE_MATCHED] = "identity.matched", [GW_NOTE_ID_REFUSED] = "identity.refused", [GW_NOTE_OFTEN] = "identity.too_often",
	[GW_NOTE_DROPPED_SIM] = "identity.sim_changed", [GW_NOTE_REPRESENTS] = "identity.represents", [GW_NOTE_NOT_REPRESENTED] = "identity.not_represented",
	[GW_NOTE_PIN_SET] = "identity.pin_set", [GW_NOTE_PIN_WRONG] = "identity.pin_wrong", [GW_NOTE_LOCKED] = "identity.locked",
	[GW_NOTE_PIN_FORGOTTEN] = "identity.pin_forgotten", [GW_NOTE_PIN_RESET] = "identity.pin_reset", [GW_NOTE_CODE_SENT] = "identity.code_sent",
	[GW_NOTE_CODE_WRONG] = "identity.code_wrong", [GW_NOTE_PROVED] = "identity.proved",
};

/* What a step works on. */
struct step {
	const struct gw_identity_limits *limits;
	struct gw_identity *record;
	struct gw_identity_flow *flow;   /* of the record */
	const struct gw_identity_request *request;
	const struct gw_identity_facts *facts;
	int64_t now_ms;
	struct gw_identity_verdict *verdict;
};

static void copy(char *to, size_t cap, const char *from)
{
	size_t n = strnlen(from, cap - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

/* ---- tallies ---- */

/* A window that is over, or that begins in a future that cannot be (a clock was set back), is a new one. */
static bool is_over(int64_t since_ms, int64_t window_ms, int64_t now_ms)
{
	return now_ms - since_ms >= window_ms || since_ms > now_ms + HOUR_MS;
}

static unsigned int left_of(const struct gw_identity_tally *tally, unsigned int per_hour, unsigned int per_day, int64_t now_ms)
{
	unsigned int in_hour = is_over(tally->hour_ms, HOUR_MS, now_ms) ? 0 : tally->in_hour;
	unsigned int in_day = is_over(tally->day_ms, DAY_MS, now_ms) ? 0 : tally->in_day;
	unsigned int hour = in_hour < per_hour ? per_hour - in_hour : 0, day = in_day < per_day ? per_day - in_day : 0;

	return hour < day ? hour : day;
}

/* When there is one left again. */
static int64_t free_at(const struct gw_identity_tally *tally, unsigned int per_day, int64_t now_ms)
{
	bool day = !is_over(tally->day_ms, DAY_MS, now_ms) && tally->in_day >= per_day;

	return day ? tally->day_ms + DAY_MS : tally->hour_ms + HOUR_MS;
}

static void count(struct gw_identity_tally *tally, int64_t now_ms)
{
	if (is_over(tally->hour_ms, HOUR_MS, now_ms)) {
		tally->hour_ms = now_ms;
		tally->in_hour = 0;
	}
	if (is_over(tally->day_ms, DAY_MS, now_ms)) {
		tally->day_ms = now_ms;
		tally->in_day = 0;
	}
	tally->in_hour++;
	tally->in_day++;
}

int64_t gw_identity_lock_ms(const struct gw_identity_limits *limits, unsigned int n)
{
	int64_t ms = limits->lock_ms;

	while (n-- && ms < limits->lock_max_ms)
		ms *= 4;
	return ms < limits->lock_max_ms ? ms : limits->lock_max_ms;
}

/* ---- verdicts: each true, so that who decides says `return ask(...)` ---- */

static void note(struct step *s, enum gw_identity_note what)
{
	if (s->verdict->n_notes < GW_IDENTITY_NOTES_MAX)
		s->verdict->notes[s->verdict->n_notes++] = what;
}

static bool need(struct step *s, enum gw_identity_need what)
{
	s->verdict->need = what;
	return true;
}

static bool refuse(struct step *s, unsigned int status, const char *why, int64_t until_ms)
{
	s->verdict->status = status;
	s->verdict->why = why;
	s->verdict->until_ms = until_ms;
	return true;
}

static bool too_often(struct step *s, const struct gw_identity_tally *tally, unsigned int per_day)
{
	return refuse(s, 429, "often", free_at(tally, per_day, s->now_ms));
}

static bool is_locked(const struct step *s)
{
	return s->record->locked_ms > s->now_ms;
}

/* Puts the question that the flow stands at; or says that it may not be put any more. */
static bool put_question(struct step *s)
{
	const struct gw_identity_limits *l = s->limits;
	const struct gw_identity *r = s->record;
	struct gw_identity_verdict *v = s->verdict;

	v->status = 200;
	v->question = s->flow->question;
	v->hint = s->flow->hint;
	switch (s->flow->question) {
	case GW_ASK_ID:
		v->left = left_of(&r->ids, l->ids_per_hour, l->ids_per_day, s->now_ms);
		return v->left ? true : too_often(s, &r->ids, l->ids_per_day);
	case GW_ASK_LEGAL_ID:
		v->left = left_of(&r->legal_ids, l->ids_per_hour, l->ids_per_day, s->now_ms);
		return v->left ? true : too_often(s, &r->legal_ids, l->ids_per_day);
	case GW_ASK_PIN:
		v->left = l->pin_tries > r->pin_tries ? l->pin_tries - r->pin_tries : 0;
		return is_locked(s) ? refuse(s, 429, "locked", r->locked_ms) : true;
	case GW_ASK_CODE:
		v->left = l->code_tries > r->code_tries ? l->code_tries - r->code_tries : 0;
		return r->code[0] ? true : too_often(s, &r->codes, l->codes_per_day);
	default:
		return true;
	}
}

static bool ask(struct step *s, enum gw_identity_question question, enum gw_identity_hint hint)
{
	s->flow->question = question;
	s->flow->hint = hint;
	return put_question(s);
}

static bool proved(struct step *s)
{
	unsigned int level = s->flow->code_ok ? 3 : s->flow->pin_ok ? 2 : 1;

	s->verdict->status = 200;
	s->verdict->question = GW_ASK_NOTHING;
	s->verdict->level = level > s->request->proved ? level : s->request->proved;
	return true;
}

/* ---- level 3 ---- */

static bool is_code_out(const struct step *s, int64_t spare_ms)
{
	const struct gw_identity *r = s->record;

	return r->code[0] && r->code_ms > s->now_ms + spare_ms && r->code_tries < s->limits->code_tries && r->code_resets == s->flow->reset;
}

/* One that came in an earlier dialog is as good: many telephones show no SMS while a dialog is open. */
static bool ask_code(struct step *s, enum gw_identity_hint hint)
{
	const struct gw_identity_limits *l = s->limits;
	struct gw_identity *r = s->record;
	int64_t spare_ms = CODE_SPARE_MS < l->code_ms / 2 ? CODE_SPARE_MS : l->code_ms / 2;

	if (is_code_out(s, spare_ms))
		return ask(s, GW_ASK_CODE, hint);
	r->code[0] = '\0';
	if (!left_of(&r->codes, l->codes_per_hour, l->codes_per_day, s->now_ms)) {
		note(s, GW_NOTE_OFTEN);
		return ask(s, GW_ASK_CODE, hint);
	}
	count(&r->codes, s->now_ms);
	COPY(r->code, s->facts->new_code);
	r->code_ms = s->now_ms + l->code_ms;
	r->code_tries = 0;
	r->code_resets = s->flow->reset;
	s->verdict->send_code = true;
	note(s, GW_NOTE_CODE_SENT);
	return ask(s, GW_ASK_CODE, hint);
}

/* Keyed hashes: that the comparison's time depends on them tells nobody anything. */
static bool take_code(struct step *s)
{
	struct gw_identity *r = s->record;

	if (!is_code_out(s, 0))
		return ask_code(s, GW_HINT_EXPIRED);
	if (strcmp(r->code, s->request->code) == 0) {
		r->code[0] = '\0';
		s->flow->code_ok = true;
		return false;
	}
	note(s, GW_NOTE_CODE_WRONG);
	if (++r->code_tries < s->limits->code_tries)
		return ask(s, GW_ASK_CODE, GW_HINT_WRONG);
	r->code[0] = '\0';
	return ask_code(s, GW_HINT_EXPIRED);
}

/* ---- level 2 ---- */

/* Whether what was typed fits this hash. A fact about another hash is none: the record has changed meanwhile. */
static enum gw_identity_fact fits(struct step *s, const char *hash)
{
	if (s->facts->verified != GW_FACT_UNKNOWN && strcmp(s->facts->against, hash) == 0)
		return s->facts->verified;
	s->verdict->against = hash;
	need(s, GW_NEED_VERIFY);
	return GW_FACT_UNKNOWN;
}

static void unlock(struct gw_identity *r)
{
	r->pin_tries = r->locks = 0;
	r->locked_ms = 0;
}

static bool wrong_pin(struct step *s)
{
	struct gw_identity *r = s->record;

	if (++r->pin_tries < s->limits->pin_tries) {
		note(s, GW_NOTE_PIN_WRONG);
		return ask(s, GW_ASK_PIN, GW_HINT_WRONG);
	}
	note(s, GW_NOTE_LOCKED);
	r->pin_tries = 0;
	r->locked_ms = s->now_ms + gw_identity_lock_ms(s->limits, r->locks);
	if (r->locks < LOCKS_COUNTED)
		r->locks++;
	return ask(s, GW_ASK_PIN, GW_HINT_WRONG);
}

static bool forgot_pin(struct step *s)
{
	note(s, GW_NOTE_PIN_FORGOTTEN);
	s->flow->reset = true;
	s->flow->fresh_id = s->flow->code_ok = false;
	return false;
}

static bool take_pin(struct step *s)
{
	struct gw_identity *r = s->record;
	enum gw_identity_fact right;

	if (is_locked(s))
		return ask(s, GW_ASK_PIN, GW_HINT_NONE);
	if (strcmp(s->request->typed, GW_IDENTITY_FORGOTTEN) == 0)
		return forgot_pin(s);
	if (!r->pin[0])
		return false; /* dropped meanwhile: what is missing is asked for */
	if (!gw_identity_is_pin(s->request->typed))
		return wrong_pin(s);
	right = fits(s, r->pin);
	if (right == GW_FACT_UNKNOWN)
		return true;
	if (right == GW_FACT_NO)
		return wrong_pin(s);
	unlock(r);
	if (s->facts->hash[0]) /* the parameters have changed since it was set */
		COPY(r->pin, s->facts->hash);
	s->flow->pin_ok = true;
	return false;
}

static bool may_set_pin(const struct step *s)
{
	return s->flow->reset ? s->flow->fresh_id && s->flow->code_ok : !s->record->pin[0] && !is_locked(s);
}

static bool take_new_pin(struct step *s)
{
	if (!may_set_pin(s))
		return false;
	s->flow->pending[0] = '\0';
	if (!gw_identity_is_pin(s->request->typed) || gw_identity_is_weak(s->request->typed, s->request->msisdn, s->record->id))
		return ask(s, GW_ASK_NEW_PIN, GW_HINT_WEAK);
	if (!s->facts->hash[0])
		return need(s, GW_NEED_HASH);
	COPY(s->flow->pending, s->facts->hash);
	return ask(s, GW_ASK_AGAIN_PIN, GW_HINT_NONE);
}

static bool take_again_pin(struct step *s)
{
	struct gw_identity *r = s->record;
	enum gw_identity_fact same;

	if (!may_set_pin(s) || !s->flow->pending[0])
		return false;
	same = gw_identity_is_pin(s->request->typed) ? fits(s, s->flow->pending) : GW_FACT_NO;
	if (same == GW_FACT_UNKNOWN)
		return true;
	if (same == GW_FACT_YES) {
		memcpy(r->pin, s->flow->pending, sizeof(r->pin));
		r->pin_ms = s->now_ms;
		unlock(r);
		note(s, s->flow->reset ? GW_NOTE_PIN_RESET : GW_NOTE_PIN_SET);
		s->flow->pin_ok = true;
		s->flow->reset = false;
	}
	memset(s->flow->pending, 0, sizeof(s->flow->pending));
	return same == GW_FACT_YES ? false : ask(s, GW_ASK_NEW_PIN, GW_HINT_DIFFERS);
}

/* ---- a business ---- */

static bool is_id(const char *kind, const char *typed)
{
	struct menu_input_result result;

	menu_input_check(menu_input_find(kind), typed, strlen(typed), NULL, 0, &result);
	return result.ok && strcmp(result.normal, typed) == 0; /* the question's own check has made it normal */
}

static bool take_legal_id(struct step *s)
{
	const struct gw_identity_limits *l = s->limits;
	struct gw_identity *r = s->record;

	s->flow->not_represented = false;
	if (!is_id("legal-id", s->request->typed))
		return ask(s, GW_ASK_LEGAL_ID, GW_HINT_WRONG);
	if (!r->id[0])
		return false;
	if (s->facts->represents == GW_FACT_UNKNOWN)
		return need(s, GW_NEED_REPRESENTS);
	if (!left_of(&r->legal_ids, l->ids_per_hour, l->ids_per_day, s->now_ms)) {
		note(s, GW_NOTE_OFTEN);
		return ask(s, GW_ASK_LEGAL_ID, GW_HINT_NONE);
	}
	if (s->facts->represents == GW_FACT_YES) {
		COPY(s->flow->legal_id, s->request->typed);
		note(s, GW_NOTE_REPRESENTS);
		return false;
	}
	count(&r->legal_ids, s->now_ms);
	note(s, GW_NOTE_NOT_REPRESENTED);
	s->flow->not_represented = true;
	return refuse(s, 403, "not_represented", 0);
}

/* ---- level 1 ---- */

/* The same person with the same SIM keeps the PIN. */
static void remember(struct step *s)
{
	struct gw_identity *r = s->record;
	bool same_sim = strcmp(r->since, s->facts->since) == 0, same = same_sim && strcmp(r->id, s->request->typed) == 0;
	struct gw_identity_flow flow = *s->flow;

	if (!same && r->id[0]) {
		gw_identity_change(s->limits, r, same_sim ? GW_CHANGED_PERSON : GW_CHANGED_SIM, s->now_ms);
		flow.reset = flow.pin_ok = flow.code_ok = false;
		*s->flow = flow;
	}
	COPY(r->id, s->request->typed);
	COPY(r->since, s->facts->since);
	COPY(r->province, s->facts->province);
	r->matched_ms = s->now_ms;
	r->until_ms = s->now_ms + s->limits->remember_ms;
	s->flow->asked_sim = s->flow->fresh_id = true;
	note(s, GW_NOTE_MATCHED);
}

/* Over the limit the agency is asked all the same, and its answer thrown away: a refusal is a refusal, whatever it cost. */
static bool take_id(struct step *s)
{
	const struct gw_identity_limits *l = s->limits;
	struct gw_identity *r = s->record;

	if (!is_id("national-id", s->request->typed))
		return ask(s, GW_ASK_ID, GW_HINT_WRONG);
	if (s->facts->match == GW_FACT_UNKNOWN)
		return need(s, GW_NEED_MATCH);
	if (!left_of(&r->ids, l->ids_per_hour, l->ids_per_day, s->now_ms)) {
		note(s, GW_NOTE_OFTEN);
		return ask(s, GW_ASK_ID, GW_HINT_NONE);
	}
	if (s->facts->match == GW_FACT_YES) {
		remember(s);
		return false;
	}
	count(&r->ids, s->now_ms);
	note(s, GW_NOTE_ID_REFUSED);
	return ask(s, GW_ASK_ID, GW_HINT_WRONG);
}

static bool is_matched(const struct step *s)
{
	return s->record->id[0] && (s->record->until_ms > s->now_ms || s->request->proved || s->flow->fresh_id);
}

/* Once in a dialog, before what is remembered is used. */
static bool look_at_sim(struct step *s)
{
	const struct gw_identity_facts *f = s->facts;
	struct gw_identity_flow flow = *s->flow;

	if (s->request->proved || s->flow->asked_sim)
		return false;
	if (f->sim == GW_FACT_UNKNOWN)
		return need(s, GW_NEED_SIM);
	if (f->sim == GW_FACT_YES && strcmp(f->sim_since, s->record->since) == 0) {
		s->flow->asked_sim = true;
		return false;
	}
	gw_identity_change(s->limits, s->record, GW_CHANGED_SIM, s->now_ms);
	*s->flow = flow;
	s->verdict->store = true;
	note(s, GW_NOTE_DROPPED_SIM);
	return ask(s, GW_ASK_ID, GW_HINT_NONE);
}

/* ---- climbing ---- */

static bool climb_reset(struct step *s)
{
	if (!s->flow->fresh_id)
		return ask(s, GW_ASK_ID, GW_HINT_NONE);
	if (!s->flow->code_ok)
		return ask_code(s, GW_HINT_NONE);
	return ask(s, GW_ASK_NEW_PIN, GW_HINT_NONE);
}

static bool climb_pin(struct step *s)
{
	if (s->request->level < 2 || s->request->proved >= 2 || s->flow->pin_ok)
		return false;
	if (!s->record->pin[0] && !is_locked(s))
		return ask(s, GW_ASK_NEW_PIN, GW_HINT_NONE);
	return ask(s, GW_ASK_PIN, GW_HINT_NONE);
}

static bool climb(struct step *s)
{
	if (!is_matched(s))
		return s->request->proved ? refuse(s, 403, "changed", 0) : ask(s, GW_ASK_ID, GW_HINT_NONE);
	if (look_at_sim(s))
		return true;
	if (s->request->business && !s->flow->legal_id[0])
		return ask(s, GW_ASK_LEGAL_ID, GW_HINT_NONE);
	if (s->flow->reset)
		return climb_reset(s);
	if (climb_pin(s))
		return true;
	if (s->request->level >= 3 && s->request->proved < 3 && !s->flow->code_ok)
		return ask_code(s, GW_HINT_NONE);
	s->flow->question = GW_ASK_NOTHING;
	s->flow->hint = GW_HINT_NONE;
	s->flow->done = true;
	return proved(s);
}

/* ---- a step ---- */

static bool (*const takes[GW_ASKS])(struct step *s) = {
	[GW_ASK_ID] = take_id, [GW_ASK_LEGAL_ID] = take_legal_id, [GW_ASK_PIN] = take_pin, [GW_ASK_NEW_PIN] = take_new_pin,
	[GW_ASK_AGAIN_PIN] = take_again_pin, [GW_ASK_CODE] = take_code,
};

static bool is_mine(const struct step *s)
{
	return s->flow->dialog == s->request->dialog && s->now_ms - s->flow->at_ms < GW_IDENTITY_FLOW_MS && s->flow->at_ms <= s->now_ms + HOUR_MS;
}

/* What was proved of the business in this dialog stays proved; all else the dialog itself says (`proved`). */
static void begin(struct step *s)
{
	char legal_id[GW_IDENTITY_LEGAL_OCTETS] = "";

	if (is_mine(s) && s->request->proved)
		COPY(legal_id, s->flow->legal_id);
	memset(s->flow, 0, sizeof(*s->flow));
	COPY(s->flow->legal_id, legal_id);
	s->flow->dialog = s->request->dialog;
}

/* The same step once more. */
static void say_again(struct step *s)
{
	s->verdict->store = false;
	if (s->flow->not_represented)
		refuse(s, 403, "not_represented", 0);
	else if (s->flow->done)
		proved(s);
	else
		put_question(s);
}

static void take(struct step *s)
{
	const struct gw_identity_request *q = s->request;
	struct gw_identity_flow *flow = s->flow;

	if (q->asked == GW_ASK_NOTHING || !is_mine(s)) {
		begin(s);
		climb(s);
	} else if (flow->last[0] && strcmp(flow->last, q->last) == 0) {
		say_again(s);
	} else if (flow->question != q->asked || !takes[q->asked](s)) { /* what was asked elsewhere is asked here: nothing is skipped */
		climb(s);
	}
}

void gw_identity_step(const struct gw_identity_limits *limits, struct gw_identity *record, const struct gw_identity_request *request,
		      const struct gw_identity_facts *facts, int64_t now_ms, struct gw_identity_verdict *verdict)
{
	struct step s = { .limits = limits, .record = record, .flow = &record->flow, .request = request, .facts = facts, .now_ms = now_ms,
		.verdict = verdict };

	memset(verdict, 0, sizeof(*verdict));
	verdict->store = true;
	take(&s);
	if (verdict->need != GW_NEED_NOTHING)
		return;
	/* who arrives and has proved it all leaves no trace: most screens are seen so */
	if (request->asked == GW_ASK_NOTHING && verdict->status == 200 && verdict->question == GW_ASK_NOTHING)
		verdict->store = false;
	else if (verdict->status == 200 && verdict->question == GW_ASK_NOTHING && verdict->store)
		note(&s, GW_NOTE_PROVED);
	if (verdict->store)
		COPY(record->flow.last, request->asked == GW_ASK_NOTHING ? "" : request->last);
	record->flow.at_ms = now_ms;
}
