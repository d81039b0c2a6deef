-- The widening of warehouse.
SELECT;
