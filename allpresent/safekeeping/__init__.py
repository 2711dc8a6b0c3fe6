"""Backup and restore: one district, its home and its records, as one file, and back.

It never changes a fact or a record but in the act of restoring, and asks no room to. The command line may call it.
Unpacking starts before Django does, so a reader imports the module it means.
"""
