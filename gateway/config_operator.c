/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The mobile networks of the configuration: each operator with its dialect, its knobs, its text messages and its links. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "gateway/bearer.h"
#include "gateway/config_table.h"
#include "smpp/link.h"
#include "smpp/status.h"

static const struct gw_option operator_options[] = {
	R(gw_config_operator, name, "name", "the operator, unique; in logs and metrics"),
	R(gw_config_operator, dialect_name, "dialect", "how it carries USSD: a shipped dialect, refined by knobs"),
	N(gw_config_operator, answer_ms, "answer_ms", 500, 120000, 8000, "the network waits so long for an answer (ms)"),
	N(gw_config_operator, user_ms, "user_ms", 1000, 600000, 60000, "a citizen may think so long (ms)"),
	N(gw_config_operator, session_ms, "session_ms", 1000, 3600000, 180000, "a whole dialog lasts at most so long (ms)"),
	N(gw_config_operator, resume_ms, "resume_ms", 0, 86400000, 300000, "a cut dialog may be taken up again for so long (ms)"),
	S(gw_config_operator, sms_sender, "sms_sender", "4040", "source address of text messages"),
	N(gw_config_operator, sms_sender_ton, "sms_sender_ton", 0, 255, 0, "its TON"),
	N(gw_config_operator, sms_sender_npi, "sms_sender_npi", 0, 255, 1, "its NPI"),
	N(gw_config_operator, sms_parts_per_second, "sms_parts_per_second", 0, 100000, 0, "parts of text messages in a second (0: no limit)"),
	C(gw_config_operator, long_sms_name, "long_sms", SMPP_CONCAT_MODES, "udh8", "how a text of more than one SMS is sent: parts with a header, with SAR TLVs, or whole in message_payload"),
	C(gw_config_operator, flash_name, "flash", "class|subunit", "class", "how a text is marked that opens by itself: message class 0 in data_coding, or dest_addr_subunit"),
	N(gw_config_operator, sms_queue_parts, "sms_queue_parts", 1, 16384, 256, "parts of text messages that may wait here for their turn; the rest waits in the ledger"),
	S(gw_config_operator, push_source, "push_source", "", "whom a text or a dialog that we begin on a handset comes from; left out: sms_sender"),
	B(gw_config_operator, receipts, "receipts", true, "receipts are asked for; false: the network sends none"),
	C(gw_config_operator, response_id_base_name, "response_id_base", "text|decimal|hex", "text", "how the network writes a message's id in its response; text: not known"),
	C(gw_config_operator, receipt_id_base_name, "receipt_id_base", "text|decimal|hex", "text", "and in its receipts"),
	B(gw_config_operator, user_message_reference, "user_message_reference", true, "text messages carry it, if the network says that it knows TLVs"),
	B(gw_config_operator, is_default, "default", false, "numbers whose network is not known are taken for this one's; else for the first one's"),
};
static const struct gw_option link_options[] = {
	R(gw_config_link, name, "name", "the link, unique; in logs and metrics"),
	R(gw_config_link, host, "host", "address of the SMSC"),
	N(gw_config_link, port, "port", 1, 65535, 2775, "its TCP port"),
	C(gw_config_link, bind, "bind", "transceiver|transmitter|receiver", "transceiver", "what is bound"),
	R(gw_config_link, system_id, "system_id", "at most 15 characters"),
	F(gw_config_link, password_file, "password_file", "file whose first line is the password (at most 8 characters)"),
	S(gw_config_link, system_type, "system_type", "", "at most 12 characters"),
	S(gw_config_link, address_range, "address_range", "", "at most 40 characters"),
	N(gw_config_link, interface_version, "interface_version", 0, 255, 0x34, "0x34 is SMPP 3.4"),
	N(gw_config_link, addr_ton, "addr_ton", 0, 255, 0, "TON in the bind"),
	N(gw_config_link, addr_npi, "addr_npi", 0, 255, 0, "NPI in the bind"),
	N(gw_config_link, window, "window", 1, 1024, 64, "our requests in flight"),
	N(gw_config_link, enquire_ms, "enquire_ms", 100, 3600000, 30000, "silence before we ask whether the peer lives (ms)"),
	N(gw_config_link, response_ms, "response_ms", 100, 600000, 10000, "deadline of our requests (ms)"),
	N(gw_config_link, bind_ms, "bind_ms", 100, 600000, 5000, "time to connect and bind (ms)"),
	N(gw_config_link, retry_min_ms, "retry_min_ms", 10, 600000, 500, "first pause after a lost link (ms), doubled each time"),
	N(gw_config_link, retry_max_ms, "retry_max_ms", 10, 3600000, 30000, "longest pause (ms)"),
	N(gw_config_link, retry_refused_ms, "retry_refused_ms", 10, 3600000, 15000, "first pause after a refused bind (ms)"),
	N(gw_config_link, pdu_octets_max, "pdu_octets_max", 256, SMPP_PDU_OCTETS_MAX, 4096, "a longer PDU closes the link"),
	N(gw_config_link, buffer_octets, "buffer_octets", 16384, 67108864, 1048576, "unsent octets above which we stop reading"),
};

static const struct gw_section operator_section = { "operators.()", operator_options, ARRAY_SIZE(operator_options) };
static const struct gw_section link_section = { "operators.().links.()", link_options, ARRAY_SIZE(link_options) };

static void read_knob(const struct gw_config_reader *reader, const struct menu_node *node, struct smpp_dialect *dialect)
{
	char number[24];
	const char *value = node->string;

	if (node->kind == MENU_NODE_INT || node->kind == MENU_NODE_BOOL) {
		snprintf(number, sizeof(number), "%lld", (long long)node->integer);
		value = node->kind == MENU_NODE_INT ? number : node->integer ? "true" : "false";
	} else if (node->kind != MENU_NODE_STRING) {
		gw_config_complain(reader, node, "wrong-type", "the knob %s is a text, a number or true or false", node->name);
		return;
	}
	switch (smpp_dialect_set(dialect, node->name, value)) {
	case 0:
		return;
	case -ENOENT:
		gw_config_complain(reader, node, "unknown-knob", "%s is not a knob of a dialect (see --help-config)", node->name);
		return;
	case -ERANGE:
		gw_config_complain(reader, node, "out-of-bounds", "%s is out of its bounds (see --help-config)", node->name);
		return;
	default:
		gw_config_complain(reader, node, "unknown-choice", "%s cannot be \"%s\" (see --help-config)", node->name, value);
	}
}

/* A text as an enum, in the order of the choices; another choice was complained of. */
static unsigned int choice(const char *choices, const char *name)
{
	unsigned int n = 0;

	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL, n++)
		if (strncmp(at, name, strlen(name)) == 0 && strchr("|", at[strlen(name)]))
			return n;
	return 0;
}

static void read_prefixes(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_operator *op)
{
	const struct menu_node *list = gw_config_find(reader, node, "prefixes", MENU_NODE_LIST);

	if (!list || !list->n)
		return;
	op->prefixes = talloc_zero_array(reader->ctx, const char *, (unsigned int)list->n);
	for (size_t i = 0; i < list->n; i++) {
		const char *prefix = list->children[i].kind == MENU_NODE_STRING ? list->children[i].string : "";
		size_t digits = strspn(prefix, "0123456789");

		if (!digits || prefix[digits] || digits > 15 || prefix[0] == '0')
			gw_config_complain(reader, &list->children[i], "not-a-prefix", "a prefix begins an international number: \"98910\"");
		else
			op->prefixes[op->n_prefixes++] = talloc_strdup(reader->ctx, prefix);
	}
}

struct retry_row { const char *status; unsigned int times, pause_ms, rest_ms; };
static const struct gw_option retry_options[] = {
	R(retry_row, status, "status", "name or number of a command_status: \"ESME_RSYSERR\", \"0x400\""),
	N(retry_row, times, "times", 0, 1000, 1, "it is tried again so often; 0: never"),
	N(retry_row, pause_ms, "pause_ms", 1, 86400000, 30000, "after so long (ms)"),
	N(retry_row, rest_ms, "rest_ms", 0, 600000, 0, "everything to this operator rests so long, then the same goes first (ms); 0: only the one waits"),
};
static const struct gw_section retry_section = { "operators.().retries.()", retry_options, ARRAY_SIZE(retry_options) };

static void read_retry(const struct gw_config_reader *reader, const struct menu_node *node, struct smpp_retries *retries)
{
	struct retry_row row = { 0 };
	struct smpp_retry retry;

	if (node->kind != MENU_NODE_GROUP) {
		gw_config_complain(reader, node, "wrong-type", "a retry is a group { }");
		return;
	}
	gw_config_section(reader, &retry_section, node, node, &row, "");
	retry = (struct smpp_retry){ .times = row.times, .pause_ms = row.pause_ms, .rest_ms = row.rest_ms };
	if (!row.status || !row.status[0])
		return; /* was complained of */
	if (!smpp_status_find(row.status, &retry.status) || retry.status == ESME_ROK)
		gw_config_complain(reader, menu_node_find(node, "status"), "unknown-status", "%s is no command_status that refuses", row.status);
	else if (smpp_retries_set(retries, &retry) < 0)
		gw_config_complain(reader, node, "too-many-keys", "there are at most %u retries", SMPP_RETRIES_MAX);
}

static void read_retries(const struct gw_config_reader *reader, const struct menu_node *node, struct smpp_retries *retries)
{
	const struct menu_node *list = gw_config_find(reader, node, "retries", MENU_NODE_LIST);

	smpp_retries_init(retries);
	for (size_t i = 0; list && i < list->n; i++)
		read_retry(reader, &list->children[i], retries);
}

/* What a text message is on this network, and which numbers are its own. */
static void read_sms(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_operator *op)
{
	struct smpp_address address;

	if (op->sms_sender[0] && smpp_sms_sender(op->sms_sender, 0, 0, &address) < 0)
		gw_config_complain(reader, menu_node_find(node, "sms_sender"), "not-an-address",
				   "sms_sender is a number, or a name of at most %d letters, digits and blanks", SMPP_SMS_SENDER_MAX);
	gw_config_length(reader, menu_node_find(node, "push_source"), "push_source", op->push_source, 20);
	smpp_concat_mode_find(op->long_sms_name, &op->long_sms);
	op->flash = (enum smpp_sms_flash)choice("class|subunit", op->flash_name);
	op->response_id_base = (enum smpp_id_base)choice("text|decimal|hex", op->response_id_base_name);
	op->receipt_id_base = (enum smpp_id_base)choice("text|decimal|hex", op->receipt_id_base_name);
	read_prefixes(reader, node, op);
	read_retries(reader, node, &op->retries);
}

static void read_link(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_link *link)
{
	if (node->kind != MENU_NODE_GROUP) {
		gw_config_complain(reader, node, "wrong-type", "a link is a group { }");
		return;
	}
	gw_config_section(reader, &link_section, node, node, link, "");
	gw_config_length(reader, node, "system_id", link->system_id, 15);
	gw_config_length(reader, node, "system_type", link->system_type, 12);
	gw_config_length(reader, node, "address_range", link->address_range, 40);
	if (link->retry_min_ms > link->retry_max_ms)
		gw_config_complain(reader, node, "out-of-bounds", "retry_min_ms is above retry_max_ms");
}

static void read_operator(const struct gw_config_reader *reader, const struct menu_node *node, struct gw_config_operator *op)
{
	const struct menu_node *knobs, *links;
	const struct smpp_dialect *dialect;

	if (node->kind != MENU_NODE_GROUP) {
		gw_config_complain(reader, node, "wrong-type", "an operator is a group { }");
		return;
	}
	gw_config_section(reader, &operator_section, node, node, op, "links|knobs|prefixes|retries");
	read_sms(reader, node, op);
	dialect = op->dialect_name ? smpp_dialect_find(op->dialect_name) : NULL;
	if (dialect)
		op->dialect = *dialect;
	else if (op->dialect_name)
		gw_config_complain(reader, menu_node_find(node, "dialect"), "unknown-dialect", "%s is not a shipped dialect (see --help-config)",
				   op->dialect_name);
	knobs = gw_config_find(reader, node, "knobs", MENU_NODE_GROUP);
	for (size_t i = 0; dialect && knobs && i < knobs->n; i++)
		read_knob(reader, &knobs->children[i], &op->dialect);
	if (dialect && smpp_dialect_check(&op->dialect))
		gw_config_complain(reader, knobs ? knobs : node, "contradicting-knobs", "%s", smpp_dialect_check(&op->dialect));
	links = gw_config_full_list(reader, node, "links", "an operator needs links");
	if (!links)
		return;
	op->links = talloc_zero_array(reader->ctx, struct gw_config_link, (unsigned int)links->n);
	op->n_links = links->n;
	for (size_t i = 0; i < links->n; i++)
		read_link(reader, &links->children[i], &op->links[i]);
}

/* Sessions know their operator by the number that is made of its name, and metrics a link by its name alone. */
static void check_unique(const struct gw_config_reader *reader, const struct menu_node *list, const struct gw_config *config)
{
	for (size_t i = 0; i < config->n_operators; i++) {
		const char *name = config->operators[i].name;

		for (size_t j = 0; j < i; j++) {
			const char *before = config->operators[j].name;

			if (name && before && gw_route_id(name) == gw_route_id(before))
				gw_config_complain(reader, &list->children[i], "duplicate-name", "there is an operator %s already%s", before,
					 strcmp(name, before) == 0 ? "" : ", and its number is the same: rename one of them");
		}
	}
}

static const char *owner_of(const struct gw_config *config, const char *prefix, size_t before)
{
	for (size_t i = 0; i < before; i++)
		for (size_t j = 0; j < config->operators[i].n_prefixes; j++)
			if (strcmp(config->operators[i].prefixes[j], prefix) == 0)
				return config->operators[i].name;
	return NULL;
}

/* A number belongs to one network. */
static void check_prefixes(const struct gw_config_reader *reader, const struct menu_node *list, const struct gw_config *config)
{
	bool has_default = false;

	for (size_t i = 0; i < config->n_operators; i++) {
		const struct gw_config_operator *op = &config->operators[i];

		for (size_t j = 0; j < op->n_prefixes; j++)
			if (owner_of(config, op->prefixes[j], i))
				gw_config_complain(reader, &list->children[i], "duplicate-name", "numbers in %s are %s's already", op->prefixes[j],
						   owner_of(config, op->prefixes[j], i));
		if (op->is_default && has_default)
			gw_config_complain(reader, &list->children[i], "duplicate-name", "there is a default operator already");
		has_default |= op->is_default;
	}
}

static const struct gw_config_link *find_link(const struct gw_config *config, const char *name, const struct gw_config_link *before)
{
	for (size_t i = 0; i < config->n_operators; i++)
		for (size_t j = 0; j < config->operators[i].n_links; j++) {
			const struct gw_config_link *link = &config->operators[i].links[j];

			if (link == before)
				return NULL;
			if (link->name && strcmp(link->name, name) == 0)
				return link;
		}
	return NULL;
}

static void check_unique_links(const struct gw_config_reader *reader, const struct menu_node *list, const struct gw_config *config)
{
	for (size_t i = 0; i < config->n_operators; i++)
		for (size_t j = 0; j < config->operators[i].n_links; j++) {
			const struct gw_config_link *link = &config->operators[i].links[j];
			const struct menu_node *node = &menu_node_find(&list->children[i], "links")->children[j];

			if (link->name && find_link(config, link->name, link))
				gw_config_complain(reader, node, "duplicate-name", "there is a link %s already", link->name);
		}
}

void gw_config_operators(const struct gw_config_reader *reader, const struct menu_node *root, struct gw_config *config)
{
	const struct menu_node *list;

	if (!menu_node_find(root, "operators") && menu_node_find(root, "http_ussd"))
		return; /* aggregators only */
	list = gw_config_full_list(reader, root, "operators", "operators lists the mobile networks; it is left out only where http_ussd is there");
	if (!list)
		return;
	config->operators = talloc_zero_array(reader->ctx, struct gw_config_operator, (unsigned int)list->n);
	config->n_operators = list->n;
	for (size_t i = 0; i < list->n; i++)
		read_operator(reader, &list->children[i], &config->operators[i]);
	check_unique(reader, list, config);
	check_unique_links(reader, list, config);
	check_prefixes(reader, list, config);
}

static void help_retries(FILE *to)
{
	const struct smpp_retry *row;

	fprintf(to, "  without them:\n");
	for (size_t i = 0; (row = smpp_retry_row(i)); i++)
		fprintf(to, "  %-20s times %u, pause_ms %u, rest_ms %u  %s\n", smpp_status_name(row->status), row->times, row->pause_ms,
			row->rest_ms, smpp_status_text(row->status));
}

static void help_knobs(FILE *to)
{
	const struct smpp_dialect_knob *knob;

	fprintf(to, "operators.().knobs\n");
	for (size_t i = 0; (knob = smpp_dialect_knob(i)); i++) {
		fprintf(to, "  %-24s ", knob->name);
		if (knob->kind == SMPP_KNOB_NUMBER)
			fprintf(to, "%lld..%lld%s%s", (long long)knob->min, (long long)knob->max, knob->word ? " or " : "",
				knob->word ? knob->word : "");
		else if (knob->kind == SMPP_KNOB_STRING)
			fprintf(to, "text of at most %lld", (long long)knob->max);
		else if (knob->kind == SMPP_KNOB_BOOL)
			fprintf(to, "true|false");
		for (size_t c = 0; knob->kind == SMPP_KNOB_CHOICE && knob->choices[c]; c++)
			fprintf(to, "%s%s", c ? "|" : "", knob->choices[c]);
		fprintf(to, "  %s\n", knob->text);
	}
}

void gw_config_operators_help(FILE *to)
{
	gw_config_section_help(to, &operator_section);
	fprintf(to, "  %-20s list of texts (none)  subscribers' numbers that begin so are this operator's: ( \"98910\", \"98911\" )\n", "prefixes");
	gw_config_section_help(to, &retry_section);
	help_retries(to);
	gw_config_section_help(to, &link_section);
	help_knobs(to);
	fprintf(to, "dialects:");
	for (size_t i = 0; smpp_dialect_row(i); i++)
		fprintf(to, " %s", smpp_dialect_row(i)->name);
	fprintf(to, "\n");
}
