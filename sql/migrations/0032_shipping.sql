-- The widening of shipping.
SELECT;
