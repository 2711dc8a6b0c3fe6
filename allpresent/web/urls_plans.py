"""Addresses of success plans and success mentors."""

from django.urls import path

from allpresent.web.views import mentors, plan_acts, plan_files, plans

plan_urls = [
    path("students/<sis:student_id>/plan/", plans.write, name="student_plan"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<int:plan_id>/", plans.plan, name="plan"),
    path("plans/<int:plan_id>/agree/", plan_acts.agree, name="plan_agree"),
    path("plans/<int:plan_id>/drop-change/", plan_acts.drop_change, name="plan_drop_change"),
    path("plans/<int:plan_id>/end/", plan_acts.end, name="plan_end"),
    path("plans/<int:plan_id>/paper/", plan_files.paper, name="plan_paper"),
    path("plans/<int:plan_id>/copy-<str:language>.pdf", plan_files.copy, name="plan_copy"),
    path("plans/<int:plan_id>/versions/<int:number>/", plans.version, name="plan_version"),
    path("plans/<int:plan_id>/versions/<int:number>/paper/", plan_files.paper, name="plan_version_paper"),
    path(
        "plans/<int:plan_id>/versions/<int:number>/copy-<str:language>.pdf",
        plan_files.copy,
        name="plan_version_copy",
    ),
    path("plans/reviews/<int:review_id>/", plan_acts.review, name="plan_review"),
    path("mentees/", mentors.mentees, name="mentees"),
    path("mentees/<int:match_id>/check-in/", mentors.check_in, name="check_in"),
    path("mentees/check-ins/<int:check_in_id>/undo/", mentors.undo_check_in, name="undo_check_in"),
    path("mentees/<int:match_id>/worry/", mentors.worry, name="worry"),
    path("mentors/", mentors.roster, name="mentors"),
    path("mentors/add/", mentors.add, name="add_mentor"),
    path("mentors/<int:mentor_id>/", mentors.mentor, name="mentor"),
    path("mentors/<int:mentor_id>/edit/", mentors.edit, name="edit_mentor"),
    path("mentors/<int:mentor_id>/remove/", mentors.remove, name="remove_mentor"),
    path("mentors/match/", mentors.match, name="match_mentor"),
    path("mentors/matches/<int:match_id>/end/", mentors.end, name="end_match"),
    path("mentors/worries/<int:worry_id>/", mentors.take_worry, name="take_worry"),
]
