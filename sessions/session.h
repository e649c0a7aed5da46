/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a dialog remembers between two steps: one small, versioned value in Redis. The menu's part and the bearer's part
 * are opaque here. The stamp comes first (it is what a save compares), then a format number, so that a newer gateway reads
 * an older one's sessions; session.c has the layout. A plain session takes some 110 octets. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SESS_BEARER_OCTETS_MAX 40
#define SESS_PLACE_OCTETS_MAX 6208     /* the menu engine's, and what sealing adds */
#define SESS_VALUE_OCTETS_MAX (SESS_PLACE_OCTETS_MAX + 128)
#define SESS_STAMP_OCTETS 8            /* the head of a value: what a save compares */
#define SESS_ID_MAX 24                 /* a key: msisdn */

enum sess_phase {
	SESS_OPEN,        /* the citizen has a page and may answer */
	SESS_WAITING,     /* an agency has been asked; `call_id` is the idempotency key of that call */
	SESS_LATE,        /* the same, but the dialog was ended politely: the screen goes out by SMS */
	SESS_ENDED,       /* the last page was sent; kept for a while for a repeated last step and for "go on where it broke" */
	SESS_CUT,         /* the network ended it in the middle: a new dial may go on */
};

struct session {
	uint32_t version;        /* 0: never saved; sess_store_save sets the next */
	uint32_t nonce;          /* differs between writers of the same version: who wrote it */
	uint32_t base_version, base_nonce; /* not stored: the stamp that the last save was to replace (sess_store_save `again`) */
	enum sess_phase phase;
	bool sealed;             /* the place is sealed: it holds secret input */
	bool pushed;             /* the dialog began with us, not with a dial: to the end */
	uint8_t use;             /* bits of whoever counts: what was counted already */
	uint16_t bearer_id;      /* which operator */
	uint32_t bearer_session; /* the bearer's hash of its session id */
	uint32_t step_fingerprint, step_sequence, step_link; /* of the step that was done last */
	uint64_t menu_version;   /* first 8 octets of the content hash */
	int64_t began_ms;        /* wall clock, ms since 1970 */
	int64_t touched_ms;      /* of the last step */
	uint64_t call_id;        /* of the agency call waited for, 0: none */
	uint32_t tracking;       /* tracking code of a late call, 0: none */
	uint16_t steps;
	uint8_t bearer[SESS_BEARER_OCTETS_MAX];
	uint8_t bearer_octets;
	uint16_t place_octets;
	uint8_t place[SESS_PLACE_OCTETS_MAX]; /* the menu engine's; last, so that copies may stop early */
};

/* Octets written into buf (at least SESS_VALUE_OCTETS_MAX to be sure), -ENOSPC, -EINVAL (a part above its maximum, an
 * unknown phase, a time before 1970, version 0). The first SESS_STAMP_OCTETS are version and nonce. */
ssize_t sess_session_encode(const struct session *session, uint8_t *buf, size_t cap);
/* 0, -EBADMSG: not a session, or of a format that this program does not know; *session is then undefined. Octets of
 * `bearer` and `place` behind what the value holds are not touched. */
int sess_session_decode(struct session *session, const uint8_t *value, size_t octets);
/* The stamp of a version, as a value begins with it. */
void sess_session_stamp(uint32_t version, uint32_t nonce, uint8_t stamp[SESS_STAMP_OCTETS]);
