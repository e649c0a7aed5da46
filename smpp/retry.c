/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See retry.h. Throttled and queue full are the peer's word that it wants less of everything: the route rests a second, as every
 * gateway does, and only one that is refused again and again has to wait for long. The others are about the one message, or
 * about a centre that is not well: those behind it are tried, which tells. */
#include "smpp/retry.h"

#include <errno.h>

#include "smpp/status.h"

static const struct smpp_retry rows[] = {
	{ ESME_RSYSERR, .times = 2, .pause_ms = 30000 },
	{ ESME_RTHROTTLED, .times = 20, .pause_ms = 30000, .rest_ms = 1000 },
	{ ESME_RMSGQFUL, .times = 2, .pause_ms = 180000, .rest_ms = 1000 },
	{ ESME_RINVSCHED, .times = 2, .pause_ms = 300000 },
	{ ESME_RX_T_APPN, .times = 5, .pause_ms = 30000 },
	{ ESME_RINVBNDSTS, .times = 5, .pause_ms = 30000 },
	{ ESME_RALYBND, .times = 5, .pause_ms = 30000 },
	{ ESME_RBINDFAIL, .times = 5, .pause_ms = 30000 },
	{ ESME_RSUBMITFAIL, .times = 2, .pause_ms = 60000 },
	{ ESME_RUNKNOWNERR, .times = 2, .pause_ms = 60000 },
	{ ESME_RSERTYPUNAVAIL, .times = 2, .pause_ms = 300000 },
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

_Static_assert(N_ROWS < SMPP_RETRIES_MAX, "there is room for an operator's own");

const struct smpp_retry *smpp_retry_row(size_t index)
{
	return index < N_ROWS ? &rows[index] : NULL;
}

void smpp_retries_init(struct smpp_retries *retries)
{
	for (retries->n = 0; retries->n < N_ROWS; retries->n++)
		retries->at[retries->n] = rows[retries->n];
}

int smpp_retries_set(struct smpp_retries *retries, const struct smpp_retry *retry)
{
	size_t i = 0;

	while (i < retries->n && retries->at[i].status != retry->status)
		i++;
	if (i == SMPP_RETRIES_MAX)
		return -ENOSPC;
	retries->at[i] = *retry;
	retries->n += i == retries->n;
	return 0;
}

const struct smpp_retry *smpp_retries_find(const struct smpp_retries *retries, uint32_t status)
{
	for (size_t i = 0; i < retries->n; i++)
		if (retries->at[i].status == status)
			return retries->at[i].times ? &retries->at[i] : NULL;
	return NULL;
}
