/* What operators change of products; the commands are in the table of product.c. */
#ifndef SHOPCTL_PRODUCT_CHANGE_H
#define SHOPCTL_PRODUCT_CHANGE_H

#include "base/field.h"
#include "base/op.h"

struct product_edit {
	const char *product, *file;
	bool print;
};

extern const struct shape product_edit_args, product_create_args, product_set_args,
	product_chosen_args, product_history_args, variant_add_args, variant_set_args,
	variant_args, image_put_args, image_remove_args;
enum err product_edit_run(struct op *op, const void *args);
enum err product_create_run(struct op *op, const void *args);
enum err product_set_run(struct op *op, const void *args);
enum err product_publish_run(struct op *op, const void *args);
enum err product_archive_run(struct op *op, const void *args);
enum err product_restore_run(struct op *op, const void *args);
enum err product_history_run(struct op *op, const void *args);
enum err variant_list_run(struct op *op, const void *args);
enum err variant_add_run(struct op *op, const void *args);
enum err variant_set_run(struct op *op, const void *args);
enum err variant_archive_run(struct op *op, const void *args);
enum err variant_restore_run(struct op *op, const void *args);
enum err image_put_run(struct op *op, const void *args);
enum err image_remove_run(struct op *op, const void *args);

#endif
