-- What people say of routines is told of no item, and found as quickly as the rest of that.
drop index facts_told;
create index facts_told on facts (deployment, id) where kind in ('connected', 'learned', 'proved', 'staged', 'asked', 'answered',
  'wished', 'switchedOff', 'missed', 'costed', 'traced', 'announced', 'reported', 'failed', 'erased', 'saidOfRoutine');
-- It has no deployment of its own to stand anywhere.
delete from standings where deployment = 'shadow';
