/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The traffic mode: text messages both ways, as fast as the gateway takes them. Subscribers write one text each, always
 * --in-flight of them without a response; what the gateway submits is taken, answered with an id and, where it asks, with a
 * receipt. Ends when --texts were acknowledged and --submits taken, and prints one line of JSON. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smpp/status.h"
#include "smpp/text.h"
#include "tests/sim/smsc_generator.h"
#include "tests/sim/smsc_hist.h"
#include "tests/sim/smsc_json.h"
#include "tests/sim/smsc_loop.h"
#include "tests/sim/smsc_mode.h"

#define RING 65536                     /* requests of ours that wait for a response; a power of two */
#define FIRST 989120000000u
#define TEXT_OCTETS 160
#define ROOM 512                       /* of one PDU that we send */
#define SECOND_NS 1000000000LL

static struct traffic {
	struct smsc_generator links;
	/* what is wanted */
	const char *to;
	uint64_t texts, submits;           /* how many in all */
	uint32_t in_flight;
	bool receipts;
	uint8_t text[TEXT_OCTETS], text_octets, data_coding;
	/* what is under way */
	uint32_t next_sequence, next_id;
	struct sent { uint32_t sequence, number; int64_t at_ns; bool receipt; } sent[RING];
	uint64_t waiting;
	uint32_t *again, n_again;          /* numbers whose text was refused for now, or lost with its link */
	/* what came of it */
	uint64_t begun, acknowledged, later, refused, taken, receipts_sent, receipts_acknowledged;
	int64_t first_text_ns, last_text_ns, first_submit_ns, last_submit_ns;
	struct smsc_hist hist;
} traffic;

static uint32_t remember(uint32_t number, bool receipt)
{
	uint32_t sequence = traffic.next_sequence = traffic.next_sequence % 0x7FFFFFFF + 1;

	traffic.sent[sequence % RING] = (struct sent){ .sequence = sequence, .number = number, .at_ns = traffic.links.now_ns, .receipt = receipt };
	traffic.waiting += !receipt;
	return sequence;
}

static bool put(struct smsc_stream *stream, const struct smpp_pdu *pdu)
{
	uint8_t *at = stream ? smsc_stream_room(stream, ROOM) : NULL;
	ssize_t octets = at ? smpp_pdu_encode(at, ROOM, pdu) : -1;

	if (octets > 0)
		stream->tx_used += (size_t)octets;
	return octets > 0;
}

static bool write_text(uint32_t number)
{
	char digits[24];
	unsigned int link;
	struct smpp_pdu pdu = { .command_id = SMPP_DELIVER_SM, .message = {
		.service_type = "", .source = { 1, 1, digits }, .destination = { 0, 1, traffic.to }, .data_coding = traffic.data_coding,
		.short_message = traffic.text, .sm_length = traffic.text_octets } };

	snprintf(digits, sizeof(digits), "%" PRIu64, (uint64_t)FIRST + number);
	if (!smsc_generator_next(&traffic.links, &link))
		return false;
	pdu.sequence = remember(number, false);
	if (!traffic.first_text_ns)
		traffic.first_text_ns = traffic.links.now_ns;
	return put(smsc_generator_stream(&traffic.links, link), &pdu);
}

static void on_turn(struct smsc_generator *links)
{
	(void)links;
	while (traffic.waiting < traffic.in_flight && (traffic.n_again || traffic.begun < traffic.texts)) {
		if (!write_text(traffic.n_again ? traffic.again[traffic.n_again - 1] : (uint32_t)traffic.begun))
			return;
		if (traffic.n_again)
			traffic.n_again--;
		else
			traffic.begun++;
	}
}

static void settle(struct sent *sent, uint32_t status, bool lost)
{
	sent->sequence = 0;
	if (sent->receipt) {
		traffic.receipts_acknowledged += !lost && status == ESME_ROK;
		return;
	}
	traffic.waiting--;
	if (!lost && status == ESME_ROK) {
		traffic.acknowledged++;
		traffic.last_text_ns = traffic.links.now_ns;
		smsc_hist_add(&traffic.hist, traffic.links.now_ns - sent->at_ns);
	} else if (lost || status == ESME_RX_T_APPN) {
		traffic.later++;
		traffic.again[traffic.n_again++] = sent->number;
	} else {
		traffic.refused++;
	}
}

/* The submit's id is answered, and the receipt, if one is wanted, is sent behind it. */
static void take(struct smsc_stream *stream, const struct smpp_pdu *submit)
{
	char id[12], text[80];
	const struct smpp_pdu response = { .command_id = submit->command_id | SMPP_RESPONSE_BIT, .sequence = submit->sequence, .message_id = id };
	struct smpp_pdu receipt = { .command_id = SMPP_DELIVER_SM, .message = {
		.service_type = "", .source = submit->message.destination, .destination = submit->message.source, .esm_class = 0x04,
		.short_message = (const uint8_t *)text } };

	snprintf(id, sizeof(id), "%08" PRIX32, ++traffic.next_id);
	put(stream, &response);
	traffic.taken++;
	traffic.last_submit_ns = traffic.links.now_ns;
	if (!traffic.first_submit_ns)
		traffic.first_submit_ns = traffic.links.now_ns;
	if (!traffic.receipts || (submit->message.registered_delivery & 3) != 1)
		return;
	receipt.message.sm_length = (uint8_t)snprintf(text, sizeof(text), "id:%s sub:001 dlvrd:001 stat:DELIVRD err:000 text:", id);
	receipt.sequence = remember(0, true);
	traffic.receipts_sent += put(stream, &receipt);
}

static void on_pdu(struct smsc_generator *links, unsigned int link, const struct smpp_pdu *pdu)
{
	struct sent *sent = &traffic.sent[pdu->sequence % RING];

	if (pdu->command_id == SMPP_SUBMIT_SM)
		take(smsc_generator_stream(links, link), pdu);
	else if (pdu->command_id == SMPP_DELIVER_SM_RESP && pdu->sequence && sent->sequence == pdu->sequence)
		settle(sent, pdu->command_status, false);
}

/* Texts over any link may be sent again over another: whoever takes one twice knows it. */
static void on_lost(struct smsc_generator *links, unsigned int link)
{
	(void)links;
	(void)link;
	for (size_t i = 0; i < RING; i++)
		if (traffic.sent[i].sequence)
			settle(&traffic.sent[i], 0, true);
}

static const struct smsc_generator_user user = { .on_pdu = on_pdu, .on_lost = on_lost, .on_turn = on_turn };

static double rate(uint64_t n, int64_t first_ns, int64_t last_ns)
{
	return last_ns > first_ns ? (double)n * 1e9 / (double)(last_ns - first_ns) : 0;
}

static bool report(void)
{
	struct smsc_json json;
	char line[1024];

	smsc_json_open(&json, line, sizeof(line));
	smsc_json_number(&json, "texts", (double)traffic.acknowledged);
	smsc_json_number(&json, "texts_per_s", rate(traffic.acknowledged, traffic.first_text_ns, traffic.last_text_ns));
	smsc_json_number(&json, "texts_p50_us", smsc_hist_quantile_us(&traffic.hist, 0.5));
	smsc_json_number(&json, "texts_p99_us", smsc_hist_quantile_us(&traffic.hist, 0.99));
	smsc_json_number(&json, "texts_later", (double)traffic.later);
	smsc_json_number(&json, "texts_refused", (double)traffic.refused);
	smsc_json_number(&json, "submits", (double)traffic.taken);
	smsc_json_number(&json, "submits_per_s", rate(traffic.taken, traffic.first_submit_ns, traffic.last_submit_ns));
	smsc_json_number(&json, "receipts", (double)traffic.receipts_acknowledged);
	smsc_json_close(&json);
	puts(line);
	return traffic.acknowledged >= traffic.texts && traffic.taken >= traffic.submits && !traffic.refused;
}

static bool is_done(void)
{
	return traffic.acknowledged + traffic.refused >= traffic.texts && traffic.taken >= traffic.submits &&
	       traffic.receipts_acknowledged >= traffic.receipts_sent;
}

static int usage(void)
{
	fprintf(stderr, "usage: dolat-smsc [--listen HOST:PORT] [--port-file FILE] traffic [OPTION...]\n"
	        "  --texts N       subscribers who write, once each (0)\n"
	        "  --text TEXT     what they write, at most one SMS; --to NUMBER, to whom (4040)\n"
	        "  --in-flight N   texts without a response at once (256)\n"
	        "  --submits N     wait until so many submit_sm were taken (0)\n"
	        "  --receipts      send a receipt for each that asks for one\n"
	        "  --seconds N     give up after (60)\n"
	        "  --binds N       links to wait for (1), --bind-wait SECONDS (30)\n");
	return 2;
}

static int set_text(const char *utf8)
{
	enum smpp_alphabet alphabet = smpp_text_choose(utf8, strlen(utf8));
	ssize_t octets = smpp_text_encode(alphabet, utf8, strlen(utf8), traffic.text, alphabet == SMPP_ALPHABET_UCS2 ? 140 : TEXT_OCTETS);

	if (octets <= 0)
		return -1;
	traffic.text_octets = (uint8_t)octets;
	traffic.data_coding = alphabet == SMPP_ALPHABET_UCS2 ? 8 : 0;
	return 0;
}

struct span { double seconds, bind_wait; unsigned int binds; };

static int read_options(const struct smsc_options *mode, struct span *span)
{
	static const struct option options[] = { { "texts", 1, NULL, 'n' }, { "text", 1, NULL, 't' }, { "to", 1, NULL, 'T' },
		{ "in-flight", 1, NULL, 'f' }, { "submits", 1, NULL, 'S' }, { "receipts", 0, NULL, 'r' }, { "seconds", 1, NULL, 's' },
		{ "binds", 1, NULL, 'b' }, { "bind-wait", 1, NULL, 'B' }, { NULL, 0, NULL, 0 } };
	int option;

	optind = 0; /* getopt begins anew, at our own words */
	while ((option = getopt_long(mode->n_arguments + 1, mode->arguments - 1, "", options, NULL)) != -1) {
		switch (option) {
		case 'n': traffic.texts = strtoull(optarg, NULL, 10); break;
		case 't':
			if (set_text(optarg))
				return -1;
			break;
		case 'T': traffic.to = optarg; break;
		case 'f': traffic.in_flight = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'S': traffic.submits = strtoull(optarg, NULL, 10); break;
		case 'r': traffic.receipts = true; break;
		case 's': span->seconds = strtod(optarg, NULL); break;
		case 'b': span->binds = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 'B': span->bind_wait = strtod(optarg, NULL); break;
		default: return -1;
		}
	}
	return optind == mode->n_arguments + 1 && traffic.in_flight && traffic.in_flight <= RING / 4 && strlen(traffic.to) <= 20 &&
	       traffic.texts <= 100000000 && (!traffic.texts || traffic.text_octets) ? 0 : -1;
}

int smsc_traffic(struct smsc *smsc, const struct smsc_options *options)
{
	struct span span = { .seconds = 60, .bind_wait = 30, .binds = 1 };
	int64_t until_ns;
	bool good = false;

	traffic.to = "4040";
	traffic.in_flight = 256;
	traffic.links.user = &user;
	traffic.links.listen_fd = smsc->operators[0].listen_fd;
	if (read_options(options, &span))
		return usage();
	traffic.again = calloc(RING, sizeof(*traffic.again)); /* never more than are in flight */
	if (traffic.again && smsc_generator_wait_bound(&traffic.links, span.binds, span.bind_wait)) {
		until_ns = smsc_now_ns() + (int64_t)(span.seconds * 1e9);
		while (!smsc_stopping && !is_done() && smsc_now_ns() < until_ns)
			smsc_generator_turn(&traffic.links, smsc_now_ns() + SECOND_NS / 100);
		good = report();
	} else {
		fprintf(stderr, "traffic: the gateway has not bound\n");
	}
	smsc_generator_close(&traffic.links);
	free(traffic.again);
	return good ? 0 : 1;
}
