"""From the bytes of a file to a table of text cells: CSV, Parquet and spreadsheets.

It runs in the child process of `tasks.system.guarded`, so it imports only the standard library, Polars,
pyarrow and fastexcel, not `settings` or other modules of the project. Errors in a file are raised as
`Refused`; no message repeats a row of data.

    table         the entry point: detects the kind of file, calls its reader, writes the table
    kinds         the kind of a file by its first bytes, independent of its extension
    header        which columns are needed, where they are, and hints if they have other names
    synonyms      names of our columns in other systems
    delimited, parquet, spreadsheet    one module for each kind
    unread_cells  cells of a spreadsheet that look empty to the reader but are not; xlsx, xlsb and ods find
                  them in the XML or binary parts of the file (office)
"""
