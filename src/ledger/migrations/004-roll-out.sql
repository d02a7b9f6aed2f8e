-- Items of people who were waiting for, or reached by, a staggered roll-out: few, and compared by themselves.
create index items_rolled_out on items (deployment, did_at) where reached is not null and did_at is not null;
