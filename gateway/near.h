/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Is an address near: on this machine, or in a private network (RFC 1918, RFC 4193)? What is sent in clear may go there at most. A
 * link-local address is not near: there live the services of clouds that give secrets to whoever asks. Pure. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

bool gw_near(const struct sockaddr *address);
