"""The pages: views, forms, presenters, templates and catalogues of All Present.

It holds what a person sees in a browser, and never a rule of attendance, of the protocol or of access: it asks the
rooms below and turns their answers into plain values for the templates.
Only ``config`` mounts it; nothing imports it.
"""

__all__: list[str] = []
