/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What vty.c (the port, the commands) and vty_show.c, vty_session.c (what they print) and vty_tame.c share. */
#pragma once

#include <osmocom/vty/vty.h>

struct gw;

/* One line. */
void gw_vty_line(struct vty *vty, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A command: argument is what stood in the place of the command's one variable, or NULL. */
typedef void gw_vty_command(struct vty *vty, struct gw *gw, const char *argument);
gw_vty_command gw_vty_show_links, gw_vty_show_operators, gw_vty_show_sessions, gw_vty_show_agencies, gw_vty_show_menus,
	gw_vty_show_counters, gw_vty_show_webhooks, gw_vty_show_queues, gw_vty_show_dead, gw_vty_dead_retry, gw_vty_dead_retry_all, gw_vty_dead_drop,
	gw_vty_show_session, gw_vty_show_ledger, gw_vty_show_request, gw_vty_show_texts, gw_vty_show_bulk,
	gw_vty_show_payments_unsure, gw_vty_show_notices, gw_vty_show_notice, gw_vty_show_unsure, gw_vty_show_identity, gw_vty_identity_forget;

/* After vty_init, once. */
void gw_vty_tame(void);
