"""Known actions: leaves, hires, promotions, transfers, raises and changes of FTE that a file names.

The file is read with the census's readers and validated against settings and census, before a run begins.
"""
