"""Scripts to run and to read: ``python -m qmlplay.examples.first_classifier``.

Each ends with a block that begins ``# Expected output:``; a test runs the script and compares.
"""
