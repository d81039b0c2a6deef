-- The widening of carts.
SELECT;
