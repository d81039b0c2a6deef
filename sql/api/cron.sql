-- Cron expressions: five fields, lists, ranges, steps and names, as in crontab(5); read,
-- and turned into instants of a time zone.
--
-- When clocks change: a time that does not exist runs at the first moment after the gap, and
-- a time that happens twice runs the first time only.  With a star as the hour, `*` or
-- `*/N`, a schedule follows the clock on the wall instead: it runs whenever that shows a
-- time that fits, so each real hour has its run.

-- Read an expression, or say which field is wrong and why.
CREATE FUNCTION cron_parse(expr text) RETURNS cron_spec LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	f text[] := regexp_split_to_array(btrim(lower(cron_alias($1))), '\s+');
	c cron_spec;
BEGIN
	IF cardinality(f) <> 5 OR f[1] = '' THEN
		PERFORM invalid('cron_has_five_fields', format('"%s" has %s fields, not five', $1,
			CASE WHEN f[1] = '' THEN 0 ELSE cardinality(f) END),
			'minute hour day-of-month month day-of-week, as in "30 2 * * mon-fri"; or @daily');
	END IF;
	c.minutes := cron_field('minute', f[1], 0, 59);
	c.hours := cron_field('hour', f[2], 0, 23);
	c.days := cron_field('day of month', f[3], 1, 31);
	c.months := cron_field('month', f[4], 1, 12,
		'{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
	c.weekdays := ARRAY(SELECT DISTINCT d % 7 FROM unnest(cron_field('day of week', f[5], 0, 7,
		'{sun,mon,tue,wed,thu,fri,sat}')) AS d ORDER BY 1);
	c.both_days := f[3] LIKE '*%' OR f[5] LIKE '*%';
	c.every_hour := f[2] LIKE '*%';
	RETURN c;
END $$;

CREATE FUNCTION cron_alias(expr text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	known text;
BEGIN
	IF btrim($1) NOT LIKE '@%' THEN
		RETURN $1;
	END IF;
	SELECT x.expr INTO known FROM (VALUES ('@yearly', '0 0 1 1 *'),
		('@annually', '0 0 1 1 *'), ('@monthly', '0 0 1 * *'), ('@weekly', '0 0 * * 0'),
		('@daily', '0 0 * * *'), ('@midnight', '0 0 * * *'), ('@hourly', '0 * * * *'))
		AS x (word, expr) WHERE x.word = lower(btrim($1));
	IF known IS NULL THEN
		PERFORM invalid('cron_has_five_fields', format('"%s" is no word for a time', btrim($1)),
			'@yearly, @monthly, @weekly, @daily or @hourly, or five fields');
	END IF;
	RETURN known;
END $$;

CREATE FUNCTION cron_wrong(field text, item text, why text, hint text) RETURNS void
LANGUAGE sql AS $$
	SELECT invalid('cron_field_fits', format('%s "%s": %s', $1, $2, $3), $4)
$$;

-- What one field allows, in order.  names are those of its values, from the lowest on.
CREATE FUNCTION cron_field(field text, list text, low int, high int, names text[] DEFAULT '{}')
RETURNS int[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	item text;
	p text[];
	a int;
	b int;
	step int;
	found int[] := '{}';
BEGIN
	FOREACH item IN ARRAY string_to_array($2, ',') LOOP
		p := regexp_match(item, '^(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d{1,4}))?$');
		IF p IS NULL THEN
			PERFORM cron_wrong($1, item, 'not a number, a range or a star',
				'write *, 5, 1-5, */15 or 1,15; L, W and # are not known here');
		ELSIF p[4] IS NOT NULL AND p[1] IS NULL AND p[3] IS NULL THEN
			PERFORM cron_wrong($1, item, 'a step needs a star or a range to walk through',
				format('write %s-%s/%s', p[2], $4, p[4]));
		END IF;
		a := CASE WHEN p[1] IS NULL THEN cron_value($1, p[2], $3, $4, $5) ELSE $3 END;
		b := CASE WHEN p[1] IS NOT NULL THEN $4
			WHEN p[3] IS NULL THEN a ELSE cron_value($1, p[3], $3, $4, $5) END;
		IF b = 0 AND a > 0 AND $4 = 7 THEN
			b := 7; -- fri-sun
		ELSIF b < a THEN
			PERFORM cron_wrong($1, item, 'the range ends before it begins',
				format('write %s-%s,%s-%s', p[2], $4, $3, p[3]));
		END IF;
		step := coalesce(p[4]::int, 1);
		IF step = 0 OR step > $4 THEN
			PERFORM cron_wrong($1, item, format('a step of %s leads nowhere', step),
				format('1 to %s', $4));
		END IF;
		found := found || ARRAY(SELECT generate_series(a, b, step));
	END LOOP;
	RETURN ARRAY(SELECT DISTINCT x FROM unnest(found) AS x ORDER BY x);
END $$;

CREATE FUNCTION cron_value(field text, word text, low int, high int, names text[])
RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	n int := array_position($5, $2) - 1 + $3;
BEGIN
	IF n IS NULL AND $2 ~ '^\d{1,4}$' THEN
		n := $2::int;
	END IF;
	IF n IS NULL OR n NOT BETWEEN $3 AND $4 THEN
		PERFORM cron_wrong($1, $2, CASE WHEN n IS NULL THEN 'no such name or number'
			ELSE 'out of range' END, format('%s to %s', $3, $4)
			|| CASE WHEN $5 <> '{}' THEN ', or ' || array_to_string($5, ', ') ELSE '' END);
	END IF;
	RETURN n;
END $$;

-- The days that an expression allows, in order.
CREATE FUNCTION cron_days(c cron_spec, first date, last date) RETURNS SETOF date
LANGUAGE sql IMMUTABLE AS $$
	SELECT d::date
	FROM generate_series($2::timestamp, $3::timestamp, '1 day') AS d
	CROSS JOIN LATERAL (SELECT extract(day FROM d)::int = ANY (c.days) AS day,
		extract(dow FROM d)::int = ANY (c.weekdays) AS weekday) AS fits
	WHERE extract(month FROM d)::int = ANY (c.months)
		AND CASE WHEN c.both_days THEN fits.day AND fits.weekday
			ELSE fits.day OR fits.weekday END
$$;

-- How far the clocks of a zone are from UTC at an instant.
CREATE FUNCTION zone_offset(at timestamptz, tz text) RETURNS interval
LANGUAGE sql STABLE AS $$
	SELECT ($1 AT TIME ZONE $2) - ($1 AT TIME ZONE 'UTC')
$$;

-- When the clock on the wall shows a time, on a day on which clocks change.
CREATE FUNCTION cron_instants(wall timestamp, tz text, every_hour boolean)
RETURNS SETOF timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
	utc timestamptz := $1 AT TIME ZONE 'UTC';
	before interval := zone_offset(utc - interval '1 day', $2);
	after interval := zone_offset(utc + interval '1 day', $2);
	times timestamptz[] := ARRAY(SELECT DISTINCT x
		FROM unnest(ARRAY[utc - before, utc - after]) AS x
		WHERE x AT TIME ZONE $2 = $1 ORDER BY x);
BEGIN
	IF cardinality(times) > 0 THEN
		RETURN QUERY SELECT unnest(CASE WHEN $3 THEN times ELSE times[1:1] END);
	ELSIF NOT $3 THEN
		RETURN QUERY SELECT min(x)
		FROM generate_series(utc - after, utc - before, '1 minute') AS x
		WHERE zone_offset(x, $2) = after;
	END IF;
END $$;

-- The instants of one day, in order.
CREATE FUNCTION cron_day(c cron_spec, tz text, day date) RETURNS SETOF timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
	noon timestamptz := ($3 + time '12:00') AT TIME ZONE 'UTC';
BEGIN
	IF zone_offset(noon - interval '2 days', $2) = zone_offset(noon + interval '2 days', $2) THEN
		RETURN QUERY SELECT ($3 + make_time(h, m, 0)) AT TIME ZONE $2
		FROM unnest(c.hours) AS h, unnest(c.minutes) AS m ORDER BY 1;
	ELSE
		RETURN QUERY SELECT DISTINCT i
		FROM unnest(c.hours) AS h, unnest(c.minutes) AS m,
			cron_instants($3 + make_time(h, m, 0), $2, c.every_hour) AS i ORDER BY 1;
	END IF;
END $$;

-- The due times of an expression after one instant and not after another, oldest first.
-- Whatever it is that can come true does so within nine years (the 29th of February).
CREATE FUNCTION cron_times(expr text, tz text, after timestamptz, until timestamptz,
	most int) RETURNS SETOF timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
	c cron_spec := cron_parse($1);
	last timestamptz := $3;
	left_over int := $5;
	day date;
	t timestamptz;
BEGIN
	FOR day IN SELECT d FROM cron_days(c, ($3 AT TIME ZONE $2)::date - 1,
		(least($4, $3 + interval '9 years') AT TIME ZONE $2)::date + 1) AS d
	LOOP
		FOR t IN SELECT i FROM cron_day(c, $2, day) AS i WHERE i > last LOOP
			IF t > $4 OR left_over <= 0 THEN
				RETURN;
			END IF;
			left_over := left_over - 1;
			last := t;
			RETURN NEXT t;
		END LOOP;
	END LOOP;
END $$;

-- Zones are those the server knows; a name that is not there is answered with like ones.
CREATE FUNCTION zone_known(tz text) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	word text := regexp_replace($1, '^.*/', '');
BEGIN
	IF NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = $1) THEN
		PERFORM invalid('time_zone_exists', format('there is no time zone "%s"', $1),
			coalesce((SELECT 'did you mean ' || string_agg(x.name, ', ') || '?'
				FROM (SELECT z.name FROM pg_timezone_names z
					WHERE z.name ILIKE '%' || left(word, 5) || '%' AND word <> ''
						AND z.name NOT LIKE 'posix/%'
					ORDER BY z.name LIMIT 3) x), 'a name as Europe/Amsterdam, or UTC'));
	END IF;
END $$;
