/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A message in tokens: words and numbers, with what stands between them. Spaces, marks and line ends separate, and so does the
 * place where a letter meets a digit ("لغو۱۱", "bill7748317800142"), but weakly: a plate stays whole.
 *
 * '/', '-' and '.' separate nothing between two digits, where they belong to a date or a grouped number, and weakly elsewhere. A
 * value is later read from the text between its first and its last token, so that what was a separator here may still be part of
 * it ("120,000"). */
#include <string.h>

#include "menus/keyword_priv.h"
#include "menus/unicode.h"
#include "menus/utf8.h"

/* Letters that are written in several ways: with or without hamza and madda, round te or he. */
static const struct { const char *from, *to; } variants[] = {
	{ "آ", "ا" }, { "أ", "ا" }, { "إ", "ا" }, { "ٱ", "ا" }, { "ؤ", "و" }, { "ئ", "ی" }, { "ة", "ه" }, { "ۀ", "ه" }, { "ء", "" },
};
/* Marks, the weaker than a star within words: dropped when words are compared. */
static const char dropped[] = " -_.'\"";

static size_t fold_variant(const char *text, size_t n, char *out)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (strlen(variants[i].from) == n && memcmp(text, variants[i].from, n) == 0) {
			memcpy(out, variants[i].to, strlen(variants[i].to));
			return strlen(variants[i].to);
		}
	memcpy(out, text, n);
	return n;
}

static ssize_t fold_word(const char *word, size_t octets, char *out, size_t cap)
{
	ssize_t n = menu_unicode_key(word, octets, out, cap);
	size_t to = 0;

	/* In place: no variant is longer than its letter. */
	for (size_t at = 0, one; n > 0 && at < (size_t)n; at += one) {
		char letter[4];

		one = menu_utf8_char(out + at, (size_t)n - at);
		if (one == 0)
			return -1;
		if (one == 1 && strchr(dropped, out[at]))
			continue;
		memcpy(letter, out + at, one);
		to += fold_variant(letter, one, out + to);
	}
	if (n < 0)
		return n;
	out[to] = '\0';
	return (ssize_t)to;
}

ssize_t menu_keyword_fold(const char *word, char *out, size_t cap)
{
	return fold_word(word, strlen(word), out, cap);
}

/* Octets of the mark or space at text, 0: part of a token. */
static size_t separator(const char *text, size_t octets, enum menu_sms_gap *gap)
{
	static const struct { const char *mark; enum menu_sms_gap gap; } wide[] = {
		{ "،", MENU_GAP_MARK },  { "؛", MENU_GAP_MARK },  { "٬", MENU_GAP_MARK },  { "×", MENU_GAP_MARK },  { "•", MENU_GAP_MARK },
		{ "«", MENU_GAP_SPACE }, { "»", MENU_GAP_SPACE }, { "“", MENU_GAP_SPACE }, { "”", MENU_GAP_SPACE }, { "‹", MENU_GAP_SPACE },
		{ "›", MENU_GAP_SPACE }, { "…", MENU_GAP_SPACE }, { "؟", MENU_GAP_SPACE },
	};

	*gap = strchr("*#,;|&+\\", *text) ? MENU_GAP_MARK : MENU_GAP_SPACE;
	if (*gap == MENU_GAP_MARK || strchr(" ()[]{}<>\"':=?!", *text))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strlen(wide[i].mark) <= octets && memcmp(text, wide[i].mark, strlen(wide[i].mark)) == 0) {
			*gap = wide[i].gap;
			return strlen(wide[i].mark);
		}
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A letter of any script: what glues to a digit. Marks such as '/' and '-' go with either. */
static bool is_letter(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_inner(char c)
{
	return c == '/' || c == '-' || c == '.' || c == '_';
}

/* What begins at `from` ends before a separator, where a letter and a digit meet, and at a mark that is not between digits. */
static size_t token_end(const char *text, size_t from, size_t octets)
{
	enum menu_sms_gap gap;
	size_t at = from;

	while (at < octets && separator(text + at, octets - at, &gap) == 0) {
		if (at > from && ((is_digit(text[at - 1]) && is_letter(text[at])) || (is_letter(text[at - 1]) && is_digit(text[at]))))
			break;
		if (is_inner(text[at]) && !(at > from && is_digit(text[at - 1]) && at + 1 < octets && is_digit(text[at + 1])))
			break;
		at += menu_utf8_char(text + at, octets - at);
	}
	return at;
}

bool menu_sms_split(struct menu_sms_tokens *tokens, const char *text, size_t octets)
{
	enum menu_sms_gap gap, wide = MENU_GAP_MARK;
	ssize_t folded = octets <= MENU_KEYWORD_TEXT_OCTETS ? menu_unicode_fold(text, octets, tokens->text, sizeof(tokens->text)) : -1;
	size_t at = 0, n = folded > 0 ? (size_t)folded : 0, mark;

	tokens->n = 0;
	while (at < n) {
		mark = separator(tokens->text + at, n - at, &gap);
		if (mark || is_inner(tokens->text[at])) {
			at += mark ? mark : 1;
			wide = mark && gap > wide ? gap : wide;
			continue;
		}
		if (tokens->n < MENU_SMS_TOKENS_MAX) /* the last of all takes the rest */
			tokens->at[tokens->n++] = (struct menu_sms_token){ .from = (uint16_t)at, .gap = wide, .digits = is_digit(tokens->text[at]) };
		at = token_end(tokens->text, at, n);
		tokens->at[tokens->n - 1].to = (uint16_t)at;
		wide = MENU_GAP_GLUED;
	}
	return tokens->n > 0;
}

static const char *key_of(struct menu_sms_tokens *tokens, size_t index)
{
	struct menu_sms_token *token = &tokens->at[index];

	if (!token->keyed && fold_word(tokens->text + token->from, (size_t)(token->to - token->from), token->key, sizeof(token->key)) < 0)
		token->key[0] = '\0';
	token->keyed = true;
	return token->key;
}

/* Parts of one word may stand apart ("کد ملی" for "کدملی"); numbers may not ("1 1" is not 11), and marks keep apart. */
static bool joins(const struct menu_sms_tokens *tokens, size_t left)
{
	const struct menu_sms_token *a = &tokens->at[left], *b = &tokens->at[left + 1];

	return b->gap != MENU_GAP_MARK && (b->gap == MENU_GAP_GLUED || !a->digits || !b->digits);
}

size_t menu_sms_word_at(struct menu_sms_tokens *tokens, size_t from, size_t to, bool backward, const char *word)
{
	size_t left = strlen(word), n = 0;

	while (left > 0 && n < to - from) {
		size_t index = backward ? to - 1 - n : from + n, octets;
		const char *key = key_of(tokens, index);

		octets = strlen(key);
		if (octets == 0 || octets > left || (n > 0 && !joins(tokens, backward ? index : index - 1)))
			return 0;
		if (memcmp(backward ? word + left - octets : word + strlen(word) - left, key, octets) != 0)
			return 0;
		left -= octets;
		n++;
	}
	if (left > 0 || n == 0)
		return 0;
	/* "12" is no word of the plate "12ب145-47". */
	if (!backward && tokens->at[from].digits && from + n < to && tokens->at[from + n].gap == MENU_GAP_GLUED)
		return 0;
	return backward && tokens->at[to - n].digits && to - n > from && tokens->at[to - n].gap == MENU_GAP_GLUED ? 0 : n;
}
