/* Memory that is freed all at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/* What an allocation gave; ends the process with a word and exit 70 when it is NULL. */
void *must(void *p);

struct arena *arena_new(void);

/* Zeroed and aligned for any type; ends the process with exit 70 when memory is out. */
void *arena_alloc(struct arena *a, size_t size);
void arena_free(struct arena *a);

#endif
