/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See text.h. A message at work is a struct work, which settles its ticket once and is freed with that. It keeps the text, not what
 * the menu made of it: between two answers of the ledger the menu may be published anew, and then the new one says what is meant. */
#include "gateway/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/limit.h"
#include "gateway/log.h"
#include "gateway/long_sms.h"
#include "gateway/request_record.h"
#include "gateway/say.h"
#include "gateway/usage.h"
#include "menus/keyword.h"
#include "sessions/clock.h"
#include "smpp/join.h"
#include "smpp/text.h"

#define MINUTE_MS 60000
#define SAME_MS 30000            /* a message that comes again within so long is answered once */
#define HOUR_MINUTES 60
#define TO_MAX 32

struct gw_texts {
	struct gw_texts_config config;
	struct gw_long_sms *long_sms;
	struct gw_limit texts, answers;          /* of a number, in a minute; in an hour */
	uint64_t counters[GW_TEXT_CTRS];
	unsigned int in_work;
	bool closing;
};

struct work {
	struct gw_texts *texts;
	const struct gw_route *route;
	struct gw_ticket ticket;
	char msisdn[GW_MSISDN_MAX + 1], to[TO_MAX], language[4];
	char *text;
	size_t octets;
	char asked[GW_USAGE_NAME_OCTETS];        /* the keyword's name, to be counted */
	bool no_state;                           /* it reads as a code, and there is no such request */
	bool stopping, second;                   /* of stop and start */
};

static const struct gw_text_ctr_row rows[GW_TEXT_CTRS] = {
	[GW_TEXT_CTR_TEXTS] = { "texts", "text messages from citizens, joined ones once" },
	[GW_TEXT_CTR_PARTS] = { "parts", "parts of long ones" },
	[GW_TEXT_CTR_WHOLE] = { "joined", "long ones that became whole" },
	[GW_TEXT_CTR_LOST] = { "incomplete", "long ones of which a part never came" },
	[GW_TEXT_CTR_REQUESTS] = { "requests", "that became a request" },
	[GW_TEXT_CTR_REPEATED] = { "repeated", "that were a request already" },
	[GW_TEXT_CTR_STATES] = { "states", "that asked for the state of a request" },
	[GW_TEXT_CTR_STOPS] = { "stops", "that stopped notices" },
	[GW_TEXT_CTR_STARTS] = { "starts", "that let notices come again" },
	[GW_TEXT_CTR_HELPS] = { "helps", "that asked for help, or were answered with what is wrong" },
	[GW_TEXT_CTR_NOTHING] = { "not_understood", "that were not understood" },
	[GW_TEXT_CTR_NO_AGENCY] = { "no_agency", "for an agency that has no account" },
	[GW_TEXT_CTR_TOO_OFTEN] = { "too_often", "beyond those of a number in a minute" },
	[GW_TEXT_CTR_UNANSWERED] = { "unanswered", "that got no answer, because their number had so many in this hour" },
	[GW_TEXT_CTR_REFUSED] = { "refused", "refused: not from a number, not text, or to a number without keywords" },
	[GW_TEXT_CTR_LATER] = { "later", "that the network was told to bring later" },
};

const struct gw_text_ctr_row *gw_text_ctr_row(size_t index)
{
	return index < GW_TEXT_CTRS ? &rows[index] : NULL;
}

uint64_t gw_texts_counter(const struct gw_texts *texts, enum gw_text_ctr counter)
{
	const struct gw_long_sms_counters *joined = gw_long_sms_counters(texts->long_sms);

	switch (counter) {
	case GW_TEXT_CTR_PARTS: return joined->parts;
	case GW_TEXT_CTR_WHOLE: return joined->whole;
	case GW_TEXT_CTR_LOST: return joined->lost;
	default: return texts->counters[counter];
	}
}

static void count(const struct work *work, enum gw_text_ctr counter)
{
	work->texts->counters[counter]++;
}

/* ---- the end ---- */

static void accept(struct work *work)
{
	work->route->bearer->ops->accept(work->route->bearer, &work->ticket);
	work->texts->in_work--;
	talloc_free(work);
}

static void refuse(struct work *work, enum gw_refusal why)
{
	count(work, why == GW_REFUSE_LATER ? GW_TEXT_CTR_LATER : GW_TEXT_CTR_REFUSED);
	work->route->bearer->ops->refuse(work->route->bearer, &work->ticket, why);
	work->texts->in_work--;
	talloc_free(work);
}

/* ---- answers ---- */

static const struct menu_set *menus(const struct gw_texts *texts)
{
	return menu_pins_current(texts->config.pins);
}

static unsigned int language_of(const struct work *work)
{
	int language = menu_language_find(work->language);

	return language < 0 ? 0 : (unsigned int)language;
}

static bool is_number(const char *to)
{
	return to[0] && strlen(to) <= 15 && to[strspn(to, "0123456789")] == '\0';
}

/* The same message within SAME_MS has the same answer: one notice. */
static void make_id(const struct work *work, const char *text, struct gw_notice *notice)
{
	int64_t bucket = sess_clock_wall_ms() / SAME_MS;
	const struct gw_piece pieces[] = { { work->msisdn, strlen(work->msisdn) }, { work->to, strlen(work->to) }, { work->text, work->octets },
		{ text, strlen(text) }, { &bucket, sizeof(bucket) } };
	char hash[GW_REQUEST_HASH_OCTETS];

	gw_request_hash(pieces, ARRAY_SIZE(pieces), hash);
	gw_notice_make_id(notice->id, work->msisdn, hash, strlen(hash));
}

static struct gw_notice *make_notice(void *ctx, const char *msisdn, const char *to, uint16_t route, const char *language, const char *text)
{
	struct gw_notice *notice = gw_notice_alloc(ctx);

	osmo_strlcpy(notice->msisdn, msisdn, sizeof(notice->msisdn));
	notice->klass = GW_NOTICE_SERVICE;
	notice->priority = GW_NOTICE_URGENT;     /* the citizen waits for it, at any hour */
	notice->channels = GW_CHANNEL_SMS;
	notice->route = route;
	osmo_strlcpy(notice->language, language, sizeof(notice->language));
	gw_notice_set(notice, &notice->sender, is_number(to) ? to : "");
	gw_notice_set(notice, &notice->text[strcmp(language, "en") == 0 ? 1 : 0], text);
	return notice;
}

static void on_answered(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	struct work *work = ctx;

	(void)token;
	if (result == SESS_LEDGER_OK || result == SESS_LEDGER_THERE)
		accept(work);
	else
		refuse(work, GW_REFUSE_LATER);
}

/* The last thing that is done for a message. */
static void answer(struct work *work, const char *text)
{
	struct gw_texts *texts = work->texts;
	struct gw_notice *notice;
	int rc;

	/* An hour is a minute of the table whose clock runs sixty times slower. */
	if (!text[0] || !gw_limit_dial(&texts->answers, work->msisdn, sess_clock_wall_ms() / HOUR_MINUTES, texts->config.answers_per_hour)) {
		count(work, GW_TEXT_CTR_UNANSWERED);
		accept(work);
		return;
	}
	notice = make_notice(work, work->msisdn, work->to, work->route->id, work->language, text);
	make_id(work, text, notice);
	rc = gw_notices_accept(texts->config.notices, notice, on_answered, work, 0);
	if (rc == 0)
		return;
	if (rc == -EINVAL) { /* no operator would bring it: nothing gets better by waiting */
		count(work, GW_TEXT_CTR_UNANSWERED);
		accept(work);
	} else {
		refuse(work, GW_REFUSE_LATER);
	}
}

static void say(struct work *work, enum menu_phrase phrase, const char *what, const char *code, const char *state)
{
	char text[GW_SAY_OCTETS];

	gw_say(menus(work->texts), phrase, work->language, what, code, state, text);
	answer(work, text);
}

static void answer_help(struct work *work, const struct menu_sms *sms)
{
	char text[GW_SAY_OCTETS];

	count(work, GW_TEXT_CTR_HELPS);
	menu_sms_help(sms, language_of(work), gw_say_fits, NULL, text, sizeof(text));
	answer(work, text);
}

static void answer_list(struct work *work)
{
	const struct menu_keywords *keywords = menu_set_keywords(menus(work->texts));
	char text[GW_SAY_OCTETS];

	if (menu_keywords_of(keywords, work->to, 0) &&
	    menu_sms_list(keywords, work->to, language_of(work), gw_say_fits, NULL, text, sizeof(text)) > 0)
		answer(work, text);
	else
		say(work, MENU_PHRASE_SMS_UNKNOWN, "", NULL, NULL);
}

/* ---- requests ---- */

static void on_raised(void *ctx, uint64_t token, enum sess_ledger_result result, const char *code)
{
	struct work *work = ctx;

	(void)token;
	if (result == SESS_LEDGER_OK) { /* the confirmation was part of it */
		count(work, GW_TEXT_CTR_REQUESTS);
		gw_usage_text_request(work->texts->config.usage, work->route->name, work->asked, work->language, GW_USAGE_SUCCESS);
		accept(work);
	} else if (result == SESS_LEDGER_THERE) {
		struct menu_sms sms;

		count(work, GW_TEXT_CTR_REPEATED);
		menu_sms_read(menu_set_keywords(menus(work->texts)), work->to, work->text, work->octets, &sms);
		say(work, MENU_PHRASE_SMS_RECEIVED, sms.keyword ? sms.keyword->titles[language_of(work)] : "", code, NULL);
	} else {
		refuse(work, GW_REFUSE_LATER);
	}
}

static void raise_request(struct work *work, const struct menu_sms *sms)
{
	const struct menu_keyword *keyword = sms->keyword;
	struct gw_request_new request = {
		.agency = keyword->agency, .service = keyword->service, .title_fa = keyword->titles[0], .title_en = keyword->titles[1],
		.msisdn = work->msisdn, .channel = "sms", .language = work->language, .to = is_number(work->to) ? work->to : "",
		.route = work->route->id, .n_fields = sms->n_fields,
	};
	char once[GW_REQUEST_HASH_OCTETS];
	const struct gw_piece pieces[] = { { &work->route->id, sizeof(work->route->id) }, { work->to, strlen(work->to) }, { work->text, work->octets } };
	int rc;

	_Static_assert(MENU_KEYWORD_FIELDS_MAX <= GW_REQUEST_FIELDS_MAX, "every keyword is a request");
	for (size_t i = 0; i < sms->n_fields; i++)
		request.fields[i] = (struct gw_request_field){ sms->fields[i].name, sms->fields[i].value };
	gw_request_hash(pieces, ARRAY_SIZE(pieces), once);
	request.once = once;
	request.once_octets = strlen(once);
	snprintf(work->asked, sizeof(work->asked), "%s.%s", keyword->agency, keyword->service);
	rc = gw_requests_raise(work->texts->config.requests, &request, on_raised, work, 0);
	if (rc == 0) {
		gw_usage_text_request(work->texts->config.usage, work->route->name, work->asked, work->language, GW_USAGE_BEGUN);
		return;
	}
	if (rc != -ENOENT) {
		refuse(work, GW_REFUSE_LATER);
		return;
	}
	LOGP(GW_LOG_AGENCY, LOGL_ERROR, "keyword %s: the agency \"%s\" has no account, or it is disabled\n", keyword->service, keyword->agency);
	count(work, GW_TEXT_CTR_NO_AGENCY);
	say(work, MENU_PHRASE_SMS_CLOSED, "", NULL, NULL);
}

/* ---- the state of one ---- */

static void act(struct work *work);

static void tell_state(struct work *work, const json_t *record)
{
	char state[GW_SAY_OCTETS];

	menu_set_say(menus(work->texts), (enum menu_phrase)(MENU_PHRASE_STATE_RECEIVED + (int)gw_request_state(record)), work->language, NULL, 0, state,
		     sizeof(state));
	say(work, MENU_PHRASE_SMS_STATE, gw_request_title(record, work->language), gw_request_text(record, "code"), state);
}

static void on_record(void *ctx, uint64_t token, enum sess_ledger_result result, const json_t *record)
{
	struct work *work = ctx;
	bool theirs = record && strcmp(gw_request_text(record, "msisdn"), work->msisdn) == 0; /* of others nothing is told */

	if (result != SESS_LEDGER_OK) {
		refuse(work, GW_REFUSE_LATER);
	} else if (theirs) {
		count(work, GW_TEXT_CTR_STATES);
		tell_state(work, record);
	} else if (token) { /* it may be something else */
		work->no_state = true;
		act(work);
	} else {
		count(work, GW_TEXT_CTR_STATES);
		say(work, MENU_PHRASE_SMS_NO_REQUEST, "", NULL, NULL);
	}
}

static void look_up(struct work *work, const char *code, bool else_act)
{
	char read[GW_REQUEST_CODE_OCTETS] = "";

	if (gw_request_code_read(code, read) && gw_requests_load(work->texts->config.requests, read, on_record, work, else_act) == 0)
		return;
	on_record(work, else_act, read[0] ? SESS_LEDGER_DOWN : SESS_LEDGER_OK, NULL);
}

static void on_last(void *ctx, uint64_t token, enum sess_ledger_result result, json_t *const *records, size_t n, const char *next)
{
	(void)token;
	(void)next;
	on_record(ctx, 0, result, n > 0 ? records[0] : NULL);
}

static void look_up_last(struct work *work)
{
	if (gw_requests_of_citizen(work->texts->config.requests, work->msisdn, 0, 1, on_last, work, 0) < 0)
		refuse(work, GW_REFUSE_LATER);
}

/* ---- stop and start ---- */

static void set_consent(struct work *work);

static void on_consent(void *ctx, uint64_t token, enum sess_ledger_result result)
{
	struct work *work = ctx;

	(void)token;
	if (result != SESS_LEDGER_OK) {
		refuse(work, GW_REFUSE_LATER);
	} else if (!work->second && work->texts->config.own && work->texts->config.own(work->texts->config.ctx, work->route, work->to)) {
		work->second = true;
		set_consent(work);
	} else {
		count(work, work->stopping ? GW_TEXT_CTR_STOPS : GW_TEXT_CTR_STARTS);
		say(work, work->stopping ? MENU_PHRASE_SMS_STOPPED : MENU_PHRASE_SMS_STARTED, "", NULL, NULL);
	}
}

/* First for the number as it is a notice's sender; then, if the operator's own notices come from it, for these. */
static void set_consent(struct work *work)
{
	char sender[TO_MAX];
	int rc;

	if (work->second || !menu_keyword_number(work->to, sender, sizeof(sender)))
		sender[0] = '\0';
	rc = work->texts->config.set_consent(work->texts->config.consent, work->msisdn, sender, work->stopping, "sms", on_consent, work, 0);
	if (rc < 0)
		refuse(work, GW_REFUSE_LATER);
}

/* ---- what is meant ---- */

static void act(struct work *work)
{
	struct menu_sms sms;

	menu_sms_read(menu_set_keywords(menus(work->texts)), work->to, work->text, work->octets, &sms);
	if (sms.kind == MENU_SMS_REQUEST && sms.code[0] && !work->no_state) {
		look_up(work, sms.code, true);
		return;
	}
	switch (sms.kind) {
	case MENU_SMS_REQUEST:
		raise_request(work, &sms);
		break;
	case MENU_SMS_HELP:
		answer_help(work, &sms);
		break;
	case MENU_SMS_STATE:
		if (sms.code[0] || sms.rule)
			look_up(work, sms.code, false);
		else
			look_up_last(work);
		break;
	case MENU_SMS_STOP:
	case MENU_SMS_START:
		work->stopping = sms.kind == MENU_SMS_STOP;
		set_consent(work);
		break;
	case MENU_SMS_LIST:
		count(work, GW_TEXT_CTR_HELPS);
		answer_list(work);
		break;
	default:
		count(work, GW_TEXT_CTR_NOTHING);
		answer_list(work);
	}
}

/* The citizen's own choice; else that of the letters they wrote; else the menu's. */
static void on_profile(void *ctx, uint64_t token, enum sess_redis_outcome outcome, const struct sess_redis_reply *reply)
{
	struct work *work = ctx;
	const char *script = gw_say_script(work->text, work->octets);

	(void)token;
	if (outcome == SESS_REDIS_OK && reply->kind == SESS_REPLY_STRING && reply->octets < sizeof(work->language)) {
		memcpy(work->language, reply->text, reply->octets);
		work->language[reply->octets] = '\0';
	}
	if (menu_language_find(work->language) < 0)
		osmo_strlcpy(work->language, script[0] ? script : "fa", sizeof(work->language));
	if (menus(work->texts))
		act(work);
	else
		refuse(work, GW_REFUSE_LATER);
}

static void begin(struct work *work, const char *text, size_t octets)
{
	struct gw_texts *texts = work->texts;

	count(work, GW_TEXT_CTR_TEXTS);
	work->text = talloc_strndup(work, text, octets);
	work->octets = strlen(work->text);
	if (texts->config.store)
		sess_store_get_profile(texts->config.store, work->msisdn, on_profile, work, 0);
	else
		on_profile(work, 0, SESS_REDIS_LOST, NULL);
}

/* ---- what comes ---- */

static void begin_alone(struct work *work, enum smpp_alphabet alphabet, const uint8_t *data, size_t octets)
{
	size_t cap = 3 * octets + 4;
	char *text = talloc_size(work, cap);
	ssize_t n = smpp_text_decode(alphabet, data, octets, text, cap);

	if (n < 0)
		refuse(work, GW_REFUSE_TEXT);
	else
		begin(work, text, (size_t)n);
}

static void on_joined(void *ctx, uint64_t token, enum gw_joined joined, const char *text, size_t octets)
{
	struct work *work = ctx;

	(void)token;
	switch (joined) {
	case GW_JOINED_WHOLE:
		begin(work, text, octets);
		break;
	case GW_JOINED_ALONE:
		begin(work, work->text, work->octets);
		break;
	case GW_JOINED_KEPT:
		accept(work);
		break;
	default:
		refuse(work, GW_REFUSE_LATER);
	}
}

/* Its own words, should it turn out that it cannot be joined. */
static void take_part(struct work *work, const struct gw_text *text)
{
	const struct smpp_join_part *part = text->part;
	size_t cap = 3 * part->octets + 4;
	char *own = talloc_zero_size(work, cap + 1);
	ssize_t n = smpp_text_decode(part->alphabet, part->data, part->octets, own, cap);
	int rc;

	if (n < 0) {
		refuse(work, GW_REFUSE_TEXT);
		return;
	}
	work->text = own;
	work->octets = (size_t)n;
	rc = gw_long_sms_take(work->texts->long_sms, text, on_joined, work, 0);
	if (rc == -EINVAL)
		begin(work, own, (size_t)n);
	else if (rc < 0)
		refuse(work, GW_REFUSE_LATER);
}

/* Too often: one answer, then none. What is too much is not refused: the network would bring it again. */
static void tell_too_often(struct work *work, bool first)
{
	count(work, GW_TEXT_CTR_TOO_OFTEN);
	osmo_strlcpy(work->language, "fa", sizeof(work->language));
	work->text = talloc_strdup(work, "");
	if (first && menus(work->texts))
		say(work, MENU_PHRASE_SMS_TOO_OFTEN, "", NULL, NULL);
	else
		accept(work);
}

static void take(struct work *work, const struct gw_text *text)
{
	struct gw_texts *texts = work->texts;
	const struct smpp_join_part *part = text->part;
	bool first = part->total <= 1 || part->number == 1; /* of a long one only that is counted */
	unsigned int most = texts->config.texts_per_minute, n = first ? gw_limit_count(&texts->texts, work->msisdn, sess_clock_wall_ms()) : 0;

	if (most > 0 && n > most)
		tell_too_often(work, n == most + 1);
	else if (part->total > 1)
		take_part(work, text);
	else
		begin_alone(work, part->alphabet, part->data, part->octets);
}

/* Somebody here reads what is written to this number: keywords, or at least our own words to where notices come from. */
static bool is_heard(const struct gw_texts *texts, const struct gw_text *text)
{
	const struct menu_set *set = menus(texts);
	struct menu_sms sms;
	char own[512];
	ssize_t n;

	if (!text->msisdn[0] || text->part->alphabet == SMPP_ALPHABET_OCTETS || strlen(text->to) >= TO_MAX)
		return false;
	if (!set || menu_keywords_of(menu_set_keywords(set), text->to, 0))
		return true;
	if (text->part->total > 1 || text->part->octets > sizeof(own) / 3 - 4)
		return false;
	n = smpp_text_decode(text->part->alphabet, text->part->data, text->part->octets, own, sizeof(own));
	menu_sms_read(menu_set_keywords(set), text->to, own, n > 0 ? (size_t)n : 0, &sms);
	return sms.kind != MENU_SMS_NOTHING && sms.kind != MENU_SMS_LIST;
}

static struct work *work_alloc(struct gw_texts *texts, const struct gw_text *text)
{
	struct work *work = talloc_zero(texts, struct work);

	work->texts = texts;
	work->route = text->route;
	work->ticket = text->ticket;
	osmo_strlcpy(work->msisdn, text->msisdn, sizeof(work->msisdn));
	osmo_strlcpy(work->to, text->to, sizeof(work->to));
	texts->in_work++;
	return work;
}

void gw_texts_on_text(struct gw_texts *texts, const struct gw_text *text)
{
	struct work *work = work_alloc(texts, text);

	if (texts->closing || texts->in_work > texts->config.in_work)
		refuse(work, GW_REFUSE_LATER);
	else if (!is_heard(texts, text))
		refuse(work, GW_REFUSE_TEXT);
	else
		take(work, text);
}

/* ---- long ones that stayed incomplete ---- */

static void on_lost(void *ctx, struct sess_ledger_commit *commit, const struct gw_long_sms_lost *lost)
{
	struct gw_texts *texts = ctx;
	const char *script = gw_say_script(lost->text, lost->octets), *language = script[0] ? script : "fa";
	const struct menu_set *set = menus(texts);
	char text[GW_SAY_OCTETS];

	if (!set || gw_say(set, MENU_PHRASE_SMS_PART_MISSING, language, "", NULL, NULL, text) == 0 ||
	    !gw_limit_dial(&texts->answers, lost->msisdn, sess_clock_wall_ms() / HOUR_MINUTES, texts->config.answers_per_hour))
		return;
	gw_notices_add(texts->config.notices, commit, make_notice(commit, lost->msisdn, lost->to, lost->route, language, text));
}

void gw_texts_tick(struct gw_texts *texts)
{
	if (!texts->closing)
		gw_long_sms_tick(texts->long_sms);
}

/* ---- life ---- */

struct gw_texts *gw_texts_alloc(void *ctx, const struct gw_texts_config *config)
{
	struct gw_texts *texts = talloc_zero(ctx, struct gw_texts);

	texts->config = *config;
	texts->long_sms = gw_long_sms_alloc(texts, &(struct gw_long_sms_config){ .ledger = config->ledger, .join_ms = config->join_ms,
		.lost = on_lost, .ctx = texts });
	return texts;
}

bool gw_texts_close(struct gw_texts *texts)
{
	texts->closing = true;
	return texts->in_work == 0;
}

unsigned int gw_texts_in_work(const struct gw_texts *texts)
{
	return texts->in_work;
}
