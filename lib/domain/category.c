/* Categories: a tree by path, and what it asks of the attributes of its products. */
#include "domain/category.h"

#include "db/db.h"

const struct shape category_shape =
	SHAPE(category, FIELD(category, path, .flags = FIELD_ID), FIELD(category, name),
		FIELD(category, products));

const struct shape category_node_shape =
	SHAPE(category_node, FIELD(category_node, path, .flags = FIELD_ID),
		FIELD(category_node, name), FIELD(category_node, depth),
		FIELD(category_node, products), FIELD(category_node, below));

const struct shape category_attribute_shape =
	SHAPE(category_attribute, FIELD(category_attribute, name, .flags = FIELD_ID),
		FIELD(category_attribute, kind), FIELD(category_attribute, required),
		FIELD(category_attribute, choices), FIELD(category_attribute, path));

enum err category_find(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "category_list", &category_shape, out, V(limit));
}

enum err category_tree(struct op *op, const char *top, int64_t depth, struct rows *out)
{
	const char *most = depth ? op_printf(op, "%lld", (long long)depth) : NULL;

	return db_rows(op, "category_tree", &category_node_shape, out, V(top), V(most));
}

enum err category_create(struct op *op, const char *name, struct category *out)
{
	return db_one(op, "category_create", &category_shape, out, V(name));
}

enum err category_set(
	struct op *op, const char *category, const char *name, struct category *out)
{
	return db_one(op, "category_set", &category_shape, out, V(category), V(name));
}

enum err category_move(
	struct op *op, const char *category, const char *place, struct category *out)
{
	return db_one(op, "category_move", &category_shape, out, V(category), V(place));
}

enum err category_merge(
	struct op *op, const char *category, const char *into, struct category *out)
{
	return db_one(op, "category_merge", &category_shape, out, V(category), V(into));
}

enum err category_delete(struct op *op, const char *category, struct category *out)
{
	return db_one(op, "category_delete", &category_shape, out, V(category));
}

enum err category_attribute_find(struct op *op, const char *category, struct rows *out)
{
	return db_rows(op, "category_attribute_list", &category_attribute_shape, out,
		V(category));
}

enum err category_attribute_set(struct op *op, const char *category,
	const struct category_attribute *a, struct category_attribute *out)
{
	return db_one(op, "category_attribute_set", &category_attribute_shape, out,
		V(category), V(a->name), V(a->kind), V(a->required), V(a->choices));
}

enum err category_attribute_remove(struct op *op, const char *category,
	const char *name, struct category_attribute *out)
{
	return db_one(op, "category_attribute_remove", &category_attribute_shape, out,
		V(category), V(name));
}
