/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What libosmovty brings along and a gateway must not have. Its programs read and write a configuration of their own, from
 * the console; ours does not, so that whoever reaches the console cannot write files, nor lock others out with a password
 * that no file remembers. Its `shutdown` makes osmo_select stop reading, from where the gateway could not even drain. And
 * its `exit` (1.7.0) closes before it has written: `echo show links | nc` would print nothing.
 *
 * A command cannot be taken back once it is installed, so these get another function. */
#include <string.h>

#include <osmocom/core/utils.h>
#include <osmocom/vty/command.h>
#include <osmocom/vty/vty.h>

#include "gateway/vty_priv.h"

typedef int command_func(struct cmd_element *element, struct vty *vty, int argc, const char *argv[]);

extern vector cmdvec; /* all nodes; the library exports it without declaring it */

static command_func *original_exit;

static int flush_and_exit(struct cmd_element *element, struct vty *vty, int argc, const char *argv[])
{
	vty_flush(vty);
	return original_exit(element, vty, argc, argv);
}

static int refuse(struct cmd_element *element, struct vty *vty, int argc, const char *argv[])
{
	(void)element;
	(void)argc;
	(void)argv;
	gw_vty_line(vty, "%% not here: the gateway is configured by its file, logging by `logging ...`, and stopped by `drain`");
	return CMD_WARNING;
}

static const struct { const char *string; command_func *instead; } tamed[] = {
	{ "exit", flush_and_exit },
	{ "shutdown", refuse },
	{ "configure terminal", refuse },
	{ "write file [PATH]", refuse },
	{ "write memory", refuse },
	{ "write", refuse },
	{ "copy running-config startup-config", refuse },
	{ "show startup-config", refuse },
};

static void tame(struct cmd_element *element)
{
	for (size_t i = 0; i < ARRAY_SIZE(tamed); i++) {
		if (strcmp(element->string, tamed[i].string) != 0 || element->func == tamed[i].instead)
			continue;
		if (tamed[i].instead == flush_and_exit)
			original_exit = element->func;
		else
			element->attr |= CMD_ATTR_HIDDEN;
		element->func = tamed[i].instead;
	}
}

void gw_vty_tame(void)
{
	static const int nodes[] = { VIEW_NODE, ENABLE_NODE };

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		const struct cmd_node *node = vector_slot(cmdvec, nodes[i]);

		for (unsigned int j = 0; j < vector_active(node->cmd_vector); j++)
			if (vector_slot(node->cmd_vector, j))
				tame(vector_slot(node->cmd_vector, j));
	}
}
