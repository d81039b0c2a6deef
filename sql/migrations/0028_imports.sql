-- The widening of imports.
SELECT;
