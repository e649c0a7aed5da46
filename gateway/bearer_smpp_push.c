/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What begins with us: a text that is shown, or the first page of a dialog. The answer to a page comes up as a step like any other, in
 * a session that the dialect lets us name or the network names. One without a response is never sent again: it may have been shown. */
#include <errno.h>
#include <string.h>

#include "gateway/bearer_smpp_priv.h"
#include "gateway/loop.h"

int gw_smpp_push_encode(const struct outgoing *out, struct smpp_pdu *pdu, struct smpp_dialect_room *room)
{
	const struct gw_config_operator *config = out->route->config;
	const char *source = config->push_source[0] ? config->push_source : config->sms_sender;
	const struct smpp_push push = {
		.ask = out->push.ask, .msisdn = out->msisdn, .session = out->push.session, .utf8 = out->text, .octets = out->octets,
		.code = { .ton = (uint8_t)config->sms_sender_ton, .npi = (uint8_t)config->sms_sender_npi, .digits = source },
	};

	return smpp_dialect_push(&config->dialect, &push, pdu, room);
}

int gw_smpp_push(struct gw_bearer *base, const struct gw_route *base_route, const struct gw_push *push)
{
	struct bearer_smpp *bearer = gw_smpp_of(base);
	struct route *route = (struct route *)base_route;
	struct smpp_dialect_room room;
	struct smpp_pdu pdu;
	struct outgoing *out;
	int rc;

	if (push->octets > sizeof(out->text) || !smpp_dialect_fits(&route->config->dialect, push->text, push->octets))
		return -EMSGSIZE;
	out = bearer->stopping ? NULL : gw_smpp_out_get(bearer, route, OUTGOING_PUSH, push->msisdn);
	if (!out)
		return -ENOBUFS;
	out->push.token = push->token;
	out->push.ask = push->kind == GW_PUSH_ASK;
	out->push.session = ++route->push_session;
	out->expire_ms = gw_clock_ms() + base_route->answer_ms;
	out->octets = (uint16_t)push->octets;
	memcpy(out->text, push->text, push->octets);
	rc = gw_smpp_push_encode(out, &pdu, &room);
	if (rc < 0)
		gw_smpp_out_put(bearer, out);
	else
		gw_smpp_out_enqueue(out, false); /* it leaves after this turn: nothing is told from inside the call */
	return rc;
}
