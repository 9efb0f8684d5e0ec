"""Read the bytes of a file into a table of text cells: CSV, Parquet and spreadsheets.

This package runs in the child process of `tasks.system.guarded`. It imports only the standard library,
Polars, pyarrow and fastexcel, not `settings` or other rooms. Errors in a file are raised as `Refused`; no
message repeats a row of data.

    table         the entry: reads the file, determines its kind, writes the table
    kinds         the kind of a file by its first bytes, whatever its name
    header        finds the wanted columns, and words the message if one is missing
    synonyms      names of the census columns in other systems
    delimited, parquet, spreadsheet    one module per kind
    unread_cells  finds cells of a spreadsheet that fastexcel returns as empty although they are not, in the
                  parts of the file (office) of each kind: xlsx, xlsb, ods
"""
