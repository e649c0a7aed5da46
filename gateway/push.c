/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See push.h. A push is *asking* (a dialog is being begun), *asked* (the network has its page), *notified* (it has the text), or
 * *told* (its outcome waits for the next tick). It is known outside by slot and generation, in dialogs and bearers alike. */
#include "gateway/push.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#define INBOX "inbox"           /* the menu's service */

enum stage { FREE, ASKING, ASKED, NOTIFIED, TOLD };

struct push {
	enum stage stage;
	uint32_t generation;
	const struct gw_route *route;
	char msisdn[GW_MSISDN_MAX + 1];
	char *text;
	uint32_t version;            /* of the session that was begun */
	enum gw_sent sent;           /* of TOLD */
	gw_push_cb *cb;
	void *ctx;
	uint64_t token;
};

struct gw_pushes {
	struct gw_dialogs *dialogs;
	struct menu_pins *pins;
	unsigned int told;
	struct push at[GW_PUSHES_MAX];
};

struct gw_pushes *gw_pushes_alloc(void *ctx, struct gw_dialogs *dialogs, struct menu_pins *pins)
{
	struct gw_pushes *pushes = talloc_zero(ctx, struct gw_pushes);

	pushes->dialogs = dialogs;
	pushes->pins = pins;
	return pushes;
}

static uint64_t handle_of(const struct gw_pushes *pushes, const struct push *push)
{
	return (uint64_t)push->generation << 32 | (uint64_t)(push - pushes->at);
}

/* NULL: it is over. */
static struct push *push_at(struct gw_pushes *pushes, uint64_t handle)
{
	struct push *push = (uint32_t)handle < GW_PUSHES_MAX ? &pushes->at[(uint32_t)handle] : NULL;

	return push && push->stage != FREE && push->generation == (uint32_t)(handle >> 32) ? push : NULL;
}

static struct push *take(struct gw_pushes *pushes, const struct gw_push_notice *from, gw_push_cb *cb, void *ctx, uint64_t token)
{
	for (size_t i = 0; i < GW_PUSHES_MAX; i++) {
		struct push *push = &pushes->at[i];

		if (push->stage != FREE)
			continue;
		*push = (struct push){ .stage = ASKING, .generation = push->generation + 1, .route = from->route, .cb = cb, .ctx = ctx, .token = token };
		osmo_strlcpy(push->msisdn, from->msisdn, sizeof(push->msisdn));
		push->text = talloc_strdup(pushes, from->text);
		return push;
	}
	return NULL;
}

static void put(struct push *push)
{
	TALLOC_FREE(push->text);
	push->stage = FREE;
}

static void end(struct push *push, enum gw_sent sent)
{
	gw_push_cb *cb = push->cb;
	void *ctx = push->ctx;
	uint64_t token = push->token;

	put(push);
	cb(ctx, token, sent);
}

/* ---- as a text ---- */

static int notify(struct gw_pushes *pushes, struct push *push)
{
	const struct gw_push page = {
		.kind = GW_PUSH_NOTIFY, .msisdn = push->msisdn, .text = push->text, .octets = strlen(push->text), .token = handle_of(pushes, push),
	};

	if (!page.octets || !push->route->fits(push->route->fits_ctx, page.text, page.octets))
		return -EMSGSIZE;
	push->stage = NOTIFIED;
	return push->route->bearer->ops->push(push->route->bearer, push->route, &page);
}

/* No dialog: what is left is the text. */
static void notify_instead(struct gw_pushes *pushes, struct push *push)
{
	int rc = notify(pushes, push);

	if (rc < 0)
		end(push, rc == -ENOBUFS ? GW_SENT_LATER : GW_SENT_REFUSED);
}

/* ---- as a dialog ---- */

static void on_dialog(void *ctx, uint64_t token, enum gw_push_result result, uint32_t version)
{
	struct gw_pushes *pushes = ctx;
	struct push *push = push_at(pushes, token);

	if (!push || push->stage != ASKING)
		return;
	switch (result) {
	case GW_PUSH_SHOWN:
		push->stage = ASKED;
		push->version = version;
		return;
	case GW_PUSH_BUSY:
	case GW_PUSH_DOWN:
		end(push, GW_SENT_LATER);
		return;
	case GW_PUSH_UNABLE:
	case GW_PUSH_FAILED:
		notify_instead(pushes, push);
		return;
	}
}

/* False: there is no way to it in the menu. */
static bool dial_of(const struct gw_pushes *pushes, const char *notice, char dial[MENU_DIAL_OCTETS])
{
	const struct menu_set *set = menu_pins_current(pushes->pins);

	return notice[0] && set && menu_set_dial(set, INBOX, notice, dial, MENU_DIAL_OCTETS);
}

int gw_push_notice(struct gw_pushes *pushes, const struct gw_push_notice *from, gw_push_cb *cb, void *ctx, uint64_t token)
{
	struct push *push = take(pushes, from, cb, ctx, token);
	char dial[MENU_DIAL_OCTETS];
	struct gw_dialog_push dialog = { .route = from->route, .msisdn = from->msisdn, .dial = dial };
	int rc;

	if (!push)
		return -ENOBUFS;
	if (!dial_of(pushes, from->notice, dial)) {
		rc = notify(pushes, push);
		if (rc < 0)
			put(push);
		return rc;
	}
	dialog.token = handle_of(pushes, push);
	rc = gw_dialogs_push(pushes->dialogs, &dialog, on_dialog, pushes);
	if (rc < 0) {
		push->stage = TOLD;
		push->sent = GW_SENT_LATER;
		pushes->told++;
	}
	return 0;
}

/* ---- outcomes ---- */

void gw_pushes_on_push(struct gw_pushes *pushes, uint64_t token, enum gw_sent sent)
{
	struct push *push = push_at(pushes, token);

	if (!push || (push->stage != ASKED && push->stage != NOTIFIED))
		return;
	if (push->stage == ASKED && (sent == GW_SENT_REFUSED || sent == GW_SENT_LATER))
		gw_dialogs_pull(pushes->dialogs, push->route, push->msisdn, push->version);
	if (push->stage == ASKED && sent == GW_SENT_REFUSED)
		notify_instead(pushes, push);
	else
		end(push, sent);
}

void gw_pushes_tick(struct gw_pushes *pushes)
{
	for (size_t i = 0; pushes->told && i < GW_PUSHES_MAX; i++)
		if (pushes->at[i].stage == TOLD) {
			pushes->told--;
			end(&pushes->at[i], pushes->at[i].sent);
		}
}
