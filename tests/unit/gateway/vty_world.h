/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The operators' console of a gateway in the test's own process, and who types at it. */
#pragma once

#include "gateway/vty.h"
#include "tests/unit/gateway/gw_world.h"

/* Once in a program, in the place of world_init(). */
static inline int vty_world_init(void **state)
{
	if (world_init(state) < 0)
		return -1;
	gw_vty_init(world_ctx);
	return 0;
}

/* The console of this gateway, where its configuration wants it. */
static inline void vty_world_open(void)
{
	assert_int_equal(gw_vty_open(world.gw, world.config->vty.listen, (uint16_t)world.config->vty.port), 0);
}

/* Types it at a console of its own, to be read from and closed. */
static inline int vty_world_type(const char *commands)
{
	int fd = world_connect(world_number("vty port "));

	world_send(fd, "terminal length 0\r\n");
	world_send(fd, commands);
	world_send(fd, "\r\n");
	return fd;
}

static const char *vty_world_wanted;

static inline bool vty_world_is_told(const char *into)
{
	return strstr(into, vty_world_wanted) != NULL;
}

/* What comes until `last` has come, and no more: an answer of the ledger stands behind the next prompt. */
static inline void vty_world_say(char *into, size_t cap, const char *commands, const char *last)
{
	int fd = vty_world_type(commands);

	into[0] = '\0';
	vty_world_wanted = last;
	if (world_read(fd, into, cap, vty_world_is_told))
		fail_msg("%s closes before it says %s: %s", commands, last, into);
	close(fd);
}
