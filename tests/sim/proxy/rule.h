/*
 * What happens to requests, as text:
 * ACTION[=N][,match=TEXT][,rate=P][,skip=N][,count=N].
 *
 * A rule is for requests that contain TEXT; of these it leaves the first SKIP alone
 * and strikes COUNT times at most, each time with probability P.  The first rule that
 * strikes decides.
 */
#ifndef PROXY_RULE_H
#define PROXY_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ACTIONS(X)                                                                     \
	X(PASS, "pass")                                                                \
	X(DELAY, "delay")             /* the answer comes N ms later */                \
	X(THROTTLE, "throttle")       /* N bytes a second, both ways */                \
	X(BLACKHOLE, "blackhole")     /* nobody hears anything from here on */         \
	X(HOLE, "hole")               /* the request arrives, no answer ever does */   \
	X(RESET, "reset")             /* after N bytes of the answer */                \
	X(TRUNCATE, "truncate")       /* a regular end after N bytes of the answer */  \
	X(GARBLE, "garble")           /* the Nth byte of the answer is another */      \
	X(REFUSE, "refuse")           /* a connection is closed before it speaks */    \
	X(CUT_BEFORE, "cut-before")   /* nothing of the request arrives */             \
	X(CUT_BETWEEN, "cut-between") /* all but its end, which would commit it */     \
	X(CUT_DURING, "cut-during")   /* all of it, and the line is dead at once */    \
	X(CUT_AFTER, "cut-after") /* when it is done, before the answer is heard */    \
	X(CUT, "cut")             /* one of the four, mostly the last */

#define NAME(name, text) name,
enum action { ACTIONS(NAME) ACTION_COUNT };
#undef NAME

struct fault {
	enum action action;
	long n;
};

/* Add a rule; false when the text is none. */
bool rule_add(const char *text);
void rules_clear(void);
void rules_seed(uint64_t seed);

/* What happens to this request: PASS mostly.  A connection is asked for with n = 0. */
struct fault rule_choose(const char *request, size_t n);

/* It has happened.  `applied`: the server had done what the request asked for. */
void rule_done(enum action action, bool applied);
void rule_connected(void);
/* How often, as one line of JSON. */
void rules_print(FILE *out);

#endif
