/* The program's own table, for the commands that speak about commands. */
#ifndef SHOPCTL_SHOPCTL_H
#define SHOPCTL_SHOPCTL_H

#include "base/cli.h"

extern const struct program shopctl;

#endif
