/* The little of cJSON that the simulator needs, with short names. */
#ifndef SIM_JS_H
#define SIM_JS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* A constant written as JSON; ends the process when it is not. */
cJSON *js(const char *text);

cJSON *js_get(const cJSON *o, const char *name);
const char *js_text(const cJSON *o, const char *name); /* NULL unless a string */
int64_t js_int(const cJSON *o, const char *name);      /* 0 unless a number */
bool js_true(const cJSON *o, const char *name);
bool js_is(const cJSON *o, const char *name, const char *value);

/* Set or replace a member; NULL text is null. */
void js_put(cJSON *o, const char *name, cJSON *value);
void js_put_text(cJSON *o, const char *name, const char *value);
void js_put_int(cJSON *o, const char *name, int64_t value);
void js_put_bool(cJSON *o, const char *name, bool value);

#endif
