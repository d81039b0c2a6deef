-- The widening of promotions.
SELECT;
