/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* See report_sign.h. */
#include "gateway/report_sign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <osmocom/core/utils.h>
#include <sodium.h>

#include "gateway/config.h"

#define MANIFEST "manifest.json"
#define SIGNATURE "manifest.sig"
#define SECRET "dh-report-secret "
#define PUBLIC "dh-report-public "
#define FILE_OCTETS_MAX (256u * 1024 * 1024)
#define FILES_MAX 100u
#define BASE64 sodium_base64_VARIANT_ORIGINAL

static bool fail(char why[GW_REPORT_WHY_OCTETS], const char *name, const char *what)
{
	snprintf(why, GW_REPORT_WHY_OCTETS, "%.120s: %.70s", name, what);
	return false;
}

/* ---- keys ---- */

/* Base64 behind a label, which may be left out. False: not a key of so many octets. */
static bool read_base64(const char *line, const char *label, uint8_t *out, size_t octets)
{
	const char *end;
	size_t n;

	if (strncmp(line, label, strlen(label)) == 0)
		line += strlen(label);
	return sodium_base642bin(out, octets, line, strcspn(line, "\r\n"), NULL, &n, &end, BASE64) == 0 && n == octets &&
	       end == line + strcspn(line, "\r\n");
}

int gw_report_keygen(const char *path, char public_key[GW_REPORT_KEY_OCTETS])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES], public[crypto_sign_PUBLICKEYBYTES];
	char line[GW_REPORT_KEY_OCTETS + 16] = SECRET;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc = 0;
	size_t n;

	if (fd < 0)
		return -errno;
	crypto_sign_keypair(public, secret);
	sodium_bin2base64(line + strlen(SECRET), sizeof(line) - strlen(SECRET) - 1, secret, sizeof(secret), BASE64);
	n = strlen(line);
	line[n++] = '\n';
	if (write(fd, line, n) != (ssize_t)n || fsync(fd) < 0)
		rc = errno ? -errno : -EIO;
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0)
		unlink(path);
	memcpy(public_key, PUBLIC, sizeof(PUBLIC));
	sodium_bin2base64(public_key + strlen(PUBLIC), GW_REPORT_KEY_OCTETS - strlen(PUBLIC), public, sizeof(public), BASE64);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(line, sizeof(line));
	return rc;
}

static bool read_secret(const char *path, uint8_t secret[crypto_sign_SECRETKEYBYTES], char why[GW_REPORT_WHY_OCTETS])
{
	char line[GW_REPORT_KEY_OCTETS + 16] = "";
	struct stat st;
	int rc = gw_config_secret(path, line, sizeof(line));
	bool good = rc == 0 && strncmp(line, SECRET, strlen(SECRET)) == 0 && read_base64(line, SECRET, secret, crypto_sign_SECRETKEYBYTES);

	sodium_memzero(line, sizeof(line));
	if (rc < 0)
		return fail(why, path, strerror(-rc));
	if (!good)
		return fail(why, path, "not a key as `report keygen` makes it");
	if (stat(path, &st) == 0 && st.st_mode & (S_IRWXG | S_IRWXO))
		return fail(why, path, "others may read this secret key: chmod 600");
	return true;
}

/* The key itself, or a file of it. */
static bool read_public(const char *given, uint8_t public[crypto_sign_PUBLICKEYBYTES])
{
	char line[GW_REPORT_KEY_OCTETS];

	if (read_base64(given, PUBLIC, public, crypto_sign_PUBLICKEYBYTES))
		return true;
	return gw_config_secret(given, line, sizeof(line)) == 0 && read_base64(line, PUBLIC, public, crypto_sign_PUBLICKEYBYTES);
}

/* ---- files ---- */

/* malloc'ed; NULL and errno. */
static char *read_file(const char *folder, const char *name, size_t *octets)
{
	char path[4096], *text = NULL;
	struct stat st;
	FILE *file;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return NULL;
	file = fopen(path, "rbe");
	if (!file)
		return NULL;
	if (fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size <= FILE_OCTETS_MAX)
		text = malloc((size_t)st.st_size + 1);
	if (text) {
		*octets = fread(text, 1, (size_t)st.st_size, file);
		text[*octets] = '\0';
		if (*octets != (size_t)st.st_size) {
			free(text);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}

static bool write_file(const char *folder, const char *name, const char *text, size_t octets)
{
	char path[4096];
	FILE *file;
	bool good;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return false;
	file = fopen(path, "wxe");
	if (!file)
		return false;
	good = fwrite(text, 1, octets, file) == octets;
	return fclose(file) == 0 && good;
}

static bool hash_file(const char *folder, const char *name, char hash[2 * crypto_hash_sha256_BYTES + 1])
{
	uint8_t bytes[crypto_hash_sha256_BYTES];
	size_t octets;
	char *text = read_file(folder, name, &octets);

	if (!text)
		return false;
	crypto_hash_sha256(bytes, (const uint8_t *)text, octets);
	sodium_bin2hex(hash, 2 * crypto_hash_sha256_BYTES + 1, bytes, sizeof(bytes));
	free(text);
	return true;
}

/* ---- signing ---- */

bool gw_report_sign(const char *folder, const char *const *files, size_t n, const json_t *head, const char *key_file, char why[GW_REPORT_WHY_OCTETS])
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES], signature[crypto_sign_BYTES];
	char hash[2 * crypto_hash_sha256_BYTES + 1], line[sodium_base64_ENCODED_LEN(sizeof(signature), BASE64) + 1], *text;
	json_t *manifest = json_deep_copy(head), *list = json_object();
	bool good = true;

	if (!read_secret(key_file, secret, why)) {
		json_decref(manifest);
		json_decref(list);
		return false;
	}
	for (size_t i = 0; good && i < n; i++) {
		good = hash_file(folder, files[i], hash) || fail(why, files[i], "cannot be read again");
		json_object_set_new(list, files[i], json_string(hash));
	}
	json_object_set_new(manifest, "sha256", list);
	text = json_dumps(manifest, JSON_INDENT(1));
	crypto_sign_detached(signature, NULL, (const uint8_t *)text, strlen(text), secret);
	sodium_memzero(secret, sizeof(secret));
	sodium_bin2base64(line, sizeof(line) - 1, signature, sizeof(signature), BASE64);
	strcat(line, "\n");
	if (good && (!write_file(folder, MANIFEST, text, strlen(text)) || !write_file(folder, SIGNATURE, line, strlen(line))))
		good = fail(why, MANIFEST, strerror(errno));
	free(text);
	json_decref(manifest);
	return good;
}

/* ---- verifying ---- */

static bool check_signature(const char *folder, const char *text, size_t octets, const uint8_t *public, char why[GW_REPORT_WHY_OCTETS])
{
	uint8_t bytes[crypto_sign_BYTES];
	size_t n;
	char *line = read_file(folder, SIGNATURE, &n);
	bool read = line && read_base64(line, "", bytes, sizeof(bytes));

	free(line);
	if (!line)
		return fail(why, SIGNATURE, "is missing");
	if (!read)
		return fail(why, SIGNATURE, "is no signature");
	if (crypto_sign_verify_detached(bytes, (const uint8_t *)text, octets, public) != 0)
		return fail(why, MANIFEST, "is not what was signed with this key");
	return true;
}

static bool check_files(const char *folder, const json_t *list, char why[GW_REPORT_WHY_OCTETS])
{
	char hash[2 * crypto_hash_sha256_BYTES + 1];
	const char *name;
	json_t *value;

	if (!json_is_object(list) || json_object_size(list) == 0 || json_object_size(list) > FILES_MAX)
		return fail(why, MANIFEST, "names no files");
	json_object_foreach((json_t *)(uintptr_t)list, name, value) {
		if (strchr(name, '/') || name[0] == '.')
			return fail(why, name, "is no file's name");
		if (!hash_file(folder, name, hash))
			return fail(why, name, "is missing");
		if (!json_is_string(value) || strcmp(json_string_value(value), hash) != 0)
			return fail(why, name, "was changed");
	}
	return true;
}

/* A file that was slipped in would pass for a part of the report. */
static bool check_strangers(const char *folder, const json_t *list, char why[GW_REPORT_WHY_OCTETS])
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	bool good = true;

	if (!dir)
		return fail(why, folder, strerror(errno));
	while (good && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, MANIFEST) != 0 && strcmp(name, SIGNATURE) != 0 &&
		    !json_object_get(list, name))
			good = fail(why, name, "is not of this report");
	}
	closedir(dir);
	return good;
}

bool gw_report_verify(const char *folder, const char *public_key, char why[GW_REPORT_WHY_OCTETS])
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	size_t octets = 0;
	char *text;
	json_t *manifest;
	const json_t *list;
	bool good;

	if (!read_public(public_key, public))
		return fail(why, public_key, "is no public key, nor a file of one");
	text = read_file(folder, MANIFEST, &octets);
	if (!text)
		return fail(why, MANIFEST, "is missing");
	good = check_signature(folder, text, octets, public, why);
	manifest = good ? json_loadb(text, octets, JSON_REJECT_DUPLICATES, NULL) : NULL;
	list = json_object_get(manifest, "sha256");
	good = good && check_files(folder, list, why) && check_strangers(folder, list, why);
	json_decref(manifest);
	free(text);
	return good;
}
