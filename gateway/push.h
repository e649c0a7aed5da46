/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A notice by network-started USSD, for when an SMS did not arrive: a dialog that leads to it in the citizen's inbox (USSR), and where
 * that cannot be, its text as one page (USSN).
 *
 * The dialog opens the menu's service "inbox" at its `direct` screen with the notice's id. It is not begun while the citizen has a
 * dialog of their own; the notice is read, and said to be, only when the citizen asks for it there. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "gateway/bearer.h"
#include "gateway/dialog.h"
#include "menus/pin.h"

#define GW_PUSHES_MAX 1024                   /* under way at once */

struct gw_pushes;

/* A child of ctx; dialogs and pins must live as long. */
struct gw_pushes *gw_pushes_alloc(void *ctx, struct gw_dialogs *dialogs, struct menu_pins *pins);

struct gw_push_notice {                      /* read during the call only */
	const struct gw_route *route;
	const char *msisdn;
	const char *notice;                  /* its id; "": it is not in the inbox */
	const char *text;                    /* to be shown where no dialog can be begun; "": nothing */
};
/* TAKEN: the network has it. REFUSED: neither way. LATER: not now (the citizen is in a dialog, no room, no store). UNKNOWN: no response. */
typedef void gw_push_cb(void *ctx, uint64_t token, enum gw_sent sent);
/* 0: cb is called, once, later. -ENOBUFS: too many are under way, or the network has no room; -ENOTSUP, -EMSGSIZE: the only way left is
 * none with this network, or for this text. */
int gw_push_notice(struct gw_pushes *pushes, const struct gw_push_notice *push, gw_push_cb *cb, void *ctx, uint64_t token);
/* Of the bearers' gw_text_user: every push here comes from this file. */
void gw_pushes_on_push(struct gw_pushes *pushes, uint64_t token, enum gw_sent sent);
void gw_pushes_tick(struct gw_pushes *pushes); /* every GW_LOOP_TICK_MS */
