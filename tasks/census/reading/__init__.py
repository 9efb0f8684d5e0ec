"""From the bytes of a file to a table of text cells: CSV, Parquet and spreadsheets.

It runs in the child process of `tasks.system.guarded`, so it imports the standard library, Polars, pyarrow
and fastexcel only, and neither `settings` nor other modules of the house. What is wrong with a file is raised
as `Refused`; no message repeats a row of data.

    table         the entry: looks at the file, chooses by its kind, writes the table
    kinds         what a file is by its first bytes, whatever its name says
    header        which columns are wanted, where they are, and what to say to a user who has others
    synonyms      what other systems call our columns
    delimited, parquet, spreadsheet    one module for each kind
    unread_cells  the cells of a spreadsheet that a reader takes for empty although they are not, found in
                  the file's own parts (office) of each kind: xlsx, xlsb, ods
"""
