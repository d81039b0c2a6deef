-- What providers say of money: balance transactions, payouts, and incidents with an owner.
SELECT;
