-- How a deployment reaches a team (`Rollout`); null: it is its connector's own.
alter table deployments add column rollout json;

-- Facts that are told now and then, about a deployment or a person: few beside those about items, and read as a whole.
create index facts_told on facts (deployment, id) where kind in ('connected', 'learned', 'proved', 'staged', 'asked', 'answered',
  'wished', 'switchedOff', 'missed', 'costed', 'traced', 'announced', 'reported', 'failed', 'erased');

alter table items
  add column threshold float8,
  add column holdback float8,
  add column predicted float8,
  add column reached boolean,
  add column times jsonb,
  add column longer_than float8,
  add column edited_at bigint,
  add column edits jsonb,
  add column corrected_at bigint;

alter table standings add column staged_by text;

-- Days whose items have changed since they were summed up. Written by every append, so that appending stays cheap;
-- read, summed up and emptied by whoever wants to know (rollups.ts).
create table rollup_days (
  deployment text not null,
  day int not null,
  primary key (deployment, day)
);

create index items_by_day on items (deployment, did_at) where did_at is not null;

-- Items done on one day, by arm, share held back, class of predicted time and source of the handling time: sums of
-- powers, from which every figure of time follows. Source '' has all of them, timed or not.
create table rollups (
  deployment text not null,
  day int not null,
  arm text not null,
  holdback float8 not null,
  -- floor(log2(predicted seconds)); null where nothing was foreseen.
  class int,
  source text not null,
  items bigint not null,
  predicted float8 not null,
  known bigint not null,
  t float8 not null,
  t2 float8 not null,
  t3 float8 not null,
  t4 float8 not null,
  p float8 not null,
  p2 float8 not null,
  tp float8 not null,
  impossible bigint not null,
  too_long bigint not null
);

create index rollups_by_day on rollups (deployment, day);

-- Who did how many items on one day, and how many of them are compared.
create table rollup_people (
  deployment text not null,
  day int not null,
  person text not null,
  did bigint not null,
  compared bigint not null,
  primary key (deployment, day, person)
);

-- Where reports go by themselves, and in which format.
create table report_schedules (
  destination text primary key,
  team text,
  format text not null
);
