"""Addresses: the pages of the web room, and signing in.

Of allauth's pages only those a closed house needs: nobody signs up, and nobody changes the address they are known by.
"""

from allauth.account import views
from django.urls import include, path, re_path

handler400 = "allpresent.web.trouble.not_understood"
handler500 = "allpresent.web.trouble.server_error"
accounts = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),  # says that it is closed
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
urlpatterns = [
    path("accounts/", include(accounts)),
    path("", include("allpresent.web.urls")),
]
