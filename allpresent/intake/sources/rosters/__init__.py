"""What every roster bundle has in common: people, classes and seats into canonical rows, and the days beside them.

A roster has people and classes and no days. A format of rosters (OneRoster, School Data Sync) brings its files into
the tables ``i_…`` that ``people`` and ``classes`` describe; nothing here knows a format's own words.
"""
