-- The catalog: products with variants (SKUs), their prices and pictures.
--
-- Between the tables that imports fill there are no foreign keys: checking them row
-- by row costs as much as the rest of an import.  Its functions write both ends in
-- one transaction, nothing is ever deleted, and fsck proves what remains (C1).

CREATE TABLE brand (
	id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slug text NOT NULL,
	name text NOT NULL,
	CONSTRAINT brand_slug_is_unique UNIQUE (slug)
);

CREATE TABLE category (
	id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	parent_id bigint REFERENCES category,
	path      text NOT NULL, -- "pets/food"
	name      text NOT NULL,
	CONSTRAINT category_path_is_unique UNIQUE (path)
);

CREATE TABLE product (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	handle      text NOT NULL,
	title       text NOT NULL,
	description text NOT NULL DEFAULT '',
	brand_id    bigint,
	category_id bigint,
	type        text NOT NULL DEFAULT '',
	tags        text[] NOT NULL DEFAULT '{}',
	attributes  jsonb NOT NULL DEFAULT '{}',
	option_names text[] NOT NULL DEFAULT '{}',
	status      text NOT NULL DEFAULT 'draft',
	version     integer NOT NULL DEFAULT 1,
	created_at  timestamptz NOT NULL DEFAULT now(),
	updated_at  timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT product_handle_is_unique UNIQUE (handle),
	CONSTRAINT product_has_a_title CHECK (title <> ''),
	CONSTRAINT product_status_is_known CHECK (status IN ('draft', 'active', 'archived'))
);

CREATE TABLE variant (
	id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	product_id        bigint NOT NULL,
	sku               text COLLATE "C" NOT NULL,
	title             text NOT NULL, -- what an order line shows: product title and options
	barcode           text,
	options           text[] NOT NULL DEFAULT '{}',
	position          integer NOT NULL DEFAULT 1,
	weight_grams      bigint NOT NULL DEFAULT 0,
	tax_class         text NOT NULL DEFAULT 'standard',
	requires_shipping boolean NOT NULL DEFAULT true,
	sellable          boolean NOT NULL DEFAULT true, -- the product is active
	cost_minor        bigint,
	cost_currency     char(3),
	image_url         text, -- one of the product's pictures
	attributes        jsonb NOT NULL DEFAULT '{}',
	CONSTRAINT variant_sku_is_unique UNIQUE (sku),
	CONSTRAINT variant_options_are_unique UNIQUE (product_id, options) DEFERRABLE,
	CONSTRAINT variant_sku_is_not_empty CHECK (sku <> '' AND length(sku) <= 200),
	CONSTRAINT variant_weight_is_not_negative CHECK (weight_grams >= 0)
);

-- A price holds from valid_from until valid_until.  The writer (price_put) closes
-- one before it opens the next; that at most one of a variant and currency is open
-- is the key's promise, that none overlap in the past is fsck's.  An exclusion
-- constraint would say both and make an import four times as slow.
CREATE TABLE price (
	variant_id       bigint NOT NULL,
	currency         char(3) NOT NULL,
	amount           bigint NOT NULL,
	compare_at       bigint,
	valid_from       timestamptz NOT NULL DEFAULT '-infinity',
	valid_until      timestamptz NOT NULL DEFAULT 'infinity',
	CONSTRAINT prices_never_overlap PRIMARY KEY (variant_id, currency, valid_until)
		INCLUDE (amount, valid_from),
	CONSTRAINT price_is_not_negative CHECK (amount >= 0 AND compare_at >= 0),
	CONSTRAINT price_range_is_not_empty CHECK (valid_from < valid_until)
);

CREATE TABLE product_image (
	product_id bigint NOT NULL,
	url        text NOT NULL,
	alt        text NOT NULL DEFAULT '',
	position   integer NOT NULL,
	CONSTRAINT product_image_is_shown_once PRIMARY KEY (product_id, url)
);
