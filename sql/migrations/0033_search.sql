-- Search: what customers can find, one row an active product, filled by jobs.
--
-- Words and facts are apart: facts change with every sale, and a new version of a row of
-- words is a hundred entries of its index.

DO $$
DECLARE
	wanted text;
	found text;
	config name;
BEGIN
	FOREACH wanted IN ARRAY ARRAY['pg_trgm', 'unaccent'] LOOP
		SELECT n.nspname INTO found FROM pg_extension e
			JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = wanted;
		IF found IS NULL AND NOT EXISTS (SELECT FROM pg_available_extensions a
			WHERE a.name = wanted) THEN
			RAISE EXCEPTION 'the extension % is not installed on the database server', wanted
				USING HINT = 'install PostgreSQL''s contrib modules; on Debian the package '
					'postgresql-15 has them';
		ELSIF found IS NULL THEN
			EXECUTE format('CREATE EXTENSION %I', wanted);
		ELSIF found <> current_schema() THEN
			RAISE EXCEPTION 'the extension % is in the schema %', wanted, found
				USING HINT = format('ALTER EXTENSION %I SET SCHEMA %I', wanted, current_schema());
		END IF;
	END LOOP;
	-- Every language that the server knows, without its accents: search_english, ...
	FOR config IN SELECT c.cfgname FROM pg_ts_config c
		WHERE c.cfgnamespace = 'pg_catalog'::regnamespace
	LOOP
		EXECUTE format('CREATE TEXT SEARCH CONFIGURATION %I (COPY = pg_catalog.%I)',
			'search_' || config, config);
		EXECUTE format('ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING FOR hword, '
			'hword_part, word WITH unaccent, %I', 'search_' || config,
			CASE config WHEN 'simple' THEN 'simple' ELSE config || '_stem' END);
	END LOOP;
END $$;

-- The words of a product, and what it can be filtered by as words that nobody can type:
-- =b7 its brand, =c5 each category that it is below, =acolor=red an attribute.
CREATE TABLE search_product (
	product_id   bigint PRIMARY KEY,
	words        tsvector NOT NULL,
	refreshed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX search_product_words ON search_product USING gin (words);

-- What results are sorted and counted by.
CREATE TABLE search_fact (
	product_id  bigint PRIMARY KEY,
	name        text COLLATE "C" NOT NULL,  -- the folded title
	created_at  timestamptz NOT NULL,
	sold        bigint NOT NULL DEFAULT 0,  -- units of the last search.sold_days
	in_stock    boolean NOT NULL,
	brand_id    bigint,
	category_id bigint,
	attributes  text[] NOT NULL DEFAULT '{}', -- color=red
	due_at      timestamptz                   -- when a price begins or ends
);
CREATE INDEX search_fact_sold ON search_fact (sold, product_id);
CREATE INDEX search_fact_newest ON search_fact (created_at, product_id);
CREATE INDEX search_fact_name ON search_fact (name, product_id);
CREATE INDEX search_fact_due ON search_fact (due_at) WHERE due_at IS NOT NULL;

-- The lowest price of a product's variants.
CREATE TABLE search_price (
	product_id bigint NOT NULL,
	currency   char(3) NOT NULL,
	amount     bigint NOT NULL,
	PRIMARY KEY (product_id, currency)
);
CREATE INDEX search_price_amount ON search_price (currency, amount, product_id);

-- In how many products each word and each filter is: what a query is planned with, and
-- what a mistyped word is compared to.  "=" is all products.
CREATE TABLE search_term (
	term     text COLLATE "C" PRIMARY KEY,
	products bigint NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX search_term_like ON search_term USING gin (term gin_trgm_ops)
	WHERE term < '=' OR term >= '>';
CREATE INDEX search_term_length ON search_term (length(term), term)
	WHERE (term < '=' OR term >= '>') AND length(term) <= 6;

CREATE TABLE search_synonym (
	word  text COLLATE "C" PRIMARY KEY,
	means text[] NOT NULL,
	CONSTRAINT synonym_means_something CHECK (cardinality(means) BETWEEN 1 AND 20),
	CONSTRAINT synonym_is_one_word CHECK (word ~ '^[^ ]{1,60}$')
);

-- What a query was understood as.
CREATE TYPE search_plan AS (
	terms     tsquery,  -- words and filters: what a product must have
	words     tsquery,  -- the words alone: what it is ranked by
	most      bigint,   -- no more products than that can match
	currency  text,
	price_min bigint,
	price_max bigint,
	in_stock  boolean,
	sort      text,
	parts     integer,  -- how many conditions there are
	share     float8    -- of all products, as far as the counts can tell
);

-- What a product's rows should say.
CREATE TYPE search_row AS (
	product_id  bigint,
	words       tsvector,
	name        text,
	created_at  timestamptz,
	in_stock    boolean,
	brand_id    bigint,
	category_id bigint,
	attributes  text[],
	due_at      timestamptz
);

INSERT INTO setting VALUES ('search.language', 'english'), ('search.sold_days', '90'),
	('search.watermark', '-infinity');
INSERT INTO queue (name) VALUES ('search');
INSERT INTO job_schedule (name, kind, every) VALUES
	('search.sweep', 'search.sweep', '1 min'), ('search.sold', 'search.sold', '1 h');
