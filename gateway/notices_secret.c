/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sensitive notices: the ledger holds their texts sealed, with the key of secret inputs (seal.h), and base64 so that a record stays
 * JSON. Whose they are is kept as a keyed hash of the national ID. */
#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/notices_priv.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define ROOM (GW_NOTICE_TEXT_OCTETS + GW_SEAL_OCTETS)

static int seal_text(const struct gw_seal *seal, struct gw_notice *notice, char **text)
{
	uint8_t octets[ROOM];
	char base64[sodium_base64_ENCODED_LEN(ROOM, VARIANT)];
	ssize_t n = (ssize_t)strlen(*text);

	if (n == 0)
		return 0;
	if (n > GW_NOTICE_TEXT_OCTETS)
		return -ENOSPC;
	memcpy(octets, *text, (size_t)n);
	n = gw_seal_close(seal, notice->msisdn, octets, (size_t)n, sizeof(octets));
	if (n < 0)
		return (int)n;
	sodium_memzero(*text, strlen(*text));
	gw_notice_set(notice, text, sodium_bin2base64(base64, sizeof(base64), octets, (size_t)n, VARIANT));
	return 0;
}

int gw_notices_seal(struct gw_notices *notices, struct gw_notice *notice, const char *national_id)
{
	char hash[GW_SEAL_HASH_OCTETS];
	int rc = 0;

	if (!notices->config.seal)
		return -ENOKEY;
	for (size_t i = 0; i < GW_NOTICE_LANGUAGES && rc == 0; i++)
		rc = seal_text(notices->config.seal, notice, &notice->text[i]);
	gw_seal_hash(notices->config.seal, "national-id", national_id, hash);
	gw_notice_set(notice, &notice->subject, hash);
	notice->sensitive = true;
	return rc;
}

bool gw_notices_opens(const struct gw_notices *notices, const struct gw_notice *notice, const char *national_id)
{
	char hash[GW_SEAL_HASH_OCTETS];

	if (!notices->config.seal)
		return false;
	gw_seal_hash(notices->config.seal, "national-id", national_id, hash);
	return strlen(notice->subject) == sizeof(hash) - 1 && sodium_memcmp(notice->subject, hash, sizeof(hash)) == 0;
}

ssize_t gw_notices_read(const struct gw_notices *notices, const struct gw_notice *notice, const char *language, char *out, size_t cap)
{
	const char *text = gw_notice_text(notice, language);
	uint8_t sealed[ROOM], opened[ROOM];
	size_t n = strlen(text);
	ssize_t octets;

	if (!notice->sensitive) {
		if (n >= cap)
			return -ENOSPC;
		memcpy(out, text, n + 1);
		return (ssize_t)n;
	}
	if (!notices->config.seal || sodium_base642bin(sealed, sizeof(sealed), text, n, NULL, &n, NULL, VARIANT) != 0)
		return -EBADMSG;
	octets = gw_seal_open(notices->config.seal, notice->msisdn, sealed, n, opened);
	if (octets >= 0 && (size_t)octets >= cap)
		octets = -ENOSPC;
	if (octets >= 0) {
		memcpy(out, opened, (size_t)octets);
		out[octets] = '\0';
	}
	sodium_memzero(opened, sizeof(opened));
	return octets;
}
