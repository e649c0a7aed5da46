/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See usage_cells.h. */
#include "gateway/usage_cells.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <talloc.h>

#include <osmocom/core/utils.h>

#define NAME_SLOTS (2 * GW_USAGE_NAMES_MAX)
#define FILL_MAX (GW_USAGE_CELLS_MAX / 4 * 3)
#define OTHER 1                          /* the number of "other" */

static_assert((GW_USAGE_CELLS_MAX & (GW_USAGE_CELLS_MAX - 1)) == 0 && (NAME_SLOTS & (NAME_SLOTS - 1)) == 0, "hashes are masked");
static_assert(GW_USAGE_NAMES_MAX <= UINT16_MAX, "a name's number fits");

const struct gw_usage_table_row gw_usage_tables[GW_USAGE_TABLES] = {
	[GW_USAGE_USES] = { "uses", { "channel", "operator", "service", "outcome", "language", "province" } },
	[GW_USAGE_STEPS] = { "steps", { "channel", "service" } },
	[GW_USAGE_SCREENS] = { "screens", { "service", "screen", "what" } },
	[GW_USAGE_CALLS] = { "calls", { "agency", "time" } },
	[GW_USAGE_ANSWERS] = { "answers", { "channel", "operator", "time" } },
	[GW_USAGE_REQUESTS] = { "requests", { "agency", "channel", "what" } },
	[GW_USAGE_WAITS] = { "waits", { "agency", "time" } },
	[GW_USAGE_NOTICES] = { "notices", { "agency", "class", "state" } },
	[GW_USAGE_OUTAGES] = { "outages", { "what", "name" } },
	[GW_USAGE_AWAY] = { "away", { "what", "name" } },
};

#define RECENT 256u                      /* a power of two */

struct name { uint32_t hash; uint8_t octets; char text[GW_USAGE_NAME_OCTETS]; };

struct gw_usage_cells {
	size_t used, n_names;
	uint64_t lost;
	struct name names[GW_USAGE_NAMES_MAX];
	gw_usage_name slots[NAME_SLOTS];         /* 0: free */
	struct { const char *at; gw_usage_name name; } recent[RECENT]; /* where a name stood when it was asked for last */
	struct gw_usage_cell cells[GW_USAGE_CELLS_MAX], spare[GW_USAGE_CELLS_MAX];
};

/* ---- names ---- */

/* FNV-1a; *octets: of the part that is kept. */
static uint32_t hash_of(const char *name, size_t *octets)
{
	uint32_t hash = 2166136261u;
	size_t n = 0;

	for (; n < GW_USAGE_NAME_OCTETS - 1 && name[n]; n++)
		hash = (hash ^ (uint8_t)name[n]) * 16777619u;
	*octets = n;
	return hash;
}

/* Whole characters only: what is cut in the middle of one would be no UTF-8. */
static size_t whole(const char *name, size_t octets)
{
	if (!name[octets])
		return octets;
	while (octets && ((uint8_t)name[octets] & 0xc0) == 0x80)
		octets--;
	return octets;
}

static bool is_plain(const char *name)
{
	for (; *name; name++)
		if ((uint8_t)*name < ' ' || *name == '|' || *name == 0x7f)
			return false;
	return true;
}

static gw_usage_name new_name(struct gw_usage_cells *cells, const char *text, size_t octets, uint32_t hash, gw_usage_name *slot)
{
	struct name *name;

	if (cells->n_names == GW_USAGE_NAMES_MAX || (!is_plain(text) && cells->n_names > OTHER))
		return OTHER;
	name = &cells->names[cells->n_names];
	name->hash = hash;
	name->octets = (uint8_t)octets;
	memcpy(name->text, text, octets);
	name->text[octets] = '\0';
	*slot = (gw_usage_name)cells->n_names;
	return (gw_usage_name)cells->n_names++;
}

static gw_usage_name look_up(struct gw_usage_cells *cells, const char *text)
{
	size_t octets;
	uint32_t hash, at;

	hash = hash_of(text, &octets);
	octets = whole(text, octets);
	for (at = hash & (NAME_SLOTS - 1); cells->slots[at]; at = (at + 1) & (NAME_SLOTS - 1)) {
		const struct name *name = &cells->names[cells->slots[at]];

		if (name->hash == hash && name->octets == octets && memcmp(name->text, text, octets) == 0)
			return cells->slots[at];
	}
	return new_name(cells, text, octets, hash, &cells->slots[at]);
}

/* Names mostly stand where they stood before (in a menu, in the configuration): one comparison in place of hashing them. It is compared all
 * the same, for what stood there may be gone. */
gw_usage_name gw_usage_name_of(struct gw_usage_cells *cells, const char *text)
{
	size_t i = ((uintptr_t)text ^ (uintptr_t)text >> 8) & (RECENT - 1);
	gw_usage_name name;

	if (!text || !*text)
		return 0;
	if (cells->recent[i].at == text && strcmp(cells->names[cells->recent[i].name].text, text) == 0)
		return cells->recent[i].name;
	name = look_up(cells, text);
	cells->recent[i].at = text;
	cells->recent[i].name = name;
	return name;
}

const char *gw_usage_name_text(const struct gw_usage_cells *cells, gw_usage_name name)
{
	return name < cells->n_names ? cells->names[name].text : "";
}

/* ---- cells ---- */

struct gw_usage_cells *gw_usage_cells_alloc(void *ctx)
{
	struct gw_usage_cells *cells = talloc_zero(ctx, struct gw_usage_cells);

	cells->n_names = 1; /* "" */
	gw_usage_name_of(cells, "other");
	return cells;
}

static uint64_t hash_cell(const struct gw_usage_cell *key)
{
	uint64_t halves[2];

	memcpy(halves, key, sizeof(halves));
	halves[0] = (halves[0] ^ (halves[1] << 23 | halves[1] >> 41)) * 0x9e3779b97f4a7c15u;
	return (halves[0] ^ halves[1]) * 0xc2b2ae3d27d4eb4fu;
}

/* The cell with this key, or the free one where it would stand. */
static struct gw_usage_cell *find(struct gw_usage_cell *in, const struct gw_usage_cell *key)
{
	size_t at = (size_t)(hash_cell(key) >> 40) & (GW_USAGE_CELLS_MAX - 1);

	while (in[at].used && memcmp(&in[at], key, offsetof(struct gw_usage_cell, sent)) != 0)
		at = (at + 1) & (GW_USAGE_CELLS_MAX - 1);
	return &in[at];
}

void gw_usage_cells_add(struct gw_usage_cells *cells, uint16_t day, enum gw_usage_table table, const gw_usage_name *dims, size_t n, uint64_t by)
{
	struct gw_usage_cell key = { .day = day, .table = (uint8_t)table, .used = 1 }, *cell;

	memcpy(key.dims, dims, n * sizeof(dims[0]));
	cell = find(cells->cells, &key);
	if (!cell->used && cells->used >= FILL_MAX) {
		cells->lost += by;
		return;
	}
	if (!cell->used) {
		*cell = key;
		cells->used++;
	}
	cell->value += by;
}

bool gw_usage_cells_oldest(const struct gw_usage_cells *cells, uint16_t *day)
{
	bool found = false;

	for (size_t i = 0; i < GW_USAGE_CELLS_MAX; i++) {
		const struct gw_usage_cell *cell = &cells->cells[i];

		if (!cell->used || !cell->value || (found && cell->day >= *day))
			continue;
		*day = cell->day;
		found = true;
	}
	return found;
}

struct gw_usage_cell *gw_usage_cells_next(struct gw_usage_cells *cells, uint16_t day, size_t *at)
{
	while (*at < GW_USAGE_CELLS_MAX) {
		struct gw_usage_cell *cell = &cells->cells[(*at)++];

		if (cell->used && cell->value && cell->day == day)
			return cell;
	}
	return NULL;
}

/* The cells that still have something move to a fresh table: in an open one no single cell can be freed. */
static void tidy(struct gw_usage_cells *cells)
{
	memset(cells->spare, 0, sizeof(cells->spare));
	cells->used = 0;
	for (size_t i = 0; i < GW_USAGE_CELLS_MAX; i++) {
		const struct gw_usage_cell *cell = &cells->cells[i];

		if (!cell->used || !cell->value)
			continue;
		*find(cells->spare, cell) = *cell;
		cells->used++;
	}
	memcpy(cells->cells, cells->spare, sizeof(cells->cells));
}

void gw_usage_cells_settle(struct gw_usage_cells *cells)
{
	for (size_t i = 0; i < GW_USAGE_CELLS_MAX; i++) {
		cells->cells[i].value -= cells->cells[i].sent;
		cells->cells[i].sent = 0;
	}
	if (cells->used > GW_USAGE_CELLS_MAX / 2)
		tidy(cells);
}

size_t gw_usage_cells_used(const struct gw_usage_cells *cells)
{
	return cells->used;
}

uint64_t gw_usage_cells_lost(const struct gw_usage_cells *cells)
{
	return cells->lost;
}

/* ---- as text ---- */

static size_t n_dims(enum gw_usage_table table)
{
	size_t n = 0;

	while (n < GW_USAGE_DIMS_MAX && gw_usage_tables[table].dims[n])
		n++;
	return n;
}

bool gw_usage_print(const struct gw_usage_cells *cells, const struct gw_usage_cell *cell, char *text, size_t cap)
{
	size_t n = n_dims((enum gw_usage_table)cell->table);
	int at = snprintf(text, cap, "%s", gw_usage_tables[cell->table].name);

	for (size_t i = 0; i < n && at >= 0 && (size_t)at < cap; i++)
		at += snprintf(text + at, cap - (size_t)at, "|%s", gw_usage_name_text(cells, cell->dims[i]));
	return at >= 0 && (size_t)at < cap;
}

bool gw_usage_parse(char *text, enum gw_usage_table *table, const char *dims[GW_USAGE_DIMS_MAX])
{
	char *rest = text;
	const char *name = strsep(&rest, "|");
	size_t i, n;

	for (i = 0; i < GW_USAGE_TABLES && strcmp(gw_usage_tables[i].name, name) != 0; i++)
		;
	if (i == GW_USAGE_TABLES)
		return false;
	*table = (enum gw_usage_table)i;
	n = n_dims(*table);
	for (i = 0; i < GW_USAGE_DIMS_MAX; i++)
		dims[i] = i < n && rest ? strsep(&rest, "|") : i < n ? NULL : "";
	return !rest && dims[n - 1] != NULL;
}
