/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What dolat-smsc can be asked to do. Each mode runs until it is done and returns the exit status of the program. */
#pragma once

#include "tests/sim/smsc_net.h"

struct smsc_options {
	const char *msisdn;         /* of the phone */
	const char *control;        /* path of the control socket, or NULL */
	int64_t bind_wait_ms;       /* how long to wait for the gateway; 0: do not */
	char **arguments;           /* after the mode's name */
	int n_arguments;
};

int smsc_play(struct smsc *smsc, const struct smsc_options *options);
int smsc_serve(struct smsc *smsc, const struct smsc_options *options);
int smsc_phone(struct smsc *smsc, const struct smsc_options *options);
/* These are on our own codec. load and traffic use the first operator's port and dialect; echo is an ESME, and connects. */
int smsc_load(struct smsc *smsc, const struct smsc_options *options);
int smsc_traffic(struct smsc *smsc, const struct smsc_options *options);
int smsc_echo(int argc, char **argv);

/* Waits until every operator has a link that may receive. False: not within ms, or asked to stop. */
bool smsc_wait_bound(struct smsc *smsc, int64_t ms);
/* Set by SIGTERM and SIGINT. */
extern volatile bool smsc_stopping;
