/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* From a message to what is meant. See keyword.h; keywords.md tells it to those who write keywords.
 *
 * The order of the readings is the order of their certainty: a whole message that is a word of ours ("STOP"); help or a state that
 * is asked for; a keyword in front, then one at the end (a Persian line shows `1*ID#` as `#ID*1`); a value alone, if exactly one
 * keyword of the number takes it; a tracking code; and last, a keyword whose fields are wrong, which is answered with its help. */
#include "menus/keyword.h"

#include <string.h>

#include "menus/keyword_priv.h"
#include "menus/unicode.h"

/* ---- numbers and words ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool menu_keyword_number(const char *number, char *out, size_t cap)
{
	size_t n = 0;

	for (; *number; number++)
		if (is_digit(*number)) {
			if (n + 1 >= cap)
				return false;
			out[n++] = *number;
		}
	out[n] = '\0';
	number = out;
	if (n >= 4 && memcmp(number, "0098", 4) == 0)
		number += 4;
	else if (n > 6 && memcmp(number, "98", 2) == 0) /* a short number may begin with 98 */
		number += 2;
	else
		number += strspn(number, "0");
	memmove(out, number, strlen(number) + 1);
	return out[0] != '\0';
}

static bool valid_for(const struct menu_keyword *keyword, const char *to)
{
	char number[32], other[32];

	if (keyword->n_numbers == 0)
		return true;
	if (!menu_keyword_number(to, number, sizeof(number)))
		return false;
	for (size_t i = 0; i < keyword->n_numbers; i++)
		if (menu_keyword_number(keyword->numbers[i], other, sizeof(other)) && strcmp(number, other) == 0)
			return true;
	return false;
}

const struct menu_keyword *menu_keywords_of(const struct menu_keywords *keywords, const char *to, size_t index)
{
	for (size_t i = 0; i < keywords->n; i++)
		if (!keywords->at[i].parent && valid_for(&keywords->at[i], to) && index-- == 0)
			return &keywords->at[i];
	return NULL;
}

const struct menu_keyword *menu_keywords_find(const struct menu_keywords *keywords, const char *agency, const char *service)
{
	for (size_t i = 0; keywords && agency && service && i < keywords->n; i++)
		if (!keywords->at[i].group && strcmp(keywords->at[i].agency, agency) == 0 && strcmp(keywords->at[i].service, service) == 0)
			return &keywords->at[i];
	return NULL;
}

const char *menu_sms_kind_name(enum menu_sms_kind kind)
{
	static const char *const names[MENU_SMS_KINDS] = {
		[MENU_SMS_NOTHING] = "nothing", [MENU_SMS_REQUEST] = "request", [MENU_SMS_HELP] = "help", [MENU_SMS_STATE] = "state",
		[MENU_SMS_STOP] = "stop",       [MENU_SMS_START] = "start",     [MENU_SMS_LIST] = "list",
	};

	return names[kind];
}

/* Folded. CRA obliges senders to end with "لغو 11": 11 stops, 12 joins again. The English ones are those of the carriers. */
static const struct menu_sms_word words[] = {
	{ "11", MENU_SMS_STOP },          { "لغو", MENU_SMS_STOP },     { "لغو11", MENU_SMS_STOP },      { "laghv", MENU_SMS_STOP },
	{ "laghv11", MENU_SMS_STOP },     { "لغوعضویت", MENU_SMS_STOP }, { "stop", MENU_SMS_STOP },      { "stopall", MENU_SMS_STOP },
	{ "unsubscribe", MENU_SMS_STOP }, { "cancel", MENU_SMS_STOP },  { "quit", MENU_SMS_STOP },       { "end", MENU_SMS_STOP },
	{ "off", MENU_SMS_STOP },         { "optout", MENU_SMS_STOP },
	{ "12", MENU_SMS_START },         { "وصل", MENU_SMS_START },    { "عضویت", MENU_SMS_START },     { "start", MENU_SMS_START },
	{ "unstop", MENU_SMS_START },     { "subscribe", MENU_SMS_START }, { "optin", MENU_SMS_START },
	{ "0", MENU_SMS_LIST },           { "راهنما", MENU_SMS_LIST },  { "راهنمای", MENU_SMS_LIST }, /* and a question mark alone */
	{ "راهنمایی", MENU_SMS_LIST },    { "کمک", MENU_SMS_LIST },     { "خدمات", MENU_SMS_LIST },      { "فهرست", MENU_SMS_LIST },
	{ "منو", MENU_SMS_LIST },         { "help", MENU_SMS_LIST },    { "info", MENU_SMS_LIST },       { "list", MENU_SMS_LIST },
	{ "menu", MENU_SMS_LIST },
	{ "پیگیری", MENU_SMS_STATE },     { "کدپیگیری", MENU_SMS_STATE }, { "وضعیت", MENU_SMS_STATE },   { "state", MENU_SMS_STATE },
	{ "status", MENU_SMS_STATE },     { "track", MENU_SMS_STATE },
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

const struct menu_sms_word *menu_sms_word(size_t index)
{
	return index < N_WORDS ? &words[index] : NULL;
}

/* Those that may stand before or behind something. A menu's digits may not: "0 7748..." is no help. */
static bool goes_before(const struct menu_sms_word *word)
{
	return (word->kind == MENU_SMS_STATE || word->kind == MENU_SMS_LIST) && !is_digit(word->word[0]);
}

enum menu_sms_kind menu_sms_word_before(const char *folded)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (goes_before(&words[i]) && strcmp(words[i].word, folded) == 0)
			return words[i].kind;
	return MENU_SMS_NOTHING;
}

/* ---- the readings ---- */

struct reading {
	const struct menu_keywords *keywords;
	const char *to;
	struct menu_sms_tokens tokens;
	struct menu_sms *sms;
	struct menu_sms wrong;           /* the first keyword that was named with fields that are wrong */
	bool is_wrong;
};

/* The whole message, without marks around it, is one of the words. "1 1" is not 11, so digits are compared as they stand. */
static bool read_word(struct reading *r)
{
	struct menu_sms_tokens *tokens = &r->tokens;

	for (size_t i = 0; i < N_WORDS; i++)
		if (menu_sms_word_at(tokens, 0, tokens->n, false, words[i].word) == tokens->n) {
			r->sms->kind = words[i].kind;
			return true;
		}
	return false;
}

static size_t keyword_at(struct menu_sms_tokens *tokens, size_t from, size_t to, bool backward, const struct menu_keyword *keyword)
{
	size_t longest = 0;

	for (size_t i = 0; i < keyword->n_words; i++) {
		size_t n = menu_sms_word_at(tokens, from, to, backward, keyword->words[i]);

		longest = n > longest ? n : longest;
	}
	return longest;
}

/* The keyword below `parent` (NULL: of the number) with the longest word at this end of from..to - 1; *n: its tokens. */
static const struct menu_keyword *find(struct reading *r, const struct menu_keyword *parent, size_t from, size_t to, bool backward, size_t *n)
{
	const struct menu_keyword *found = NULL;

	*n = 0;
	for (size_t i = 0; i < r->keywords->n; i++) {
		const struct menu_keyword *keyword = &r->keywords->at[i];
		size_t tokens;

		if (keyword->parent != parent || (!parent && !valid_for(keyword, r->to)))
			continue;
		tokens = keyword_at(&r->tokens, from, to, backward, keyword);
		if (tokens > *n) {
			*n = tokens;
			found = keyword;
		}
	}
	return found;
}

static bool fill(struct reading *r, const struct menu_keyword *keyword, size_t from, size_t to)
{
	struct menu_sms *sms = r->sms;

	if (keyword->group) /* nothing but its own word */
		*sms = (struct menu_sms){ .kind = MENU_SMS_HELP, .keyword = keyword };
	else
		menu_sms_fill(keyword, &r->tokens, from, to, sms);
	if (sms->kind == MENU_SMS_REQUEST)
		return true;
	if (!r->is_wrong)
		r->wrong = *sms;
	r->is_wrong = true;
	return false;
}

/* A keyword at one end, a sub-keyword next to it, the fields in what is left. */
static bool read_keyword(struct reading *r, bool backward)
{
	size_t from = 0, to = r->tokens.n, n, n_sub;
	const struct menu_keyword *keyword = find(r, NULL, from, to, backward, &n), *sub;

	if (!keyword)
		return false;
	if (backward)
		to -= n;
	else
		from += n;
	sub = find(r, keyword, from, to, backward, &n_sub);
	if (sub && fill(r, sub, backward ? from : from + n_sub, backward ? to - n_sub : to))
		return true;
	return fill(r, keyword, from, to);
}

/* A value alone. Two keywords that both take it: nobody can say which was meant. */
static bool read_bare(struct reading *r)
{
	struct menu_sms found = { 0 };
	size_t n = 0, wrong = 0;

	for (size_t i = 0; i < r->keywords->n; i++) {
		const struct menu_keyword *keyword = &r->keywords->at[i];

		if (!keyword->bare || !valid_for(keyword->parent ? keyword->parent : keyword, r->to))
			continue;
		menu_sms_fill(keyword, &r->tokens, 0, r->tokens.n, r->sms);
		if (r->sms->kind == MENU_SMS_REQUEST) {
			n++;
			found = *r->sms;
		} else if (r->tokens.at[0].digits && !r->is_wrong && wrong++ == 0) {
			r->wrong = *r->sms;
		}
	}
	r->is_wrong = r->is_wrong || (n == 0 && wrong == 1);
	*r->sms = n == 1 ? found : (struct menu_sms){ 0 };
	return n == 1;
}

/* The code in the tokens, if they are nothing else. */
static bool read_code(const struct reading *r, size_t from, size_t to, char *code)
{
	const struct menu_sms_token *tokens = r->tokens.at;

	return from < to && menu_code_read(r->tokens.text + tokens[from].from, (size_t)(tokens[to - 1].to - tokens[from].from), code);
}

/* The word at one end of the message, and where the rest is. */
static enum menu_sms_kind word_beside(struct reading *r, bool backward, size_t *from, size_t *to)
{
	for (size_t i = 0; i < N_WORDS; i++) {
		size_t n = goes_before(&words[i]) ? menu_sms_word_at(&r->tokens, 0, r->tokens.n, backward, words[i].word) : 0;

		if (n == 0 || n == r->tokens.n)
			continue;
		*from = backward ? 0 : n;
		*to = backward ? r->tokens.n - n : r->tokens.n;
		return words[i].kind;
	}
	return MENU_SMS_NOTHING;
}

/* "پیگیری 123456782", "help bill", "قبض راهنما". */
static bool read_asked(struct reading *r, bool backward)
{
	size_t from, to, n, n_sub = 0;
	enum menu_sms_kind kind = word_beside(r, backward, &from, &to);
	const struct menu_keyword *keyword, *sub;

	if (kind == MENU_SMS_STATE) {
		if (!read_code(r, from, to, r->sms->code)) {
			r->sms->code[0] = '\0';
			r->sms->rule = r->tokens.at[from].digits && to - from <= 4 ? "code" : NULL;
		}
		r->sms->kind = r->sms->code[0] || r->sms->rule ? MENU_SMS_STATE : MENU_SMS_NOTHING;
		return r->sms->kind == MENU_SMS_STATE;
	}
	keyword = kind == MENU_SMS_LIST ? find(r, NULL, from, to, false, &n) : NULL;
	sub = keyword ? find(r, keyword, from + n, to, false, &n_sub) : NULL;
	if (!keyword || from + n + n_sub != to)
		return false;
	r->sms->kind = MENU_SMS_HELP;
	r->sms->keyword = sub ? sub : keyword;
	return true;
}

static const struct menu_keyword *only_keyword(const struct reading *r)
{
	return menu_keywords_of(r->keywords, r->to, 1) ? NULL : menu_keywords_of(r->keywords, r->to, 0);
}

static void read_all(struct reading *r)
{
	struct menu_sms *sms = r->sms;
	char code[MENU_CODE_DIGITS + 1] = "";

	if (read_word(r) || read_asked(r, false) || read_asked(r, true))
		return;
	read_code(r, 0, r->tokens.n, code);
	if (read_keyword(r, false) || read_keyword(r, true) || read_bare(r)) {
		memcpy(sms->code, code, sizeof(code));
		return;
	}
	*sms = (struct menu_sms){ 0 };
	if (code[0]) {
		sms->kind = MENU_SMS_STATE;
		memcpy(sms->code, code, sizeof(code));
	} else if (r->is_wrong) {
		*sms = r->wrong;
	} else if ((sms->keyword = only_keyword(r))) {
		sms->kind = MENU_SMS_HELP;
	}
}

void menu_sms_read(const struct menu_keywords *keywords, const char *to, const char *text, size_t octets, struct menu_sms *sms)
{
	struct reading r = { .keywords = keywords, .to = to, .sms = sms };

	*sms = (struct menu_sms){ 0 };
	if (menu_sms_split(&r.tokens, text, octets))
		read_all(&r);
	else if (octets <= MENU_KEYWORD_WORD_OCTETS && (memchr(text, '?', octets) || memmem(text, octets, "؟", strlen("؟"))))
		sms->kind = MENU_SMS_LIST; /* nothing but a question mark */
}
