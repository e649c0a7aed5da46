/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Reading a menu's files. A path may be a file or a folder; of a folder its *.cfg are read, and those of its agencies/ and
 * keywords/. A file belongs to the agencies, or to the keywords, if its folder is called so.
 *
 * The version is the first 64 bits of SHA-256 over the names (without folders above the menu's own) and the contents, in the
 * order of the names: the same menu has the same version wherever and in whatever order it was read. The catalogue is not read:
 * a date in it that changes must not make another menu of this one. */
#include "menus/load.h"

#include <dirent.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

enum place { SERVICES, AGENCIES, KEYWORDS, PLACES };
static const char *const place_names[PLACES] = { [AGENCIES] = "agencies", [KEYWORDS] = "keywords" };

struct menu_file { const char *path, *key; enum place place; }; /* key: "bills.cfg", "agencies/bills.cfg" */
struct listing { void *ctx; struct menu_diags *diags; struct menu_file *files; size_t n; };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool lies_in(const char *path, const char *folder_name)
{
	size_t folder = (size_t)(base_name(path) - path), name = strlen(folder_name);
	return folder > name && strncmp(path + folder - 1 - name, folder_name, name) == 0 && (folder - 1 == name || path[folder - 2 - name] == '/');
}

static enum place place_of(const char *path)
{
	int place;
	for (place = SERVICES + 1; place < PLACES; place++)
		if (lies_in(path, place_names[place]))
			return (enum place)place;
	return SERVICES;
}

static void add_file(struct listing *l, const char *path)
{
	struct menu_file *file;

	if (place_of(path) == SERVICES && strcmp(base_name(path), MENU_CATALOGUE_NAME ".cfg") == 0)
		return;
	l->files = talloc_realloc(l->ctx, l->files, struct menu_file, (unsigned int)(l->n + 1));
	file = &l->files[l->n++];
	file->path = talloc_strdup(l->ctx, path);
	file->place = place_of(path);
	file->key = file->place == SERVICES ? talloc_strdup(l->ctx, base_name(path))
	                                    : talloc_asprintf(l->ctx, "%s/%s", place_names[file->place], base_name(path));
}

static int is_cfg(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && dot && strcmp(dot, ".cfg") == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_folder(struct listing *l, const char *path)
{
	struct dirent **entries;
	int i, n = scandir(path, &entries, is_cfg, alphasort);

	for (i = 0; i < n; i++) {
		add_file(l, talloc_asprintf(l->ctx, "%s/%s", path, entries[i]->d_name));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	if (n <= 0)
		menu_diag_add(l->diags, path, 0, "read", "a folder without any *.cfg that can be read");
	for (i = SERVICES + 1; i < PLACES && place_of(talloc_asprintf(l->ctx, "%s/x", path)) == SERVICES; i++) {
		const char *below = talloc_asprintf(l->ctx, "%s/%s", path, place_names[i]);
		if (is_folder(below))
			add_folder(l, below);
	}
}

static int by_key(const void *a, const void *b)
{
	const struct menu_file *x = a, *y = b;
	int order = strcmp(x->key, y->key);
	return order ? order : strcmp(x->path, y->path);
}

static void hash_file(crypto_hash_sha256_state *hash, const struct menu_file *file, const char *text, size_t octets)
{
	uint64_t length = octets;
	uint8_t size[8];
	int i;
	for (i = 0; i < 8; i++)
		size[i] = (uint8_t)(length >> (8 * i));
	crypto_hash_sha256_update(hash, (const uint8_t *)file->key, strlen(file->key) + 1);
	crypto_hash_sha256_update(hash, size, sizeof(size));
	crypto_hash_sha256_update(hash, (const uint8_t *)text, octets);
}

static void add_node(void *ctx, struct menu_source_file **rows, size_t *n, const char *name, const struct menu_node *node)
{
	*rows = talloc_realloc(ctx, *rows, struct menu_source_file, (unsigned int)(*n + 1));
	(*rows)[(*n)++] = (struct menu_source_file){ name, node };
}

static void add_source(struct menu_sources *s, void *ctx, const struct menu_file *file, const struct menu_node *node, struct menu_diags *diags)
{
	const char *base = base_name(file->key), *name = talloc_strndup(ctx, base, strcspn(base, "."));
	size_t n = file->place == KEYWORDS ? s->n_keywords : s->n;

	if (file->place == SERVICES && strcmp(name, MENU_ROOT_NAME) == 0)
		s->root = node;
	else if (n == MENU_SERVICES_MAX)
		menu_diag_add(diags, file->path, 0, "too-many", "a menu has at most %d services, and as many files of keywords", MENU_SERVICES_MAX);
	else if (node && file->place == KEYWORDS)
		add_node(ctx, &s->keywords, &s->n_keywords, name, node);
	else if (node)
		add_node(ctx, &s->services, &s->n, name, node);
}

static void read_file(struct menu_sources *s, void *ctx, const struct menu_file *file, crypto_hash_sha256_state *hash, struct menu_diags *diags)
{
	size_t octets;
	char *text = menu_source_text(NULL, file->path, &octets, diags);
	if (!text)
		return;
	hash_file(hash, file, text, octets);
	if (file->place != AGENCIES)
		add_source(s, ctx, file, menu_source_parse(ctx, file->path, text, octets, diags), diags);
	talloc_free(text);
}

void menu_sources_load(void *ctx, const char *const *paths, size_t n, struct menu_diags *diags, struct menu_sources *sources)
{
	struct listing l = { .ctx = talloc_new(ctx), .diags = diags };
	const char **agencies = talloc_array(l.ctx, const char *, 0);
	uint8_t digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state hash;
	size_t i, n_agencies = 0;
	bool has_root = false;

	memset(sources, 0, sizeof(*sources));
	for (i = 0; i < n; i++)
		is_folder(paths[i]) ? add_folder(&l, paths[i]) : add_file(&l, paths[i]);
	if (l.n)
		qsort(l.files, l.n, sizeof(*l.files), by_key);
	crypto_hash_sha256_init(&hash);
	for (i = 0; i < l.n; i++) {
		if (i && strcmp(l.files[i].key, l.files[i - 1].key) == 0)
			menu_diag_add(diags, l.files[i].path, 0, "duplicate-name", "there is %s already", l.files[i - 1].path);
		has_root = has_root || strcmp(l.files[i].key, MENU_ROOT_NAME ".cfg") == 0;
		read_file(sources, ctx, &l.files[i], &hash, diags);
		if (l.files[i].place == AGENCIES) {
			agencies = talloc_realloc(l.ctx, agencies, const char *, (unsigned int)(n_agencies + 1));
			agencies[n_agencies++] = l.files[i].path;
		}
	}
	crypto_hash_sha256_final(&hash, digest);
	for (i = 0; i < 8; i++)
		sources->version = sources->version << 8 | digest[i];
	sources->version += sources->version == 0;
	if (!has_root)
		menu_diag_add(diags, n ? paths[0] : "", 0, "no-root", "there is no " MENU_ROOT_NAME ".cfg");
	sources->agencies = menu_agencies_load(ctx, agencies, n_agencies, diags);
	talloc_free(l.ctx);
}
