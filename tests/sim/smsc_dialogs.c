/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_load.h. Every table is allocated at the start; a step costs one look-up, one comparison and one copy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/status.h"
#include "tests/sim/smsc_load.h"

const char *const smsc_load_error_names[SMSC_LOAD_ERRORS] = {
	[SMSC_LOAD_TIMEOUT] = "timeout", [SMSC_LOAD_REFUSED] = "refused", [SMSC_LOAD_THROTTLED] = "throttled",
	[SMSC_LOAD_WRONG_OP] = "wrong_op", [SMSC_LOAD_WRONG_SESSION] = "wrong_session", [SMSC_LOAD_WRONG_TEXT] = "wrong_text",
	[SMSC_LOAD_NOT_ENDED] = "not_ended", [SMSC_LOAD_ENDED_EARLY] = "ended_early", [SMSC_LOAD_UNEXPECTED] = "unexpected",
	[SMSC_LOAD_LINK_LOST] = "link_lost", [SMSC_LOAD_OVERRUN] = "overrun", [SMSC_LOAD_UNFINISHED] = "unfinished",
	[SMSC_LOAD_UNACKNOWLEDGED] = "unacknowledged",
};

int smsc_load_init(struct smsc_load *load, char *const *inputs, unsigned int n_inputs)
{
	load->steps = n_inputs;
	load->slot_of = calloc(load->numbers, sizeof(*load->slot_of));
	if (!load->slot_of || !n_inputs || n_inputs > SMSC_LOAD_STEPS)
		return -1;
	for (uint32_t i = 0; i < SMSC_LOAD_SLOTS; i++)
		load->slots[i].next_free = i + 1;
	for (unsigned int i = 0; i < n_inputs; i++)
		if (smsc_template_make(&load->inputs[i], load->dialect, i ? SMSC_MO_CONTINUE : SMSC_MO_BEGIN, inputs[0], inputs[i]))
			return -1;
	if (load->hang_up && smsc_template_make(&load->hangup, load->dialect, SMSC_MO_HANGUP, inputs[0], ""))
		return -1;
	return 0;
}

void smsc_load_fini(struct smsc_load *load)
{
	free(load->slot_of);
}

int smsc_load_expect(struct smsc_load *load, unsigned int step, const char *utf8)
{
	static const enum smpp_alphabet alphabets[2] = { SMPP_ALPHABET_UCS2, SMPP_ALPHABET_GSM7 };
	struct smsc_load_page *page;

	if (step < 1 || step > SMSC_LOAD_STEPS)
		return -1;
	page = &load->pages[step - 1];
	page->n_texts = 0;
	for (size_t i = 0; i < 2; i++) {
		ssize_t octets = smpp_text_encode(alphabets[i], utf8, strlen(utf8), page->texts[page->n_texts], sizeof(page->texts[0]));

		if (octets > 0)
			page->text_octets[page->n_texts++] = (size_t)octets;
	}
	return page->n_texts ? 0 : -1;
}

static void error(struct smsc_load *load, enum smsc_load_error why)
{
	load->errors[why]++;
}

/* --- the table --- */

static void finish(struct smsc_load *load, struct smsc_load_dialog *dialog)
{
	uint32_t slot = (uint32_t)(dialog - load->slots);

	load->slot_of[dialog->number] = 0;
	dialog->busy = false;
	dialog->next_free = load->first_free;
	load->first_free = slot;
	load->in_flight--;
}

static void fail(struct smsc_load *load, struct smsc_load_dialog *dialog, enum smsc_load_error why)
{
	error(load, why);
	finish(load, dialog);
}

static uint32_t remember(struct smsc_load *load, const struct smsc_load_dialog *dialog)
{
	uint32_t sequence = load->next_sequence = load->next_sequence % 0x7FFFFFFF + 1, at = sequence % SMSC_LOAD_RING;

	load->unacknowledged++;
	load->sent[at].sequence = sequence;
	load->sent[at].slot = (uint32_t)(dialog - load->slots);
	load->sent[at].session = dialog->session;
	return sequence;
}

static bool send_input(struct smsc_load *load, struct smsc_load_dialog *dialog, const struct smsc_template *input)
{
	struct smsc_stream *stream = smsc_generator_stream(&load->links, dialog->link);

	return stream && smsc_template_send(input, load->dialect, stream, remember(load, dialog), SMSC_LOAD_FIRST + dialog->number, dialog->session);
}

/* The next subscriber who is not in a dialog, round and round. */
static bool choose_number(struct smsc_load *load, uint32_t *number)
{
	for (int tries = 0; tries < 16; tries++) {
		*number = load->next_number;
		load->next_number = (load->next_number + 1) % load->numbers;
		if (!load->slot_of[*number])
			return true;
	}
	return false;
}

bool smsc_load_start(struct smsc_load *load, unsigned int link, int64_t intended_ns)
{
	struct smsc_load_dialog *dialog = &load->slots[load->first_free];
	uint32_t number;

	if (load->first_free == SMSC_LOAD_SLOTS || !choose_number(load, &number)) {
		error(load, SMSC_LOAD_OVERRUN);
		return false;
	}
	load->first_free = dialog->next_free;
	load->in_flight++;
	load->started++;
	*dialog = (struct smsc_load_dialog){ .number = number, .session = ++load->next_session & 0xFFFFFF, .link = (uint8_t)link, .busy = true,
		.intended_ns = intended_ns };
	load->slot_of[number] = (uint32_t)(dialog - load->slots) + 1;
	if (!send_input(load, dialog, &load->inputs[0]))
		fail(load, dialog, SMSC_LOAD_OVERRUN);
	return true;
}

void smsc_load_expire(struct smsc_load *load, int64_t before_ns, int link, enum smsc_load_error why)
{
	for (uint32_t i = 0; i < SMSC_LOAD_SLOTS; i++) {
		struct smsc_load_dialog *dialog = &load->slots[i];

		if (dialog->busy && dialog->intended_ns < before_ns && (link < 0 || dialog->link == link))
			fail(load, dialog, why);
	}
}

/* --- checking --- */

static struct smsc_load_dialog *dialog_of(struct smsc_load *load, const char *digits)
{
	uint64_t number = 0;

	digits += *digits == '+';
	while (*digits >= '0' && *digits <= '9')
		number = number * 10 + (uint64_t)(*digits++ - '0');
	number -= SMSC_LOAD_FIRST;
	return number < load->numbers && load->slot_of[number] ? &load->slots[load->slot_of[number] - 1] : NULL;
}

static bool session_is_right(const struct smsc_load *load, const struct smsc_load_dialog *dialog, const struct smpp_pdu *pdu)
{
	const struct smpp_tlv *tlv;
	uint32_t number;
	char id[16];

	switch (load->dialect->key) {
	case SMSC_KEY_ITS:
		return smpp_pdu_tlv_number(pdu, SMPP_TAG_ITS_SESSION_INFO, &number) && number >> 1 == dialog->session % 0x7FFF + 1;
	case SMSC_KEY_UMR:
		return smpp_pdu_tlv_number(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, &number) && number == dialog->session % 0xFFFF + 1;
	case SMSC_KEY_SID:
		return smpp_pdu_tlv_number(pdu, SMPP_TAG_COMVERSE_SESSION_ID, &number) && number == (0x5C000000u | dialog->session);
	case SMSC_KEY_RECEIPTED:
		tlv = smpp_pdu_tlv(pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID);
		snprintf(id, sizeof(id), "%08x", dialog->session);
		return tlv && tlv->octets >= 8 && memcmp(tlv->value, id, 8) == 0;
	default:
		return true;
	}
}

static enum smsc_mt kind_of(const struct smsc_load *load, const struct smpp_pdu *pdu)
{
	const struct smsc_dialect *dialect = load->dialect;
	uint32_t op = 0, its = 0;

	if (dialect->mt_type[0]) {
		for (int i = 0; i < SMSC_MT_KINDS; i++)
			if (dialect->mt_type[i] && strcmp(dialect->mt_type[i], pdu->message.service_type) == 0)
				return (enum smsc_mt)i;
		return SMSC_MT_WRONG;
	}
	if (!smpp_pdu_tlv_number(pdu, SMPP_TAG_USSD_SERVICE_OP, &op))
		return SMSC_MT_WRONG;
	if (dialect->end_bit)
		smpp_pdu_tlv_number(pdu, SMPP_TAG_ITS_SESSION_INFO, &its);
	if (dialect->end_bit_alone)
		return op != (uint32_t)dialect->mt[SMSC_MT_CONTINUE] ? SMSC_MT_WRONG : its & 1 ? SMSC_MT_END : SMSC_MT_CONTINUE;
	if (op == (uint32_t)dialect->mt[SMSC_MT_CONTINUE])
		return its & 1 ? SMSC_MT_WRONG : SMSC_MT_CONTINUE;
	return op == (uint32_t)dialect->mt[SMSC_MT_END] && (!dialect->end_bit || its & 1) ? SMSC_MT_END : SMSC_MT_WRONG;
}

static bool text_is_right(struct smsc_load_page *page, const struct smpp_pdu *pdu)
{
	size_t octets;
	const uint8_t *text = smpp_pdu_text(pdu, &octets);

	for (size_t i = 0; i < page->n_texts; i++)
		if (memmem(text, octets, page->texts[i], page->text_octets[i]))
			return true;
	if (page->n_texts)
		return false;
	if (!page->learned && octets <= sizeof(page->data)) {
		page->learned = true;
		page->coding = pdu->message.data_coding;
		page->octets = octets;
		memcpy(page->data, text, octets);
	}
	return page->learned && octets && page->coding == pdu->message.data_coding && page->octets == octets && memcmp(page->data, text, octets) == 0;
}

/* A response with a message_id, as an SMSC gives it. */
static void respond(struct smsc_load *load, struct smsc_stream *stream, const struct smpp_pdu *pdu, uint32_t status)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t *at = smsc_stream_room(stream, 25);
	uint32_t id = ++load->next_id;

	if (status || !at) {
		smsc_stream_put_response(stream, pdu->command_id, pdu->sequence, status);
		return;
	}
	smpp_pdu_encode_response(at, pdu->command_id, pdu->sequence, 0);
	at[3] = 25;
	for (int i = 0; i < 8; i++)
		at[16 + i] = (uint8_t)digits[id >> (28 - 4 * i) & 15];
	at[24] = 0;
	stream->tx_used += 25;
}

/* The step is right. Goes on, or is done. */
static void go_on(struct smsc_load *load, struct smsc_load_dialog *dialog, int64_t now_ns)
{
	if (++dialog->step == load->steps) {
		load->dialogs++;
		if (load->hang_up && !load->expect_end)
			send_input(load, dialog, &load->hangup);
		finish(load, dialog);
		return;
	}
	dialog->intended_ns = now_ns;
	if (!send_input(load, dialog, &load->inputs[dialog->step]))
		fail(load, dialog, SMSC_LOAD_OVERRUN);
}

/* What is wrong with the answer, or SMSC_LOAD_ERRORS. */
static enum smsc_load_error check(struct smsc_load *load, const struct smsc_load_dialog *dialog, const struct smpp_pdu *pdu)
{
	bool last = dialog->step + 1u == load->steps;
	enum smsc_mt kind = kind_of(load, pdu);

	if (kind != SMSC_MT_CONTINUE && kind != SMSC_MT_END)
		return SMSC_LOAD_WRONG_OP;
	if (kind == SMSC_MT_END && !(last && load->expect_end))
		return SMSC_LOAD_ENDED_EARLY;
	if (kind == SMSC_MT_CONTINUE && last && load->expect_end)
		return SMSC_LOAD_NOT_ENDED;
	return text_is_right(&load->pages[dialog->step], pdu) ? SMSC_LOAD_ERRORS : SMSC_LOAD_WRONG_TEXT;
}

void smsc_load_submit(struct smsc_load *load, unsigned int link, const struct smpp_pdu *pdu, int64_t now_ns)
{
	struct smsc_load_dialog *dialog = dialog_of(load, pdu->message.destination.digits);
	enum smsc_load_error wrong;

	if (!dialog || !session_is_right(load, dialog, pdu)) {
		error(load, dialog ? SMSC_LOAD_WRONG_SESSION : SMSC_LOAD_UNEXPECTED);
		respond(load, smsc_generator_stream(&load->links, link), pdu, load->dialect->stale_status);
		return;
	}
	respond(load, smsc_generator_stream(&load->links, link), pdu, 0);
	wrong = check(load, dialog, pdu);
	if (wrong != SMSC_LOAD_ERRORS) {
		fail(load, dialog, wrong);
		return;
	}
	if (load->measuring)
		smsc_hist_add(&load->hist, now_ns - dialog->intended_ns);
	go_on(load, dialog, now_ns);
}

void smsc_load_response(struct smsc_load *load, const struct smpp_pdu *pdu)
{
	uint32_t at = pdu->sequence % SMSC_LOAD_RING, slot = load->sent[at].slot;

	if (load->sent[at].sequence != pdu->sequence || !pdu->sequence)
		return;
	load->sent[at].sequence = 0;
	load->unacknowledged--;
	if (pdu->command_status && load->slots[slot].busy && load->slots[slot].session == load->sent[at].session) {
		bool busy = pdu->command_status == ESME_RX_T_APPN || pdu->command_status == ESME_RTHROTTLED || pdu->command_status == ESME_RMSGQFUL;

		fail(load, &load->slots[slot], busy ? SMSC_LOAD_THROTTLED : SMSC_LOAD_REFUSED);
	}
}
