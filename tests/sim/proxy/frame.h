/*
 * Where PostgreSQL's messages begin and end in a stream of bytes: enough of the
 * protocol to know what a request is and when its answer is complete.
 */
#ifndef PROXY_FRAME_H
#define PROXY_FRAME_H

#include <stdbool.h>
#include <stddef.h>

struct frame {
	bool untyped;   /* the next message is a startup packet: no type before it */
	bool lone_byte; /* the next byte is the answer to an encryption request */
	char type;      /* of the message that ended: 0 for a startup packet */
	unsigned code;  /* of a startup packet that ended */
	unsigned char head[9];
	size_t have;
	size_t left; /* bytes of the message still to come */
};

/* Bytes of p up to the end of a message or to n; *ended says which. */
size_t frame_take(struct frame *f, const char *p, size_t n, bool *ended);

enum { CODE_SSL = 80877103, CODE_GSS = 80877104 };

#endif
