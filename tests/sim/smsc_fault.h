/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Faults on request: "late 500", "throttle 3", "hostile 1000000 7" ... A table, from which help and documents are made. */
#pragma once

#include "tests/sim/smsc_net.h"

struct smsc_fault {
	const char *name, *arguments, *text;
	/* 0, or -1: the arguments are wrong */
	int (*apply)(struct smsc_operator *op, const char *arguments);
};

const struct smsc_fault *smsc_fault_row(size_t index); /* NULL past the last */
/* "NAME ARGUMENTS". 0, -1: arguments are wrong, -2: no such fault. */
int smsc_fault_apply(struct smsc_operator *op, const char *line);
/* Sends the next of the hostile PDUs that were asked for, as far as there is room. Once a turn. */
void smsc_fault_pump(struct smsc_operator *op);
