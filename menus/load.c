/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Reading a menu's files. A path may be a file or a folder; of a folder its *.cfg are read, and those of its agencies/. A
 * file belongs to the agencies if its folder is called so.
 *
 * The version is the first 64 bits of SHA-256 over the names (without folders above the menu's own) and the contents, in the
 * order of the names: the same menu has the same version wherever and in whatever order it was read. */
#include "menus/load.h"

#include <dirent.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#define AGENCIES "agencies"

struct menu_file { const char *path, *key; bool agency; }; /* key: "bills.cfg", "agencies/bills.cfg" */
struct listing { void *ctx; struct menu_diags *diags; struct menu_file *files; size_t n; };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool in_agencies(const char *path)
{
	size_t folder = (size_t)(base_name(path) - path), name = strlen(AGENCIES);
	return folder > name && strncmp(path + folder - 1 - name, AGENCIES "/", name + 1) == 0 &&
	       (folder - 1 == name || path[folder - 2 - name] == '/');
}

static void add_file(struct listing *l, const char *path)
{
	struct menu_file *file;
	l->files = talloc_realloc(l->ctx, l->files, struct menu_file, (unsigned int)(l->n + 1));
	file = &l->files[l->n++];
	file->path = talloc_strdup(l->ctx, path);
	file->agency = in_agencies(path);
	file->key = talloc_asprintf(l->ctx, "%s%s", file->agency ? AGENCIES "/" : "", base_name(path));
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
	char *agencies = talloc_asprintf(l->ctx, "%s/%s", path, AGENCIES);
	int i, n = scandir(path, &entries, is_cfg, alphasort);

	for (i = 0; i < n; i++) {
		add_file(l, talloc_asprintf(l->ctx, "%s/%s", path, entries[i]->d_name));
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	if (n <= 0)
		menu_diag_add(l->diags, path, 0, "read", "a folder without any *.cfg that can be read");
	if (is_folder(agencies))
		add_folder(l, agencies);
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

static void add_source(struct menu_sources *s, void *ctx, const struct menu_file *file, const struct menu_node *node, struct menu_diags *diags)
{
	char *name = talloc_strndup(ctx, file->key, strcspn(file->key, "."));
	if (strcmp(name, MENU_ROOT_NAME) == 0) {
		s->root = node;
	} else if (s->n == MENU_SERVICES_MAX) {
		menu_diag_add(diags, file->path, 0, "too-many", "a menu has at most %d services", MENU_SERVICES_MAX);
	} else if (node) {
		s->services = talloc_realloc(ctx, s->services, struct menu_source_file, (unsigned int)(s->n + 1));
		s->services[s->n++] = (struct menu_source_file){ name, node };
	}
}

static void read_file(struct menu_sources *s, void *ctx, const struct menu_file *file, crypto_hash_sha256_state *hash, struct menu_diags *diags)
{
	size_t octets;
	char *text = menu_source_text(NULL, file->path, &octets, diags);
	if (!text)
		return;
	hash_file(hash, file, text, octets);
	if (!file->agency)
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
		if (l.files[i].agency) {
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
