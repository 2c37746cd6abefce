-- About 16,000 rows, the same ones each time.
INSERT INTO customer (email, name, country, joined_at)
SELECT format('customer%s@example.org', n), format('Customer %s', n), (ARRAY['DE', 'FR', 'SE', 'PT', 'PL'])[1 + n % 5],
  timestamptz '2020-01-01 00:00+00' + n * interval '7 hours'
FROM generate_series(1, 1500) AS n;

INSERT INTO product (sku, shelf, price, attributes)
SELECT format('SKU-%s', lpad(n::text, 4, '0')), (enum_range(NULL::shelf))[1 + n % 3], 1 + (n * 37 % 9900) / 100.0,
  jsonb_build_object('weight', n % 40, 'fragile', n % 7 = 0)
FROM generate_series(1, 400) AS n;

INSERT INTO purchase (customer_id, state, placed_at)
SELECT 1 + n * 13 % 1500, (enum_range(NULL::order_state))[1 + n % 4], timestamptz '2022-01-01 00:00+00' + n * interval '97 minutes'
FROM generate_series(1, 4000) AS n;

INSERT INTO purchase_line (purchase_id, line, product_id, quantity)
SELECT purchase, line, 1 + (purchase * 7 + line * 31) % 400, 1 + (purchase + line) % 9
FROM generate_series(1, 4000) AS purchase, generate_series(1, 1 + purchase % 4) AS line;

SELECT nextval('invoice_number') FROM generate_series(1, 37);
