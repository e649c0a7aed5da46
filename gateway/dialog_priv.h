/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of a dialog share; nobody else includes this. In the order of a step:
 *
 *   dialog.c         it arrives: is taken in, joins one that is at work, is turned away
 *   dialog_decide.c  its session is loaded; what is it: new, repeated, stale? The menu decides
 *   dialog_text.c    text messages that it sends are made sure of
 *   dialog_save.c    the outcome is folded into the session and saved; then what was decided is done
 *   dialog_call.c    an agency is asked, is late, is asked again for a process that is gone
 *   dialog_answer.c  the network and the citizen are told; the step is over
 *   dialog_push.c    the same for a dialog that begins with us
 *
 * A step (struct gw_inflight) is owned by the pool. After a call that can end it (finish, save, begin, call ...) it must not
 * be touched; callbacks find it again by its handle. */
#pragma once

#include "gateway/dialog.h"
#include "gateway/inflight.h"
#include "gateway/limit.h"
#include "gateway/log.h"
#include "gateway/loop.h"

struct gw_dialogs {
	struct gw_dialogs_config config;
	struct gw_bearer_user user;
	struct gw_inflights *pool;
	struct llist_head calling, held;
	unsigned int n_calling, n_late;
	int64_t next_takeover_ms;
	unsigned int n_texts;            /* text messages that are being promised */
	bool closing, abandoned;
	uint32_t process;                /* random: tells our sequence numbers from another process's */
	struct gw_limit limit;
	/* one step is made at a time: these are its working memory */
	struct menu_run run;
	struct menu_result result;
};

static inline void gw_dialog_count(struct gw_dialogs *dialogs, enum gw_counter counter)
{
	dialogs->config.counters->at[counter]++;
}

/* ---- dialog_answer.c ---- */

int64_t gw_dialog_now_us(void);
void gw_dialog_accept(struct gw_inflight *step);
void gw_dialog_refuse(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_refusal why);
/* version: of the session that the answer shows, so that its acknowledgement means that; 0: of none. */
void gw_dialog_answer(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_answer_kind kind, const char *text,
		      size_t octets, uint32_t version);
/* Accepts, and ends the dialog with one of the gateway's own sentences, if anybody is there to read it. */
void gw_dialog_say(struct gw_dialogs *dialogs, struct gw_inflight *step, enum menu_phrase phrase);
/* Gives back all that the step holds, and the step. */
void gw_dialog_forget(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* The step is over: what is not settled is accepted, the next one of the same subscriber begins. */
void gw_dialog_finish(struct gw_dialogs *dialogs, struct gw_inflight *step);
void gw_dialog_finish_with_phrase(struct gw_dialogs *dialogs, struct gw_inflight *step, enum menu_phrase phrase);
void gw_dialog_finish_store_down(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* Lists the step as the one at work for its subscriber, and begins it. */
void gw_dialog_start(struct gw_dialogs *dialogs, struct gw_inflight *step);

/* ---- dialog_decide.c ---- */

void gw_dialog_begin(struct gw_dialogs *dialogs, struct gw_inflight *step);
void gw_dialog_decide(struct gw_dialogs *dialogs, struct gw_inflight *step);
void gw_dialog_held_tick(struct gw_dialogs *dialogs);
/* The session that was found; NULL: there is none. */
void gw_dialog_take_session(struct gw_inflight *step, const struct session *session);
/* The menu of the session, and its place in dialogs->run; NULL: this process does not have that version. */
const struct menu_set *gw_dialog_set(struct gw_dialogs *dialogs, const struct gw_inflight *step);
/* One step of the menu: from dialogs->run into dialogs->result. */
void gw_dialog_menu(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set, enum menu_event_kind kind,
		    const struct menu_answer *answer);

/* ---- dialog_save.c ---- */

static inline bool gw_dialog_waits(const struct session *session)
{
	return session->phase == SESS_WAITING || session->phase == SESS_LATE;
}

void gw_dialog_keep_page(struct gw_inflight *step, const struct menu_result *result);
/* dialogs->run into the session; sealed, if it holds a secret. 0 or -errno. */
int gw_dialog_keep_place(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* Folds the menu's decision into the session and saves it; what was decided is done when it is safe. */
void gw_dialog_take_result(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set);
void gw_dialog_save(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_then then);

/* ---- dialog_text.c ---- */

/* What follows is the outcome of this call: it names the texts that come of it. */
void gw_dialog_caused_by_call(struct gw_inflight *step, const struct menu_answer *answer);
/* Promises the texts of what the menu decided, then saves. */
void gw_dialog_promise(struct gw_dialogs *dialogs, struct gw_inflight *step, enum gw_then then);
/* Sends a text: the page, or one beside it. */
void gw_dialog_sms(struct gw_dialogs *dialogs, struct gw_inflight *step, const char *text, size_t octets, bool page);
/* The same for the page of the step, and for what the menu wanted sent beside it, if anything; unless it was promised. */
void gw_dialog_sms_page(struct gw_dialogs *dialogs, struct gw_inflight *step);
void gw_dialog_sms_beside(struct gw_dialogs *dialogs, struct gw_inflight *step);

/* ---- dialog_push.c ---- */

/* Begun by us, and the citizen has not replied yet. */
bool gw_dialog_is_pushed(const struct session *session);
/* Its session is loaded: it is begun, unless the citizen has a dialog; or taken back. */
void gw_dialog_push_decide(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* True: nobody is bothered with such an answer; the step is over or will be. */
bool gw_dialog_push_fails(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_answer *answer);
/* Its page is saved: out it goes. */
void gw_dialog_push_out(struct gw_dialogs *dialogs, struct gw_inflight *step);

/* ---- dialog_call.c ---- */

/* The step goes on with an operation of this set, which is held until the answer. */
void gw_dialog_want_call(struct gw_dialogs *dialogs, struct gw_inflight *step, const struct menu_set *set);
void gw_dialog_let_go(struct gw_dialogs *dialogs, struct gw_inflight *step);
void gw_dialog_stop_calling(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* How long a call may last, whatever happens (gateway/agency.h). */
int64_t gw_dialog_call_ms(const struct menu_operation *operation);
/* Saved as waiting: now the agency is asked. */
void gw_dialog_call(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* Saved as late: now the citizen is told. */
void gw_dialog_late(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* It could not be saved as late (`tell` the citizen), or the session has become another's. */
void gw_dialog_not_late(struct gw_dialogs *dialogs, struct gw_inflight *step, bool tell);
/* A late step of which the session has become another's still owes the text message that it promised. */
void gw_dialog_late_aside(struct gw_dialogs *dialogs, struct gw_inflight *step);
/* A step of somebody for whom an agency is being asked. */
void gw_dialog_during_call(struct gw_dialogs *dialogs, struct gw_inflight *at_work, struct gw_inflight *step);
/* Makes the page that tells the tracking code. */
void gw_dialog_late_page(struct gw_inflight *step, const struct menu_set *set);
/* A session that waits, and nobody is there to hear the agency. */
void gw_dialog_take_over(struct gw_dialogs *dialogs, struct gw_inflight *step);
void gw_dialog_calls_tick(struct gw_dialogs *dialogs);
