-- Schedules: what an expression means, what clocks do to it, what becomes of missed times.
BEGIN;
SELECT plan(63);

-- The due times between two instants, as the wall of the zone shows them with its offset.
CREATE FUNCTION pg_temp.due(expr text, tz text, low text, high text) RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg(to_char(t AT TIME ZONE tz, 'DD HH24:MI')
		|| to_char(extract(epoch FROM zone_offset(t, tz)) / 3600, 'FMSG90.0'), ', ')
	FROM cron_times(expr, tz, low::timestamptz, high::timestamptz, 100) AS t
$$;
CREATE FUNCTION pg_temp.utc(expr text, low text, n int) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), ', ')
	FROM cron_times(expr, 'UTC', (low || 'Z')::timestamptz, 'infinity', n) AS t
$$;

SELECT is(pg_temp.utc(expr, '2026-11-20 10:07', 3), wanted, expr) FROM (VALUES
	('*/20 * * * *', '2026-11-20 10:20, 2026-11-20 10:40, 2026-11-20 11:00'),
	('7 10 * * *', '2026-11-21 10:07, 2026-11-22 10:07, 2026-11-23 10:07'),
	('0,30 9-10 * * *', '2026-11-20 10:30, 2026-11-21 09:00, 2026-11-21 09:30'),
	('5-59/25 12 * * *', '2026-11-20 12:05, 2026-11-20 12:30, 2026-11-20 12:55'),
	('0 0 1 * *', '2026-12-01 00:00, 2027-01-01 00:00, 2027-02-01 00:00'),
	('0 0 31 * *', '2026-12-31 00:00, 2027-01-31 00:00, 2027-03-31 00:00'),
	('0 0 29 feb *', '2028-02-29 00:00, 2032-02-29 00:00'),
	('15 8 * * mon-fri', '2026-11-23 08:15, 2026-11-24 08:15, 2026-11-25 08:15'),
	('0 0 * * 0', '2026-11-22 00:00, 2026-11-29 00:00, 2026-12-06 00:00'),
	('0 0 * * 7', '2026-11-22 00:00, 2026-11-29 00:00, 2026-12-06 00:00'),
	('0 0 * * fri-sun', '2026-11-21 00:00, 2026-11-22 00:00, 2026-11-27 00:00'),
	-- the 13th or a Friday; but every second day only when it is a Friday too
	('0 0 13 * fri', '2026-11-27 00:00, 2026-12-04 00:00, 2026-12-11 00:00'),
	('0 0 */2 * fri', '2026-11-27 00:00, 2026-12-11 00:00, 2026-12-25 00:00'),
	('0 12 * JAN,jul Mon', '2027-01-04 12:00, 2027-01-11 12:00, 2027-01-18 12:00'),
	(' @daily ', '2026-11-21 00:00, 2026-11-22 00:00, 2026-11-23 00:00'),
	('@hourly', '2026-11-20 11:00, 2026-11-20 12:00, 2026-11-20 13:00'),
	('@weekly', '2026-11-22 00:00, 2026-11-29 00:00, 2026-12-06 00:00'),
	('@monthly', '2026-12-01 00:00, 2027-01-01 00:00, 2027-02-01 00:00'),
	('@yearly', '2027-01-01 00:00, 2028-01-01 00:00, 2029-01-01 00:00'),
	('0 0 30 2 *', NULL)) AS t (expr, wanted);

-- What a person gets wrong is named, with what to write instead.
CREATE FUNCTION pg_temp.fault(expr text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text;
	hint text;
BEGIN
	PERFORM cron_parse(expr);
	RETURN 'none';
EXCEPTION WHEN SQLSTATE 'SH422' THEN
	GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN said || '; ' || hint;
END $$;
SELECT matches(pg_temp.fault(expr), wanted, expr) FROM (VALUES
	('* * * *', '^"\* \* \* \*" has 4 fields, not five; minute hour day-of-month'),
	('', '^"" has 0 fields, not five'),
	('60 * * * *', '^minute "60": out of range; 0 to 59$'),
	('* 24 * * *', '^hour "24": out of range; 0 to 23$'),
	('* * 0 * *', '^day of month "0": out of range; 1 to 31$'),
	('* * * 13 *', '^month "13": out of range; 1 to 12, or jan, feb,'),
	('* * * * 8', '^day of week "8": out of range; 0 to 7, or sun, mon,'),
	('* * * * monday', '^day of week "monday": no such name or number; .*sun, mon'),
	('5/10 * * * *', '^minute "5/10": a step needs a star .*; write 5-59/10$'),
	('*/0 * * * *', '^minute "\*/0": a step of 0 leads nowhere'),
	('* 22-4 * * *', '^hour "22-4": the range ends before .*; write 22-23,0-4$'),
	('1,,2 * * * *', '^minute "": not a number, a range or a star'),
	('* * L * *', '^day of month "l": no such name or number'),
	('* * 15W * *', '^day of month "15w": no such name or number'),
	('* * * * 5#2', '^day of week "5#2": not a number.*L, W and # are not known'),
	('@reboot', '^"@reboot" is no word for a time; @yearly,')) AS t (expr, wanted);

-- Both changes of the clocks: 02:00 becomes 03:00, 03:00 becomes 02:00 (Amsterdam, New York),
-- and by half an hour at Lord Howe.
SELECT is(pg_temp.due(expr, tz, low, high), wanted, tz || ': ' || expr) FROM (VALUES
	-- a time that does not exist: the first moment after
	('30 2 * * *', 'Europe/Amsterdam', '2026-03-28 00:00Z', '2026-03-30 12:00Z',
		'28 02:30+1.0, 29 03:00+2.0, 30 02:30+2.0'),
	('0 2,3 * * *', 'Europe/Amsterdam', '2026-03-28 12:00Z', '2026-03-29 12:00Z',
		'29 03:00+2.0'),
	('*/20 2 * * *', 'Europe/Amsterdam', '2026-03-28 12:00Z', '2026-03-29 12:00Z',
		'29 03:00+2.0'),
	('30 2 * * *', 'America/New_York', '2026-03-07 12:00Z', '2026-03-09 12:00Z',
		'08 03:00-4.0, 09 02:30-4.0'),
	('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02 18:00Z', '2026-10-04 18:00Z',
		'04 02:30+11.0, 05 02:15+11.0'),
	-- a time that happens twice: the first only
	('30 2 * * *', 'Europe/Amsterdam', '2026-10-24 00:00Z', '2026-10-26 12:00Z',
		'24 02:30+2.0, 25 02:30+2.0, 26 02:30+1.0'),
	('*/30 2 * * *', 'Europe/Amsterdam', '2026-10-24 12:00Z', '2026-10-25 12:00Z',
		'25 02:00+2.0, 25 02:30+2.0'),
	('30 1 * * *', 'America/New_York', '2026-10-31 12:00Z', '2026-11-02 12:00Z',
		'01 01:30-4.0, 02 01:30-5.0'),
	('45 1 * * *', 'Australia/Lord_Howe', '2026-04-03 18:00Z', '2026-04-05 18:00Z',
		'05 01:45+11.0, 06 01:45+10.5'),
	-- the hour is a star: each real hour
	('30 * * * *', 'Europe/Amsterdam', '2026-03-29 00:00Z', '2026-03-29 03:00Z',
		'29 01:30+1.0, 29 03:30+2.0, 29 04:30+2.0'),
	('0 * * * *', 'Europe/Amsterdam', '2026-10-24 23:30Z', '2026-10-25 02:30Z',
		'25 02:00+2.0, 25 02:00+1.0, 25 03:00+1.0'),
	('0 */2 * * *', 'America/New_York', '2026-03-08 03:00Z', '2026-03-08 09:00Z',
		'08 00:00-5.0, 08 04:00-4.0'),
	('30 * * * *', 'America/New_York', '2026-11-01 05:00Z', '2026-11-01 08:00Z',
		'01 01:30-4.0, 01 01:30-5.0, 01 02:30-5.0'),
	('45 * * * *', 'Australia/Lord_Howe', '2026-04-04 14:00Z', '2026-04-04 17:00Z',
		'05 01:45+11.0, 05 01:45+10.5, 05 02:45+10.5'),
	-- and where clocks do not change
	('30 2 * * *', 'UTC', '2026-03-28 12:00Z', '2026-03-30 12:00Z',
		'29 02:30+0.0, 30 02:30+0.0')) AS t (expr, tz, low, high, wanted);

-- A day of missed runs.  s and what it made: jobs, and what the memory says.
UPDATE job_schedule SET paused_at = now();
CREATE FUNCTION pg_temp.day_off(catch_up text, expr text, gone interval) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	before bigint;
	calls int := 0;
BEGIN
	DELETE FROM job;
	DELETE FROM job_unique;
	DELETE FROM schedule_run;
	PERFORM schedule_put('gone', 'noop.run', expr, NULL, 'UTC', catch_up);
	UPDATE job_schedule SET next_at = (SELECT min(t) FROM cron_times(expr, 'UTC',
		now() - gone, now(), 100000) AS t) WHERE name = 'gone';
	LOOP
		EXIT WHEN calls > 50 OR (SELECT put FROM api.job_schedule()) = 0;
		calls := calls + 1;
	END LOOP;
	RETURN (SELECT count(*) FROM job) || ' jobs, '
		|| (SELECT count(*) FROM schedule_run WHERE job_id IS NOT NULL) || ' runs, '
		|| (SELECT coalesce(sum(missed), 0) FROM schedule_run) || ' missed, next in '
		|| (SELECT next_at > now() AND next_at <= now() + interval '2 hours'
			FROM job_schedule WHERE name = 'gone');
END $$;
SELECT is(pg_temp.day_off('one', '0 * * * *', '1 day'),
	'1 jobs, 1 runs, 23 missed, next in true', 'one of a day''s 24 runs is made up for');
SELECT is(pg_temp.day_off('all', '0 * * * *', '1 day'),
	'24 jobs, 24 runs, 0 missed, next in true', 'all of them are');
SELECT is(pg_temp.day_off('all', '*/5 * * * *', '1 day'),
	'288 jobs, 288 runs, 0 missed, next in true', 'all of many are, some at a time');
SELECT is(pg_temp.day_off('none', to_char(now() AT TIME ZONE 'UTC' - interval '10 minutes',
	'MI') || ' * * * *', '1 day'), '0 jobs, 0 runs, 24 missed, next in true',
	'none of them is');
SELECT is(pg_temp.day_off('none', '* * * * *', '4 minutes'),
	'1 jobs, 1 runs, 3 missed, next in true', 'who is merely late runs');

-- What ran does not run again, whatever becomes of the schedule.
UPDATE job_schedule SET next_at = last_due_at WHERE name = 'gone';
DELETE FROM job_unique;
SELECT is((SELECT put FROM api.job_schedule()), 0::bigint,
	'a due time that had its run has no other');

SELECT api.schedule_pause('gone', true);
UPDATE job_schedule SET next_at = now() - interval '1 day' WHERE name = 'gone';
SELECT api.schedule_pause('gone', false);
SELECT is((SELECT next_at > now() FROM job_schedule WHERE name = 'gone'), true,
	'what fell into a pause is not made up for');

SELECT throws_ok($$ SELECT schedule_put('x', 'noop.run', '0 0 30 2 *', NULL) $$, 'SH422',
	'"0 0 30 2 *" is never due', 'a schedule that is never due is refused');
SELECT throws_ok($$ SELECT schedule_put('x', 'noop.run', '@daily', NULL, 'Europe/Amsterdm') $$,
	'SH422', 'there is no time zone "Europe/Amsterdm"', 'and so is a zone that is none');
SELECT throws_ok($$ SELECT schedule_put('x', 'nothing.run', '@daily', NULL) $$,
	'SH422', 'there is no queue for jobs of kind nothing.run', 'and a kind without a queue');
SELECT is((SELECT schedule_rhythm(s) || ' ' || s.tz FROM job_schedule s
	WHERE s.name = 'reconcile.stripe'), '0 3 * * * UTC', 'the books are compared at three');
SELECT is((SELECT (schedule_every('90s') + schedule_every('10m') + schedule_every('2h')
	+ schedule_every('1d'))::text), '26:11:30', 'times between runs');

SELECT * FROM finish();
ROLLBACK;
