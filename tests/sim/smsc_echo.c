/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A bare ESME on our own codec: answers every deliver_sm with its response and a submit_sm of fixed text, and ends the
 * dialog at the last step. It does nothing that a gateway could do without, and so is the floor that `make bench` holds the
 * gateway against. By itself it knows operations and echoes whichever session TLV it is sent.
 *
 * With --dialect it goes through the gateway's dialect layer and puts what it has understood at the end of each page, so that
 * the simulator's view of a network and the gateway's are held against one another without a gateway between. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smpp/dialect.h"
#include "smpp/text.h"
#include "tests/sim/smsc_json.h"
#include "tests/sim/smsc_mode.h"
#include "tests/sim/smsc_stream.h"

#define SUBSCRIBERS (1u << 20)   /* steps are counted by the last digits of the number */

struct echo {
	struct smsc_stream stream;
	bool bound, refused;
	unsigned int steps;
	uint32_t sequence;
	uint64_t dialogs, answered, aborted, confirmed, refused_by_us, stale;
	const struct smpp_dialect *dialect; /* NULL: bare */
	char utf8[512];
	int64_t cpu_us;
	uint8_t coding;
	uint8_t text[512];
	size_t octets;
	uint8_t step[SUBSCRIBERS];
};

static uint32_t subscriber(const char *digits)
{
	uint32_t number = 0;

	while (*digits)
		number = number * 10 + (uint32_t)(*digits++ - '0');
	return number % SUBSCRIBERS;
}

/* Copies the session's TLVs; the end is told by the operation and, where there is one, by bit 0 of its_session_info. */
static void echo_session(struct smpp_pdu *out, const struct smpp_pdu *in, const uint8_t *op, uint8_t its[2], bool last)
{
	out->tlvs[out->n_tlvs++] = (struct smpp_tlv){ SMPP_TAG_USSD_SERVICE_OP, 1, op };
	for (size_t i = 0; i < in->n_tlvs; i++) {
		const struct smpp_tlv *tlv = &in->tlvs[i];

		if (tlv->tag == SMPP_TAG_ITS_SESSION_INFO && tlv->octets == 2) {
			its[0] = tlv->value[0];
			its[1] = (uint8_t)((tlv->value[1] & 0xFE) | last);
			out->tlvs[out->n_tlvs++] = (struct smpp_tlv){ tlv->tag, 2, its };
		} else if (tlv->tag == SMPP_TAG_USER_MESSAGE_REFERENCE || tlv->tag == SMPP_TAG_COMVERSE_SESSION_ID) {
			out->tlvs[out->n_tlvs++] = *tlv;
		}
	}
}

static void answer(struct echo *echo, const struct smpp_pdu *in)
{
	uint8_t *step = &echo->step[subscriber(in->message.source.digits)], its[2], op;
	uint32_t op_in;
	struct smpp_pdu out;

	if (!smpp_pdu_tlv_number(in, SMPP_TAG_USSD_SERVICE_OP, &op_in) || (op_in != 1 && op_in != 18))
		return; /* an SMS, an abort, a confirmation */
	*step = op_in == 1 ? 1 : (uint8_t)(*step + 1);
	op = *step >= echo->steps ? 17 : 2;
	echo->dialogs += op == 17;
	echo->answered++;
	out.command_id = SMPP_SUBMIT_SM;
	out.command_status = 0;
	out.sequence = echo->sequence = echo->sequence % 0x7FFFFFFF + 1;
	out.message = (struct smpp_message){ .service_type = "USSD", .source = in->message.destination, .destination = in->message.source,
		.data_coding = echo->coding, .short_message = echo->text, .sm_length = (uint8_t)echo->octets };
	out.n_tlvs = 0;
	echo_session(&out, in, &op, its, op == 17);
	smsc_stream_put(&echo->stream, &out);
}

/* --- through the gateway's dialect layer --- */

static void send_answer(struct echo *echo, const struct smpp_ussd_event *event, enum smpp_ussd_answer kind, const char *utf8)
{
	struct smpp_dialect_room room;
	struct smpp_pdu out;

	if (smpp_dialect_encode(echo->dialect, event->context, event->context_octets, kind, event->msisdn, utf8, strlen(utf8), &out, &room)) {
		fprintf(stderr, "echo: the answer cannot be encoded\n");
		return;
	}
	out.sequence = echo->sequence = echo->sequence % 0x7FFFFFFF + 1;
	echo->answered++;
	smsc_stream_put(&echo->stream, &out);
}

static void act(struct echo *echo, const struct smpp_ussd_event *event)
{
	uint8_t *step = &echo->step[subscriber(event->msisdn)];
	char page[SMPP_DIALECT_TEXT_OCTETS + sizeof(echo->utf8) + 2];

	switch (event->kind) {
	case SMPP_USSD_BEGIN:
	case SMPP_USSD_CONTINUE:
		*step = event->kind == SMPP_USSD_BEGIN ? 1 : (uint8_t)(*step + 1);
		snprintf(page, sizeof(page), "%s\n%s", echo->utf8, event->text);
		echo->dialogs += *step >= echo->steps;
		send_answer(echo, event, *step >= echo->steps ? SMPP_ANSWER_END : SMPP_ANSWER_CONTINUE, page);
		break;
	case SMPP_USSD_NOTIFIED:
		echo->confirmed++;
		if (smpp_dialect_releases(echo->dialect))
			send_answer(echo, event, SMPP_ANSWER_RELEASE, "");
		break;
	default:
		echo->aborted++;
	}
}

static void take_message(struct echo *echo, const struct smpp_pdu *in)
{
	static struct smpp_ussd_event event;
	struct smpp_pdu response = { .command_id = in->command_id | SMPP_RESPONSE_BIT, .sequence = in->sequence };
	char id[SMPP_MESSAGE_ID_MAX] = "";

	response.command_status = smpp_dialect_decode(echo->dialect, in, &event);
	if (!response.command_status && (event.kind == SMPP_USSD_UNKNOWN || event.kind == SMPP_USSD_NONE))
		response.command_status = echo->dialect->refuse_status;
	if (!response.command_status)
		smpp_dialect_response_id(echo->dialect, event.context, event.context_octets, id);
	response.message_id = id;
	smsc_stream_put(&echo->stream, &response);
	if (response.command_status)
		echo->refused_by_us++;
	else
		act(echo, &event);
}

static void on_pdu(void *ctx, const struct smpp_pdu *pdu)
{
	struct echo *echo = ctx;

	switch (pdu->command_id) {
	case SMPP_BIND_TRANSCEIVER_RESP:
		echo->bound = pdu->command_status == 0;
		echo->refused = !echo->bound;
		break;
	case SMPP_SUBMIT_SM_RESP:
	case SMPP_DATA_SM_RESP:
		echo->stale += echo->dialect && smpp_dialect_stale(echo->dialect, pdu->command_status);
		break;
	case SMPP_DELIVER_SM:
	case SMPP_DATA_SM:
		if (!echo->answered)
			echo->cpu_us = smsc_cpu_us();
		if (echo->dialect) {
			take_message(echo, pdu);
			break;
		}
		smsc_stream_put_response(&echo->stream, SMPP_DELIVER_SM, pdu->sequence, 0);
		answer(echo, pdu);
		break;
	case SMPP_ENQUIRE_LINK:
	case SMPP_UNBIND:
		smsc_stream_put_response(&echo->stream, pdu->command_id, pdu->sequence, 0);
		break;
	default:
		break;
	}
}

static void run(struct echo *echo)
{
	while (!smsc_stopping && !echo->stream.broken && !echo->refused) {
		bool waits = echo->stream.tx_sent < echo->stream.tx_used;
		struct pollfd poll_fd = { .fd = echo->stream.fd, .events = (short)(POLLIN | (waits ? POLLOUT : 0)) };

		if (poll(&poll_fd, 1, 200) > 0 && poll_fd.revents & (POLLIN | POLLHUP | POLLERR))
			smsc_stream_read(&echo->stream, on_pdu, echo);
		smsc_stream_flush(&echo->stream);
	}
}

static int connect_to(const char *where)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char host[64];
	unsigned int port;
	int fd;

	if (sscanf(where, "%63[^:]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &address.sin_addr) != 1)
		return -1;
	address.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (int tries = 0; tries < 50 && fd >= 0; tries++) {
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return fd;
		usleep(100000);
	}
	return -1;
}

static void set_text(struct echo *echo, const char *utf8)
{
	enum smpp_alphabet alphabet = smpp_text_choose(utf8, strlen(utf8));
	ssize_t octets = smpp_text_encode(alphabet, utf8, strlen(utf8), echo->text, 254);

	snprintf(echo->utf8, sizeof(echo->utf8), "%s", utf8);
	echo->octets = octets < 0 ? 0 : (size_t)octets;
	echo->coding = alphabet == SMPP_ALPHABET_UCS2 ? 8 : 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: dolat-smsc echo --connect HOST:PORT [--system-id X] [--password X] [--text TEXT] [--steps N] [--dialect NAME]\n");
	return 2;
}

static void report(const struct echo *echo)
{
	struct smsc_json json;
	char line[512];

	smsc_json_open(&json, line, sizeof(line));
	smsc_json_number(&json, "dialogs", (double)echo->dialogs);
	smsc_json_number(&json, "answers", (double)echo->answered);
	smsc_json_number(&json, "cpu_us_per_dialog", echo->dialogs ? (double)(smsc_cpu_us() - echo->cpu_us) / (double)echo->dialogs : 0);
	if (echo->dialect) {
		smsc_json_number(&json, "aborted", (double)echo->aborted);
		smsc_json_number(&json, "confirmed", (double)echo->confirmed);
		smsc_json_number(&json, "refused", (double)echo->refused_by_us);
		smsc_json_number(&json, "stale", (double)echo->stale);
	}
	smsc_json_close(&json);
	puts(line);
}

int smsc_echo(int argc, char **argv)
{
	static const struct option options[] = { { "connect", 1, NULL, 'c' }, { "system-id", 1, NULL, 's' },
		{ "password", 1, NULL, 'p' }, { "text", 1, NULL, 't' }, { "steps", 1, NULL, 'n' }, { "dialect", 1, NULL, 'd' }, { NULL, 0, NULL, 0 } };
	static struct echo echo;
	struct smpp_pdu bind = { .command_id = SMPP_BIND_TRANSCEIVER, .sequence = 1, .bind = { .system_id = "echo", .password = "",
		.system_type = "", .interface_version = 0x34, .address_range = "" } };
	const char *where = NULL;
	int option, fd;

	echo.steps = 4;
	echo.sequence = 1;
	set_text(&echo, "1. قبض‌ها\n2. مانده\n3. راهنما");
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'c': where = optarg; break;
		case 's': bind.bind.system_id = optarg; break;
		case 'p': bind.bind.password = optarg; break;
		case 't': set_text(&echo, optarg); break;
		case 'n': echo.steps = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 'd':
			echo.dialect = smpp_dialect_find(optarg);
			if (!echo.dialect)
				return usage();
			break;
		default: return usage();
		}
	}
	if (!where || optind < argc)
		return usage();
	fd = connect_to(where);
	if (fd < 0 || !smsc_stream_init(&echo.stream, fd)) {
		fprintf(stderr, "%s: %s\n", where, strerror(errno));
		return 1;
	}
	smsc_stream_put(&echo.stream, &bind);
	smsc_stream_flush(&echo.stream);
	run(&echo);
	report(&echo);
	smsc_stream_fini(&echo.stream);
	return echo.refused ? 1 : 0;
}
