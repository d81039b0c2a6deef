/* The kinds of imports, sorted; the first that knows a file best is its kind. */
KIND(product)
KIND(stock)
