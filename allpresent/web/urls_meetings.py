"""Addresses of meetings, of what they decided, of caseloads and of the accountability page."""

from django.urls import path

from allpresent.web.views import accountability, meetings

meeting_urls = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/start/", meetings.start, name="meeting_start"),
    path("meetings/names/", meetings.names, name="meeting_names"),
    path("meetings/proof/", accountability.proof, name="meeting_proof"),
    path("meetings/proof.csv", accountability.proof_csv, name="meeting_proof_csv"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/order/", meetings.order, name="meeting_order"),
    path("meetings/<int:meeting_id>/end/", meetings.end, name="meeting_end"),
    path("meetings/<int:meeting_id>/recap/", meetings.recap, name="meeting_recap"),
    path("meetings/<int:meeting_id>/minutes.pdf", meetings.minutes, name="meeting_minutes"),
    path("meetings/items/<int:item_id>/", meetings.item, name="meeting_item"),
    path("meetings/items/<int:item_id>/move/", meetings.move, name="meeting_move"),
    path("decisions/", meetings.decisions, name="decisions"),
    path("decisions/<int:decision_id>/done/", meetings.decision_done, name="decision_done"),
    path("decisions/<int:decision_id>/undo/", meetings.decision_undo, name="decision_undo"),
]
