"""Addresses: the pages of the web room, and signing in."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.urls"))]
if find_spec("allpresent.web.urls"):
    urlpatterns.append(path("", include("allpresent.web.urls")))
