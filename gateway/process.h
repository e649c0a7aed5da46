/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What this process takes of the machine. */
#pragma once

#include <stdint.h>

struct gw_process {
	uint64_t resident_octets, open_fds, max_fds;
	double cpu_seconds;
};

/* What cannot be read (no /proc) is 0. */
void gw_process_read(struct gw_process *process);
