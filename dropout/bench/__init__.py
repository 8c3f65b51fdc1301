"""`make bench`: the rows of PERFORMANCE.md, each beside its floor and its rival in one run. Measures; tests nothing."""
