/*
 * JSON from strangers: what the scanner lets through, the parser reads; what is
 * written from it, the scanner lets through again and reads the same.
 */
#include "fuzz.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct op op;
	const struct json *first, *second;
	const char *text, *again;
	enum err e;

	op_open(&op, NULL, "fuzz");
	e = json_parse(&op, (const char *)bytes, n, &first);
	if (e == OK) {
		text = json_text_of(&op, first);
		if (json_parse(&op, text, strlen(text), &second) != OK)
			abort();
		again = json_text_of(&op, second);
		if (strcmp(text, again) != 0)
			abort();
	} else if (e != E_DATA || strstr(op.fault.text, "cannot be read")) {
		abort(); /* the parser refuses what the scanner took */
	}
	op_close(&op);
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	return fuzz(argc, argv, "{}[]\",:\\ u0d8eE+-.1tfn\xc3\xff");
}
#endif
