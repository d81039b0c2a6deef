/* world: one run of the simulated shop; the same seed is the same run. */
#include "world.h"

#include "base/clock.h"
#include "base/config.h"
#include "db/db.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHECK_EVERY = 400 };

static const char help[] = "Usage: world --seed N [OPTION]...\n"
			   "Run the shop's code, the provider and people for some "
			   "steps with random faults,\n"
			   "in the database of the PG* variables: a fresh copy of one "
			   "where world.sql ran.\n"
			   "Exit 1 when anything was violated.\n\n"
			   "  --seed N       the same seed is the same run\n"
			   "  --steps N      how long there are faults (2500)\n"
			   "  --counts FILE  append how often each fault happened\n"
			   "  --trace        every step on standard error\n"
			   "  --verbose      the programs' own log there\n\n"
			   "Example: world --seed 7 --steps 2500 --trace\n";

static const struct option options[] = { { "seed", required_argument, NULL, 's' },
	{ "steps", required_argument, NULL, 'n' },
	{ "counts", required_argument, NULL, 'c' }, { "trace", no_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' }, { "help", no_argument, NULL, 'h' },
	{ 0 } };

static struct actor actors[] = {
	{ "shopper-1", shopper_live, 4, 0, .mortal = true },
	{ "shopper-2", shopper_live, 4, 1, .mortal = true },
	{ "shopper-3", shopper_live, 4, 2, .mortal = true },
	{ "operator", operator_live, 2, 0 },
	{ "cashier", cashier_live, 2, 0 },
	{ "second", second_live, 1, 0, .login = "world_bob" },
	{ "stockroom", stockroom_live, 3, 0 },
	{ "bank", bank_live, 1, 0 },
	{ "sender", sender_live, 4, 0 },
	{ "worker-0", worker_live, 6, 0, .mortal = true },
	{ "worker-1", worker_live, 6, 1, .mortal = true },
	{ "worker-2", worker_live, 6, 2, .mortal = true },
	{ "ticker", ticker_live, 2, 3, .mortal = true },
};
enum { ACTORS = sizeof actors / sizeof *actors };

static struct op main_op;
static bool tracing;

void begin(struct op *op, const char *verb)
{
	op_open(op, run.config, verb);
	op->db = run.db;
}

void end(struct op *op)
{
	op->db = NULL;
	op_close(op);
}

/* 2026-01-05T10:00:00Z, the moment that world.sql knows. */
static void reset(void)
{
	struct stamp start;

	stamp_parse(&main_op, "2026-01-05T10:00:00Z", &start);
	run.now_us = start.us;
	run.chance = (uint64_t)run.seed * 0x9e3779b97f4a7c15U + 1;
	run.ids = (uint64_t)run.seed + 77;
	run.digest = 0xcbf29ce484222325U;
	seam_open();
	swarm_set();
	provider_open();
}

static const char *dir; /* of files that only this run reads */

static const char *file(const char *name, const char *text)
{
	const char *path = op_printf(&main_op, "%s/%s", dir, name);
	FILE *to = text ? fopen(path, "we") : NULL;

	if (text && (!to || fputs(text, to) < 0 || fchmod(fileno(to), 0600)))
		exit(err_exit(E_CREATE));
	if (to)
		fclose(to);
	return path;
}

static void files_make(void)
{
	const char *tmp = getenv("TMPDIR");

	dir = mkdtemp(op_printf(&main_op, "%s/world.XXXXXX", tmp ? tmp : P_tmpdir));
	if (!dir)
		exit(err_exit(E_CREATE));
	run.paypal_key = file("paypal.key", NULL);
	pki_make(run.paypal_key, file("paypal.pem", NULL));
}

static void files_remove(void)
{
	static const char *const names[] = { "stripe", "paypal", "paypal.key",
		"paypal.pem" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(file(names[i], NULL));
	rmdir(dir);
}

static void configure(void)
{
	const char *const set[][2] = {
		{ "SHOP_STRIPE_KEY_FILE", file("stripe", "sk_test_world\n") },
		{ "SHOP_STRIPE_BASE_URL", "https://stripe.invalid" },
		{ "SHOP_STRIPE_RATE_PER_SECOND", "0" },
		{ "SHOP_PAYPAL_BASE_URL", "https://paypal.invalid" },
		{ "SHOP_PAYPAL_CLIENT_ID", "world" },
		{ "SHOP_PAYPAL_CLIENT_SECRET_FILE", file("paypal", "world\n") },
		{ "SHOP_PAYPAL_RATE_PER_SECOND", "0" },
		{ "SHOP_PAYPAL_WEBHOOK_ID", "1JE4291016473214C" },
		{ "SHOP_PAYPAL_CERT_BASE_URL", "http://127.0.0.1:0" },
		{ "SHOP_PAYPAL_CERT_CA_FILE", file("paypal.pem", NULL) },
		{ "SHOP_PAYPAL_RETURN_URL", "https://shop.example/thanks" },
		{ "SHOP_PAYPAL_CANCEL_URL", "https://shop.example/cart" },
		{ "SHOP_WORKER_POLL_MIN_MS", "10" },
		{ "SHOP_WORKER_POLL_MAX_MS", "50" },
		{ "SHOP_DATABASE_PREPARE", "true" },
	};
	struct config *config;

	for (size_t i = 0; i < sizeof set / sizeof *set; i++)
		setenv(set[i][0], set[i][1], 1);
	if (config_load(&main_op, "/dev/null", &config) != OK) {
		fprintf(stderr, "world: %s\n", main_op.fault.text);
		exit(err_exit(E_CONFIG));
	}
	run.config = main_op.config = config;
}

static void connect_once(void)
{
	if (db_open(&main_op) != OK) {
		fprintf(stderr, "world: %s\n", main_op.fault.text);
		exit(err_exit(E_AWAY));
	}
	run.db = main_op.db;
}

static void options_read(int argc, char **argv, const char **counts)
{
	int option;

	run.steps = 2500;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's':
			run.seed = strtoll(optarg, NULL, 10);
			break;
		case 'n':
			run.steps = strtoll(optarg, NULL, 10);
			break;
		case 'c':
			*counts = optarg;
			break;
		case 't':
			tracing = true;
			break;
		case 'v':
			run.verbose = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			exit(err_exit(E_USAGE));
		}
	}
}

static int64_t real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void report(int64_t ms, const char *counts)
{
	int64_t faults = 0;
	FILE *to = counts ? fopen(counts, "ae") : NULL;

	for (int i = 0; i < FAULT_COUNT; i++)
		faults += run.injected[i];
	printf("seed %lld: %lld orders, %lld paid, %lld faults, %lld steps, %lld ms, "
	       "%lld violations, digest %016llx\n",
		(long long)run.seed, (long long)run.effects[E_orders],
		(long long)run.effects[E_orders_paid], (long long)faults,
		(long long)run.step, (long long)ms, (long long)run.violations,
		(unsigned long long)run.digest);
	if (to) {
		swarm_print(to);
		fclose(to);
	}
}

/* A world that stands still or runs away is a failure, not the machine's problem. */
static void limit(void)
{
	alarm(300);
#ifndef __SANITIZE_ADDRESS__ /* which reserves far more than it uses */
	setrlimit(RLIMIT_AS, &(struct rlimit){ 1 << 30, 1 << 30 });
#endif
}

int main(int argc, char **argv)
{
	const char *counts = NULL;
	int64_t begun = real_ms();

	options_read(argc, argv, &counts);
	setvbuf(stdout, NULL, _IOLBF, 0);
	run.trace = tracing ? fdopen(dup(2), "w") : NULL;
	if (!run.verbose && !freopen("/dev/null", "w", stderr))
		return err_exit(E_CREATE);
	op_open(&main_op, NULL, "world");
	files_make();
	configure();
	connect_once();
	reset();
	limit();
	shoppers_open();
	actors_start(actors, ACTORS);
	defence_drop();
	while (run.step < run.steps && !run.violations) {
		world_step();
		check_touched();
		if (run.step % CHECK_EVERY == 0)
			check_now("on the way");
	}
	if (!run.violations)
		drain();
	actors_stop();
	workers_count();
	provider_effects();
	report(real_ms() - begun, counts);
	provider_close();
	shoppers_close();
	files_remove();
	db_close(run.db);
	main_op.db = NULL;
	op_close(&main_op);
	return run.violations > 0;
}
