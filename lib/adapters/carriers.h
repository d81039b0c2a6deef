/* CARRIER(the struct carrier of a file here); sorted. */
CARRIER(carrier_easypost)
CARRIER(carrier_ups)
