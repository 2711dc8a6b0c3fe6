"""Addresses of the pages. Those of the signing-in itself stand in ``config``."""

from django.urls import path

from allpresent.web.urls_calls import call_system_urls
from allpresent.web.urls_letters import letter_urls
from allpresent.web.urls_meetings import meeting_urls
from allpresent.web.urls_plans import plan_urls
from allpresent.web.urls_school import student_urls
from allpresent.web.urls_visits import visit_urls
from allpresent.web.views import calls, household, search, signin, today

app_name = "web"
urlpatterns = [
    path("", signin.home, name="home"),
    path("language/", signin.language, name="language"),
    path("demo/sign-in/", signin.demo_sign_in, name="demo_sign_in"),
    path("calls/", calls.my_calls, name="calls"),
    path("calls/<sis:student_id>/", calls.call_sheet, name="call_sheet"),
    path("calls/<sis:student_id>/share/<int:attempt_id>/", calls.share, name="share_contact"),
    path("calls/undo/<int:attempt_id>/", calls.undo, name="undo_contact"),
    path("students/<sis:student_id>/household/", household.household, name="household"),
    path("today/", today.today, name="today"),
    path("today/call-list/", today.call_list, name="call_list"),
    path("today/list.csv", today.export, name="today_export"),
    path("today/assign/", today.assign, name="assign_steps"),
    path("search/", search.search, name="search"),
    *call_system_urls,
    *student_urls,
    *letter_urls,
    *meeting_urls,
    *plan_urls,
    *visit_urls,
]
