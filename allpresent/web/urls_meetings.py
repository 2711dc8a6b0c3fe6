"""Addresses of meetings, of what they decided, of caseloads and of the accountability page."""

from django.urls import path

from allpresent.web.views import accountability, agreed, caseload, decision_owners, meetings, school_promises

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
    path("accountability/", accountability.accountability, name="accountability"),
    path("accountability.csv", accountability.accountability_csv, name="accountability_csv"),
    path("accountability/promises/<int:record_id>/end/", school_promises.end, name="promise_end"),
    path("accountability/promises/<int:record_id>/withdraw/", school_promises.withdraw, name="promise_withdraw"),
    path("accountability/promises/<int:record_id>/undo/", school_promises.undo, name="promise_undo"),
    path("accountability/promises/of/<sis:school_id>/<str:step_key>/", school_promises.promise, name="school_promise"),
    path("caseload/", caseload.caseload, name="caseload"),
    path("caseload/limit/", caseload.limit, name="caseload_limit"),
    path("caseload/offer/<sis:student_id>/", caseload.offer, name="hand_over"),
    path("caseload/offers/<int:hand_over_id>/accept/", caseload.accept, name="hand_over_accept"),
    path("caseload/offers/<int:hand_over_id>/decline/", caseload.decline, name="hand_over_decline"),
    path("caseload/offers/<int:hand_over_id>/withdraw/", caseload.withdraw, name="hand_over_withdraw"),
    path("decisions/", agreed.decisions, name="decisions"),
    path("decisions/<int:decision_id>/done/", meetings.decision_done, name="decision_done"),
    path("decisions/<int:decision_id>/assign/", decision_owners.decision_assign, name="decision_assign"),
    path("decisions/<int:decision_id>/undo/", meetings.decision_undo, name="decision_undo"),
    path("referrals/<int:referral_id>/", agreed.referral, name="referral"),
    path("referrals/updates/<int:update_id>/undo/", agreed.update_undo, name="referral_update_undo"),
]
