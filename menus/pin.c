/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See pin.h. A list, newest first: there are two or three versions at a time. */
#include <stdbool.h>

#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "menus/pin.h"

struct pin {
	struct llist_head entry;
	struct menu_set *set;
	unsigned int holders;
	int64_t replaced_ms;
};

struct menu_pins {
	struct llist_head all; /* the first is the current one */
	unsigned int n;
};

struct menu_pins *menu_pins_alloc(void *ctx)
{
	struct menu_pins *pins = talloc_zero(ctx, struct menu_pins);

	INIT_LLIST_HEAD(&pins->all);
	return pins;
}

static struct pin *first(const struct menu_pins *pins)
{
	return pins->n ? llist_entry(pins->all.next, struct pin, entry) : NULL;
}

static struct pin *find(const struct menu_pins *pins, uint64_t version)
{
	struct pin *pin;

	llist_for_each_entry(pin, &pins->all, entry)
		if (menu_set_version(pin->set) == version)
			return pin;
	return NULL;
}

void menu_pins_publish(struct menu_pins *pins, struct menu_set *set, int64_t now_ms)
{
	struct pin *pin = find(pins, menu_set_version(set));

	if (pins->n)
		first(pins)->replaced_ms = now_ms;
	if (pin) { /* a version that is still held comes back */
		talloc_free(set);
		llist_move(&pin->entry, &pins->all);
		return;
	}
	pin = talloc_zero(pins, struct pin);
	pin->set = talloc_steal(pin, set);
	llist_add(&pin->entry, &pins->all);
	pins->n++;
}

const struct menu_set *menu_pins_current(const struct menu_pins *pins)
{
	return first(pins) ? first(pins)->set : NULL;
}

const struct menu_set *menu_pins_find(const struct menu_pins *pins, uint64_t version)
{
	struct pin *pin = find(pins, version);

	return pin ? pin->set : NULL;
}

void menu_pins_get(struct menu_pins *pins, const struct menu_set *set)
{
	struct pin *pin = find(pins, menu_set_version(set));

	OSMO_ASSERT(pin);
	pin->holders++;
}

void menu_pins_put(struct menu_pins *pins, const struct menu_set *set)
{
	struct pin *pin = find(pins, menu_set_version(set));

	OSMO_ASSERT(pin && pin->holders);
	pin->holders--;
}

void menu_pins_sweep(struct menu_pins *pins, int64_t now_ms, int64_t keep_ms)
{
	struct pin *pin, *next;

	llist_for_each_entry_safe(pin, next, &pins->all, entry) {
		if (pin == first(pins) || pin->holders || now_ms - pin->replaced_ms < keep_ms)
			continue;
		llist_del(&pin->entry);
		pins->n--;
		talloc_free(pin);
	}
}

unsigned int menu_pins_count(const struct menu_pins *pins)
{
	return pins->n;
}
