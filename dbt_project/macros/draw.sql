{#
  The uniform draw in [0, 1) of one employee in one stream:

      md5(seed | year | replicate | stream | employee_id)

  its first eight bytes as a little-endian integer, the top 53 bits of it, divided by 2^53 (so that
  every draw is an exact double). `draw_key` is the part before the stream (stg_paths).
  The scenario is not in the key: all scenarios have the same draws (common random numbers).
  docs/models.md shows the same in five lines of Python. (DuckDB's md5_number is the whole digest as a
  little-endian integer: bits 11 to 63 of it. Its md5_number_upper takes four times as long.)
#}
{% macro draw(stream, draw_key='draw_key', employee_id='employee_id') -%}
  (((md5_number(concat({{ draw_key }}, '{{ stream }}|', {{ employee_id }})) >> 11) & 9007199254740991)::double / 9007199254740992)
{%- endmacro %}
