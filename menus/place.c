/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The place of a dialog: its values, and its form in octets (place.h draws it). */
#include "menus/place.h"

#include <errno.h>
#include <string.h>

#include "menus/proof.h"

#define FORM 1
#define LADDER 64u                    /* of octet 5: what was proved is there */
#define LADDER_HEAD 6                 /* octets of it outside of a proof */
#define VALUE_HEAD_MAX 7              /* variable 3, row 1, octets 3 */

struct menu_place *menu_place_of(struct menu_run *run)
{
	return (struct menu_place *)(void *)run->opaque;
}

const struct menu_place *menu_place_of_const(const struct menu_run *run)
{
	return (const struct menu_place *)(const void *)run->opaque;
}

const struct menu_screen *menu_place_screen(const struct menu_place *place)
{
	return &place->set->screens[place->screen];
}

const struct menu_service *menu_place_service(const struct menu_place *place)
{
	return &place->set->services[menu_place_screen(place)->service];
}

/* Varints of at most 16 bits: 7 bits an octet, the lower ones first. */
static size_t put_varint(uint8_t *out, unsigned int value)
{
	size_t n = 0;
	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

/* Octets taken, 0: none there, cut off or too large. */
static size_t get_varint(const uint8_t *in, size_t octets, unsigned int *value)
{
	size_t n;
	*value = 0;
	for (n = 0; n < octets && n < 3; n++) {
		*value |= (unsigned int)(in[n] & 0x7f) << (7 * n);
		if (!(in[n] & 0x80))
			return *value <= UINT16_MAX ? n + 1 : 0;
	}
	return 0;
}

/* Values: a walk over what is encoded. */
struct value { uint16_t var; unsigned int row; const char *text; size_t octets, whole; };

/* Reads the value at `in`; false at the end or where it is broken. */
static bool value_read(const struct menu_service *service, const uint8_t *in, size_t octets, struct value *v)
{
	unsigned int var, length;
	size_t at = get_varint(in, octets, &var), n;
	if (at == 0 || var >= service->n_vars)
		return false;
	v->var = (uint16_t)var;
	v->row = 0;
	if (service->vars[var].kind == MENU_VAR_COLUMN) {
		if (at == octets)
			return false;
		v->row = in[at++];
	}
	n = get_varint(in + at, octets - at, &length);
	at += n;
	if (n == 0 || octets - at <= length || in[at + length] != 0)
		return false;
	v->text = (const char *)in + at;
	v->octets = length;
	v->whole = at + length + 1;
	return true;
}

static bool value_find(const struct menu_place *place, uint16_t var, unsigned int row, size_t *at, struct value *v)
{
	const struct menu_service *service = menu_place_service(place);
	*at = 0;
	while (*at < place->used && value_read(service, place->values + *at, place->used - *at, v)) {
		if (v->var == var && v->row == row)
			return true;
		*at += v->whole;
	}
	return false;
}

const char *menu_place_value(const struct menu_place *place, uint16_t var, unsigned int row)
{
	struct value v;
	size_t at;
	return value_find(place, var, row, &at, &v) ? v.text : NULL;
}

/* A secret must not stay behind in the octets that are no longer used. */
static void cut_out(struct menu_place *place, size_t at, size_t octets)
{
	memmove(place->values + at, place->values + at + octets, place->used - at - octets);
	place->used = (uint16_t)(place->used - octets);
	memset(place->values + place->used, 0, octets);
}

void menu_place_drop(struct menu_place *place, uint16_t var, unsigned int row)
{
	struct value v;
	size_t at;
	if (value_find(place, var, row, &at, &v))
		cut_out(place, at, v.whole);
}

bool menu_place_set(struct menu_place *place, uint16_t var, unsigned int row, const char *text, size_t octets)
{
	uint8_t *out;
	menu_place_drop(place, var, row);
	if (octets > MENU_PLACE_VALUE_OCTETS || octets + VALUE_HEAD_MAX + 1 > sizeof(place->values) - place->used)
		return false;
	out = place->values + place->used;
	out += put_varint(out, var);
	if (menu_place_service(place)->vars[var].kind == MENU_VAR_COLUMN)
		*out++ = (uint8_t)row;
	out += put_varint(out, (unsigned int)octets);
	memcpy(out, text, octets);
	out[octets] = 0;
	place->used = (uint16_t)(out + octets + 1 - place->values);
	return true;
}

void menu_place_drop_if(struct menu_place *place, bool (*drop)(const struct menu_place *place, uint16_t var, const void *arg), const void *arg)
{
	const struct menu_service *service = menu_place_service(place);
	struct value v;
	size_t at = 0;
	while (at < place->used && value_read(service, place->values + at, place->used - at, &v)) {
		if (drop(place, v.var, arg))
			cut_out(place, at, v.whole);
		else
			at += v.whole;
	}
}

unsigned int menu_place_rows(const struct menu_place *place, const struct menu_column *columns, size_t n)
{
	const struct menu_service *service = menu_place_service(place);
	unsigned int rows = 0;
	struct value v;
	size_t at, i;
	for (at = 0; at < place->used && value_read(service, place->values + at, place->used - at, &v); at += v.whole)
		for (i = 0; i < n; i++)
			if (columns[i].column == v.var && v.row >= rows)
				rows = v.row + 1;
	return rows;
}

void menu_run_init(struct menu_run *run, const struct menu_set *set)
{
	struct menu_place *place = menu_place_of(run);
	memset(place, 0, offsetof(struct menu_place, values));
	place->set = set;
	place->screen = set->root;
	place->language = set->languages[0];
}

/* --- what was proved --- */

static bool has_ladder(const struct menu_place *p)
{
	return p->state == MENU_ST_PROOF || p->ladder.level || p->ladder.held || p->ladder.resumed;
}

static size_t put_ladder(const struct menu_place *p, uint8_t *out)
{
	const struct menu_ladder *l = &p->ladder;
	size_t i, n = 0;
	out[n++] = (uint8_t)(l->level | (unsigned int)l->under << 2 | (unsigned int)l->held << 4 | (l->business ? 64u : 0u) | (l->held_business ? 128u : 0u));
	out[n++] = l->resumed;
	for (i = 0; i < 4; i++)
		out[n++] = (uint8_t)(l->at >> (8 * i));
	if (p->state != MENU_ST_PROOF)
		return n;
	out[n++] = (uint8_t)l->turn;
	out[n++] = l->row;
	out[n++] = l->hint;
	out[n++] = l->left;
	out[n++] = l->rounds;
	return n;
}

/* A proof stands before a screen that wants one, at a row that exists. */
static bool proof_suits(const struct menu_place *p)
{
	const struct menu_ladder *l = &p->ladder;
	return p->state != MENU_ST_PROOF ||
	       (menu_proof_row_exists(l->turn, l->row) && l->hint < MENU_PROOF_HINTS && (menu_place_screen(p)->requires || (l->resumed && l->held)));
}

/* Octets taken, 0: bad. */
static size_t get_ladder(struct menu_place *p, const uint8_t *in, size_t octets)
{
	const size_t n = p->state == MENU_ST_PROOF ? LADDER_HEAD + 5 : LADDER_HEAD;
	struct menu_ladder *l = &p->ladder;
	size_t i;
	if (octets < n || in[1] > 1 || !p->set->identity)
		return 0;
	l->level = in[0] & 3;
	l->under = in[0] >> 2 & 3;
	l->held = in[0] >> 4 & 3;
	l->business = in[0] & 64;
	l->held_business = in[0] & 128;
	l->resumed = in[1];
	for (i = 0; i < 4; i++)
		l->at |= (uint32_t)in[2 + i] << (8 * i);
	if (n == LADDER_HEAD)
		return n;
	l->turn = (enum menu_proof_turn)in[6];
	l->row = in[7];
	l->hint = in[8];
	l->left = in[9];
	l->rounds = in[10];
	return proof_suits(p) ? n : 0;
}

/* --- the whole --- */

/* Octet 5: state 0..2, resuming 3, language 4..5, ladder 6. */
ssize_t menu_run_encode(const struct menu_run *run, uint8_t *bytes, size_t cap)
{
	const struct menu_place *p = menu_place_of_const(run);
	uint8_t head[MENU_PLACE_HEAD], *out = head;
	size_t i, n;

	*out++ = FORM;
	for (i = 0; i < 4; i++)
		*out++ = (uint8_t)(p->set->version >> (8 * i));
	*out++ = (uint8_t)((unsigned int)p->state | (p->resuming ? 8u : 0u) | (unsigned int)p->language << 4 | (has_ladder(p) ? LADDER : 0u));
	*out++ = p->page;
	*out++ = p->tries;
	out += put_varint(out, p->screen);
	*out++ = p->depth;
	for (i = 0; i < p->depth; i++) {
		out += put_varint(out, p->back[i].screen);
		*out++ = p->back[i].page;
	}
	if (has_ladder(p))
		out += put_ladder(p, out);
	n = (size_t)(out - head);
	if (n + p->used > cap)
		return -ENOSPC;
	memcpy(bytes, head, n);
	memcpy(bytes + n, p->values, p->used);
	return (ssize_t)(n + p->used);
}
_Static_assert(10 + 3 + MENU_BACK_MAX * 4 + LADDER_HEAD + 5 <= MENU_PLACE_HEAD, "the head of a place fits");

static bool screen_suits(const struct menu_set *set, const struct menu_place *p)
{
	enum menu_screen_kind kind = set->screens[p->screen].kind;
	switch (p->state) {
	case MENU_ST_WAIT:
		return menu_tree_waits(kind);
	case MENU_ST_CALL:
		return kind == MENU_SCREEN_CALL;
	case MENU_ST_END:
		return kind == MENU_SCREEN_END;
	default:
		return true;
	}
}

static size_t get_screen(const struct menu_set *set, const uint8_t *in, size_t octets, uint16_t *screen)
{
	unsigned int index;
	size_t n = get_varint(in, octets, &index);
	if (n == 0 || index >= set->n_screens)
		return 0;
	*screen = (uint16_t)index;
	return n;
}

/* Octets taken, 0: bad. */
static size_t get_back(struct menu_place *p, const uint8_t *in, size_t octets)
{
	size_t at = 1, i, n;
	if (octets == 0 || in[0] > MENU_BACK_MAX)
		return 0;
	p->depth = in[0];
	for (i = 0; i < p->depth; i++) {
		n = get_screen(p->set, in + at, octets - at, &p->back[i].screen);
		at += n;
		if (n == 0 || at == octets || !menu_tree_waits(p->set->screens[p->back[i].screen].kind))
			return 0;
		p->back[i].page = in[at++];
	}
	return at;
}

static bool get_head(struct menu_place *p, const uint8_t *in, size_t octets)
{
	size_t i;
	if (octets < 9 || in[0] != FORM || (in[5] >> 4 & 3) >= MENU_LANGUAGES || in[5] & 128)
		return false;
	for (i = 0; i < 4; i++)
		if (in[1 + i] != (uint8_t)(p->set->version >> (8 * i)))
			return false;
	p->state = (enum menu_state)(in[5] & 7);
	p->resuming = in[5] & 8;
	p->language = in[5] >> 4 & 3;
	p->page = in[6];
	p->tries = in[7];
	return p->state < MENU_STATES;
}

static bool get_values(struct menu_place *p, const uint8_t *in, size_t octets)
{
	const struct menu_service *service = menu_place_service(p);
	struct value v;
	size_t at;
	if (octets > sizeof(p->values))
		return false;
	for (at = 0; at < octets; at += v.whole)
		if (!value_read(service, in + at, octets - at, &v) || v.row >= MENU_OPERATION_ROWS_MAX || v.octets > MENU_PLACE_VALUE_OCTETS ||
		    memchr(v.text, 0, v.octets))
			return false;
	memcpy(p->values, in, octets);
	p->used = (uint16_t)octets;
	return true;
}

int menu_run_decode(struct menu_run *run, const struct menu_set *set, const uint8_t *bytes, size_t octets)
{
	struct menu_place *p = menu_place_of(run);
	size_t at = 8, n;

	menu_run_init(run, set);
	if (!get_head(p, bytes, octets))
		return -EBADMSG;
	n = get_screen(set, bytes + at, octets - at, &p->screen);
	at += n;
	if (n == 0 || !screen_suits(set, p))
		return -EBADMSG;
	n = get_back(p, bytes + at, octets - at);
	at += n;
	if (n && bytes[5] & LADDER) {
		n = get_ladder(p, bytes + at, octets - at);
		at += n;
	} else if (p->state == MENU_ST_PROOF) {
		n = 0;
	}
	return n && get_values(p, bytes + at, octets - at) ? 0 : -EBADMSG;
}

bool menu_run_secret(const struct menu_run *run)
{
	const struct menu_place *p = menu_place_of_const(run);
	const struct menu_service *service = menu_place_service(p);
	struct value v;
	size_t at;
	for (at = 0; at < p->used && value_read(service, p->values + at, p->used - at, &v); at += v.whole)
		if (service->vars[v.var].secret || service->vars[v.var].private)
			return true;
	return false;
}

void menu_run_at(const struct menu_run *run, const char **service, const char **screen)
{
	const struct menu_place *p = menu_place_of_const(run);
	bool stands = p->state != MENU_ST_START;

	*service = stands ? menu_place_service(p)->name : "";
	*screen = stands ? menu_place_screen(p)->name : "";
}

const char *menu_run_value(const struct menu_run *run, const char *name)
{
	const struct menu_place *p = menu_place_of_const(run);
	const struct menu_service *service = menu_place_service(p);
	const struct menu_operand *operand = p->state == MENU_ST_CALL ? menu_tree_operand(menu_place_screen(p), name) : NULL;
	uint16_t var = operand ? operand->var : menu_tree_var(service, name);

	if (p->state == MENU_ST_PROOF && menu_proof_is_input(name))
		return menu_proof_input(p, name);
	if (operand && operand->literal)
		return operand->literal;
	if (var == MENU_NONE)
		return NULL;
	switch (service->vars[var].kind) {
	case MENU_VAR_MSISDN:
		return p->msisdn;
	case MENU_VAR_NOW:
		return p->now;
	case MENU_VAR_LANGUAGE:
		return menu_languages[p->language].code;
	case MENU_VAR_LEVEL:
		return menu_proof_digit(p->ladder.level);
	default:
		return menu_place_value(p, var, 0);
	}
}
