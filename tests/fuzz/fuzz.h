/*
 * Without libFuzzer (-DLIBFUZZER): run the files given, and mutations of them
 * from a seed, so that a run can be repeated.  NAME TIMES SEED FILE...
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#ifndef LIBFUZZER
/* xorshift64*, the same everywhere. */
static uint64_t dice(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* Put in, replace or cut; `salt` are the bytes that matter to the grammar. */
static size_t mutate(uint8_t *s, size_t n, const char *salt, uint64_t *seed)
{
	size_t times = dice(seed) % 8 + 1, salts = strlen(salt) + 1, at;

	while (times--) {
		at = n ? dice(seed) % n : 0;
		switch (dice(seed) % 8) {
		case 0:
			n -= n ? dice(seed) % (n - at) : 0;
			break;
		case 1:
		case 2:
			memmove(s + at + 1, s + at, n - at);
			n++;
			s[at] = (uint8_t)salt[dice(seed) % salts];
			break;
		default:
			s[at] = (uint8_t)salt[dice(seed) % salts];
			n += !n;
		}
	}
	return n;
}

static int fuzz(int argc, char **argv, const char *salt)
{
	static uint8_t whole[1 << 16], work[(1 << 16) + 16];
	long times = argc > 1 ? strtol(argv[1], NULL, 10) : 0, i;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
	int a;

	for (a = 3; a < argc; a++) {
		int fd = open(argv[a], O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, whole, sizeof whole);

		if (n < 0)
			abort();
		close(fd);
		LLVMFuzzerTestOneInput(whole, (size_t)n);
		for (i = 0; i < times; i++) {
			memcpy(work, whole, (size_t)n);
			LLVMFuzzerTestOneInput(
				work, mutate(work, (size_t)n, salt, &seed));
		}
	}
	printf("%d files, %ld mutations of each\n", argc - 3, times);
	return 0;
}
#endif

#endif
