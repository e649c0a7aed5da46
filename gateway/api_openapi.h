/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The API's description (OpenAPI 3.1), built into the program: gateway/openapi/base.json, and one fragment for each api_<noun>.c
 * with its paths and components. Each operation tells its scope as "x-scope" (none: no key is needed; "": any key). */
#pragma once

#include <stddef.h>

#include <jansson.h>

/* All fragments as one document. NULL after a log line: a fragment is not JSON, or says what another said (the tests would tell). */
json_t *gw_api_openapi(void);
