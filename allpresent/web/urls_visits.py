"""Addresses of the pages about home visits."""

from django.urls import path

from allpresent.web.views import visit_papers, visits

visit_urls = [
    path("visits/", visits.visits, name="visits"),
    path("visits/day-sheet/", visits.day_sheet, name="visit_day_sheet"),
    path("visits/day-sheet.pdf", visit_papers.day_sheet, name="visit_day_sheet_pdf"),
    path("visits/leap/<str:month>.<str:form>", visits.leap, name="visit_leap"),
    path("visits/for/<sis:student_id>/", visits.plan, name="visit_plan"),
    path("visits/for/<sis:student_id>/record/", visits.record_new, name="visit_record_new"),
    path("visits/<int:visit_id>/", visits.visit, name="visit"),
    path("visits/<int:visit_id>/card.pdf", visit_papers.card, name="visit_card"),
    path("visits/<int:visit_id>/schedule/", visits.schedule, name="visit_schedule"),
    path("visits/<int:visit_id>/undo/", visits.undo, name="visit_undo"),
    path("visits/<int:visit_id>/withdraw/", visits.withdraw, name="visit_withdraw"),
    path("visits/<int:visit_id>/kept/", visits.keep, name="visit_keep"),
    path("visits/<int:visit_id>/out/", visits.check_out, name="visit_check_out"),
]
