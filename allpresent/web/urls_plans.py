"""Addresses of success plans and success mentors."""

from django.urls import path

from allpresent.web.views import plan_files, plans

plan_urls = [
    path("students/<str:student_id>/plan/", plans.write, name="student_plan"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/agree/", plans.agree, name="plan_agree"),
    path("plans/<int:plan_id>/end/", plans.end, name="plan_end"),
    path("plans/<int:plan_id>/paper/", plan_files.paper, name="plan_paper"),
    path("plans/<int:plan_id>/copy-<str:language>.pdf", plan_files.copy, name="plan_copy"),
    path("plans/reviews/<int:review_id>/", plans.review, name="plan_review"),
]
