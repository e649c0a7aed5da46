/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The network's end for the modes that measure: listens, takes binds, enquires and unbinds, and hands all else to its user. Owns
 * the sockets and the clock of a turn. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/smsc_stream.h"

#define SMSC_GENERATOR_LINKS 16

struct smsc_generator;
struct smsc_generator_user {
	/* A PDU that is neither a bind nor housekeeping. */
	void (*on_pdu)(struct smsc_generator *generator, unsigned int link, const struct smpp_pdu *pdu);
	void (*on_lost)(struct smsc_generator *generator, unsigned int link);
	void (*on_turn)(struct smsc_generator *generator);  /* after reading, before writing: send what is due */
};

struct smsc_generator_link {
	struct smsc_stream stream;
	struct smsc_generator *generator;
	unsigned int index;
	bool open, receives;
};

struct smsc_generator {
	const struct smsc_generator_user *user;
	int listen_fd;
	unsigned int next_link;
	int64_t now_ns;                  /* of this turn */
	struct smsc_generator_link links[SMSC_GENERATOR_LINKS];
};

/* The stream of a link; NULL: it is gone. */
struct smsc_stream *smsc_generator_stream(struct smsc_generator *generator, unsigned int link);
unsigned int smsc_generator_bound(const struct smsc_generator *generator); /* links that may receive */
/* The next of these, round and round. False: there is none. */
bool smsc_generator_next(struct smsc_generator *generator, unsigned int *link);
/* Waits for events, but not beyond wake_ns, and serves them. */
void smsc_generator_turn(struct smsc_generator *generator, int64_t wake_ns);
/* False: so many links were not bound in time. */
bool smsc_generator_wait_bound(struct smsc_generator *generator, unsigned int binds, double seconds);
/* Closes every link, each told as lost. */
void smsc_generator_close(struct smsc_generator *generator);
