-- Suppliers, what a category asks of its products, and what became of a product.

CREATE TABLE supplier (
	id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	slug  text NOT NULL,
	name  text NOT NULL,
	email text,
	CONSTRAINT supplier_slug_is_unique UNIQUE (slug)
);

ALTER TABLE product ADD COLUMN supplier_id bigint;
CREATE INDEX product_brand ON product (brand_id);
CREATE INDEX product_category ON product (category_id);
CREATE INDEX product_supplier ON product (supplier_id) WHERE supplier_id IS NOT NULL;

-- Attributes that the products of a category, and of those below it, have.
CREATE TABLE category_attribute (
	category_id bigint NOT NULL REFERENCES category,
	name        text NOT NULL,
	kind        text NOT NULL,
	required    boolean NOT NULL DEFAULT false,
	choices     text[],
	PRIMARY KEY (category_id, name),
	CONSTRAINT attribute_kind_is_known CHECK (kind IN ('text', 'integer', 'decimal',
		'boolean', 'date', 'choice')),
	CONSTRAINT attribute_choices_are_given CHECK ((kind = 'choice') = (choices IS NOT NULL)
		AND cardinality(choices) > 0),
	CONSTRAINT attribute_name_is_plain CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$')
);

-- A variant that is no longer sold, whatever its product is.
ALTER TABLE variant ADD COLUMN archived boolean NOT NULL DEFAULT false;
