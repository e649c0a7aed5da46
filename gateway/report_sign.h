/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A folder of files that can be trusted: manifest.json has the SHA-256 of each, manifest.sig the Ed25519 signature over manifest.json (64 octets
 * as base64, a line). Keys are files of one line: "dh-report-secret " or "dh-report-public ", and base64. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define GW_REPORT_KEY_OCTETS 128         /* of a key's line */
#define GW_REPORT_WHY_OCTETS 200

/* Makes the key file, which must not be there (mode 0600); its public half into public_key. 0 or -errno. */
int gw_report_keygen(const char *path, char public_key[GW_REPORT_KEY_OCTETS]);
/* Writes manifest.json and manifest.sig for these files of the folder. head: a JSON object, its members come first (borrowed). False, and why. */
bool gw_report_sign(const char *folder, const char *const *files, size_t n, const json_t *head, const char *key_file, char why[GW_REPORT_WHY_OCTETS]);
/* public_key: the line, its base64 alone, or a file of it. False, and why: which file is wrong, missing, or not of the manifest. */
bool gw_report_verify(const char *folder, const char *public_key, char why[GW_REPORT_WHY_OCTETS]);
