"""The benchmarks, one module each: what is run, and its goal as data."""
