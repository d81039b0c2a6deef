/* How an operation can end, and what that means at each of the three doors. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum job_fate { JOB_DONE, JOB_RETRY, JOB_DEAD };

#define ERRORS(X)                                                                      \
	/*  code         exit  http  job                                        */     \
	X(OK, 0, 200, JOB_DONE)                                                        \
	X(E_NO, 1, 200, JOB_DONE)          /* the answer is "no"               */      \
	X(E_NOT_FOUND, 3, 404, JOB_DEAD)   /* no such thing                    */      \
	X(E_REFUSED, 4, 409, JOB_DEAD)     /* a rule said no                   */      \
	X(E_PARTIAL, 5, 207, JOB_RETRY)    /* a batch, partly done             */      \
	X(E_UNCONFIRMED, 6, 428, JOB_DEAD) /* confirmation missing             */      \
	X(E_USAGE, 64, 400, JOB_DEAD)      /* asked wrongly                    */      \
	X(E_DATA, 65, 422, JOB_DEAD)       /* bad input data                   */      \
	X(E_NO_INPUT, 66, 400, JOB_DEAD)   /* input file cannot be read        */      \
	X(E_AWAY, 69, 503, JOB_RETRY)      /* database or provider unreachable */      \
	X(E_BROKEN, 70, 500, JOB_DEAD)     /* our own fault                    */      \
	X(E_CREATE, 73, 500, JOB_DEAD)     /* output file cannot be created    */      \
	X(E_OUTPUT, 74, 500, JOB_RETRY)    /* could not write the result       */      \
	X(E_BUSY, 75, 503, JOB_RETRY)      /* try again later                  */      \
	X(E_DENIED, 77, 403, JOB_DEAD)     /* may not ask                      */      \
	X(E_CONFIG, 78, 500, JOB_DEAD)     /* configuration                    */

enum err {
#define X(code, exit, http, job) code,
	ERRORS(X)
#undef X
};

/* The process exit status, HTTP status and job outcome of an error. */
int err_exit(enum err e);
int err_http(enum err e);
enum job_fate err_job(enum err e);

/* The name of the code, "E_REFUSED"; for logs. */
const char *err_name(enum err e);

/* Leave early on failure.  Safe everywhere: the op owns all memory. */
#define TRY(expr)                                                                      \
	do {                                                                           \
		enum err try_ = (expr);                                                \
		if (try_ != OK)                                                        \
			return try_;                                                   \
	} while (0)

#endif
