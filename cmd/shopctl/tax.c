/* shopctl tax: classes, rates, and what a basket is taxed. */
#include "domain/tax.h"

#include "base/cli.h"
#include "base/out.h"

static enum err class_list(struct op *op, const void *args)
{
	struct rows all;

	(void)args;
	TRY(tax_class_find(op, &all));
	return out_rows(op, &tax_class_shape, all);
}

static const struct shape class_args = SHAPE(tax_class,
	FIELD(tax_class, code, "CODE", "what variants name it: reduced",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(tax_class, name, "NAME", "what people call it",
		FIELD_OPERAND | FIELD_REQUIRED));

static enum err class_set(struct op *op, const void *args)
{
	const struct tax_class *a = args;
	struct tax_class made = { 0 };

	TRY(tax_class_set(op, a->code, a->name, &made));
	return out_one(op, &tax_class_shape, &made);
}

static const struct shape list_args = SHAPE(tax_rate_filter,
	FIELD(tax_rate_filter, country, "CC", "only those of this country"),
	FIELD(tax_rate_filter, tax_class, "CODE", "only those of this class"),
	FIELD(tax_rate_filter, as_of, "TIME", "those that held or will hold then"),
	FIELD(tax_rate_filter, all, NULL, "whenever they hold"));

static enum err rate_list(struct op *op, const void *args)
{
	struct rows rates;

	TRY(tax_rate_find(op, args, &rates));
	return out_rows(op, &tax_rate_shape, rates);
}

struct set {
	const char *country, *percent, *region;
	struct texts postcode;
	const char *tax_class, *name;
	int64_t priority;
	bool included, compound, not_shipping;
	struct stamp from, until;
};

static const struct shape set_args = SHAPE(set,
	FIELD(set, country, "CC", "ISO 3166 code of the country",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(set, percent, "PERCENT", "the rate, exactly: 19, 8.875",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(set, region, "REGION", "only in this state or province: NY"),
	FIELD(set, postcode, "CODE", "only there: 10001, or 100* and what begins so"),
	FIELD(set, tax_class, "CODE", "of these variants", .initial = "standard"),
	FIELD(set, name, "NAME", "as invoices show it", .initial = "VAT"),
	FIELD(set, priority, "N", "of each priority one rate applies", .initial = "1"),
	FIELD(set, included, NULL, "prices contain it (else it comes on top)"),
	FIELD(set, compound, NULL, "it is on the taxes before it, too"),
	FIELD(set, not_shipping, NULL, "shipping is not taxed by it"),
	FIELD(set, from, "TIME", "since when (default now; the first since ever)"),
	FIELD(set, until, "TIME", "until when (default for ever)"));

static enum err rate_set(struct op *op, const void *args)
{
	const struct set *a = args;
	const struct tax_rate wish = { .country = a->country,
		.region = a->region,
		.postcodes = a->postcode,
		.tax_class = a->tax_class,
		.priority = a->priority,
		.name = a->name,
		.percent = a->percent,
		.included = a->included,
		.compound = a->compound,
		.shipping = !a->not_shipping,
		.valid_from = a->from,
		.valid_until = a->until };
	struct rows rates;

	TRY(tax_rate_set(op, &wish, &rates));
	return out_rows(op, &tax_rate_shape, rates);
}

struct end {
	int64_t id;
	struct stamp at;
};

static const struct shape end_args = SHAPE(end,
	FIELD(end, id, "ID", "the rate, as tax rate list shows it",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(end, at, "TIME", "when (default now)"));

static enum err rate_end(struct op *op, const void *args)
{
	const struct end *a = args;
	struct rows rates;

	TRY(tax_rate_end(op, a->id, a->at, &rates));
	return out_rows(op, &tax_rate_shape, rates);
}

static const struct shape quote_args = SHAPE(tax_quote,
	FIELD(tax_quote, lines, "SKU[:QTY]", "what is in the basket",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(tax_quote, country, "CC", "where it goes", FIELD_REQUIRED),
	FIELD(tax_quote, region, "REGION", "and to which state or province"),
	FIELD(tax_quote, postcode, "CODE", "and to which postcode"),
	FIELD(tax_quote, shipping, "AMOUNT", "what shipping costs, before tax on top"),
	FIELD(tax_quote, currency, "CODE", "in which currency (default the shop's)"),
	FIELD(tax_quote, customer, "CUSTOMER", "at the prices of this account"),
	FIELD(tax_quote, as_of, "TIME", "at the prices and rates of then"));

static enum err quote(struct op *op, const void *args)
{
	struct rows parts;

	TRY(tax_quote(op, args, &parts));
	return out_rows(op, &tax_row_shape, parts);
}

const struct command tax_commands[] = {
	{ "class list", "tax classes, their rates that hold, and their variants", NULL,
		class_list, 0,
		"shopctl tax class list\n"
		"shopctl tax class list --format json" },
	{ "class set", "make or rename a tax class", &class_args, class_set,
		CMD_MUTATES,
		"shopctl tax class set books Books\n"
		"shopctl tax class set zero-rate 'Zero rate' --dry-run" },
	{ "rate list", "tax rates by place, class and priority", &list_args, rate_list,
		0,
		"shopctl tax rate list --country DE\n"
		"shopctl tax rate list --as-of 2020-08-01 --tax-class reduced" },
	{ "rate set", "set a tax rate", &set_args, rate_set, CMD_MUTATES | CMD_REASON,
		"shopctl tax rate set DE 19 --included --name USt --reason 'first "
		"setup'\n"
		"shopctl tax rate set CA 9.975 --region QC --name QST --priority 2 "
		"--from 2013-01-01 --reason law --dry-run",
		"Of the rates of one priority the most specific applies: that of the "
		"postcode, of the region, of the country.  Whatever held there in "
		"that time makes room." },
	{ "rate end", "end a tax rate", &end_args, rate_end, CMD_MUTATES | CMD_REASON,
		"shopctl tax rate end 7 --reason abolished\n"
		"shopctl tax rate end 7 --at 2027-01-01 --reason law --dry-run" },
	{ "quote", "what a basket is taxed: net, tax of each rate, gross", &quote_args,
		quote, 0,
		"shopctl tax quote DOG-5KG:2 MUG --country DE\n"
		"shopctl tax quote DOG-5KG --country US --region NY --postcode 10013 "
		"--shipping 4.90 --format json",
		"Each rate's tax on all lines is rounded half up once, and dealt to "
		"the lines by the largest remainder: they add up to the cent." },
	{ 0 },
};
