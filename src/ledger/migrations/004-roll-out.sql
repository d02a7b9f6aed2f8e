-- Items of people who were waiting for, or reached by, a staggered roll-out: few, and compared by themselves.
create index items_rolled_out on items (deployment, did_at) where reached is not null and did_at is not null;

-- What became of what was shown, by day: counted, and the first verdict of each conversation or record on that day.
create table rollup_outcomes (
  deployment text not null,
  day int not null,
  outcome text not null,
  rewritten boolean not null,
  n bigint not null,
  wrong bigint not null
);
create index rollup_outcomes_by_day on rollup_outcomes (deployment, day);

create table rollup_edits (
  deployment text not null,
  day int not null,
  kind text not null,
  n bigint not null
);
create index rollup_edits_by_day on rollup_edits (deployment, day);

create table rollup_verdicts (
  deployment text not null,
  day int not null,
  -- The first half of the SHA-256 of the group.
  "group" bytea not null,
  -- Twice the time of the verdict, and one more where it was a bad one: the least of a group is its first verdict.
  verdict bigint not null
);
create index rollup_verdicts_by_day on rollup_verdicts (deployment, day);

-- All that is there is to be summed up anew.
insert into rollup_days (deployment, day)
select distinct deployment, (coalesce(did_at, judged_at) / 86400000)::int from items
where coalesce(did_at, judged_at) between 0 and 4102444800000
on conflict do nothing;
