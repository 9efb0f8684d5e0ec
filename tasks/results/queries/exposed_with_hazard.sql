-- Hazards of the whole opening workforce.
select * from openings
