"""The dbt project: its documentation against its relations, its unit tests, its macros against Python."""
