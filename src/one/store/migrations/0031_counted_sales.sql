-- How many of a thing were sold, and are about to be paid for, is counted from one index: whoever
-- buys what has an end waits for that count, and a creator sees it of each thing that they sell.
CREATE INDEX sales_counted ON sales (space_id, product_id, mode, state)
    INCLUDE (quantity, refunded, unit_price);
