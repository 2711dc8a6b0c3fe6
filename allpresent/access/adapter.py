"""Signing in by the district's own list of people: nobody makes an account for themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # By account alone: the usual key holds the host name too, so each name of the server gave fresh attempts.
        return str(credentials.get("email") or credentials.get("username") or "").strip().lower()
