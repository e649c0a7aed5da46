/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See smsc_journal.h. One write a line, so that a line is whole or not there. */
#include "tests/sim/smsc_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sim/smsc_json.h"

#define LINE_OCTETS (2 * SMSC_SMS_UTF8)

int smsc_journal_open(struct smsc *smsc, const char *path)
{
	smsc->journal_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	return smsc->journal_fd < 0 ? -errno : 0;
}

static void member(struct smsc_json *json, const char *name, const char *text)
{
	smsc_json_text(json, name, text, strlen(text));
}

static void write_line(int fd, struct smsc_json *json, char *line)
{
	size_t octets;

	if (!smsc_json_close(json))
		abort(); /* a journal that is silent about something is none */
	octets = strlen(line);
	line[octets++] = '\n';
	if (write(fd, line, octets) != (ssize_t)octets)
		abort();
}

void smsc_journal_sms(const struct smsc_handset *handset, const struct smsc_sms *sms, const char *id)
{
	static char line[LINE_OCTETS];
	struct smsc_json json;

	if (handset->operator->smsc->journal_fd < 0)
		return;
	smsc_json_open(&json, line, sizeof(line) - 1);
	member(&json, "what", "sms");
	member(&json, "phone", handset->dialog.msisdn);
	member(&json, "from", sms->from);
	smsc_json_text(&json, "text", sms->text, sms->octets);
	member(&json, "id", id);
	write_line(handset->operator->smsc->journal_fd, &json, line);
}

void smsc_journal_acknowledged(struct smsc_operator *op, const struct smsc_message *message)
{
	static char line[LINE_OCTETS];
	char text[SMSC_SMS_UTF8];
	struct smsc_json json;
	bool receipt = message->esm_class & 0x3C;
	const char *id = receipt ? strstr((const char *)message->text, "id:") : NULL;
	ssize_t octets;

	if (op->smsc->journal_fd < 0)
		return;
	octets = smpp_text_decode(smsc_dialect_alphabet(op->dialect, message->data_coding), message->text, message->text_octets, text, sizeof(text));
	smsc_json_open(&json, line, sizeof(line) - 1);
	member(&json, "what", receipt ? "receipt" : "text");
	member(&json, "phone", message->source);
	if (receipt)
		smsc_json_text(&json, "id", id ? id + 3 : "", id ? strcspn(id + 3, " ") : 0);
	else
		member(&json, "to", message->destination);
	if (!receipt && octets >= 0)
		smsc_json_text(&json, "text", text, (size_t)octets);
	write_line(op->smsc->journal_fd, &json, line);
}
