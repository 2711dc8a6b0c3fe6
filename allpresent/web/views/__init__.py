"""One module a page, and ``base`` with what every page needs."""
