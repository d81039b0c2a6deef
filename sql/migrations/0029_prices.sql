-- The widening of prices.
SELECT;
