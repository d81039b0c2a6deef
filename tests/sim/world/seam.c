/* The seam of lib/base/world.h: where time, chance, calls and statements become the
 * world's. */
#include "base/world.h"

#include "adapters/mail.h"
#include "base/http.h"
#include "db/db.h"
#include "world.h"

#include <string.h>

static bool quiet; /* the world's own statements pass */

static int64_t now_us(void)
{
	return run.now_us;
}

static void sleep_us(int64_t us)
{
	if (!self || self->dead)
		return;
	self->wake_us = run.now_us + us;
	turn_over();
}

static void random_bytes(void *to, size_t n)
{
	unsigned char *p = to;

	for (; n; n--) {
		run.ids = run.ids * 6364136223846793005U + 1442695040888963407U;
		*p++ = (unsigned char)(run.ids >> 56);
	}
}

/* A program that was killed learns nothing and reaches nobody; it only unwinds. */
static enum err gone(struct op *op)
{
	return fail(op, E_AWAY, "database_is_up", "this program is dead");
}

static bool killed(enum fault_name f)
{
	if (!self->mortal || !strikes(f))
		return false;
	self->dead = true;
	worker_killed(self);
	trace("killed");
	return true;
}

/* Its turn is over; a worker may not get the next one for longer than a lease. */
static bool wait_turn(void)
{
	if (self->mortal && strikes(F_worker_paused)) {
		self->wake_us = run.now_us + between(20, 900) * SECOND_US;
		trace("stands still");
	}
	turn_over();
	return !self->dead;
}

/* Time stands still in the database, and whoever asks has logged in. */
static enum err set_scene(struct op *op)
{
	const char *login = self ? self->login : NULL;
	int64_t us = run.now_us;
	enum err e;

	if (us == run.set_us && login == run.login)
		return OK;
	quiet = true;
	e = db_script(op, "",
		op_printf(op, "SELECT set_config('sim.now', '%s', false)%s%s",
			stamp_text(op, (struct stamp){ us }),
			login == run.login ? "" : "; SET SESSION AUTHORIZATION ",
			login == run.login ? ""
			: login            ? login
					   : "DEFAULT"));
	quiet = false;
	run.set_us = us;
	run.login = login;
	return e;
}

static enum err lost(struct op *op, const char *what)
{
	trace("%s: connection lost", what);
	return fail(op, E_AWAY, "database_is_up", "the connection was lost");
}

static enum err before(struct op *op, const char *what, bool open)
{
	bool called = self->called;

	if (open && strcmp(what, "COMMIT") != 0)
		return OK;
	if (!open && !wait_turn())
		return gone(op);
	self->called = false;
	if (killed(called ? F_kill_after_call : F_kill_before_commit))
		return gone(op);
	if (self->mortal && strikes(F_commit_lost_not_applied))
		return lost(op, what);
	if (!open)
		TRY(set_scene(op));
	trace("%s", what);
	return OK;
}

static enum err after(struct op *op, const char *what, bool open)
{
	if (open)
		return OK;
	run.committed = true;
	if (killed(F_kill_after_commit))
		return gone(op);
	if (self->mortal && strikes(F_commit_lost_applied))
		return lost(op, what);
	return OK;
}

static enum err statement(
	struct op *op, const char *what, enum world_moment when, bool open)
{
	if (quiet)
		return OK;
	if (!self)
		return when == WORLD_BEFORE && !open ? set_scene(op) : OK;
	if (self->dead)
		return gone(op);
	return when == WORLD_BEFORE ? before(op, what, open) : after(op, what, open);
}

static enum err http(
	struct op *op, const struct http_request *r, struct http_answer *out)
{
	bool here;

	if (provider_token(r))
		return provider_http(op, r, out);
	self->calling = true;
	here = !self->dead && wait_turn() && !killed(F_kill_before_call);
	self->calling = false;
	if (!here) {
		out->outcome = HTTP_NOT_SENT;
		out->reason = "this program is dead";
		return OK;
	}
	TRY(provider_http(op, r, out));
	self->called = true;
	return OK;
}

static int mail(struct op *op, const char *message_id)
{
	(void)op;
	if (self->dead || !wait_turn() || killed(F_kill_before_call))
		return MAIL_LATER;
	self->called = true;
	trace("mail %s", message_id);
	return strikes(F_mail_down) ? (below(2) ? MAIL_LATER : MAIL_UNKNOWN)
				    : MAIL_SENT;
}

void seam_quiet(bool on)
{
	quiet = on;
}

void seam_open(void)
{
	static const struct world ours = { now_us, sleep_us, random_bytes, http, mail,
		statement };

	world = &ours;
}
