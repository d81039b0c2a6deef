/* What the `import` of every noun is. */
#ifndef SHOPCTL_IMPORT_FILE_H
#define SHOPCTL_IMPORT_FILE_H

#include "base/field.h"
#include "base/op.h"

/* Its operand and options. */
extern const struct shape import_args;

/* Import a file of that kind and print what came of it. */
enum err import_command(struct op *op, const char *kind, const void *args);

#endif
