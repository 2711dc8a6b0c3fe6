"""Addresses of the pages about students, schools, the district, deliveries and reports."""

from django.urls import path

from allpresent.web.views import deliveries, district, published, reports, school, student

student_urls = [
    path("students/<sis:student_id>/", student.student, name="student"),
    path("students/<sis:student_id>/days/", student.student_days, name="student_days"),
    path("students/<sis:student_id>/who/", student.student_who, name="student_who"),
    path("students/<sis:student_id>/note/", student.add_note, name="add_note"),
    path("students/<sis:student_id>/verify/", student.verify, name="verify_attendance"),
    path("students/<sis:student_id>/take-up/", student.take_up, name="take_up_step"),
    path("steps/<int:step_id>/done/", student.close_step, name="close_step"),
    path("steps/<int:step_id>/exempt/", student.exempt_step, name="exempt_step"),
    path("school/", school.my_school, name="my_school"),
    path("school/<sis:scope>/", school.my_school, name="school"),
    path("district/", district.district, name="district"),
    path("district/published/", published.published, name="published"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/runs/<int:run_id>/", deliveries.run, name="delivery_run"),
    path("deliveries/<str:delivery_id>/", deliveries.delivery, name="delivery"),
    path("deliveries/<str:delivery_id>/accept/", deliveries.accept, name="delivery_accept"),
    path("deliveries/<str:delivery_id>/undo/", deliveries.confirm_undo, name="delivery_undo"),
    path("deliveries/<str:delivery_id>/undo/now/", deliveries.undo, name="delivery_undo_now"),
    path("deliveries/<str:delivery_id>/quarantine.csv", deliveries.quarantine, name="delivery_quarantine"),
    path("reports/", reports.reports, name="reports"),
    path("reports/today/<sis:key>.<str:form>", reports.fresh, name="report_fresh"),
    path("reports/<str:as_of>/<str:delivery_id>/<sis:key>.<str:form>", reports.frozen, name="report_frozen"),
]
