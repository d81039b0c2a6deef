-- Payments whole: manual capture, voids, more attempts, money without a home.
SELECT;
