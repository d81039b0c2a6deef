/* Categories: a tree by path, and what it asks of the attributes of its products. */
#ifndef DOMAIN_CATEGORY_H
#define DOMAIN_CATEGORY_H

#include "base/field.h"
#include "base/op.h"

struct category {
	const char *path, *name;
	int64_t products;
};
extern const struct shape category_shape;

enum err category_find(struct op *op, int64_t limit, struct rows *out);

/* A line of the tree: depth from its top, products in it and below it. */
struct category_node {
	const char *path, *name;
	int64_t depth, products, below;
};
extern const struct shape category_node_shape;

/* Below top, or all of it for NULL; depth 0 is without a bound. */
enum err category_tree(struct op *op, const char *top, int64_t depth, struct rows *out);

/* Everywhere a category is given by its path, or by its titles: "Pets > Dog Food". */
enum err category_create(struct op *op, const char *name, struct category *out);
enum err category_set(
	struct op *op, const char *category, const char *name, struct category *out);

/* With all below it to another place, "" for the top. */
enum err category_move(
	struct op *op, const char *category, const char *place, struct category *out);

/* What is in one and below it becomes the other's. */
enum err category_merge(
	struct op *op, const char *category, const char *into, struct category *out);

/* E_REFUSED while anything is in it. */
enum err category_delete(struct op *op, const char *category, struct category *out);

/* An attribute that products have; path is where it is asked for. */
struct category_attribute {
	const char *name, *kind;
	bool required;
	struct texts choices;
	const char *path;
};
extern const struct shape category_attribute_shape;

enum err category_attribute_find(struct op *op, const char *category, struct rows *out);
enum err category_attribute_set(struct op *op, const char *category,
	const struct category_attribute *a, struct category_attribute *out);
enum err category_attribute_remove(struct op *op, const char *category,
	const char *name, struct category_attribute *out);

#endif
