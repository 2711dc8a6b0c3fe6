"""Addresses of the lists for calling systems."""

from django.urls import path

from allpresent.web.views import call_lists

call_system_urls = [
    path("today/call-system/<str:key>/", call_lists.look, name="call_system"),
    path("today/call-system/<str:key>/take/", call_lists.take, name="call_system_take"),
    path("today/call-system/<str:key>/<int:entry_id>/", call_lists.taken, name="call_system_taken"),
    path("today/call-system/<str:key>/<int:entry_id>/list.csv", call_lists.file, name="call_system_file"),
]
