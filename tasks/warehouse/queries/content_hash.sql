with hashed as (
    -- the columns of a row are hashed in the order of the table
    select hash(*columns(*)) as row_hash
    from query_table($table)
    where simulation_year = $year
)

select
    count(*) as row_count,
    bit_xor(row_hash) as hashes_combined,
    sum(row_hash::hugeint) as hashes_summed
from hashed
