/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The operators' telnet console (libosmovty): show links, operators, sessions, agencies, menus, counters; log levels; reload
 * of menus; drain. Everything that is a list is printed from the table that the program itself uses. */
#pragma once

#include <stdint.h>

struct gw;

/* Call before gw_alloc: registers the commands. */
void gw_vty_init(void *ctx);
/* Opens the port (listen "": none). 0 or -errno. */
int gw_vty_open(struct gw *gw, const char *listen, uint16_t port);
