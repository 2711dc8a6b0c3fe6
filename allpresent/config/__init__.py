"""How the rooms are put together for a server: settings, addresses and the WSGI door.

It holds no rule of its own and never touches a record.
Only the server, `manage.py` and the tests start from here.
"""

__all__: list[str] = []
