"""What the tests of tables share."""

from __future__ import annotations


def lines(rows, separator=",", header=("size", "mass", "kind")):
    """Join rows of cells to the text of a file."""
    table = [header, *rows] if header else rows
    return "".join(separator.join(row) + "\n" for row in table)


def columns(**cells):
    """Join columns of cells to the text of a CSV file."""
    quoted = [[f'"{cell}"' for cell in column] for column in cells.values()]
    return lines(list(zip(*quoted, strict=True)), header=[f'"{name}"' for name in cells])
