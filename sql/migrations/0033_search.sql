-- The widening of search.
SELECT;
