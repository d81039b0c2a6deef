/* Calls that this code base does not make; included into every file by the Makefile. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* The system's own headers must have been read before the names are poisoned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gmtime localtime
#undef alloca /* a macro in glibc, which cannot be poisoned */
#pragma GCC poison alloca

#endif
