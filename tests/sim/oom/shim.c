/*
 * Memory that runs out, for LD_PRELOAD: the allocation number OOM_AT answers NULL, and
 * with OOM_STAYS all that follow do.  How many there were goes to the file OOM_COUNT.
 * Counted from main() on: what libraries do as they are loaded is not ours.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static atomic_long count;
static long at = -1;
static bool stays, begun;

static bool is_out(void)
{
	long n;

	if (!begun)
		return false;
	n = atomic_fetch_add(&count, 1) + 1;
	if (at < 0) {
		const char *text = getenv("OOM_AT");

		at = text ? strtol(text, NULL, 10) : 0;
		stays = getenv("OOM_STAYS") != NULL;
	}
	if (at == 0 || n < at || (n > at && !stays))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return is_out() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return is_out() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return is_out() ? NULL : __libc_realloc(p, n);
}

/* Not counted: glibc itself dies when it cannot remember its nsswitch.conf. */
struct passwd *getpwuid(uid_t uid)
{
	struct passwd *(*real)(uid_t), *found;

	*(void **)&real = dlsym(RTLD_NEXT, "getpwuid");
	begun = false;
	found = real(uid);
	begun = true;
	return found;
}

static int (*real_main)(int, char **, char **);

static int main_counted(int argc, char **argv, char **environment)
{
	begun = true;
	return real_main(argc, argv, environment);
}

int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv,
	void (*init)(void), void (*fini)(void), void (*ended)(void), void *stack)
{
	int (*start)(int (*)(int, char **, char **), int, char **, void (*)(void),
		void (*)(void), void (*)(void), void *);

	*(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = program;
	return start(main_counted, argc, argv, init, fini, ended, stack);
}

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("OOM_COUNT");
	long n = count;
	FILE *f;

	begun = false;
	f = path ? fopen(path, "w") : NULL;
	if (!f)
		return;
	fprintf(f, "%ld\n", n);
	fclose(f);
}
