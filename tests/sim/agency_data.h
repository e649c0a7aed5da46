/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the sample agency knows: bills, balances, payments; all of it made up, and the same at every start. Every function
 * that answers gives a JSON text (freed by free()) and sets the HTTP status. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sim_data;

/* file: a JSON file of the same shape as is built in ({"bills": {id: {...}}, "balances": {national id: {...}}}), or NULL.
 * NULL with a line on stderr if it cannot be read. */
struct sim_data *sim_data_open(const char *file);
void sim_data_close(struct sim_data *data);

char *sim_data_bill(struct sim_data *data, const char *bill_id, unsigned int *status);
char *sim_data_bills_of(struct sim_data *data, const char *msisdn, unsigned int *status);
char *sim_data_balance(struct sim_data *data, const char *national_id, unsigned int *status);
/* Takes effect once for a key; a repetition gets the first answer again. */
char *sim_data_pay(struct sim_data *data, const char *key, const char *body, size_t octets, unsigned int *status);
/* {"KEY": {"effects": 1, "seen": 3, "bill_id": ...}, ...} */
char *sim_data_effects(struct sim_data *data);
