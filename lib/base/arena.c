/* Memory that is freed all at once: blocks in a list, the newest first. */
#include "base/arena.h"

#include "base/err.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST = 4096, LARGEST = 1 << 20 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks;
};

static void out_of_memory(void)
{
	static const char text[] = "out of memory\n";

	(void)!write(STDERR_FILENO, text, sizeof text - 1);
	_exit(err_exit(E_BROKEN));
}

void *must(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

struct arena *arena_new(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

static struct block *block_add(struct arena *a, size_t least)
{
	size_t size = a->blocks ? a->blocks->size * 2 : FIRST;
	struct block *b;

	if (size > LARGEST)
		size = LARGEST;
	if (size < least)
		size = least;
	b = must(calloc(1, sizeof *b + size));
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct block *b = a->blocks;
	void *p;

	if (size > (size_t)1 << 40)
		out_of_memory();
	size = (size + align - 1) & ~(align - 1);
	if (!b || b->size - b->used < size)
		b = block_add(a, size);
	p = b->data + b->used;
	b->used += size;
	return p;
}

void arena_free(struct arena *a)
{
	struct block *b, *next;

	if (!a)
		return;
	for (b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}
